"""The exchange: how its links are, what partners sent (as theirs, with its label), where partners see vessels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from seaward.core.catalogue import render
from seaward.core.tables import AT, JOINS, PARTNER_OBJECTS, Column, Table
from seaward.exchange.as_aivdm import as_aivdm
from seaward.exchange.bodies import Track, Vessel
from seaward.server.answers import Feature, One, Raw, Rows
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.partner_view import short_label
from seaward.server.route import Param

_MOST = 10_000  # of one answer; ours
_KINDS = ("event", "alert", "case", "request", "answer", "plan", "task", "task_reply", "rescue", "chat", "ack", "drill")
OBJECTS_PARAMS = (Param("origin", "name", "the nation that sent it, such as USA"), Param("kind", "choice", "what it is", choices=_KINDS))
TRACKS_PARAMS = (Param("origin", "name", "the nation that sees it, such as USA"),)
PARTNER_TRACKS = Table("partner_tracks", "one vessel where a partner sees it, as exact as the partner lets us know", (
    PARTNER_OBJECTS.columns[0],
    PARTNER_OBJECTS.columns[1],
    Column("vessel_id", pl.String(), "as the partner names it; a name that begins with ~ is a pseudonym"),
    Column("own_vessel_id", pl.String(), "the vessel of our own that it is thought to be", nullable=True),
    Column("joined_by", pl.Enum(JOINS), "identity, or where both were over time; elsewhere: the same number where ours cannot be", nullable=True),
    Column("probability", pl.Float64(), "that they are one vessel", nullable=True, low=0, high=1),
    Column("name", pl.String(), "as the partner believes", nullable=True),
    Column("at", AT, "when it was there"),
    Column("lon_deg", pl.Float64(), "longitude, WGS84, east positive", "degree", low=-180, high=180),
    Column("lat_deg", pl.Float64(), "latitude, WGS84, north positive", "degree", low=-90, high=90),
    Column("error_m", pl.Float64(), "one sigma along each axis", "m", nullable=True, low=0),
    Column("sog_kn", pl.Float64(), "speed over ground", "knot", nullable=True, low=0, high=102.2),
    Column("cog_deg", pl.Float64(), "course over ground, from true north", "degree", nullable=True, low=0, high=359.95),
    Column("heading_deg", pl.Float64(), "true heading", "degree", nullable=True, low=0, high=359),
    Column("label", pl.String(), "what may be done with it, JSON (label.schema.json)"),
    Column("received_at", AT, "when it was taken"),
))  # fmt: skip


def exchange(floor: Floor, asked: Asked) -> One:
    """How the exchange is; no nation and no links where there is none."""
    told: dict[str, Any] = floor.node.status()["exchange"] or {"nation": "", "realm": floor.node.realm, "serving": False, "why": "", "links": []}
    links = [link | {"words": [render(p, {}, asked.language) for p in link["problems"]]} for link in told["links"]]
    return One(told | {"links": links}, keep=False)


def objects(floor: Floor, asked: Asked) -> Rows:
    """What partners sent, the last to come first, at most ten thousand."""
    rows = floor.node.state.partner_objects(origin=asked.query["origin"], kind=asked.query["kind"], limit=_MOST)
    return Rows(rows, None, "id", [_feature(r) for r in rows.iter_rows(named=True)] if asked.form == "geojson" else None)


def tracks(floor: Floor, asked: Asked) -> Rows:
    """Where partners see vessels now."""
    running = floor.node.exchange
    rows = [] if running is None else running.tracks()
    joined = {(r["origin"], r["track_id"]): r for r in running.fusing.joined.iter_rows(named=True)} if running is not None else {}
    names = {(o, m.id): m.body.name for o, m, _ in rows if isinstance(m.body, Vessel)}
    made = [
        {"realm": floor.node.realm, "origin": origin, "vessel_id": m.id, "own_vessel_id": _of(joined, origin, m.id, "own_vessel_id"),
         "joined_by": _of(joined, origin, m.id, "how"), "probability": _of(joined, origin, m.id, "probability"), "name": names.get((origin, m.id)),
         "at": 1000 * m.body.at_ms, "lon_deg": m.body.lon_udeg / 1e6, "lat_deg": m.body.lat_udeg / 1e6, "error_m": m.body.error_m,
         "sog_kn": _scaled(m.body.sog_dkn), "cog_deg": _scaled(m.body.cog_ddeg), "heading_deg": m.body.heading_deg,
         "label": short_label(m), "received_at": us}
        for origin, m, us in rows if isinstance(m.body, Track) and asked.query["origin"] in (None, origin)
    ]  # fmt: skip
    as_made = {c.name: pl.Int64() if c.dtype == AT else pl.String() if c.name == "realm" else c.dtype for c in PARTNER_TRACKS.columns}
    return Rows(pl.DataFrame(made, schema=as_made, strict=False).cast(dict(PARTNER_TRACKS.schema)), None, "vessel_id")  # type: ignore[arg-type]


def aivdm(floor: Floor, asked: Asked) -> Raw:
    """Where one partner sees vessels, as sentences for a chart plotter."""
    running, origin = floor.node.exchange, asked.path["origin"]
    rows = [] if running is None else [m for o, m, _ in running.tracks() if o == origin]
    return Raw((as_aivdm(rows, origin, floor.node.realm) or "\r\n").encode(), "text/plain")


def _of(joined: Mapping[tuple[str, str], dict[str, Any]], origin: str, name: str, field: str) -> Any:
    row = joined.get((origin, name))
    return None if row is None else row[field]


def _scaled(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10


def _feature(row: dict[str, Any]) -> Feature:
    """An object at its place, if it has one."""
    body = json.loads(row["body"])
    lon, lat = body.get("lon_udeg"), body.get("lat_udeg")
    where = None if lon is None or lat is None else {"type": "Point", "coordinates": [lon / 1e6, lat / 1e6]}
    return {"type": "Feature", "id": f"{row['origin']}:{row['kind']}:{row['id']}", "geometry": where,
            "properties": row | {"body": body, "label": json.loads(row["label"])}}  # fmt: skip
