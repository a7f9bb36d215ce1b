"""Routes over cells -> legs with search patterns that can be sailed in the time there is; what each covers, and why one is left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seaward.chart.sea_way import is_free
from seaward.core.sun import sun_elevation_deg
from seaward.core.units import HOUR_S, US_PER_S, at_to_us
from seaward.patrol.assets import Asset
from seaward.patrol.cells import Cells
from seaward.patrol.coverage import Routes
from seaward.patrol.patterns import Point, creeping, expanding_square, length_of, parallel, sector
from seaward.patrol.problem import Problem
from seaward.patrol.voyage import Leg, Place, asset_legs

_TURN_H = 1 / 60  # for a change of course; ours
_MOST_TRACKS = 60
_DAYLIGHT_DEG = -0.833
_EDGE = 0.98  # of the half width of a cell that a pattern about a datum may fill


@dataclass(frozen=True, slots=True)
class Sweep:
    """The pattern of a search leg."""

    kind: str  # PS, CS, SS, VS; empty where none fits: the cell is searched at will
    spacing_nm: float  # of SS and of sweeps; the radius of VS
    csp: Place  # commence search point
    turns: tuple[Place, ...]  # the pattern itself, from the commence search point on
    track_nm: float
    sweep_nm: float
    why_not: str = ""  # land, time


def sweeps_of(problem: Problem, plan: Routes, patterns: dict[str, str]) -> tuple[list[Leg], dict[int, Sweep]]:
    """Legs of all assets, and the pattern of each search leg by its number in them.

    Parameters
    ----------
    problem
        Cells, steps and assets.
    plan
        A route for each asset.
    patterns
        By asset: auto, PS, CS, SS, VS.

    Returns
    -------
    A search leg goes from the place of its cell to the commence search point, along the pattern and back; its coverage is what the pattern's
    tracks give in the sea of the cell. A ship's pattern that would cross land, and one for which there is no time, are left out: the cell is
    searched at will, and covered as its time allows.
    """
    nothing = np.zeros(problem.fleet.pots)
    legs, sweeps = list[Leg](), dict[int, Sweep]()
    for s, (group, path) in enumerate(zip(problem.fleet.member, plan.paths, strict=True)):
        asset = problem.assets[s]
        for leg in asset_legs(problem, s, group, path, nothing):
            if leg.task == "search":
                sweep = fitted(problem, asset, leg, patterns.get(asset.id, "auto"))
                sweeps[len(legs)] = sweep
            legs.append(_along(problem, asset, leg, sweeps.get(len(legs))))
    return legs, sweeps


def _along(problem: Problem, asset: Asset, leg: Leg, sweep: Sweep | None) -> Leg:
    if sweep is None:
        return leg
    speed = asset.speed_in(problem.asked.horizon["sea_state"])
    area_nm2 = float(problem.cells.area_nm2[leg.cell])
    if not sweep.kind:
        return replace(leg, cover=sweep.sweep_nm * speed * (leg.end_h - leg.start_h) / area_nm2)
    return replace(leg, way=(leg.way[0], *sweep.turns, leg.way[0]), speed_kn=speed, cover=sweep.sweep_nm * sweep.track_nm / area_nm2)


def fitted(problem: Problem, asset: Asset, leg: Leg, wanted: str) -> Sweep:
    """The closest pattern that the time of a leg allows."""
    cells, k = problem.cells, leg.cell
    speed = asset.speed_in(problem.asked.horizon["sea_state"])
    wide, high = sides_nm(cells, k)
    start = _local(cells, k, leg.way[0])
    middle = leg.start_h + (leg.end_h - leg.start_h) / 2
    at_us = at_to_us(problem.asked.start) + int(middle * HOUR_S * US_PER_S)
    day = sun_elevation_deg(at_us, *leg.way[0]) > _DAYLIGHT_DEG
    sweep_nm = asset.sweep_day_nm if day else asset.sweep_night_nm
    budget = speed * (leg.end_h - leg.start_h)
    kind = "PS" if wanted == "auto" else wanted
    best: tuple[float, list[Point]] | None = None
    for spacing, points in _options(kind, wide, high, budget, start):
        way = [start, *points, start]
        if length_of(way) + len(points) * _TURN_H * speed <= budget and (best is None or length_of(points) > length_of(best[1])):
            best = (spacing, points)
    if best is None:
        return Sweep("", 0.0, leg.way[0], (), 0.0, sweep_nm, "time")
    turns = tuple(_place(cells, k, p) for p in best[1])
    way = (leg.way[0], *turns, leg.way[0])
    if not asset.flies and not all(is_free(cells.grid, a, b) for a, b in pairwise(way) if a != b):
        return Sweep("", 0.0, leg.way[0], (), 0.0, sweep_nm, "land")
    return Sweep(kind, best[0], turns[0], turns, length_of(best[1]), sweep_nm)


def _options(kind: str, wide: float, high: float, budget: float, datum: Point) -> list[tuple[float, list[Point]]]:
    """Patterns of a kind from thin to dense, with their spacing."""
    if kind in ("PS", "CS"):
        make, across = (parallel, min(wide, high)) if kind == "PS" else (creeping, max(wide, high))
        return [(across / n, make(wide, high, n)) for n in range(1, _MOST_TRACKS + 1) if wide * high * n / across <= budget * 1.5]
    room = max(0.1, _EDGE * min(datum[0], wide - datum[0], datum[1], high - datum[1]))
    if kind == "VS":
        radius = min(room, budget / 10.5)
        return [(radius, [(datum[0] + x, datum[1] + y) for x, y in sector(radius, 0.0, rounds)]) for rounds in (1, 2)]
    options = []
    for pairs in range(1, 20):
        spacing = min(2 * room / (pairs + 1), 0.95 * budget / (pairs * (pairs + 1) + pairs))
        options.append((spacing, [(datum[0] + x, datum[1] + y) for x, y in expanding_square(spacing, 2 * pairs)]))
    return options


def sides_nm(cells: Cells, k: int) -> tuple[float, float]:
    """Sides of a cell to the east, at its middle, and to the north [nm]."""
    return cells.side_nm * math.cos(math.radians(float(cells.south_deg[k]) + cells.cell_deg / 2)), cells.side_nm


def _local(cells: Cells, k: int, place: Place) -> Point:
    wide, high = sides_nm(cells, k)
    return ((place[0] - cells.west_deg[k]) % 360.0 / cells.cell_deg * wide, (place[1] - cells.south_deg[k]) / cells.cell_deg * high)


def _place(cells: Cells, k: int, point: Point) -> Place:
    wide, high = sides_nm(cells, k)
    lon = float(cells.west_deg[k]) + point[0] / wide * cells.cell_deg
    return (lon + 180.0) % 360.0 - 180.0, float(cells.south_deg[k]) + point[1] / high * cells.cell_deg


def without(legs: Sequence[Leg], sweeps: dict[int, Sweep], k: int, why: str) -> tuple[list[Leg], dict[int, Sweep]]:
    """The same with the pattern of a leg left out."""
    leg = legs[k]
    bare = replace(leg, way=leg.way[:1], speed_kn=0.0)
    return [*legs[:k], bare, *legs[k + 1 :]], sweeps | {k: replace(sweeps[k], kind="", turns=(), why_not=why)}


def cover_of_legs(legs: Sequence[Leg], cells: int, epochs: int, epoch_h: float) -> list[NDArray[np.float64]]:
    """Coverage of pots by each leg, in proportion to its time in each epoch; shape (pots,) each."""
    told = []
    for leg in legs:
        cover = np.zeros(cells * epochs)
        if leg.task == "search" and leg.cover > 0:
            for e in range(epochs):
                share = min(leg.end_h, (e + 1) * epoch_h) - max(leg.start_h, e * epoch_h)
                if share > 0:
                    cover[e * cells + leg.cell] += leg.cover * share / (leg.end_h - leg.start_h)
        told.append(cover)
    return told
