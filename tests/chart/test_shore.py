"""Distance to the shore: places whose answer is known, the seams of the map, and the whole of it beside its source."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from seaward.chart.shore import decode_m, inland_m, shore_m
from seaward.core.geodesy import destination_deg, great_circle_m
from seaward.core.units import NM_M

LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg", "nm", "within_nm"),
    [
        (-77.30, -12.05, 2.8, 2.0),  # off San Lorenzo, the island before Callao
        (-80.0, -12.0, 144.7, 1.5),  # nearest is the cape at 11.29 S 77.65 W
        (-84.5, -12.0, 386.6, 4.0),  # nearest lies off Chimbote, 9.18 S 78.61 W
        (-123.393, -48.877, 1453.7, 20.0),  # Point Nemo, to Motu Nui; Ducie counts as little as on the source map
    ],
)
def test_known_places_have_their_distance(lon_deg: float, lat_deg: float, nm: float, within_nm: float) -> None:
    assert shore_m(lon_deg, lat_deg) / NM_M == pytest.approx(nm, abs=within_nm)


@pytest.mark.parametrize(("lon_deg", "lat_deg"), [(-76.0, -10.0), (0.0, -90.0), (25.0, 60.9), (178.0, 67.0), (-179.0, 66.5), (180.0, 68.5)])
def test_on_land_the_distance_is_zero(lon_deg: float, lat_deg: float) -> None:
    assert shore_m(lon_deg, lat_deg) == 0


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg", "km", "within_km"),
    [
        (-77.114, -12.022, 2.7, 2.0),  # the airport of Callao, to the beach at 77.139 W
        (-76.93, -12.0, 17.6, 2.0),  # the east of Lima, to the shore below Magdalena, 12.10 S 77.055 W
        (-69.3, -15.8, 24.4, 0.1),  # Lake Titicaca is land, and deep in it
        (82.19, 46.28, 24.4, 0.1),  # nowhere is farther from the sea: 2,600 km
        (-77.30, -12.05, 0.0, 0.0),
        (-123.393, -48.877, 0.0, 0.0),
    ],
)
def test_known_places_have_their_distance_inland(lon_deg: float, lat_deg: float, km: float, within_km: float) -> None:
    assert inland_m(lon_deg, lat_deg) / 1000 == pytest.approx(km, abs=within_km)


@given(LON, LAT)
def test_a_place_is_on_land_or_at_sea_but_not_both(lon_deg: float, lat_deg: float) -> None:
    inland, off = float(inland_m(lon_deg, lat_deg)), float(shore_m(lon_deg, lat_deg))
    assert min(inland, off) == 0 and 0 <= inland <= 24_456


def test_the_north_pole_is_at_sea_by_every_longitude() -> None:
    at_pole = shore_m(np.linspace(-180, 180, 50), 90.0)
    assert np.ptp(at_pole) == 0
    assert at_pole[0] == pytest.approx(706_000, rel=0.03)  # Kaffeklubben Island at 83.66 N


@given(LON, LAT)
def test_one_turn_more_changes_nothing(lon_deg: float, lat_deg: float) -> None:
    assert shore_m(lon_deg + 360, lat_deg) == pytest.approx(shore_m(lon_deg, lat_deg), abs=1e-3)
    assert shore_m(lon_deg - 360, lat_deg) == pytest.approx(shore_m(lon_deg, lat_deg), abs=1e-3)


def test_no_step_at_180_degrees() -> None:
    lat = np.linspace(-89, 89, 3000)
    assert np.abs(shore_m(179.9999, lat) - shore_m(-179.9999, lat)).max() < 30


@given(LON, st.floats(-80, 80), st.floats(0, 360), st.floats(20_000, 100_000))
def test_distance_grows_no_faster_than_one_sails(lon_deg: float, lat_deg: float, bearing_deg: float, way_m: float) -> None:
    lon2, lat2 = destination_deg(lon_deg, lat_deg, bearing_deg, way_m)
    a, b = float(shore_m(lon_deg, lat_deg)), float(shore_m(lon2, lat2))
    assert abs(a - b) <= way_m * 1.03 + 6_000 + 0.023 * max(a, b)


def test_what_is_no_position_has_no_distance() -> None:
    for distance_m in (shore_m, inland_m):
        assert np.isnan(distance_m([np.nan, 0, 0, np.inf, 0], [0, np.nan, 91, 0, -90.01])).all()


def test_shapes_broadcast_and_nothing_is_changed() -> None:
    lon, lat = np.array([[-80.0], [-81.0]]), np.array([-12.0, -13.0, -14.0])
    assert shore_m(lon, lat).shape == (2, 3)
    assert shore_m(np.zeros(0), np.zeros(0)).shape == (0,)
    assert lon.tolist() == [[-80.0], [-81.0]]


def test_codes_stand_for_growing_distances_from_land_to_the_remotest_sea() -> None:
    steps = decode_m(np.arange(256))
    assert (np.diff(steps) > 0).all()
    assert steps[0] < -20_000 and steps[-1] > 2_690_000


def test_a_million_positions_take_less_than_a_second() -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-180, 180, 1_000_000), rng.uniform(-90, 90, 1_000_000)
    shore_m(lon[:1], lat[:1])
    start = perf_counter()
    shore_m(lon, lat)
    assert perf_counter() - start < 1.0  # measured 0.03 s


@pytest.fixture(scope="module")
def land(real_data: Path) -> shapely.Geometry:
    """Land of South America and the islands off it, by another road than the packaged one."""
    text = json.loads(gzip.decompress((real_data / "land" / "ne_10m_land.geojson.gz").read_bytes()))
    return shapely.intersection(
        shapely.make_valid(shapely.geometrycollections([shapely.geometry.shape(f["geometry"]) for f in text["features"]])).buffer(0),
        shapely.box(-95, -30, -65, 8),
    )


def test_land_and_sea_are_told_apart_off_peru(land: shapely.Geometry) -> None:
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(-85, -70, 20_000), rng.uniform(-19, -2, 20_000)
    shapely.prepare(land)
    truly = shapely.contains_xy(land, lon, lat)
    clear = shapely.distance(shapely.boundary(land), shapely.points(lon, lat)) > 0.05
    said = shore_m(lon, lat) == 0
    assert (said == truly)[clear].mean() > 0.9995
    assert (said == truly).mean() > 0.995


def test_distances_off_peru_are_as_near_as_the_docstring_says(land: shapely.Geometry) -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-86, -71, 4_000), rng.uniform(-19, -2, 4_000)
    shapely.prepare(land)
    sea = ~shapely.contains_xy(land, lon, lat)
    lon, lat = lon[sea], lat[sea]
    shore = shapely.segmentize(shapely.boundary(land), 0.01)
    xy = shapely.get_coordinates(shore)
    xy = xy[(xy[:, 0] > -94.9) & (xy[:, 0] < -65.1)]
    true = np.array([great_circle_m(xy[:, 0], xy[:, 1], x, y).min() for x, y in zip(lon[:800], lat[:800], strict=True)])
    error = np.abs(shore_m(lon[:800], lat[:800]) - true)
    far = true > 5_000
    assert np.median(error[far] / true[far]) < 0.01
    assert (error[far] <= np.maximum(2_500, 0.03 * true[far])).mean() >= 0.99
    assert np.median(error[~far]) < 1_000


def test_distances_inland_in_peru_are_as_near_as_the_docstring_says(land: shapely.Geometry) -> None:
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(-81.5, -71, 30_000), rng.uniform(-18.5, -3, 30_000)
    shore = shapely.boundary(land)
    shapely.prepare([land, shore])
    deg = shapely.distance(shore, shapely.points(lon, lat))
    inside = shapely.contains_xy(land, lon, lat) & (deg < 0.3)
    lon, lat = lon[inside][:800], lat[inside][:800]
    xy = shapely.get_coordinates(shapely.segmentize(shore, 0.01))
    xy = xy[(xy[:, 0] > -94.9) & (xy[:, 0] < -65.1)]
    true = np.array([great_circle_m(xy[:, 0], xy[:, 1], x, y).min() for x, y in zip(lon, lat, strict=True)])
    error = np.abs(inland_m(lon, lat) - np.minimum(true, 24_455))
    assert np.median(error) < 500 and (error < 5_000).mean() >= 0.99


def test_what_lies_five_kilometres_inland_is_land(land: shapely.Geometry) -> None:
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(-82, -70, 40_000), rng.uniform(-18.5, -3, 40_000)
    shapely.prepare(land)
    inland = inland_m(lon, lat) > 5_000
    assert inland.sum() > 10_000 and shapely.contains_xy(land, lon[inland], lat[inland]).all()
