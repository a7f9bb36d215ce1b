"""A CSV file of ports, anchorages and landing places -> places, a word on what looks odd, and the rows refused."""

from __future__ import annotations

import csv
import io
import math
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seaward.chart.places import Places
from seaward.chart.shore import inland_m
from seaward.core.errors import InputError
from seaward.core.foreign_text import decimal_commas, one_line
from seaward.core.whole_file import whole_file

FAR_INLAND_M = 20_000.0  # ours: beyond the 5 km by which the packaged shore may be off, within the 24 km it tells apart; river and lake ports
_NAMES = {
    "name": ("name", "nombre", "label", "port", "puerto", "port_name", "anchorage", "sublabel"),
    "latitude": ("latitude", "lat", "latitud", "lat_deg", "y"),
    "longitude": ("longitude", "lon", "long", "lng", "longitud", "lon_deg", "x"),
    "kind": ("category", "type", "kind", "tipo", "categoria", "categoría"),
}


@dataclass(slots=True)
class PlacesFile:
    """What one file gave: places; notes and refusals as (number of the row below the header from 1, rule, text)."""

    name: str
    places: Places
    notes: list[tuple[int, str, str]] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def read_places(path: str | os.PathLike[str]) -> PlacesFile:
    """Read named places.

    Parameters
    ----------
    path
        CSV with a header, also gzip: separated by commas, semicolons or tabs; UTF-8 or Latin-1. Columns are found by common names (name, label,
        nombre; latitude, lat; longitude, lon; category, type, kind), whatever their case and order.

    Returns
    -------
    PlacesFile: usable places, in the order of the file; what was refused, and what was kept but looks odd.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or holds no usable row.
    """
    path = Path(path)
    text = _text(path)
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    if separator == "," and decimal_commas(text):
        raise InputError(f"{path} has decimal commas where commas also separate; save it with points, or with semicolons between the columns")
    rows = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=separator)
    try:
        header = [h.strip().lower() for h in next(rows, [])]
        at = {what: next((header.index(n) for n in names if n in header), -1) for what, names in _NAMES.items()}
        if missing := [what for what in ("name", "latitude", "longitude") if at[what] < 0]:
            wanted = "; ".join(f"{what} ({', '.join(_NAMES[what])})" for what in missing)
            raise InputError(f"{path} has no column for {wanted}; its columns are {', '.join(header)[:200] or 'none'}")
        return _places(path, rows, at, separator)
    except csv.Error as e:
        raise InputError(f"{path} is not a CSV file of places ({e}); give one with a header and the columns name, latitude and longitude") from e


def _places(path: Path, rows, at: dict[str, int], separator: str) -> PlacesFile:  # type: ignore[no-untyped-def]
    names: list[str] = []
    kinds: list[str] = []
    numbers: list[int] = []
    lons: list[float] = []
    lats: list[float] = []
    refused: list[tuple[int, str, str]] = []
    for number, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row):
            continue
        said = {what: row[k].strip() if 0 <= k < len(row) else "" for what, k in at.items()}
        lat, lon = (_degrees(said[c], separator) for c in ("latitude", "longitude"))
        if not abs(lat) <= 90:
            refused.append((number, "port.latitude", f"{said['name']}: {said['latitude']}"))
        elif not abs(lon) <= 180:
            refused.append((number, "port.longitude", f"{said['name']}: {said['longitude']}"))
        elif lat == lon == 0:
            refused.append((number, "port.position", f"{said['name']}: 0, 0"))
        elif not one_line(said["name"]):
            refused.append((number, "port.name", separator.join(row)))
        else:
            names.append(one_line(said["name"])[:120])
            kinds.append(one_line(said["kind"])[:60])
            numbers.append(number)
            lons.append((lon + 180) % 360 - 180)
            lats.append(lat)
    if not names:
        why = f"row {refused[0][0]}: {refused[0][2][:100]}" if refused else "it has no rows"
        raise InputError(f"{path} holds no usable place ({why}); give a name, a latitude and a longitude in decimal degrees (WGS84) in each row")
    places = Places(tuple(names), np.array(lons), np.array(lats), tuple(kinds))
    inland = inland_m(places.lon_deg, places.lat_deg)
    odd = np.flatnonzero(inland > FAR_INLAND_M).tolist()
    notes = [(numbers[k], "port.inland", names[k]) for k in odd]
    return PlacesFile(path.name.removesuffix(".gz").rsplit(".", 1)[0], places, notes, refused)


def _degrees(text: str, separator: str) -> float:
    """Decimal degrees; with a decimal comma where commas do not separate. Not a number where it cannot be read."""
    try:
        return float(text if separator == "," else text.replace(",", "."))
    except ValueError:
        return math.nan


def _text(path: Path) -> str:
    raw = whole_file(path, "name a CSV file of ports")
    if b"\0" in raw[:1000]:
        raise InputError(f"{path} is not text; give a CSV file with the columns name, latitude and longitude")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
