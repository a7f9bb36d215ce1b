"""Five voyages against the land of Natural Earth 1:10 million itself: none crosses it, each is the shortest to 1 %, and the field agrees."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from benchmarks.sea_routes import PACIFIC, PLACES, ROUTES, exact_land, land_nm, shortest_nm, way_of
from seaward.chart.sea_field import field_grid, sea_field

PUBLISHED_NM = {("San Diego", "Callao"): 3571, ("Callao", "Honolulu"): 5160, ("Iquique", "Manta"): 1396}  # of a grid of 0.25 degrees, earlier


@pytest.fixture(scope="module")
def land(real_data: Path) -> shapely.Geometry:
    return exact_land(real_data)


@pytest.mark.parametrize("route", ROUTES, ids=[" to ".join(r) for r in ROUTES])
def test_a_voyage_crosses_no_land_and_is_the_shortest_to_a_hundredth(route: tuple[str, str], land: shapely.Geometry) -> None:
    way, nm = way_of(*route)
    assert land_nm(way.lon_deg, way.lat_deg, land) == 0.0
    exact = shortest_nm(PLACES[route[0]], PLACES[route[1]], land, way)
    assert exact <= nm <= 1.01 * exact
    assert nm == pytest.approx(PUBLISHED_NM.get(route, nm), rel=0.01)


@pytest.mark.parametrize("route", ROUTES[3:], ids=[" to ".join(r) for r in ROUTES[3:]])
def test_the_field_of_an_ocean_agrees_with_the_way(route: tuple[str, str]) -> None:
    field = sea_field(field_grid(PACIFIC), PLACES[route[0]])
    assert float(field.at(*PLACES[route[1]])) / 1852.0 == pytest.approx(way_of(*route)[1], rel=0.012)
