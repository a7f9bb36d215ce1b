"""Distance fields: equal to the great circle in open water and to the way elsewhere, closed waters, slower seas, 180 degrees, odd starts."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.chart.sea_field import field_grid, paces, sea_field
from seaward.chart.sea_grid import sea_grid, without
from seaward.chart.sea_way import sea_way
from seaward.core.errors import ParameterError
from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M

PERU = (-86.0, -22.0, -69.0, 1.0)
CALLAO = (-77.20, -12.05)
OCEAN = (-127.5, -30.0, -110.0, -10.0)  # no land in it
PLACE = st.tuples(st.floats(-85.9, -77.0), st.floats(-21.0, 0.5))


def test_in_open_water_the_field_is_the_great_circle_to_the_metre() -> None:
    field = sea_field(field_grid(OCEAN), (-120.3, -20.7))
    lon, lat = np.meshgrid(np.linspace(-127.4, -110.1, 37), np.linspace(-29.9, -10.1, 31))
    assert field.at(lon, lat) == pytest.approx(great_circle_m(-120.3, -20.7, lon, lat), abs=1.0)


@settings(max_examples=25)
@given(PLACE)
def test_the_field_says_what_the_way_says(place) -> None:
    grid = field_grid(PERU)
    if not grid.is_sea(*place):
        return
    way, field = sea_way(grid, CALLAO, place), sea_field(grid, CALLAO)
    assert float(field.at(*place)) == pytest.approx(way.length_m + way.start_off_m, rel=0.006, abs=500)


@settings(max_examples=25)
@given(PLACE, PLACE)
def test_no_place_is_nearer_than_in_a_straight_line_and_the_way_back_is_as_long(one, two) -> None:
    grid = field_grid(PERU)
    there, back = float(sea_field(grid, one).at(*two)), float(sea_field(grid, two).at(*one))
    assert there >= float(great_circle_m(*one, *two)) * (1 - 1e-6)
    assert back == pytest.approx(there, rel=0.01, abs=1_000)


def test_across_180_degrees_the_field_takes_the_short_side() -> None:
    field = sea_field(field_grid((150.0, -50.0, -170.0, -10.0)), (174.80, -36.83))
    assert float(field.at(-175.2, -21.13)) == pytest.approx(float(great_circle_m(174.80, -36.83, -175.2, -21.13)), rel=0.03)
    around = sea_field(sea_grid((-180.0, -60.0, 180.0, 65.0), 0.5), (179.0, 0.0))
    assert float(around.at(-179.0, 1.0)) == pytest.approx(float(great_circle_m(179.0, 0.0, -179.0, 1.0)), rel=1e-6)


def test_closed_waters_are_gone_around_and_a_sea_beyond_them_is_out_of_reach() -> None:
    wall = shapely.box(-121.0, -29.0, -119.0, -11.0)
    grid = without(field_grid(OCEAN), [wall])
    field = sea_field(grid, (-125.0, -20.0))
    straight = float(great_circle_m(-125.0, -20.0, -115.0, -20.0))
    end = shapely.Point(-121.0, -29.0), shapely.Point(-119.0, -29.0)
    around = sum(float(great_circle_m(a.x, a.y, b.x, b.y)) for a, b in ((shapely.Point(-125, -20), end[0]), end, (end[1], shapely.Point(-115, -20))))
    assert straight < around * 0.9
    assert float(field.at(-115.0, -20.0)) == pytest.approx(around, rel=0.02)
    whole = without(field_grid(OCEAN), [shapely.box(-121.0, -31.0, -119.0, -9.0)])
    assert np.isinf(sea_field(whole, (-125.0, -20.0)).at(-115.0, -20.0))


def test_closing_nothing_leaves_the_grid_as_it_is() -> None:
    grid = field_grid(OCEAN)
    assert without(grid, []) is grid and without(grid, [shapely.box(0, 0, 1, 1)]) is grid


def test_a_start_in_closed_waters_is_moved_out_of_them_and_the_way_there_counts() -> None:
    grid = without(field_grid(OCEAN), [shapely.box(-121.0, -21.0, -119.0, -19.0)])
    field = sea_field(grid, (-120.0, -20.0))
    assert field.start_off_m > 40 * NM_M
    assert float(field.at(field.lon_deg, field.lat_deg)) == pytest.approx(field.start_off_m)


def test_time_is_distance_over_speed_and_a_rough_sea_between_costs_its_share() -> None:
    grid = field_grid(OCEAN)
    plain = sea_field(grid, (-125.0, -20.0), paces(grid, 15.0))
    km = float(great_circle_m(-125.0, -20.0, -115.0, -20.0)) / NM_M
    assert float(plain.at(-115.0, -20.0)) == pytest.approx(km / 15.0 * 3600.0, rel=1e-4)
    rough = shapely.box(-121.0, -31.0, -119.0, -9.0)  # from edge to edge: there is no way around it
    slow = sea_field(grid, (-125.0, -20.0), paces(grid, 15.0, [(rough, 7.5)]))
    inside = float(great_circle_m(-121.0, -20.0, -119.0, -20.0)) / NM_M
    assert float(slow.at(-115.0, -20.0)) == pytest.approx((km - inside) / 15.0 * 3600.0 + inside / 7.5 * 3600.0, rel=0.02)


def test_a_rough_sea_that_can_be_avoided_is_avoided() -> None:
    grid = field_grid(OCEAN)
    rough = shapely.box(-121.0, -20.4, -119.0, -10.0)
    slow = float(sea_field(grid, (-125.0, -20.0), paces(grid, 15.0, [(rough, 1.0)])).at(-115.0, -20.0))
    plain = float(sea_field(grid, (-125.0, -20.0), paces(grid, 15.0)).at(-115.0, -20.0))
    assert plain < slow < 1.05 * plain


def test_nothing_beyond_the_limit_is_told() -> None:
    field = sea_field(field_grid(OCEAN), (-120.0, -20.0), limit=100 * NM_M)
    assert np.isfinite(field.at(-120.0, -19.0)) and np.isinf(field.at(-120.0, -25.0))


@pytest.mark.parametrize("place", [(-60.0, -12.0), (0.0, 50.0)])
def test_a_start_outside_the_area_is_refused(place) -> None:
    with pytest.raises(ParameterError, match="outside the area"):
        sea_field(field_grid(PERU), place)


@pytest.mark.parametrize("speed_kn", [0.0, -3.0, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(speed_kn) -> None:
    with pytest.raises(ParameterError, match="speeds in knots"):
        paces(field_grid(OCEAN), speed_kn)


def test_places_outside_the_area_are_infinitely_far() -> None:
    assert np.isinf(sea_field(field_grid(OCEAN), (-120.0, -20.0)).at([-90.0, -120.0], [-20.0, 40.0])).all()
