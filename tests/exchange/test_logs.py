"""Logs: what was made safe comes back, what was torn is cut off, what was damaged is told; in memory and on a disk."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import OutputError
from seaward.exchange.log_file import FileLog
from seaward.exchange.log_memory import MemoryLog
from seaward.exchange.records import HEADER_BYTES, Damage, Framer

RECORDS = [b"one", b"", b"\x5e\xa4" * 30, b"x" * 5_000]


def written(records: list[bytes], synced: bool = True) -> bytes:
    log = MemoryLog()
    for record in records:
        log.append(record)
        if synced:
            log.sync()
    log.sync()
    return log.safe


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_records_come_back_in_order_and_go_on_after_a_restart(kind: str, tmp_path: Path) -> None:
    log = MemoryLog() if kind == "memory" else FileLog(tmp_path / "deep" / "a.log")
    for record in RECORDS:
        log.append(record)
    log.sync()
    if isinstance(log, FileLog):
        log.close()
        log = FileLog(tmp_path / "deep" / "a.log")
    assert log.read() == (RECORDS, Damage())
    log.append(b"more")
    log.sync()
    assert log.read() == ([*RECORDS, b"more"], Damage())
    log.replace([b"all anew"])
    log.append(b"and on")
    log.sync()
    assert log.read() == ([b"all anew", b"and on"], Damage())


def test_a_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    FileLog(tmp_path / "a.log").replace([b"x"])
    assert (tmp_path / "a.log").stat().st_mode & 0o077 == 0


def test_a_disk_that_refuses_is_said_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = FileLog(tmp_path / "a.log")
    log.append(b"x")

    def full(file: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutputError, match=r"a\.log cannot be kept \(No space left"):
        log.sync()


@given(st.integers(0, 10**6))
def test_cut_at_any_byte_a_log_gives_the_records_before(cut: int) -> None:
    data = written(RECORDS)
    cut %= len(data) + 1
    records, damage = Framer().read(data[:cut])
    assert records == RECORDS[: len(records)]
    whole = sum(HEADER_BYTES + len(r) for r in records)
    assert damage == Damage(torn_bytes=cut - whole)


@given(st.data())
def test_a_changed_byte_never_passes_and_what_was_safe_behind_it_is_told_as_a_hole(data: st.DataObject) -> None:
    records = [bytes([n]) * 20 for n in range(8)]
    raw = bytearray(written(records))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    found, damage = Framer().read(bytes(raw))
    hit = at // (HEADER_BYTES + 20)
    assert found == [r for n, r in enumerate(records) if n != hit][: len(found)]
    if hit < 7:
        assert damage.holes == 1 and len(found) == 7
    else:
        assert damage.torn_bytes > 0 and len(found) == 7  # the end of a log cannot be told from what was never made safe


def test_a_hole_in_what_was_never_safe_cuts_off_what_lies_behind_it() -> None:
    log = MemoryLog()
    log.append(b"safe")
    log.sync()
    for record in (b"lost", b"kept", b"too"):
        log.append(record)
    raw = log.safe + b"".join(log._unsafe)
    at = raw.index(b"lost")
    found, damage = Framer().read(raw[: at - HEADER_BYTES] + bytes(HEADER_BYTES + 4) + raw[at + 4 :])
    assert found == [b"safe"] and damage.holes == 0 and damage.torn_bytes > 0
    kept, _ = Framer(keeps_all=True).read(raw[: at - HEADER_BYTES] + bytes(HEADER_BYTES + 4) + raw[at + 4 :])
    assert kept == [b"safe", b"kept", b"too"]


@given(st.integers(0, 2**32))
def test_a_loss_of_power_never_costs_what_was_safe(seed: int) -> None:
    chance = random.Random(seed)
    log = MemoryLog()
    safe: list[bytes] = []
    written: list[bytes] = []
    for n in range(chance.randrange(12)):
        log.append(record := bytes([n]) * chance.randrange(40))
        written.append(record)
        if chance.random() < 0.4:
            log.sync()
            safe = list(written)
    log.crash(chance)
    found, damage = log.read()
    assert found == written[: len(found)] and len(found) >= len(safe) and damage.holes == 0


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_a_log_of_some_records(data: bytes) -> None:
    records, _ = Framer().read(data)
    assert records == []
