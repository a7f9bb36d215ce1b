"""Traffic: each pattern does what it says, at sea, with nobody on land."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from seaward.chart.sea_grid import sea_grid
from seaward.chart.sea_way import is_free
from seaward.core.errors import ParameterError
from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M
from seaward.drill import hulls
from seaward.drill.identities import Asked, size_m
from seaward.drill.itinerary import Itinerary
from seaward.drill.kinds import KINDS
from seaward.drill.scenario import AIS_CLASSES, HULL_KINDS, Traffic
from seaward.drill.traffic import PATTERNS, ais_class_of, ids_of, plans_of
from seaward.drill.waters import Waters
from tests.drill.scenarios_of_tests import CALETAS, CALLAO, HOUR_MS, TRAFFIC, scenario

BOX = (-84.0, -15.0, -75.0, -3.0)


@pytest.fixture(scope="module")
def plans() -> dict[str, dict[str, Itinerary]]:
    waters, done = Waters(BOX), {}
    for t in TRAFFIC:
        done[t.id] = plans_of(scenario(), t, waters, {who: plan for other in t.serves for who, plan in done[other].items()})
    return done


def whats(plan: Itinerary) -> list[int]:
    return [o.what for o in plan.cut()[1]]


def test_all_kinds_of_the_scenario_are_known_and_all_patterns_tried() -> None:
    assert set(KINDS) == set(HULL_KINDS)
    assert set(PATTERNS) == {t.pattern for t in TRAFFIC}


def test_every_leg_of_every_hull_is_at_sea(plans) -> None:
    grid = Waters(BOX).grid()
    on_land = [
        (who, o)
        for traffic in plans.values()
        for who, plan in traffic.items()
        for o in plan.orders
        if o.what == hulls.SAIL and grid.contains(*o.start) and grid.contains(*o.end) and not is_free(grid, o.start, o.end)
    ]
    assert len(on_land) <= 2, on_land[:5]  # a tug beside a ship may cut the corner of a cell


def test_every_plan_lasts_until_the_end_and_starts_where_the_hull_then_is(plans) -> None:
    for traffic in plans.values():
        for who, plan in traffic.items():
            start, orders = plan.cut()
            assert orders[-1].ends_ms >= 24 * HOUR_MS, who
            assert orders[0].from_ms <= 0 < orders[0].ends_ms, who
            for one, two in pairwise(orders):
                assert one.ends_ms == two.from_ms and one.end == two.start, who
            assert great_circle_m(*start, *orders[0].start) <= great_circle_m(*orders[0].start, *orders[0].end) + 1.0, who


def test_a_lane_is_as_full_at_noon_as_at_the_start_and_goes_both_ways() -> None:
    lane = replace(TRAFFIC[0], count=60)
    plans = plans_of(scenario(), lane, Waters(BOX), {})
    north = []
    for hour in (0, 6, 12, 18):
        lat = np.array([p.place_at(hour * HOUR_MS)[1] for p in plans.values()])
        counts = np.histogram(lat, np.linspace(-13.5, -5.0, 4))[0]
        assert counts.min() >= 10, (hour, counts)
        later = np.array([p.place_at(hour * HOUR_MS + 60_000)[1] for p in plans.values()])
        north.append((later > lat).mean())
    assert min(north) > 0.3 and max(north) < 0.7


def test_ships_of_a_lane_keep_right_and_are_spread_across_it() -> None:
    lane = Traffic("l", "cargo", 40, "lane", route=((-83.0, -6.0), (-83.0, -14.0)), spread_nm=4.0)
    plans = plans_of(scenario(), lane, Waters(BOX), {})
    off_nm = {1: [], -1: []}
    for p in plans.values():
        here, there = p.place_at(0), p.place_at(60_000)
        off_nm[1 if there[1] > here[1] else -1].append((here[0] + 83.0) * 60 * np.cos(np.radians(here[1])))
    assert np.mean(off_nm[1]) > 1.0 and np.mean(off_nm[-1]) < -1.0  # going north they are to the east
    assert np.std(off_nm[1]) > 0.5


def test_a_ferry_shuttles_with_stays(plans) -> None:
    for plan in plans["ferry"].values():
        stays = [o for o in plan.orders if o.what == hulls.MOOR]
        assert len(stays) >= 2
        assert all(15 <= (o.ends_ms - o.from_ms) / 60_000 <= 60 for o in stays)
        ends = {round(o.start[1]) for o in stays}
        assert ends == {-12, -9}


def test_ships_at_anchor_lie_within_the_circle_and_clear_of_each_other(plans) -> None:
    places = [p.cut()[0] for p in plans["roads"].values()]
    assert all(great_circle_m(*p, -77.28, -12.02) <= 3.01 * NM_M for p in places)
    gaps = [float(great_circle_m(*a, *b)) for n, a in enumerate(places) for b in places[:n]]
    assert min(gaps) > 590
    assert {w for p in plans["roads"].values() for w in whats(p)} == {hulls.ANCHOR}


def test_ships_at_berths_lie_apart_and_near_their_port(plans) -> None:
    places = [p.cut()[0] for p in plans["berth"].values()]
    assert len(set(places)) == len(places)
    assert all(min(great_circle_m(*p, *port) for port in (CALLAO, (-78.61, -9.08))) < 3 * NM_M for p in places)


def test_boats_are_out_by_dawn_back_by_afternoon_and_moored_at_night(plans) -> None:
    for plan in plans["boats"].values():
        assert whats(plan)[0] == hulls.MOOR  # the exercise starts at 01 h by the sun
        work = next(o for o in plan.cut()[1] if o.what == hulls.WORK)
        home = plan.place_at(0)
        out = next(o for o in plan.cut()[1] if o.what == hulls.SAIL)
        assert 1.0 <= out.from_ms / HOUR_MS <= 5.5  # 02 to 06.30 h by the sun
        assert 1.9 * NM_M <= great_circle_m(*home, *work.end) <= 12.5 * NM_M
        assert plan.place_at(int(17.5 * HOUR_MS)) == home
        assert min(great_circle_m(*home, *c) for c in CALETAS) < 3 * NM_M


def test_an_exercise_that_starts_at_noon_finds_boats_at_work() -> None:
    noon = scenario()
    noon = replace(noon, clock=replace(noon.clock, start=noon.clock.start.replace(hour=14)))  # 09 h by the sun
    plans = plans_of(noon, TRAFFIC[6], Waters(BOX), {})
    assert all(whats(p)[0] == hulls.WORK for p in plans.values())


def test_calls_come_from_sea_lie_at_a_berth_and_leave(plans) -> None:
    moments = [sum(o.what == hulls.MOOR and o.from_ms <= t < o.ends_ms for p in plans["calls"].values() for o in p.orders) for t in (0, 12 * HOUR_MS)]
    assert all(0 < m < 6 for m in moments)  # some in port, some at sea
    for plan in plans["calls"].values():
        berths = [o for o in plan.orders if o.what == hulls.MOOR]
        assert berths and all(8 <= (o.ends_ms - o.from_ms) / HOUR_MS <= 36 for o in berths)
        before = plan.orders[plan.orders.index(berths[0]) - 1]
        assert before.what == hulls.SAIL and before.speed_kn <= 8.0


def test_tugs_pilots_and_barges_are_near_the_ships_that_they_serve(plans) -> None:
    calls, roads = plans["calls"], plans["roads"]
    for plan in plans["pilots"].values():
        for o in plan.orders:
            if o.what == hulls.MEET:
                assert great_circle_m(*o.start, *calls[o.other].place_at(o.from_ms)) < 1.5 * NM_M
                assert (o.ends_ms - o.from_ms) <= 10 * 60_000
    assert any(hulls.MEET in whats(p) for p in plans["pilots"].values())
    escorts = [
        min(float(great_circle_m(*tug.place_at(t), *ship.place_at(t))) for ship in calls.values())
        for tug in plans["tugs"].values()
        for o in tug.orders
        for t in [o.ends_ms - 5 * 60_000]
        if o.what == hulls.SAIL and o.until_ms < 2**53
    ]
    assert escorts and min(escorts) < 0.5 * NM_M
    meets = [o for p in plans["barges"].values() for o in p.orders if o.what == hulls.MEET]
    assert meets and all(o.other in roads and o.end == roads[o.other].place_at(o.from_ms) for o in meets)


def test_sizes_and_speeds_lie_within_those_of_the_kind() -> None:
    for name, kind in KINDS.items():
        sizes = np.array([size_m(Asked(f"{name}/{n}", name)) for n in range(300)])
        assert (sizes[:, 0] >= kind.length_m[0] - 1).all() and (sizes[:, 0] <= kind.length_m[2] + 1).all()
        assert np.std(sizes[:, 0]) > 0 and (sizes[:, 1] < sizes[:, 0] / 1.9).all()
    assert size_m(Asked("x", "cargo", length_m=200.0))[0] == 200.0


def test_classes_of_transmitters_follow_their_shares() -> None:
    boats = replace(TRAFFIC[6], count=2000)
    classes = [AIS_CLASSES[ais_class_of(7, who, boats)] for who in ids_of(boats)]
    assert classes.count("B_CS") / 2000 == pytest.approx(0.4, abs=0.04) and classes.count("none") / 2000 == pytest.approx(0.6, abs=0.04)


@pytest.mark.parametrize(
    ("traffic", "word"),
    [
        (Traffic("t", "cargo", 1, "zigzag"), "no pattern"),
        (Traffic("t", "cargo", 1, "lane"), "needs route"),
        (Traffic("t", "cargo", 1, "moored"), "needs ports"),
        (Traffic("t", "cargo", 1, "ground"), "needs around"),
    ],
)
def test_traffic_that_lacks_what_its_pattern_needs_is_refused(traffic, word) -> None:
    with pytest.raises(ParameterError, match=word):
        plans_of(scenario(), traffic, Waters(BOX), {})


def test_an_area_across_180_degrees_has_traffic_too() -> None:
    lane = Traffic("t", "cargo", 4, "lane", route=((175.0, -40.5), (178.9, -38.5), (-178.0, -32.0)))
    plans = plans_of(scenario(), lane, Waters((172.0, -45.0, -175.0, -30.0)), {})
    lon = np.array([o.end[0] for p in plans.values() for o in p.orders])
    assert (lon < 0).any() and (lon > 0).any() and (np.abs(lon) > 170).all()


def test_a_hull_far_outside_the_area_leaves_its_grid_alone() -> None:
    waters = Waters(BOX)
    near = waters.grid((-80.0, -10.0))
    far = waters.grid((-95.0, -10.0))
    assert far is not near and waters.grid((-80.0, -10.0)) is near is sea_grid(waters.box)
    assert far.contains(-95.0, -10.0) and far.contains(-80.0, -10.0)
