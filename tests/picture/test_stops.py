"""Stops and the places learned from them."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from seaward.chart.places import Places
from seaward.core.stops import STOPS, Stops
from seaward.core.tables import POSITIONS
from seaward.core.units import DEG_M
from seaward.picture.stops import learn_stops, stopping_places

_NOON_US = 1_793_880_000_000_000
M_DEG = 1 / DEG_M


def track(number: int, way: list[tuple[float, float, float]], nav_status: int | None = None, sog_kn: float | None = None) -> pl.DataFrame:
    """Fixes (minute, metres east, metres north) of 80.005 W 12.005 S."""
    name, n = f"mmsi:{number}", len(way)
    given = {
        "realm": "ops", "vessel_id": name, "mmsi": number, "track_id": name, "at": [_NOON_US + round(m * 60e6) for m, _, _ in way],
        "lon_deg": [-80.005 + x * M_DEG / math.cos(math.radians(12)) for _, x, _ in way], "lat_deg": [-12.005 + y * M_DEG for _, _, y in way],
        "sog_kn": sog_kn, "cog_deg": None, "heading_deg": None, "nav_status": nav_status, "feed": "coast", "raw_offset": list(range(n)),
        "quality": "good", "raw_length": 80, "transceiver": "A",
    }  # fmt: skip
    return pl.DataFrame({k: v if isinstance(v, list) else [v] * n for k, v in given.items()}, schema=POSITIONS.schema)


def lies(number: int, hours: float = 3.0, visits: int = 1, **said: float) -> pl.DataFrame:
    """At rest, with excursions to 5 km between its visits."""
    way = []
    for k in range(visits):
        since = k * (hours * 60 + 60)
        way += [(since + m, 20.0 * math.sin(m), 0.0) for m in np.arange(0, hours * 60 + 1, 10)] + [(since + hours * 60 + 30, 0.0, 5_000.0)]
    return track(number, way, **said)  # type: ignore[arg-type]


def counts(*tracks: pl.DataFrame) -> list[tuple[int, int]]:
    return learn_stops(pl.concat(tracks)).cells.select("vessels", "stops").rows()


def learned(off_shore_m: float, *tracks: pl.DataFrame) -> Places | None:
    return stopping_places(Stops.add([learn_stops(t) for t in tracks]), lambda lon, lat: np.full(len(lon), off_shore_m))


def test_three_hours_at_rest_are_one_stop_and_so_are_two_with_a_swing_at_anchor_between() -> None:
    assert counts(lies(1)) == [(1, 1)]
    assert counts(track(1, [(m, 0.0 if m < 200 else 700.0, 0.0) for m in range(0, 400, 10)])) == [(1, 1)]


@pytest.mark.parametrize(
    "rows",
    [
        lies(1, hours=1.8),
        track(1, [(m, 10.0 * m, 0.0) for m in range(0, 600, 5)]),
        track(1, [(m, 0, 0) for m in range(20)], nav_status=0, sog_kn=0.1),
        track(1, [(m, 0, 0) for m in range(20)], nav_status=1, sog_kn=0.6),
        track(1, [(0, 0, 0), (800, 0, 0)]),
    ],
    ids=["under_two_hours", "drifts_at_a_third_of_a_knot", "still_but_under_way", "at_anchor_but_moving", "unheard_for_13_hours"],
)
def test_a_near_miss_is_no_stop(rows: pl.DataFrame) -> None:
    assert counts(rows) == []


def test_in_a_short_feed_a_vessel_said_to_be_moored_stops() -> None:
    assert counts(track(1, [(m, 0, 0) for m in range(20)], nav_status=5, sog_kn=0.1)) == [(1, 1)]


def test_a_vessel_that_comes_back_from_five_kilometres_stops_again() -> None:
    assert counts(lies(1, visits=3), lies(2)) == [(2, 4)]


def test_near_the_shore_two_boats_that_keep_returning_make_a_landing_place_and_one_that_came_once_does_not() -> None:
    caleta = learned(300, lies(1, visits=2), lies(2))
    assert caleta is not None and len(caleta) == 1 and caleta.kinds == ("learned",)
    assert (caleta.lon_deg[0], caleta.lat_deg[0]) == (pytest.approx(-80.005, abs=1e-3), pytest.approx(-12.005, abs=1e-3))
    assert learned(300, lies(1), lies(2)) is None
    assert learned(300, lies(1, visits=4)) is not None and learned(300, lies(1, visits=3)) is None


def test_off_the_shore_two_that_meet_again_and_again_make_no_anchorage_and_seven_vessels_do() -> None:
    assert learned(30_000, lies(1, visits=20), lies(2, visits=20)) is None
    assert learned(30_000, *(lies(k) for k in range(6))) is None
    assert learned(30_000, *(lies(k) for k in range(7))) is not None


def anchored(ships: int, apart_m: float) -> list[pl.DataFrame]:
    """In rows of four."""
    return [track(k, [(m, k % 4 * apart_m, k // 4 * apart_m) for m in range(0, 200, 10)]) for k in range(ships)]


def test_ships_at_anchor_a_mile_apart_make_an_anchorage_though_no_cell_holds_two_and_four_miles_apart_they_do_not() -> None:
    roads = learned(3_000, *anchored(12, 1_800.0))
    assert roads is not None and len(roads) == 12
    assert learned(3_000, *anchored(12, 7_200.0)) is None
    assert learned(30_000, *anchored(8, 900.0)) is None


def test_a_fleet_that_drifts_makes_no_anchorage() -> None:
    fleet = [track(k, [(m, k * 30.0 + m * 15, m * 5) for m in range(0, 720, 5)], sog_kn=0.5) for k in range(30)]
    assert learned(200_000, *fleet) is None


def test_parts_add_up_to_the_whole_and_order_does_not_matter() -> None:
    parts = [lies(k, visits=1 + k % 3) for k in range(9)]
    whole = learn_stops(pl.concat(parts))
    assert_frame_equal(Stops.add([learn_stops(p) for p in reversed(parts)]).cells, whole.cells)
    assert_frame_equal(learn_stops(pl.concat(parts).sample(fraction=1.0, shuffle=True, seed=3)).cells, whole.cells)
    assert learn_stops(POSITIONS.empty()).cells.schema == STOPS and stopping_places(Stops(), lambda lon, lat: lat) is None


def test_across_180_degrees_the_middle_is_where_the_stops_are() -> None:
    moved = lies(1).with_columns(lon_deg=(pl.col("lon_deg") + 80.005 + 180 + 180) % 360 - 180)
    places = learn_stops(moved).places()
    assert abs(abs(places["lon_deg"][0]) - 180) < 1e-3 and places["stops"].sum() == 1
