"""A ship of 120 m that loses its engine: the bow points east, the way leads north."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from seaward.behaviours.behaviour import Context
from seaward.behaviours.drift import DriftParams, find_drift
from seaward.core.errors import ParameterError
from seaward.core.tables import VESSELS
from tests.behaviours.sea import NOON, after, codes, every, sea, steaming, vessel


def ship(minutes: float = 40, sog_kn: float = 2.0, cog: float = 0.0, heading: float | None = 90.0, **more: Any) -> pl.DataFrame:
    return vessel(1, every(2, minutes), steaming(-78.0, -12.0, sog_kn), sog_kn=sog_kn, cog_deg=cog, heading_deg=heading, **more)


def long(length_m: float | None) -> Context:
    row = {"realm": "ops", "vessel_id": "mmsi:100000001", "mmsi": 100000001, "length_m": length_m, "positions": 1}
    return Context(vessels=pl.DataFrame([row], schema=VESSELS.schema))


def found(positions: pl.DataFrame, context: Context | None = None, as_of: datetime = NOON + timedelta(days=1)) -> pl.DataFrame:
    return find_drift(positions, context or long(120), DriftParams(), as_of)


def test_forty_minutes_sideways_are_one_event() -> None:
    event = found(ship()).row(0, named=True)
    assert (event["start_at"], event["end_at"], event["state"]) == (NOON, after(minutes=38), "closed")
    assert event["reasons"][1]["values"][0]["value"] == pytest.approx(2 * 1852 * 38 / 60, rel=0.01)
    assert event["probability"] > 0.95


@pytest.mark.parametrize(
    "name, positions",
    [
        ("without a heading it is not", ship(heading=None)),
        ("with a cross current of less than 45 degrees it is not", ship(cog=46.0)),
        ("going astern it is not", ship(heading=180.0)),
        ("faster than 5 knots it is not", ship(sog_kn=5.1)),
        ("slower than 1 knot it is not", ship(minutes=120, sog_kn=0.9)),
        ("for eight minutes it is not", ship(minutes=10, sog_kn=4.0)),
        ("over less than 500 metres it is not", ship(minutes=14, sog_kn=1.1)),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_near_misses(name: str, positions: pl.DataFrame) -> None:
    assert found(positions).is_empty(), name


def test_heading_and_course_are_compared_across_north() -> None:
    assert found(ship(cog=350.0, heading=20.0)).is_empty()
    assert len(found(ship(cog=350.0, heading=50.0))) == 1


def test_a_boat_of_twenty_metres_is_left_out_and_one_of_unknown_length_is_kept_at_half_the_chance() -> None:
    assert found(ship(), long(20)).is_empty()
    unknown, known = found(ship(), long(None)).row(0, named=True), found(ship()).row(0, named=True)
    assert "drift.length_unknown" in codes(unknown)
    assert unknown["probability"] == pytest.approx(known["probability"] / 2)


def test_fixes_without_a_heading_in_between_do_not_end_it() -> None:
    headings = [None if i % 3 == 1 else 90.0 for i in range(20)]
    assert len(found(ship().with_columns(heading_deg=pl.Series(headings, dtype=pl.Float32)))) == 1


def test_a_drift_that_still_goes_on_is_open() -> None:
    assert found(ship(), as_of=after(minutes=38))["state"].to_list() == ["open"]


def test_an_hour_of_silence_cuts_it() -> None:
    positions = ship(minutes=150).filter(~pl.col("at").is_between(after(minutes=40), after(minutes=100)))
    assert len(found(sea(positions))) == 2


def test_a_threshold_that_makes_no_sense_says_what_to_do() -> None:
    with pytest.raises(ParameterError, match="give more than min_sog_kn"):
        DriftParams(max_sog_kn=0.5)


def swung(every_nth: int, minutes: float = 60) -> pl.DataFrame:
    """A drifting ship that yaws into its course at each n-th fix."""
    headings = [0.0 if k % every_nth == every_nth - 1 else 90.0 for k in range(len(every(2, minutes)))]
    return ship(minutes, heading=None).with_columns(heading_deg=pl.Series(headings, dtype=pl.Float32))


def test_a_fix_that_is_not_sideways_does_not_end_a_drift() -> None:
    event = found(swung(6)).row(0, named=True)
    assert event["end_at"] - event["start_at"] >= timedelta(minutes=50)
    assert 0.7 < event["probability"] < 0.9  # one fix in six speaks against it


def test_a_ship_that_is_sideways_half_of_the_time_does_not_drift() -> None:
    assert found(swung(2)).is_empty()


def test_six_minutes_on_course_end_a_drift() -> None:
    headings = [0.0 if 30 <= m < 38 else 90.0 for m in every(2, 60)]
    events = found(ship(60, heading=None).with_columns(heading_deg=pl.Series(headings, dtype=pl.Float32)))
    assert events["end_at"].to_list() == [after(minutes=28), after(minutes=58)]
