"""A moment that is over -> what else the watch knew then: alerts as they stood, contacts, partners' tracks and the patrol that was sailed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from seaward.alerts.alert import from_history, reason_text
from seaward.core.errors import OutputError, UsageError
from seaward.core.ids import mmsi_of
from seaward.core.units import at_to_us
from seaward.node.clock import WallClock, moment
from seaward.node.partner_tracks import GONE_US
from seaward.server import of_detections
from seaward.server.answers import Feature
from seaward.server.asked import Asked, read_query
from seaward.server.floor import Floor
from seaward.server.of_vessels import moved
from seaward.server.partner_view import said_of
from seaward.server.patrol_told import features_of

_MOST = 10_000  # contacts or events of one answer; ours
_BACK = timedelta(hours=12)  # events that ended so long before are not drawn, now or then; ours
Heard = dict[int, tuple[datetime, tuple[float, float]]]
Fix = tuple[int, int, int, float | None]


def alerts_then(floor: Floor, asked: Asked, at: datetime, states: Iterable[str] | None = None, alert_id: str | None = None) -> list[dict[str, Any]]:
    """Alerts that were in one of these states, as they stood, with their reasons in words; those withdrawn, lapsed or merged by then are left out."""
    changes = floor.node.state.changes_then(at, states, alert_id)
    bodies = changes.group_by("alert_id", maintain_order=True).agg("body")["body"].to_list()
    rows = [a.row() for a in map(from_history, bodies) if a.mark is None or alert_id is not None]
    return [row | {"words": [reason_text(r, asked.language) for r in row["reasons"]]} for row in rows]


def contacts_then(floor: Floor, asked: Asked, at: datetime) -> list[Feature]:
    """Contacts that had been seen by then; one that only a later sweep found without a track was not judged yet."""
    query = read_query((), of_detections.DETECTIONS_PARAMS) | {"until": at, "limit": _MOST}
    rows = of_detections.detections(floor, replace(asked, query=query)).rows
    events = floor.node.state.latest_events(event_ids=rows["event_id"].drop_nulls().unique().to_list())["event_id"].to_list() if len(rows) else []
    known = {e for e in events if floor.node.state.event_versions(e)["published_at"].min() <= at}  # type: ignore[operator]
    found = []
    for r in rows.iter_rows(named=True):
        was = r["event_id"] is None or r["event_id"] in known
        more = {"state": r["state"] if was else "not_judged", "event_id": r["event_id"] if was else None, "at": r["at"].isoformat()}
        properties = {k: r[k] for k in ("id", "feed", "sensor", "length_m")} | more
        found.append(_at(r["id"], r["lon_deg"], r["lat_deg"], properties))
    return found


def partners_then(floor: Floor, at: datetime, ours: Collection[int | None]) -> list[Feature]:
    """Where partners had last told of each track of theirs by then, of those that we did not see ourselves; kept for six hours."""
    said, found = said_of(floor), dict[tuple[str, str], Feature]()
    for origin, name, (at_us, lon, lat, error_m), own, how in told_then(floor, at_to_us(at)):
        if own and how != "elsewhere" and mmsi_of(own) in ours:
            continue
        vessel = said.get((origin, name))
        called = (vessel.name if vessel is not None else None) or ""
        properties = {"seen_by": [{"origin": origin}], "name": called, "error_m": error_m, "at": moment(at_us).isoformat()}
        found[origin, name] = _at(f"{origin}:{name}", lon / 1e6, lat / 1e6, properties)
    return list(found.values())


def told_then(floor: Floor, then_us: int) -> Iterator[tuple[str, str, Fix, str | None, str | None]]:
    """Fixes that partners had told by a moment: who, their track, (when [us], lon, lat [udeg], error [m]), which vessel of ours, how that is known.

    Those of one track in time order. Which vessel it is is what is known now.
    """
    running = floor.node.exchange
    if running is None:
        return
    by_wall = isinstance(floor.node.clock, WallClock)
    joined = {(r["origin"], r["track_id"]): (r["own_vessel_id"], r["how"]) for r in running.fusing.joined.iter_rows(named=True)}
    for origin, seen in sorted(running.fusing.tracks.items()):
        for name, at_us, lon, lat, error_m, taken_us in seen.trails.rows():
            if then_us - GONE_US <= at_us <= then_us and not (by_wall and taken_us > then_us):
                yield origin, name, (at_us, lon, lat, error_m), *joined.get((origin, name), (None, None))


def events_then(floor: Floor, at: datetime) -> list[Feature]:
    """Events that had been published by then and raised no alert by then; withdrawn ones are left out."""
    rows = floor.node.state.events_then(at, since=moved(at, -_BACK), alerted=False, limit=_MOST)
    kept = rows.filter((pl.col("state") != "withdrawn") & pl.col("lon_deg").is_not_null())
    return [_at(r["event_id"], r["lon_deg"], r["lat_deg"], {"event_id": r["event_id"], "kind": r["kind"]}) for r in kept.iter_rows(named=True)]


def patrol_then(floor: Floor, at: datetime, heard: Heard) -> list[Feature]:
    """The plan that was sailed, and where its units were thought to be."""
    if floor.node.patrol is None:
        return []
    try:
        stands = floor.node.patrol.standing(at)
        places = floor.node.patrol.where(stands, at, heard)
    except (UsageError, OutputError):
        return []  # told where the patrol is shown
    return features_of(stands.made, places, at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def heard_by(rows: pl.DataFrame) -> Heard:
    """When and where vessels were heard last, by MMSI, of the columns mmsi, received_at, lon_deg, lat_deg."""
    return {m: (t, (x, y)) for m, t, x, y in rows.select("mmsi", "received_at", "lon_deg", "lat_deg").iter_rows()}


def _at(name: str, lon_deg: float, lat_deg: float, properties: dict[str, Any]) -> Feature:
    return {"type": "Feature", "id": name, "geometry": {"type": "Point", "coordinates": [lon_deg, lat_deg]}, "properties": properties}
