"""Records of a log -> bytes with a checksum each, and back: whatever is torn or damaged is left out and told.

Each record carries its number and the number up to which all was safe when it was written. So a hole among records that were never made safe, as a
loss of power leaves, is told from one where something was that had been: the first is cut off with all behind it, the second is damage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

_MARK = b"\x5e\xa4"
_SUM_BYTES = 8  # of the SHA-256
_BODY_AT = 22  # mark 2, length 4, number 8, safe up to 8
HEADER_BYTES = _BODY_AT + _SUM_BYTES
MOST_RECORD_BYTES = 16 * 1024 * 1024  # ours: a length beyond is damage


@dataclass(frozen=True, slots=True)
class Damage:
    """What of a log could not be read."""

    torn_bytes: int = 0  # at the end, as after a stop in the middle of writing
    holes: int = 0  # places where something is gone that had been safe

    def __bool__(self) -> bool:
        return bool(self.torn_bytes or self.holes)


class Log(Protocol):
    """Records kept in order. Nothing is safe before `sync` has returned. Read before the first append."""

    def read(self) -> tuple[list[bytes], Damage]:
        """All records that are whole."""
        ...

    def append(self, record: bytes) -> None:
        """One more record, not yet safe."""
        ...

    def sync(self) -> None:
        """Make safe all that was appended."""
        ...

    def replace(self, records: Iterable[bytes]) -> None:
        """Put these in place of all records, at once or not at all, safely."""
        ...


@dataclass(slots=True)
class Framer:
    """Numbers the records of one log. `keeps_all`: what lies behind a hole counts all the same, as in an archive, whose entries prove themselves."""

    keeps_all: bool = False
    number: int = 0
    safe: int = 0

    def framed(self, record: bytes) -> bytes:
        """A record with its mark, length, numbers and checksum."""
        self.number += 1
        head = _MARK + len(record).to_bytes(4, "big") + self.number.to_bytes(8, "big") + self.safe.to_bytes(8, "big")
        return head + hashlib.sha256(head + record).digest()[:_SUM_BYTES] + record

    def synced(self) -> None:
        """All so far is safe."""
        self.safe = self.number

    def read(self, data: bytes) -> tuple[list[bytes], Damage]:
        """All records that are whole and in their place; the first time, numbers go on behind them."""
        found, torn_bytes, holes = _scan(data, self.keeps_all)
        if self.number == 0 and found:
            self.number = self.safe = found[-1][0]
        return [record for _, _, record in found], Damage(torn_bytes, holes)


def _scan(data: bytes, keeps_all: bool) -> tuple[list[tuple[int, int, bytes]], int, int]:
    """Records as number, safe up to and bytes; bytes torn off at the end; holes."""
    found: list[tuple[int, int, bytes]] = []
    gaps: list[tuple[int, int]] = []  # how many records come before a gap, and where it starts
    at, bad_from = 0, -1
    while at < len(data):
        record = _record_at(data, at)
        if record is None:
            bad_from = at if bad_from < 0 else bad_from
            next_mark = data.find(_MARK, at + 1)
            at = len(data) if next_mark < 0 else next_mark
            continue
        if bad_from >= 0:
            gaps.append((len(found), bad_from))
            bad_from = -1
        found.append(record)
        at += HEADER_BYTES + len(record[2])
    torn_bytes = len(data) - bad_from if bad_from >= 0 else 0
    holes = 0
    for before, start in gaps:
        last = found[before - 1][0] if before else 0
        if keeps_all or max(safe for _, safe, _ in found[before:]) > last:
            holes += 1
        else:
            return found[:before], len(data) - start, holes
    return found, torn_bytes, holes


def _record_at(data: bytes, at: int) -> tuple[int, int, bytes] | None:
    if data[at : at + 2] != _MARK or at + HEADER_BYTES > len(data):
        return None
    length = int.from_bytes(data[at + 2 : at + 6], "big")
    record = data[at + HEADER_BYTES : at + HEADER_BYTES + length]
    if length > MOST_RECORD_BYTES or len(record) < length:
        return None
    if hashlib.sha256(data[at : at + _BODY_AT] + record).digest()[:_SUM_BYTES] != data[at + _BODY_AT : at + HEADER_BYTES]:
        return None
    return int.from_bytes(data[at + 6 : at + 14], "big"), int.from_bytes(data[at + 14 : at + 22], "big"), record
