"""Points in many polygons: the same answer as shapely's."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.chart import inside as asking
from seaward.chart.inside import build, inside
from seaward.chart.raster import AT, lay


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


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3, 12]), st.sampled_from([1.0, 0.1, 1e-7, 1 / 3, 45.0]))
@settings(max_examples=150, deadline=None)
def test_shapes_and_points_on_one_lattice_are_told_as_shapely_tells_them(seed: int, many: int, step: float) -> None:
    """Corners meet points, edges are level, upright and shared, there are holes and parts, borders touch."""
    rng = np.random.default_rng(seed)
    shapes = []
    while len(shapes) < many:
        made = shapely.Polygon(rng.integers(-4, 5, (int(rng.integers(3, 12)), 2)) * step)
        other = shapely.box(*(rng.integers(-4, 0, 2) * step), *(rng.integers(1, 5, 2) * step))
        valid = shapely.make_valid(made)
        shapes += [s for s in (valid, other, shapely.difference(other, valid)) if s.geom_type in ("Polygon", "MultiPolygon") and s.area > 0]
    lattice = np.stack(np.meshgrid(np.arange(-10, 11), np.arange(-10, 11)), axis=-1).reshape(-1, 2) * (step / 2)
    assert_same(shapes, np.concatenate([lattice, lattice + rng.normal(size=lattice.shape) * step * 1e-9, near_edges(shapes, 500, rng)]))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_points_on_cell_borders_and_references_are_told_as_shapely_tells_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = [shapely.make_valid(blob(rng, int(rng.integers(3, 60)), *rng.uniform(-3, 3, 2), rng.uniform(0.1, 4))) for _ in range(4)]
    shapes = [s for s in shapes if s.geom_type in ("Polygon", "MultiPolygon")] + [shapely.box(-9, -9, 9, 9)]
    r = lay(shapes)
    part = rng.choice([0.0, AT, 1.0, 0.3], (3_000, 2))
    xy = np.array([r.west, r.south]) + (rng.integers(0, r.n, (3_000, 2)) + part) * np.array([r.wide, r.high])
    assert_same(shapes, np.concatenate([xy, np.nextafter(xy, 99), np.nextafter(xy, -99)]))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_borders_along_cell_borders_and_through_references_are_told_as_shapely_tells_them(seed: int) -> None:
    """The outermost box fixes the grid; the others are drawn by its lines and its references."""
    rng = np.random.default_rng(seed)
    frame = shapely.box(-8, -8, 8, 8)
    r = lay([frame])
    corner = np.array([r.west, r.south]) + (rng.integers(2, r.n - 2, (6, 2)) + rng.choice([0.0, AT], (6, 2))) * np.array([r.wide, r.high])
    shapes = [frame, *(shapely.box(*np.minimum(a, b), *np.maximum(a, b)) for a, b in zip(corner[:3], corner[3:], strict=True) if (a != b).all())]
    shapes += [s for s in [shapely.make_valid(shapely.Polygon(corner))] if s.geom_type in ("Polygon", "MultiPolygon")]
    assert_same(shapes, np.concatenate([near_edges(shapes, 2_000, rng), rng.uniform(-9, 9, (500, 2))]))


def test_many_long_edges_make_the_grid_coarser_and_the_answers_stay() -> None:
    rng = np.random.default_rng(5)
    shapes = [shapely.box(*rng.uniform(-20, -1, 2), *rng.uniform(1, 20, 2)) for _ in range(3_000)]
    r = lay(shapes)
    assert 16 <= r.n < 128 and len(r.edges) <= (1 << 20) + 2 * 12_000
    assert_same(shapes, near_edges(shapes, 300, rng))


def test_one_small_area_needs_little_memory() -> None:
    r = lay([shapely.box(0, 0, 0.01, 0.01)])
    assert r.cell.nbytes + r.items.nbytes + r.edges.nbytes < 100_000


def test_pairs_come_by_point_then_by_polygon() -> None:
    shapes, xy = polygons(6), np.random.default_rng(7).uniform(-30, 30, (5_000, 2))
    point, polygon = inside(build(shapes), xy[:, 0].copy(), xy[:, 1].copy())
    assert (np.diff(point.astype(np.int64) * len(shapes) + polygon) > 0).all()


def test_no_two_threads_ask_shapely_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """GEOS prepares a shape as it is first asked: two threads in the same one ended the process."""
    shapes = [shapely.Point(0, 0).buffer(5, 500)]
    index, xy = build(shapes), near_edges(shapes, 50_000, np.random.default_rng(8))
    asked, free, clashes = shapely.intersects_xy, threading.Lock(), []

    def one(*args: object) -> object:
        clashes.append(not free.acquire(blocking=False))
        answer = asked(*args)  # pyright: ignore[reportCallIssue, reportArgumentType]
        if not clashes[-1]:
            free.release()
        return answer

    monkeypatch.setattr(asking, "_CHUNK", 1_000)
    monkeypatch.setattr(shapely, "intersects_xy", one)
    inside(index, xy[:, 0].copy(), xy[:, 1].copy(), threads=4)
    assert len(clashes) > 10 and not any(clashes)
