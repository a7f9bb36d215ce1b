"""A route <-> GPX 1.1. Planned speed and departure stand in OpenCPN's extensions, every waypoint has a GUID, all times in an extension of our own.

Source: GPX 1.1 schema (topografix.com/GPX/1/1); extensions guid, planned_speed and planned_departure as OpenCPN reads them.
"""

from __future__ import annotations

import uuid
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from seaward.bridge.marks import NOT_NAVIGATION, STATUS, claimed_realm
from seaward.bridge.mistakes import Mistake, RouteError
from seaward.bridge.own import NAMESPACE, backwards, origin, told_of, told_of_route, waypoint_of
from seaward.bridge.route import Route, stamp
from seaward.bridge.xml_in import Node, nodes_of
from seaward.core.foreign_text import one_line
from seaward.core.realm import is_drill

GPX = "http://www.topografix.com/GPX/1/1"
_SPACES = (GPX, "http://www.topografix.com/GPX/1/0")
_OPENCPN = "http://www.opencpn.org"
_MOST_BYTES = 4_000_000
DECIMALS = 7  # of degrees: a centimetre
_GUIDS = uuid.UUID("5ea7a2d0-0000-5000-8000-000000000000")  # names of ours


def guid(route: Route, part: str) -> str:
    """The same part of the same route has the same GUID, and no other has it."""
    return str(uuid.uuid5(_GUIDS, "\x1f".join((route.realm or "", route.plan_id, route.asset, str(route.sortie), route.name, part))))


def write_gpx(route: Route) -> bytes:
    """Write a route.

    Returns
    -------
    UTF-8. Positions to 1e-7 degree, times to the second, speeds to 0.001 kn.
    """
    root = Element("gpx", {"xmlns": GPX, "xmlns:opencpn": _OPENCPN, "xmlns:seaward": NAMESPACE, "version": "1.1", "creator": "Seaward"})
    drill = is_drill(route.realm or "")
    said = f"{STATUS} {route.realm}. {NOT_NAVIGATION}" if drill else NOT_NAVIGATION
    rte = SubElement(root, "rte")
    SubElement(rte, "name").text = route.name
    SubElement(rte, "cmt").text = said
    SubElement(rte, "desc").text = said
    SubElement(rte, "type").text = "EXERCISE" if drill else "patrol"
    more = SubElement(rte, "extensions")
    SubElement(more, "opencpn:guid").text = guid(route, "route")
    if speeds := [w.speed_kn for w in route.waypoints if w.speed_kn]:
        SubElement(more, "opencpn:planned_speed").text = f"{max(speeds):.2f}"
    if route.waypoints[0].leave:
        SubElement(more, "opencpn:planned_departure").text = stamp(route.waypoints[0].leave)
    SubElement(more, "seaward:route", told_of_route(route))
    for k, w in enumerate(route.waypoints, 1):
        lon = round((w.lon_deg + 180.0) % 360.0 - 180.0, DECIMALS)
        point = SubElement(rte, "rtept", lat=f"{w.lat_deg:.{DECIMALS}f}", lon=f"{lon if lon < 180.0 else -180.0:.{DECIMALS}f}")
        if at := w.arrive or w.leave:
            SubElement(point, "time").text = stamp(at)
        SubElement(point, "name").text = w.name
        if drill:
            SubElement(point, "desc").text = f"EXERCISE {route.realm}"
        SubElement(point, "type").text = "WPT"
        own = SubElement(point, "extensions")
        SubElement(own, "opencpn:guid").text = guid(route, str(k))
        if w.speed_kn is not None:
            SubElement(own, "opencpn:planned_speed").text = f"{w.speed_kn:.3f}"
        SubElement(own, "seaward:waypoint", told_of(w))
    indent(root, " ")
    return tostring(root, encoding="utf-8", xml_declaration=True)


def read_gpx(name: str, raw: bytes) -> Route:
    """Read the first route of a GPX file; RouteError with every mistake.

    Limits
    ------
    Tracks and single waypoints are not read. Times of other makers' points are when they were made, and are not taken for the plan's.
    """
    root = nodes_of(name, raw, _MOST_BYTES)
    if root.tag != "gpx" or root.namespace not in (*_SPACES, ""):
        raise RouteError(name, [Mistake(root.line, "not_gpx", {"element": root.tag, "namespace": root.namespace or "-"})])
    found = root.all("rte")
    if not found:
        raise RouteError(name, [Mistake(root.line, "no_route", {})])
    rte = found[0]
    wrong: list[Mistake] = []
    nodes = rte.all("rtept")
    if len(nodes) < 2:
        wrong.append(Mistake(rte.line, "few", {"element": "rtept", "parent": "rte", "count": len(nodes), "least": 2}))
    points = []
    for n in nodes:
        told = _own(n, "waypoint")
        if told.get("speed_kn") is None and (speed := _extension(n, "planned_speed", _OPENCPN)):
            told = {**told, "speed_kn": speed}
        points.append(waypoint_of(n.said("name"), n.attributes.get("lat", ""), n.attributes.get("lon", ""), told, n.line, wrong))
    whole = [p for p in points if p is not None]
    if not wrong:
        wrong += backwards(whole, [n.line for n in nodes])
    if wrong:
        raise RouteError(name, wrong)
    told, title = _own(rte, "route"), one_line(rte.said("name"))[:120]
    notes = [*(["route.note.routes"] if len(found) > 1 else []), *([] if any(p.arrive for p in whole) else ["route.note.no_times"])]
    return Route(title, claimed_realm(told.get("realm"), title, [p.name for p in whole]), tuple(whole), **origin(told), notes=tuple(notes))


def _own(node: Node, tag: str) -> dict[str, str]:
    return next((e.attributes for part in node.all("extensions") for e in part.all(tag) if e.namespace == NAMESPACE), {})


def _extension(node: Node, tag: str, space: str) -> str:
    found = (e.text.strip() for part in node.all("extensions") for e in part.all(tag) if e.namespace == space)
    return next((text for text in found if text not in ("", "-1", "-1.00", "0", "0.00")), "")
