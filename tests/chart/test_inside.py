"""Points in many polygons: the same answer as shapely's."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from seaward.chart.inside import build, inside


def blob(rng: np.random.Generator, corners: int, lon: float, lat: float, size: float) -> shapely.Polygon:
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = size * (1 + 0.3 * np.sin(5 * angle + rng.uniform(0, 6)) + 0.05 * rng.normal(size=corners))
    return shapely.Polygon(np.column_stack([lon + radius * np.cos(angle), lat + 0.7 * radius * np.sin(angle)]))


def polygons(seed: int) -> list[shapely.Geometry]:
    rng = np.random.default_rng(seed)
    made = [shapely.make_valid(blob(rng, int(rng.integers(4, 2000)), *rng.uniform(-30, 30, 2), rng.uniform(0.01, 15))) for _ in range(30)]
    ring = shapely.box(-5, -5, 5, 5).difference(shapely.box(-1, -1, 1, 1))
    grid_lines = shapely.MultiPolygon([shapely.box(k, 0, k + 0.5, 0.5) for k in range(20)])
    return [m for m in made if m.area > 0 and m.geom_type in ("Polygon", "MultiPolygon")] + [ring, grid_lines, shapely.box(-180, -90, 180, 90)]


def near_edges(shapes: list[shapely.Geometry], n: int, rng: np.random.Generator) -> np.ndarray:
    """Points on corners, on edges as far as rounding lets them, and up to 1e-6 degrees off."""
    corners = np.concatenate([shapely.get_coordinates(s) for s in shapes])
    k = rng.integers(0, len(corners) - 1, n)
    part = rng.choice([0.0, 0.5, 1.0, rng.random()], n)[:, None]
    off = rng.choice([0.0, 1e-15, 1e-12, 1e-9, 1e-6], n)[:, None] * rng.normal(size=(n, 2))
    return corners[k] + (corners[k + 1] - corners[k]) * part + off


def assert_same(shapes: list[shapely.Geometry], xy: np.ndarray) -> None:
    point, polygon = inside(build(shapes), np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]))
    got = np.zeros((len(xy), len(shapes)), bool)
    got[point, polygon] = True
    for n, shape in enumerate(shapes):
        shapely.prepare(shape)
        wrong = np.flatnonzero(got[:, n] != shapely.intersects_xy(shape, xy[:, 0], xy[:, 1]))
        assert len(wrong) == 0, (n, xy[wrong[0]].tolist(), shape.geom_type)


@pytest.mark.parametrize("n", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_random_points_are_told_as_shapely_tells_them(n: int) -> None:
    assert_same(polygons(1), np.random.default_rng(2).uniform(-40, 40, (n, 2)))


@pytest.mark.parametrize("n", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_points_near_and_on_edges_are_told_as_shapely_tells_them(n: int) -> None:
    shapes = polygons(3)
    assert_same(shapes, near_edges(shapes, n, np.random.default_rng(4)))


def test_no_polygons_and_no_points() -> None:
    nowhere = np.empty(0)
    assert [len(a) for a in inside(build([]), np.array([0.0]), np.array([0.0]))] == [0, 0]
    assert [len(a) for a in inside(build([shapely.box(0, 0, 1, 1)]), nowhere, nowhere)] == [0, 0]


def test_not_a_number_lies_nowhere() -> None:
    assert len(inside(build([shapely.box(-180, -90, 180, 90)]), np.array([np.nan, 0.0]), np.array([0.0, np.nan]))[0]) == 0
