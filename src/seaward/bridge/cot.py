"""A route <-> Cursor on Target XML (event 2.0, type b-m-r), as TAK shows it; a drill marks itself as `core.cot` says.

Source: CoT base event schema 2.0 (MITRE, public release); links of type b-m-p-w and `link_attr` as TAK clients write routes.
"""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import SubElement, tostring

from seaward.bridge.gpx import guid
from seaward.bridge.marks import NOT_NAVIGATION, claimed_realm
from seaward.bridge.mistakes import Mistake, RouteError
from seaward.bridge.own import NAMESPACE, backwards, origin, told_of, told_of_route, waypoint_of
from seaward.bridge.route import Route, stamp
from seaward.bridge.xml_in import nodes_of
from seaward.core.cot import event, marks
from seaward.core.foreign_text import one_line

_MOST_BYTES = 4_000_000
_STALE = timedelta(hours=1)  # after the last moment of the route; ours
DECIMALS = 7  # of degrees: a centimetre


def write_cot(route: Route) -> bytes:
    """Write a route with times as one event; it is valid from its first moment to an hour after its last.

    Returns
    -------
    UTF-8. Positions to 1e-7 degree, times to the second, speeds to 0.001 kn.
    """
    moments = [m for w in route.waypoints for m in (w.arrive, w.leave) if m is not None]
    marked = marks(route.realm or "", "m-f")
    times = moments[0], moments[0], moments[-1] + _STALE
    top = event(guid(route, "route"), "b-m-r", marked, times, ("0.0", "0.0"))  # a route's places are its links
    detail = SubElement(top, "detail")
    for k, w in enumerate(route.waypoints, 1):
        lon = round((w.lon_deg + 180.0) % 360.0 - 180.0, DECIMALS)
        point = f"{w.lat_deg:.{DECIMALS}f},{lon if lon < 180.0 else -180.0:.{DECIMALS}f}"
        at = w.arrive or w.leave
        remarks = f"{marked.words}{stamp(at) if at else ''} {w.stay or w.task}".strip()
        link = SubElement(detail, "link", uid=guid(route, str(k)), callsign=w.name, type="b-m-p-w", point=point, relation="c", remarks=remarks)
        SubElement(link, "seaward:waypoint", told_of(w))
    SubElement(detail, "link_attr", method="Sailing", direction="Infil", routetype="Primary", order="Ascending Check Points", planningmethod="Infil")
    SubElement(detail, "contact", callsign=f"{marked.words}{route.name}")
    SubElement(detail, "remarks").text = f"{marked.words}{NOT_NAVIGATION}"
    SubElement(detail, "seaward:route", {"xmlns:seaward": NAMESPACE, "name": route.name} | told_of_route(route))
    top.set("xmlns:seaward", NAMESPACE)
    return tostring(top, encoding="utf-8", xml_declaration=True)


def read_cot(name: str, raw: bytes) -> Route:
    """Read a route; RouteError with every mistake."""
    root = nodes_of(name, raw, _MOST_BYTES)
    detail = root.child("detail")
    if root.tag != "event" or root.attributes.get("type") != "b-m-r" or detail is None:
        raise RouteError(name, [Mistake(root.line, "not_cot", {"element": root.tag, "type": root.attributes.get("type", "-")})])
    wrong: list[Mistake] = []
    nodes = [n for n in detail.all("link") if n.attributes.get("type", "").startswith("b-m-p")]
    if len(nodes) < 2:
        wrong.append(Mistake(detail.line, "few", {"element": "link", "parent": "detail", "count": len(nodes), "least": 2}))
    points = []
    for n in nodes:
        lat, lon, *_ = [*n.attributes.get("point", "").split(","), "", ""]
        own = n.child("waypoint")
        told = own.attributes if own is not None and own.namespace == NAMESPACE else {}
        points.append(waypoint_of(n.attributes.get("callsign", ""), lat, lon, told, n.line, wrong))
    whole = [p for p in points if p is not None]
    if not wrong:
        wrong += backwards(whole, [n.line for n in nodes])
    if wrong:
        raise RouteError(name, wrong)
    own, contact = detail.child("route"), detail.child("contact")
    told = own.attributes if own is not None and own.namespace == NAMESPACE else {}
    title = one_line(told.get("name") or (contact.attributes.get("callsign", "") if contact else ""))[:120]
    opex = root.attributes.get("opex", "")
    marked = f"EXERCISE {title}" if opex.startswith(("e-", "s-")) and told.get("realm") is None else title
    notes = () if any(p.arrive for p in whole) else ("route.note.no_times",)
    return Route(title, claimed_realm(told.get("realm"), marked, [p.name for p in whole]), tuple(whole), **origin(told), notes=notes)
