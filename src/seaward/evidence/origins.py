"""Where the bytes of reports lie -> batches to be watched, and pieces cut out for a pack: files, as `detect` read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from seaward.core.errors import EvidenceError, InputError
from seaward.feeds.batch import Chunk
from seaward.feeds.csv_columns import first_line
from seaward.feeds.parquet import MAGIC
from seaward.feeds.read import Input, read
from seaward.feeds.source import MAX_LINE_BYTES, Source
from seaward.proof.feeds import CutFeed, Piece
from seaward.watch import Feed

Span = tuple[int, int]  # first byte of a line in the feed, and length up to the end of its last part
_KEEP_BYTES = 4 * MAX_LINE_BYTES  # of lines before a span, kept while a file passes


class Origin(Protocol):
    """One feed of bytes that can be read again."""

    name: str

    def feed(self) -> Feed: ...
    def cut(self, spans: Sequence[Span], lines_before: int) -> CutFeed: ...


class FileOrigin:
    """A file that `detect` read, with what it was told of it."""

    def __init__(self, path: str, realm: str, name: str, start_us: int | None, column_map: Path | None, sha256: str) -> None:
        self.path, self.realm, self.name, self.start_us, self.column_map, self.sha256 = path, realm, name, start_us, column_map, sha256
        self.size_bytes, self.format = 0, ""

    def feed(self) -> Input:
        if self._is_parquet():
            what = "its rows have no bytes of their own to show; watch the file it was made from, or a CSV of it"
            raise InputError(f"{self.path} holds Parquet, from which no evidence can be cut: {what}")
        opened = read(self.path, self.realm, start_us=self.start_us, column_map=self.column_map, feed=self.name)
        self.format = opened.format
        return opened

    def _is_parquet(self) -> bool:
        source = Source(self.path)
        source.close()
        return source.head[:4] == MAGIC

    def cut(self, spans: Sequence[Span], lines_before: int) -> CutFeed:
        """The lines of these spans, and some lines before each where their times stand in those."""
        source = Source(self.path)
        try:
            pieces, raw = _cut(source.chunks(), sorted(set(spans)), lines_before, with_header=self.format != "nmea")
        finally:
            source.close()
        if self.sha256 and source.sha256 != self.sha256:
            raise InputError(f"{self.path} is not the file that was watched: its SHA-256 is {source.sha256}, and that of the results {self.sha256}")
        text = "" if self.column_map is None or self.format != "mapped" else self.column_map.read_text(encoding="utf-8")
        return CutFeed(self.name, self.realm, self.format, pieces, raw, self.start_us, text, file_sha256=source.sha256,
                       file_bytes=source.read_bytes)  # fmt: skip


def shown_in_file(feeds: Sequence[CutFeed], path: str) -> str:
    """The name of the feed that was cut from a file; EvidenceError where none was, or other bytes stand there now."""
    source = Source(path)
    try:
        source.drain()
        digest = source.sha256
    finally:
        source.close()
    found = next((f for f in feeds if f.file_sha256 == digest), None)
    if found is None:
        raise EvidenceError(f"{path} has the SHA-256 {digest}; no feed of the pack was cut from such a file")
    again = Source(path)
    try:
        _, raw = _cut(again.chunks(), [(offset, length) for offset, length, _ in found.pieces], 0, with_header=False)
    finally:
        again.close()
    if raw != found.raw:
        raise EvidenceError(f"{path} is the file that feed {found.name} was cut from, and other bytes stand where the pack says")
    return found.name


def _cut(chunks: Iterator[Chunk], spans: list[Span], lines_before: int, *, with_header: bool) -> tuple[tuple[Piece, ...], bytes]:
    """Pieces of a file and their bytes, one behind the other; spans that touch or overlap become one piece."""
    pieces: list[Piece] = []
    raw, held, begin, n = bytearray(), bytearray(), 0, 0

    def take(start: int, end: int) -> None:
        if pieces and start <= pieces[-1][0] + pieces[-1][1]:
            start = pieces[-1][0] + pieces[-1][1]
            if end > start:
                pieces[-1] = (pieces[-1][0], end - pieces[-1][0], None)
        else:
            pieces.append((start, end - start, None))
        if end > start:
            raw.extend(held[start - begin : end - begin])

    for chunk in chunks:
        if chunk.offset != begin + len(held):
            held, begin = bytearray(), chunk.offset
        held += chunk.data
        if with_header and not pieces and (header := first_line(bytes(held))):
            take(begin, begin + held.index(header) + len(header))
        while n < len(spans) and sum(spans[n]) <= begin + len(held):
            start = spans[n][0]
            for _ in range(lines_before):
                start = begin + held.rfind(b"\n", 0, max(0, start - begin - 1)) + 1
            take(start, sum(spans[n]))
            n += 1
        keep = min(spans[n][0] if n < len(spans) else begin + len(held), begin + len(held)) - _KEEP_BYTES
        if keep > begin:
            del held[: keep - begin]
            begin = keep
    if n < len(spans):
        raise EvidenceError(f"the report at byte {spans[n][0]} is not in the file any more")
    return tuple(pieces), bytes(raw)
