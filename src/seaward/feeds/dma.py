"""CSV of the Danish Maritime Authority: `# Timestamp` as dd/mm/yyyy, status and kinds in words, base stations and aids among the vessels.

Source: http://web.ais.dk/aisdata/!_README_information_CSV_files.txt
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seaward.feeds.batch import Batch, Chunk, Format, ReadOptions
from seaward.feeds.csv_columns import Columns, Units, delimiter_of, find_columns, first_line, header_names, plain_name
from seaward.feeds.csv_numbers import DMY
from seaward.feeds.delimited import read_delimited

KNOWN = {
    "time": ("timestamp",),
    "transceiver": ("typeofmobile",),
    "mmsi": ("mmsi",),
    "lat": ("latitude",),
    "lon": ("longitude",),
    "nav_status": ("navigationalstatus",),
    "sog": ("sog",),
    "cog": ("cog",),
    "heading": ("heading",),
    "imo": ("imo",),
    "callsign": ("callsign",),
    "name": ("name",),
    "ship_type": ("shiptype",),
    "beam": ("width",),
    "length": ("length",),
    "destination": ("destination",),
}


def _columns(head: bytes) -> Columns:
    header = first_line(head)
    return find_columns(header, delimiter_of(header), KNOWN, Units(time_kind=DMY), "file of the Danish Maritime Authority")


def _recognise(head: bytes) -> bool:
    header = first_line(head)
    names = {plain_name(n) for n in header_names(header, delimiter_of(header))}
    return "typeofmobile" in names and bool(names & {"mmsi", "timestamp"})


def _read(chunks: Iterable[Chunk], options: ReadOptions) -> Iterator[Batch]:
    return read_delimited(chunks, options, _columns)


DMA = Format("dma", _recognise, _read)
