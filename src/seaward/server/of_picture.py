"""The whole picture: our own vessels and events with what partners say of them, and those that only partners see, as theirs."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from seaward.core.tables import AT, EVENT_STATES, Column, Table
from seaward.core.units import at_to_us
from seaward.exchange.bodies import Track
from seaward.exchange.shown_track import number_of
from seaward.picture.placed import surest
from seaward.server.answers import Rows
from seaward.server.asked import Asked, cursor_of
from seaward.server.floor import Floor
from seaward.server.of_events import KINDS
from seaward.server.partner_view import SEEN_BY, TOLD_BY, by_own, plain, said_event, said_of, tracks_seen
from seaward.server.route import Param
from seaward.server.sight import VESSELS_NOW, in_box

_NOW = {c.name: c for c in VESSELS_NOW.columns}
PICTURE = Table("picture", "one vessel, whoever sees it; whose the row is says `owner`", (
    _NOW["realm"],
    Column("picture_id", pl.String(), "the vessel of ours, or partner and track"),
    Column("owner", pl.String(), "own: we see it; partner: none but partners do, and it is in none of our tables"),
    Column("own_vessel_id", pl.String(), "as in vessels", nullable=True),
    Column("mmsi", pl.UInt32(), "as it says itself, or as a partner says", nullable=True),
    Column("name", pl.String(), "as it says itself, or as a partner believes", nullable=True),
    _NOW["ship_class"],
    Column("at", AT, "when it was there", nullable=True),
    _NOW["lon_deg"], _NOW["lat_deg"],
    Column("error_m", pl.Float64(), "one sigma along each axis, as the partner states", "m", nullable=True, low=0),
    Column("placed_by", pl.String(), "of ours: the partner whose fix says where it is, far surer than our track; null: our last fix", nullable=True),
    Column("sog_kn", pl.Float64(), "speed over ground", "knot", nullable=True, low=0),
    Column("cog_deg", pl.Float64(), "course over ground, from true north", "degree", nullable=True, low=0, high=360),
    Column("is_stale", pl.Boolean(), "of a partner: not heard for half an hour; after six hours it is gone"),
    Column("seen_by", pl.List(pl.Struct(SEEN_BY)), "partners that see it: where, when, how exactly, and why it is thought to be the same"),
))  # fmt: skip
PICTURE_PARAMS = (
    Param("bbox", "bbox", "west,south,east,north [degree]; over 180 where west is more than east"),
    Param("owner", "choice", "whose", choices=("own", "partner")),
)
PICTURE_EVENTS = Table("picture_events", "one event, whoever tells of it; whose the row is says `owner`", (
    _NOW["realm"],
    Column("picture_id", pl.String(), "the event of ours, or partner and event"),
    Column("owner", pl.String(), "own: we found it; partner: none but partners did, and it raises no alert of ours"),
    Column("event_id", pl.String(), "as in events", nullable=True),
    Column("kind", pl.String(), "kind of event"),
    Column("state", pl.Enum(EVENT_STATES), "open, revised, closed"),
    Column("start_at", AT, "start"),
    Column("end_at", AT, "end, or the last moment known while open"),
    Column("vessel_ids", pl.List(pl.String()), "who, as whoever owns the row names them"),
    Column("lon_deg", pl.Float64(), "longitude, WGS84", "degree", low=-180, high=180),
    Column("lat_deg", pl.Float64(), "latitude, WGS84", "degree", low=-90, high=90),
    Column("error_m", pl.Float64(), "as the partner states", "m", nullable=True, low=0),
    Column("probability", pl.Float64(), "chance that it is what it says", nullable=True, low=0, high=1),
    Column("told_by", pl.List(pl.Struct(TOLD_BY)), "partners that tell of it"),
))  # fmt: skip
PICTURE_EVENTS_PARAMS = (
    Param("kind", "choice", "kinds", many=True, choices=KINDS),
    Param("since", "moment", "ended at or after"),
    Param("owner", "choice", "whose", choices=("own", "partner")),
)
_MOST = 10_000  # events of partners in one answer; ours


def picture(floor: Floor, asked: Asked) -> Rows:
    """All vessels, ours and those that only partners see; what several see is one row."""
    rows, after = whole_picture(floor), asked.cursor(str)
    if asked.query["owner"] is not None:
        rows = rows.filter(pl.col("owner") == asked.query["owner"])
    if asked.query["bbox"] is not None:
        rows = rows.filter(in_box(asked.query["bbox"]))
    rows = rows.sort("picture_id")
    if after is not None:
        rows = rows.filter(pl.col("picture_id") > after[0])
    page = rows.head(asked.query["limit"])
    return Rows(page, cursor_of(page["picture_id"][-1]) if len(rows) > len(page) else None, "picture_id")


def picture_events(floor: Floor, asked: Asked) -> Rows:
    """The last versions of events, ours and those that only partners tell of, the last to end first; what several tell is one row."""
    running, state, q, after = floor.node.exchange, floor.node.state, asked.query, asked.cursor(int, str)
    joined = {(o, i): own for o, i, own in (running.fusing.events if running is not None else ())}
    partners = {r: None for r in (running.fusing.tracks if running is not None else ())}
    own = state.latest_events(since=q["since"]).filter(pl.col("state") != "withdrawn")
    made: dict[str, dict[str, Any]] = {
        r["event_id"]: {**{k: r[k] for k in ("realm", "event_id", "kind", "state", "start_at", "end_at", "vessel_ids", "lon_deg", "lat_deg",
                                   "probability")},
                        "picture_id": r["event_id"], "owner": "own", "error_m": None, "told_by": []}
        for r in own.iter_rows(named=True)
    }  # fmt: skip
    for r in state.partner_objects(kind="event", limit=_MOST).iter_rows(named=True):
        if r["state"] == "withdrawn" or r["origin"] not in partners:
            continue
        said, body, name = said_event(r), json.loads(r["body"]), joined.get((r["origin"], r["id"]))
        if name is not None:
            if name in made:
                made[name]["told_by"].append(said)
        elif q["since"] is None or said["end_at"] >= q["since"]:
            key = f"{r['origin']}:{r['id']}"
            made[key] = {k: said[k] for k in ("state", "start_at", "end_at", "lon_deg", "lat_deg", "error_m", "probability")} | {
                "realm": r["realm"], "picture_id": key, "owner": "partner", "event_id": None, "kind": body["kind"], "vessel_ids": body["vessel_ids"],
                "told_by": [said]}  # fmt: skip
    rows = pl.DataFrame(list(made.values()), schema={c.name: pl.String() if c.name == "realm" else c.dtype for c in PICTURE_EVENTS.columns})
    rows = rows.cast(dict(PICTURE_EVENTS.schema))  # type: ignore[arg-type]
    if q["owner"] is not None:
        rows = rows.filter(pl.col("owner") == q["owner"])
    if q["kind"] is not None:
        rows = rows.filter(pl.col("kind").is_in(q["kind"]))
    rows = rows.sort("end_at", "picture_id", descending=[True, False])
    if after is not None:
        at = pl.col("end_at").to_physical()
        rows = rows.filter((at < after[0]) | ((at == after[0]) & (pl.col("picture_id") > after[1])))
    page = rows.head(q["limit"])
    following = cursor_of(at_to_us(page["end_at"][-1]), page["picture_id"][-1]) if len(rows) > len(page) else None
    return Rows(page, following, "picture_id")


def whole_picture(floor: Floor) -> pl.DataFrame:
    """PICTURE: all vessels, each once."""
    now = floor.sight.now().rows
    seen: dict[str, list[dict[str, Any]]] = {}
    for name, found in by_own(floor).items():  # the hulls of one number are one row, as in vessels
        seen.setdefault(name.partition("#")[0], []).extend(found)
    own = now.select(
        "realm", "mmsi", "name", "ship_class", "lon_deg", "lat_deg", picture_id="vessel_id", owner=pl.lit("own"), own_vessel_id="vessel_id",
        at=pl.coalesce("reported_at", "received_at"), error_m=pl.lit(None, pl.Float64), placed_by=pl.lit(None, pl.String),
        sog_kn=pl.col("sog_kn").cast(pl.Float64),
        cog_deg=pl.col("cog_deg").cast(pl.Float64), is_stale=pl.lit(False),
        seen_by=pl.Series([seen.get(n, []) for n in now["vessel_id"].to_list()], dtype=pl.List(pl.Struct(SEEN_BY))),
    ).select(PICTURE.schema.names())  # fmt: skip
    own = _placed_better(floor, own)
    ours = set(now["vessel_id"].to_list())
    rows = [r for r in _partners_alone(floor) if r["own_vessel_id"] not in ours]
    schema = {c.name: pl.String() if c.name == "realm" else c.dtype for c in PICTURE.columns}
    return pl.concat([own, pl.DataFrame(rows, schema=schema).cast(dict(PICTURE.schema))])  # type: ignore[arg-type]


def _placed_better(floor: Floor, own: pl.DataFrame) -> pl.DataFrame:
    """Our vessels, those where a partner's fix says that is far surer."""
    running = floor.node.exchange
    better = {} if running is None else running.fusing.placed
    if not better:
        return own
    fixes = {v: one for v, p in better.items() if (one := tracks_seen(floor).get((p.origin, p.track_id))) is not None}
    rows = [{"picture_id": v, **{f"{k}_": one[k] for k in ("at", "lon_deg", "lat_deg", "error_m")}, "by_": one["origin"]} for v, one in fixes.items()]
    moved = {f"{k}_": own.schema[k] for k in ("at", "lon_deg", "lat_deg", "error_m")}
    table = pl.DataFrame(rows, schema={"picture_id": pl.String(), **moved, "by_": pl.String()})
    is_moved = pl.col("by_").is_not_null()
    return (
        own.join(table, on="picture_id", how="left")
        .with_columns(
            *(pl.when(is_moved).then(f"{k}_").otherwise(k).alias(k) for k in ("at", "lon_deg", "lat_deg", "error_m")),
            *(pl.when(is_moved).then(None).otherwise(k).alias(k) for k in ("sog_kn", "cog_deg")),
            placed_by="by_",
        )
        .select(own.columns)
    )


def _partners_alone(floor: Floor) -> list[dict[str, Any]]:
    """Vessels that none of ours is joined with: those that bear one number are one, where the surest fix says."""
    running = floor.node.exchange
    if running is None:
        return []
    joined = {(r["origin"], r["track_id"]): r["own_vessel_id"] for r in running.fusing.joined.iter_rows(named=True) if r["how"] != "elsewhere"}
    groups: dict[str, list[tuple[dict[str, Any], Track, int | None]]] = {}
    said = said_of(floor)
    for (origin, name), one in tracks_seen(floor).items():
        number = number_of(name, said.get((origin, name)))
        own = joined.get((origin, name))
        key = own or (f"mmsi:{number:09d}" if number is not None else f"{origin}:{name}")
        groups.setdefault(key, []).append((one | {"own": own}, one["body"], number))
    rows = []
    for key, found in groups.items():
        one, body, number = found[surest([(f[0]["at"].timestamp(), f[0]["error_m"]) for f in found])]
        rows.append({
            "realm": floor.node.realm, "picture_id": key if ":" in key and not key.startswith("mmsi:") else f"{one['origin']}:{one['track_id']}",
            "owner": "partner", "own_vessel_id": one["own"], "mmsi": number, "name": one["name"], "ship_class": None, "at": one["at"],
            "lon_deg": one["lon_deg"], "lat_deg": one["lat_deg"], "error_m": one["error_m"], "placed_by": None, "sog_kn": _tenths(body.sog_dkn),
            "cog_deg": _tenths(body.cog_ddeg), "is_stale": all(f[0]["is_stale"] for f in found), "seen_by": [plain(f[0]) for f in found],
        })  # fmt: skip
    return rows


def _tenths(value: int | None) -> float | None:
    return None if value is None else value / 10
