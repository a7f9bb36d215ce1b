"""An asset that is not where its route has it -> where it takes up patrol again, or that it goes home, and the legs on the way there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M
from seaward.patrol.coverage import GUESS
from seaward.patrol.fleet import Fleet
from seaward.patrol.lattice import Lattice, Start
from seaward.patrol.problem import Problem
from seaward.patrol.routes import Path, beam_route, prospects
from seaward.patrol.verify import THROUGH
from seaward.patrol.voyage import Leg, Place, asset_legs, length_nm, way_of

SPARE_H = 0.1  # in port before the plan ends; ours
_NEAR_NM = 2.0  # a place so close to the planned one is the same; ours


def way_h(problem: Problem, k: int, start: Place, end: Place | None = None) -> float:
    """Hours of an asset from a place to another, or to its base."""
    a = problem.assets[k]
    grid = problem.waters[problem.fleet.member[k]].grid
    return length_nm(way_of(grid, start, end or a.base, a.flies)) / a.speed_in(problem.asked.horizon["sea_state"])


def known_step(path: Path, step: int) -> int:
    """The next step at which the node of a route is known."""
    step = min(step, len(path) - 1)
    while path[step] < 0:
        step += 1
    return step


def is_astray(problem: Problem, k: int, legs: Sequence[Leg], place: Place, now_h: float) -> bool:
    """Whether an asset cannot go on with its legs: too far off to come to the end of its way in time, or out of the cell that it searches."""
    a = problem.assets[k]
    leg = next((leg for leg in legs if leg.asset == a.id and leg.start_h <= now_h < leg.end_h), None)
    if leg is None:
        return False
    speed = a.speed_in(problem.asked.horizon["sea_state"])
    near_nm = _NEAR_NM + (THROUGH * problem.cells.side_nm if leg.task == "search" else 0.0)
    left_h = leg.end_h - now_h if leg.task == "transit" else 0.0
    return way_h(problem, k, place, leg.way[-1]) > left_h + near_nm / speed


def takes_up(problem: Problem, k: int, place: Place, at_h: float, left_h: float, home_by_h: float | None) -> Start:
    """Where and when an asset that is free at a moment takes up patrol again: near where it is, or from port once it has rested."""
    a, x = problem.assets[k], problem.fleet.groups[problem.fleet.member[k]].lattice
    waters, cells = problem.waters[problem.fleet.member[k]], problem.cells
    nm = np.where(waters.may, great_circle_m(*place, cells.lon_deg, cells.lat_deg) / NM_M, np.inf)
    node = int(nm.argmin())
    hop_h = length_nm(way_of(waters.grid, place, _centre(problem, node), a.flies)) / a.speed_in(problem.asked.horizon["sea_state"])
    step = math.ceil((at_h + hop_h) / x.step_h - 1e-9)
    age = math.ceil((step * x.step_h - left_h) / x.step_h - 1e-9)
    if age + x.home[node] <= x.sortie and step + x.home[node] <= _last_step(x, home_by_h):
        return Start(node, step, age)
    return Start(x.cells, min(_step_home(problem, k, at_h + way_h(problem, k, place)) + x.rest, x.steps))


def resume(fleet: Fleet, k: int, left: NDArray[np.float64], width: int, home_by_h: float | None) -> Path:
    """A route from where an asset takes up patrol again, home by a moment or as soon as it can; empty where it stays in port."""
    g = fleet.groups[k]
    x, start = g.lattice, g.start
    if start.step >= x.steps and start.node != x.cells:
        return np.empty(0, np.int32)
    end = max(_last_step(x, home_by_h), start.step + (0 if start.node == x.cells else int(x.home[start.node])))
    if home_by_h is None or end >= x.steps:
        return _route(x, left, start, width)
    path = np.full(x.steps + 1, -1, np.int32)
    path[: end + 1] = _route(replace(x, level=x.level[:end], epoch=x.epoch[:end], departs=x.departs[:end]), left, start, width)
    came = end
    while came > start.step and path[came - 1] == x.cells:
        came -= 1
    again = min(max(end, _next_step(x, home_by_h), 0 if came == start.step else came + x.rest), x.steps)
    path[end:again] = x.cells
    path[again:] = _route(x, left * np.exp(-fleet.cover(k, path)), Start(x.cells, again), width)[again:]
    return path


def is_home_by(x: Lattice, path: Path, home_by_h: float) -> bool:
    """Whether a route has its asset in port at a moment: at the step before it and at the one after."""
    return bool(path[_last_step(x, home_by_h)] == x.cells == path[_next_step(x, home_by_h)])


def _last_step(x: Lattice, home_by_h: float | None) -> int:
    """The step at which an asset must be in port."""
    return x.steps if home_by_h is None else min(max(0, math.floor(home_by_h / x.step_h + 1e-9)), x.steps)


def _next_step(x: Lattice, home_by_h: float) -> int:
    """The step from which it may be out again."""
    return min(max(0, math.ceil(home_by_h / x.step_h - 1e-9)), x.steps)


def _route(x: Lattice, left: NDArray[np.float64], start: Start, width: int) -> Path:
    return beam_route(x, left, start, width, prospects(x, GUESS * left, start))[1]


def after(problem: Problem, k: int, path: Path, here: Place, at_h: float, remaining: NDArray[np.float64]) -> tuple[Path, list[Leg]]:
    """Route and legs from a place and moment on: to the cell where patrol is taken up again, or home, to leave again from there or to stay."""
    a, group = problem.assets[k], problem.fleet.member[k]
    speed = a.speed_in(problem.asked.horizon["sea_state"])
    grid, x = problem.waters[group].grid, problem.fleet.groups[group].lattice
    step = int(np.flatnonzero(path >= 0)[0]) if len(path) else x.steps
    if len(path) and path[step] != x.cells:
        way = way_of(grid, here, _centre(problem, int(path[step])), a.flies)
        legs = [Leg(a.id, a.nation, "transit", at_h, step * x.step_h, way, speed)] if step * x.step_h > at_h else []
        return path, legs + asset_legs(problem, k, group, path, remaining)
    way = way_of(grid, here, a.base, a.flies)
    home = at_h + length_nm(way) / speed
    legs = [Leg(a.id, a.nation, "transit", at_h, home, way, speed)] if home > at_h else []  # else it has not left
    if home < (until_h := step * x.step_h if len(path) else problem.hours):
        legs.append(Leg(a.id, a.nation, "port", home, until_h, (a.base,), 0.0))
    if not len(path):
        return path, legs
    path = path.copy()
    path[_step_home(problem, k, home) : step] = x.cells
    return path, [*legs, *asset_legs(problem, k, group, path, remaining)]


def _centre(problem: Problem, cell: int) -> Place:
    return float(problem.cells.lon_deg[cell]), float(problem.cells.lat_deg[cell])


def _step_home(problem: Problem, k: int, home_h: float) -> int:
    """The step from which an asset that comes home is in port."""
    return math.ceil(home_h / problem.fleet.groups[problem.fleet.member[k]].lattice.step_h - 1e-9)
