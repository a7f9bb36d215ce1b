"""which byte of a feed's journal goes with which byte of a file -> where to go on after any end: noted now and then, counted from there on.

The journal has one line for each of the file's; it is the truth for what was accepted.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from seaward.node.lines import MAX_LINE_BYTES
from seaward.store.raw_journal import Journal

PRINT_BYTES = 4096  # of the beginning, and before the mark: some 80 sentences; ours
MOST_MARKS = 4  # older ones serve where a loss of power took the end of the journal
_READ_BYTES = 1 << 20


class Mark(NamedTuple):
    """All of a file before byte `at` is in the journal before byte `journal`."""

    journal: int
    at: int
    print: str = ""  # of the file up to `at`
    extra: int = 0  # lines that follow in the journal and are not of the file there: its header, told again


def last_mark(marks: list[Mark], end: int) -> Mark:
    """The last that lies in what the journal still has; the first, moved to its end, where none does."""
    return next((m for m in reversed(marks) if m.journal <= end), marks[0]._replace(journal=end))


def fingerprint(file: BinaryIO, at: int) -> str:
    """SHA-256 of the file's beginning and of what stands before a byte."""
    size = min(at, PRINT_BYTES)
    return hashlib.sha256(os.pread(file.fileno(), size, 0) + os.pread(file.fileno(), size, at - size)).hexdigest()


def lines_since(journal: Journal, mark: Mark) -> int:
    """How many lines of the file the journal holds behind a mark."""
    return max(0, sum(1 for _ in _lines(journal, max(mark.journal, journal.start))) - mark.extra)


def place(file: BinaryIO, mark: Mark, journal: Journal) -> int | None:
    """The first byte of a file that is not in the journal; None where it is another file than the one that was read."""
    size = os.fstat(file.fileno()).st_size
    if size < mark.at or (mark.at and fingerprint(file, mark.at) != mark.print):
        return None
    at = mark.at
    with io.BufferedReader(io.FileIO(os.dup(file.fileno()))) as own:  # type: ignore[arg-type]
        own.seek(at)
        for kept in _lines(journal, max(mark.journal, journal.start)):
            begin, length = _line(own)
            if not begin.endswith(b"\n") and length <= MAX_LINE_BYTES:
                return at if mark.at else None
            if not mark.at and not _alike(kept, begin, length):
                return None
            at += length
    return at


def _alike(kept: bytes, line: bytes, length: int) -> bool:
    """Whether a line of the journal is that of a file: it may have got a time in front."""
    if length > MAX_LINE_BYTES:
        return kept.startswith(b"# a line of ")
    return kept.rpartition(b"\\")[2] == line.rstrip(b"\n").rpartition(b"\\")[2]


def _line(file: io.BufferedReader[Any]) -> tuple[bytes, int]:
    """The beginning of the next line with its end, and its whole length [bytes]."""
    begin = part = file.readline(MAX_LINE_BYTES + 1)
    length = len(begin)
    while len(part) > MAX_LINE_BYTES and not part.endswith(b"\n"):
        part = file.readline(MAX_LINE_BYTES + 1)
        length += len(part)
    return begin, length


def _lines(journal: Journal, at: int) -> Iterator[bytes]:
    rest = b""
    while part := journal.read(at, _READ_BYTES):
        *whole, rest = (rest + part).split(b"\n")
        at += len(part)
        yield from whole
