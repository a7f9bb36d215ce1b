"""Ways at sea: known voyages, no land crossed, capes, straits and 180 degrees, and a clear word where there is no way."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.chart.coast import coastline
from seaward.chart.sea_grid import sea_grid
from seaward.chart.sea_way import SeaWay, is_free, sea_way
from seaward.core.errors import ParameterError
from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M

PERU = (-84.0, -15.0, -75.0, -3.0)
CALLAO, PAITA = (-77.15, -12.05), (-81.107, -5.085)
PLACE = st.tuples(st.floats(-83.9, -76.0), st.floats(-14.9, -3.1))


@pytest.fixture(scope="module")
def land() -> shapely.Geometry:
    whole = shapely.multipolygons(np.array([shapely.Polygon(p[0], p[1:]) for p in coastline()]))
    shapely.prepare(whole)
    return whole


def touches_land(way: SeaWay, land: shapely.Geometry) -> bool:
    lon = np.degrees(np.unwrap(np.radians(way.lon_deg)))
    return any(shapely.intersects(land, shapely.LineString(np.column_stack([lon + turn, way.lat_deg]))) for turn in (-360.0, 0.0, 360.0))


@pytest.mark.parametrize(
    ("box", "start", "end", "keep_off_nm", "nm", "within"),
    [
        (PERU, CALLAO, PAITA, 0.0, 500.0, 0.03),  # the lengths are round figures near those first computed: they guard, they prove nothing
        ((-82.0, -60.0, -55.0, -30.0), (-71.63, -33.03), (-57.5, -38.03), 3.0, 2690.0, 0.04),  # Valparaiso - Mar del Plata around Cape Horn
        ((-12.0, 33.0, 6.0, 46.0), (-9.2, 38.68), (2.2, 41.35), 1.0, 800.0, 0.05),  # Lisbon - Barcelona through the Strait of Gibraltar
    ],
    ids=["along the coast", "around Cape Horn", "through a strait"],
)
def test_known_voyages_have_their_length_and_cross_no_land(land, box, start, end, keep_off_nm, nm, within) -> None:
    way = sea_way(sea_grid(box), start, end, keep_off_nm)
    assert way.length_m / NM_M == pytest.approx(nm, rel=within)
    assert way.length_m > great_circle_m(*start, *end)
    assert not touches_land(way, land)


def test_cape_horn_is_rounded_to_the_south() -> None:
    way = sea_way(sea_grid((-82.0, -60.0, -55.0, -30.0), 0.1), (-76.0, -50.0), (-62.0, -50.0), 10.0)
    assert way.lat_deg.min() < -55.9  # the cape lies at 55.98 S


def test_in_the_open_sea_the_way_is_the_great_circle() -> None:
    start, end = (-84.0, -14.0), (-80.0, -10.0)
    way = sea_way(sea_grid(PERU), start, end)
    assert way.length_m == pytest.approx(float(great_circle_m(*start, *end)), rel=1e-9)
    assert (way.start_off_m, way.end_off_m) == (0.0, 0.0)
    assert (way.lon_deg[0], way.lat_deg[0], way.lon_deg[-1], way.lat_deg[-1]) == pytest.approx((*start, *end))


def test_a_way_across_180_degrees_takes_the_short_side(land) -> None:
    auckland, nukualofa = (174.80, -36.83), (-175.2, -21.13)
    way = sea_way(sea_grid((150.0, -50.0, -170.0, -10.0)), auckland, nukualofa)
    assert way.length_m == pytest.approx(float(great_circle_m(*auckland, *nukualofa)), rel=0.03)
    assert np.abs(way.lon_deg).min() > 170.0 and way.lon_deg.min() < 0.0 < way.lon_deg.max()
    assert not touches_land(way, land)


def test_a_grid_around_the_world_goes_across_its_seam(land) -> None:
    way = sea_way(sea_grid((-180.0, -60.0, 180.0, 65.0)), (178.0, 0.0), (-178.0, 1.0))
    assert way.length_m == pytest.approx(float(great_circle_m(178.0, 0.0, -178.0, 1.0)), rel=1e-6)


def test_a_start_on_land_is_moved_to_the_sea_and_says_how_far() -> None:
    grid = sea_grid(PERU)
    way = sea_way(grid, (-77.03, -12.05), (-79.0, -12.0))  # the centre of Lima
    assert way.start_off_m == pytest.approx(float(great_circle_m(-77.03, -12.05, way.lon_deg[0], way.lat_deg[0])))
    assert 5_000 < way.start_off_m < 20_000 and way.end_off_m == 0.0
    assert grid.is_sea(way.lon_deg[0], way.lat_deg[0])


def test_two_waters_that_do_not_meet_have_no_way() -> None:
    with pytest.raises(ParameterError, match="no way at sea"):
        sea_way(sea_grid((-83.0, 7.0, -75.0, 11.0), 0.05), (-80.5, 10.5), (-80.0, 7.3))  # both sides of Panama, the canal is land


def test_a_place_outside_the_area_is_refused() -> None:
    with pytest.raises(ParameterError, match="outside the area"):
        sea_way(sea_grid(PERU), CALLAO, (-60.0, -12.0))


@pytest.mark.parametrize("box", [(-80.0, 5.0, -70.0, 5.0), (-80.0, 5.0, -70.0, -5.0), (10.0, 0.0, 10.0, 5.0), (0.0, -95.0, 5.0, 0.0)])
def test_an_area_that_encloses_nothing_is_refused(box) -> None:
    with pytest.raises(ParameterError, match="expected an area"):
        sea_grid(box)


def test_a_way_keeps_off_the_shore_where_there_is_room() -> None:
    grid = sea_grid(PERU)
    near, far = sea_way(grid, CALLAO, PAITA), sea_way(grid, CALLAO, PAITA, 5.0)
    assert far.length_m > near.length_m
    middle = slice(len(far.lon_deg) // 4, 3 * len(far.lon_deg) // 4)
    cells = [grid.cell(x, y) for x, y in zip(far.lon_deg[middle], far.lat_deg[middle], strict=True)]
    assert grid.off_m.flat[cells].min() >= 5.0 * NM_M - 1.0


@settings(max_examples=40)
@given(PLACE, PLACE)
def test_ways_between_any_two_places_cross_no_land_and_are_as_long_back(start, end) -> None:
    grid, shore = sea_grid(PERU, 0.05), shapely.multipolygons(np.array([shapely.Polygon(p[0], p[1:]) for p in coastline()[:3]]))
    way, back = sea_way(grid, start, end), sea_way(grid, end, start)
    assert not touches_land(way, shore)
    straight = float(great_circle_m(way.lon_deg[0], way.lat_deg[0], way.lon_deg[-1], way.lat_deg[-1]))
    assert way.length_m >= straight * (1 - 1e-9)
    assert back.length_m == pytest.approx(way.length_m, rel=0.02, abs=2_000)
    legs = great_circle_m(way.lon_deg[:-1], way.lat_deg[:-1], way.lon_deg[1:], way.lat_deg[1:])
    assert legs.max() <= 60.0 * NM_M * 1.001
    assert is_free(grid, (way.lon_deg[0], way.lat_deg[0]), (way.lon_deg[-1], way.lat_deg[-1])) == (way.length_m <= straight * (1 + 1e-9))


def test_every_land_cell_is_touched_by_land_and_no_sea_cell_is(land) -> None:
    grid = sea_grid((-78.5, -13.0, -76.5, -11.0), 0.02)
    rows, columns = grid.land.shape
    lon, lat = grid.west_deg + np.arange(columns) * 0.02, grid.south_deg + np.arange(rows) * 0.02
    cells = shapely.box(*(a.ravel() for a in (*np.meshgrid(lon, lat), *np.meshgrid(lon + 0.02, lat + 0.02))))
    assert np.array_equal(shapely.intersects(land, cells).reshape(rows, columns), grid.land)
