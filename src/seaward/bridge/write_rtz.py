"""A route -> a route file of an ECDIS (RTZ 1.0, 1.1 or 1.2), valid by its schema, under 400 kB; or the RTZP that holds it."""

from __future__ import annotations

import io
import zipfile
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from seaward.bridge.marks import NOT_NAVIGATION, STATUS
from seaward.bridge.route import Route, stamp
from seaward.bridge.rtz_rules import MOST_BYTES, VERSIONS, namespace
from seaward.core.errors import InputError, ParameterError
from seaward.core.realm import is_drill

DECIMALS = 7  # of degrees: a centimetre


def write_rtz(route: Route, version: str = "1.2") -> bytes:
    """Write a route; its file must bear the route's name.

    Parameters
    ----------
    route
        With names, times and speeds; its realm known.
    version
        `1.0`, `1.1` or `1.2`.

    Returns
    -------
    UTF-8. Positions to 1e-7 degree, times to the second, speeds to 0.001 kn.

    Raises
    ------
    ParameterError
        If there is no such version.
    InputError
        If it would be larger than the standard allows.
    """
    if version not in VERSIONS:
        raise ParameterError(f"RTZ has no version {version!r}; choose one of {', '.join(VERSIONS)}")
    root = Element("route", xmlns=namespace(version), version=version)
    realm = route.realm or ""
    status = f"{STATUS} {realm}. {NOT_NAVIGATION}" if is_drill(realm) else NOT_NAVIGATION
    info = SubElement(root, "routeInfo", routeName=route.name, routeAuthor="Seaward", routeStatus=status)
    moments = [m for w in route.waypoints for m in (w.arrive, w.leave) if m is not None]
    if len(moments) > 1 and moments[-1] > moments[0]:
        info.attrib |= {"validityPeriodStart": stamp(moments[0]), "validityPeriodStop": stamp(moments[-1])}
    info.set("vesselName", f"{'EXERCISE ' if is_drill(realm) else ''}{route.asset}")
    listed = SubElement(root, "waypoints")
    schedule = SubElement(SubElement(root, "schedules"), "schedule", id="1", name="EXERCISE" if is_drill(realm) else "Seaward")
    by_hand, reckoned = SubElement(schedule, "manual"), SubElement(schedule, "calculated")
    element = "sheduleElement" if version == "1.0" else "scheduleElement"  # so 1.0 spells it
    for k, w in enumerate(route.waypoints):
        point = SubElement(listed, "waypoint", id=str(k + 1), revision="0", name=w.name)
        lon = (w.lon_deg + 180.0) % 360.0 - 180.0
        SubElement(point, "position", lat=f"{w.lat_deg:.{DECIMALS}f}", lon=f"{lon if round(lon, DECIMALS) < 180.0 else -180.0:.{DECIMALS}f}")
        if k:
            SubElement(point, "leg", geometryType="Loxodrome" if w.rhumb else "Orthodrome")
        own = ({"task": w.task} if k and w.task != "transit" else {}) | ({"stay": w.stay} if w.stay else {})
        if own:
            SubElement(SubElement(point, "extensions"), "extension", {"manufacturer": "Seaward", "name": "waypoint", "version": "1"} | own)
        timing = {"waypointId": str(k + 1)}
        timing |= {"etd": stamp(w.leave)} if w.leave and w.leave != w.arrive else {}
        timing |= {"eta": stamp(w.arrive)} if w.arrive else {}
        speed = {"speed": f"{w.speed_kn:.3f}"} if k and w.speed_kn is not None else {}
        SubElement(reckoned, element, timing | speed)
        if k == 0 or w.stay:
            SubElement(by_hand, element, timing | speed)
        else:
            SubElement(by_hand, element, {"waypointId": str(k + 1)} | speed)
    said = {"realm": realm, "asset": route.asset, "nation": route.nation, "plan": route.plan_id, "sortie": str(route.sortie)}
    SubElement(SubElement(root, "extensions"), "extension", {"manufacturer": "Seaward", "name": "route", "version": "1"} | said)
    indent(root, " ")
    raw = tostring(root, encoding="utf-8", xml_declaration=True)
    if len(raw) >= MOST_BYTES:
        raise InputError(f"the route {route.name} of {len(route.waypoints)} waypoints makes {len(raw) // 1000} kB, RTZ allows {MOST_BYTES // 1000}; "
                         "plan larger cells or longer steps, or use GPX")  # fmt: skip
    return raw


def write_rtzp(route: Route, version: str = "1.2") -> bytes:
    """The same packed as RTZP: an archive of the one file; the same route gives the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{route.name}.rtz", (1980, 1, 1, 0, 0, 0)), write_rtz(route, version), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
