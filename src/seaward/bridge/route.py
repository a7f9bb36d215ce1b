"""Legs of an asset -> routes from port to port, waypoint by waypoint with times; and back. Times to the second, positions as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from seaward.bridge.marks import route_name, waypoint_name
from seaward.core.geodesy import great_circle_m
from seaward.core.units import EARTH_RADIUS_M, NM_M

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Waypoint:
    """One waypoint of a route."""

    name: str
    lon_deg: float
    lat_deg: float
    arrive: datetime | None = None  # None at the first
    leave: datetime | None = None  # None at the last; as `arrive` where it is only passed
    speed_kn: float | None = None  # on the way here
    task: str = ""  # on the way here: transit, search, intercept, track; empty where not told
    stay: str = ""  # between arrival and departure
    rhumb: bool = False  # whether the way here keeps its course, instead of being shortest

    @property
    def place(self) -> Place:
        return self.lon_deg, self.lat_deg


@dataclass(frozen=True, slots=True)
class Route:
    """What an asset sails from port to port."""

    name: str
    realm: str | None  # `ops`, `ex:<drill id>`; None in files of others that do not say
    waypoints: tuple[Waypoint, ...]
    asset: str = ""
    nation: str = ""
    plan_id: str = ""
    sortie: int = 1
    notes: tuple[str, ...] = ()  # codes of the catalogue, of what was read with a doubt


@dataclass(frozen=True, slots=True)
class Stretch:
    """One task of a route in time."""

    task: str
    start: datetime
    end: datetime
    way: tuple[Place, ...]
    speed_kn: float | None = None


def moment_of(text: str) -> datetime:
    """A moment as plan.json writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def stamp(at: datetime) -> str:
    """A moment to the second, as 2027-11-04T17:00:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def routes_of(legs: Sequence[Mapping[str, Any]], realm: str, plan_id: str) -> list[Route]:
    """Routes of one asset.

    Parameters
    ----------
    legs
        Of one asset in time order, as in plan.json.
    realm
        `ops`, or `ex:<drill id>`.
    plan_id
        Of the plan.

    Returns
    -------
    One route for each sortie; stays in port are between them.
    """
    routes = []
    for in_port, part in groupby(legs, key=lambda leg: leg["task"] == "port"):
        own = list(part)
        if in_port:
            continue
        n = len(routes) + 1
        first = own[0]
        ends_home = any(leg["task"] == "port" and leg["start"] == own[-1]["end"] for leg in legs)
        name = route_name(realm, first["asset"], n)
        routes.append(Route(name, realm, _waypoints(own, realm, ends_home), first["asset"], first["nation"], plan_id, n))
    return routes


def _waypoints(legs: Sequence[Mapping[str, Any]], realm: str, ends_home: bool) -> tuple[Waypoint, ...]:
    x, y = legs[0]["way"][0]
    points = [Waypoint("", float(x), float(y), None, moment_of(legs[0]["start"]))]
    for leg in legs:
        start, end, task = moment_of(leg["start"]), moment_of(leg["end"]), leg["task"]
        way = [points[-1].place, *((px, py) for px, py in leg["way"][1:])]
        way = [p for k, p in enumerate(way) if k == 0 or p != way[k - 1]]
        last = points[-1]
        if len(way) == 1:
            if last.stay:
                points.append(Waypoint("", last.lon_deg, last.lat_deg, start, end, None, "", task))
            else:
                arrive = start if len(points) == 1 else last.arrive
                points[-1] = replace(last, arrive=arrive, leave=end, stay=task)
            continue
        points[-1] = replace(last, leave=start)
        run = np.concatenate([[0.0], np.cumsum([_m(p, q) for p, q in pairwise(way)])])
        for place, done in zip(way[1:], run[1:], strict=True):
            at = end if done == run[-1] else start + timedelta(seconds=int((end - start).total_seconds() * done / run[-1]))
            points.append(Waypoint("", place[0], place[1], at, at, leg["speed_kn"] or None, task))
    if not points[-1].stay:
        points[-1] = replace(points[-1], leave=None)
    count = len(points)
    tasks = ["port" if k == 0 or (k == count - 1 and ends_home) else p.stay or p.task for k, p in enumerate(points)]
    return tuple(replace(p, name=waypoint_name(realm, task, k)) for k, (p, task) in enumerate(zip(points, tasks, strict=True), 1))


def stretches_of(route: Route) -> list[Stretch]:
    """Tasks of a route in time: what is sailed in one task at one speed is one stretch; a stay is another.

    Returns
    -------
    Nothing where the route has no times: give it some by `timed`.
    """
    out: list[Stretch] = []
    for k, w in enumerate(route.waypoints):
        before = route.waypoints[k - 1] if k else None
        if before is not None and before.leave is not None and w.arrive is not None and w.arrive > before.leave:
            last = out[-1] if out else None
            goes_on = last is not None and len(last.way) > 1 and last.end == before.leave and (last.task, last.speed_kn) == (w.task, w.speed_kn)
            if last is not None and goes_on:
                way = along_rhumb(before.place, w.place) if w.rhumb else (before.place, w.place)
                out[-1] = replace(last, end=w.arrive, way=(*last.way, *way[1:]))
            else:
                way = along_rhumb(before.place, w.place) if w.rhumb else (before.place, w.place)
                out.append(Stretch(w.task, before.leave, w.arrive, way, w.speed_kn))
        if w.arrive is not None and w.leave is not None and w.leave > w.arrive:
            out.append(Stretch(w.stay, w.arrive, w.leave, (w.place,)))
    return out


def timed(route: Route, start: datetime, speed_kn: float) -> Route:
    """The route with times where it has none: from its departure, or a start, on at its own speeds, or at one."""
    points: list[Waypoint] = []
    for k, w in enumerate(route.waypoints):
        if k == 0:
            points.append(replace(w, leave=w.leave or w.arrive or start))
            continue
        before = points[-1]
        left = before.leave or before.arrive or start
        own_kn = w.speed_kn or speed_kn
        at = w.arrive or left + timedelta(seconds=round(course_and_nm(before.place, w.place, w.rhumb)[1] / own_kn * 3600.0))
        points.append(replace(w, arrive=at, leave=w.leave or at))
    return replace(route, waypoints=tuple(points))


def course_and_nm(start: Place, end: Place, rhumb: bool = False) -> tuple[float, float]:
    """Course at the beginning [degree, true] and length [nm] of the shortest way, or of the one that keeps its course."""
    (x0, y0), (x1, y1) = np.radians(start), np.radians(end)
    if rhumb:
        east, stretched = (x1 - x0 + np.pi) % (2 * np.pi) - np.pi, np.arcsinh(np.tan(y1)) - np.arcsinh(np.tan(y0))
        flat = (y1 - y0) / stretched if abs(stretched) > 1e-9 else np.cos(y0)
        return float(np.degrees(np.arctan2(east, stretched)) % 360.0), float(np.hypot(y1 - y0, flat * east)) * EARTH_RADIUS_M / NM_M
    east = np.sin(x1 - x0) * np.cos(y1)
    north = np.cos(y0) * np.sin(y1) - np.sin(y0) * np.cos(y1) * np.cos(x1 - x0)
    return float(np.degrees(np.arctan2(east, north)) % 360.0), _m(start, end) / NM_M


def along_rhumb(start: Place, end: Place, every_nm: float = 20.0) -> tuple[Place, ...]:
    """Points on the way that keeps its course, near enough to each other for great circles between them to lie on it."""
    count = max(1, int(np.ceil(course_and_nm(start, end, True)[1] / every_nm)))
    share = np.linspace(0.0, 1.0, count + 1)
    low, high = (float(np.arcsinh(np.tan(np.radians(p[1])))) for p in (start, end))
    lat = np.degrees(np.arctan(np.sinh(low + share * (high - low))))
    lon = start[0] + share * ((end[0] - start[0] + 180.0) % 360.0 - 180.0)
    return (start, *zip(((lon[1:-1] + 180.0) % 360.0 - 180.0).tolist(), lat[1:-1].tolist(), strict=True), end)


def _m(start: Place, end: Place) -> float:
    return float(great_circle_m(*start, *end))
