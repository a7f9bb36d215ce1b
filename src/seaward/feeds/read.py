"""path -> batches, whatever the format: the one door of the room. Formats are told apart by their first bytes, never by a file's name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from seaward.core.errors import InputError, RealmError
from seaward.core.realm import check_claim, check_realm
from seaward.feeds.batch import Batch, Chunk, Format, LineCounts, ReadOptions
from seaward.feeds.cot import COT
from seaward.feeds.csv_tables import no_rows, rejected_table
from seaward.feeds.dma import DMA
from seaward.feeds.mapped import load_map, mapped_format
from seaward.feeds.marinecadastre import MARINECADASTRE
from seaward.feeds.nmea import NMEA
from seaward.feeds.parquet import MAGIC, read_parquet
from seaward.feeds.source import STDIN, Source
from seaward.feeds.vms import VMS

FORMATS = (COT, NMEA, MARINECADASTRE, DMA, VMS)
_SHOWN_BYTES = 120


def recognise(head: bytes) -> Format:
    """Tell the format of an input by its first bytes.

    Raises
    ------
    InputError
        If it is none of `FORMATS`.
    """
    for form in FORMATS:
        if form.recognise(head):
            return form
    line = head.lstrip().split(b"\n", 1)[0][:_SHOWN_BYTES]
    raise InputError(
        f"the input is none of {', '.join(f.name for f in FORMATS)} or Parquet; it begins with {ascii(line)[1:]}. "
        "If it is a table with other column names, say which is which with --map"
    )


class Input:
    """One input, read while it is iterated; once at its end, all attributes are final.

    Attributes
    ----------
    name, path, format
        Feed of its rows, where it lies, and what it is (`empty` where nothing is in it).
    sha256, size_bytes
        Of the bytes on disk; the size is 0 on standard input until it is read.
    counts
        Where each of its lines went.
    broken
        Why it ended early, or an empty text.
    """

    def __init__(self, path: str, options: ReadOptions, column_map: Path | None) -> None:
        self.path, self.name, self._options = path, options.feed, options
        self.counts, self.broken = LineCounts(), ""
        self._map = None if column_map is None else load_map(column_map)
        self._source = Source(path)
        self.size_bytes = self._source.size_bytes
        head = self._source.head
        try:
            check_claim("" if path == STDIN else feed_name(path), head, options.realm)
        except RealmError:
            self._source.close()
            raise
        self._format: Format | None = None
        if head[:4] == MAGIC:
            if path == STDIN or self._source.packed or not Path(path).is_file():
                self._source.close()
                raise InputError(f"{path} holds Parquet, which is read from its end: give it as a plain file, not compressed and not through a pipe")
            self.format = "parquet"
            return
        if not head.strip(b" \t\r\n\x00\xef\xbb\xbf") and not self._source.broken and len(head) < 1 << 16:
            self.format = "empty"
            return
        try:
            self._format = mapped_format(self._map) if self._map and not NMEA.recognise(head) else recognise(head)
        except InputError as e:
            self._source.close()
            why = f" (and it cannot be unpacked: {self._source.broken})" if self._source.broken else ""
            raise InputError(f"{path}: {e}{why}") from e
        self.format = self._format.name

    @property
    def share(self) -> float:
        """How much of the input is read, from 0 to 1."""
        return min(1.0, self._source.read_bytes / self.size_bytes) if self.size_bytes else 0.0

    @property
    def sha256(self) -> str:
        return self._source.sha256

    def __iter__(self) -> Iterator[Batch]:
        try:
            for batch in self._batches():
                self.counts += batch.counts
                yield batch
            if rows := [(offset, "line_too_long", f"{length} bytes") for offset, length in self._source.overlong]:
                yield self._rejected(rows, lines=len(rows))
            if self._source.broken:
                self.broken = self._source.broken
                yield self._rejected([(self._end, "truncated_input", self.broken[:200])], lines=0)
            self.size_bytes = self.size_bytes or self._source.read_bytes
        finally:
            self._source.close()

    def _batches(self) -> Iterable[Batch]:
        self._end = 0
        if self.format == "parquet":
            self._source.drain()
            return read_parquet(Path(self.path), self._options, self._map)
        if self._format is None:
            return self._blank()
        return self._format.read(self._counted(), self._options)

    def _blank(self) -> Iterator[Batch]:
        for chunk in self._counted():
            lines = chunk.data.count(b"\n") + (not chunk.data.endswith(b"\n"))
            yield replace(no_rows(self._options), counts=LineCounts(ignored=lines))

    def _counted(self) -> Iterator[Chunk]:
        for chunk in self._source.chunks():
            self._end = chunk.offset + len(chunk.data)
            yield chunk

    def _rejected(self, rows: list[tuple[int, str, str]], lines: int) -> Batch:
        counts = LineCounts(rejected=lines)
        self.counts += counts
        return replace(no_rows(self._options), rejected=rejected_table(rows, self._options), counts=counts)


def stream_form(head: bytes) -> Format:
    """The format of a feed of lines by its first bytes: COT, else NMEA."""
    return COT if COT.recognise(head) else NMEA


def feed_name(path: str) -> str:
    """The name of a file as text, also where it is not valid in the encoding of file names."""
    return os.fsencode(Path(path).name).decode("utf-8", "replace")


def read(
    path: str, realm: str, *, start_us: int | None = None, column_map: Path | None = None, messages: bool = False, feed: str | None = None
) -> Input:
    """Open an input for reading.

    Parameters
    ----------
    path
        A file (also gzip or zstd), or `-` for standard input.
    realm
        `ops`, or `ex:<drill id>`.
    start_us
        Where sentences without a time are placed [microseconds since 1970 UTC].
    column_map
        TOML that says what the columns of a CSV or Parquet file mean.
    messages
        Give every message with all its fields instead of reports and identity statements, where the format has messages.
    feed
        Name of the feed in the rows; the file's name when None.

    Raises
    ------
    InputError, MapError, RealmError
    """
    name = feed or ("stdin" if path == STDIN else feed_name(path))
    return Input(path, ReadOptions(check_realm(realm), name, start_us, messages), column_map)
