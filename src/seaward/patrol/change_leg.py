"""A plan that is sailed, a leg and what an officer wants of it -> the legs of its asset without it, later or elsewhere; what was sailed stays. Pure.

Nothing here says that the new legs can be sailed: `verify` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seaward.chart.sea_grid import SeaGrid
from seaward.core.errors import SeawardError
from seaward.patrol.assets import Asset
from seaward.patrol.problem import Problem
from seaward.patrol.respond import part_of
from seaward.patrol.verify import THROUGH
from seaward.patrol.voyage import Leg, Place, length_nm, way_of

WORK = ("search", "intercept", "track")
_SAME_NM = 0.05  # places so near are one
_TINY_H = 1e-6


class CannotChange(SeawardError):
    """A leg that is not to be changed so: `code` is no_leg, not_work, begun, not_postponed, not_moved, no_cell, same_cell, no_room or last."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def take_out(problem: Problem, legs: Sequence[Leg], asset: str, number: int, now_h: float) -> list[Leg]:
    """The legs of an asset without one search, meeting or watch, and with the way between what is before and after it.

    Parameters
    ----------
    problem
        Of the plan.
    legs
        Of all assets.
    asset, number
        Whose, and which of its legs, from 0.
    now_h
        Since the plan begins.

    Returns
    -------
    The legs of the asset. Where home follows it goes home at once; else it stays at the place before until it must leave for the next.

    Raises
    ------
    CannotChange
    """
    own, k = _chosen(legs, asset, number, now_h)
    before, after, _ = _beside(own, k, now_h)
    here, then = before[-1], after[0]
    if here.task == then.task == "port":
        return [*before[:-1], replace(here, end_h=then.end_h), *after[1:]]
    a, speed, grid = _of(problem, asset)
    way = way_of(grid, here.way[-1], then.way[0], a.flies)
    there_h = length_nm(way) / speed
    if length_nm(way) < _SAME_NM:
        return [*before[:-1], replace(here, end_h=then.start_h), *after]
    if then.task == "port":
        home_h = here.end_h + there_h
        if home_h >= then.end_h - _TINY_H:
            raise CannotChange("no_room")
        return [*before, Leg(asset, here.nation, "transit", here.end_h, home_h, way, speed), replace(then, start_h=home_h), *after[1:]]
    leaves_h = max(here.end_h, then.start_h - there_h)
    if here.task == "transit":  # at sea, with nothing to do there: slower
        leaves_h = here.end_h
    if then.start_h <= leaves_h + _TINY_H:
        raise CannotChange("no_room")
    kn = min(speed, length_nm(way) / (then.start_h - leaves_h))
    return [*before[:-1], replace(here, end_h=leaves_h), Leg(asset, here.nation, "transit", leaves_h, then.start_h, way, kn), *after]


def postpone(problem: Problem, legs: Sequence[Leg], asset: str, number: int, by_h: float, now_h: float) -> list[Leg]:
    """The legs of an asset with one search, and all that follows it until port, so much later.

    Parameters
    ----------
    problem, legs, asset, number, now_h
        As in `take_out`.
    by_h
        How much later.

    Returns
    -------
    The legs of the asset. It waits where it is before it leaves for the search; who is on the way already comes more slowly.

    Raises
    ------
    CannotChange
    """
    own, k = _chosen(legs, asset, number, now_h)
    if own[k].task != "search":
        raise CannotChange("not_postponed")
    first = k - 1 if k and own[k - 1].task == "transit" else k
    is_under_way = first < k and own[first].start_h < now_h
    begin = k if is_under_way else first
    if begin == 0:
        raise CannotChange("begun")
    waits = replace(own[begin - 1], end_h=own[begin - 1].end_h + by_h)
    if waits.task == "transit":
        waits = replace(waits, speed_kn=min(waits.speed_kn, length_nm(waits.way) / (waits.end_h - waits.start_h)))
    out = [*own[: begin - 1], waits]
    for n in range(begin, len(own)):
        leg = own[n]
        if leg.task == "port":
            if leg.start_h + by_h >= leg.end_h - _TINY_H:
                raise CannotChange("no_room")
            return [*out, replace(leg, start_h=leg.start_h + by_h), *own[n + 1 :]]
        out.append(replace(leg, start_h=leg.start_h + by_h, end_h=leg.end_h + by_h))
    return out


def move(problem: Problem, legs: Sequence[Leg], asset: str, number: int, place: Place, by_h: float, now_h: float) -> list[Leg]:
    """The legs of an asset with one search in the cell of another place; the unit leaves for it when it would have, or so much later.

    Parameters
    ----------
    problem, legs, asset, number, now_h
        As in `take_out`.
    place
        In the cell that is to be searched instead.
    by_h
        How much later it leaves; 0 where it is on its way already.

    Returns
    -------
    The legs of the asset. It searches until it must leave for what follows; where home follows, for as long as it would have. `cover` is what the
    same look gives there: as the time, and as the sea of the cell. `worth` goes by that alone, as if the cell held what the other did.

    Raises
    ------
    CannotChange
    """
    own, k = _chosen(legs, asset, number, now_h)
    old, cells = own[k], problem.cells
    if old.task != "search":
        raise CannotChange("not_moved")
    cell = int(cells.at(np.array([place[0]]), np.array([place[1]]))[0])
    if cell < 0:
        raise CannotChange("no_cell")
    if cell == old.cell:
        raise CannotChange("same_cell")
    before, after, is_under_way = _beside(own, k, now_h)
    a, speed, grid = _of(problem, asset)
    there, then = (float(cells.lon_deg[cell]), float(cells.lat_deg[cell])), after[0]
    leaves_h = before[-1].end_h + (0.0 if is_under_way else by_h)
    before[-1] = replace(before[-1], end_h=leaves_h)
    way, out = way_of(grid, before[-1].way[-1], there, a.flies), way_of(grid, there, then.way[0], a.flies)
    comes_h, back_h = leaves_h + length_nm(way) / speed, length_nm(out) / speed
    ends_h = comes_h + old.end_h - old.start_h if then.task == "port" else then.start_h - back_h
    home_h = ends_h + back_h
    if ends_h <= comes_h + _TINY_H or (then.task == "port" and home_h >= then.end_h - _TINY_H):
        raise CannotChange("no_room")
    span_h, span_old_h, through_h = ends_h - comes_h, old.end_h - old.start_h, THROUGH * cells.side_nm / speed
    share = min(span_h / span_old_h, (span_h + through_h) / (span_old_h + through_h)) * float(cells.area_nm2[old.cell] / cells.area_nm2[cell])
    found = 0.0 if old.cover <= 0 else float(np.expm1(-old.cover * share) / np.expm1(-old.cover))
    new = Leg(asset, old.nation, "search", comes_h, ends_h, (there,), 0.0, cell, old.cover * share, old.worth * found)
    legs_out = [*before, *_sail(asset, old.nation, leaves_h, comes_h, way, speed), new, *_sail(asset, old.nation, ends_h, home_h, out, speed)]
    return [*legs_out, replace(then, start_h=home_h) if then.task == "port" else then, *after[1:]]


def _beside(own: list[Leg], k: int, now_h: float) -> tuple[list[Leg], list[Leg], bool]:
    """What is before a leg and after it, without the ways to it and from it but for what was sailed of them, and whether it is on its way already."""
    first = k - 1 if k and own[k - 1].task == "transit" else k
    last = k + 1 if k + 1 < len(own) and own[k + 1].task == "transit" else k
    before, after = own[:first], own[last + 1 :]
    is_under_way = first < k and own[first].start_h < now_h
    if is_under_way:
        t = own[first]
        before.append(replace(t, end_h=now_h, way=part_of(t.way, (now_h - t.start_h) / (t.end_h - t.start_h))))
    if not before or not after:
        raise CannotChange("last")
    return before, after, is_under_way


def _sail(asset: str, nation: str, start_h: float, end_h: float, way: tuple[Place, ...], speed_kn: float) -> list[Leg]:
    return [Leg(asset, nation, "transit", start_h, end_h, way, speed_kn)] if end_h > start_h + _TINY_H else []


def _chosen(legs: Sequence[Leg], asset: str, number: int, now_h: float) -> tuple[list[Leg], int]:
    own = [leg for leg in legs if leg.asset == asset]
    if not 0 <= number < len(own):
        raise CannotChange("no_leg")
    if own[number].task not in WORK:
        raise CannotChange("not_work")
    if own[number].start_h <= now_h:
        raise CannotChange("begun")
    return own, number


def _of(problem: Problem, asset: str) -> tuple[Asset, float, SeaGrid]:
    k = next(k for k, a in enumerate(problem.assets) if a.id == asset)
    a = problem.assets[k]
    return a, a.speed_in(problem.asked.horizon["sea_state"]), problem.waters[problem.fleet.member[k]].grid
