"""MarineCadastre CSV (NOAA, United States): names before and since 2024, recognised by the header.

Source: Data Dictionary of the Nationwide AIS, https://coast.noaa.gov/data/marinecadastre/ais/data-dictionary.pdf; the names in
lower case with longitude before latitude are those of the csv2 files (ais-YYYY-MM-DD.csv.zst).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seaward.feeds.batch import Batch, Chunk, Format, ReadOptions
from seaward.feeds.csv_columns import Columns, Units, delimiter_of, find_columns, first_line, header_names, plain_name
from seaward.feeds.delimited import read_delimited

KNOWN = {
    "mmsi": ("mmsi",),
    "time": ("basedatetime",),
    "lon": ("lon", "longitude"),
    "lat": ("lat", "latitude"),
    "sog": ("sog",),
    "cog": ("cog",),
    "heading": ("heading",),
    "nav_status": ("status",),
    "transceiver": ("transceiverclass", "transceiver"),
    "imo": ("imo",),
    "name": ("vesselname",),
    "callsign": ("callsign",),
    "ship_type": ("vesseltype",),
    "length": ("length",),
    "beam": ("width",),
}
_ONLY_HERE = {"basedatetime", "transceiverclass", "vesseltype", "transceiver"}


def _columns(head: bytes) -> Columns:
    header = first_line(head)
    return find_columns(header, delimiter_of(header), KNOWN, Units(), "MarineCadastre file")


def _recognise(head: bytes) -> bool:
    header = first_line(head)
    names = {plain_name(n) for n in header_names(header, delimiter_of(header))}
    return len(names & _ONLY_HERE) + ("mmsi" in names) >= 2


def _read(chunks: Iterable[Chunk], options: ReadOptions) -> Iterator[Batch]:
    return read_delimited(chunks, options, _columns)


MARINECADASTRE = Format("marinecadastre", _recognise, _read)
