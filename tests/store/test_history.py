"""Settled reports in Parquet: any tool reads them while a node writes; a crash loses and doubles nothing; an hour is joined unseen."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from seaward.core.errors import InputError, RealmError
from seaward.core.tables import REPORTS, STATIC
from seaward.store import history as module
from seaward.store.history import History

START = datetime(2027, 3, 5, 13, 50, tzinfo=UTC)


def reports(first: int, n: int, start: datetime = START, step_s: float = 60.0) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"realm": "ops", "feed": "callao", "raw_offset": 80 * k, "raw_length": 79, "reported_at": start + timedelta(seconds=step_s * k),
             "received_at": start + timedelta(seconds=step_s * k), "message_type": 1, "mmsi": 7 + k % 3, "lon_deg": -78.5 + k, "lat_deg": -12.5}
            for k in range(first, first + n)
        ],
        schema=REPORTS.schema,
    )  # fmt: skip


def test_rows_come_back_and_other_tools_read_them_while_the_node_writes(tmp_path: Path) -> None:
    history = History(tmp_path, "ops")
    assert history.add(reports(0, 20), STATIC.empty(), {"callao": 1600}) == 2
    history.add(reports(20, 5), STATIC.empty(), {"callao": 2000})
    files = f"{tmp_path}/reports/*/*/*.parquet"
    assert duckdb.sql(f"select count(*), count(distinct hour), min(cell) from read_parquet('{files}', hive_partitioning=true)").fetchall() == [
        (25, 2, 77 * 360 + 101)
    ]  # fmt: skip
    assert pl.scan_parquet(files, hive_partitioning=True).filter(date=date(2027, 3, 5)).collect().height == 25
    assert history.scan(REPORTS).collect().sort("raw_offset").equals(reports(0, 25))
    assert history.scan(REPORTS, START + timedelta(minutes=5), START + timedelta(minutes=12)).collect()["raw_offset"].sort().to_list() == [
        80 * k for k in range(5, 13)
    ]
    again = History(tmp_path, "ops")
    assert again.manifest == history.manifest and again.manifest.kept_to == {"callao": 2000}


def test_what_a_crash_left_beside_the_manifest_is_removed(tmp_path: Path) -> None:
    history = History(tmp_path, "ops")
    history.add(reports(0, 5), STATIC.empty(), {"callao": 400})
    before = (tmp_path / "manifest.json").read_bytes()
    history.add(reports(5, 5), STATIC.empty(), {"callao": 800})
    (tmp_path / "manifest.json").write_bytes(before)  # as if power was lost between the part and the manifest
    again = History(tmp_path, "ops")
    assert again.scan(REPORTS).collect().height == 5 and len([*tmp_path.rglob("*.parquet")]) == 1
    again.add(reports(5, 5), STATIC.empty(), {"callao": 800})
    assert again.scan(REPORTS).collect()["raw_offset"].is_unique().all()


def test_a_full_disk_keeps_nothing_of_a_try_and_a_later_one_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(tmp_path, "ops")
    write, calls = module._write, []

    def full(path: Path, rows: pl.DataFrame) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "no space left on device")
        write(path, rows)

    monkeypatch.setattr(module, "_write", full)
    with pytest.raises(OSError, match="no space"):
        history.add(reports(0, 20), STATIC.empty(), {"callao": 1600})
    assert not [*tmp_path.rglob("*.parquet")] and history.manifest.kept_to == {}
    assert history.add(reports(0, 20), STATIC.empty(), {"callao": 1600}) == 2


def test_joining_an_hour_is_never_seen_half_done(tmp_path: Path) -> None:
    history = History(tmp_path, "ops")
    for k in range(12):
        history.add(reports(10 * k, 10, step_s=1.0), STATIC.empty(), {"callao": 800 * (k + 1)})
    counts, stop = set(), threading.Event()

    def reading() -> None:
        while not stop.is_set():
            try:
                counts.add(pl.scan_parquet(f"{tmp_path}/reports/*/*/*.parquet").select(pl.len()).collect().item())
            except FileNotFoundError:  # the names changed between the listing and the reading: a reader asks again
                counts.add(120)

    thread = threading.Thread(target=reading)
    thread.start()
    assert history.compact(START + timedelta(hours=3)) == 11
    stop.set()
    thread.join()
    assert counts == {120}
    assert len([*tmp_path.rglob("*.parquet")]) == 1 and history.scan(REPORTS).collect().height == 120
    assert history.compact(START + timedelta(hours=3)) == 0
    rows = pl.read_parquet(next(iter(tmp_path.rglob("*.parquet"))))
    assert rows["cell"].is_sorted()


@pytest.mark.parametrize("when", ["before the folders change places", "before the manifest", "before the old folder is gone"])
def test_a_crash_while_an_hour_is_joined_loses_and_doubles_nothing(when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(tmp_path, "ops")
    for k in range(3):
        history.add(reports(10 * k, 10, step_s=1.0), STATIC.empty(), {"callao": 800 * (k + 1)})

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    if when == "before the folders change places":
        monkeypatch.setattr(module, "_exchange", crash)
    elif when == "before the manifest":
        monkeypatch.setattr(History, "_replace", crash)
    else:
        replace = History._replace

        def then_crash(self: History, parts: dict[str, int]) -> None:
            replace(self, parts)
            crash()

        monkeypatch.setattr(History, "_replace", then_crash)
    with pytest.raises(KeyboardInterrupt):
        history.compact(START + timedelta(hours=3))
    monkeypatch.undo()
    again = History(tmp_path, "ops")
    assert again.scan(REPORTS).collect()["raw_offset"].sort().to_list() == [80 * k for k in range(30)]
    assert pl.scan_parquet(f"{tmp_path}/reports/*/*/*.parquet").collect().height == 30
    assert not [*tmp_path.rglob(".joining*")]


def test_a_restart_reads_the_newest_hours_that_fill_its_memory_and_no_more(tmp_path: Path) -> None:
    history = History(tmp_path, "ops")
    history.add(reports(0, 250), STATIC.empty(), {"callao": 1})  # 13:50 to 17:59: 10, 60, 60, 60, 60
    nameless = pl.DataFrame({"realm": ["ops"], "feed": ["callao"], "raw_offset": [5], "raw_length": [80], "mmsi": [7], "name": ["SIN HORA"]})
    history.add(REPORTS.empty(), pl.concat([STATIC.empty(), nameless.cast({"mmsi": pl.UInt32})], how="diagonal_relaxed"), {"callao": 2})

    def hours(since: datetime, rows: int | None = None) -> list[int]:
        return [len(part) for part in history.newest(REPORTS, since, rows)]

    assert hours(START) == [10, 60, 60, 60, 60] and hours(START + timedelta(minutes=100)) == [30, 60, 60]
    assert hours(START, 61) == [60, 60] and hours(START, 60) == [60] and hours(START, 10**9) == [10, 60, 60, 60, 60]
    assert hours(START + timedelta(hours=9)) == []
    until = START + timedelta(minutes=40)
    assert [len(p) for p in history.newest(REPORTS, START, 45, until)] == [31], "what lies behind is neither read nor counted"
    assert pl.concat(history.newest(REPORTS, START)).sort("raw_offset").equals(reports(0, 250)), "each row once, in the columns of the table"
    assert [part["name"].to_list() for part in history.newest(STATIC, START)] == [["SIN HORA"]], "what bears no time is read too"


def test_old_days_are_forgotten(tmp_path: Path) -> None:
    history = History(tmp_path, "ops")
    history.add(pl.concat([reports(0, 5), reports(5, 5, START + timedelta(days=3))]), STATIC.empty(), {})
    assert history.forget(date(2027, 3, 6)) == 1
    assert history.scan(REPORTS).collect().height == 5 and not (tmp_path / "reports/date=2027-03-05").exists()


def test_a_folder_of_another_realm_and_a_broken_manifest_are_refused(tmp_path: Path) -> None:
    History(tmp_path, "ops").add(reports(0, 5), STATIC.empty(), {})
    with pytest.raises(RealmError, match="ops"):
        History(tmp_path, "ex:alfa")
    (tmp_path / "manifest.json").write_text('{"realm": 7')
    with pytest.raises(InputError, match="backup"):
        History(tmp_path, "ops")
