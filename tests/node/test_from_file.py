"""A followed file is read once, line by line, whatever happens to it, to the node, or to the disk that it lies on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from seaward.feeds.batch import Batch, ReadOptions
from seaward.feeds.nmea import NMEA
from seaward.node import from_file, intake, marks
from seaward.node.aside import Aside
from seaward.node.clock import WallClock
from seaward.node.from_file import FromFile
from seaward.node.health import Health
from seaward.node.intake import Intake
from seaward.store import raw_journal
from seaward.store.disk import FileDisk
from seaward.store.raw_journal import Journal
from tests.made_up_day.ais_encode import position_a, sentences


def lines(first: int, count: int) -> bytes:
    numbers = range(first, first + count)
    made = [sentences(position_a([760_000_000 + n], [-80.0], [-12.0], [8.0], [90.0], [90.0], [7], [0]), ["A"], [0])[0][0] for n in numbers]
    return "".join(f"{line}\n" for line in made).encode()


class Session:
    """A file feed from its start to its end, on the same folder each time."""

    def __init__(self, folder: Path, wait_s: float = 20.0) -> None:
        self.path, self.folder, self.wait_s = folder / "a.nmea", folder, wait_s
        self.got: list[int] = []
        self.health = Health("g")

    def follow(self, until: int, *, forget: bool = False, during: object = None, extra_s: float = 0.3) -> int:
        """Reports read in this session; it ends soon after it has so many."""
        disk = FileDisk(self.folder / "raw")
        journal, before = Journal(disk, "ops", "g"), len(self.got)
        start = journal.end

        def give(feed: str, batch: Batch, read_to: int, received_us: int) -> None:
            new = batch.reports.filter(batch.reports["raw_offset"] >= start)  # as the history: it has what stands before
            self.got.extend(new["mmsi"].to_list())

        taken = Intake("g", disk, journal, ReadOptions("ops", "g"), NMEA, True, give, WallClock(), self.health, 0.1)
        taken.start(journal.end)

        async def main() -> None:
            run = asyncio.create_task(FromFile(self.path, disk, "g/source.json", self.wait_s).run(taken, self.health))
            if callable(during):
                await asyncio.sleep(0.3)
                during()
            stop = time.monotonic() + 8
            while len(self.got) - before < until and time.monotonic() < stop and not run.done():
                await asyncio.sleep(0.02)
            await asyncio.sleep(extra_s)
            run.cancel()
            with contextlib.suppress(asyncio.CancelledError, ZeroDivisionError):
                await run

        asyncio.run(main())
        taken.stop()
        if forget:
            journal.forget(journal._bases[-1])
        disk.close()
        return len(self.got) - before


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_file, "POLL_S", 0.05)


@pytest.fixture
def feed(tmp_path: Path) -> Session:
    return Session(tmp_path)


def test_a_rotated_file_that_got_the_old_inode_is_read_from_its_start(feed: Session) -> None:
    feed.path.write_bytes(lines(0, 50))
    assert feed.follow(50) == 50
    with feed.path.open("r+b") as same:  # the same inode, as after a rotation while the node stands
        same.truncate(0)
        same.write(lines(1000, 100))
    assert feed.follow(100) == 100 and len(set(feed.got)) == 150


@pytest.mark.parametrize("noted", [True, False], ids=["after a mark", "ended before the first mark"])
def test_a_file_cut_and_written_anew_while_the_node_stands_is_read_whole(feed: Session, noted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not noted:
        monkeypatch.setattr(from_file, "fingerprint", lambda file, at: 1 / 0)
    feed.path.write_bytes(lines(0, 50))
    assert feed.follow(50) == 50
    with feed.path.open("r+b") as same:
        same.truncate(0)
        same.write(lines(1000, 30))
    assert feed.follow(30) == 30


def test_a_file_written_anew_between_two_looks_is_read_whole_though_it_is_longer(feed: Session) -> None:
    feed.path.write_bytes(lines(0, 50))

    def anew() -> None:
        with feed.path.open("r+b") as same:
            same.truncate(0)
            same.write(lines(1000, 60))

    assert feed.follow(110, during=anew) == 110


def test_after_old_bytes_are_removed_a_restart_reads_nothing_twice(feed: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_journal, "SEGMENT_BYTES", 4096)
    monkeypatch.setattr(intake, "PIECE_BYTES", 1024)
    monkeypatch.setattr(from_file, "READ_BYTES", 1024)
    feed.path.write_bytes(lines(0, 300))
    assert feed.follow(300, forget=True) == 300
    with feed.path.open("ab") as more:
        more.write(lines(300, 7))
    assert feed.follow(7) == 7 and len(set(feed.got)) == 307


def test_an_empty_file_that_is_replaced_is_read(feed: Session) -> None:
    feed.path.write_bytes(b"")

    def replace() -> None:
        (feed.folder / "n").write_bytes(lines(0, 20))
        os.replace(feed.folder / "n", feed.path)

    assert feed.follow(20, during=replace) == 20


def test_a_pipe_in_the_place_of_a_file_is_refused_and_holds_nothing_up(feed: Session) -> None:
    feed.path.write_bytes(lines(0, 5))
    assert feed.follow(5) == 5

    def pipe() -> None:
        feed.path.unlink()
        os.mkfifo(feed.path)

    began = time.monotonic()
    assert feed.follow(0, during=pipe, extra_s=0.5) == 0 and time.monotonic() - began < 5
    told = feed.health.told(WallClock().now_us())
    assert told["connected"] is False and told["why"] == "it is no plain file" and "health.disconnected" in told["problems"]


def test_a_file_system_that_hangs_is_told_within_its_time_and_let_alone() -> None:
    hang = threading.Event()

    async def main() -> None:
        aside = Aside(0.1)
        with pytest.raises(TimeoutError, match="did not answer"):
            await aside(hang.wait, 20)
        with pytest.raises(TimeoutError, match="does not answer"):
            await aside(int)
        hang.set()
        while True:
            with contextlib.suppress(TimeoutError):
                assert await aside(lambda: 7) == 7
                return
            await asyncio.sleep(0.01)

    began = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - began < 5


def test_where_to_go_on_is_exact_whenever_the_node_was_killed(tmp_path: Path) -> None:
    """The journal holds any number of the file's lines behind any mark."""
    data = lines(0, 40)
    path = tmp_path / "a"
    path.write_bytes(data)
    ends = [0, *(n + 1 for n, c in enumerate(data) if c == 10)]
    with path.open("rb", buffering=0) as file:
        for have in range(0, 40, 7):
            disk = FileDisk(tmp_path / f"raw{have}")
            journal = Journal(disk, "ops", "g")
            journal.append(b"of another file\n", 1)
            start = journal.end
            noted = [marks.Mark(start, 0)]
            for n in range(have):
                journal.append(intake.stamped(data[ends[n] : ends[n + 1]], 1_800_000_000_000_000), 1)
                if n % 3 == 0:
                    noted.append(marks.Mark(journal.end, ends[n + 1], marks.fingerprint(file, ends[n + 1])))
            for upto in range(1, len(noted) + 1):
                mark = marks.last_mark(noted[:upto], journal.end)
                assert marks.place(file, mark, journal) == ends[have]
            lost = marks.last_mark([marks.Mark(journal.end + 100, 0), marks.Mark(journal.end + 200, ends[3])], journal.end)
            assert lost == marks.Mark(journal.end, 0), "power was lost before the journal was safe: all is read again"
            disk.close()
            shutil.rmtree(tmp_path / f"raw{have}")
