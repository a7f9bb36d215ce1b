"""CSV as vessel monitoring centres export it: an identity, a time, a position, and what else there is, under many names.

The identity goes into `mmsi`: an MMSI column where there is one, else the vessel's number in that register (at most 999,999,999)
as it stands. An identity that is no such number breaks the rule `mmsi`. Times are ISO 8601 or dd/mm/yyyy, UTC unless they say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from seaward.feeds.batch import Batch, Chunk, Format, ReadOptions
from seaward.feeds.csv_columns import Columns, Units, delimiter_of, find_columns, first_line, header_names, plain_name, split_line, text_of
from seaward.feeds.csv_numbers import DMY, YMD
from seaward.feeds.delimited import read_delimited

KNOWN = {
    "mmsi": ("mmsi", "vesselid", "vesselnumber", "idvessel", "shipid", "vrn", "vesselregistration", "registration", "registrationnumber",
             "matricula", "idnave", "idembarcacion", "codigo", "vid", "id"),
    "time": ("timestamp", "datetime", "time", "datetimeutc", "timestamputc", "utc", "postime", "positiontime", "reportedat", "receivedat", "at",
             "sidatim", "fechahora", "fecha", "date"),
    "lon": ("longitude", "lon", "long", "lng", "londeg", "silong", "longitud", "x"),
    "lat": ("latitude", "lat", "latdeg", "silati", "latitud", "y"),
    "sog": ("speed", "sog", "speedkn", "sogkn", "speedknots", "sisp", "velocidad"),
    "cog": ("course", "cog", "cogdeg", "coursedeg", "sihe", "rumbo", "curso"),
    "heading": ("heading", "headingdeg", "trueheading"),
    "nav_status": ("navstatus", "navigationalstatus", "status"),
    "imo": ("imo", "imonumber", "imonr"),
    "name": ("vesselname", "name", "shipname", "nombre", "embarcacion"),
    "callsign": ("callsign", "ircs", "radiocallsign", "indicativo"),
    "length": ("length", "lengthm", "loa", "eslora"),
    "beam": ("beam", "beamm", "width", "manga"),
}  # fmt: skip
_DAY_FIRST = re.compile(r"\d\d[./-]\d\d[./-]\d{4}")


def _columns(head: bytes) -> Columns:
    header = first_line(head)
    columns = find_columns(header, delimiter_of(header), KNOWN, Units(), "file of vessel positions")
    cells = _first_row(head, columns)
    kind = DMY if cells and _DAY_FIRST.match(cells[columns.places["time"]]) else YMD
    comma = bool(cells) and columns.delimiter != b"," and any("," in cells[columns.places[n]] for n in ("lon", "lat"))
    return Columns(columns.header, columns.names, columns.delimiter, columns.places, Units(time_kind=kind, point=b"," if comma else b"."))


def _first_row(head: bytes, columns: Columns) -> list[str]:
    """Cells of the first row that has as many as the header."""
    for line in head.splitlines()[:100]:
        cells = [text_of(c) for c in split_line(line, columns.delimiter)]
        if len(cells) == len(columns.names) and cells[columns.places["lat"]][-1:].isdigit():
            return cells
    return []


def _recognise(head: bytes) -> bool:
    header = first_line(head)
    names = {plain_name(n) for n in header_names(header, delimiter_of(header))}
    there = [bool(names & set(KNOWN[m])) for m in ("mmsi", "time", "lon", "lat")]
    return sum(there) >= 3 and len(names) >= 3


def _read(chunks: Iterable[Chunk], options: ReadOptions) -> Iterator[Batch]:
    return read_delimited(chunks, options, _columns)


VMS = Format("vms", _recognise, _read)
