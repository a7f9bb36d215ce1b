"""One Cursor on Target event, as XML or as a TAK protocol message -> what it says, or that it cannot be read. Pure.

Source: CoT base event schema 2.0 (MITRE, public release); TAK protocol version 1, `TakMessage`, as `takproto` has it. 9999999 stands for unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from google.protobuf.message import DecodeError
from takproto.proto.takmessage_pb2 import TakMessage  # type: ignore[attr-defined]

from seaward.core.cot import UNKNOWN
from seaward.core.foreign_text import one_line
from seaward.core.units import at_to_us

_UID_MMSI = re.compile(r"(?:MMSI|AIS)[-.:_ ]?(\d{9})", re.IGNORECASE)
_NINE = re.compile(r"\d{9}")
_OPEX = re.compile(r"[es](?:-(.*))?", re.DOTALL | re.IGNORECASE)
_SAID = re.compile(r"EXERCISE\s+ex:([a-z0-9][a-z0-9_-]{0,62})|^\s*EXERCISE\b")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """What one event says; None for unknown.

    `drills` are the drills it marks itself with: empty where it is real, and an empty name where it says that it is an exercise but not of which.
    """

    uid: str
    type: str
    at_us: int | None
    lon_deg: float | None
    lat_deg: float | None
    speed_mps: float | None
    course_deg: float | None
    callsign: str
    mmsi: int | None
    drills: frozenset[str]


def read_xml(data: bytes) -> Heard | None:
    """An event from XML; None where it is none. Definitions of types and entities are not read."""
    try:
        event = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    if event.tag != "event":
        return None
    get, point, detail = event.get, event.find("point"), event.find("detail")
    at = _moment(get("start")), _moment(get("time"))
    parts = [] if detail is None else [*detail]
    track = _first(parts, "track")
    return _heard(
        get("uid", ""), get("type", ""), get("how", ""), get("opex", ""), at, ("", "") if point is None else (point.get("lon"), point.get("lat")),
        (track.get("speed"), track.get("course")) if track is not None else (None, None), _callsign(parts), parts,
    )  # fmt: skip


def read_tak(data: bytes) -> Heard | None:
    """An event from the message within the frame of TAK protocol version 1; None where it is none."""
    message = TakMessage()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    if not message.HasField("cotEvent"):
        return None
    event, detail = message.cotEvent, message.cotEvent.detail
    try:
        parts = [*fromstring(f"<detail>{detail.xmlDetail}</detail>", forbid_dtd=True)] if detail.xmlDetail else []
    except (ParseError, DefusedXmlException, ValueError):
        parts = []  # what has no place of its own in the message; the rest of it stands
        if "EXERCISE" in detail.xmlDetail:
            return None
    track = (detail.track.speed, detail.track.course) if detail.HasField("track") else (None, None)
    at = (event.startTime * 1000 or None, event.sendTime * 1000 or None)
    return _heard(event.uid, event.type, event.how, event.opex, at, (event.lon, event.lat), track, detail.contact.callsign or _callsign(parts), parts)


def _heard(
    uid: str, kind: str, how: str, opex: str, at: tuple[int | None, int | None], place: tuple[object, object], track: tuple[object, object],
    callsign: str, parts: list[Element],
) -> Heard:  # fmt: skip
    """`at` is since when it holds and when it was made: the fix is from the first, unless that lies behind the second."""
    start, made = at
    lon, lat = _number(place[0]), _number(place[1])
    remarks = _first(parts, "remarks")
    drills = frozenset(_drills(how, opex, (callsign, "" if remarks is None else remarks.text or "")))
    return Heard(
        one_line(uid)[:_LONGEST], one_line(kind)[:_LONGEST], made if start is None or (made is not None and start > made) else start, lon, lat,
        _number(track[0]), _number(track[1]), one_line(callsign)[:_LONGEST], _mmsi(uid, parts), drills - {""} or drills,
    )  # fmt: skip


def _drills(how: str, opex: str, said: tuple[str, ...]) -> Iterator[str]:
    """Marks in the order of the standard; those in words stand also where a router drops attributes that it does not know."""
    if found := _OPEX.fullmatch(opex.strip()):
        yield (found[1] or "").lower()
    if how.strip().lower().startswith("m-s"):
        yield ""
    for text in said:
        yield from (found[1] or "" for found in _SAID.finditer(text))


def _mmsi(uid: str, parts: list[Element]) -> int | None:
    """The number that an event names, in its uid (as AIS gateways to TAK write it) or as an attribute of its detail."""
    if found := _UID_MMSI.fullmatch(uid.strip()):
        return int(found[1])
    for part in parts:
        for name, value in part.items():
            if name.lower() == "mmsi" and _NINE.fullmatch(value.strip()):
                return int(value)
    return None


def _first(parts: list[Element], tag: str) -> Element | None:
    return next((p for p in parts if p.tag == tag), None)


def _callsign(parts: list[Element]) -> str:
    contact = _first(parts, "contact")
    return "" if contact is None else contact.get("callsign", "")


def _number(said: object) -> float | None:
    try:
        value = float(said)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) and abs(value) < UNKNOWN else None


def _moment(text: str | None) -> int | None:
    """Microseconds since 1970 UTC; a time without a zone is UTC."""
    try:
        at = datetime.fromisoformat((text or "").strip())
        return at_to_us(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
