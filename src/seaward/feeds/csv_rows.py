"""One line of delimited text -> the values of a row, or the rule it breaks: the slow and complete reading, which the kernel must agree with."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from seaward.core.tables import TRANSCEIVERS
from seaward.core.units import at_to_us
from seaward.feeds.batch import EARLIEST_US, LATEST_US
from seaward.feeds.csv_columns import BOM, Columns, split_line, text_of
from seaward.feeds.csv_kernel import UNKNOWN
from seaward.feeds.csv_numbers import DMY, EPOCH_MS, EPOCH_S, MDY, OTHER_TIME
from seaward.feeds.csv_words import NAV_STATUS, SHIP_TYPES, STATIONS

IGNORED: Final = "ignored"
RULES: Final = ("columns", "mmsi", "time", "time_out_of_range", "longitude", "latitude", "position_range", "line_too_long", "truncated_input")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_DATE_FIRST: Final = {DMY: "%d/%m/%Y", MDY: "%m/%d/%Y"}
_STATUS: Final = {w.lower(): c for w, c in NAV_STATUS.items()}
_STATION: Final = {w.lower(): c for w, c in STATIONS.items()}


class Row(NamedTuple):
    """A report; not a number and 255 stand for unknown."""

    mmsi: int
    at_us: int
    lon_deg: float
    lat_deg: float
    sog_kn: float
    cog_deg: float
    heading_deg: float
    nav_status: int
    transceiver: int


class Refused(NamedTuple):
    """A rule broken, and the text that breaks it; rule `IGNORED` for a line that says nothing."""

    rule: str
    value: str


def read_row(line: bytes, columns: Columns) -> Row | Refused:
    """Read one line.

    Parameters
    ----------
    line
        Without its end.
    columns
        What its fields mean.
    """
    if not line.strip(b" \t\r\x00") or line == columns.header or line.removeprefix(BOM) == columns.header:
        return Refused(IGNORED, "")
    fields = split_line(line, columns.delimiter)
    if len(fields) != len(columns.names):
        return Refused("columns", text_of(line))

    def cell(name: str) -> str:
        place = columns.places.get(name, -1)
        text = text_of(fields[place]) if place >= 0 else ""
        return "" if text in columns.units.nulls else text

    def value(name: str, factor: float = 1.0) -> float:
        x = number(cell(name), columns.units.point.decode())
        return math.nan if x in columns.null_numbers else x * factor

    mmsi = value("mmsi")
    if not (0 <= mmsi <= 999_999_999 and mmsi == math.floor(mmsi)):
        return Refused("mmsi", cell("mmsi"))
    at_us = moment_us(cell("time"), columns)
    if at_us is None:
        return Refused("time", cell("time"))
    if not EARLIEST_US <= at_us <= LATEST_US:
        return Refused("time_out_of_range", cell("time"))
    lon, lat = value("lon", columns.units.degrees), value("lat", columns.units.degrees)
    for name, rule, degrees in (("lon", "longitude", lon), ("lat", "latitude", lat)):
        if math.isnan(degrees) and cell(name) and number(cell(name), columns.units.point.decode()) not in columns.null_numbers:
            return Refused(rule, cell(name))
    if math.isnan(lon) or math.isnan(lat) or lon == 181.0 or lat == 91.0:
        lon = lat = math.nan
    elif not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        return Refused("position_range", f"{cell('lon')}, {cell('lat')}")
    sog, cog, heading = value("sog", columns.units.knots), value("cog"), value("heading")
    return Row(int(mmsi), at_us, lon, lat, _within(sog, 102.2), _within(cog, 359.95), _within(heading, 359.0),
               _status(cell("nav_status"), columns), _STATION.get(cell("transceiver").lower(), UNKNOWN))  # fmt: skip


def number(text: str, point: str = ".") -> float:
    """A decimal number, with an exponent or without; anything else is not a number."""
    text = text.strip()
    if point != ".":
        text = text.replace(point, ".") if "." not in text else "?"
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def moment_us(text: str, columns: Columns) -> int | None:
    """Microseconds since 1970 UTC of a time as this input writes it; a time without a zone is UTC."""
    kind = columns.units.time_kind
    try:
        if kind in (EPOCH_S, EPOCH_MS):
            seconds = number(text, columns.units.point.decode()) * (1e6 if kind == EPOCH_S else 1e3)
            return round(seconds) if abs(seconds) < 1e18 else None
        if kind == OTHER_TIME:
            at = datetime.strptime(text, columns.units.time_text)
        elif kind in _DATE_FIRST:
            day, _, clock = text.replace("T", " ", 1).partition(" ")
            at = datetime.strptime(day.replace("-", "/").replace(".", "/"), _DATE_FIRST[kind])
            at = datetime.combine(at.date(), datetime.fromisoformat(f"2000-01-01T{clock or '00:00:00'}").timetz())
        else:
            text = text.removesuffix(" UTC")
            at = datetime.fromisoformat(text[:10].replace("/", "-").replace(".", "-") + text[10:])
        return at_to_us(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def _within(x: float, high: float) -> float:
    return x if 0.0 <= x <= high else math.nan


def _status(text: str, columns: Columns) -> int:
    x = number(text, columns.units.point.decode())
    if x in columns.null_numbers:
        return UNKNOWN
    if math.isnan(x):
        return _STATUS.get(text.lower(), UNKNOWN)
    return int(x) if 0 <= x <= 14 and x == math.floor(x) else UNKNOWN


class Identity(NamedTuple):
    """What a line says of the vessel itself; None for unknown."""

    imo: int | None
    name: str | None
    callsign: str | None
    ship_type: int | None
    length_m: float | None
    beam_m: float | None
    destination: str | None


def read_identity(line: bytes, columns: Columns) -> Identity:
    """The identity statement of a line that was accepted."""
    fields = split_line(line, columns.delimiter)

    def cell(name: str) -> str:
        place = columns.places.get(name, -1)
        text = text_of(fields[place]) if place >= 0 else ""
        return "" if text in columns.units.nulls or text.lower() in ("unknown", "undefined", "nan", "null") else text

    def size(name: str, high: float) -> float | None:
        x = number(cell(name), columns.units.point.decode())
        return x if 0 < x <= high else None

    imo = number(cell("imo").upper().removeprefix("IMO"))
    kind = number(cell("ship_type"))
    ship_type = int(kind) if math.isfinite(kind) else SHIP_TYPES.get(cell("ship_type").lower())
    return Identity(
        imo=int(imo) if 0 < imo <= 999_999_999 and imo == math.floor(imo) else None,
        name=cell("name") or None,
        callsign=cell("callsign") or None,
        ship_type=ship_type if ship_type is not None and 1 <= ship_type <= 255 else None,
        length_m=size("length", 1022),
        beam_m=size("beam", 126),
        destination=cell("destination") or None,
    )


def station(code: int) -> str | None:
    """The word for a kind of station, None where it is not known."""
    return None if code == UNKNOWN else TRANSCEIVERS[code]
