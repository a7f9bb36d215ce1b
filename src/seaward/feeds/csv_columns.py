"""What the columns of one delimited input mean: from its header line, or from a map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seaward.core.errors import InputError
from seaward.feeds.csv_kernel import COG, HEADING, LAT, LON, MMSI, NAV, ROLES, SOG, TIME, TRANSCEIVER, UNKNOWN, text_hash
from seaward.feeds.csv_numbers import YMD
from seaward.feeds.csv_words import NAV_STATUS, NO_WORDS, STATIONS

ROLE_OF = {"mmsi": MMSI, "time": TIME, "lon": LON, "lat": LAT, "sog": SOG, "cog": COG, "heading": HEADING, "nav_status": NAV,
           "transceiver": TRANSCEIVER}  # fmt: skip
REQUIRED = ("mmsi", "time", "lon", "lat")
IDENTITY = ("imo", "name", "callsign", "ship_type", "length", "beam", "destination")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Units:
    """How the cells of a column are written: factors to degrees and knots, time, point, what stands for unknown."""

    time_kind: int = YMD
    time_text: str = ""  # strptime format of times the kernel does not know
    degrees: float = 1.0
    knots: float = 1.0
    point: bytes = b"."
    nulls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Column number by what it means, with all the kernel needs to know."""

    header: bytes
    names: tuple[str, ...]
    delimiter: bytes
    places: Mapping[str, int]
    units: Units = field(default_factory=Units)

    @property
    def at(self) -> NDArray[np.int64]:
        """Column number per role of the kernel, -1 where there is none."""
        at = np.full(ROLES, -1, np.int64)
        for name, role in ROLE_OF.items():
            at[role] = self.places.get(name, -1)
        return at

    @property
    def identity_places(self) -> list[int]:
        """Numbers of the identity columns, ascending."""
        return sorted({self.places[n] for n in IDENTITY if n in self.places})

    @property
    def runs(self) -> NDArray[np.int64]:
        """First and last of each run of neighbouring identity columns."""
        runs: list[list[int]] = []
        for place in self.identity_places:
            if runs and runs[-1][1] == place - 1:
                runs[-1][1] = place
            else:
                runs.append([place, place])
        return np.array(runs, np.int64).reshape(-1, 2)

    @property
    def scales(self) -> NDArray[np.float64]:
        return np.array([self.units.degrees, self.units.degrees, self.units.knots])

    @property
    def null_numbers(self) -> NDArray[np.float64]:
        """Those texts for unknown that are numbers."""
        return np.array([float(n) for n in self.units.nulls if is_number(n)], np.float64)


def is_number(text: str) -> bool:
    """Whether a text is a decimal number, with an exponent or without."""
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text, re.ASCII) is not None


def split_line(line: bytes, delimiter: bytes) -> list[bytes]:
    """Fields of one line as Python's csv module gives them; a quote that is never closed ends with the line."""
    if b'"' not in line:
        return line.split(delimiter)
    fields: list[bytes] = []
    rest = line
    while True:
        text = b""
        while rest[:1] == b'"' and (not text or text.endswith(b'"')):
            inner, _, rest = rest[1:].partition(b'"')
            text += inner + (b'"' if rest[:1] == b'"' else b"")
        plain, found, rest = rest.partition(delimiter)
        fields.append(text + plain)
        if not found:
            return fields


def header_names(line: bytes, delimiter: bytes) -> tuple[str, ...]:
    """The names in a header line."""
    return tuple(text_of(f) for f in split_line(line.removeprefix(BOM).rstrip(b"\r\n"), delimiter))


def text_of(raw: bytes) -> str:
    """UTF-8 where it is that, else Latin-1; without NULs and spaces around it."""
    raw = raw.replace(b"\x00", b"")
    try:
        return raw.decode().strip()
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip()


def plain_name(name: str) -> str:
    """A column name without case, spaces and marks: `# Timestamp` is `timestamp`, `BaseDateTime` is `basedatetime`."""
    return "".join(c for c in name.lower() if c.isalnum())


def first_line(head: bytes) -> bytes:
    """The first line that is not blank, with its end."""
    for line in head.removeprefix(BOM).splitlines(keepends=True):
        if line.strip(b" \t\r\n\x00"):
            return line
    return b""


def delimiter_of(header: bytes) -> bytes:
    """Comma, semicolon or tabulator: whichever the header has most of."""
    return max((b",", b";", b"\t", b"|"), key=header.count)


def find_columns(header: bytes, delimiter: bytes, known: Mapping[str, tuple[str, ...]], units: Units, what: str) -> Columns:
    """Find each meaning's column by the names it is known under.

    Raises
    ------
    InputError
        If a required column is not there, naming all that are missing.
    """
    names = header_names(header, delimiter)
    plain = [plain_name(n) for n in names]
    places: dict[str, int] = {}
    for meaning, aliases in known.items():
        for alias in aliases:
            if alias in plain:
                places[meaning] = plain.index(alias)
                break
    if missing := [m for m in REQUIRED if m not in places]:
        expected = "; ".join(f"{m} (as one of {', '.join(known[m])})" for m in missing)
        raise InputError(f"this {what} lacks a column for {expected}. It has: {', '.join(names)}. Say which column is which with --map")
    return Columns(header.removeprefix(BOM).rstrip(b"\r\n"), names, delimiter, places, units)


def _hash(word: bytes) -> int:
    padded = np.frombuffer(word + bytes(8), np.uint8)
    return int(text_hash(padded.ctypes.data, 0, len(word)))


def hashed(words: Mapping[str, int]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Texts and their codes, as the kernel looks them up."""
    keys = [_hash(w.encode()) for w in words]
    return np.array(keys, np.uint64), np.array(list(words.values()), np.uint8)


def status_words() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Words for a navigational status."""
    return hashed(_both_cases(NAV_STATUS))


def station_words() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Words for a kind of station."""
    return hashed(_both_cases(STATIONS))


def _both_cases(words: Mapping[str, int]) -> dict[str, int]:
    every = {**words, **dict.fromkeys(NO_WORDS, UNKNOWN)}
    return every | {w.lower(): c for w, c in every.items()}
