"""The drawn coast: planar, cut at 180 degrees, in agreement with the distances."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
import shapely

from seaward.chart.coast import coastline
from seaward.chart.shore import shore_m


@pytest.fixture(scope="module")
def land() -> shapely.Geometry:
    shapes = np.array([shapely.Polygon(p[0], p[1:]) for p in coastline()])
    assert shapely.is_valid(shapes).all()
    return shapely.multipolygons(shapes)


def test_every_ring_lies_on_the_map() -> None:
    xy = np.concatenate([r for p in coastline() for r in p])
    assert np.abs(xy[:, 0]).max() <= 180 and np.abs(xy[:, 1]).max() <= 90


def test_no_edge_streaks_across_the_map() -> None:
    for ring in (r for p in coastline() for r in p):
        lon_step = np.abs(np.diff(ring[:, 0], append=ring[:1, 0]))
        assert (lon_step[np.minimum(ring[:, 1], np.roll(ring[:, 1], -1)) > -89.9] < 30).all()


def test_outer_rings_turn_left_and_holes_right() -> None:
    for polygon in coastline():
        assert shapely.is_ccw(shapely.linearrings(polygon[0]))
        assert not any(shapely.is_ccw(shapely.linearrings(hole)) for hole in polygon[1:])


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg", "on_land"),
    [
        (-77.0, -12.1, True),
        (-77.21, -12.10, True),
        (-77.35, -12.0, False),
        (179.9, 67.5, True),
        (-179.9, 67.5, True),
        (0, -89.5, True),
        (50.5, 42, False),
        (179, 0, False),
    ],
)
def test_known_places_are_land_or_sea(land: shapely.Geometry, lon_deg: float, lat_deg: float, on_land: bool) -> None:
    assert shapely.contains_xy(land, lon_deg, lat_deg) == on_land


def test_drawn_land_agrees_with_the_distances(land: shapely.Geometry) -> None:
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(-180, 180, 20_000), np.degrees(np.arcsin(rng.uniform(-1, 1, 20_000)))
    shapely.prepare(land)
    assert (shapely.contains_xy(land, lon, lat) == (shore_m(lon, lat) == 0)).mean() > 0.995


def test_rings_cannot_be_changed_by_one_who_draws_them() -> None:
    with pytest.raises(ValueError, match="read-only"):
        coastline()[0][0][0, 0] = 0.0


def test_the_packaged_files_stay_small() -> None:
    chart = files("seaward.chart")
    assert len(chart.joinpath("shore.npz").read_bytes()) < 1_500_000
    assert len(chart.joinpath("coast.json.gz").read_bytes()) < 700_000
