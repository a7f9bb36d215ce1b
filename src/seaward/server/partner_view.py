"""What partners see and tell of our vessels and events, as the API says it."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from seaward.core.ids import mmsi_of
from seaward.core.tables import AT, JOINS
from seaward.exchange.bodies import Track, Vessel
from seaward.exchange.items import Released
from seaward.node.clock import moment
from seaward.node.partner_link import wall_ms
from seaward.node.partner_tracks import STALE_US
from seaward.server.floor import Floor

SEEN_BY = {"origin": pl.String(), "track_id": pl.String(), "how": pl.Enum(JOINS), "probability": pl.Float64(), "at": AT, "lon_deg": pl.Float64(),
            "lat_deg": pl.Float64(), "error_m": pl.Float64(), "name": pl.String(), "is_stale": pl.Boolean(), "label": pl.String()}  # fmt: skip
TOLD_BY = {"origin": pl.String(), "id": pl.String(), "version": pl.UInt32(), "state": pl.String(), "start_at": AT, "end_at": AT,
           "lon_deg": pl.Float64(),
            "lat_deg": pl.Float64(), "error_m": pl.Float64(), "probability": pl.Float64(), "label": pl.String(), "received_at": AT}  # fmt: skip


def seen_by(floor: Floor, mmsi: int) -> list[dict[str, Any]]:
    """What partners see of one vessel of ours, its hulls together."""
    return [s for name, found in by_own(floor).items() if mmsi_of(name) == mmsi for s in found]


def told_by(floor: Floor, event_id: str) -> list[dict[str, Any]]:
    """What partners tell of one event of ours."""
    running = floor.node.exchange
    mine = {(o, i) for o, i, own in (running.fusing.events if running is not None else ()) if own == event_id}
    return [said_event(r) for o, i in sorted(mine) for r in floor.node.state.partner_objects(origin=o, kind="event", name=i).iter_rows(named=True)]


def by_own(floor: Floor) -> dict[str, list[dict[str, Any]]]:
    """By vessel of ours: what partners see of it, and where the same number is said to be elsewhere."""
    running, found = floor.node.exchange, dict[str, list[dict[str, Any]]]()
    if running is None:
        return found
    joined = {(r["origin"], r["track_id"]): r for r in running.fusing.joined.iter_rows(named=True)}
    for (origin, name), one in tracks_seen(floor).items():
        row = joined.get((origin, name))
        if row is not None:
            found.setdefault(row["own_vessel_id"], []).append(plain(one) | {"how": row["how"], "probability": row["probability"]})
    return found


def tracks_seen(floor: Floor) -> dict[tuple[str, str], dict[str, Any]]:
    """The last fix of each track of partners, as in `seen_by`, with its body."""
    running, now_us, said = floor.node.exchange, 1000 * wall_ms(), said_of(floor)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for origin, m, taken_us in running.tracks() if running is not None else ():
        if isinstance(m.body, Track):
            vessel = said.get((origin, m.id))
            found[origin, m.id] = {
                "origin": origin, "track_id": m.id, "how": None, "probability": None, "at": moment(1000 * m.body.at_ms),
                "lon_deg": m.body.lon_udeg / 1e6, "lat_deg": m.body.lat_udeg / 1e6,
                "error_m": None if m.body.error_m is None else float(m.body.error_m),
                "name": vessel.name if vessel is not None else None,
                "is_stale": taken_us < now_us - STALE_US, "label": short_label(m), "body": m.body,
            }  # fmt: skip
    return found


def said_of(floor: Floor) -> dict[tuple[str, str], Vessel]:
    """Who partners say that their tracks are."""
    running = floor.node.exchange
    return {(o, m.id): m.body for o, m, _ in (running.tracks() if running is not None else ()) if isinstance(m.body, Vessel)}


def short_label(m: Released) -> str:
    """What may be done with a message, as JSON."""
    return json.dumps({"level": m.label.level, "tlp": m.label.tlp, "owner": m.label.owner, "rel": m.label.rel})


def plain(one: dict[str, Any]) -> dict[str, Any]:
    """A row of `tracks_seen` without its body."""
    return {k: one[k] for k in SEEN_BY}


def said_event(row: dict[str, Any]) -> dict[str, Any]:
    """An event of a partner, as in `told_by`."""
    body = json.loads(row["body"])
    return {"origin": row["origin"], "id": row["id"], "version": row["version"], "state": row["state"], "start_at": moment(1000 * body["start_ms"]),
            "end_at": moment(1000 * body["end_ms"]), "lon_deg": body["lon_udeg"] / 1e6, "lat_deg": body["lat_udeg"] / 1e6,
            "error_m": None if body["error_m"] is None else float(body["error_m"]),
            "probability": None if body["probability_pm"] is None else body["probability_pm"] / 1000, "label": row["label"],
            "received_at": row["received_at"]}  # fmt: skip
