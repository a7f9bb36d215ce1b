"""Messages -> Cursor on Target XML (event 2.0), as TAK shows it. A drill marks itself: `opex` of an exercise, `how` simulated.

Source: CoT base event schema 2.0 (MITRE, public release): uid, type, time, start, stale, how; point lat, lon, hae, ce, le; 9999999 is unknown.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from seaward.core.foreign_text import one_line
from seaward.core.realm import OPS
from seaward.core.units import kn_to_mps
from seaward.exchange.bodies import Alert, Event, Track
from seaward.exchange.items import Released
from seaward.exchange.release import moment

_UNKNOWN = "9999999.0"
_VESSEL, _MARK = "a-u-S-X", "b-m-p-s-m"  # on the sea surface, not military, of unknown side; a spot on the map
_STALE_MS = 600_000  # ours


def as_cot(message: Released, origin: str, realm: str, now_ms: int) -> bytes | None:
    """One message as one CoT event; None where it has no place.

    Parameters
    ----------
    message
        A track, event or alert.
    origin
        Whose it is.
    realm
        `ops`, or `ex:<drill id>`.
    now_ms
        Moment [ms since 1970 UTC].
    """
    body = message.body
    if not isinstance(body, Track | Event | Alert) or body.lon_udeg is None or body.lat_udeg is None:
        return None
    at_ms = body.end_ms if isinstance(body, Event) else body.at_ms
    event = Element(
        "event", version="2.0", uid=f"seaward.{origin}.{realm}.{message.kind}.{message.id}", type=_VESSEL if isinstance(body, Track) else _MARK
    )
    event.set("how", "m-s" if realm != OPS else "m-g" if isinstance(body, Track) else "m-f")
    if realm != OPS:
        event.set("opex", f"e-{realm.removeprefix('ex:')}")
    for name, ms in (("time", now_ms), ("start", at_ms), ("stale", max(now_ms, at_ms) + _STALE_MS)):
        event.set(name, f"{moment(ms):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z")
    error = _UNKNOWN if body.error_m is None else f"{body.error_m:.1f}"
    SubElement(event, "point", lat=f"{body.lat_udeg / 1e6:.6f}", lon=f"{body.lon_udeg / 1e6:.6f}", hae=_UNKNOWN, ce=error, le=_UNKNOWN)
    detail = SubElement(event, "detail")
    exercise = "" if realm == OPS else f"EXERCISE {realm} "
    SubElement(detail, "contact", callsign=f"{exercise}{origin} {one_line(message.id)}")
    if isinstance(body, Track) and body.sog_dkn is not None and body.cog_ddeg is not None:
        SubElement(detail, "track", speed=f"{kn_to_mps(body.sog_dkn / 10):.2f}", course=f"{body.cog_ddeg / 10:.1f}")
    said = "" if isinstance(body, Track) else f"{body.kind} {body.state} "
    SubElement(detail, "remarks").text = f"{exercise}{said}{message.label.level} TLP:{message.label.tlp} of {message.label.owner}"
    return tostring(event, encoding="utf-8", xml_declaration=True)
