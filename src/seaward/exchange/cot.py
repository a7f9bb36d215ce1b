"""One Cursor on Target event -> its XML (event 2.0), or its message of TAK protocol version 1, framed for a stream or a datagram.

Both are made of the same; a drill marks itself as `core.cot` says. Source of the second: TAK protocol version 1, `TakMessage`, as `takproto` has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from seaward.core.cot import UNKNOWN, marks
from seaward.core.cot import event as made
from seaward.core.foreign_text import one_line
from seaward.exchange.release import moment


@dataclass(frozen=True, slots=True)
class CotEvent:
    """What one event says; None for unknown. Times in ms since 1970 UTC, `error_m` one sigma along each axis."""

    uid: str
    type: str
    how: str  # as it is where it is real
    realm: str
    at_ms: int
    now_ms: int
    stale_ms: int
    lon_deg: float
    lat_deg: float
    error_m: float | None
    callsign: str
    remarks: str
    mmsi: int | None = None
    speed_mps: float | None = None
    course_deg: float | None = None


def cot_xml(event: CotEvent) -> bytes:
    """The event as XML in UTF-8, without a declaration: events follow each other in a stream."""
    marked = marks(event.realm, event.how)
    times = moment(event.now_ms), moment(event.at_ms), moment(event.stale_ms)
    error = "" if event.error_m is None else f"{event.error_m:.1f}"
    top = made(event.uid, event.type, marked, times, (f"{event.lon_deg:.6f}", f"{event.lat_deg:.6f}"), error)
    detail = SubElement(top, "detail")
    SubElement(detail, "contact", callsign=marked.words + one_line(event.callsign))
    if event.speed_mps is not None and event.course_deg is not None:
        SubElement(detail, "track", speed=f"{event.speed_mps:.2f}", course=f"{event.course_deg:.1f}")
    detail.extend(_others(event, marked.words))
    return tostring(top, encoding="utf-8")


def cot_tak(event: CotEvent) -> bytes:
    """The event as a `TakMessage`, without a frame."""
    from takproto.proto.takmessage_pb2 import TakMessage  # type: ignore[attr-defined] # noqa: PLC0415 - loads slowly

    how, opex, exercise = marks(event.realm, event.how)
    message = TakMessage()
    top, detail = message.cotEvent, message.cotEvent.detail
    top.uid, top.type, top.how, top.opex = one_line(event.uid), event.type, how, opex
    top.sendTime, top.startTime, top.staleTime = event.now_ms, event.at_ms, event.stale_ms
    top.lon, top.lat, top.hae, top.le = round(event.lon_deg, 6), round(event.lat_deg, 6), UNKNOWN, UNKNOWN
    top.ce = UNKNOWN if event.error_m is None else event.error_m
    detail.contact.callsign = exercise + one_line(event.callsign)
    if event.speed_mps is not None and event.course_deg is not None:
        detail.track.speed, detail.track.course = round(event.speed_mps, 2), round(event.course_deg, 1)
    detail.xmlDetail = b"".join(tostring(e, encoding="utf-8") for e in _others(event, exercise)).decode()
    return message.SerializeToString()


def in_stream(message: bytes) -> bytes:
    """A message as it stands in a stream: 0xbf, its length as a varint."""
    length, head = len(message), bytearray([0xBF])
    while length >= 0x80:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + message


def in_datagram(message: bytes) -> bytes:
    """A message as it stands in a datagram of the mesh: 0xbf, version 1, 0xbf."""
    return b"\xbf\x01\xbf" + message


def _others(event: CotEvent, exercise: str) -> list[Element]:
    """What the messages have no field for."""
    remarks = Element("remarks")
    remarks.text = exercise + one_line(event.remarks)
    return ([] if event.mmsi is None else [Element("__ais", mmsi=f"{event.mmsi:09d}")]) + [remarks]
