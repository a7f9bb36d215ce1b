"""Messages -> Cursor on Target events, as TAK shows them; see `cot` for their bytes."""

from __future__ import annotations

from seaward.core.units import kn_to_mps
from seaward.exchange.bodies import Alert, Event
from seaward.exchange.cot import CotEvent
from seaward.exchange.items import Released
from seaward.exchange.label import Label
from seaward.exchange.shown_track import ShownTrack, shown

VESSEL, MARK = "a-u-S-X", "b-m-p-s-m"  # on the sea surface, not military, of unknown side; a spot on the map
STALE_MS = 600_000  # ours


def as_cot(message: Released, origin: str, realm: str, now_ms: int) -> CotEvent | None:
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
    if (track := shown(message, origin)) is not None:
        return track_cot(track, realm, now_ms)
    if not isinstance(body, Event | Alert) or body.lon_udeg is None or body.lat_udeg is None:
        return None
    at_ms = body.end_ms if isinstance(body, Event) else body.at_ms
    return CotEvent(
        f"seaward.{origin}.{realm}.{message.kind}.{message.id}", MARK, "m-f", realm, at_ms, now_ms, max(now_ms, at_ms) + STALE_MS,
        body.lon_udeg / 1e6, body.lat_udeg / 1e6, body.error_m, f"{origin} {message.id}", f"{body.kind} {body.state} {_said(message.label)}",
    )  # fmt: skip


def track_cot(track: ShownTrack, realm: str, now_ms: int) -> CotEvent:
    """A vessel as one CoT event; see `as_cot`."""
    return CotEvent(
        f"seaward.{track.owner}.{realm}.track.{track.id}", VESSEL, "m-g", realm, track.at_ms, now_ms, max(now_ms, track.at_ms) + STALE_MS,
        track.lon_deg, track.lat_deg, track.error_m, f"{track.owner} {track.name or track.id}",
        _said(track.label) if track.label is not None else f"of {track.owner}", track.mmsi,
        None if track.sog_kn is None else kn_to_mps(track.sog_kn), track.cog_deg,
    )  # fmt: skip


def _said(label: Label) -> str:
    return f"{label.level} TLP:{label.tlp} of {label.owner}"
