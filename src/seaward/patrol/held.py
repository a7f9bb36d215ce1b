"""What is told of an asset beyond the plan -> where it is, when it may leave, and whether it can go on as it was ordered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from seaward.patrol.lattice import Lattice, Start
from seaward.patrol.problem import Problem
from seaward.patrol.take_up import SPARE_H, is_astray, way_h
from seaward.patrol.voyage import Leg, Place, along


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of an asset beyond the plan."""

    place: Place | None = None
    leaves_h: float | None = None
    ready_h: float | None = None
    out: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """An asset now."""

    place: Place
    ready_h: float
    left_h: float | None  # port, since the plan begins; None in port
    is_elsewhere: bool = False  # than planned, as it is told


def held_of(problem: Problem, k: int, held: Mapping[str, Held]) -> Held:
    """What is told of an asset."""
    return held.get(problem.assets[k].id, Held())


def state_of(problem: Problem, k: int, legs: Sequence[Leg], now_h: float, held: Held) -> State:
    """Where an asset is at a moment, and whether it may leave."""
    a = problem.assets[k]
    own = [leg for leg in legs if leg.asset == a.id]
    here = next((leg for leg in own if leg.start_h <= now_h < leg.end_h), own[-1] if own else None)
    if here is None or (here.task == "port" and held.place is None):
        came = here.start_h if here is not None and here.start_h > 0 else -math.inf
        ready = max(now_h, came + a.rest_h, held.ready_h if held.ready_h is not None else -math.inf)
        return State(a.base, ready, None)
    ports = [leg.end_h for leg in own if leg.task == "port" and leg.end_h <= now_h]
    place = held.place or along(here.way, (now_h - here.start_h) / (here.end_h - here.start_h))
    return State(place, now_h, ports[-1] if ports else 0.0, held.place is not None and not held.out)


def is_called_off(asset: str, legs: Sequence[Leg], held: Held, now_h: float) -> bool:
    """Whether an asset in port was ordered to a target before it is ready, or would come home too late from it."""
    ahead = [leg for leg in legs if leg.asset == asset and leg.end_h > now_h and leg.task != "port"]
    if not ahead or ahead[0].target is None:
        return False
    home_h = next((leg.start_h for leg in legs if leg.asset == asset and leg.task == "port" and leg.start_h >= ahead[0].end_h), math.inf)
    is_early = held.ready_h is not None and ahead[0].start_h < held.ready_h - 1e-9
    return is_early or (held.leaves_h is not None and ahead[0].start_h < held.leaves_h < home_h)


def must_turn(problem: Problem, k: int, legs: Sequence[Leg], s: State, held: Held, now_h: float) -> bool:
    """Whether an asset is too far from its route to go on with it, and can still be home in time."""
    a = problem.assets[k]
    home_by_h = min(
        problem.hours, (s.left_h or 0.0) + a.sortie_h(problem.asked.horizon["sea_state"])[0], math.inf if held.leaves_h is None else held.leaves_h
    )
    return is_astray(problem, k, legs, s.place, now_h) and now_h + way_h(problem, k, s.place) + SPARE_H <= home_by_h


def when_ready(start: Start, x: Lattice, held: Held) -> Start:
    """Where an asset begins that goes on with its patrol: in port not before it is ready."""
    if start.node != x.cells or held.ready_h is None:
        return start
    return replace(start, step=min(max(start.step, math.ceil(held.ready_h / x.step_h - 1e-9)), x.steps))
