"""Messages -> Cursor on Target events, as TAK shows them; see `cot` for their bytes."""

from __future__ import annotations

from seaward.core.units import kn_to_mps
from seaward.exchange.bodies import Alert, Event, Track
from seaward.exchange.cot import CotEvent
from seaward.exchange.items import Released

VESSEL, MARK = "a-u-S-X", "b-m-p-s-m"  # on the sea surface, not military, of unknown side; a spot on the map
STALE_MS = 600_000  # ours


def as_cot(message: Released, origin: str, realm: str, now_ms: int, name: str | None = None) -> CotEvent | None:
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
    name
        Of the vessel of a track, where it is known.
    """
    body = message.body
    if not isinstance(body, Track | Event | Alert) or body.lon_udeg is None or body.lat_udeg is None:
        return None
    at_ms = body.end_ms if isinstance(body, Event) else body.at_ms
    is_track, speed, course, mmsi = isinstance(body, Track), None, None, None
    if isinstance(body, Track):
        speed = None if body.sog_dkn is None else kn_to_mps(body.sog_dkn / 10)
        course = None if body.cog_ddeg is None else body.cog_ddeg / 10
        number = message.id.removeprefix("mmsi:")
        mmsi = int(number) if number.isdecimal() and number.isascii() and len(number) <= 9 else None
    said = f"{body.kind} {body.state} " if isinstance(body, Event | Alert) else ""
    return CotEvent(
        f"seaward.{origin}.{realm}.{message.kind}.{message.id}", VESSEL if is_track else MARK, "m-g" if is_track else "m-f", realm, at_ms, now_ms,
        max(now_ms, at_ms) + STALE_MS, body.lon_udeg / 1e6, body.lat_udeg / 1e6, body.error_m, f"{origin} {name or message.id}",
        f"{said}{message.label.level} TLP:{message.label.tlp} of {message.label.owner}", mmsi, speed, course,
    )  # fmt: skip
