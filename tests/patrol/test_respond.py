"""Alerts: the hand-over from an aircraft to a ship, several targets, what was sailed stays, and the answer can be sailed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from seaward.chart.sea_field import field_grid, sea_field
from seaward.patrol.assets import Asset
from seaward.patrol.held import Held
from seaward.patrol.intercept import Hunter, choose, meetings
from seaward.patrol.looked import acts_met
from seaward.patrol.respond import respond
from seaward.patrol.targets import Target, cloud_of, wander_nm
from seaward.patrol.verify import verify
from seaward.patrol.voyage import Leg, along
from tests.patrol.plans import plan

GRID = field_grid((-86.0, -20.0, -71.0, -2.0))
CALLAO, AIRPORT = (-77.20, -12.05), (-77.11, -12.02)
HOME = sea_field(GRID, CALLAO)
TARGET = Target("dark", 3.0, (-80.5, -13.5), 1.0, 9.0, 210.0, 14.0, 6.0)


def ship(place: tuple[float, float], ready_h: float = 3.0, speed_kn: float = 15.0) -> Hunter:
    a = Asset("ship", "pe", "ship", CALLAO, speed_kn, 12.0, 12.0, 480.0, boards=True)
    return Hunter(a, place, ready_h, 240.0, speed_kn, 12.0, GRID, HOME)


def plane(ready_h: float, leaves_h: float) -> Hunter:
    a = Asset("plane", "us", "aircraft", AIRPORT, 200.0, 30.0, 30.0, 9.0, tracks=True)
    return Hunter(a, AIRPORT, ready_h, leaves_h, 200.0, 30.0, GRID, None)


def test_the_aircraft_that_comes_two_hours_later_finds_the_target_and_the_ship_is_told() -> None:
    """Leaves at 20:00 with the last fix 100 nm from the ship; the next comes at 22:00 and can stay until about 06:00."""
    cloud = cloud_of(TARGET, GRID, 27.0, 1)
    here = ship((-79.2, -12.55))
    found = meetings([here, plane(3.9, 14.0)], [cloud], 3.0, 27.0)
    (chosen,) = choose(found, [cloud])
    assert chosen.watcher is not None and chosen.hunter == 0
    assert 4.8 < chosen.watcher.meet_h < 5.7  # about 22:00
    assert chosen.watcher.chance > 0.9
    assert chosen.alone < 0.25 and chosen.chance > 0.5
    assert chosen.meet_h > chosen.watcher.meet_h


def test_without_a_second_aircraft_the_ship_goes_alone_and_its_chance_says_so() -> None:
    cloud = cloud_of(TARGET, GRID, 27.0, 1)
    (chosen,) = choose(meetings([ship((-79.2, -12.55))], [cloud], 3.0, 27.0), [cloud])
    assert chosen.watcher is None and 0 < chosen.chance < 0.3


def test_the_longer_the_watcher_stays_the_better() -> None:
    cloud = cloud_of(TARGET, GRID, 27.0, 1)
    chances = []
    for leaves in (7.0, 9.0, 12.0, 15.0):
        (m,) = choose(meetings([ship((-79.2, -12.55)), plane(3.9, leaves)], [cloud], 3.0, 27.0), [cloud])
        chances.append(m.chance)
    assert chances == sorted(chances) and chances[-1] > chances[0] + 0.2


def test_a_ship_beside_the_target_meets_it_at_once() -> None:
    cloud = cloud_of(TARGET, GRID, 27.0, 1)
    (m,) = choose(meetings([ship((-80.45, -13.45))], [cloud], 3.0, 27.0), [cloud])
    assert m.chance > 0.95 and m.meet_h <= 4.0


def test_who_must_be_home_before_cannot_meet() -> None:
    cloud = cloud_of(TARGET, GRID, 27.0, 1)
    assert meetings([replace(ship((-79.2, -12.55)), leaves_h=8.0)], [cloud], 3.0, 27.0) == []
    assert choose([], [cloud]) == []


@pytest.mark.parametrize("lat", [-19.75, -19.8])
@pytest.mark.parametrize("lon", [-79.0, -78.0])
def test_no_ship_is_told_to_meet_beyond_the_edge_of_the_chart(lon, lat) -> None:
    """About the middle of its possible places the target may have left the area, while a few of them are still in reach."""
    leaving = Target("dark", 3.0, (-78.0, lat), 16.0, 9.0, None, 14.0, 7.0)
    found = meetings([ship((lon, -19.2)), plane(3.9, 14.0)], [cloud_of(leaving, GRID, 27.0, 168, 60)], 3.0, 27.0)
    assert found and all(GRID.contains(*m.place) for m in found)


def test_with_one_hunter_for_each_target_the_choice_is_the_best_assignment() -> None:
    targets = [replace(TARGET, id=f"t{k}", place=(-80.5 + 1.2 * k, -13.5 + 1.5 * k), worth=1.0 + k) for k in range(3)]
    clouds = [cloud_of(t, GRID, 20.0, k) for k, t in enumerate(targets)]
    hunters = [ship((-79.5 - 0.8 * k, -12.0 + 0.7 * k), speed_kn=16.0 + 2 * k) for k in range(4)]
    found = meetings(hunters, clouds, 3.0, 20.0)
    first = min(m.meet_h for m in found)
    value = np.zeros((4, 3))
    for m in found:
        k = int(m.target[1:])
        value[m.hunter, k] = targets[k].worth * m.chance * math.exp(-0.004 * (m.meet_h - first))
    rows, cols = linear_sum_assignment(-value)
    chosen = choose(found, clouds)
    ours = sum(value[m.hunter, int(m.target[1:])] for m in chosen)
    assert ours == pytest.approx(value[rows, cols].sum(), rel=1e-6)


def test_a_target_is_lost_with_time_and_never_goes_ashore() -> None:
    near_shore = replace(TARGET, place=(-77.6, -12.2), cog_deg=60.0)
    cloud = cloud_of(near_shore, GRID, 23.0, 4)
    assert all(not GRID.land.flat[GRID.cell(x, y)] for x, y in zip(cloud.lon_deg[-1], cloud.lat_deg[-1], strict=True))
    open_sea = cloud_of(TARGET, GRID, 23.0, 4)
    areas = [open_sea.spread_nm2(k) for k in (0, 8, 24, 60)]
    assert areas == sorted(areas)


def test_a_known_course_wanders_as_the_formula_says() -> None:
    steady = replace(TARGET, error_nm=0.0, turns_h=50.0)
    cloud = cloud_of(steady, GRID, 9.0, 4, 4_000)
    heading = math.radians(210.0)
    x = (cloud.lon_deg[-1] - TARGET.place[0]) * math.cos(math.radians(-13.9)) * 60.04
    y = (cloud.lat_deg[-1] - TARGET.place[1]) * 60.04
    across = x * math.cos(heading) - y * math.sin(heading)
    hours = float(cloud.hours[-1] - cloud.hours[0])
    said = float(wander_nm(steady, np.array([hours]))[0])
    assert across.std() < said < 3 * across.std()  # it counts the unknown speed too


def test_the_value_of_legs_is_that_of_the_routes_they_are_of_and_falls_with_those_who_are_sent() -> None:
    p, weight, routes, legs = plan()
    assert acts_met(p, weight, legs) == pytest.approx(routes.value, rel=2e-3)  # a search across two epochs is of both
    answer = respond(p, routes.paths, legs, weight, [Target("t", 29.5, (-80.5, -11.0), 1.0, 8.0, 200.0, 12.0, 6.0)], 30.0, 20.0, 1)
    until_now = acts_met(p, weight, [leg for leg in answer.legs if leg.end_h <= 30.0])
    assert until_now < acts_met(p, weight, answer.legs) < weight.sum()
    assert acts_met(p, weight, [leg for leg in legs if leg.task != "search"]) == 0.0


def is_kept(leg: Leg, new: Leg) -> bool:
    """Whether a leg is still there, or goes on for longer; hours in port that follow each other are one leg."""
    same = (new.asset, new.task, new.cell, new.target) == (leg.asset, leg.task, leg.cell, leg.target) and new.end_h >= leg.end_h - 1e-6
    return same and (new.start_h == pytest.approx(leg.start_h) or (leg.task == "port" and new.start_h < leg.start_h))


@settings(max_examples=12)
@given(st.floats(1.0, 60.0), st.floats(-81.5, -78.5), st.floats(-13.5, -9.5), st.integers(1, 3))
def test_an_answer_can_be_sailed_and_keeps_what_was_sailed(now_h, lon, lat, count) -> None:
    p, weight, routes, legs = plan()
    targets = [Target(f"t{k}", max(0.0, now_h - 0.5), (lon - 0.7 * k, lat), 1.0, 8.0, 200.0, 12.0, 6.0) for k in range(count)]
    assume(all(p.cells.grid.is_sea(*t.place) for t in targets))  # one on land is refused where alerts are read
    answer = respond(p, routes.paths, legs, weight, targets, now_h, 20.0, 1)
    assert verify(answer.legs, p.asked.assets, p.cells, {}, 3, p.hours) == []
    for leg in legs:
        if leg.end_h <= now_h:
            assert any(is_kept(leg, new) for new in answer.legs)
    assert {m.target for m in answer.meetings} | set(answer.unmet) == {t.id for t in targets}
    used = [m.hunter for m in answer.meetings] + [m.watcher.hunter for m in answer.meetings if m.watcher]
    assert len(used) == len(set(used))


@pytest.mark.parametrize("seed", [1, 2, 25, 31])
def test_one_answer_after_the_other_can_be_sailed_and_keeps_what_was_ordered(seed) -> None:
    p, weight, routes, legs = plan()
    rng = np.random.default_rng(seed)
    paths, now_h = routes.paths, rng.uniform(20, 60)
    for k in range(4):
        target = Target(f"t{k}", now_h - 0.5, (rng.uniform(-82, -78), rng.uniform(-15, -9)), 1.0, 8.0, 200.0, 12.0, 6.0)
        answer = respond(p, paths, legs, weight, [target], now_h, 20.0, k)
        assert verify(answer.legs, p.asked.assets, p.cells, {}, 3, p.hours) == []
        sent = {m.hunter for m in answer.meetings} | {m.watcher.hunter for m in answer.meetings if m.watcher}
        for leg in legs:
            if leg.end_h <= now_h or (leg.target and leg.start_h < now_h and leg.asset not in {p.assets[j].id for j in sent}):
                assert any(is_kept(leg, new) for new in answer.legs), (k, leg)
        paths, legs, now_h = answer.paths, list(answer.legs), now_h + rng.uniform(0.5, 4)


@pytest.mark.parametrize("next_h", [26.0, 31.5, 33.0])
def test_an_aircraft_that_watched_as_long_as_it_could_flies_again_once_it_has_rested(next_h) -> None:
    """It comes home with no step of its sortie left; that was taken for not being able to be home, and it stayed in port to the end."""
    p, weight, routes, legs = plan()
    seen, nearer = replace(TARGET, fix_h=23.5, place=(-80.0, -11.5), cog_deg=200.0), replace(TARGET, fix_h=next_h, place=(-77.6, -12.6))
    watched = respond(p, routes.paths, legs, weight, [seen], 24.0, 20.0, 1)
    (m,) = watched.meetings
    assert m.watcher is not None and p.assets[m.watcher.hunter].id == "plane"
    after = respond(p, watched.paths, watched.legs, weight, [nearer], next_h, 20.0, 1, {"plane": Held(out=True)})
    for answer in (watched, after):
        assert verify(answer.legs, p.asked.assets, p.cells, {}, 3, p.hours) == []
        own = [leg for leg in answer.legs if leg.asset == "plane" and leg.start_h >= 24.0]
        home = next(leg for leg in own if leg.task == "port")
        assert own[own.index(home) - 2].task == "track" and 31.0 < home.start_h < 32.0
        again = [leg for leg in own if leg.task == "search"]
        assert again and home.start_h + 16.0 <= home.end_h <= again[0].start_h < 49.0


def test_who_is_sent_anew_while_in_port_has_rested_since_it_came_home() -> None:
    p, weight, routes, legs = plan()
    seen = [replace(TARGET, fix_h=9.5, place=(-80.0, -11.5)), replace(TARGET, fix_h=11.5, place=(-80.0, -11.5))]
    one = respond(p, routes.paths, legs, weight, seen[:1], 10.0, 20.0, 1)
    two = respond(p, one.paths, one.legs, weight, seen[1:], 12.0, 20.0, 1)
    for answer in (one, two):
        own = [leg for leg in answer.legs if leg.asset == "plane"]
        (rest,) = (leg for leg in own if leg.task == "port" and 12.0 <= leg.end_h < 30.0)
        assert rest.end_h == pytest.approx(rest.start_h + 16.0) and own[own.index(rest) + 1].target == "dark"


def test_an_asset_that_is_out_is_not_sent() -> None:
    p, weight, routes, legs = plan()
    target = [Target("t", 10.0, (-79.0, -11.5), 1.0, 8.0, 200.0, 12.0, 6.0)]
    first = respond(p, routes.paths, legs, weight, target, 10.0, 20.0, 1).meetings[0]
    sent = p.assets[first.hunter].id
    other = respond(p, routes.paths, legs, weight, target, 10.0, 20.0, 1, {sent: Held(out=True)})
    assert all(p.assets[m.hunter].id != sent for m in other.meetings)


def test_the_same_seed_gives_the_same_answer() -> None:
    p, weight, routes, legs = plan()
    target = [Target("t", 10.0, (-79.0, -11.5), 1.0, None, None, 12.0, 6.0)]
    one, two = (respond(p, routes.paths, legs, weight, target, 10.0, 20.0, 9) for _ in range(2))
    assert one.legs == two.legs


def test_a_place_along_a_way_is_its_share_of_it() -> None:
    assert along(((179.0, 0.0), (-179.0, 0.0)), 0.75) == pytest.approx((-179.5, 0.0))
    assert along(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), 0.5) == pytest.approx((1.0, 0.0), abs=1e-6)
