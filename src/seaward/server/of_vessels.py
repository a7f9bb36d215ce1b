"""Vessels: all as last heard, one with its hulls and identities, and where one was - cleaned, from the window and from the history."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from seaward.alerting import risk_of
from seaward.alerts.risk import PARTS, part_text
from seaward.core.catalogue import render
from seaward.core.tables import POSITIONS, REPORTS, STATIC
from seaward.picture.positions import build_positions
from seaward.picture.vessels import build_vessels
from seaward.report.words import spoken
from seaward.server.answers import Feature, One, Rows
from seaward.server.asked import Asked, cursor_of
from seaward.server.floor import Floor
from seaward.server.of_events import listed
from seaward.server.partner_view import seen_by
from seaward.server.problems import Problem
from seaward.server.route import Param
from seaward.server.sight import CLASSES, in_box

LONGEST = timedelta(days=31)  # of one track; ours
AROUND = timedelta(hours=8)  # what is read on either side, so that a cut changes nothing: the longest silence within a stretch (picture.positions)
_LEAST_POINTS = 0.05  # fewer are not told
_ID = re.compile(r"(?:mmsi:)?(\d{1,9})(#\d{1,4})?")

VESSELS_PARAMS = (
    Param("bbox", "bbox", "west,south,east,north [degree]; over 180 where west is more than east"),
    Param("class", "choice", "classes of ships", many=True, choices=CLASSES),
    Param("flag", "name", "flags, ISO 3166", many=True),
    Param("area", "name", "names of areas", many=True),
    Param("feed", "name", "where they were heard", many=True),
    Param("since", "moment", "reported at or after"),
    Param("q", "text", "part of the name or call sign, or first digits of MMSI or IMO number"),
)
TRACK_PARAMS = (
    Param("since", "moment", "from; 24 h before `until` where it is not given"),
    Param("until", "moment", "to; now where it is not given, at most 31 days later than `since`"),
    Param("known", "moment", "only what had been received by then"),
    Param("every_s", "number", "at most one fix in so many seconds", low=0, high=86_400, otherwise=0),
)


def vessels(floor: Floor, asked: Asked) -> Rows:
    """All vessels as last heard, by MMSI."""
    q, after = asked.query, asked.cursor(int)
    rows = floor.sight.now().rows
    if after is not None:
        rows = rows.filter(pl.col("mmsi") > after[0])
    for name, column in (("class", "ship_class"), ("flag", "flag"), ("feed", "feed")):
        if q[name] is not None:
            rows = rows.filter(pl.col(column).cast(pl.String).is_in([v.upper() for v in q[name]] if name == "flag" else q[name]))
    if q["since"] is not None:
        rows = rows.filter(pl.coalesce("reported_at", "received_at") >= q["since"])
    if q["bbox"] is not None:
        rows = rows.filter(in_box(q["bbox"]))
    if q["q"] is not None:
        rows = rows.filter(_matches(q["q"].strip()))
    if q["area"] is not None:
        rows = _in_areas(floor, rows, set(q["area"]))
    page = rows.head(q["limit"])
    return Rows(page, cursor_of(int(page["mmsi"][-1])) if len(rows) > len(page) else None, "vessel_id")


def vessel(floor: Floor, asked: Asked) -> One:
    """One vessel: as last heard, its hulls with every identity they said, its cases, and its latest events."""
    mmsi, _ = number_of(asked.path["vessel_id"])
    now = floor.sight.now().rows.filter(pl.col("mmsi") == mmsi)
    reports = reports_of(floor, mmsi, None, None)
    said = floor.node.live.static().filter(pl.col("mmsi") == mmsi)
    positions = build_positions(reports, floor.node.live.params.picture).positions
    hulls = build_vessels(positions, said)
    known = floor.node.state.latest_events(vessel_ids=_names(mmsi, hulls), limit=50)
    cases = floor.node.state.cases(vessel_ids=_names(mmsi, hulls))
    if now.is_empty() and hulls.is_empty() and known.is_empty() and cases.is_empty():
        kept = floor.node.history.scan(STATIC).filter(pl.col("mmsi") == mmsi).head(1).collect()
        if kept.is_empty() and not floor.node.state.notes(f"mmsi:{mmsi}") and not floor.node.state.photos(f"mmsi:{mmsi}"):
            raise Problem("not_found", what=asked.path["vessel_id"])
    events, words = listed(known.sort("end_at", descending=True), asked.language)
    return One({
        "realm": floor.node.realm, "vessel_id": f"mmsi:{mmsi}", "now": now.row(0, named=True) if len(now) else None,
        "hulls": [*hulls.iter_rows(named=True)], "cases": [*cases.iter_rows(named=True)],
        "events": [{**row, "words": words[n]} for n, row in enumerate(events.iter_rows(named=True))], "seen_by": seen_by(floor, mmsi),
        "risk": risks(floor, asked, hulls, _names(mmsi, hulls)),
    })  # fmt: skip


def risks(floor: Floor, asked: Asked, hulls: pl.DataFrame, names: list[Any]) -> list[dict[str, Any]]:
    """The risk of hulls (VESSELS) as of now, with its reasons in words."""
    risk = risk_of(floor.node.state, hulls, floor.now(), names)
    return [_risk(row, asked.language) for row in risk.iter_rows(named=True)]


def _risk(row: dict[str, Any], language: str) -> dict[str, Any]:
    """The risk of one hull, with the reason of every point in words, the heaviest first."""
    parts = sorted(row["parts"], key=lambda p: -p["points"])
    words = [spoken(part_text(p, language), language) for p in parts if p["points"] >= _LEAST_POINTS]
    return {k: row[k] for k in ("vessel_id", "risk", "level", *PARTS)} | {"word": render(f"risk.level.{row['level']}", {}, language), "words": words}


def track(floor: Floor, asked: Asked) -> Rows:
    """Where a vessel was, in time order, cleaned; of several hulls under its MMSI those that are asked for."""
    mmsi, hull = number_of(asked.path["vessel_id"])
    until = asked.query["until"] or floor.now()
    since = asked.query["since"] or moved(until, -timedelta(days=1))
    if not timedelta(0) <= until - since <= LONGEST:
        raise Problem("bad_value", name="since", value=since.isoformat(), wanted=f"0 .. {LONGEST.days} d")
    after = asked.cursor(int, str, int)
    asked.query.update(since=since, until=until)  # so that the link to the next page asks for the same
    reports = reports_of(floor, mmsi, moved(since, -AROUND), moved(until, AROUND))
    if asked.query["known"] is not None:
        reports = reports.filter(pl.col("received_at") <= asked.query["known"])
    rows = build_positions(reports, floor.node.live.params.picture).positions.filter(pl.col("at").is_between(since, until))
    rows = rows.filter(pl.col("vessel_id").cast(pl.String) == f"mmsi:{mmsi}{hull}") if hull else rows
    rows = rows.with_columns(_at=pl.col("at").to_physical(), _feed=pl.col("feed").cast(pl.String)).sort("_at", "_feed", "raw_offset")
    if every_s := asked.query["every_s"]:
        rows = rows.filter(pl.struct("vessel_id", pl.col("_at") // max(1, int(every_s * 1e6))).is_first_distinct())
    if after is not None:
        rows = rows.filter((pl.col("_at") > after[0]) | ((pl.col("_at") == after[0]) & (
            (pl.col("_feed") > after[1]) | ((pl.col("_feed") == after[1]) & (pl.col("raw_offset") > after[2])))))  # fmt: skip
    page = rows.head(asked.query["limit"])
    following = cursor_of(page["_at"][-1], page["_feed"][-1], page["raw_offset"][-1]) if len(rows) > len(page) else None
    page = page.select(POSITIONS.schema.names())
    return Rows(page, following, "track_id", stretches(page) if asked.form == "geojson" else None)


def number_of(name: str) -> tuple[int, str]:
    """MMSI and hull (empty: any) of `mmsi:760000001#2`, `mmsi:760000001` or the digits alone."""
    found = _ID.fullmatch(name)
    if found is None:
        raise Problem("not_found", what=name[:60])
    return int(found[1]), found[2] or ""


def stretches(positions: pl.DataFrame) -> list[Feature]:
    """Positions as lines, one feature for each stretch, cut at 180 degrees (RFC 7946, 3.1.9), with the time and speed of each fix."""
    features: list[Feature] = []
    for (name,), rows in positions.sort("at").group_by("track_id", maintain_order=True):
        lon, lat = rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy()
        cuts = np.flatnonzero(np.abs(np.diff(lon)) > 180) + 1
        parts = [np.column_stack(p).round(6).tolist() for p in zip(np.split(lon, cuts), np.split(lat, cuts), strict=True)]
        lines = [p if len(p) > 1 else [p[0], p[0]] for p in parts]
        where = {"type": "MultiLineString", "coordinates": lines} if len(lines) > 1 else {"type": "LineString", "coordinates": lines[0]}
        properties = {"vessel_id": rows["vessel_id"][0], "realm": rows["realm"][0], "at": rows["at"].to_list(), "sog_kn": rows["sog_kn"].to_list(),
                      "quality": rows["quality"].to_list()}  # fmt: skip
        features.append({"type": "Feature", "id": str(name), "geometry": where, "properties": properties})
    return features


def reports_of(floor: Floor, mmsi: int, since: datetime | None, until: datetime | None) -> pl.DataFrame:
    """Reports of one MMSI, of the window alone or, where a time is given, of the history too: each once."""
    node = floor.node

    def of_window() -> pl.DataFrame:
        slots = np.flatnonzero(node.live.window.slots.numbers == mmsi)
        return node.live.window.of(slots) if len(slots) else REPORTS.empty()

    held: pl.DataFrame = node.run(of_window)
    if since is None or until is None:
        return held
    at = pl.coalesce("reported_at", "received_at")
    held = held.filter(at.is_between(since, until))
    kept = kept_reports(floor, since, until, pl.col("mmsi") == mmsi)
    return pl.concat([kept, held.select(REPORTS.schema.names())]).unique(["feed", "raw_offset"], maintain_order=True)


def kept_reports(floor: Floor, since: datetime, until: datetime, where: pl.Expr) -> pl.DataFrame:
    """Reports of the history, reported from one moment to another, that meet a condition; asked again where hours were joined meanwhile."""
    try:
        return floor.node.history.scan(REPORTS, since, until).filter(where).collect()
    except (OSError, pl.exceptions.PolarsError):  # the manifest names other files now
        return floor.node.history.scan(REPORTS, since, until).filter(where).collect()


def _in_areas(floor: Floor, rows: pl.DataFrame, names: set[str]) -> pl.DataFrame:
    areas, placed = floor.node.live.params.areas, rows.drop_nulls(["lon_deg", "lat_deg"])
    if areas is None or placed.is_empty():
        return placed.clear()
    points, which = areas.inside(placed["lon_deg"].to_numpy().copy(), placed["lat_deg"].to_numpy().copy())
    wanted = np.array([a.name in names for a in areas.areas], bool)
    return placed[np.unique(points[wanted[which]])]


def _matches(text: str) -> pl.Expr:
    found = pl.lit(False)
    for name in ("name", "callsign"):
        found = found | pl.col(name).str.to_uppercase().str.contains(text.upper(), literal=True).fill_null(False)
    for name in ("mmsi", "imo"):
        found = found | pl.col(name).cast(pl.String).str.starts_with(text).fill_null(False)
    return found


def _names(mmsi: int, hulls: pl.DataFrame) -> list[Any]:
    return sorted({f"mmsi:{mmsi}", *hulls["vessel_id"].to_list()})


def moved(at: datetime, by: timedelta) -> datetime:
    """A moment earlier or later, if there is one."""
    try:
        return at + by
    except OverflowError:
        return at
