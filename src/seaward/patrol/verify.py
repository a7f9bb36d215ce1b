"""Legs and what assets can do -> every rule that they break; knows nothing of how the legs were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from seaward.chart.coast import coastline
from seaward.core.geodesy import great_circle_m
from seaward.core.units import DEG_M, NM_M
from seaward.patrol.assets import Asset
from seaward.patrol.cells import HARBOUR_NM, Cells
from seaward.patrol.voyage import Leg, Place

SPEED_SLACK = 1.02  # of the speed: ways are measured on other grids than they are planned on
THROUGH = 0.75  # of the side of a cell: it is looked at on the way too; ours
_PLACE_NM = 0.1  # by which ends of legs that follow each other may differ
_TIME_H = 1e-6
_SECOND_H = 1.0 / 3_600.0  # to which moments are written


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that is broken: by whom, in which of its legs (from 0), and how."""

    asset: str
    leg: int
    rule: str  # unknown_asset, backwards, gap, overlap, jump, speed, land, endurance, fuel, rest, waters, closed, sea_state, home, search, cover
    has: float = 0.0
    limit: float = 0.0


def verify(
    legs: Sequence[Leg], assets: Sequence[Asset], cells: Cells, shapes: Mapping[str, BaseGeometry], sea_state: int, hours: float,
    out_h: Mapping[str, float] | None = None, seen: Sequence[tuple[str, float, Place]] = (),
) -> list[Broken]:  # fmt: skip
    """Check a plan.

    Parameters
    ----------
    legs
        Of all assets.
    assets
        That may take part.
    cells
        That are searched.
    shapes
        Areas by name.
    sea_state
        For the whole time.
    hours
        At the end of which everybody is home.
    out_h
        Hours that an asset had been out of port when its first leg begins; none for those that begin in port.
    seen
        Assets found to be elsewhere than planned: who, when [h], where. A leg may begin there, and a rest may have been missed.

    Returns
    -------
    What is broken; nothing for a plan that can be sailed as far as this chart knows.

    Limits
    ------
    Not a check of navigational safety: depths, traffic, weather on the way and harbours are not known. The coast is that of the drawing.
    """
    known = {a.id: a for a in assets}
    mine: dict[str, list[Leg]] = {}
    for leg in legs:
        mine.setdefault(leg.asset, []).append(leg)
    found: list[Broken] = []
    for name, own in mine.items():
        if name not in known:
            found.append(Broken(name, 0, "unknown_asset"))
            continue
        found += _asset(known[name], own, cells, shapes, sea_state, hours, (out_h or {}).get(name, 0.0),
                        [(at_h, place) for who, at_h, place in seen if who == name])  # fmt: skip
    return found


def _asset(
    a: Asset, legs: list[Leg], cells: Cells, shapes: Mapping[str, BaseGeometry], sea_state: int, hours: float, out_h: float,
    seen: Sequence[tuple[float, Place]],
) -> list[Broken]:  # fmt: skip
    found: list[Broken] = []
    speed = a.speed_in(sea_state)
    out, fuel, came_home, at_sea = out_h, a.burns_t_h(speed) * out_h, None, out_h > 0
    for k, leg in enumerate(legs):

        def wrong(rule: str, has: float = 0.0, limit: float = 0.0, k: int = k) -> None:
            found.append(Broken(a.id, k, rule, has, limit))

        span = leg.end_h - leg.start_h
        if span <= 0 or leg.start_h < -_TIME_H or leg.end_h > hours + _TIME_H or not all(np.isfinite(p).all() for p in leg.way) or not leg.way:
            wrong("backwards", leg.start_h, leg.end_h)
            if leg.way and leg.task != "port" and all(np.isfinite(p).all() for p in leg.way):
                for rule, nm in _where(a, leg, shapes, cells):  # whenever that may be
                    wrong(rule, nm)
            continue
        is_seen = any(abs(at_h - leg.start_h) <= _SECOND_H and _nm(place, leg.way[0]) <= _PLACE_NM for at_h, place in seen)
        if k:
            before = legs[k - 1]
            if abs(before.end_h - leg.start_h) > _TIME_H:
                wrong("gap" if before.end_h < leg.start_h else "overlap", before.end_h, leg.start_h)
            if not is_seen and before.way and (nm := _nm(before.way[-1], leg.way[0])) > _PLACE_NM:
                wrong("jump", nm, _PLACE_NM)
        if leg.task == "port":
            if (nm := _nm(leg.way[0], a.base)) > _PLACE_NM:
                wrong("jump", nm, _PLACE_NM)
            if at_sea:
                came_home, at_sea, out, fuel = leg.start_h, False, 0.0, 0.0
            continue
        if speed <= 0:
            wrong("sea_state", sea_state, a.max_sea_state)
            continue
        if not at_sea:
            if not is_seen and came_home is not None and leg.start_h - came_home < a.rest_h - _TIME_H:
                wrong("rest", leg.start_h - came_home, a.rest_h)
            at_sea = True
        way_nm = sum(_nm(p, q) for p, q in zip(leg.way, leg.way[1:], strict=False))
        if way_nm > speed * SPEED_SLACK * span + _PLACE_NM:
            wrong("speed", way_nm / span, speed)
        out += span
        fuel += a.burns_t_h(speed) * span
        if out > a.endurance_h + _TIME_H:
            wrong("endurance", out, a.endurance_h)
        if a.fuel_t is not None and fuel > a.fuel_t * (1 - a.reserve) + _TIME_H:
            wrong("fuel", fuel, a.fuel_t * (1 - a.reserve))
        for rule, nm in _where(a, leg, shapes, cells):
            wrong(rule, nm)
        if leg.task == "search":
            if not 0 <= leg.cell < len(cells) or not _searches(leg, cells):
                wrong("search", leg.cell, len(cells))
            else:
                most = max(a.sweep_day_nm, a.sweep_night_nm) * speed * (span + THROUGH * cells.side_nm / speed) / float(cells.area_nm2[leg.cell])
                if leg.cover > most * SPEED_SLACK + 1e-9:
                    wrong("cover", leg.cover, most)
    if legs and (legs[-1].task != "port" or abs(legs[-1].end_h - hours) > _TIME_H):
        found.append(Broken(a.id, len(legs) - 1, "home", legs[-1].end_h, hours))
    return found


def _where(a: Asset, leg: Leg, shapes: Mapping[str, BaseGeometry], cells: Cells) -> list[tuple[str, float]]:
    """Rules of land and waters that a way breaks, whatever its time, and by how many miles."""
    found = []
    if not a.flies and (nm := _on_land_nm(leg.way, a.base)) > 0:
        found.append(("land", nm))
    looks = leg.task == "search" or not a.flies
    for rule, names in (("waters", a.only), ("closed", a.closed)):
        if looks and names and _enters(leg.way, [shapes[n] for n in names], outside=rule == "waters", base=a.base, side=cells.grid.cell_deg):
            found.append((rule, 0.0))
    return found


def _searches(leg: Leg, cells: Cells) -> bool:
    """Whether a search begins at the place of its cell and stays within it."""
    k, slack = leg.cell, _PLACE_NM * NM_M / DEG_M
    within = all(
        (lon - cells.west_deg[k] + slack) % 360.0 <= cells.cell_deg + 2 * slack and -slack <= lat - cells.south_deg[k] <= cells.cell_deg + slack
        for lon, lat in leg.way
    )
    return within and _nm(leg.way[0], (float(cells.lon_deg[k]), float(cells.lat_deg[k]))) <= _PLACE_NM


def _nm(one: Place, two: Place) -> float:
    return float(great_circle_m(*one, *two)) / NM_M


@cache
def _land() -> shapely.STRtree:
    return shapely.STRtree([shapely.Polygon(p[0], p[1:]) for p in coastline()])


def _lines(way: Sequence[Place]) -> BaseGeometry:
    """The way in degrees, longitudes counted on, at the turns where it may meet a shape."""
    lon, lat = np.array(way, np.float64).T
    lon = np.degrees(np.unwrap(np.radians(lon)))
    if len(way) == 1:
        return shapely.MultiPoint([(lon[0] + turn, lat[0]) for turn in (-360.0, 0.0, 360.0)])
    return shapely.MultiLineString([np.column_stack([lon + turn, lat]) for turn in (-360.0, 0.0, 360.0)])


def _on_land_nm(way: Sequence[Place], base: Place) -> float:
    """How far inland of harbour waters a way goes over land [nm]; its first and last stretch near the base are not looked at."""
    trees, line = _land(), _lines(way)
    hit = trees.query(line, predicate="intersects")
    if len(hit) == 0:
        return 0.0
    inside = shapely.intersection(line, shapely.union_all(trees.geometries.take(hit)))
    total = 0.0
    for part in shapely.get_parts(inside):
        xy = shapely.get_coordinates(part)
        if (great_circle_m(xy[:, 0], xy[:, 1], *base) / NM_M).max() <= HARBOUR_NM:
            continue
        total += float(great_circle_m(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1]).sum()) / NM_M if len(xy) > 1 else 0.01
    return total


def _enters(way: Sequence[Place], shapes: Sequence[BaseGeometry], outside: bool, base: Place, side: float) -> bool:
    """Whether a way enters shapes, or leaves them; within a cell of the chart of their border, and near the base, it is not held to them."""
    area = shapely.union_all(list(shapes))
    line = _lines(way)
    if outside:
        turned = [shapely.transform(area, lambda c, t=t: c + np.array([t, 0.0])) for t in (-360.0, 0.0, 360.0)]
        beyond = shapely.difference(line, shapely.buffer(shapely.union_all(turned), side * 1.5))
        beyond = _at_home_turn(beyond, way)
    else:
        beyond = shapely.intersection(line, area)
    xy = shapely.get_coordinates(beyond)
    return bool(len(xy)) and bool((great_circle_m(xy[:, 0], xy[:, 1], *base) / NM_M).max() > HARBOUR_NM)


def _at_home_turn(line: BaseGeometry, way: Sequence[Place]) -> BaseGeometry:
    """Of a way at three turns the middle one."""
    lon = np.degrees(np.unwrap(np.radians(np.array(way, np.float64)[:, 0])))
    return shapely.clip_by_rect(line, lon.min() - 1, -90, lon.max() + 1, 90)
