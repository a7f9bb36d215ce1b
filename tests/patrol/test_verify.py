"""The independent check: silent on plans that are made here, loud on plans that are deliberately broken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.patrol.coverage import Effort, plan_routes
from seaward.patrol.verify import verify
from seaward.patrol.voyage import Leg, legs_of
from tests.patrol.plans import problem
from tests.patrol.small_sea import risk


def plan(seed: int = 3) -> list[Leg]:
    p = problem()
    weight = risk(p.fleet.pots, seed)
    return legs_of(p, plan_routes(p.fleet, weight, seed, Effort(20, 10)), weight)


LEGS = plan()


def rules(legs: list[Leg], **more) -> set[str]:
    p = problem()
    assets, seen = more.pop("assets", p.asked.assets), more.pop("seen", ())
    return {b.rule for b in verify(legs, assets, p.cells, more.pop("shapes", {}), more.pop("sea_state", 3), more.pop("hours", p.hours), seen=seen)}


@given(st.integers(0, 200))
def test_plans_that_are_made_here_break_nothing(seed) -> None:
    assert rules(plan(seed)) == set()


def some(task: str, asset: str | None = None) -> list[int]:
    return [k for k, leg in enumerate(LEGS) if leg.task == task and (asset is None or leg.asset.startswith(asset))]


def changed(k: int, **values) -> list[Leg]:
    return [*LEGS[:k], replace(LEGS[k], **values), *LEGS[k + 1 :]]


@given(st.sampled_from(some("transit", "opv") + some("transit", "plane")), st.floats(0.3, 0.8))
def test_a_leg_sailed_too_fast_is_found(k, share) -> None:
    leg = LEGS[k]
    end = leg.start_h + share * (leg.end_h - leg.start_h)
    legs = changed(k, end_h=end)
    if k + 1 < len(legs) and legs[k + 1].asset == leg.asset:
        legs[k + 1] = replace(legs[k + 1], start_h=end)
    assert "speed" in rules(legs)


@given(st.sampled_from(some("search")), st.floats(0.5, 3.0), st.floats(-3.0, 3.0))
def test_a_leg_that_begins_elsewhere_is_found(k, east_deg, north_deg) -> None:
    lon, lat = LEGS[k].way[0]
    assert {"jump", "search"} & rules(changed(k, way=((lon - east_deg, lat + north_deg),)))


@given(st.sampled_from(some("search") + some("transit")), st.floats(0.01, 2.0))
def test_legs_that_overlap_in_time_are_found(k, late_h) -> None:
    assert {"overlap", "backwards"} & rules(changed(k, end_h=LEGS[k].end_h + late_h))


@given(st.sampled_from(some("search")), st.floats(0.01, 0.9))
def test_a_gap_in_time_is_found(k, share) -> None:
    assert "gap" in rules(changed(k, end_h=LEGS[k].end_h - share * (LEGS[k].end_h - LEGS[k].start_h)))


@given(st.sampled_from(some("transit", "opv")))
def test_a_way_over_land_is_found(k) -> None:
    leg = LEGS[k]
    found = rules(changed(k, way=(leg.way[0], (-74.5, -12.0), leg.way[-1])))
    assert "land" in found


@pytest.mark.parametrize("asset", ["boat-1", "plane"])
def test_a_sortie_longer_than_endurance_is_found(asset) -> None:
    assets = [replace(a, endurance_h=2.0) if a.id == asset else a for a in problem().asked.assets]
    assert "endurance" in rules(LEGS, assets=assets)


def test_fuel_that_runs_out_is_found() -> None:
    assets = [replace(a, fuel_t=2.0) if a.id.startswith("boat") else a for a in problem().asked.assets]
    assert "fuel" in rules(LEGS, assets=assets)


def test_a_crew_without_its_rest_is_found() -> None:
    assets = [replace(a, rest_h=60.0) if a.id == "plane" else a for a in problem().asked.assets]
    assert "rest" in rules(LEGS, assets=assets)


def test_waters_that_are_closed_or_left_are_found() -> None:
    import shapely

    lons = [lon for leg in LEGS if leg.asset == "opv" for lon, _ in leg.way]
    middle = (min(lons) + max(lons)) / 2
    shapes = {"west": shapely.box(-83.0, -15.0, middle, -8.0), "east": shapely.box(middle, -15.0, -75.0, -8.0)}
    closed = [replace(a, closed=("west",)) if a.id == "opv" else a for a in problem().asked.assets]
    only = [replace(a, only=("east",)) if a.id == "opv" else a for a in problem().asked.assets]
    far = [replace(a, closed=("east",), only=("west",)) if a.id == "boat-2" else a for a in problem().asked.assets]
    assert "closed" in rules(LEGS, assets=closed, shapes=shapes) and "waters" in rules(LEGS, assets=only, shapes=shapes)
    assert rules(LEGS, assets=far, shapes={"west": shapely.box(-90.0, -20.0, -70.0, 0.0), "east": shapely.box(0.0, 0.0, 1.0, 1.0)}) == set()


def test_a_sea_too_rough_is_found() -> None:
    assets = [replace(a, max_sea_state=4) for a in problem().asked.assets]
    assert "sea_state" in rules(LEGS, assets=assets, sea_state=5)


def test_who_is_not_home_at_the_end_is_found() -> None:
    assert "home" in rules([leg for leg in LEGS if not (leg.asset == "opv" and leg.end_h > 60.0)])


@given(st.sampled_from(some("search")), st.floats(1.5, 50.0))
def test_coverage_that_cannot_be_given_in_the_time_is_found(k, times) -> None:
    p = problem()
    a = next(x for x in p.asked.assets if x.id == LEGS[k].asset)
    span = LEGS[k].end_h - LEGS[k].start_h
    most = max(a.sweep_day_nm, a.sweep_night_nm) * a.speed_kn * (span + p.cells.side_nm / a.speed_kn) / float(p.cells.area_nm2[LEGS[k].cell])
    assert "cover" in rules(changed(k, cover=most * times))


def test_an_asset_that_nobody_named_is_found() -> None:
    assert "unknown_asset" in rules([replace(leg, asset="ghost") if leg.asset == "opv" else leg for leg in LEGS])


def test_what_a_leg_is_worth_is_what_is_lost_without_it() -> None:
    p = problem()
    weight = risk(p.fleet.pots, 3)
    routes = plan_routes(p.fleet, weight, 3, Effort(20, 10))
    leg = max((x for x in legs_of(p, routes, weight) if x.task == "search"), key=lambda x: x.worth)
    assert 0 < leg.worth < routes.value
    one = [x for x in legs_of(p, routes, weight) if x.task == "search" and x.cover < 0.6]
    total = routes.cover.reshape(p.epochs, len(p.cells)).sum(axis=0)
    assert sum(x.cover for x in legs_of(p, routes, weight)) == pytest.approx(total.sum())
    assert one


@given(st.sampled_from([k for k in some("transit", "opv") if LEGS[k].start_h > 0]), st.floats(0.5, 3.0))
def test_a_jump_is_excused_only_by_being_seen_there_and_then(k, east_deg) -> None:
    """A leg that ends where it did but begins elsewhere: only its beginning is a jump."""
    leg = LEGS[k]
    lon, lat = leg.way[0]
    legs = changed(k, way=((lon - east_deg, lat), *leg.way[1:]))
    there = (leg.asset, leg.start_h, (lon - east_deg, lat))
    assert "jump" in rules(legs)
    assert "jump" not in rules(legs, seen=[there])
    assert "jump" in rules(legs, seen=[(there[0], leg.start_h + 1.0, there[2])]), "not at another moment"
    assert "jump" in rules(legs, seen=[("plane", *there[1:])]), "not for another asset"
    assert "jump" in rules(legs, seen=[(*there[:2], (lon + 1.0, lat))]), "not at another place"


@pytest.mark.parametrize("late_h", [0.0, 500.0])
def test_a_way_over_land_is_found_whatever_its_time(late_h) -> None:
    """A route beyond the end of the plan is told that too, not only that it is late."""
    over = (LEGS[0].way[0], (-75.0, -11.0))
    k = some("transit", "opv")[0]
    legs = changed(k, way=over, start_h=LEGS[k].start_h + late_h, end_h=LEGS[k].end_h + late_h)
    assert "land" in rules(legs) and ("backwards" in rules(legs)) == (late_h > 0)
