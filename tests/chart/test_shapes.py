"""Shapes as people write them."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from seaward.chart.shapes import ShapeError, mend

SQUARE = [[-80.0, -12.0], [-79.0, -12.0], [-79.0, -11.0], [-80.0, -11.0], [-80.0, -12.0]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_a_good_polygon_is_left_alone() -> None:
    shape, notes = mend(polygon(SQUARE))
    assert notes == [] and shape.equals(shapely.Polygon(SQUARE))


def test_an_unclosed_ring_is_closed() -> None:
    shape, notes = mend(polygon(SQUARE[:-1]))
    assert notes == ["unclosed"] and shape.area == 1


@pytest.mark.parametrize("lons", [(170.0, -170.0), (170.0, 190.0), (-190.0, -170.0), (530.0, 550.0)])
def test_across_180_degrees_it_lies_on_both_sides(lons: tuple[float, float]) -> None:
    west, east = lons
    if east > 540:
        west, east = west - 360, east - 360
    shape, notes = mend(polygon([[west, 0.0], [east, 0.0], [east, 10.0], [west, 10.0], [west, 0.0]]))
    assert notes == ["wrapped"] and shape.area == pytest.approx(200)
    assert shapely.intersects_xy(shape, [179.0, -179.0, 0.0], [5.0, 5.0, 5.0]).tolist() == [True, True, False]


def box(west: float, east: float, *, clockwise: bool = False) -> dict[str, Any]:
    ring = [[west, -10.0], [east, -10.0], [east, 10.0], [west, 10.0], [west, -10.0]]
    return polygon(ring[::-1] if clockwise else ring)


@pytest.mark.parametrize(("west", "east", "width"), [(-100.0, 100.0, 200), (-130.0, 120.0, 250), (0.0, 200.0, 200), (0.0, 360.0, 360)])
def test_a_box_wider_than_180_degrees_is_taken_as_drawn_and_said(west: float, east: float, width: float) -> None:
    shape, notes = mend(box(west, east))
    assert "wide" in notes and shape.area == pytest.approx(20 * width)
    assert shapely.intersects_xy(shape, [0.5, 50.0], [0.0, 0.0]).all()
    with_a_hole, _ = mend(polygon(*box(west, east)["coordinates"], *box(west + 5, east - 5)["coordinates"]))
    assert with_a_hole.area == pytest.approx(20 * 10)


def test_which_way_an_outline_runs_tells_a_wide_box_from_one_across_the_pacific() -> None:
    pacific, notes = mend(box(120.0, -70.0))
    assert notes == ["wrapped"] and pacific.area == pytest.approx(20 * 170)
    assert shapely.intersects_xy(pacific, [150.0, -150.0, 0.0], [0.0, 0.0, 0.0]).tolist() == [True, True, False]
    other, notes = mend(box(120.0, -70.0, clockwise=True))
    assert notes == ["wide"] and other.area == pytest.approx(20 * 190)


@pytest.mark.parametrize("clockwise", [False, True])
def test_a_narrow_box_across_180_degrees_is_one_whichever_way_it_runs(clockwise: bool) -> None:
    shape, notes = mend(box(177.0, -178.0, clockwise=clockwise))
    assert notes == ["wrapped"] and shape.area == pytest.approx(20 * 5)


def test_an_outline_with_one_edge_of_more_than_180_degrees_is_around_the_pole_only_if_it_is_near_it() -> None:
    triangle = [[-100.0, 0.0], [100.0, 0.0], [0.0, 50.0], [-100.0, 0.0]]
    shape, notes = mend(polygon(triangle))
    assert notes == ["wide"] and shape.equals(shapely.Polygon(triangle))
    assert "pole" in mend(polygon([[-150.0, 80.0], [-30.0, 75.0], [90.0, 78.0], [-150.0, 80.0]]))[1]


def test_around_the_pole_it_covers_the_pole() -> None:
    shape, notes = mend(polygon([[float(x), 80.0] for x in (-180, -90, 0, 90, -180)]))
    assert "pole" in notes
    assert shapely.intersects_xy(shape, [0.0, 100.0, 0.0], [89.9, 85.0, 70.0]).tolist() == [True, True, False]


def test_swapped_axes_are_seen_where_they_cannot_be_latitudes() -> None:
    shape, notes = mend(polygon([[y, x - 60] for x, y in SQUARE]))
    assert notes == ["swapped"] and shape.bounds == (-140, -12, -139, -11)


def test_a_bow_tie_is_refused_and_a_small_loop_is_mended() -> None:
    with pytest.raises(ShapeError, match="crosses itself"):
        mend(polygon([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]))
    looped = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [5.0, 10.0], [4.9, 10.1], [5.1, 10.1], [5.0, 10.0], [0.0, 10.0], [0.0, 0.0]]
    shape, _ = mend(polygon(looped))
    assert shape.is_valid and shape.area == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        (None, "no geometry"),
        ({"type": "Point", "coordinates": [0, 0]}, "is a Point"),
        (polygon(), "not a polygon|empty"),
        (polygon([[0.0, 0.0], [1.0, 1.0]]), "fewer than three"),
        (polygon([[0.0, 0.0], [1.0, float("nan")], [1.0, 1.0]]), "not a number"),
        (polygon([[500_000.0, 8_000_000.0], [600_000.0, 8_000_000.0], [600_000.0, 8_100_000.0]]), "not degrees"),
        (polygon([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]), "encloses nothing"),
        (polygon([["a", "b"], [1.0, 1.0], [2.0, 2.0]]), "not a pair of numbers"),
        (polygon([[10**400, 0.0], [1.0, 1.0], [2.0, 2.0]]), "not a pair of numbers"),
        ("POLYGON EMPTY", "no GeoJSON object"),
        ({"type": "MultiPolygon", "coordinates": 5}, "no list of lists"),
        ({"type": "GeometryCollection", "geometries": [None, "x"]}, "not a polygon"),
    ],
    ids=[
        "none",
        "point",
        "no rings",
        "two corners",
        "nan",
        "metres",
        "a line",
        "text",
        "beyond floats",
        "wkt",
        "a number",
        "a collection of nothing",
    ],
)
def test_what_cannot_be_used_says_why(geometry: dict[str, Any] | None, why: str) -> None:
    with pytest.raises(ShapeError, match=why):
        mend(geometry)


def test_a_hole_that_lies_outside_is_not_taken_for_a_part_of_the_area() -> None:
    square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
    with pytest.raises(ShapeError, match="hole lies outside"):
        mend({"type": "Polygon", "coordinates": [square, [[10.0, 10.0], [11.0, 10.0], [11.0, 11.0], [10.0, 10.0]]]})


def test_a_bow_tie_with_a_hole_is_refused_as_one_without() -> None:
    bow = [[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    with pytest.raises(ShapeError, match="crosses itself"):
        mend({"type": "Polygon", "coordinates": [bow, [[0.9, 0.45], [0.95, 0.45], [0.95, 0.55], [0.9, 0.45]]]})


def test_members_of_a_collection_that_are_no_geometries_are_left_out_and_said() -> None:
    shape, notes = mend({"type": "GeometryCollection", "geometries": [None, polygon([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])]})
    assert shape.area == 0.5 and notes == ["parts_left_out"]


def test_ten_thousand_parts_are_one_area() -> None:
    parts = [[[[k % 100 * 2.0 - 100, k // 100 * 1.0 - 50], [k % 100 * 2.0 - 99, k // 100 * 1.0 - 50], [k % 100 * 2.0 - 99, k // 100 * 1.0 - 49.5]]]
             for k in range(10_000)]  # fmt: skip
    shape, _ = mend({"type": "MultiPolygon", "coordinates": parts})
    assert len(shapely.get_parts(shape)) == 10_000


def test_a_flat_ring_cut_at_180_degrees_around_the_pole_is_taken_as_it_is() -> None:
    ring = [[-180.0, -60.0], [-90.0, -55.0], [0.0, -60.0], [90.0, -55.0], [180.0, -60.0], [180.0, -90.0], [-180.0, -90.0], [-180.0, -60.0]]
    shape, notes = mend({"type": "Polygon", "coordinates": [ring]})
    assert notes == [] and shape.area == pytest.approx(shapely.Polygon(ring).area)


def test_a_narrow_ring_with_points_on_both_sides_of_180_degrees_is_not_the_whole_world() -> None:
    ring = [[179.0, 0.0], [180.0, 0.0], [-180.0, 0.0], [-179.0, 0.0], [-179.0, 1.0], [-180.0, 1.0], [180.0, 1.0], [179.0, 1.0], [179.0, 0.0]]
    shape, _ = mend({"type": "Polygon", "coordinates": [ring]})
    assert shape.area == pytest.approx(2.0)
