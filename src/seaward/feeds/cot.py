"""Lines with Cursor on Target events (see `cot_stream`) -> reports of vessels; everything else they tell of is refused with its reason.

A unit or contact on the sea surface whose MMSI is known becomes a report, and its call sign a name. Chat, drawings, units ashore and in the air are
counted as refused: they are no tracks of vessels. What is marked as of a drill never enters the real sea, and the other way round.
"""

from __future__ import annotations

import io
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from seaward.core.realm import drill_of
from seaward.core.tables import TRANSCEIVERS
from seaward.core.units import mps_to_kn
from seaward.feeds.batch import EARLIEST_US, LATEST_US, Batch, Chunk, Format, LineCounts, ReadOptions
from seaward.feeds.cot_event import Heard, read_tak, read_xml
from seaward.feeds.csv_rows import Identity
from seaward.feeds.csv_tables import Parsed, Statement, rejected_table, report_table, static_table

RULES: Final = ("cot_unreadable", "cot_exercise", "cot_not_exercise", "cot_other_drill", "cot_own", "cot_kind", "cot_place", "cot_mmsi",
                "time", "time_out_of_range", "position_range", "line_too_long")  # fmt: skip
_LINE = re.compile(rb"(?:mmsi=(\d{9}) )?(?:<\?xml[^>]{0,200}\?>\s*)?(?:(<event[\s/>].*)|tak1:([A-Za-z0-9+/=]*))\s*", re.DOTALL)
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:(?:mmsi=\d{9} )?(?:<event[\s/>]|<\?xml[^>]{0,200}\?>\s*<event[\s/>]|tak1:)|cot-junk:)")
_AT_SEA = re.compile(r"a-[a-z.]-S(-.*)?", re.DOTALL)  # an atom in the battle dimension "sea surface" (CoT type tree)
_CONTROL = "t-"  # pings and the like
_OTHER = "other"
_SHOWN = 200


def _recognise(head: bytes) -> bool:
    return _HEAD.match(head) is not None


def _read(chunks: Iterable[Chunk], options: ReadOptions) -> Iterator[Batch]:
    names: dict[int, str] = {}
    for chunk in chunks:
        yield _batch(chunk, options, names)


def _batch(chunk: Chunk, options: ReadOptions, names: dict[int, str]) -> Batch:
    rows: list[tuple[int, int, int, Heard]] = []
    refused: list[tuple[int, str, str]] = []
    counts, at = LineCounts(), chunk.offset
    for line in io.BytesIO(chunk.data):
        if not line.strip() or line.startswith(b"#"):
            counts.ignored += 1
        else:
            found = _row(line, options.realm)
            if isinstance(found, str):
                counts.other += 1
            elif isinstance(found[0], str):
                refused.append((at, *found))  # type: ignore[arg-type]
                counts.rejected += 1
            else:
                rows.append((at, len(line.rstrip(b"\r\n")), *found))  # type: ignore[arg-type]
                counts.accepted += 1
        at += len(line)
    said = []
    for offset, length, mmsi, heard in rows:
        if heard.callsign and names.get(mmsi) != heard.callsign:
            names[mmsi] = heard.callsign
            identity = Identity(None, heard.callsign, None, None, None, None, None)
            said.append(Statement(offset, length, heard.at_us or 0, mmsi, identity, "other"))
    return Batch(report_table(_parsed(rows), options), static_table(said, options), rejected_table(refused, options), counts)


def _row(line: bytes, realm: str) -> tuple[int, Heard] | tuple[str, str] | str:
    """MMSI and what was heard; or the rule it breaks and the text; or `other`."""
    form = _LINE.fullmatch(line)
    text = line[:_SHOWN].strip().decode("utf-8", "replace")
    if form is None:
        return "cot_unreadable", text
    try:
        heard = read_xml(form[2]) if form[2] is not None else read_tak(b64decode(form[3], validate=True))
    except ValueError:  # of base64
        heard = None
    if heard is None:
        return "cot_unreadable", text
    shown = f"{heard.uid} {heard.type} {heard.callsign}"[:_SHOWN]
    if heard.type.startswith(_CONTROL):
        return _OTHER
    if rule := _of_realm(heard.drills, realm):
        return rule, shown
    if heard.uid.startswith("seaward."):
        return "cot_own", shown
    if not _AT_SEA.fullmatch(heard.type):
        return "cot_kind", shown
    mmsi = int(form[1]) if form[1] else heard.mmsi
    if mmsi is None:
        return "cot_mmsi", shown
    if heard.at_us is None:
        return "time", shown
    if not EARLIEST_US <= heard.at_us <= LATEST_US:
        return "time_out_of_range", shown
    if heard.lon_deg is None or heard.lat_deg is None or heard.lon_deg == heard.lat_deg == 0.0:  # what phones say without a fix
        return "cot_place", shown
    if not (-180.0 <= heard.lon_deg <= 180.0 and -90.0 <= heard.lat_deg <= 90.0):
        return "position_range", shown
    return mmsi, heard


def _of_realm(drills: frozenset[str], realm: str) -> str:
    """Why it may not enter this realm; an empty text where it may."""
    drill = drill_of(realm)
    if not drill:
        return "cot_exercise" if drills else ""
    if not drills:
        return "cot_not_exercise"
    return "" if drills == {drill} else "cot_other_drill"


def _parsed(rows: list[tuple[int, int, int, Heard]]) -> Parsed:
    parsed = Parsed.room(len(rows))
    for n, (offset, length, mmsi, heard) in enumerate(rows):
        sog_kn = np.nan if heard.speed_mps is None else mps_to_kn(heard.speed_mps)
        course = np.nan if heard.course_deg is None else heard.course_deg % 360.0
        moving = sog_kn if 0.0 <= sog_kn <= 102.2 else np.nan, course if course <= 359.95 else 0.0 if course < 360.0 else np.nan
        where = mmsi, heard.at_us, heard.lon_deg, heard.lat_deg, *moving, np.nan
        values = (*where, 255, TRANSCEIVERS.index("other"), offset, length, 0)
        for array, value in zip(parsed.arrays(), values, strict=True):
            array[n] = value
    return parsed


COT = Format("cot", _recognise, _read)
