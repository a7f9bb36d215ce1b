"""What is told of assets beyond the plan, in any mixture: answers can be sailed, nobody leaves before it is ready or is out when it must be home."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from plans import problem
from small_sea import risk

from seaward.patrol.coverage import Effort, plan_routes
from seaward.patrol.held import Held
from seaward.patrol.respond import Answer, respond
from seaward.patrol.targets import Target
from seaward.patrol.verify import verify
from seaward.patrol.voyage import Leg, legs_of

FAR = Target("far", 0.0, (-81.9, -9.5), 1.0, 5.0, 90.0, 12.0, 6.0)  # nobody comes there in time


@cache
def plan():
    p = problem()
    weight = risk(p.fleet.pots, 5)
    routes = plan_routes(p.fleet, weight, 5, Effort(20, 10))
    return p, weight, routes, legs_of(p, routes, weight)


def answered(held: dict[str, Held], now_h: float, target: Target | None = None, before: Answer | None = None) -> Answer:
    p, weight, routes, legs = plan()
    paths, legs = (routes.paths, legs) if before is None else (before.paths, before.legs)
    found = target or replace(FAR, fix_h=max(0.0, now_h - 0.5))
    answer = respond(p, paths, legs, weight, [found], now_h, 0.5 if target is None else 20.0, 1, held, Effort(8, 2))
    assert verify(answer.legs, p.asked.assets, p.cells, {}, 3, p.hours) == []
    return answer


def task_at(legs: tuple[Leg, ...], asset: str, h: float) -> str:
    return next(leg.task for leg in legs if leg.asset == asset and leg.start_h <= h < leg.end_h)


@pytest.mark.parametrize(("asset", "now_h", "leaves_h"), [("opv", 0.0, 0.3), ("boat-1", 0.0, 0.3), ("plane", 0.0, 0.3), ("boat-2", 34.0, 39.06)])
def test_who_is_in_port_a_step_before_the_hour_does_not_sail_over_it(asset, now_h, leaves_h) -> None:
    assert task_at(answered({asset: Held(leaves_h=leaves_h)}, now_h).legs, asset, leaves_h - 1e-3) == "port"


def test_an_hour_beyond_the_end_of_the_plan_changes_nothing() -> None:
    p = plan()[0]
    told = answered({a.id: Held(leaves_h=p.hours + k) for k, a in enumerate(p.assets)}, 20.0)
    assert told.legs == answered({}, 20.0).legs and told.value == answered({}, 20.0).value


@pytest.mark.parametrize("held", [Held(leaves_h=25.0), Held(ready_h=29.0)])
def test_an_order_that_an_asset_in_port_can_no_longer_keep_is_taken_back(held) -> None:
    near = Target("t", 9.5, (-80.0, -11.5), 1.0, 9.0, 200.0, 12.0, 6.0)
    first = answered({"plane": Held(ready_h=12.0)}, 10.0, near)
    order = next(leg for leg in first.legs if leg.asset == "plane" and leg.target)
    assert order.start_h >= 12.0 and task_at(first.legs, "plane", 11.0) == "port"
    then = answered({"plane": held}, 11.0, None, first)
    assert order not in then.legs
    own = [leg for leg in then.legs if leg.asset == "plane" and leg.end_h > 11.0]
    assert own[0].task == "port" and own[0].end_h >= (held.ready_h or 0.0)


def test_who_is_at_sea_is_ready_whatever_is_said_of_when_it_could_sail() -> None:
    answer = answered({"opv": Held(ready_h=26.0)}, 19.0, Target("t", 18.5, (-79.0, -11.5), 1.0, 8.0, 200.0, 12.0, 6.0))
    assert any(leg.asset == "opv" and leg.start_h == 19.0 for leg in answer.legs)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_any_mixture_of_what_is_told_ends_in_legs_that_can_be_sailed_and_kept(seed) -> None:
    p, _, _, legs = plan()
    rng = np.random.default_rng(seed)
    now_h, answer, before = float(rng.uniform(0.0, 65.0)), None, legs
    for _ in range(2):
        held = {a.id: some(rng, now_h) for a in p.assets if rng.random() < 0.6}
        target = Target("t", max(0.0, now_h - 0.5), (rng.uniform(-81, -78.3), rng.uniform(-13.3, -10.5)), 1.0, 8.0, 200.0, 12.0, 6.0)
        assume(p.cells.grid.is_sea(*target.place))
        answer = answered(held, now_h, target if rng.random() < 0.5 else None, answer)
        for asset, h in held.items():
            if h.out or task_at(tuple(before), asset, min(now_h, p.hours - 1e-3)) != "port":
                continue
            own = [leg for leg in answer.legs if leg.asset == asset and leg.end_h > now_h + 1e-6 and leg.task != "port"]
            assert all(leg.start_h >= (h.ready_h or 0.0) - 1e-6 for leg in own)
            assert all(not leg.start_h + 1e-6 < (h.leaves_h or math.inf) < leg.end_h - 1e-6 for leg in own)
        before, now_h = list(answer.legs), min(now_h + float(rng.uniform(0.2, 6.0)), p.hours - 0.1)


def some(rng: np.random.Generator, now_h: float) -> Held:
    leaves_h = None if rng.random() < 0.3 else now_h + float(rng.uniform(0.1, 30.0))
    ready_h = None if rng.random() < 0.6 else now_h + float(rng.uniform(0.0, 30.0))
    if leaves_h is not None and ready_h is not None and ready_h >= leaves_h:
        ready_h = None
    return Held(None, leaves_h, ready_h, bool(rng.random() < 0.1))
