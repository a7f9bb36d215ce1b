"""Columns the kernel filled -> the tables of a batch, without a Python object per row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np
import polars as pl

from seaward.core.tables import NAME, REJECTED, REPORTS, STATIC
from seaward.feeds.batch import Batch, LineCounts, ReadOptions
from seaward.feeds.bitmaps import measured, numbers
from seaward.feeds.csv_columns import Columns, split_line
from seaward.feeds.csv_kernel import UNKNOWN, changes
from seaward.feeds.csv_rows import Identity, Row, read_identity, station

_FIRST_SAID = 1 << 12  # places for MMSI before the table grows


@dataclass(slots=True)
class Parsed:
    """Rows of one piece of an input, column by column, and what became of its other lines."""

    mmsi: np.ndarray
    at_us: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    sog: np.ndarray
    cog: np.ndarray
    heading: np.ndarray
    nav: np.ndarray
    kind: np.ndarray
    offset: np.ndarray
    length: np.ndarray
    said: np.ndarray
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    ignored: int = 0
    base: int = 0
    data: bytes = b""
    saying: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))  # rows whose identity differs from the one before in this piece

    @staticmethod
    def room(rows: int) -> Parsed:
        """Columns for so many rows, not yet filled."""
        return Parsed(*[np.empty(rows, dtype) for dtype in _DTYPES])  # type: ignore[arg-type]

    def arrays(self) -> list[np.ndarray]:
        return [getattr(self, f.name) for f in fields(self)[: len(_DTYPES)]]

    def put(self, row: int, values: Row, line: bytes, columns: Columns) -> None:
        """Give a row its values."""
        for array, value in zip(self.arrays()[:9], values, strict=True):
            array[row] = value
        self.said[row] = _identity_hash(line, columns)

    def drop(self, rows: Sequence[int]) -> None:
        """Take rows out."""
        keep = np.ones(self.mmsi.size, bool)
        keep[list(rows)] = False
        for f in fields(self)[: len(_DTYPES)]:
            setattr(self, f.name, getattr(self, f.name)[keep])

    def find_statements(self) -> None:
        """Fill `saying`."""
        if not self.said.any():
            return
        keys, values = _table(self.mmsi.size)
        chosen = np.empty(self.mmsi.size, np.bool_)
        changes(self.mmsi, self.said, keys, values, chosen)
        self.saying = np.flatnonzero(chosen)


_DTYPES = (np.uint32, np.int64, np.float64, np.float64, np.float32, np.float32, np.float32, np.uint8, np.uint8, np.int64, np.int32, np.uint64)


def _identity_hash(line: bytes, columns: Columns) -> int:
    cells = split_line(line, columns.delimiter)
    said = [cells[place] for place in columns.identity_places]
    return int.from_bytes(hashlib.blake2b(b"\x1f".join(said), digest_size=8).digest(), "little") | 1 if any(said) else 0


def _table(vessels: int) -> tuple[np.ndarray, np.ndarray]:
    size = max(_FIRST_SAID, 1 << (2 * vessels).bit_length())
    return np.zeros(size, np.uint32), np.zeros(size, np.uint64)


class Statement(NamedTuple):
    """One identity statement, and where it was said."""

    offset: int
    length: int
    at_us: int
    mmsi: int
    identity: Identity
    transceiver: str | None


class Said:
    """What each vessel last said of itself in this input: only what differs from it is a new statement."""

    def __init__(self) -> None:
        self._vessels = 0
        self._keys, self._values = _table(0)

    def new(self, parsed: Parsed, columns: Columns) -> list[Statement]:
        """Statements of a piece that differ from the last of their vessel; pieces must come in order."""
        if not parsed.saying.size:
            return []
        chosen = self.differs(parsed.mmsi[parsed.saying], parsed.said[parsed.saying])
        return [_statement(parsed, row, columns) for row in parsed.saying[chosen].tolist()]

    def differs(self, mmsi: np.ndarray, said: np.ndarray) -> np.ndarray:
        """Whether each vessel says something else than it last did; rows must come in order, and hashes of 0 say nothing."""
        if 2 * (self._vessels + mmsi.size) > self._keys.size:
            known = self._keys > 0
            old_mmsi, old_said = self._keys[known] - np.uint32(1), self._values[known]
            self._keys, self._values = _table(2 * (self._vessels + mmsi.size))
            changes(old_mmsi, old_said, self._keys, self._values, np.empty(old_mmsi.size, np.bool_))
        chosen = np.empty(mmsi.size, np.bool_)
        self._vessels += changes(mmsi, said, self._keys, self._values, chosen)
        return chosen


def _statement(parsed: Parsed, row: int, columns: Columns) -> Statement:
    offset, length = int(parsed.offset[row]), int(parsed.length[row])
    line = parsed.data[offset - parsed.base : offset - parsed.base + length]
    return Statement(offset, length, int(parsed.at_us[row]), int(parsed.mmsi[row]), read_identity(line, columns), station(int(parsed.kind[row])))


def report_table(parsed: Parsed, options: ReadOptions) -> pl.DataFrame:
    """`REPORTS` of a piece; a report of a table has one time, which is both times."""
    rows = parsed.mmsi.size
    at = numbers("reported_at", parsed.at_us).cast(REPORTS.schema["reported_at"])
    return pl.DataFrame([
        _constant("realm", options.realm, rows),
        _constant("feed", options.feed, rows),
        numbers("raw_offset", parsed.offset),
        numbers("raw_length", parsed.length),
        at.alias("received_at"),
        at,
        pl.Series("message_type", [0], pl.UInt8).new_from_index(0, rows),
        numbers("mmsi", parsed.mmsi),
        measured("lon_deg", parsed.lon),
        measured("lat_deg", parsed.lat),
        measured("sog_kn", parsed.sog),
        measured("cog_deg", parsed.cog),
        measured("heading_deg", parsed.heading),
        _code("nav_status", parsed.nav),
        pl.Series("second", [None], pl.UInt8).new_from_index(0, rows),
        _code("transceiver", parsed.kind).cat.to(REPORTS.schema["transceiver"]),
    ])  # fmt: skip


def _constant(name: str, value: str, rows: int) -> pl.Series:
    return pl.Series(name, [value], NAME).new_from_index(0, rows)


def _code(name: str, codes: np.ndarray) -> pl.Series:
    series = numbers(name, codes)
    known = series != UNKNOWN
    return series if known.all() else series.set(~known, None)


def static_table(statements: Sequence[Statement], options: ReadOptions) -> pl.DataFrame:
    """`STATIC` of identity statements."""
    rows = [
        (options.realm, options.feed, s.offset, s.length, s.at_us, s.mmsi, *s.identity, s.transceiver)
        for s in statements
    ]  # fmt: skip
    schema = dict(STATIC.schema) | {"reported_at": pl.Int64(), "realm": pl.String(), "feed": pl.String()}
    return pl.DataFrame(rows, schema, orient="row").cast(dict(STATIC.schema)) if rows else STATIC.empty()  # type: ignore[arg-type]


def rejected_table(refused: Sequence[tuple[int, str, str]], options: ReadOptions) -> pl.DataFrame:
    """`REJECTED` of (offset, rule, value)."""
    if not refused:
        return REJECTED.empty()
    offsets, rules, values = zip(*refused, strict=True)
    rows = {"realm": _constant("realm", options.realm, len(refused)), "feed": _constant("feed", options.feed, len(refused)),
            "raw_offset": offsets, "rule": rules, "value": values}  # fmt: skip
    return pl.DataFrame(rows, dict(REJECTED.schema))


def no_rows(options: ReadOptions) -> Batch:
    """A batch without any row."""
    return Batch(report_table(Parsed.room(0), options), STATIC.empty(), REJECTED.empty(), LineCounts())
