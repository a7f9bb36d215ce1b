"""Where an event is, seen from a place with a name."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from seaward.chart.gazetteer import towns
from seaward.chart.places import Places
from seaward.chart.shore import inland_m
from seaward.report.whereabouts import compass, whereabouts


def at(*places: tuple[float, float]) -> pl.DataFrame:
    return pl.DataFrame({"lon_deg": [p[0] for p in places], "lat_deg": [p[1] for p in places]})


def test_off_peru_in_both_languages_west_is_w_and_o() -> None:
    assert whereabouts(at((-78.8, -9.2)), None, "en") == ["14.4 nm WSW of Chimbote"]
    assert whereabouts(at((-78.8, -9.2)), None, "es") == ["A 14,4 mn al OSO de Chimbote"]


def test_the_users_own_names_come_first_within_fifty_miles_and_the_towns_beyond() -> None:
    own = Places(("Mi caleta",), np.array([-79.0]), np.array([-9.2]), ("",))
    near, far = whereabouts(at((-78.7, -9.2), (-74.0, -15.9)), own, "en")
    assert near == "17.8 nm E of Mi caleta" and "Mi caleta" not in far


def test_in_the_open_ocean_a_far_town_is_named_and_of_no_events_nothing() -> None:
    (text,) = whereabouts(at((-110.0, -45.0)), None, "en")
    assert float(text.split()[0]) > 1_000
    assert whereabouts(at(), None, "es") == []


@pytest.mark.parametrize(("bearing", "point"), [(0, "N"), (359, "N"), (11.2, "N"), (11.3, "NNE"), (247.5, "OSO"), (270, "O"), (315, "NO")])
def test_sixteen_points_of_the_compass_in_spanish(bearing: float, point: str) -> None:
    assert compass(bearing, "es") == point


def test_a_name_cannot_turn_the_text_round() -> None:
    own = Places(("x\u202ey",), np.array([0.0]), np.array([0.0]), ("",))
    assert "\u202e" not in whereabouts(at((0.1, 0.0)), own, "en")[0]


def test_the_towns_are_coastal_unique_and_of_every_ocean() -> None:
    places = towns()
    assert len(places) == 13_576 and {"Callao", "Chimbote", "Skagen", "Valparaíso", "Suva", "Guayaquil"} <= set(places.names)
    assert (inland_m(places.lon_deg, places.lat_deg) < 9_500).all() and (np.abs(places.lon_deg) <= 180).all()
