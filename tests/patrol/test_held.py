"""What is told of assets beyond the plan, in any mixture: answers can be sailed, nobody leaves before it is ready or is out when it must be home."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seaward.patrol.coverage import Effort
from seaward.patrol.held import Held
from seaward.patrol.problem import Problem
from seaward.patrol.respond import Answer, respond
from seaward.patrol.targets import Target
from seaward.patrol.verify import verify
from seaward.patrol.voyage import Leg, along
from tests.patrol.plans import plan

FAR = Target("far", 0.0, (-81.9, -9.5), 1.0, 5.0, 90.0, 12.0, 6.0)  # nobody comes there in time


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


@pytest.mark.parametrize(("asset", "later_h"), [("plane", 30.0), ("plane", 500.0), ("boat-1", 25.0)])
def test_who_is_not_ready_does_not_go_on_patrol_before_it_is(asset, later_h) -> None:
    p, weight, routes, legs = plan()
    rest = next(leg for leg in legs if leg.asset == asset and leg.task == "port" and leg.start_h > 0)
    now_h, ready_h = rest.start_h + 1.0, rest.start_h + later_h
    answer = respond(p, routes.paths, legs, weight, [replace(FAR, fix_h=now_h - 0.5)], now_h, 0.5, 0, {asset: Held(ready_h=ready_h)})
    after = [leg for leg in answer.legs if leg.asset == asset and leg.end_h > now_h]
    assert any(leg.task != "port" and leg.start_h < ready_h for leg in legs if leg.asset == asset and leg.end_h > now_h)
    assert all(leg.task == "port" for leg in after if leg.start_h < min(ready_h, p.hours) - 1e-9)
    assert verify(answer.legs, p.asked.assets, p.cells, {}, 3, p.hours) == []


@pytest.mark.parametrize("leaves_h", [21.0, 30.0, 40.0, 60.0])
def test_who_must_be_home_earlier_is_home_by_then_or_as_soon_as_it_can(leaves_h) -> None:
    p, weight, routes, legs = plan()
    answer = respond(p, routes.paths, legs, weight, [replace(FAR, fix_h=19.5)], 20.0, 0.5, 0, {"opv": Held(leaves_h=leaves_h)})
    x = p.fleet.groups[0].lattice
    step = next(k for k in range(math.ceil(20.0 / x.step_h), len(routes.paths[0])) if routes.paths[0][k] >= 0)
    soonest = (step + int(x.home[routes.paths[0][step]])) * x.step_h
    home = next(leg.start_h for leg in answer.legs if leg.asset == "opv" and leg.task == "port" and leg.start_h > 20.0)
    assert home <= max(leaves_h, soonest) + 1e-6
    assert verify(answer.legs, p.asked.assets, p.cells, {}, 3, p.hours) == []


HOURS = [(now_h, leaves_h) for now_h in (0.5, 13.0, 26.0) for leaves_h in (2.0, 14.0, 23.0, 31.0, 50.0, 71.0) if leaves_h > now_h]


@pytest.mark.parametrize(("now_h", "leaves_h"), HOURS)
@pytest.mark.parametrize("asset", ["boat-1", "opv", "plane"])
def test_who_must_be_home_by_an_hour_is_in_port_then_or_as_soon_as_it_can_whether_it_was_out_or_not(asset, now_h, leaves_h) -> None:
    p, weight, routes, legs = plan()
    k = next(k for k, a in enumerate(p.assets) if a.id == asset)
    x = p.fleet.groups[p.fleet.member[k]].lattice
    step = next(s for s in range(math.ceil(now_h / x.step_h), len(routes.paths[k])) if routes.paths[k][s] >= 0)
    node = int(routes.paths[k][step])
    soonest = (step + (0 if node == x.cells else int(x.home[node]))) * x.step_h
    answer = respond(p, routes.paths, legs, weight, [replace(FAR, fix_h=now_h)], now_h, 0.5, 0, {asset: Held(leaves_h=leaves_h)})
    assert verify(answer.legs, p.asked.assets, p.cells, {}, 3, p.hours) == []
    home_h = max(leaves_h, soonest)
    then = [leg.task for leg in answer.legs if leg.asset == asset and leg.start_h <= home_h + 1e-6 <= leg.end_h + 2e-6]
    assert "port" in then or home_h >= p.hours


@pytest.mark.parametrize("asset", ["boat-1", "opv"])
def test_who_must_be_home_by_an_hour_goes_out_before_it_and_again_after_it(asset) -> None:
    p, weight, routes, legs = plan()
    answer = respond(p, routes.paths, legs, weight, [replace(FAR, fix_h=0.5)], 0.5, 0.5, 0, {asset: Held(leaves_h=36.0)})
    looks = [leg for leg in answer.legs if leg.asset == asset and leg.task == "search"]
    assert min(leg.start_h for leg in looks) < 30.0 and max(leg.end_h for leg in looks) > 48.0
    assert answer.value > 0.8 * answer.before


@pytest.mark.parametrize("leaves_h", [34.0, 40.0, 46.0])
def test_who_was_sent_and_must_be_home_by_an_hour_is_home_by_then(leaves_h) -> None:
    p, weight, routes, legs = plan()
    target = Target("t", 14.5, (-80.5, -11.0), 1.0, 8.0, 200.0, 12.0, 6.0)
    sent = p.assets[respond(p, routes.paths, legs, weight, [target], 15.0, 20.0, 1).meetings[0].hunter].id
    answer = respond(p, routes.paths, legs, weight, [target], 15.0, 20.0, 1, {sent: Held(leaves_h=leaves_h)})
    assert verify(answer.legs, p.asked.assets, p.cells, {}, 3, p.hours) == []
    own = [leg for leg in answer.legs if leg.asset == sent]
    assert any(leg.target for leg in own) and next(leg for leg in own if leg.start_h > 15.0 and leg.task == "port").start_h <= leaves_h + 1e-6


def later(p: Problem, legs: Sequence[Leg], asset: str, now_h: float) -> list[Leg]:
    assert verify(legs, p.asked.assets, p.cells, {}, 3, p.hours, seen=[(asset, now_h, FOUND)]) == []
    return [leg for leg in legs if leg.asset == asset and leg.end_h > now_h]


FOUND = (-79.9, -12.9)  # at sea, where nobody was to be


@pytest.mark.parametrize(("asset", "now_h"), [("opv", 15.0), ("opv", 20.3), ("opv", 41.0), ("boat-1", 15.0), ("boat-1", 41.0)])
def test_who_is_found_elsewhere_and_is_not_sent_goes_on_from_there(asset, now_h) -> None:
    p, weight, routes, legs = plan()
    answer = respond(p, routes.paths, legs, weight, [replace(FAR, fix_h=now_h - 0.5)], now_h, 0.5, 0, {asset: Held(FOUND)})
    first, *rest = later(p, answer.legs, asset, now_h)
    assert answer.meetings == () and first.start_h == now_h and first.way[0] == FOUND and rest


def test_who_could_not_be_home_in_time_from_where_it_is_found_is_left_to_its_legs() -> None:
    p, weight, routes, legs = plan()
    target = [replace(FAR, fix_h=19.8)]
    told, untold = (respond(p, routes.paths, legs, weight, target, 20.3, 0.5, 0, held) for held in ({"boat-1": Held(FOUND)}, {}))
    assert told.legs == untold.legs


def test_who_is_found_about_where_it_was_to_be_keeps_its_legs() -> None:
    p, weight, routes, legs = plan()
    now_h = 20.0
    leg = next(leg for leg in legs if leg.asset == "opv" and leg.start_h <= now_h < leg.end_h)
    lon, lat = along(leg.way, (now_h - leg.start_h) / (leg.end_h - leg.start_h))
    target = [replace(FAR, fix_h=now_h - 0.5)]
    told, untold = (respond(p, routes.paths, legs, weight, target, now_h, 0.5, 0, held) for held in ({"opv": Held((lon + 0.05, lat))}, {}))
    assert told.legs == untold.legs
