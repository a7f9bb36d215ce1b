"""What the three versions of RTZ allow: elements in their order, attributes with their kinds.

Source: IEC 61174 annex S, schemas RTZ 1.0 (2014), 1.1 and 1.2 (CIRM). Written down from them, not made of them: the schemas are not needed to run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from seaward.bridge.mistakes import Mistake
from seaward.bridge.xml_in import Node

VERSIONS = ("1.0", "1.1", "1.2")
MOST_BYTES = 400_000  # IEC 61174: of a route file
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_MANY = 1 << 30
_ENDLESS = float("inf")  # as hundreds of digits read: the schema lets them pass, no route needs them
_WHOLE = re.compile(r"\+?[0-9]{1,40}|-0+")
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_TIME = re.compile(r"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?|24:00:00(\.0+)?)(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?")
_DURATION = re.compile(r"-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")


def namespace(version: str) -> str:
    """Of a version's elements."""
    return f"http://www.cirm.org/RTZ/{version.replace('.', '/')}"


def moment(text: str) -> datetime | None:
    """An xsd:dateTime as a UTC moment, one without a zone taken as UTC; None where there is no such moment."""
    m = _MOMENT.fullmatch(text.strip())
    if m is None:
        return None
    midnight = m[4] == "24" and m[5] == m[6] == "00" and not (m[7] or "").strip(".0")
    try:
        zone = m[8] if m[8] and m[8] != "Z" else "+00:00"
        if int(zone[1:3]) * 60 + int(zone[4:]) > 14 * 60 or int(zone[4:]) > 59:
            return None
        day = datetime.fromisoformat(f"{m[1]}-{m[2]}-{m[3]}T{'00' if midnight else m[4]}:{m[5]}:{m[6]}{zone}").astimezone(UTC)
        return day + timedelta(days=int(midnight), microseconds=int(((m[7] or ".0")[1:] + "000000")[:6]))
    except (ValueError, OverflowError):
        return None


def _ranged(low: float, high: float = float("inf"), below: bool = False) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        return _DECIMAL.fullmatch(text) is not None and low <= float(text) < _ENDLESS and (float(text) < high if below else float(text) <= high)

    return fits


_KINDS: dict[str, Callable[[str], bool]] = {
    "text": lambda t: True,
    "named": lambda t: re.search("[0-9a-zA-Z]", t) is not None,
    "moment": lambda t: moment(t) is not None,
    "time": lambda t: _TIME.fullmatch(t) is not None,
    "duration": lambda t: _DURATION.fullmatch(t) is not None,
    "whole": lambda t: _WHOLE.fullmatch(t) is not None,
    "integer": lambda t: _INTEGER.fullmatch(t) is not None,
    "decimal": lambda t: _DECIMAL.fullmatch(t) is not None,
    "positive": _ranged(0.0),
    "under10": _ranged(0.0, 10.0, below=True),
    "to5": _ranged(0.0, 5.0),
    "course": _ranged(0.0, 360.0, below=True),
    "lat": _ranged(-90.0, 90.0),
    "lon": _ranged(-180.0, 180.0, below=True),
    "geometry": lambda t: t in ("Loxodrome", "Orthodrome"),
}
_KEEPS_SPACE = ("text", "named", "geometry")


@dataclass(frozen=True, slots=True)
class Rule:
    """What an element may hold; attributes with `!` must be there."""

    attributes: Mapping[str, str]
    children: tuple[tuple[tuple[str, ...], str, int, int], ...] = ()  # names, rule, least, most
    free: bool = False  # further attributes, and any children


@cache
def rules(version: str) -> dict[str, Rule]:
    """Of a version."""
    old = version == "1.0"
    span, more = ("time", "decimal") if old else ("duration", "positive")
    element = ("sheduleElement", "scheduleElement") if old else ("scheduleElement",)  # 1.0 misspells it; most makers do not
    ext = (("extensions",), "Extensions", 0, 1)
    width = "under10"
    leg = dict.fromkeys(("starboardXTD", "portsideXTD"), width)
    leg |= {"geometryType": "geometry"} | dict.fromkeys(("legReport", "legInfo", "legNote1", "legNote2"), "text")
    leg |= dict.fromkeys(("safetyContour", "safetyDepth", "speedMin", "speedMax", "draughtForward", "draughtAft"), "positive")
    leg |= dict.fromkeys(("staticUKC", "dynamicUKC", "masthead"), "positive")
    info = {"routeName!": "text", "validityPeriodStart": "moment", "validityPeriodStop": "moment", "vesselMaxWind": "decimal" if old else "positive"}
    info |= dict.fromkeys(("routeAuthor", "routeStatus", "vesselName", "vesselVoyage", "optimizationMethod"), "text")
    info |= dict.fromkeys(("vesselMMSI", "vesselIMO", "vesselDisplacement", "vesselCargo", "vesselMaxRoll"), "whole")
    info |= dict.fromkeys(("vesselGM", "vesselMaxWave", "vesselSpeedMax", "vesselServiceMin", "vesselServiceMax"), "positive")
    info |= {"routeChangesHistory": "positive" if old else "text"}  # so 1.0 has it
    timing = {"waypointId!": "whole", "etd": "moment", "eta": "moment", "stay": span, "speed": "positive", "speedWindow": more, "Note": "text"}
    timing |= dict.fromkeys(("etdWindowBefore", "etdWindowAfter", "etaWindowBefore", "etaWindowAfter"), span)
    timing |= dict.fromkeys(("windSpeed", "currentSpeed", "windLoss", "waveLoss", "totalLoss"), "positive")
    timing |= {"windDirection": "course", "currentDirection": "course", "rpm": "whole", "pitch": "integer"}
    timing |= dict.fromkeys(("fuel", "relFuelSave", "absFuelSace" if old else "absFuelSave"), "decimal")
    radius = width if old else "to5"
    return {
        "Route": Rule({"version!": "text"}, ((("routeInfo",), "RouteInfo", 1, 1), (("waypoints",), "Waypoints", 1, 1),
                                             (("schedules",), "Schedules", 0, 1), ext)),
        "RouteInfo": Rule(info, (ext,)),
        "Extensions": Rule({}, free=True) if old else Rule({}, ((("extension",), "Extension", 0, _MANY),)),
        "Extension": Rule({"manufacturer!": "named", "name!": "named", "version": "named"}, free=True),
        "Waypoints": Rule({}, ((("defaultWaypoint",), "DefaultWaypoint", 0, 1), (("waypoint",), "Waypoint", 2, _MANY), ext)),
        "DefaultWaypoint": Rule({"radius": radius}, ((("leg",), "Leg", 0, 1), ext)),
        "Waypoint": Rule({"id!": "whole", "revision!" if version == "1.2" else "revision": "whole", "name": "text", "radius": radius},
                         ((("position",), "Position", 1, 1), (("leg",), "Leg", 0, 1), ext)),
        "Leg": Rule(leg, (ext,) if version == "1.2" else ()),
        "Position": Rule({"lat!": "lat", "lon!": "lon"}),
        "Schedules": Rule({}, ((("schedule",), "Schedule", 0, _MANY), ext)),
        "Schedule": Rule({"id!": "whole", "name": "text"}, ((("manual",), "Manual", 0, 1), (("calculated",), "Calculated", 0, 1), ext)),
        "Manual": Rule({}, ((element, "ScheduleElement", 1, _MANY), ext)),
        "Calculated": Rule({}, ((element, "ScheduleElement", 0, _MANY), ext)),
        "ScheduleElement": Rule(timing, (ext,)),
    }  # fmt: skip


def broken_rules(root: Node, version: str) -> Iterator[Mistake]:
    """Everything in which a route file is not as its version says."""
    yield from _broken(root, rules(version), "Route", namespace(version))


def _broken(node: Node, known: Mapping[str, Rule], name: str, space: str) -> Iterator[Mistake]:
    rule = known[name]
    kinds = {k.removesuffix("!"): kind for k, kind in rule.attributes.items()}
    for key, value in node.attributes.items():
        if key.startswith(_XSI):
            continue
        if key not in kinds:
            if not (rule.free and name == "Extension"):
                yield Mistake(node.line, "attribute", {"element": node.tag, "attribute": key, "known": ", ".join(sorted(kinds)) or "-"})
        elif not _KINDS[kinds[key]](value if kinds[key] in _KEEPS_SPACE else value.strip(" \t\r\n")):
            yield Mistake(node.line, f"kind_{kinds[key]}", {"element": node.tag, "attribute": key, "said": value})
    for key in rule.attributes:
        if key.endswith("!") and key[:-1] not in node.attributes:
            yield Mistake(node.line, "lacks", {"element": node.tag, "attribute": key[:-1]})
    if rule.free:
        return
    if node.text.strip():
        yield Mistake(node.line, "words", {"element": node.tag, "said": node.text.strip()})
    at = 0
    for child in node.children:
        places = [k for k, (names, *_) in enumerate(rule.children) if child.tag in names and child.namespace == space]
        if not places:
            known_names = ", ".join(n for names, *_ in rule.children for n in names) or "-"
            yield Mistake(child.line, "element", {"element": child.tag, "parent": node.tag, "known": known_names})
        elif places[0] < at:
            yield Mistake(child.line, "order", {"element": child.tag, "parent": node.tag})
        else:
            at = places[0]
            yield from _broken(child, known, rule.children[at][1], space)
    for names, _, least, most in rule.children:
        count = sum(c.tag in names and c.namespace == space for c in node.children)
        if count < least:
            yield Mistake(node.line, "few", {"element": names[0], "parent": node.tag, "count": count, "least": least})
        elif count > most:
            yield Mistake(node.line, "many", {"element": names[0], "parent": node.tag, "count": count})
