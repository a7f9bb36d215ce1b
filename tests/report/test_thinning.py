"""Which points a line keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.geodesy import great_circle_m
from seaward.report.thinning import FINEST_M, thin


def track(n: int, seed: int, lon_deg: float = -80.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return (
        np.cumsum(rng.integers(1, 100, n)) * 1_000_000,
        (lon_deg + np.cumsum(rng.normal(0, 0.002, n)) + 180) % 360 - 180,
        np.cumsum(rng.normal(0, 0.002, n)) - 12,
    )


@given(st.integers(1, 300), st.integers(0, 99), st.sampled_from([-80.0, 179.99]), st.integers(2, 100))
def test_what_is_left_out_lies_near_the_line_at_its_time(n: int, seed: int, lon_deg: float, most: int) -> None:
    at, lon, lat = track(n, seed, lon_deg)
    keep, limit_m = thin(np.array([0, n]), at, lon, lat, most)
    assert keep[0] and keep[-1] and keep.sum() <= max(most, 2)
    turned = np.degrees(np.unwrap(np.radians(lon)))
    off_m = great_circle_m(turned, lat, np.interp(at, at[keep], turned[keep]), np.interp(at, at[keep], lat[keep]))
    assert off_m.max() <= limit_m * 1.02 + 1


def test_a_straight_way_at_steady_speed_is_two_points() -> None:
    at = np.arange(1000) * 60_000_000
    keep, _ = thin(np.array([0, 1000]), at, -80 + at / 1e12, np.full(1000, -12.0), 500)
    assert keep.sum() == 2


def test_a_stop_on_a_straight_way_is_kept() -> None:
    at = np.arange(300) * 60_000_000
    lon = np.interp(np.arange(300), [0, 100, 200, 300], [-80, -79.5, -79.5, -79.0])
    keep, _ = thin(np.array([0, 300]), at, lon, np.full(300, -12.0), 500)
    assert keep[99:102].any() and keep[199:202].any() and keep.sum() < 12


def test_each_track_keeps_its_ends_whatever_the_room() -> None:
    at, lon, lat = track(90, 1)
    keep, limit_m = thin(np.array([0, 30, 60, 90]), np.tile(at[:30], 3), lon, lat, 6)
    assert np.flatnonzero(keep).tolist() == [0, 29, 30, 59, 60, 89]
    assert limit_m > FINEST_M


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_and_a_single_fix(n: int) -> None:
    keep, _ = thin(np.arange(n + 1), np.zeros(n, np.int64), np.zeros(n), np.zeros(n), 10)
    assert keep.tolist() == [True] * n
