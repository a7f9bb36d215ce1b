"""A trip with each gear, as its crew works it; trips that look alike at first sight; and the same in bad reports."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from seaward.behaviours.activity import working
from seaward.behaviours.behaviour import Context
from seaward.behaviours.fishing import FishingParams, find_fishing, fishing_probability
from seaward.behaviours.gears import GEARS, NAMES, prior_of, tables
from seaward.core.errors import ParameterError
from seaward.core.tables import VESSELS
from tests.behaviours.sea import NOON, codes, every, vessel

Leg = tuple[float, float, float, bool]  # hours, knots, degrees it turns in an hour, whether gear is worked
OUT, HOME = (2.0, 9.0, 0.0, False), (2.0, 9.0, 0.0, False)
TRIPS: dict[str, list[Leg]] = {
    "trawl": [OUT, *[(3.0, 3.2, 25.0, True), (0.4, 1.0, 0.0, True), (0.5, 9.0, 60.0, False)] * 3, HOME],
    "dredge": [OUT, *[(0.5, 2.5, 300.0, True), (0.2, 0.6, 0.0, True)] * 8, HOME],
    "purse_seine": [OUT, *[(1.5, 8.0, 200.0, False), (0.13, 7.5, 2700.0, True), (1.5, 0.5, 0.0, True)] * 3, HOME],
    "longline": [OUT, (5.0, 5.5, 5.0, True), (5.0, 0.7, 0.0, False), (9.0, 3.0, 40.0, True), (1.0, 9.0, 0.0, False), (5.0, 5.5, 5.0, True), HOME],
    "squid_jig": [(9.0, 9.0, 0.0, False), (3.0, 0.8, 5.0, True), (8.0, 0.8, 5.0, True), HOME],  # from 21:00 UTC at 80 W, near dusk, until dawn
    "pots": [OUT, *[(0.4, 1.2, 90.0, True), (0.15, 4.0, 0.0, True), (0.1, 9.0, 0.0, False)] * 8, HOME],
    "gillnet": [OUT, (1.0, 3.5, 20.0, True), (7.0, 0.7, 0.0, False), (2.5, 1.2, 200.0, True), HOME],
}
assert set(TRIPS) == set(NAMES) - {"any"}


def trip(legs: list[Leg], *, step_min: float = 5, start: datetime = NOON) -> tuple[pl.DataFrame, np.ndarray]:
    """Positions along the legs with speeds as reported, and whether gear is worked at each."""
    places, speeds, at_work = [(-80.0, -12.0)], [legs[0][1]], [legs[0][3]]
    course = 0.7
    for hours, knots, turn_deg, work in legs:
        for _ in range(round(hours * 60)):
            x, y = places[-1]
            course += math.radians(turn_deg / 60)
            places.append((x + knots / 3600 * math.sin(course) / math.cos(math.radians(12)), y + knots / 3600 * math.cos(course)))
            speeds.append(knots)
            at_work.append(work)
    minutes = [round(m) for m in every(step_min, len(places))]
    rows = vessel(1, minutes, lambda m: places[int(m)], start=start, sog_kn=[round(speeds[m], 1) for m in minutes])
    return rows, np.array([at_work[m] for m in minutes])


def fisher() -> Context:
    row = {"realm": "ops", "vessel_id": "mmsi:100000001", "mmsi": 100000001, "ship_type": 30, "positions": 1}
    return Context(vessels=pl.DataFrame([row], schema=VESSELS.schema))


def found(rows: pl.DataFrame, gear: str) -> pl.DataFrame:
    return find_fishing(rows, fisher(), FishingParams(gear=gear), NOON + timedelta(days=3))


def agreement(rows: pl.DataFrame, truth: np.ndarray, gear: str) -> float:
    said = fishing_probability(rows, gear)["fishing_probability"].to_numpy() >= 0.5
    return float((said == truth).mean())


@pytest.mark.parametrize("gear", TRIPS)
def test_a_trip_with_a_given_gear_is_told_fix_by_fix_and_its_event_names_the_gear(gear: str) -> None:
    rows, truth = trip(TRIPS[gear])
    assert agreement(rows, truth, gear) > 0.8
    events = found(rows, gear)
    assert len(events) and all(f"fishing.given_{gear}" in codes(e) for e in events.iter_rows(named=True))


@pytest.mark.parametrize("gear", TRIPS)
def test_the_same_way_all_at_ten_knots_is_no_work_of_any_gear(gear: str) -> None:
    rows, _ = trip([(hours, 10.0, 0.0, False) for hours, *_ in TRIPS[gear]])
    assert found(rows, gear).is_empty()
    assert fishing_probability(rows, gear)["fishing_probability"].max() < 0.5  # type: ignore[operator]


@pytest.mark.parametrize("gear", TRIPS)
def test_doubled_shuffled_reports_half_without_speed_tell_the_same_work(gear: str) -> None:
    rows, truth = trip(TRIPS[gear])
    dirty = rows.with_columns(sog_kn=pl.when(pl.int_range(pl.len()) % 2 == 0).then("sog_kn"), truth=pl.Series(truth))
    dirty = pl.concat([dirty, dirty.sample(fraction=0.5, seed=1)]).sample(fraction=1.0, shuffle=True, seed=2)
    said = fishing_probability(dirty, gear)
    assert ((said["fishing_probability"] >= 0.5) == said["truth"]).mean() > 0.75  # type: ignore[operator]
    assert len(found(dirty.drop("truth"), gear))


@pytest.mark.parametrize("gear", ["trawl", "purse_seine", "longline", "gillnet"])
def test_a_gear_not_given_is_told_by_the_track(gear: str) -> None:
    rows, _ = trip(TRIPS[gear])
    told = fishing_probability(rows).row(-1, named=True)
    assert told["gear"] == gear and told["gear_probability"] > 0.5
    named = [r for e in found(rows, "unknown").iter_rows(named=True) for r in e["reasons"] if r["code"] == f"fishing.gear_{gear}"]
    assert named and all(50 < r["values"][0]["value"] <= 100 for r in named)


@pytest.mark.parametrize("legs", [[(9.0, 1.7, 0.0, False)], [(1.0, 5.5, 0.0, False), (1.5, 1.7, 0.0, False), (1.0, 6.5, 0.0, False)] * 3])
def test_a_slow_straight_way_that_no_gear_explains_better_is_left_alone_unless_a_gear_is_given(legs: list[Leg]) -> None:
    rows, _ = trip(legs)
    assert len(found(rows, "any")) and found(rows, "unknown").is_empty()


def test_a_jigger_adrift_works_by_night_and_sleeps_by_day() -> None:
    rows, _ = trip([(36.0, 0.8, 5.0, True)])
    said = fishing_probability(rows, "squid_jig")
    local_h = (said["at"].dt.hour() - 5) % 24  # at 80 W
    p = said["fishing_probability"].to_numpy()
    assert p[(local_h >= 20) | (local_h < 4)].min() > 0.8
    assert p[(local_h >= 8) & (local_h < 16)].max() < 0.2


def test_gears_are_given_by_vessel_or_by_mmsi() -> None:
    one, _ = trip(TRIPS["longline"])
    two = one.with_columns(pl.lit("mmsi:100000002", pl.Categorical).alias("vessel_id"))
    told = fishing_probability(pl.concat([one, two]), {"mmsi:100000001": "trawl", "100000002": "longline"})
    gears = dict(told.select(pl.col("vessel_id").cast(pl.String), "gear").unique().iter_rows())
    assert gears == {"mmsi:100000001": "trawl", "mmsi:100000002": "longline"}
    with pytest.raises(ParameterError, match="gear of 7 is 'net'"):
        FishingParams(gears={"7": "net"})
    assert hash(FishingParams(gears={"7": "pots"})) == hash(FishingParams(gears=(("7", "pots"),)))


def test_chances_of_gears_add_up_and_a_vessel_without_prior_is_passed_over() -> None:
    rows, _ = trip(TRIPS["pots"])
    place = rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy(), rows["sog_kn"].to_numpy()
    at = rows["at"].dt.epoch("us").to_numpy()
    first = np.array([0, len(rows)])
    work = working(first, at, *place, prior_of("unknown")[None])
    np.testing.assert_allclose(work.gear.sum(1), 1.0, rtol=1e-5)
    assert np.isnan(working(first, at, *place, np.zeros((1, len(NAMES)))).chance).all()


def test_steps_from_state_to_state_are_chances_and_two_hours_are_twice_one() -> None:
    step = tables().step
    for m, n in enumerate(tables().states):
        np.testing.assert_allclose(step[m, :, :n, :n].sum(2), 1.0, atol=1e-9)
        half, whole = 95 * math.log(3600) / math.log(7200), 95
        np.testing.assert_allclose(step[m, round(half), :n, :n] @ step[m, round(half), :n, :n], step[m, whole, :n, :n], atol=0.02)
    assert len(GEARS) + 1 == len(step)
