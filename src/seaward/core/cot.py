"""What every Cursor on Target event has, whoever writes it: the marks of a drill, and the event with its times and place. Pure.

A drill marks itself four times, as routers drop what they do not know (taky drops `opex`): `opex` of an exercise, `how` simulated, and EXERCISE
before the call sign and before the remarks.

Source: CoT base event schema 2.0 (MITRE, public release): uid, type, time, start, stale, how; point lat, lon, hae, ce, le; 9999999 is unknown.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from seaward.core.foreign_text import one_line
from seaward.core.realm import drill_of

UNKNOWN = 9_999_999.0


class Marks(NamedTuple):
    """`how`, `opex` (empty where it is real), and what stands before call sign and remarks (empty where it is real)."""

    how: str
    opex: str
    words: str


def marks(realm: str, how: str) -> Marks:
    """The marks of an event.

    Parameters
    ----------
    realm
        `ops`, or `ex:<drill id>`.
    how
        As it is where it is real.
    """
    drill = drill_of(realm)
    return Marks("m-s", f"e-{drill}", f"EXERCISE {realm} ") if drill else Marks(how, "", "")


def event(uid: str, kind: str, marked: Marks, times: tuple[datetime, datetime, datetime], place: tuple[str, str], error: str = "") -> Element:
    """The event and its point, without details.

    Parameters
    ----------
    uid, kind
        What it is, and its type.
    marked
        By `marks`.
    times
        When it was made, from when on it holds, and until when; UTC.
    place
        Longitude and latitude [degree], WGS84, as they are to be written.
    error
        Of the place [m], as it is to be written; an empty text for unknown.
    """
    top = Element("event", version="2.0", uid=one_line(uid), type=one_line(kind), how=marked.how)
    if marked.opex:
        top.set("opex", marked.opex)
    for name, at in zip(("time", "start", "stale"), times, strict=True):
        top.set(name, f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z")
    lon, lat = place
    SubElement(top, "point", lat=lat, lon=lon, hae=f"{UNKNOWN}", ce=error or f"{UNKNOWN}", le=f"{UNKNOWN}")
    return top
