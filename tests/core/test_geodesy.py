"""Distances and places on the globe, where longitudes wrap and meridians meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.geodesy import destination_deg, distance_m, geodesic_m, great_circle_m, mean_position_deg, wrap_deg
from seaward.core.units import EARTH_RADIUS_M

LON = st.floats(-180, 180)
LAT = st.floats(-90, 90)


def test_one_degree_of_the_equator_computed_by_hand() -> None:
    assert great_circle_m(0, 0, 1, 0) == pytest.approx(EARTH_RADIUS_M * np.pi / 180)


def test_a_step_across_180_degrees_is_short() -> None:
    assert great_circle_m(179.99, -10, -179.99, -10) == pytest.approx(great_circle_m(0, -10, 0.02, -10))
    assert geodesic_m(179.99, -10, -179.99, -10) == pytest.approx(geodesic_m(0, -10, 0.02, -10))


def test_all_longitudes_meet_at_the_pole() -> None:
    assert great_circle_m(-77, 90, 103, 90) == pytest.approx(0, abs=1e-6)
    assert geodesic_m(-77, 90, 103, 90) == pytest.approx(0, abs=1e-6)


def test_flinders_peak_to_buninyong_is_the_published_geodesic() -> None:
    """Geoscience Australia's worked example, 54,972.271 m on GRS80 (WGS84 differs by under a millimetre here)."""
    lon1, lat1 = 144 + 25 / 60 + 29.52440 / 3600, -(37 + 57 / 60 + 3.72030 / 3600)
    lon2, lat2 = 143 + 55 / 60 + 35.38390 / 3600, -(37 + 39 / 60 + 10.15610 / 3600)
    assert geodesic_m(lon1, lat1, lon2, lat2) == pytest.approx(54_972.271, abs=0.01)


@given(LON, LAT, LON, LAT)
def test_the_sphere_is_within_its_stated_error_of_the_ellipsoid(lon1: float, lat1: float, lon2: float, lat2: float) -> None:
    exact = float(geodesic_m(lon1, lat1, lon2, lat2))
    assert float(great_circle_m(lon1, lat1, lon2, lat2)) == pytest.approx(exact, rel=0.006, abs=0.01)


@given(LON, LAT, LON, LAT)
def test_the_compiled_distance_equals_the_vectorised_one(lon1: float, lat1: float, lon2: float, lat2: float) -> None:
    assert distance_m(lon1, lat1, lon2, lat2) == pytest.approx(float(great_circle_m(lon1, lat1, lon2, lat2)), rel=1e-9, abs=1e-6)


@given(LON, st.floats(-89, 89), st.floats(0, 360), st.floats(1, 1e6))
def test_going_somewhere_takes_the_distance_one_was_told(lon: float, lat: float, bearing: float, metres: float) -> None:
    there = destination_deg(lon, lat, bearing, metres)
    assert -180 <= float(there[0]) < 180
    assert float(geodesic_m(lon, lat, *there)) == pytest.approx(metres, rel=1e-6, abs=1e-3)


@given(st.floats(-1000, 1000))
def test_wrapped_angles_stay_in_their_range(angle: float) -> None:
    assert -180 <= wrap_deg(angle) < 180
    assert np.cos(np.radians(wrap_deg(angle))) == pytest.approx(np.cos(np.radians(angle)), abs=1e-9)


def test_the_middle_of_two_places_either_side_of_180_is_at_180() -> None:
    lon, lat = mean_position_deg([179.0, -179.0], [10.0, 10.0])
    assert abs(lon) == pytest.approx(180)
    assert lat == pytest.approx(10, abs=0.01)
