"""Drifts against cases computed by hand: leeway, current, errors that forget themselves, jibing, land, distress that began between two times."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seaward.chart.sea_grid import sea_grid
from seaward.core.errors import ParameterError
from seaward.core.units import DEG_M, NM_M
from seaward.patrol.adrift import Lost, drift_of
from seaward.patrol.flow import Flow, arrays, by_time, flow_at, on_grid, steady
from seaward.patrol.leeway import BY_ID, LEEWAY, PROBABLE_TO_SIGMA

AT_SEA = (-85.0, -10.0)
GRID = sea_grid((-90.0, -15.0, -80.0, -5.0))
CALM = steady(0.0, 0.0, 0.0, 6.0)


def lost(**changes) -> Lost:
    values = {"id": "a", "object": "debris", "weight": 1.0, "from_h": 0.0, "to_h": 0.0, "place": AT_SEA, "end": AT_SEA, "error_nm": 0.0}
    return Lost(**{**values, **changes})


def moved(drift, hour: float) -> tuple[np.ndarray, np.ndarray]:
    """Miles to the east and to the north."""
    m = drift.at(hour)
    north = (drift.lat_deg[m] - AT_SEA[1]) * DEG_M / NM_M
    return (drift.lon_deg[m] - AT_SEA[0]) * math.cos(math.radians(AT_SEA[1])) * DEG_M / NM_M, north


def test_a_current_alone_carries_everything_that_does_not_err_as_far_as_it_runs() -> None:
    drift = drift_of([lost()], CALM, steady(1.5, 90.0, 0.0, 6.0), GRID, 12.0, 1, 4_000)
    east, north = moved(drift, 12.0)
    sigma = BY_ID["debris"].error_kn * PROBABLE_TO_SIGMA * 12.0
    assert east.mean() == pytest.approx(18.0, abs=4 * sigma / math.sqrt(4_000))
    assert north.std() == pytest.approx(sigma, rel=0.06) and east.std() == pytest.approx(sigma, rel=0.06)


@pytest.mark.parametrize("leeway", LEEWAY, ids=lambda x: x.id)
def test_each_class_goes_its_share_of_the_wind_to_either_side_of_downwind(leeway) -> None:
    drift = drift_of([lost(object=leeway.id, jibes_per_h=0.0)], steady(20.0, 0.0, 0.0, 6.0), CALM, GRID, 6.0, 2, 2_000)
    east, north = moved(drift, 6.0)
    speed = leeway.slope * 20.0 + leeway.offset_kn
    noise = 5 * leeway.error_kn * 6.0 / math.sqrt(1_000)
    assert north.mean() == pytest.approx(6 * speed * math.cos(math.radians(leeway.off_deg)), abs=noise)
    assert abs(east.mean()) < noise + 0.15 * 6 * speed * math.sin(math.radians(leeway.off_deg))  # as many to the right as to the left
    square = (6 * speed * math.sin(math.radians(leeway.off_deg))) ** 2 + (6 * leeway.error_kn * PROBABLE_TO_SIGMA) ** 2
    assert (east**2).mean() == pytest.approx(square, rel=0.12)


def test_an_error_of_the_current_spreads_as_one_that_forgets_itself() -> None:
    memory, error, hours = 3.0, 0.5, 24.0
    flow = Flow(np.zeros(1), np.zeros(1), np.zeros(1), np.zeros((1, 1, 1)), np.zeros((1, 1, 1)), error, memory)
    drift = drift_of([lost()], CALM, flow, GRID, hours, 3, 4_000)
    east, _ = moved(drift, hours)
    walk = 2 * error**2 * memory**2 * (hours / memory - 1 + math.exp(-hours / memory))
    assert east.var() == pytest.approx(walk + (BY_ID["debris"].error_kn * PROBABLE_TO_SIGMA * hours) ** 2, rel=0.08)


def test_jibing_brings_craft_back_to_downwind() -> None:
    wind = steady(20.0, 0.0, 0.0, 6.0)
    spread = [
        moved(drift_of([lost(object="fishing-vessel", jibes_per_h=rate)], wind, CALM, GRID, 24.0, 4), 24.0)[0].std() for rate in (0.0, 0.04, 2.0)
    ]
    assert spread[0] > spread[1] > spread[2]


def test_what_drifts_ashore_stays_there() -> None:
    place = (-77.3, -12.05)
    grid = sea_grid((-80.0, -14.0, -75.0, -10.0))
    drift = drift_of([lost(place=place, end=place, error_nm=1.0)], CALM, steady(2.0, 90.0, 0.2, 6.0), grid, 12.0, 5, 500)
    assert drift.stranded[-1].mean() > 0.9
    m = drift.at(11.0)
    held = drift.stranded[m]
    assert (drift.lon_deg[m][held] == drift.lon_deg[-1][held]).all() and not drift.stranded[0].any()


def test_who_was_lost_later_has_drifted_less_and_from_farther_along_the_way() -> None:
    end = (-84.0, -10.0)
    drift = drift_of([lost(to_h=10.0, end=end)], CALM, steady(1.0, 0.0, 0.0, 6.0), GRID, 10.0, 6, 4_000)
    east, north = moved(drift, 10.0)
    along = east / (math.cos(math.radians(10.0)) * DEG_M / NM_M)
    assert north.mean() == pytest.approx(5.0, abs=0.3) and along.mean() == pytest.approx(0.5, abs=0.05)
    assert np.corrcoef(along, north)[0, 1] < -0.6


def test_ways_it_may_have_been_weigh_as_was_said_and_the_same_seed_draws_the_same() -> None:
    ways = [lost(weight=3.0), lost(id="b", object="raft", weight=1.0)]
    one, two = (drift_of(ways, CALM, CALM, GRID, 3.0, 7, 999) for _ in range(2))
    assert one.weight.sum() == pytest.approx(1.0) and one.weight[one.lost == 0].sum() == pytest.approx(0.75)
    assert (one.lon_deg == two.lon_deg).all() and (one.lon_deg != drift_of(ways, CALM, CALM, GRID, 3.0, 8, 999).lon_deg).any()


def test_across_180_degrees_a_drift_goes_on() -> None:
    place = (179.95, -10.0)
    drift = drift_of([lost(place=place, end=place)], CALM, steady(2.0, 90.0, 0.0, 6.0), sea_grid((175.0, -15.0, -175.0, -5.0)), 6.0, 1, 200)
    lon, lat = drift.datum(drift.at(6.0))
    assert lon == pytest.approx(-180 + 2 * 6 / 60 / math.cos(math.radians(10)) - 0.05, abs=0.03) and lat == pytest.approx(-10.0, abs=0.03)


def test_a_flow_is_linear_between_moments_and_places() -> None:
    rows = [(t, x, y, t + 2 * x - y, 0.0) for t in (0.0, 2.0) for x in (-86.0, -84.0) for y in (-11.0, -9.0)]
    flow = on_grid(*np.array(rows).T, 0.0, 6.0)
    assert flow_at(*arrays(flow), 1.0, -85.5, -10.5)[0] == pytest.approx(1.0 + 2 * -85.5 + 10.5)
    assert flow_at(*arrays(flow), 9.0, -80.0, 0.0)[0] == pytest.approx(2.0 + 2 * -84.0 + 9.0)  # beyond the edges as at the edges
    assert flow_at(*arrays(by_time([0, 4], [0, 8], [90, 90], 0, 6)), 1.0, 0.0, 0.0)[0] == pytest.approx(2.0)


def test_a_grid_with_a_hole_or_a_moment_twice_is_refused() -> None:
    with pytest.raises(ParameterError, match="fill the gaps"):
        on_grid([0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], 0.0, 6.0)
    with pytest.raises(ParameterError, match="twice"):
        by_time([1, 1], [0, 0], [0, 0], 0.0, 6.0)
