"""Routes over cells -> timed legs that can be sailed: ways around land, looks in cells, hours in port; and what each leg is worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seaward.chart.sea_grid import SeaGrid
from seaward.chart.sea_way import sea_way
from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M
from seaward.patrol.coverage import Routes
from seaward.patrol.problem import Problem
from seaward.patrol.routes import Path, cover_of

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Leg:
    """One stretch of an asset's time."""

    asset: str
    nation: str
    task: str  # port, transit, search, intercept, track
    start_h: float  # since the plan begins
    end_h: float
    way: tuple[Place, ...]  # longitude, latitude [degree]; one place where it stays
    speed_kn: float  # 0 where it stays or searches about a place
    cell: int = -1  # that is searched
    cover: float = 0.0  # z that the search gives to it
    worth: float = 0.0  # what would not be found without this leg
    target: str = ""


def legs_of(problem: Problem, plan: Routes, weight: NDArray[np.float64]) -> list[Leg]:
    """Legs of all assets, by asset, in time order.

    Parameters
    ----------
    problem
        Cells, steps and assets.
    plan
        A route for each asset.
    weight
        What each pot holds, for what a leg is worth; shape (pots,).
    """
    left = weight * np.exp(-plan.cover)
    legs: list[Leg] = []
    for s, (k, path) in enumerate(zip(problem.fleet.member, plan.paths, strict=True)):
        legs += asset_legs(problem, s, k, path, left)
    return legs


def asset_legs(problem: Problem, asset: int, group: int, path: Path, left: NDArray[np.float64]) -> list[Leg]:
    """Legs of one asset; its looks are already counted in what is left of pots."""
    return joined(_raw(problem, asset, group, path, left))


def _raw(problem: Problem, asset: int, group: int, path: Path, left: NDArray[np.float64]) -> Iterator[Leg]:
    a, x, cells = problem.assets[asset], problem.fleet.groups[group].lattice, problem.cells
    speed = a.speed_in(problem.asked.horizon["sea_state"])
    pots, z = cover_of(x, path)
    looks = iter(zip(pots.tolist(), z.tolist(), strict=True))
    known = [(t, int(i)) for t, i in enumerate(path.tolist()) if i >= 0]

    def place(i: int) -> Place:
        return a.base if i == x.cells else (float(cells.lon_deg[i]), float(cells.lat_deg[i]))

    for (t0, i), (t1, j) in pairwise(known):
        begin, end = t0 * x.step_h, t1 * x.step_h
        if i == j == x.cells:
            yield Leg(a.id, a.nation, "port", begin, end, (a.base,), 0.0)
            continue
        way = way_of(problem.waters[group].grid, place(i), place(j), a.flies) if i != j else (place(i),)
        there = begin + length_nm(way) / speed
        there = min(there, end)
        if i != j:
            yield Leg(a.id, a.nation, "transit", begin, there, way, speed)
        if j == x.cells:
            yield Leg(a.id, a.nation, "port", there, end, (a.base,), 0.0)
        else:
            pot, look = next(looks)
            worth = float(left[pot] * np.expm1(look))
            yield Leg(a.id, a.nation, "search", there, end, (place(j),), 0.0, j, look, worth)


def joined(legs: Iterable[Leg]) -> list[Leg]:
    """Stays in port, and searches of one cell, one after the other as one leg; worths of looks at one cell are told together."""
    out: list[Leg] = []
    for leg in legs:
        last = out[-1] if out else None
        if last and last.task == leg.task and leg.task in ("port", "search") and last.cell == leg.cell and last.end_h >= leg.start_h - 1e-9:
            out[-1] = replace(last, end_h=leg.end_h, cover=last.cover + leg.cover, worth=last.worth + leg.worth)
        else:
            out.append(leg)
    return [leg for leg in out if leg.end_h > leg.start_h + 1e-9]


def length_nm(way: tuple[Place, ...]) -> float:
    """Length of a way along great circles between its points [nm]."""
    lon, lat = np.array(way).T
    return float(great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum()) / NM_M


def along(way: tuple[Place, ...], share: float) -> Place:
    """The place a share of a way from its start."""
    if len(way) == 1:
        return way[0]
    lon, lat = np.array(way).T
    nm = great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:]) / NM_M
    to = min(1.0, max(0.0, share)) * float(nm.sum())
    for q, piece in enumerate(nm.tolist()):
        if to <= piece or q == len(nm) - 1:
            f = min(1.0, to / piece) if piece > 0 else 0.0
            x = lon[q] + ((lon[q + 1] - lon[q] + 180.0) % 360.0 - 180.0) * f
            return float((x + 180.0) % 360.0 - 180.0), float(lat[q] + (lat[q + 1] - lat[q]) * f)
        to -= piece
    return way[-1]


def part_of(way: tuple[Place, ...], share: float) -> tuple[Place, ...]:
    """The first share of a way."""
    if len(way) == 1:
        return way
    lon, lat = np.array(way).T
    nm = np.concatenate([[0.0], np.cumsum(great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:]))])
    kept = [p for p, at in zip(way, nm.tolist(), strict=True) if at < share * float(nm[-1])]
    return (*kept, along(way, share)) if kept else (way[0], along(way, share))


@lru_cache(maxsize=8192)
def way_of(grid: SeaGrid, start: Place, end: Place, flies: bool) -> tuple[Place, ...]:
    """Points of the way of an asset from one place to another."""
    if flies:
        return start, end
    found = sea_way(grid, start, end)
    points = list(zip(found.lon_deg.tolist(), found.lat_deg.tolist(), strict=True))
    if found.start_off_m > 1:
        points.insert(0, start)  # out of harbour, which the chart does not know
    if found.end_off_m > 1:
        points.append(end)
    return tuple(points)
