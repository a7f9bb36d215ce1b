"""The command as a user types it: its files, its exit codes, and what it says when it cannot."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import zstandard

import seaward
from seaward.behaviours import BEHAVIOURS
from seaward.core.tables import EVENTS
from seaward.store.outputs import POSITION_COLUMNS
from tests.made_up_day.peru_aids import UNTRACKED_DEG, write_peru_aids
from tests.made_up_day.peru_day import write_peru_day

FILES = [
    "events.geojson",
    "events.parquet",
    "positions.parquet",
    "reception.parquet",
    "rejected.parquet",
    "report.html",
    "summary.json",
    "vessels.parquet",
]


def seaward_command(*words: object, stdin: bytes | None = None, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "seaward", *map(str, words)], input=stdin, capture_output=True, check=False, timeout=300, env=os.environ | env
    )


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("day") / "day.nmea"
    write_peru_day(path, seed=3, start=datetime(2027, 11, 4, tzinfo=UTC))
    return path


@pytest.fixture(scope="session")
def ran(day: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    done = seaward_command("detect", day, "--out", out, "--realm", "ex:test")
    assert done.returncode == 0, done.stderr.decode()
    return out


def test_every_output_is_there_and_nothing_else(ran: Path) -> None:
    assert sorted(p.name for p in ran.iterdir()) == FILES


def test_the_tables_have_the_promised_columns(ran: Path) -> None:
    assert pl.read_parquet(ran / "positions.parquet").columns == list(POSITION_COLUMNS)
    assert pl.read_parquet(ran / "events.parquet").columns == list(EVENTS.schema)


def test_each_behaviour_of_the_day_is_found(ran: Path) -> None:
    kinds = set(pl.read_parquet(ran / "events.parquet")["kind"])
    assert kinds == {"gap", "encounter", "loitering", "drift", "fishing", "identity", "position"}
    assert {f["properties"]["kind"] for f in json.loads((ran / "events.geojson").read_text())["features"]} == kinds


def test_the_summary_accounts_for_every_line_and_hashes_the_input(ran: Path, day: Path) -> None:
    summary = json.loads((ran / "summary.json").read_text())
    raw = day.read_bytes()
    assert summary["lines"]["read"] == raw.count(b"\n")
    assert summary["lines"]["read"] == sum(summary["lines"][k] for k in ("accepted", "other", "ignored", "rejected"))
    assert summary["inputs"][0]["sha256"] == hashlib.sha256(raw).hexdigest()
    assert summary["tables"]["positions"] == len(pl.read_parquet(ran / "positions.parquet"))
    assert sum(summary["events_by_kind"].values()) == len(pl.read_parquet(ran / "events.parquet"))


def test_every_event_rests_on_lines_of_the_input(ran: Path, day: Path) -> None:
    raw = day.read_bytes()
    for event in pl.read_parquet(ran / "events.parquet").iter_rows(named=True):
        assert event["evidence"]
        for piece in event["evidence"]:
            line = raw[piece["raw_offset"] : piece["raw_offset"] + piece["raw_length"]]
            assert b"!AIVDM" in line
            assert raw[piece["raw_offset"] - 1 : piece["raw_offset"]] in (b"", b"\n")


def test_drill_data_says_so_in_every_row_and_on_the_page(ran: Path) -> None:
    for name in ("positions", "vessels", "events", "rejected"):
        assert pl.read_parquet(ran / f"{name}.parquet")["realm"].cast(pl.String).unique().to_list() == ["ex:test"]
    assert "EXERCISE EXERCISE EXERCISE" in (ran / "report.html").read_text()


@pytest.mark.parametrize("packed", ["gzip", "zstd", "stdin"])
def test_compressed_and_piped_inputs_give_the_same_tables(packed: str, ran: Path, day: Path, tmp_path: Path) -> None:
    raw = day.read_bytes()
    source, stdin = tmp_path / "day.nmea", None
    if packed == "gzip":
        source.write_bytes(gzip.compress(raw, 1))
    elif packed == "zstd":
        source.write_bytes(zstandard.compress(raw))
    done = seaward_command(
        "detect",
        "-" if packed == "stdin" else source,
        "--out",
        tmp_path / "o",
        "--realm",
        "ex:test",
        "--no-report",
        stdin=raw if packed == "stdin" else stdin,
    )
    assert done.returncode == 0, done.stderr.decode()
    for name in ("positions", "events"):
        mine, theirs = (pl.read_parquet(d / f"{name}.parquet") for d in (tmp_path / "o", ran))
        same = [c for c in mine.columns if c not in ("feed", "evidence")]
        assert mine.select(same).equals(theirs.select(same))


def test_the_python_face_gives_what_the_command_writes(ran: Path, day: Path) -> None:
    found = seaward.detect(day, realm="ex:test")
    assert found.events.equals(pl.read_parquet(ran / "events.parquet").cast(dict(EVENTS.schema)))  # type: ignore[arg-type]
    assert len(found.positions) == len(pl.read_parquet(ran / "positions.parquet"))


def test_the_same_file_twice_gives_the_same_events(ran: Path, day: Path) -> None:
    twice = seaward.detect([day, day], realm="ex:test")
    assert sorted(twice.events["event_id"]) == sorted(pl.read_parquet(ran / "events.parquet")["event_id"])
    assert len(twice.positions) == len(pl.read_parquet(ran / "positions.parquet"))


def test_only_the_kinds_asked_for_are_looked_for(day: Path) -> None:
    assert set(seaward.detect(day, realm="ex:test", kinds=["gap"]).events["kind"]) == {"gap"}


def test_fail_on_ends_with_one_only_when_it_is_found(day: Path, tmp_path: Path) -> None:
    assert seaward_command("detect", day, "-o", tmp_path, "--no-report", "--realm", "ex:test", "--fail-on", "gap").returncode == 1
    quiet = tmp_path / "quiet.nmea"
    quiet.write_bytes(b"".join(day.read_bytes().splitlines(keepends=True)[:50]))
    assert seaward_command("detect", quiet, "-o", tmp_path, "--no-report", "--realm", "ex:test", "--fail-on", "gap").returncode == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["detect", "no-such-file", "-o", "o"], "cannot be read"),
        (["detect", ".", "-o", "o"], "is a directory"),
        (["detect", "FEED", "-o", "o", "--kinds", "smuggling"], "choose from gap, encounter, loitering, drift, fishing, area, identity"),
        (["detect", "FEED", "-o", "o", "--as-of", "yesterday"], "2027-11-04T12:00:00Z"),
        (["detect", "FEED", "-o", "o", "--realm", "EX:1"], "must be 'ops' or"),
        (["detect", "FEED", "-o", "FEED"], "choose another folder"),
        (["detect", "FEED", "-o", "o", "--fail-on", "smuggling"], "is not looked for"),
        (["detect", "FEED", "-o", "o", "--map", "no-map.toml"], "no-map.toml"),
        (["decode", "no-such-file", "-o", "o"], "cannot be read"),
    ],
)
def test_misuse_ends_with_two_and_says_what_to_do(words: list[str], says: str, tmp_path: Path) -> None:
    feed = tmp_path / "feed.nmea"
    feed.write_text("!AIVDM,1,1,,A,16:=?;0P00`SstvFnFbeGH6L088h,0*44\n")
    done = seaward_command(*[str(feed) if w == "FEED" else str(tmp_path / w) if w in ("o", "no-map.toml") else w for w in words])
    assert done.returncode == 2
    assert says in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert not list(tmp_path.glob("o/*"))


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    done = seaward_command("detect", tmp_path / "empty", "-o", tmp_path / "o", "--json")
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["lines"] == {"read": 0, "accepted": 0, "other": 0, "ignored": 0, "rejected": 0}
    assert sorted(p.name for p in (tmp_path / "o").iterdir()) == FILES


def test_reports_without_time_wait_for_start(tmp_path: Path) -> None:
    feed = tmp_path / "feed.nmea"
    feed.write_text("!AIVDM,1,1,,A,16:=?;0P00`SstvFnFbeGH6L088h,0*44\n")
    done = seaward_command("detect", feed, "-o", tmp_path / "o", "--no-report")
    assert done.returncode == 0 and b"--start" in done.stdout
    assert len(seaward.detect(feed).positions) == 0
    assert len(seaward.detect(feed, start=datetime(2027, 1, 1, tzinfo=UTC)).positions) == 1


def test_help_of_every_verb_reads_as_text() -> None:
    for words in ([], ["detect"], ["decode"], ["demo"]):
        done = seaward_command(*words, "--help", COLUMNS="100")
        assert done.returncode == 0
        assert b"Usage: seaward" in done.stdout.replace(b"python -m ", b"")


def test_decode_keeps_every_message(day: Path, tmp_path: Path) -> None:
    done = seaward_command("decode", day, "--realm", "ex:test", "--out", tmp_path / "reports.parquet")
    assert done.returncode == 0, done.stderr.decode()
    messages = pl.read_parquet(tmp_path / "reports.parquet")
    assert messages["message_type"].is_in([1, 3, 4, 5, 18, 19, 24]).all()
    assert set(messages["message_type"]) >= {1, 5, 18, 24}
    assert [p.name for p in tmp_path.iterdir()] == ["reports.parquet"]


def test_events_and_positions_become_geodataframes(tmp_path: Path) -> None:
    geopandas = pytest.importorskip("geopandas", reason="needs the extra: pip install 'seaward[geo]'")
    write_peru_day(tmp_path / "day.nmea", seed=1, start=datetime(2027, 11, 4, tzinfo=UTC))
    found = seaward.detect(tmp_path / "day.nmea", realm="ex:t")
    for rows, geo in ((found.events, found.events_geo()), (found.positions, found.positions_geo())):
        assert isinstance(geo, geopandas.GeoDataFrame) and geo.crs.to_epsg() == 4326 and len(geo) == len(rows)
        assert geo.geometry.x.to_list() == rows["lon_deg"].to_list() and geo.geometry.y.to_list() == rows["lat_deg"].to_list()


def test_on_the_made_up_day_each_behaviour_occurs(tmp_path: Path) -> None:
    start = datetime(2027, 11, 4, tzinfo=UTC)
    write_peru_day(tmp_path / "day.nmea", seed=1, start=start)
    aids = write_peru_aids(tmp_path, seed=1, start=start)
    found = seaward.detect(tmp_path / "day.nmea", realm="ex:demo", areas=aids.areas, ports=aids.ports, detections=aids.detections)
    assert set(found.events["kind"]) == {b.kind for b in BEHAVIOURS}
    untracked = found.events.filter(pl.col("kind") == "dark_contact")
    assert len(untracked) == 1 and (untracked["lon_deg"][0], untracked["lat_deg"][0]) == pytest.approx(UNTRACKED_DEG)
    assert found.events.filter(pl.col("kind") == "gap")["vessel_ids"].to_list() == [["mmsi:100000689"]], "JIGGER 05, and nobody else"
    assert set(found.events.filter(pl.col("kind") == "area")["areas"].explode()) == {"ZONA CERRADA (EX)"}
