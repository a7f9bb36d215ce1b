"""Ways somebody may have been lost -> where to look, who, when and by which pattern, and what no search can exceed. Pure: no clock, no file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seaward.chart.sea_field import field_grid
from seaward.chart.sea_grid import Box, SeaGrid
from seaward.core.errors import ParameterError
from seaward.core.geodesy import mean_position_deg
from seaward.patrol.adrift import Drift, Lost, drift_of
from seaward.patrol.cells import Cells, cells_of
from seaward.patrol.crowd import Crowd, after, crowd_of, plan_search, search_bound
from seaward.patrol.flow import Flow
from seaward.patrol.problem import STEPS_H, Problem, problem_of
from seaward.patrol.read_plan import Asked
from seaward.patrol.read_search import SearchAsked, Searched
from seaward.patrol.sweeps import Sweep, cover_of_legs, sweeps_of, without
from seaward.patrol.verify import verify
from seaward.patrol.voyage import Leg

_SIDES_DEG = (0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1.0)
_MOST_CELLS = 240  # that the map is divided into by default
_LEAST_LOOK_H, _LEAST_FLIGHT_H = 1.0, 0.5  # steps of ships and of aircraft: shorter looks are all turns
_FASTEST_KN = 8.0  # of a drift, for how much chart is needed at most; ours
_REACH_DEG = 1.0  # around the cells that bases may lie without more chart
_EARLY = 0.005  # of a way home, when it takes all the time there is
_SHARE = (0.5, 0.9)  # of the probability, whose areas are told


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A search as planned."""

    problem: Problem
    drift: Drift
    crowd: Crowd
    legs: tuple[Leg, ...]
    sweeps: dict[int, Sweep]  # by number of the leg
    covers: tuple[NDArray[np.float64], ...]  # of pots by each leg
    success: float  # probability of the plan, by its legs
    at_will: float  # the same, were no time lost on ways within patterns: what is to be held against the bound for how the effort is shared out
    bound: float
    before: float  # probability of what was searched already


def chart_for(lost: Sequence[Lost], wind: Flow, current: Flow, until_h: float) -> SeaGrid:
    """The sea that drifts may reach."""
    reach = 0.0
    for x in lost:
        speed = np.hypot(current.east_kn, current.north_kn).max() + 2 * current.error_kn
        speed += 0.07 * (np.hypot(wind.east_kn, wind.north_kn).max() + wind.error_kn) + 0.5
        reach = max(reach, (min(float(speed), _FASTEST_KN) * (until_h - x.from_h) + 4 * x.error_nm) / 60 + 0.5)
    return field_grid(_around([p for x in lost for p in (x.place, x.end)], min(reach, 25.0)))


def _around(places: Sequence[tuple[float, float]], margin_deg: float) -> Box:
    """A box about places; it may run past 180 degrees."""
    lon, lat = (np.array(v, np.float64) for v in zip(*places, strict=True))
    middle = mean_position_deg(lon, lat)[0]
    x = middle + (lon - middle + 180.0) % 360.0 - 180.0
    wide = min(170.0, margin_deg / max(0.2, math.cos(math.radians(float(np.abs(lat).max())))))
    return (float(x.min()) - wide, max(-89.0, float(lat.min()) - margin_deg), float(x.max()) + wide, min(89.0, float(lat.max()) + margin_deg))


def adrift(lost: Sequence[Lost], wind: Flow, current: Flow, until_h: float, seed: int, drifts: int = 3_000) -> Drift:
    """Where somebody may be, in a second or two: for an alert, before any plan.

    Parameters
    ----------
    lost, wind, current, seed, drifts
        As in `drift_of`.
    until_h
        Since planning begins.
    """
    return drift_of(lost, wind, current, chart_for(lost, wind, current, until_h), until_h, seed, drifts)


def map_cells(drift: Drift, from_h: float, cell_deg: float | None = None, least_nm: float = 0.0) -> Cells:
    """Cells that drifts pass from an hour on, but for one in 200; their side as asked for, or the smallest above a least that leaves a few hundred.

    Raises
    ------
    ParameterError
        If nobody may be afloat by then.
    """
    m = drift.at(from_h)
    afloat = ~drift.stranded[m:].ravel()
    lon, lat = drift.lon_deg[m:].ravel()[afloat], drift.lat_deg[m:].ravel()[afloat]
    if not len(lon):
        raise ParameterError("every possible drift is ashore by the time the search begins; search the shore, or check wind, current and place")
    middle = mean_position_deg(lon, lat)[0]
    x = middle + (lon - middle + 180.0) % 360.0 - 180.0
    side, south, west, used = _SIDES_DEG[-1], 0.0, 0.0, np.zeros(0, np.int64)
    sides = [s for s in _SIDES_DEG if s * 60 >= least_nm] or [_SIDES_DEG[-1]]
    for side in (cell_deg,) if cell_deg else sides:
        west, south = (math.floor(float(v.min()) / side) * side for v in (x, lat))
        here = np.unique(np.floor((lat - south) / side).astype(np.int64) * 100_000 + np.floor((x - west) / side).astype(np.int64), return_counts=True)
        used = here[0][np.cumsum(np.sort(here[1])[::-1])[np.argsort(np.argsort(-here[1], kind="stable"), kind="stable")] <= 0.995 * len(x)]
        used = used if len(used) else here[0]
        if len(used) <= _MOST_CELLS:
            break
    row, column = used // 100_000, used % 100_000
    south, west = south + float(row.min()) * side, west + float(column.min()) * side  # of the cells that are used
    box = (west, south, west + (int(np.ptp(column)) + 1) * side, south + (int(np.ptp(row)) + 1) * side)
    cells = cells_of(box, side, least_sea=0.05)
    r = np.rint((cells.south_deg - south) / side).astype(np.int64)
    c = np.rint((cells.west_deg - west) / side).astype(np.int64)
    return _some(cells, np.isin((r + row.min()) * 100_000 + c + column.min(), used))


def _some(cells: Cells, keep: NDArray[np.bool_]) -> Cells:
    c = cells
    return Cells(c.lon_deg[keep], c.lat_deg[keep], c.west_deg[keep], c.south_deg[keep], c.area_nm2[keep], c.cell_deg, c.grid)


def plan(asked: SearchAsked, done: Sequence[Searched] = ()) -> Found:
    """Plan a search.

    Parameters
    ----------
    asked
        As read.
    done
        Searches that found nothing.

    Returns
    -------
    The plan; where a pattern breaks a rule of `verify` (land), its cell is searched at will.

    Raises
    ------
    PlanError, ParameterError
        If a base cannot be used, or nobody may be afloat.
    """
    hours, epoch_h = asked.search["hours"], asked.search["map_h"]
    drift = adrift(asked.lost, asked.wind, asked.current, hours, asked.seed, asked.search["drifts"])
    weight, before = after(drift, done)
    cells = _with_bases(map_cells(drift, 0.0, asked.search["cell_deg"], _thin_nm(asked)), asked)
    problem = problem_of(_as_plan(asked, cells), cells)
    crowd = crowd_of(drift, cells, problem.epochs, epoch_h, weight)
    if not problem.assets:
        return Found(problem, drift, crowd, (), {}, (), 0.0, 0.0, 0.0, before)
    bound, price, known = search_bound(problem.fleet, crowd)
    routes = plan_search(problem.fleet, crowd, asked.seed, asked.search["rounds"], price, known)
    legs, sweeps = sweeps_of(problem, routes, asked.patterns)
    legs = _to_the_end(problem, legs)
    legs, sweeps = _checked(problem, legs, sweeps)
    covers = cover_of_legs(legs, len(cells), problem.epochs, epoch_h)
    total = np.sum(covers, axis=0) if covers else np.zeros(crowd.pots)
    success = crowd.found(total)
    worth = [success - crowd.found(total - c) if leg.task == "search" else 0.0 for leg, c in zip(legs, covers, strict=True)]
    legs = [replace(leg, worth=max(0.0, w)) for leg, w in zip(legs, worth, strict=True)]
    return Found(problem, drift, crowd, tuple(legs), sweeps, tuple(covers), success, max(success, routes.value), bound, before)


def _thin_nm(asked: SearchAsked) -> float:
    """Side of a cell in which the shortest look of nobody gives more than a coverage of one: deeper looks leave a wide gap to the bound."""
    least = ((_LEAST_FLIGHT_H if a.flies else _LEAST_LOOK_H) * a.speed_kn * max(a.sweep_day_nm, a.sweep_night_nm) for a in asked.assets)
    return math.sqrt(max(least, default=0.0))


def _with_bases(cells: Cells, asked: SearchAsked) -> Cells:
    """A chart that reaches to the bases too."""
    if all(cells.grid.contains(*a.base) for a in asked.assets):
        return cells
    places = list(zip(cells.lon_deg.tolist(), cells.lat_deg.tolist(), strict=True)) + [a.base for a in asked.assets]
    return replace(cells, grid=field_grid(_around(places, _REACH_DEG)))


def _as_plan(asked: SearchAsked, cells: Cells) -> Asked:
    """The same as a plan file would ask for it."""
    state = asked.search["sea_state"]
    slowest = min((kn for a in asked.assets if not a.flies and (kn := a.speed_in(state)) > 0), default=1e9)
    need = max(_LEAST_LOOK_H, cells.side_nm / slowest)
    step_h = next((s for s in STEPS_H if s >= need - 1e-9), float(math.ceil(need)))
    horizon = {"start": asked.start, "days": asked.search["hours"] / 24.0, "step_h": step_h, "sea_state": state, "least_step_h": _LEAST_FLIGHT_H}
    risk: dict[str, Any] = {"act_h": asked.search["map_h"]}
    return Asked(asked.name, Path(), asked.realm, asked.title, asked.seed, asked.start, horizon, {}, risk, {}, asked.assets, asked.lines, {})


def _to_the_end(problem: Problem, legs: list[Leg]) -> list[Leg]:
    """Everybody stays in port until the search ends; who would come in at its very end comes in a little before, within the slack of ways."""
    told = []
    for k, leg in enumerate(legs):
        last = k + 1 == len(legs) or legs[k + 1].asset != leg.asset
        if last and leg.task == "transit":
            there = leg.end_h - _EARLY * (leg.end_h - leg.start_h)
            told += [replace(leg, end_h=there), Leg(leg.asset, leg.nation, "port", there, problem.hours, leg.way[-1:], 0.0)]
        else:
            told.append(replace(leg, end_h=problem.hours) if last and leg.task == "port" else leg)
    return told


def _checked(problem: Problem, legs: list[Leg], sweeps: dict[int, Sweep]) -> tuple[list[Leg], dict[int, Sweep]]:
    """Patterns that touch land by the finer coast are left out; anything else that is broken is a defect."""
    for _ in range(2):
        broken = verify(legs, problem.asked.assets, problem.cells, {}, problem.asked.horizon["sea_state"], problem.hours)
        if not broken:
            return legs, sweeps
        first = {name: next(k for k, leg in enumerate(legs) if leg.asset == name) for name in {b.asset for b in broken}}
        for b in broken:
            k = first[b.asset] + b.leg
            if b.rule != "land" or k not in sweeps or not sweeps[k].kind:
                raise AssertionError(f"the search breaks its own rules and is not shown: {b.asset}, leg {b.leg}: {b.rule} ({b.has:g}, {b.limit:g})")
            legs, sweeps = without(legs, sweeps, k, "land")
    raise AssertionError("the search breaks its own rules and is not shown")


def contained_nm2(crowd: Crowd, cells: Cells, epoch: int) -> list[float]:
    """Sea of the fewest cells that hold half, and nine tenths, of the probability of an epoch [nm2]."""
    held = crowd.held().reshape(-1, len(cells))[epoch]
    order = np.argsort(-held / cells.area_nm2, kind="stable")
    share = np.cumsum(held[order])
    area = np.cumsum(cells.area_nm2[order])
    return [float(area[min(len(area) - 1, int(np.searchsorted(share, s * held.sum())))]) for s in _SHARE]
