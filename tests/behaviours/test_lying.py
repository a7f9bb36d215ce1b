"""A number nobody can have at a berth is a transponder set wrongly; it is an event once its vessel moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from seaward.behaviours.behaviour import Context
from seaward.behaviours.identity import IDENTITY, IdentityParams, find_identity, sift_identity
from seaward.behaviours.stream import merge, window_start
from seaward.chart.places import Places
from seaward.core.errors import ParameterError
from seaward.core.tables import EVENTS
from tests.behaviours.sea import M_DEG, NOON, after, at_rest, every, sea, steaming, vessel

DAY = every(10, 1440)
QUAY = (-77.15, -12.05)
PORT = Places(("Callao",), np.array([QUAY[0]]), np.array([QUAY[1]]), ("port",))


def number(place: Callable[[float], tuple[float, float]] | None = None, minutes: list[float] | None = None, **columns: Any) -> pl.DataFrame:
    return vessel(1, minutes or DAY, place or at_rest(*QUAY), name="mmsi:123456789", mmsi=123_456_789, **columns)


def off(shore: float, places: Places | None = None) -> Context:
    return Context(shore_m=lambda lon, lat: np.full(len(lon), shore), places=places)


def told(positions: pl.DataFrame, context: Context, params: IdentityParams | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    events, left_out = sift_identity(positions, context, params or IdentityParams(), after(days=30))
    return events.to_dicts(), left_out["why"].to_list()


@pytest.mark.parametrize(
    ("context", "why"),
    [(off(90_000, PORT), "harbour"), (off(100, PORT), "harbour"), (off(4_900), "shore"), (Context(places=PORT), "harbour"),
     (off(0, Places(("Paita",), np.array([-81.1]), np.array([-5.1]), ("port",))), "shore")],
    ids=["by a port", "by a port and the shore", "by the shore, no place known", "by a port, no chart", "by the shore, far from every place known"],
)  # fmt: skip
def test_a_vessel_that_lies_is_left_out_and_it_is_said_where(context: Context, why: str) -> None:
    assert told(number(sog_kn=0.2), context) == ([], [why])
    assert told(number(), context) == ([], [why])  # no speed known: its places say that it lies


@pytest.mark.parametrize(
    ("positions", "context"),
    [(number(sog_kn=0.0), off(5_100)), (number(at_rest(QUAY[0], QUAY[1] + 4_100 * M_DEG), sog_kn=0.0), Context(places=PORT)), (number(), Context())],
    ids=["5.1 km off the shore", "4.1 km from the port", "neither chart nor places"],
)
def test_a_vessel_that_lies_elsewhere_is_an_event_from_the_first_fix(positions: pl.DataFrame, context: Context) -> None:
    (event,), left_out = told(positions, context)
    assert left_out == [] and event["start_at"] == NOON


def test_as_soon_as_it_reports_a_speed_it_is_an_event_and_stays_one() -> None:
    speeds = [0.5 if m == 600 else 0.0 for m in DAY]
    (event,), left_out = told(number(sog_kn=speeds), off(0, PORT))
    assert left_out == []
    assert (event["start_at"], event["end_at"]) == (after(minutes=600), after(minutes=1430))
    assert [e["raw_offset"] for e in event["evidence"]] == [1_000_000 + 100 * 60, 1_000_000 + 100 * 143], "where it sails, and its last"


@pytest.mark.parametrize("sog_kn", [None, 0.0], ids=["no speed known", "a speed of nought, wrongly"])
def test_without_a_true_speed_its_places_tell_that_it_sails(sog_kn: float | None) -> None:
    sails = number(lambda m: (QUAY[0], QUAY[1] - max(0, m - 600) * 40 * M_DEG), sog_kn=sog_kn)
    (event,), _ = told(sails, off(0, PORT))
    assert event["start_at"] == after(minutes=630)  # 1200 m off the quay: 600 m from the middle; 400 m ten minutes before


def test_a_vessel_that_swings_at_anchor_lies() -> None:
    swings = number(lambda m: (QUAY[0] + 300 * M_DEG * np.sin(m / 60), QUAY[1] + 300 * M_DEG * np.cos(m / 60)), sog_kn=0.4)
    assert told(swings, off(0)) == ([], ["shore"])


def test_on_both_sides_of_180_degrees_it_lies() -> None:
    assert told(number(lambda m: (180.0 + (m % 20 - 10) * 10 * M_DEG, -17.0)), off(0)) == ([], ["shore"])


def test_one_that_comes_in_from_sea_is_an_event_also_at_its_berth() -> None:
    comes = number(lambda m: (QUAY[0], QUAY[1] - max(0, 100 - m) * 200 * M_DEG))
    (event,), left_out = told(comes, Context(places=PORT))
    assert (left_out, event["start_at"], event["end_at"]) == ([], NOON, after(minutes=1430))


@pytest.mark.parametrize(("off_switch", "left"), [({"still_m": 0.0}, 0), ({"still_anchorage_m": 0.0}, 1), ({"still_shore_m": 0.0}, 1),
                                                  ({"still_anchorage_m": 0.0, "still_shore_m": 0.0}, 0)])  # fmt: skip
def test_nought_leaves_nothing_out(off_switch: dict[str, float], left: int) -> None:
    events, left_out = told(number(sog_kn=0.0), off(0, PORT), replace(IdentityParams(), **off_switch))
    assert (len(left_out), len(events)) == (left, 1 - left)


def test_what_is_left_out_has_the_name_it_would_have_as_an_event() -> None:
    _, left_out = sift_identity(number(), off(0), IdentityParams(), after(hours=30))
    event = find_identity(number(), off(0), IdentityParams(still_m=0), after(hours=30))
    assert left_out.drop("why").rows() == event.select(left_out.drop("why").columns).rows()


def test_other_doubts_of_identity_are_told_in_harbour_too() -> None:
    one, two = (vessel(1, DAY, at_rest(lon, -12.05), name=f"mmsi:760123456{h}", mmsi=760_123_456) for h, lon in (("", -77.15), ("#2", -75.0)))
    (event,), left_out = told(sea(one, two), off(0, PORT))
    assert event["reasons"][0]["code"] == "identity.two_places" and left_out == []


@pytest.mark.parametrize("step_h", [2.0, 7.0])
def test_a_live_watch_tells_one_that_lay_for_a_week_when_it_sails_as_a_file_does(step_h: float) -> None:
    minutes = every(20, 9 * 1440)
    sails = number(lambda m: steaming(*QUAY, 6.0)(max(0, m - 7 * 1440)), minutes)
    positions, known, as_of = sea(sails, vessel(2, minutes, at_rest(*QUAY), sog_kn=0.0)), EVENTS.empty(), NOON
    while as_of < after(days=10):
        as_of += timedelta(hours=step_h)
        start = window_start(IDENTITY, known, as_of)
        found = find_identity(positions.filter(pl.col("at").is_between(start, as_of)), off(0, PORT), IdentityParams(), as_of)
        known = merge(IDENTITY, known, found, None if start <= NOON else start)
        assert len(known) == (as_of >= after(days=7, minutes=20))
    assert_frame_equal(known, find_identity(positions, off(0, PORT), IdentityParams(), as_of))


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ParameterError, match="0 leaves nothing out"):
        IdentityParams(still_m=-1)
