"""Any CSV or Parquet file by a small TOML map that says what its columns mean.

delimiter = ";"            # of a CSV; else found by itself
decimal = ","              # else "."
time = "%d-%m-%Y %H:%M"    # "iso" (default), "dmy", "mdy", "epoch_s", "epoch_ms", or a strptime format
speed_unit = "km/h"        # "kn" (default), "m/s"
position_unit = "degree"   # or "minute/10000"
nulls = ["NA", "-999"]     # what stands for unknown, beside an empty cell
[columns]                  # meaning = "column of the file"
mmsi = "Boat"
time = "When"
lon = "X"
lat = "Y"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from seaward.core.errors import MapError
from seaward.core.units import NM_M
from seaward.feeds.batch import Batch, Chunk, Format, ReadOptions
from seaward.feeds.csv_columns import BOM, IDENTITY, REQUIRED, ROLE_OF, Columns, Units, delimiter_of, first_line, header_names
from seaward.feeds.csv_numbers import DMY, EPOCH_MS, EPOCH_S, MDY, OTHER_TIME, YMD
from seaward.feeds.delimited import read_delimited

MEANINGS = (*ROLE_OF, *IDENTITY)
_KEYS = ("columns", "delimiter", "decimal", "time", "speed_unit", "position_unit", "nulls")
_TIMES = {"iso": YMD, "dmy": DMY, "mdy": MDY, "epoch_s": EPOCH_S, "epoch_ms": EPOCH_MS}
_KNOTS = {"kn": 1.0, "m/s": 3600.0 / NM_M, "km/h": 1000.0 / NM_M}
_DEGREES = {"degree": 1.0, "minute/10000": 1 / 600_000}


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A map as it was read: column name by meaning, and how the cells are written."""

    path: Path
    columns: dict[str, str]
    delimiter: bytes | None
    units: Units


def load_map(path: Path) -> ColumnMap:
    """Read a map.

    Raises
    ------
    MapError
        If it cannot be read, or says something that is not known.
    """
    try:
        return read_map(path.read_text(encoding="utf-8"), path)
    except OSError as e:
        raise MapError(f"the column map {path} cannot be read ({e.strerror})") from e
    except UnicodeDecodeError as e:
        raise MapError(f"the column map {path} is not TOML: {e}") from e


def read_map(text: str, path: Path) -> ColumnMap:
    """The map that a text says; `path` is its name in messages. MapError as in `load_map`."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise MapError(f"the column map {path} is not TOML: {e}") from e

    def choose(key: str, default: Any, what: Iterable[str] | None = None) -> Any:
        value = given.get(key, default)
        if not isinstance(value, type(default)) or (what is not None and value not in what):
            raise MapError(f"the column map {path} has {key} = {value!r}; expected {' or '.join(map(repr, what)) if what else 'a text'}")
        return value

    if unknown := sorted(set(given) - set(_KEYS)):
        raise MapError(f"the column map {path} has the unknown key {', '.join(unknown)}; known are {', '.join(_KEYS)}")
    columns = given.get("columns")
    if not isinstance(columns, dict) or not all(isinstance(v, str) for v in columns.values()):
        raise MapError(f'the column map {path} needs a table [columns] of lines such as mmsi = "name in the file"')
    if unknown := sorted(set(columns) - set(MEANINGS)):
        raise MapError(f"the column map {path} has the unknown meaning {', '.join(unknown)} in [columns]; known are {', '.join(MEANINGS)}")
    if missing := [m for m in REQUIRED if m not in columns]:
        raise MapError(f"the column map {path} does not say which column is {', '.join(missing)}; {', '.join(REQUIRED)} are needed")
    time, delimiter, nulls = choose("time", "iso"), choose("delimiter", ""), choose("nulls", [])
    if time not in _TIMES and "%" not in time:
        raise MapError(f"the column map {path} has time = {time!r}; expected {', '.join(_TIMES)} or a format such as '%d-%m-%Y %H:%M'")
    if "%" in time and not _is_format(time):
        raise MapError(f"the column map {path} has time = {time!r}, which tells no date; write one such as '%d-%m-%Y %H:%M'")
    if len(delimiter.encode()) > 1 or delimiter in ('"', "\n", "\r"):
        raise MapError(f"the column map {path} has delimiter = {delimiter!r}; expected one character such as ';'")
    if not all(isinstance(n, str) for n in nulls):
        raise MapError(f'the column map {path} has nulls = {nulls!r}; expected texts such as ["NA", "-999"]')
    units = Units(
        time_kind=_TIMES.get(time, OTHER_TIME),
        time_text=time,
        degrees=_DEGREES[choose("position_unit", "degree", _DEGREES)],
        knots=_KNOTS[choose("speed_unit", "kn", _KNOTS)],
        point=choose("decimal", ".", (".", ",")).encode(),
        nulls=tuple(nulls),
    )
    return ColumnMap(path, dict(columns), delimiter.encode() or None, units)


def _is_format(pattern: str) -> bool:
    """Whether a strptime pattern tells the date of a time it has written."""
    at = datetime(2021, 11, 23, 14, 35)
    try:
        return datetime.strptime(at.strftime(pattern), pattern).date() == at.date()
    except (ValueError, re.error):
        return False


def places_of(column_map: ColumnMap, names: Iterable[str]) -> dict[str, int]:
    """Column number by meaning.

    Raises
    ------
    MapError
        If the file lacks a column the map names.
    """
    there = list(names)
    if missing := [f"{c} (for {m})" for m, c in column_map.columns.items() if c not in there]:
        raise MapError(f"the column map {column_map.path} names columns the file does not have: {', '.join(missing)}. It has: {', '.join(there)}")
    return {m: there.index(c) for m, c in column_map.columns.items()}


def mapped_format(column_map: ColumnMap) -> Format:
    """The format a map describes."""
    return Format("mapped", lambda head: True, partial(_read, column_map))


def _read(column_map: ColumnMap, chunks: Iterable[Chunk], options: ReadOptions) -> Iterator[Batch]:
    return read_delimited(chunks, options, partial(_columns, column_map))


def _columns(column_map: ColumnMap, head: bytes) -> Columns:
    header = first_line(head)
    delimiter = column_map.delimiter or delimiter_of(header)
    names = header_names(header, delimiter)
    return Columns(header.removeprefix(BOM).rstrip(b"\r\n"), names, delimiter, places_of(column_map, names), column_map.units)
