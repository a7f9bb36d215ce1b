"""Where the sun stands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seaward.core.sun import sun_elevation_deg
from seaward.core.units import at_to_us


def at(text: str) -> int:
    return at_to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


def test_it_is_dark_at_midnight_and_light_at_noon_wherever_that_is() -> None:
    midnight, noon = at("2027-11-04T00:00"), at("2027-11-04T12:00")
    for lon_deg, by_night, by_day in ((0.0, midnight, noon), (180.0, noon, midnight), (-180.0, noon, midnight)):
        assert sun_elevation_deg(by_night, lon_deg, -12.0) < -6.0 and sun_elevation_deg(by_day, lon_deg, -12.0) > 6.0


@pytest.mark.parametrize(
    ("when", "lat_deg", "height_deg"), [("2027-06-21T12:00", 0.0, 66.6), ("2027-06-21T12:00", 75.0, 38.4), ("2027-12-22T12:00", -23.4, 90.0)]
)
def test_at_noon_of_a_solstice_it_stands_as_far_from_the_zenith_as_the_tropic_is(when: str, lat_deg: float, height_deg: float) -> None:
    assert sun_elevation_deg(at(when), 0.0, lat_deg) == pytest.approx(height_deg, abs=1.0)
