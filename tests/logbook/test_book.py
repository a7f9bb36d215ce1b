"""The log book of a node: every report once, from history and journals, whatever a crash or another version left."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from seaward.core.errors import InputError, RealmError, StateError
from seaward.core.tables import REPORTS, STATIC
from seaward.core.units import at_to_us
from seaward.logbook.book import Logbook, answered
from seaward.logbook.questions import closest_to, story_of, who_was_in
from seaward.picture.closest import ClosestParams
from seaward.store.disk import FileDisk
from seaward.store.history import History
from seaward.store.history_reading import HistoryReading
from seaward.store.raw_journal import Journal
from seaward.store.state import State
from seaward.store.state_reading import StateReading
from tests.cli.logbook_node import EAST, NORTH, START, make_node, reports, way

HEADER = b"mmsi,time,lat,lon,sog,cog\n"


def silent(stage: str, share: float) -> None:
    """Tell nobody."""


def dropped(folder: Path, kept_rows: int) -> Path:
    """A node with a feed of files: three of ten rows each, of which so many rows are settled."""
    disk = FileDisk(folder / "raw")
    journal, begins, ends = Journal(disk, "ops", "vms"), [], []
    for file in range(3):
        begins.append([journal.end, HEADER.decode()])
        journal.append(HEADER, at_to_us(START))
        for row in range(10):
            at = START + timedelta(minutes=10 * file + row)
            journal.append(f"{EAST},{at:%Y-%m-%d %H:%M:%S},-12.5,{-77 + 0.001 * (10 * file + row):.4f},2.0,90\n".encode(), at_to_us(at))
            ends.append(journal.end)
    journal.sync()
    disk.close()
    (folder / "raw/vms/begins.json").write_text(json.dumps(begins))
    if kept_rows:
        history = History(folder / "history", "ops")
        history.add(Logbook(folder, "ops").fresh[0].head(kept_rows), STATIC.empty(), {"vms": ends[kept_rows - 1]})
    return folder


@pytest.mark.parametrize("kept_rows", [0, 1, 9, 10, 15, 29, 30])
def test_rows_of_files_are_there_once_wherever_settling_has_come_to(kept_rows: int, tmp_path: Path) -> None:
    book = Logbook(dropped(tmp_path, kept_rows), "ops")
    rows = book.reports().collect()
    assert len(book.fresh[0]) == 30 - kept_rows and rows["raw_offset"].n_unique() == 30 and book.unread == []
    assert sorted(rows["lon_deg"].round(4)) == pytest.approx([-77 + 0.001 * k for k in range(30)])


def test_a_feed_that_cannot_be_read_is_told_and_the_others_are_there(tmp_path: Path) -> None:
    folder = dropped(make_node(tmp_path), 0)
    (folder / "raw/vms/begins.json").write_text("{")
    book = Logbook(folder, "ops")
    assert book.reports().select(pl.len()).collect().item() == 284 and book.unread and book.unread[0].startswith("vms: ")


def test_a_journal_that_is_being_written_is_read_up_to_its_last_whole_piece(tmp_path: Path) -> None:
    folder = make_node(tmp_path)
    (raw,) = (folder / "raw/coast").glob("*.raw")
    (idx,) = (folder / "raw/coast").glob("*.idx")
    with raw.open("ab") as file:
        file.write(b"!AIVDM,1,1,,A,half a li")
    with idx.open("ab") as file:
        file.write(b"\x01" * 40)
    assert answered(folder, "ops", lambda book: book.reports().select(pl.len()).collect().item()) == 284


def test_a_join_that_a_crash_cut_short_hides_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_node(tmp_path)
    history = History(folder / "history", "ops")
    history.add(reports(way(EAST, -77.0, -12.0, 0.0, 5.0, 0.5)), STATIC.empty(), {})
    monkeypatch.setattr(history, "_replace", lambda parts: (_ for _ in ()).throw(OSError("the power is gone")))
    with pytest.raises(OSError, match="power"):
        history.compact(START + timedelta(days=1))
    before = {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    assert HistoryReading(folder / "history", "ops").scan(REPORTS).select(pl.len()).collect().item() == 283 + 31
    assert {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()} == before, "nothing is mended by a reader"


def test_the_state_is_only_read(tmp_path: Path) -> None:
    folder = make_node(tmp_path)
    with StateReading(folder / "state.sqlite", "ops") as state:
        assert len(state.latest_events()) == 1
        for write in (lambda: state.audit("x", "y", "z", {}, START), lambda: state.revoke_token("t", "x", START)):
            with pytest.raises(StateError, match="reading alone"):
                write()
        with State.open(folder / "state.sqlite", "ops") as writer:  # beside it
            writer.audit("vega", "alert.seen", "a", {}, START)
        assert state.audit_rows(limit=-1)["action"][-1] == "alert.seen"
    with pytest.raises(StateError, match="closed"):
        state.latest_events()


def test_a_state_of_another_version_or_program_is_refused(tmp_path: Path) -> None:
    path = make_node(tmp_path) / "state.sqlite"
    with pytest.raises(RealmError, match="--realm ops"):
        StateReading(path, "ex:mine")
    other = tmp_path / "other.sqlite"
    shutil.copy(path, other)
    for pragma, words in (("user_version = 99", "form 99"), ("application_id = 7", "no state of a node")):
        with sqlite3.connect(other) as connection:
            connection.execute(f"PRAGMA {pragma}")
        connection.close()
        with pytest.raises(StateError, match=words):
            StateReading(other, "ops")
    other.write_bytes(b"no database at all" * 100)
    with pytest.raises(StateError, match="damaged"):
        StateReading(other, "ops")


def test_a_broken_manifest_is_told(tmp_path: Path) -> None:
    folder = make_node(tmp_path)
    (folder / "history/manifest.json").write_text("{")
    with pytest.raises(InputError, match="manifest"):
        Logbook(folder, "ops")


def test_answers_do_not_depend_on_what_is_settled(tmp_path: Path) -> None:
    """The same questions to a node that has settled all and to one that has settled half."""
    import shapely

    ways = reports(way(NORTH, -77.5, -12.5, 0.0, 10.0, 2.0), way(EAST, -77.6, -12.35, 90.0, 6.0, 2.0))
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    History(whole / "history", "ops").add(ways, STATIC.empty(), {})
    history = History(parted / "history", "ops")
    for part in range(7):
        history.add(ways.gather_every(7, part), STATIC.empty(), {})
    shape, between = shapely.box(-77.6, -12.4, -77.4, -12.3), (datetime(2027, 11, 4, 8, 20, tzinfo=UTC), None)
    books = [Logbook(folder, "ops") for folder in (whole, parted)]
    one, other = (who_was_in(book, shape, *between, 7200, silent) for book in books)
    assert one.equals(other) and len(one) == 2
    one, other = (closest_to(book, NORTH, None, *between, ClosestParams(), silent) for book in books)
    assert one.equals(other) and len(one) == 1
    assert [len(story_of(book, NORTH, *between, silent).positions) for book in books] == [101, 101]
