"""A carrier off Peru, seen every ten minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from seaward.behaviours.behaviour import Context
from seaward.behaviours.loitering import LOITERING, LoiteringParams, find_loitering, sift_loitering
from seaward.chart.places import LEARNED, Places
from seaward.core.errors import ParameterError
from seaward.core.tables import VESSELS
from tests.behaviours.sea import NOON, after, codes, every, vessel


def carrier(*, slow_h: float, sog_kn: float = 0.8, start: datetime = NOON, step_min: float = 10) -> pl.DataFrame:
    """Two hours under way at 14 kn, `slow_h` hours at `sog_kn`, two hours under way again."""

    def place(minute: float) -> tuple[float, float]:
        slow = min(max(minute - 120, 0), slow_h * 60)
        return -80.0, -12.0 + ((minute - slow) * 14 + slow * sog_kn) / 3600

    return vessel(1, every(step_min, (slow_h + 4) * 60), place, start=start)


def offshore(nm: float) -> Context:
    return Context(shore_m=lambda lon, lat: np.full(len(lon), nm * 1852.0))


def found(positions: pl.DataFrame, context: Context | None = None, as_of: datetime = NOON + timedelta(days=2)) -> pl.DataFrame:
    return find_loitering(positions, context or offshore(60), LoiteringParams(), as_of)


def test_four_slow_hours_offshore_are_one_event() -> None:
    event = found(carrier(slow_h=4)).row(0, named=True)
    assert (event["start_at"], event["end_at"]) == (after(hours=2), after(hours=6))
    assert event["state"] == "closed"
    assert event["reasons"][1]["values"][0]["value"] == pytest.approx(0.8, abs=0.01)


def test_just_over_two_knots_is_not_loitering() -> None:
    assert found(carrier(slow_h=4, sog_kn=2.01)).is_empty()
    assert len(found(carrier(slow_h=4, sog_kn=1.99))) == 1


def test_one_slow_hour_is_not_loitering() -> None:
    assert found(carrier(slow_h=1)).is_empty()


def test_waiting_at_the_roadstead_is_not_loitering() -> None:
    assert found(carrier(slow_h=4), offshore(19.9)).is_empty()


def test_without_a_chart_the_stay_is_kept_and_says_that_the_shore_is_not_known() -> None:
    assert "loitering.shore_unknown" in codes(found(carrier(slow_h=4), Context()).row(0, named=True))


def test_a_stay_across_midnight_is_one_event() -> None:
    assert len(found(carrier(slow_h=4, start=after(hours=8)))) == 1


def test_a_stay_that_still_goes_on_is_open() -> None:
    assert found(carrier(slow_h=4), as_of=after(hours=5))["state"].to_list() == ["open"]


def test_a_stay_that_may_yet_go_on_in_the_unfinished_hour_is_open() -> None:
    assert found(carrier(slow_h=4), as_of=after(hours=6, minutes=15))["state"].to_list() == ["open"]
    assert found(carrier(slow_h=4), as_of=after(hours=7, minutes=15))["state"].to_list() == ["closed"]


def test_a_silence_inside_the_stay_cuts_it_in_two() -> None:
    positions = carrier(slow_h=9).filter(~pl.col("at").is_between(after(hours=5), after(hours=8), closed="left"))
    assert len(found(positions)) == 2


def test_fixes_every_six_seconds_with_noise_of_ten_metres_are_still_slow() -> None:
    noise = np.random.default_rng(5).normal(0, 1e-4, 2400 * 2)
    positions = carrier(slow_h=4, step_min=0.1).with_columns(lat_deg=pl.col("lat_deg") + pl.Series(noise))
    assert len(found(positions)) == 1


def test_a_threshold_that_makes_no_sense_says_what_to_do() -> None:
    with pytest.raises(ParameterError, match="ask for 3600 or more"):
        LoiteringParams(min_duration_s=600)


def test_it_may_be_split_by_vessel() -> None:
    assert LOITERING.partition == "vessel"


def test_reports_seventy_minutes_apart_skip_an_hour_and_do_not_cut_a_stay() -> None:
    events = found(carrier(slow_h=12, step_min=70))
    assert len(events) == 1
    assert (events["end_at"][0] - events["start_at"][0]) >= timedelta(hours=9)


def test_within_four_kilometres_of_a_stopping_place_and_of_tugs_it_is_left_out() -> None:
    event = found(carrier(slow_h=4)).row(0, named=True)
    near, far = (Places(("",), np.array([-80.0]), np.array([event["lat_deg"] + km / 111.195]), (LEARNED,)) for km in (3.5, 4.5))
    assert found(carrier(slow_h=4), replace(offshore(60), places=near)).is_empty()
    assert "loitering.harbour" in codes(found(carrier(slow_h=4), replace(offshore(60), places=far)).row(0, named=True))
    tug = pl.DataFrame([{"realm": "ops", "vessel_id": event["vessel_ids"][0], "mmsi": 1, "ship_type": 52, "positions": 1}], schema=VESSELS.schema)
    assert found(carrier(slow_h=4), replace(offshore(60), vessels=tug)).is_empty()


def test_each_reason_to_leave_a_stay_out_is_told_and_a_near_miss_has_none() -> None:
    event = found(carrier(slow_h=4)).row(0, named=True)
    near, far = (Places(("",), np.array([-80.0]), np.array([event["lat_deg"] + km / 111.195]), (LEARNED,)) for km in (3.5, 4.5))
    tug, cargo = (
        pl.DataFrame([{"realm": "ops", "vessel_id": event["vessel_ids"][0], "mmsi": 1, "ship_type": t, "positions": 1}], schema=VESSELS.schema)
        for t in (52, 70)
    )
    for context, why in (
        (offshore(19.9), ["shore"]), (offshore(20.1), []), (replace(offshore(60), places=near), ["harbour"]), (replace(offshore(60), places=far), []),
        (replace(offshore(60), vessels=tug), ["tug_or_pilot"]), (replace(offshore(60), vessels=cargo), []),
        (replace(offshore(1), vessels=tug, places=near), ["shore"]),
    ):  # fmt: skip
        events, left_out = sift_loitering(carrier(slow_h=4), context, LoiteringParams(), after(days=2))
        assert left_out["why"].to_list() == why and len(events) == 1 - len(why)
        if why:
            assert left_out["event_id"].to_list() == [event["event_id"]]
    assert sift_loitering(carrier(slow_h=1), offshore(1), LoiteringParams(), after(days=2))[1].is_empty()
