"""A visit list and the chart -> times between all places, tours, timed legs, and why a contact is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from seaward.chart.sea_field import field_grid, sea_field
from seaward.chart.sea_grid import SeaGrid
from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M
from seaward.patrol.assets import Asset
from seaward.patrol.cells import Cells, waters_of
from seaward.patrol.fleet import Fleet
from seaward.patrol.mistakes import Mistake, PlanError
from seaward.patrol.obstacles import named_areas, rounded_up
from seaward.patrol.problem import Problem
from seaward.patrol.read_visits import Contact, VisitList
from seaward.patrol.tour_reloads import Sorties, sorties_timed
from seaward.patrol.tours import Tours, Visits, timed
from seaward.patrol.voyage import Leg, Place, way_of

_LONGER = 1.01  # times are told so much longer than the field says: the way itself may be a little longer; ours
_OFF_SHORE_NM = 5.0  # a contact this near to the sea is thought to be on it: the chart does not know bays
_FAR_H = 1e5


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A visit list made ready."""

    problem: Problem
    contacts: tuple[Contact, ...]
    visits: Visits  # nodes: contacts, then where assets are, then their bases; vehicles: sorties [h]
    sorties: tuple[int, ...]  # asset of each vehicle
    grids: tuple[SeaGrid, ...]  # of each asset
    places: tuple[Place, ...]  # of nodes


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A contact that nobody checks: which constraint, what there is and what it would need."""

    contact: str
    constraint: str  # waters, base_waters, no_way, boards, endurance, fuel, horizon, window, sea_state, worth
    asset: str = ""  # that comes nearest to it
    has: float = 0.0
    needs: float = 0.0
    areas: str = ""  # that hold it, as the list names them


def task_of(v: VisitList) -> Task:
    """Build it.

    Raises
    ------
    PlanError
        If a contact lies on land or outside the area, or a base away from the sea.
    """
    grid = chart_of(v)
    none = np.zeros(0)
    cells = Cells(none, none, none, none, none, 1.0, grid)
    _check(v, grid)
    problem = Problem(v.asked, cells, v.asked.assets, (), Fleet((), 0), 1, ())
    assets, n = v.asked.assets, len(v.contacts)
    places = (*(c.place for c in v.contacts), *(v.places.get(a.id, a.base) for a in assets), *(a.base for a in assets))
    lon, lat = np.array(places).T
    straight = great_circle_m(lon[:, None], lat[:, None], lon[None], lat[None]) / NM_M
    ways: dict[tuple[object, ...], tuple[SeaGrid, NDArray[np.float64], NDArray[np.bool_]]] = {}
    grids, travel, pace, start, end, ready, due, limit, may, sorties = [], [], [], [], [], [], [], [], [], []
    for k, a in enumerate(assets):
        key = (a.flies, a.only, a.closed)
        if key not in ways:
            ways[key] = _ways(v, cells, a, lon, lat, straight)
        own, nm, open_to = ways[key]
        grids.append(own)
        speed = a.speed_in(v.asked.horizon["sea_state"])
        travel.append(nm / speed * (1.0 if a.flies else _LONGER) if speed > 0 else np.full_like(nm, np.inf))
        if a.id in v.places:
            _check_home(v, a, float(travel[-1][n + k, n + len(assets) + k]))
        able = open_to & np.array([a.boards or not c.board for c in v.contacts] + [False] * 2 * len(assets))
        for number, (first, last, most) in enumerate(_sorties(a, problem.hours, v.asked.horizon["sea_state"], v.out_h[a.id], a.id in v.places)):
            pace.append(k)
            start.append(n + k if number == 0 else n + len(assets) + k)
            end.append(n + len(assets) + k)
            ready.append(first)
            due.append(last)
            limit.append(most)
            may.append(able)
            sorties.append(k)
    zero = 2 * len(assets)

    def hours(moment: datetime | None, otherwise: float) -> float:
        return otherwise if moment is None else (moment - v.asked.start).total_seconds() / 3600.0

    visits = Visits(
        np.array(travel), np.array([c.prize for c in v.contacts] + [0.0] * zero), np.array([c.minutes / 60.0 for c in v.contacts] + [0.0] * zero),
        np.array([max(0.0, hours(c.opens, 0.0)) for c in v.contacts] + [0.0] * zero),
        np.array([hours(c.closes, _FAR_H) for c in v.contacts] + [_FAR_H] * zero), np.array(pace), np.array(start), np.array(end),
        np.array(ready, np.float64), np.array(due, np.float64), np.array(limit, np.float64), np.array(may),
    )  # fmt: skip
    return Task(problem, v.contacts, visits, tuple(sorties), tuple(grids), places)


def chart_of(v: VisitList) -> SeaGrid:
    """The sea of the area of a list, and a degree around it."""
    west, south, east, north = v.asked.area["box"]
    width = (east - west) % 360.0 or 360.0
    return field_grid((west - 1.0, max(-89.0, south - 1.0), west + min(width + 1.0, 358.9), min(89.0, north + 1.0)))


def why_not_there(grid: SeaGrid, place: Place) -> str:
    """Why a place cannot be that of a contact: `outside` the chart, or `on_land`; nothing where it can."""
    return "outside" if not grid.contains(*place) else "on_land" if grid.to_sea(*place)[2] / NM_M > _OFF_SHORE_NM else ""


def _check(v: VisitList, grid: SeaGrid) -> None:
    wrong = []
    for c in v.contacts:
        line, why = v.contact_lines[c.id], why_not_there(grid, c.place)
        if why == "outside":
            wrong.append(Mistake(line, "contact_outside", {"id": c.id}))
        elif why:
            sea = grid.to_sea(*c.place)
            wrong.append(Mistake(line, "contact_on_land", {"id": c.id, "nm": round(sea[2] / NM_M), "place": f"[{sea[0]:.3f}, {sea[1]:.3f}]"}))
    for a in v.asked.assets:
        if not grid.contains(*a.base) or not grid.contains(*v.places.get(a.id, a.base)):
            wrong.append(Mistake(v.asked.lines[a.id], "base_outside", {"id": a.id}))
        elif not a.flies and (nm := grid.to_sea(*a.base)[2] / NM_M) > 30.0:
            wrong.append(Mistake(v.asked.lines[a.id], "base_inland", {"id": a.id, "nm": round(nm)}))
    if wrong:
        raise PlanError(v.asked.name, wrong)


def _check_home(v: VisitList, a: Asset, home_h: float) -> None:
    """PlanError for an asset at sea that cannot be home in time, with each limit it breaks and what would do."""
    line, days, state = v.asked.lines[a.id], v.asked.horizon["days"], v.asked.horizon["sea_state"]
    if a.speed_in(state) <= 0:
        raise PlanError(v.asked.name, [Mistake(line, "stuck_sea_state", {"id": a.id, "limit": a.max_sea_state, "state": state})])
    if not np.isfinite(home_h):
        raise PlanError(v.asked.name, [Mistake(line, "stuck_waters", {"id": a.id, "areas": named_areas(a) or "-"})])
    wrong, (most_h, limit), home = list[Mistake](), a.sortie_h(state), rounded_up(home_h, 10)
    if home_h + v.out_h[a.id] > most_h + 1e-9:
        needs = rounded_up(home_h + v.out_h[a.id], 10)
        wrong.append(Mistake(line, f"stuck_{limit}", {"id": a.id, "home": home, "out": v.out_h[a.id], "has": round(most_h, 1), "needs": needs}))
    if home_h > days * 24.0:
        wrong.append(Mistake(line, "stuck_horizon", {"id": a.id, "home": home, "has": days, "needs": rounded_up(home_h / 24.0, 100)}))
    if wrong:
        raise PlanError(v.asked.name, wrong)


def _ways(
    v: VisitList, cells: Cells, a: Asset, lon: NDArray[np.float64], lat: NDArray[np.float64], straight: NDArray[np.float64]
) -> tuple[SeaGrid, NDArray[np.float64], NDArray[np.bool_]]:  # fmt: skip
    """Ways between places [nm], and which of them it may enter."""
    only, closed = ([v.asked.areas[n].shape for n in names] for names in (a.only, a.closed))
    here = Cells(lon, lat, lon, lat, np.zeros(len(lon)), 1.0, cells.grid)
    waters = waters_of(here, a.flies, only, closed)
    if a.flies:
        return waters.grid, straight, waters.may
    nm = np.full_like(straight, np.inf)
    for k in range(len(lon)):
        if not waters.leaves_port(float(lon[k]), float(lat[k])):
            continue  # in waters closed to it, far from others
        nm[k] = np.maximum(sea_field(waters.grid, (float(lon[k]), float(lat[k]))).at(lon, lat) / NM_M, straight[k])
    np.fill_diagonal(nm, 0.0)
    at_sea = v.places.get(a.id)
    if at_sea is not None and (waters.grid.land.all() or waters.grid.to_sea(*at_sea)[2] > _OFF_SHORE_NM * NM_M):
        raise PlanError(v.asked.name, [Mistake(v.asked.lines[a.id], "place_closed", {"id": a.id, "areas": named_areas(a)})])
    return waters.grid, np.maximum(nm, nm.T), waters.may


def _sorties(a: Asset, hours: float, sea_state: int, out_h: float, at_sea: bool) -> list[tuple[float, float, float]]:
    """Earliest departure, latest return and longest time [h] of each sortie: they share the time evenly, with rest between."""
    most, _ = a.sortie_h(sea_state)
    if a.speed_in(sea_state) <= 0:
        most = 0.0
    left = max(0.0, most - out_h)
    if at_sea:  # home first; what is left of the time is shared by the others
        first = [(0.0, min(hours, left), min(hours, left))]
        begin = first[0][1] + a.rest_h
    else:
        first, begin = [], 0.0
    rest = hours - begin
    count = int((rest + a.rest_h) / (most + a.rest_h) + 1e-9) if most > 0 else 0
    if not first:
        count = max(1, count)
    part = (rest + a.rest_h) / count if count else 0.0
    return first + [(begin + k * part, begin + (k + 1) * part - a.rest_h, min(most, part - a.rest_h)) for k in range(count)]


def by_asset(task: Task, v: VisitList) -> tuple[Task, NDArray[np.float64], NDArray[np.float64]]:
    """The same with one vehicle for each asset, whose sorties may begin and end whenever that is best; its rest, and how long it has been out [h]."""
    assets, n, own = task.problem.assets, len(task.contacts), task.visits
    m, state, hours = len(assets), task.problem.asked.horizon["sea_state"], task.problem.hours
    away = np.array([a.id in v.places for a in assets])
    limit = np.array([a.sortie_h(state)[0] if a.speed_in(state) > 0 else 0.0 for a in assets])
    may = np.array([_may_of(task, k) for k in range(m)])
    visits = replace(
        own, pace=np.arange(m), start=np.where(away, n, n + m) + np.arange(m), end=n + m + np.arange(m), ready=np.zeros(m), due=np.full(m, hours),
        limit=np.minimum(limit, hours), may=may,
    )  # fmt: skip
    rest, out = np.array([a.rest_h for a in assets]), np.array([v.out_h[a.id] if is_away else 0.0 for a, is_away in zip(assets, away, strict=True)])
    # what it has been out counts from the whole endurance, also where that is longer than the plan
    return replace(task, visits=visits, sorties=tuple(range(m))), rest, np.maximum(0.0, out - np.maximum(0.0, limit - hours))


def _may_of(task: Task, asset: int) -> NDArray[np.bool_]:
    """Where an asset may go; nowhere for one without sorties."""
    rows = [task.visits.may[m] for m, k in enumerate(task.sorties) if k == asset]
    return rows[0] if rows else np.zeros(len(task.visits.prize), np.bool_)


def as_sailed(task: Task, sorties: Sorties, rest: NDArray[np.float64], out: NDArray[np.float64]) -> tuple[Task, Tours]:
    """Sorties of assets as vehicles of their own, each in its own time, and what each visits."""
    v, rows, nodes = task.visits, list[tuple[int, int, float, float, float]](), list[tuple[int, ...]]()
    for k, trips in enumerate(sorties.trips):
        for number, (when, trip) in enumerate(zip(sorties_timed(v, rest, out, k, trips) or (), trips, strict=True)):
            from_sea = number == 0 and v.start[k] != v.end[k]
            begin = 0.0 if from_sea else when.depart
            rows.append((k, int(v.start[k] if number == 0 else v.end[k]), begin, when.back, when.back - begin))
            nodes.append(trip)
    asset, start, ready, due, limit = (np.array(column) for column in zip(*rows, strict=True))
    whole = replace(v, pace=asset, start=start, end=v.end[asset], ready=ready, due=due, limit=limit, may=v.may[asset])
    return replace(task, visits=whole, sorties=tuple(asset.tolist())), Tours(tuple(nodes), sorties.prize, sorties.rounds)


def visit_legs(task: Task, tours: Tours) -> list[Leg]:
    """Timed legs: in port, on the way, at a contact (`intercept`, with its target), home."""
    v, hours, n = task.visits, task.problem.hours, len(task.contacts)
    legs: list[Leg] = []
    for k, a in enumerate(task.problem.assets):
        own, now = list[Leg](), 0.0
        at_sea = task.places[n + k] != a.base

        def stay(until: float, own: list[Leg] = own, a: Asset = a) -> None:
            begin = own[-1].end_h if own else 0.0
            if until > begin + 1e-9:
                own.append(Leg(a.id, a.nation, "port", begin, until, (a.base,), 0.0))

        for m in (m for m, of in enumerate(task.sorties) if of == k):
            nodes = tours.nodes[m]
            when = timed(v, m, nodes)
            if when is None or (not nodes and v.start[m] == v.end[m]) or (not nodes and not at_sea):
                continue
            speed = a.speed_in(task.problem.asked.horizon["sea_state"])
            from_sea = at_sea and not own
            depart = 0.0 if from_sea else when.depart
            if not from_sea:
                stay(depart)
            now, here, travel = depart, int(v.start[m]), v.travel[v.pace[m]]
            for x, begin in zip(nodes, when.begins, strict=True):
                own += _go(a, task, k, here, x, now, now + float(travel[here, x]), speed)
                if begin > (own[-1].end_h if own else now) + 1e-9:
                    own.append(Leg(a.id, a.nation, "track", own[-1].end_h if own else now, begin, (task.places[x],), 0.0, target=task.contacts[x].id))
                c = task.contacts[x]
                now = begin + c.minutes / 60.0
                if c.minutes > 0:
                    own.append(Leg(a.id, a.nation, "intercept", begin, now, (task.places[x],), 0.0, worth=c.prize, target=c.id))
                here = x
            own += _go(a, task, k, here, int(v.end[m]), now, now + float(travel[here, v.end[m]]), speed)
        stay(hours)
        legs += own
    return legs


def _go(a: Asset, task: Task, k: int, here: int, to: int, begin: float, end: float, speed_kn: float) -> list[Leg]:
    if end <= begin + 1e-9:
        return []
    target = task.contacts[to].id if to < len(task.contacts) else ""
    way = way_of(task.grids[k], task.places[here], task.places[to], a.flies)
    return [Leg(a.id, a.nation, "transit", begin, end, way, speed_kn, target=target)]


def left_out(task: Task, tours: Tours) -> list[LeftOut]:
    """Contacts that nobody checks, and why: the constraint that is nearest to being kept."""
    v, assets = task.visits, task.problem.assets
    visited = {x for nodes in tours.nodes for x in nodes}
    return [_why(task, v, assets, x) for x in range(len(task.contacts)) if x not in visited]


def _why(task: Task, v: Visits, assets: Sequence[Asset], x: int) -> LeftOut:
    c, state = task.contacts[x], task.problem.asked.horizon["sea_state"]
    found: list[tuple[float, LeftOut]] = []
    for m, k in enumerate(task.sorties):
        a = assets[k]
        if timed(v, m, (x,)) is not None and v.may[m, x]:
            return LeftOut(c.id, "worth", a.id)
        travel = v.travel[v.pace[m]]
        there, back = float(travel[v.start[m], x]), float(travel[x, v.end[m]])
        needs = there + c.minutes / 60.0 + back
        if a.speed_in(state) <= 0:
            found.append((5e5, LeftOut(c.id, "sea_state", a.id, a.max_sea_state, state)))
        elif c.board and not a.boards:
            found.append((4e5, LeftOut(c.id, "boards", a.id)))
        elif not v.may[m, x] or not np.isfinite(needs):
            found.append((3e5, _shut_out(v, c, a, m)))
        elif needs > v.limit[m]:
            limit = "horizon" if v.due[m] - v.ready[m] <= v.limit[m] + 1e-9 else a.sortie_h(state)[1]
            found.append((needs - v.limit[m], LeftOut(c.id, limit, a.id, float(v.limit[m]), needs)))
        else:
            late = float(v.ready[m]) + there
            found.append((late - 1e6, LeftOut(c.id, "window", a.id, float(v.closes[x]), max(late, float(v.opens[x])))))
    return min(found, key=lambda f: f[0])[1]


def _shut_out(v: Visits, c: Contact, a: Asset, vehicle: int) -> LeftOut:
    """Whether the base, the contact, or the way between them lies in waters that are closed to an asset."""
    areas = named_areas(a)
    if not areas:
        return LeftOut(c.id, "no_way", a.id)
    home = v.travel[v.pace[vehicle], v.end[vehicle]]
    shut = not np.isfinite(np.delete(home, v.end[vehicle])).any()
    return LeftOut(c.id, "base_waters" if shut else "waters", a.id, areas=areas)
