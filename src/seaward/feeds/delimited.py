"""Pieces of delimited text -> batches: the kernel over each piece on two threads, in order; unusual rows one by one."""

# pyright: reportCallIssue=false
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import polars as pl

from seaward.feeds.batch import Batch, Chunk, LineCounts, ReadOptions
from seaward.feeds.csv_columns import Columns, first_line, station_words, status_words
from seaward.feeds.csv_kernel import count_lines, read_rows
from seaward.feeds.csv_rows import IGNORED, Refused, read_row
from seaward.feeds.csv_tables import Parsed, Said, no_rows, rejected_table, report_table, static_table

THREADS = 2
AHEAD = 3  # pieces read before they are asked for
_PAD = 64  # bytes the kernel may look at behind a line end


class _Kernel(NamedTuple):
    columns: Columns
    status: tuple[np.ndarray, np.ndarray]
    stations: tuple[np.ndarray, np.ndarray]


class _Piece(NamedTuple):
    """Rows of one piece, and its reports: all that can be made of it alone."""

    parsed: Parsed
    reports: pl.DataFrame


def read_delimited(chunks: Iterable[Chunk], options: ReadOptions, columns_of: Callable[[bytes], Columns]) -> Iterator[Batch]:
    """Read delimited text.

    Parameters
    ----------
    chunks
        Whole lines in order; the first that is not blank is the header. An empty one asks for all that is ready.
    options
        Realm and feed of the rows.
    columns_of
        The first bytes of the input -> what its columns mean.

    Returns
    -------
    One batch per chunk, in order.
    """
    kernel: _Kernel | None = None
    said = Said()
    with ThreadPoolExecutor(THREADS, "csv") as pool:
        waiting: list[Future[_Piece]] = []
        try:
            for chunk in chunks:
                if not chunk.data:
                    while waiting and kernel is not None:
                        yield _batch(waiting.pop(0).result(), kernel.columns, said, options)
                    continue
                if kernel is None:
                    if not first_line(chunk.data):
                        yield replace(no_rows(options), counts=LineCounts(ignored=chunk.data.count(b"\n") + (not chunk.data.endswith(b"\n"))))
                        continue
                    kernel = _Kernel(columns_of(chunk.data), status_words(), station_words())
                waiting.append(pool.submit(_piece, chunk, kernel, options))
                if len(waiting) > AHEAD:
                    yield _batch(waiting.pop(0).result(), kernel.columns, said, options)
            for future in waiting:
                yield _batch(future.result(), kernel.columns, said, options)  # type: ignore[union-attr]
        finally:
            for future in waiting:
                future.cancel()


def _piece(chunk: Chunk, kernel: _Kernel, options: ReadOptions) -> _Piece:
    parsed = _parse(chunk, kernel)
    return _Piece(parsed, report_table(parsed, options))


def _batch(piece: _Piece, columns: Columns, said: Said, options: ReadOptions) -> Batch:
    """Tables of a piece; what needs the pieces before it is done here, in order."""
    parsed = piece.parsed
    statements = said.new(parsed, columns)
    counts = LineCounts(accepted=parsed.mmsi.size, ignored=parsed.ignored, rejected=len(parsed.refused))
    types = Counter({0: parsed.mmsi.size}) if parsed.mmsi.size else Counter()
    return Batch(piece.reports, static_table(statements, options), rejected_table(parsed.refused, options), counts, types)


def _parse(chunk: Chunk, kernel: _Kernel) -> Parsed:
    """Rows of one piece: in place up to its last lines, which are copied so that reading behind them is safe."""
    data = chunk.data
    cut = data.rfind(b"\n", 0, max(0, len(data) - _PAD)) + 1
    end = data[cut:] if data.endswith(b"\n") else data[cut:] + b"\n"
    parts = ((np.frombuffer(data, np.uint8), cut, chunk.offset), (np.frombuffer(end + bytes(_PAD), np.uint8), len(end), chunk.offset + cut))
    lines = [count_lines(text, limit) for text, limit, _ in parts]
    parsed, slow = Parsed.room(sum(lines)), np.empty(sum(lines), np.int64)
    parsed.data, parsed.base = chunk.data, chunk.offset
    columns, first, left = kernel.columns, 0, []
    for (text, limit, base), n in zip(parts, lines, strict=True):
        marks, line_marks = np.empty(limit + 2 * _PAD, np.int32), np.empty(n, np.int32)
        _, slow_rows = read_rows(
            text, limit, base, len(columns.names), columns.at, np.uint8(columns.delimiter[0]), np.uint8(columns.units.point[0]),
            columns.units.time_kind, columns.scales, columns.null_numbers, columns.runs, *kernel.status, *kernel.stations, marks, line_marks,
            *(a[first : first + n] for a in parsed.arrays()), slow,
        )  # type: ignore[call-arg]  # fmt: skip
        left += (slow[:slow_rows] + first).tolist()
        first += n
    if left:
        _read_slowly(parsed, left, columns)
    parsed.find_statements()
    return parsed


def _read_slowly(parsed: Parsed, rows: list[int], columns: Columns) -> None:
    """Give the rows the kernel left open their values, or take them out."""
    out: list[int] = []
    for row in rows:
        start, n = int(parsed.offset[row]) - parsed.base, int(parsed.length[row])
        line = parsed.data[start : start + n]
        got = read_row(line, columns)
        if isinstance(got, Refused):
            out.append(row)
            if got.rule == IGNORED:
                parsed.ignored += 1
            else:
                parsed.refused.append((start + parsed.base, got.rule, got.value[:200]))
        else:
            parsed.put(row, got, line, columns)
    if out:
        parsed.drop(out)
