"""Search patterns: every place of the area within half a spacing of a track, lengths as the manual's formulas say, turns in order."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import ParameterError
from seaward.patrol.patterns import creeping, expanding_square, length_of, parallel, sector

side = st.floats(1.0, 60.0)


def off(points, x, y) -> np.ndarray:
    """Distance of places from the nearest leg."""
    nearest = np.full(np.shape(x), np.inf)
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        t = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-18), 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - x0 - t * dx, y - y0 - t * dy))
    return nearest


@given(side, side, st.integers(2, 20), st.booleans())
def test_sweeps_cover_the_rectangle_stay_within_it_and_are_as_long_as_area_over_spacing(wide, high, tracks, creep) -> None:
    points = (creeping if creep else parallel)(wide, high, tracks)
    along, across = sorted((wide, high), reverse=not creep)
    spacing = across / tracks
    if spacing <= along:
        assert length_of(points) == pytest.approx(wide * high / spacing - spacing, abs=1e-6)
        x, y = np.meshgrid(np.linspace(0, wide, 25), np.linspace(0, high, 25))
        assert off(points, x, y).max() <= spacing / 2 * math.sqrt(2) + 1e-9  # in corners; elsewhere half a spacing
        inner = (x >= spacing / 2) & (x <= wide - spacing / 2) & (y >= spacing / 2) & (y <= high - spacing / 2)
        assert not inner.any() or off(points, x, y)[inner].max() <= spacing / 2 + 1e-9
    assert all(0 <= x <= wide and 0 <= y <= high for x, y in points) and len(points) == 2 * tracks


@given(st.floats(0.1, 10.0), st.integers(1, 12), st.floats(0, 360))
def test_a_square_expands_by_a_spacing_every_second_leg_and_leaves_no_gap(spacing, pairs, course) -> None:
    points = expanding_square(spacing, 2 * pairs, course)
    assert length_of(points) == pytest.approx(pairs * (pairs + 1) * spacing)
    legs = [math.dist(a, b) / spacing for a, b in pairwise(points)]
    assert legs == pytest.approx([k // 2 + 1 for k in range(2 * pairs)])
    if pairs > 2:
        inner = (pairs - 2) / 2 * spacing
        turn = math.radians(-course)
        u, v = np.meshgrid(np.linspace(-inner, inner, 21), np.linspace(-inner, inner, 21))
        x, y = u * math.cos(turn) - v * math.sin(turn), u * math.sin(turn) + v * math.cos(turn)
        assert off(points, x, y).max() <= spacing / 2 * math.sqrt(2) + 1e-9  # in its corners; elsewhere half a spacing


@given(st.floats(0.5, 20.0), st.floats(0, 360), st.integers(1, 2))
def test_a_sector_search_is_nine_radii_through_the_datum_and_ends_there(radius, course, rounds) -> None:
    points = sector(radius, course, rounds)
    assert length_of(points) == pytest.approx(9 * rounds * radius) and len(points) == 9 * rounds + 1
    at_datum = [k for k, p in enumerate(points) if math.hypot(*p) < 1e-6 * radius]
    assert at_datum == list(range(0, 9 * rounds + 1, 3))
    assert all(math.hypot(*p) == pytest.approx(radius) for k, p in enumerate(points) if k % 3)
    spokes = sorted({round(math.degrees(math.atan2(*p)) - course) % 360 for k, p in enumerate(points[:10]) if k % 3})
    assert np.diff(spokes) == pytest.approx([60] * 5)


def test_one_track_runs_from_side_to_side() -> None:
    assert parallel(10.0, 4.0, 1) == [(0.0, 2.0), (10.0, 2.0)] and creeping(10.0, 4.0, 1) == [(5.0, 0.0), (5.0, 4.0)]


def test_patterns_that_cannot_be_are_refused() -> None:
    for call in (lambda: parallel(0, 5, 2), lambda: expanding_square(1, 0), lambda: sector(-1)):
        with pytest.raises(ParameterError):
            call()
