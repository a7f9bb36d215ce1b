"""The bytes of a feed: what was accepted and synced is there after any crash, once, unchanged, in order; what is damaged is told."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from seaward.store import raw_journal as module
from seaward.store.disk import FileDisk, SimulatedDisk
from seaward.store.raw_journal import Damage, Journal, JournalFull, link, origin

NOW = 1_790_000_000_000_000


def content(journal: Journal) -> list[tuple[int, int, bytes | None]]:
    return [(f.offset, f.received_us, data) for f, data in journal.pieces()]


def test_what_is_appended_is_read_back_on_a_real_disk(tmp_path: Path) -> None:
    disk = FileDisk(tmp_path)
    journal = Journal(disk, "ops", "callao")
    assert [journal.append(b"one\n", NOW), journal.append(b"three\n", NOW + 1)] == [0, 4]
    assert journal.sync()
    disk.close()
    again = Journal(FileDisk(tmp_path), "ops", "callao")
    assert content(again) == [(0, NOW, b"one\n"), (4, NOW + 1, b"three\n")]
    assert (again.end, again.chain, again.damage, again.cut_bytes) == (10, journal.chain, [], 0)
    assert again.read(2, 4) == b"e\nth" and again.append(b"x", NOW) == 10
    assert (tmp_path / "callao" / f"{0:020d}.raw").read_bytes() == b"one\nthree\nx", "any tool can read the bytes"


def test_the_chain_holds_realm_feed_order_time_and_bytes() -> None:
    journal = Journal(SimulatedDisk(1), "ops", "callao")
    for n in range(3):
        journal.append(b"%d\n" % n, NOW + n)
    chain = origin("ops", "callao")
    for f in journal.frames():
        chain = link(chain, f.offset, f.length, f.received_us, f.sha256)
        assert chain == f.chain
    assert chain == journal.chain
    assert origin("ex:a", "callao") != origin("ops", "callao") != origin("ops", "paita")


def test_segments_are_read_as_one_run_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 100)
    disk = SimulatedDisk(1)
    journal = Journal(disk, "ops", "f")
    lines = [b"%03d " % n * 9 + b"\n" for n in range(40)]
    for line in lines:
        journal.append(line, NOW)
    assert len(disk.names("f")) > 10
    assert journal.read(0, 10**6) == b"".join(lines) == Journal(disk, "ops", "f").read(0, 10**6)
    assert next(f.offset for f in journal.frames(since=500)) <= 500
    journal.forget(500)
    assert 0 < journal.start <= 500 and Journal(disk, "ops", "f").end == journal.end
    assert journal.read(600, 37) == b"".join(lines)[600:637]


def run_with_crashes(seed: int) -> None:
    """Random pieces, syncs, full disks and losses of power; after each of these all that was synced is there, once and unchanged."""
    chance = random.Random(seed)
    disk = SimulatedDisk(-1 - seed)  # another stream than that of the pieces
    journal = Journal(disk, "ops", "f", backlog_bytes=400)
    sent: list[tuple[int, bytes]] = []
    synced = 0
    for step in range(60):
        what = chance.random()
        if what < 0.75:
            data = chance.randbytes(chance.randint(1, 60))
            try:
                offset = journal.append(data, NOW + step)
            except JournalFull:
                continue
            assert offset == sum(len(d) for _, d in sent)
            sent.append((offset, data))
        elif what < 0.85:
            if journal.sync():
                synced = len(sent)
        elif what < 0.92:
            disk.room_bytes = sum(disk.size(n) for n in disk.names("f")) + chance.choice([0, 1, 30, 100, 1 << 30])
        else:
            disk.crash()
            journal = Journal(disk, "ops", "f", backlog_bytes=400)
            kept = [(o, d) for o, _, d in content(journal)]
            assert kept[:synced] == sent[:synced], f"seed {seed}: synced pieces are whole and in order"
            assert kept == sent[: len(kept)], f"seed {seed}: nothing that was not sent, nothing twice, no hole"
            assert journal.damage == []
            sent, synced = sent[: len(kept)], len(kept)
            assert journal.end == sum(len(d) for _, d in sent)
    disk.room_bytes = 1 << 40
    assert journal.sync()
    assert [(o, d) for o, _, d in content(journal)] == sent


def test_after_any_loss_of_power_all_that_was_synced_is_there_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 300)
    for seed in range(400):
        run_with_crashes(seed)


@pytest.mark.soak
def test_after_a_hundred_thousand_seeds_of_losses_of_power_all_that_was_synced_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 300)
    for seed in range(100_000):
        run_with_crashes(seed)


@pytest.mark.parametrize("seed", range(200))
def test_a_flipped_bit_anywhere_is_told_and_takes_no_other_piece_along(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 300)
    chance, disk = random.Random(seed), SimulatedDisk(-1 - seed)
    journal = Journal(disk, "ops", "f")
    pieces = [chance.randbytes(chance.randint(5, 60)) for _ in range(30)]
    for data in pieces:
        journal.append(data, NOW)
    journal.sync()
    name = chance.choice(disk.names("f"))
    at = disk.flip(name)
    if name.endswith(".idx") and at % 96 >= 88:
        return  # what fills a record up says nothing
    again = Journal(disk, "ops", "f")
    whole = [d for _, _, d in content(again) if d is not None]
    assert len(whole) == 29 and all(d in pieces for d in whole)
    lost = again.end - sum(map(len, whole))
    assert sum(d.length for d in again.check()) == lost
    assert lost or again.cut_bytes, "in the last piece it cannot be told from one never accepted, and is cut off and counted"


def test_a_full_disk_keeps_a_bounded_backlog_in_memory_and_writes_it_when_there_is_room() -> None:
    disk = SimulatedDisk(1, room_bytes=150)
    journal = Journal(disk, "ops", "f", backlog_bytes=30)
    offsets = [journal.append(b"0123456789", NOW) for _ in range(4)]
    assert offsets == [0, 10, 20, 30] and journal.waiting_bytes == 30 and not journal.sync()
    with pytest.raises(JournalFull, match="free space"):
        journal.append(b"x", NOW)
    disk.room_bytes = 10_000
    assert journal.sync() and journal.waiting_bytes == 0
    assert journal.append(b"x", NOW) == 40
    assert Journal(disk, "ops", "f").read(0, 100) == b"0123456789" * 4 + b"x"


def test_damage_in_an_earlier_segment_is_told_by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 20)
    disk = SimulatedDisk(1)
    journal = Journal(disk, "ops", "f")
    for _ in range(6):
        journal.append(b"0123456789", NOW)
    disk._now["f/" + f"{0:020d}.raw"][12] ^= 1
    assert [*Journal(disk, "ops", "f").check()] == [Damage(10, 10)]


def test_opening_reads_the_last_segment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that has kept weeks of bytes starts as soon as one that has kept an hour."""
    monkeypatch.setattr(module, "SEGMENT_BYTES", 20)
    disk = SimulatedDisk(1)
    journal = Journal(disk, "ops", "f")
    for n in range(9):
        journal.append(b"0123456789", NOW + n)
    read: list[str] = []
    monkeypatch.setattr(disk, "read", lambda name, *at: (read.append(name), SimulatedDisk.read(disk, name, *at))[1])
    again = Journal(disk, "ops", "f")
    assert {name[2:22] for name in read} == {f"{80:020d}"} and (again.end, again.chain) == (90, journal.chain)


def test_a_chain_goes_on_where_a_loss_of_power_left_the_last_segment_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 20)
    disk = SimulatedDisk(1)
    journal = Journal(disk, "ops", "f")
    for n in range(2):
        journal.append(b"0123456789", NOW + n)
    chain = journal.chain
    journal.append(b"0123456789", NOW)
    for kind in ("raw", "idx"):
        disk.truncate(f"f/{20:020d}.{kind}", 0)
    again = Journal(disk, "ops", "f")
    assert (again.end, again.chain, [*again.check()]) == (20, chain, [])


def test_segments_that_are_old_enough_are_found_by_the_time_of_their_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 20)
    journal = Journal(SimulatedDisk(1), "ops", "f")
    for n in range(6):
        journal.append(b"0123456789", NOW + n)  # two pieces to a segment
    assert [journal.end_of(NOW + n) for n in range(7)] == [0, 0, 0, 20, 20, 40, 40]
    journal.forget(journal.end_of(NOW + 3))
    assert journal.start == 20 and journal.read(20, 100) == b"0123456789" * 4
