"""A plan and the true sea of a drill -> who was met, when, by whom: assets sail their legs, look about, are sent after alerts, pursue what they see.

A part of `benchmarks.interdictions`; pure: the same plan, sea and seed give the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seaward.core.geodesy import great_circle_m
from seaward.patrol.held import Held
from seaward.patrol.problem import Problem
from seaward.patrol.respond import respond
from seaward.patrol.routes import Path
from seaward.patrol.targets import Target
from seaward.patrol.voyage import Leg, Place, along

TICK_H = 1 / 12
BOARDING_H = 2.0  # beside a vessel that was met; ours
SEARCH_H, SEARCH_NM = 2.0, 10.0  # of a nearest unit about the last fix; ours
OPEN_H = 8.0  # an alert without a new fix is given up then; ours
ANSWER_H = 0.5  # between two answers at least


@dataclass(frozen=True, slots=True, eq=False)
class Vessel:
    """Somebody an alert may be about, and where it truly is."""

    id: str
    hours: NDArray[np.float64]  # since the plan begins, shape (n,)
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    from_h: float  # at it
    to_h: float
    is_offender: bool

    def at(self, hour: float) -> Place:
        k = min(len(self.hours) - 1, max(0, int(np.searchsorted(self.hours, hour))))
        return float(self.lon_deg[k]), float(self.lat_deg[k])


@dataclass(frozen=True, slots=True)
class Fix:
    """What a watch hands over about a vessel."""

    told_h: float
    vessel: str
    target: Target


@dataclass(slots=True)
class Unit:
    """An asset as it is."""

    number: int
    place: Place
    legs: list[Leg]
    mode: str = "legs"  # legs, task, pursue, board
    target: str = ""
    until_h: float = 0.0
    goal: Place = (0.0, 0.0)
    about: Place | None = None  # where it wanders to


@dataclass(slots=True)
class Met:
    """What came of it."""

    when_h: dict[str, float] = field(default_factory=dict)  # vessel: boarded, while it was at it
    by: dict[str, str] = field(default_factory=dict)
    boarded: dict[str, float] = field(default_factory=dict)  # all: also when the act was over, and innocents
    answers: int = 0


def apart(a: Place, b: Place) -> float:
    """Great-circle distance [nm]."""
    return float(great_circle_m(*a, *b)) / 1852.0


def towards(a: Place, b: Place, nm: float) -> Place:
    """The place so far on the way from one to another, on short ways."""
    whole = apart(a, b)
    return b if whole <= nm else along((a, b), nm / whole)


def sail(
    problem: Problem, paths: Sequence[Path], legs: Sequence[Leg], weight: NDArray[np.float64], vessels: Sequence[Vessel], fixes: Sequence[Fix],
    from_h: float, to_h: float, answer: str, seed: int,
) -> Met:  # fmt: skip
    """Let a plan meet the sea.

    Parameters
    ----------
    problem, paths, legs, weight
        The plan.
    vessels
        Offenders, and innocents that false alerts are about.
    fixes
        Handed over, by time.
    from_h, to_h
        Between which the sea is looked at, since the plan begins.
    answer
        "respond": as the planner answers; "nearest": the nearest free unit that boards goes to the last fix and looks about.
    seed
        Of where units wander in a cell.

    Limits
    ------
    Off their legs units sail straight, over land where it lies between; vessels do not flee. A unit that sees an offender knows it.
    """
    rng = np.random.default_rng(seed)
    met, known = Met(), dict[str, Fix]()
    by_id = {v.id: v for v in vessels}
    units = [Unit(k, a.base, [leg for leg in legs if leg.asset == a.id]) for k, a in enumerate(problem.assets)]
    for u in units:
        u.place = _goal(u, from_h)[0]
    waiting = sorted(fixes, key=lambda f: f.told_h)
    last_answer, fresh = -math.inf, False
    current: tuple[tuple[Path, ...], list[Leg]] = (tuple(paths), list(legs))
    for h in np.arange(from_h, to_h, TICK_H).tolist():
        while waiting and waiting[0].told_h <= h:
            fix = waiting.pop(0)
            known[fix.vessel], fresh = fix, True
        busy = met.boarded.keys() | {u.target for u in units if u.mode == "pursue" and answer == "respond"}
        wanted = [f for f in known.values() if f.vessel not in busy and h - f.told_h <= OPEN_H]
        if fresh and wanted and answer == "respond" and h - last_answer >= ANSWER_H - 1e-9:
            held = {problem.assets[u.number].id: _held(u) for u in units if u.mode != "legs"}
            targets = [f.target for f in wanted]
            got = respond(problem, current[0], current[1], weight, targets, h, 12.0, seed, held)
            current = (got.paths, list(got.legs))
            for u in units:
                u.legs = [leg for leg in got.legs if leg.asset == problem.assets[u.number].id]
            met.answers, last_answer, fresh = met.answers + 1, h, False
        elif fresh and answer == "nearest":
            _nearest(problem, units, wanted, h, to_h)
            fresh = False
        seen_by_watchers = _watched(problem, units, vessels, h)
        for u in units:
            _move(problem, u, by_id, h, rng, met, seen_by_watchers)
    return met


def _held(u: Unit) -> Held:
    return Held(place=u.place, ready_h=u.until_h if u.mode == "board" else None, out=u.mode == "pursue")


def _goal(u: Unit, h: float) -> tuple[Place, Leg | None]:
    """Where a unit should be by its legs."""
    leg = next((leg for leg in u.legs if leg.start_h <= h < leg.end_h), u.legs[-1] if u.legs else None)
    if leg is None:
        return u.place, None
    return along(leg.way, (h - leg.start_h) / max(leg.end_h - leg.start_h, 1e-9)), leg


def _nearest(problem: Problem, units: list[Unit], wanted: list[Fix], h: float, to_h: float) -> None:
    """Send the nearest free unit that boards to the last fix of each alert; one that is already after it learns the new fix."""
    for f in wanted:
        mine = next((u for u in units if u.target == f.vessel and u.mode in ("task", "pursue")), None)
        if mine is None:
            free = [u for u in units if u.mode == "legs" and problem.assets[u.number].boards]
            speeds = {u.number: problem.assets[u.number].speed_in(problem.asked.horizon["sea_state"]) for u in free}
            free = [u for u in free if h + apart(u.place, f.target.place) / speeds[u.number] < min(h + 12.0, to_h)]
            if not free:
                continue
            mine = min(free, key=lambda u: apart(u.place, f.target.place) / speeds[u.number])
            mine.target = f.vessel
        if mine.mode != "pursue":
            mine.mode, mine.goal, mine.until_h = "task", f.target.place, math.inf


def _watched(problem: Problem, units: list[Unit], vessels: Sequence[Vessel], h: float) -> set[str]:
    """Vessels that an aircraft or drone sees now."""
    found = set()
    for u in units:
        a = problem.assets[u.number]
        if a.tracks and not _in_port(u, h):
            reach = (a.sweep_day_nm + a.sweep_night_nm) / 4
            found |= {v.id for v in vessels if apart(u.place, v.at(h)) <= reach}
    return found


def _in_port(u: Unit, h: float) -> bool:
    leg = _goal(u, h)[1]
    return u.mode == "legs" and (leg is None or leg.task == "port")


def _move(problem: Problem, u: Unit, vessels: dict[str, Vessel], h: float, rng: np.random.Generator, met: Met, told: set[str]) -> None:
    a = problem.assets[u.number]
    hop = a.speed_in(problem.asked.horizon["sea_state"]) * TICK_H
    if u.mode == "board":
        if h < u.until_h:
            return
        u.mode, u.target = "legs", ""
    goal, leg = _goal(u, h)
    if a.boards and not _in_port(u, h) and u.mode != "pursue":
        reach = (a.sweep_day_nm + a.sweep_night_nm) / 4
        after = u.target or (leg.target if leg is not None else "")
        for v in vessels.values():
            at_it = v.is_offender and v.from_h <= h < v.to_h
            if v.id not in met.boarded and (at_it or v.id == after) and (apart(u.place, v.at(h)) <= reach or (v.id == after and v.id in told)):
                u.mode, u.target = "pursue", v.id
                break
    if u.mode == "pursue":
        v = vessels[u.target]
        there = v.at(h)
        reach = (a.sweep_day_nm + a.sweep_night_nm) / 4
        if v.id in met.boarded or (apart(u.place, there) > 1.5 * reach and v.id not in told):
            u.mode, u.target = "legs", ""
        elif apart(u.place, there) <= hop:
            u.place, u.mode, u.until_h = there, "board", h + BOARDING_H
            met.boarded[v.id] = h
            if v.is_offender and v.from_h <= h < v.to_h:
                met.when_h[v.id], met.by[v.id] = h, a.id
            return
        else:
            u.place = towards(u.place, there, hop)
            return
    if u.mode == "task":
        if math.isinf(u.until_h) and apart(u.place, u.goal) <= hop:
            u.until_h = h + SEARCH_H
        if h >= u.until_h:
            u.mode, u.target, u.about = "legs", "", None
        elif math.isinf(u.until_h):
            u.place = towards(u.place, u.goal, hop)
            return
        else:
            _wander(u, u.goal, SEARCH_NM, math.inf, hop, rng)
            return
    if leg is not None and leg.task in ("search", "intercept", "track") and apart(u.place, goal) <= 60.0 * problem.cells.cell_deg:
        _wander(u, goal, 30.0 * problem.cells.cell_deg if leg.task == "search" else SEARCH_NM, (leg.end_h - h) * hop / TICK_H, hop, rng)
    else:
        u.about = None
        u.place = goal if apart(u.place, goal) <= 2 * hop else towards(u.place, goal, hop)


def _wander(u: Unit, middle: Place, radius_nm: float, left_nm: float, hop: float, rng: np.random.Generator) -> None:
    """To places drawn about a middle, one after the other; back at it when the way left is used up."""
    if apart(u.place, middle) + 2 * hop >= left_nm:
        u.about = middle
    elif u.about is None or apart(u.place, u.about) < 1e-3:
        x, y = rng.uniform(-radius_nm, radius_nm, 2)
        u.about = (middle[0] + x / 60.0 / math.cos(math.radians(middle[1])), middle[1] + y / 60.0)
    u.place = towards(u.place, u.about, hop)
