"""Pieces of a feed -> that they stand in the feed's chain of hashes between a beginning and a head. The rule is that of a node's journal.

link(chain, piece) = SHA-256(chain | first byte u64 | length u32 | received i64 [us since 1970 UTC] | SHA-256 of the bytes), little-endian;
the chain before the first piece of a feed is SHA-256("seaward journal 1\\n<realm>\\n<feed>\\n").
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from seaward.core.errors import EvidenceError

_RECORD = struct.Struct("<QIq32s")  # as in the link, without the chain


class Record(NamedTuple):
    """One piece of a feed: where it stood, when it was received [us since 1970 UTC], the hash of its bytes."""

    offset: int
    length: int
    received_us: int
    sha256: bytes


def packed(records: Iterable[Record]) -> bytes:
    """Records one behind the other, 52 bytes each."""
    return b"".join(_RECORD.pack(*r) for r in records)


def unpacked(name: str, data: bytes) -> Iterator[Record]:
    """Records from their bytes; EvidenceError where the last is cut."""
    if len(data) % _RECORD.size:
        raise EvidenceError(f"{name}: its length is no multiple of {_RECORD.size} bytes")
    return (Record(*r) for r in _RECORD.iter_unpack(data))


def walked(chain: bytes, records: bytes) -> bytes:
    """The chain behind packed records."""
    for k in range(0, len(records), _RECORD.size):
        chain = hashlib.sha256(chain + records[k : k + _RECORD.size]).digest()
    return chain


def member(name: str, records: bytes, pieces: Mapping[int, tuple[int, int | None, bytes]]) -> None:
    """Check that pieces (length, received [us], SHA-256 by first byte) are among packed records.

    Raises
    ------
    EvidenceError
        If one is not there, or differs.
    """
    there = {r.offset: (r.length, r.received_us, r.sha256) for r in unpacked(name, records) if r.offset in pieces}
    for offset, piece in pieces.items():
        if there.get(offset) != piece:
            what = "has no piece there" if offset not in there else "has another length, time or hash for it"
            raise EvidenceError(f"{name}: the piece at byte {offset} of the feed is not in its chain of hashes, which {what}")
