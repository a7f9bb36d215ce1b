"""A plan that is sailed, a leg and what an officer wants of it -> the legs of its asset without it, or later; what was sailed stays. Pure.

Nothing here says that the new legs can be sailed: `verify` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seaward.chart.sea_grid import SeaGrid
from seaward.core.errors import SeawardError
from seaward.patrol.assets import Asset
from seaward.patrol.problem import Problem
from seaward.patrol.respond import part_of
from seaward.patrol.voyage import Leg, length_nm, way_of

WORK = ("search", "intercept", "track")
_SAME_NM = 0.05  # places so near are one
_TINY_H = 1e-6


class CannotChange(SeawardError):
    """A leg that is not to be changed so: `code` is no_leg, not_work, begun, not_postponed, no_room or last."""

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
    first = k - 1 if k and own[k - 1].task == "transit" else k
    last = k + 1 if k + 1 < len(own) and own[k + 1].task == "transit" else k
    before, after = own[:first], own[last + 1 :]
    if first < k and own[first].start_h < now_h:  # it is on its way already
        t = own[first]
        before.append(replace(t, end_h=now_h, way=part_of(t.way, (now_h - t.start_h) / (t.end_h - t.start_h))))
    if not before or not after:
        raise CannotChange("last")
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
