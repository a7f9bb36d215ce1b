"""A node's log book, a question -> its answer: looks in the hours and cells that matter, builds those tracks, asks the pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import shapely
from shapely.geometry.base import BaseGeometry

from seaward.core.tables import ALERTS, CASES, POSITIONS, VESSELS
from seaward.core.units import HOUR_S
from seaward.logbook.book import PUBLISHED_EVENTS, Logbook
from seaward.picture.closest import APPROACHES, ClosestParams, closest_approaches
from seaward.picture.positions import vessel_name
from seaward.picture.presence import PRESENCE, presence
from seaward.picture.vessels import build_vessels

FASTEST_DEG_H = 1.0  # degrees of latitude in an hour at 60 knots, which no hull is taken to exceed: picture.positions
_HULLS = 16  # under one number that events are looked for of; ours
_MOST_CELLS = 20_000  # beyond, so much of the sea is asked for that cells leave nothing out
Tell = Callable[[str, float], None]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Story:
    """What is kept of one identity: POSITIONS, VESSELS (with every identity said), EVENTS with published_at, ALERTS, CASES."""

    positions: pl.DataFrame
    vessels: pl.DataFrame
    events: pl.DataFrame
    alerts: pl.DataFrame
    cases: pl.DataFrame


def story_of(book: Logbook, mmsi: int, since: datetime | None, until: datetime | None, tell: Tell) -> Story:
    """The history of a vessel between two moments; names of all times."""
    tell("query.tracks", 0.0)
    positions = pl.concat([POSITIONS.empty(), *book.tracks([mmsi], since, until)])
    said = book.static(pl.col("mmsi") == mmsi).collect()
    vessels = build_vessels(positions, said) if len(positions) or len(said) else VESSELS.empty()
    if not book.state_is_there:
        return Story(positions, vessels, pl.DataFrame(schema=PUBLISHED_EVENTS), ALERTS.empty(), CASES.empty())
    names = [vessel_name(mmsi, hull) for hull in range(_HULLS)]
    with book.state() as state:
        events = state.latest_events(vessel_ids=names, since=since, until=until)
        alerts = state.alerts(vessel_ids=names, since=since, until=until)
        cases = state.cases(vessel_ids=names)
    cases = cases if until is None else cases.filter(pl.col("start_at") <= until)
    return Story(positions, vessels, events, alerts, cases if since is None else cases.filter(pl.col("changed_at") >= since))


def who_was_in(book: Logbook, shape: BaseGeometry, since: datetime | None, until: datetime | None, most_gap_s: float, tell: Tell) -> pl.DataFrame:
    """PRESENCE of all vessels in an area between two moments."""
    margin, gap = FASTEST_DEG_H * most_gap_s / HOUR_S, timedelta(seconds=most_gap_s)
    wide = (since and since - gap, until and until + gap)
    tell("query.cells", 0.0)
    near = near_boxes([_wider(part.bounds, margin) for part in shapely.get_parts(shape)])
    vessels = book.reports(*wide, where=near).select("mmsi").unique().collect()["mmsi"].to_list()
    found = [PRESENCE.to_frame()]
    for tracks in book.tracks(vessels, *wide):
        tell("query.tracks", 0.5)
        found.append(presence(tracks, shape, most_gap_s, since, until))
    return pl.concat(found).sort("first_in_at", "vessel_id")


def closest_to(
    book: Logbook, mmsi: int, other: int | None, since: datetime | None, until: datetime | None, params: ClosestParams, tell: Tell
) -> pl.DataFrame:
    """APPROACHES of a vessel and all others, or one, between two moments."""
    gap = timedelta(seconds=params.most_gap_s)
    wide = (since and since - gap, until and until + gap)
    tell("query.tracks", 0.0)
    own = pl.concat([POSITIONS.empty(), *book.tracks([mmsi], *wide)])
    if own.is_empty():
        return APPROACHES.to_frame()
    vessels = [other] if other is not None else _near(book, own, params, tell)
    first: datetime = own["at"].min()  # type: ignore[assignment]
    last: datetime = own["at"].max()  # type: ignore[assignment]
    found = [APPROACHES.to_frame()]
    for tracks in book.tracks([v for v in vessels if v != mmsi], first - gap, last + gap):
        tell("query.tracks", 0.5)
        found.append(closest_approaches(own, tracks, params))
    rows = pl.concat(found).sort("distance_m", "at", "vessel_id", "other_id")
    rows = rows if since is None else rows.filter(pl.col("at") >= since)
    return rows if until is None else rows.filter(pl.col("at") <= until)


def _near(book: Logbook, own: pl.DataFrame, params: ClosestParams, tell: Tell) -> list[int]:
    """Who reported so near to a track, day by day, that an approach is possible."""
    margin = params.within_nm / 60.0 + FASTEST_DEG_H * params.most_gap_s / HOUR_S
    gap = timedelta(seconds=params.most_gap_s)
    days = own.with_columns(day=pl.col("at").dt.truncate("1d")).partition_by("day", maintain_order=True)
    vessels: set[int] = set()
    for n, part in enumerate(days):
        tell("query.cells", n / len(days))
        squares = part.select(pl.col("lon_deg", "lat_deg").floor()).unique().iter_rows()
        boxes = [_wider((lon, lat, lon + 1.0, lat + 1.0), margin) for lon, lat in squares]
        low: datetime = part["at"].min()  # type: ignore[assignment]
        high: datetime = part["at"].max()  # type: ignore[assignment]
        rows = book.reports(low - gap, high + gap, where=near_boxes(boxes)).select("mmsi").unique().collect()
        vessels.update(rows["mmsi"].to_list())
    return sorted(vessels)


def near_boxes(boxes: Iterable[Box]) -> pl.Expr | None:
    """A condition on `cell`, by which parts of the history are sorted: of all that touch one of some boxes; None where that leaves hardly any out."""
    cells: set[int] = set()
    for west, south, east, north in boxes:
        rows = range(max(-90, math.floor(south)), min(90, math.floor(north)) + 1)
        columns = range(math.floor(west), math.floor(min(east, west + 360.0)) + 1)
        cells.update((y + 90) * 360 + (x + 180) % 360 for y in rows for x in columns)
        cells.update((y + 90) * 360 + 360 for y in rows if any((x + 180) % 360 == 0 for x in columns))  # 180 degrees exactly
        if len(cells) > _MOST_CELLS:
            return None
    return pl.col("cell").is_in(pl.Series(np.array(sorted(cells), np.int32)).implode())


def _wider(box: Box, margin_deg: float) -> Box:
    """A box with a margin on all sides, of as many miles to the east and west; around a pole all longitudes."""
    west, south, east, north = box
    south, north = south - margin_deg, north + margin_deg
    highest = max(abs(south), abs(north))
    aside = 360.0 if highest > 89.0 else margin_deg / math.cos(math.radians(highest))
    return west - aside, south, east + aside, north
