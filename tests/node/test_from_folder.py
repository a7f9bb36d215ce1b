"""Files dropped into a folder: each row once, however slowly they are written; what cannot be used is counted, named, and bounded."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import os
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from seaward.feeds.batch import Batch, ReadOptions
from seaward.feeds.source import Unpacking
from seaward.node.clock import WallClock
from seaward.node.from_folder import FromFolder
from seaward.node.health import BY_FILES, Health
from seaward.node.intake import Intake
from seaward.store.disk import FileDisk
from seaward.store.raw_journal import Journal

WHOLE = "mmsi,timestamp,lat,lon\n" + "".join(f"76000000{n},2026-11-26T1{n}:00:00Z,-9.{n}234,-79.5678\n" for n in range(4))
CUT = WHOLE.index("-9.3234") + 4  # in the middle of a number


class Session:
    """A folder feed from its start to its end, on the same folder each time."""

    def __init__(self, folder: Path) -> None:
        self.drop, self.folder = folder / "drop", folder
        self.drop.mkdir()
        self.rows: list[tuple[int, float]] = []
        self.rejected = 0
        self.health = Health("d", BY_FILES)

    def run(self, *deeds: Callable[[], object], still_s: float = 60.0, most: Unpacking | None = None) -> int:
        """Rows read in this session: half a second, then each deed with half a second behind it."""
        self.health = Health("d", BY_FILES)
        disk, before = FileDisk(self.folder / "raw"), len(self.rows)
        journal = Journal(disk, "ops", "d")

        def give(feed: str, batch: Batch, read_to: int, received_us: int) -> None:
            self.rows.extend(batch.reports.select("mmsi", "lat_deg").rows())
            self.rejected += len(batch.rejected)

        taken = Intake("d", disk, journal, ReadOptions("ops", "d"), None, True, give, WallClock(), self.health, 0.1)
        taken.start(journal.end)

        async def main() -> None:
            run = asyncio.create_task(FromFolder(self.drop, disk, "d/source.json", 0.05, still_s, most).run(taken, self.health))
            await asyncio.sleep(0.5)
            for deed in deeds:
                deed()
                await asyncio.sleep(0.5)
            run.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await run

        asyncio.run(main())
        taken.stop()
        disk.close()
        return len(self.rows) - before


@pytest.fixture
def feed(tmp_path: Path) -> Session:
    return Session(tmp_path)


def test_a_writer_that_pauses_in_a_number_gives_each_row_once_and_no_false_one(feed: Session) -> None:
    path = feed.drop / "vms.csv"
    path.write_text(WHOLE[:CUT])
    assert feed.run(lambda: path.write_text(WHOLE)) == 4
    assert [lat for _, lat in feed.rows] == pytest.approx([-9.0234, -9.1234, -9.2234, -9.3234]) and feed.rejected == 0


def test_a_file_that_grows_after_another_was_taken_is_gone_on_with_under_its_own_header(feed: Session) -> None:
    path = feed.drop / "vms.csv"
    path.write_text(WHOLE[:CUT])
    other = WHOLE.replace("mmsi,timestamp,lat,lon", "MMSI;fecha;latitud;longitud").replace(",", ";").replace("76000000", "77000000")
    assert feed.run(lambda: (feed.drop / "b.csv").write_text(other)) == 7
    path.write_text(WHOLE)
    assert feed.run() == 1 and len(set(feed.rows)) == 8 and feed.rejected == 0


def test_touch_takes_nothing_again_and_a_new_beginning_takes_all(feed: Session) -> None:
    path = feed.drop / "vms.csv"
    path.write_text(WHOLE)
    assert feed.run(lambda: os.utime(path)) == 4
    os.utime(path)
    assert feed.run(lambda: path.write_text(WHOLE.replace("76000000", "77000000"))) == 4


def test_a_last_line_without_an_end_is_taken_once_the_file_stood_still_for_long(feed: Session) -> None:
    (feed.drop / "vms.csv").write_text(WHOLE[:-1])
    assert feed.run() == 3
    assert feed.run(still_s=0.2) == 1 and feed.run(still_s=0.2) == 0 and len(set(feed.rows)) == 4


def test_a_packed_file_is_taken_as_far_as_it_is_whole_and_gone_on_with(feed: Session) -> None:
    chance = random.Random(1)
    lines = [f"{760000000 + chance.randrange(999)},2026-11-26T10:00:00Z,-9.{n},-79\n" for n in range(4000)]
    rows = "mmsi,timestamp,lat,lon\n" + "".join(lines)
    packed, path = gzip.compress(rows.encode()), feed.drop / "vms.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    first = feed.run()
    assert 0 < first < 4000 and feed.health.rejected == 0
    path.write_bytes(packed)
    assert feed.run() == 4000 - first and len(set(feed.rows)) > 3900 and feed.rejected == 0


def test_what_cannot_be_used_is_counted_by_rule_named_and_told_after_a_restart_too(feed: Session) -> None:
    noise = base64.encodebytes(random.Random(1).randbytes(3000))
    packed = gzip.compress(WHOLE.encode() * 50)
    for name, data in {"a.csv": noise, "b.csv": b"", "c.parquet": b"PAR1 and more", "d.gz": b"\x1f\x8b" + noise, "e.csv.gz": packed[:-30]}.items():
        (feed.drop / name).write_bytes(data)
    (feed.drop / "z.csv").write_text(WHOLE)
    os.mkfifo(feed.drop / "f.csv")
    feed.run(still_s=0.2)
    told = feed.health.told(WallClock().now_us())
    wanted = {"unrecognised_input": 1, "empty_input": 1, "parquet_input": 1, "truncated_input": 2, "not_a_file": 1}
    assert {r: told["rules"].get(r) for r in wanted} == wanted and told["why"] and "health.refused" in told["problems"]
    assert {r["name"] for r in told["refused"]} == {"a.csv", "b.csv", "c.parquet", "d.gz", "e.csv.gz", "f.csv"}
    assert feed.run(still_s=0.2) == 0, "nothing of it is taken again"
    assert len(feed.health.told(WallClock().now_us())["refused"]) == 6 and feed.health.rejected == 0


def test_a_file_that_unpacks_too_far_is_cut_off_and_what_came_before_stays(feed: Session) -> None:
    (feed.drop / "bomb.csv.gz").write_bytes(gzip.compress(WHOLE.encode() + b"# nothing at all\n" * 200_000))
    assert feed.run(most=Unpacking(free_bytes=1 << 18, ratio=20.0)) == 4
    assert feed.health.rules["unpacks_too_far"] == 1 and sum(p.stat().st_size for p in (feed.folder / "raw/d").glob("*.raw")) < 1 << 20
    assert Unpacking().exceeded(823_000_000, 7_400_000) and Unpacking(ratio=1e9).exceeded(3 << 30, 1 << 30) and not Unpacking().exceeded(1 << 24, 1)


def test_a_name_that_is_no_text_is_taken_or_refused_and_told_as_text(feed: Session) -> None:
    (Path(os.fsdecode(os.fsencode(feed.drop) + b"/lista_\xf1.csv"))).write_bytes(b"a,b\n1,2\n")
    (Path(os.fsdecode(os.fsencode(feed.drop) + b"/barcos_\xf1.csv"))).write_text(WHOLE)
    assert feed.run() == 4
    told = feed.health.told(WallClock().now_us())
    assert told["refused"][0]["name"] == "lista_\ufffd.csv" and b"lista_" in msgspec.json.encode(told)
