"""Closest approaches: exact for straight, even motion, wherever on the earth; told once for each time two vessels came near."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.errors import ParameterError
from seaward.core.geodesy import destination_deg, geodesic_m
from seaward.core.units import NM_M
from seaward.picture.closest import APPROACHES, ClosestParams, closest_approaches, earth_fixed_m
from tests.picture.made_tracks import START, Track, tracks


def test_two_ways_that_cross_by_hand() -> None:
    """Both at 12 knots towards one point of the equator, one of them five minutes later: 0.71 nm apart between."""
    one: Track = [(0, -1 / 6, 0), (3600, 1 / 30, 0)]
    other: Track = [(0, 0, -1 / 6 - 1 / 60), (3600, 0, 1 / 60)]
    (found,) = closest_approaches(tracks(one), tracks(other, first=2), ClosestParams(2, 3600)).to_dicts()
    assert found["distance_m"] == pytest.approx(NM_M / math.sqrt(2), rel=0.005)  # a minute of the equator is 1855 m, of a meridian there 1843 m
    assert (found["at"] - START).total_seconds() == pytest.approx(3150, abs=10)
    assert found["lat_deg"] == pytest.approx(0, abs=1e-9) and found["other_lon_deg"] == pytest.approx(0, abs=1e-9)
    assert (found["gap_s"], found["other_gap_s"], found["at_edge"]) == (3600, 3600, False)
    assert found["error_m"] >= 14.1


@pytest.mark.parametrize("at_lon", [0.0, 180.0, -179.99])
def test_the_same_on_both_sides_of_180_degrees(at_lon: float) -> None:
    def wrapped(track: Track) -> Track:
        return [(s, (lon + at_lon + 180) % 360 - 180, lat) for s, lon, lat in track]

    one, other = wrapped([(0, -0.02, -12), (600, 0.02, -12)]), wrapped([(0, 0.02, -12.01), (600, -0.02, -12.01)])
    (found,) = closest_approaches(tracks(one), tracks(other, first=2), ClosestParams()).to_dicts()
    assert found["distance_m"] == pytest.approx(1106.4, abs=0.5) and (found["at"] - START).total_seconds() == pytest.approx(300, abs=0.01)


def test_over_the_pole() -> None:
    (found,) = closest_approaches(
        tracks([(0, 0, 89.99), (600, 180, 89.99)]), tracks([(0, 90, 89.99), (600, -90, 89.99)], first=2), ClosestParams()
    ).to_dicts()
    assert found["distance_m"] < 0.1 and found["lat_deg"] == pytest.approx(90, abs=1e-4)


def test_each_time_they_come_near_is_told_once() -> None:
    away = [(k * 600, -77 + 0.1 * math.sin(k * math.pi / 6), -12) for k in range(25)]  # to and fro, past the other one every hour
    found = closest_approaches(tracks(away), tracks([(k * 600, -77, -12.005) for k in range(25)], first=2), ClosestParams(1))
    assert len(found) == 5 and found["distance_m"].max() < 560
    assert found["at_edge"].sum() == 2, "it began and ended beside the other one"


def test_ways_that_are_not_known_are_not_made_up() -> None:
    one, other = tracks([(0, -1, 0), (7200, 1, 0)]), tracks([(0, 0, -1), (7200, 0, 1)], first=2)
    assert closest_approaches(one, other, ClosestParams()).is_empty(), "two hours between fixes"
    assert len(closest_approaches(one, other, ClosestParams(2, 7200))) == 1
    assert closest_approaches(one, tracks([(3600, 0, 0)], first=2), ClosestParams(2, 7200)).is_empty(), "one fix is no way"
    assert closest_approaches(one, tracks([(7300, 1, 0), (7400, 1, 0)], first=2), ClosestParams(2, 7200)).is_empty(), "later"


def test_nothing_gives_nothing_and_a_vessel_does_not_approach_itself() -> None:
    one = tracks([(0, 0, 0), (60, 0, 0.001)])
    for a, b in ((one, one), (one, one.clear()), (one.clear(), one)):
        assert closest_approaches(a, b, ClosestParams()).schema == APPROACHES and closest_approaches(a, b, ClosestParams()).is_empty()
    with pytest.raises(ParameterError, match="within_nm"):
        ClosestParams(0)
    with pytest.raises(ParameterError, match="most_gap_s"):
        ClosestParams(1, 1e9)


def test_the_error_grows_with_the_time_between_fixes() -> None:
    def error_m(step_s: int) -> float:
        one = tracks([(k * step_s, -77, -12 + k * step_s * 1e-5) for k in range(1200 // step_s + 1)], sog_kn=5)
        other = tracks([(0, -77.02, -11.995), (601, -76.98, -11.995), (1200, -76.98, -11.99)], first=2)
        return closest_approaches(one, other, ClosestParams())["error_m"][0]

    assert error_m(10) < error_m(60) < error_m(600)


places = st.tuples(st.sampled_from([0.0, 179.95, -180.0, -77.0]), st.sampled_from([0.0, -12.0, 60.0, 89.0, -80.0]))
steps = st.lists(st.tuples(st.integers(20, 1500), st.floats(0, 360), st.floats(0, 25)), min_size=1, max_size=6)


def sailed(lon: float, lat: float, ways: list[tuple[int, float, float]], begin: int) -> Track:
    track, s = [(float(begin), lon, lat)], begin
    for dt, course, kn in ways:
        x, y = destination_deg(lon, lat, course, kn * NM_M / 3600 * dt)
        lon, lat, s = float(x), float(y), s + dt
        track.append((float(s), lon, lat))
    return track


def sampled(track: Track, t: np.ndarray) -> np.ndarray:
    """Where a vessel is at moments, going evenly along the straight way on the surface."""
    s, lon, lat = np.array(track).T
    p = earth_fixed_m(lon, lat)
    k = np.clip(np.searchsorted(s, t, "right") - 1, 0, len(s) - 2)
    share = ((t - s[k]) / (s[k + 1] - s[k]))[:, None]
    way = p[k] + (p[k + 1] - p[k]) * share
    scale = np.sqrt((way[:, 0] ** 2 + way[:, 1] ** 2) / 6_378_137.0**2 + way[:, 2] ** 2 / 6_356_752.314245**2)
    return way / scale[:, None]


@given(place=places, one=steps, other=steps, begin=st.integers(-600, 600), bearing=st.floats(0, 360), off_m=st.floats(0, 6000))
@settings(max_examples=150, deadline=None)
def test_no_sampling_finds_a_nearer_moment(place: tuple[float, float], one: list, other: list, begin: int, bearing: float, off_m: float) -> None:
    x, y = destination_deg(*place, bearing, off_m)
    a, b = sailed(*place, one, 0), sailed(float(x), float(y), other, begin)
    params = ClosestParams(3, 1500)
    found = closest_approaches(tracks(a), tracks(b, first=2), params)
    back = closest_approaches(tracks(b), tracks(a, first=2), params)
    assert found["distance_m"].to_list() == pytest.approx(back["distance_m"].to_list(), abs=1e-3), "the same from either side"
    low, high = max(a[0][0], b[0][0]), min(a[-1][0], b[-1][0])
    if low >= high:
        assert found.is_empty()
        return
    t = np.linspace(low, high, 4001)
    apart = np.linalg.norm(sampled(a, t) - sampled(b, t), axis=1)
    if apart.min() > 3 * NM_M + 1:
        assert found.is_empty()
        return
    if apart.min() < 3 * NM_M - 1:
        nearest = found.row(0, named=True)
        coarse = (high - low) / 4000 * 26
        assert nearest["distance_m"] <= apart.min() + 1.0 and nearest["distance_m"] >= apart.min() - coarse - 1.0
    for row in found.iter_rows(named=True):  # what is told is so: the distance, at that moment, at those places
        moment = np.array([(row["at"] - START) / timedelta(seconds=1)])
        there = np.linalg.norm(sampled(a, moment) - sampled(b, moment))
        assert row["distance_m"] == pytest.approx(there, abs=1.0)
        said = geodesic_m(row["lon_deg"], row["lat_deg"], row["other_lon_deg"], row["other_lat_deg"])
        assert row["distance_m"] == pytest.approx(float(said), abs=0.05 + 1e-5 * float(said))


turns = st.lists(st.floats(0, 360), min_size=24, max_size=24)


@given(place=places, courses=turns, kn=st.floats(1, 20), every=st.sampled_from([2, 4, 8, 24]))
@settings(max_examples=100, deadline=None)
def test_a_vessel_that_turned_between_its_reports_is_within_the_error(place: tuple[float, float], courses: list, kn: float, every: int) -> None:
    """It sails a minute on each course at the speed it says, and reports only now and then; the other one lies still."""
    real = sailed(*place, [(60, course, kn) for course in courses], 0)
    still = [(0.0, *place), (1440.0, *place)]
    found = closest_approaches(tracks(real[::every], sog_kn=kn), tracks(still, first=2, sog_kn=0), ClosestParams(10, 1500))
    assert len(found) >= 1
    for row in found.iter_rows(named=True):
        t = np.array([(row["at"] - START) / timedelta(seconds=1)])
        truly = float(np.linalg.norm(sampled(real, t) - sampled(still, t)))
        assert abs(truly - row["distance_m"]) <= row["error_m"] - 14.1 + 2.0
