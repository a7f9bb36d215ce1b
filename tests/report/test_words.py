"""How values are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.report import words


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg", "language", "said"),
    [
        (-77.15, -12.058333, "en", "12°03.500'S 077°09.000'W"),
        (-77.15, -12.058333, "es", "12°03,500'S 077°09,000'O"),
        (179.9999999, 0.9999999, "en", "01°00.000'N 180°00.000'E"),
        (190.0, -0.0001, "en", "00°00.006'S 170°00.000'W"),
    ],
)
def test_positions_are_degrees_and_decimal_minutes(lon_deg: float, lat_deg: float, language: str, said: str) -> None:
    assert words.position(lon_deg, lat_deg, language) == said


@given(st.floats(-180, 179.999), st.floats(-90, 90))
def test_a_position_reads_back_to_within_a_metre(lon_deg: float, lat_deg: float) -> None:
    lat, lon = words.position(lon_deg, lat_deg, "en").split()
    for text, value, positive in ((lat, lat_deg, "N"), (lon, lon_deg, "E")):
        degrees, rest = text.split("°")
        minutes, letter = rest.split("'")
        assert float(minutes) < 60
        assert (int(degrees) + float(minutes) / 60) * (1 if letter == positive else -1) == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 min"), (90 * 60, "1 h 30 min"), (3599, "1 h 00 min"), (30 * 3600, "30 h 00 min"), (75 * 3600, "3 d 03 h")]
)
def test_durations(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_moments_are_utc_with_a_z() -> None:
    lima = datetime(2027, 11, 4, 0, 18, 24, tzinfo=timezone(timedelta(hours=-5)))
    assert words.moment(lima) == words.moment(datetime(2027, 11, 4, 5, 18, 24, tzinfo=UTC)) == "2027-11-04 05:18:24Z"


def test_marks_that_hide_or_turn_text_become_visible() -> None:
    assert words.shown("A\u202eB\x00C") == "A\ufffdB\ufffdC"
    assert len(words.shown("x" * 999)) == 200
