"""A reefer at rest and a squid jigger that comes alongside."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from seaward.behaviours.behaviour import Context
from seaward.behaviours.encounter import EncounterParams, find_encounters, sift_encounters
from seaward.chart.places import Places
from seaward.core.errors import ParameterError
from seaward.core.tables import VESSELS
from tests.behaviours.sea import M_DEG, NOON, after, codes, every, sea, vessel

AWAY_M_PER_MIN = 10 * 1852 / 60  # 10 kn


def pair(
    *,
    apart_m: float = 100,
    hours: float = 3,
    lon: float = -85.0,
    lat: float = -12.0,
    step_min: float = 10,
    start: datetime = NOON,
    offset_min: float = 3,
) -> pl.DataFrame:
    """Alongside from minute 120 for `hours`; the jigger comes from the south at 10 kn and leaves the same way."""

    def jigger(minute: float) -> tuple[float, float]:
        off = max(0.0, 120 - minute, minute - 120 - hours * 60)
        return lon, lat - (apart_m + off * AWAY_M_PER_MIN) * M_DEG

    until = 240 + hours * 60
    minutes = sorted({*every(step_min, until, offset_min), 120.0, 120 + hours * 60})
    return sea(vessel(1, every(step_min, until), lambda m: (lon, lat), start=start), vessel(2, minutes, jigger, start=start))


def found(
    positions: pl.DataFrame, as_of: datetime = NOON + timedelta(days=3), shore_km: float = 200, params: EncounterParams | None = None
) -> pl.DataFrame:
    return find_encounters(positions, Context(shore_m=lambda lon, lat: np.full(len(lon), shore_km * 1000)), params or EncounterParams(), as_of)


def test_three_hours_alongside_are_one_event_of_both_vessels() -> None:
    event = found(pair()).row(0, named=True)
    assert event["vessel_ids"] == ["mmsi:100000001", "mmsi:100000002"]
    assert (event["start_at"], event["end_at"], event["state"]) == (after(hours=2), after(hours=5), "closed")
    assert event["reasons"][0]["values"][0]["value"] == pytest.approx(100, abs=1)
    assert event["probability"] > 0.99
    assert (event["lon_deg"], event["lat_deg"]) == (pytest.approx(-85.0), pytest.approx(-12.0 - 50 * M_DEG, abs=1e-6))
    assert len(event["evidence"]) == 4


def test_across_midnight_it_is_one_event() -> None:
    event = found(pair(start=after(hours=8))).row(0, named=True)
    assert (event["start_at"], event["end_at"]) == (after(hours=10), after(hours=13))


@pytest.mark.parametrize("lon", [180.0 - 40 * M_DEG, -180.0, 179.9999])
def test_across_180_degrees_it_is_one_event(lon: float) -> None:
    def jigger(minute: float) -> tuple[float, float]:
        return lon + (100 if 120 <= minute <= 300 else 30_000) * M_DEG, 0.0

    positions = sea(vessel(1, every(10, 420), lambda m: (lon, 0.0)), vessel(2, every(10, 420), jigger))
    assert len(found(positions)) == 1
    assert abs(found(positions)["lon_deg"][0]) == pytest.approx(180, abs=0.01)


@pytest.mark.parametrize("lat", [-78.0, 66.0, 89.0])
def test_at_high_latitude_it_is_one_event(lat: float) -> None:
    assert len(found(pair(lat=lat))) == 1


@pytest.mark.parametrize("step_min", [70, 74])
def test_with_reports_seventy_minutes_apart_or_a_little_more_it_is_one_event_less_certain(step_min: int) -> None:
    sparse = found(pair(step_min=step_min, hours=4.5, apart_m=440))
    assert len(sparse) == 1
    assert sparse["probability"][0] < found(pair(apart_m=440))["probability"][0]


def test_across_a_silence_of_two_hours_nothing_is_made_up() -> None:
    positions = pair(hours=3).filter(~pl.col("at").is_between(after(hours=2, minutes=30), after(hours=4, minutes=40)))
    assert found(positions).is_empty()


def test_five_hundred_and_ten_metres_apart_is_not() -> None:
    assert found(pair(apart_m=510)).is_empty()
    assert len(found(pair(apart_m=490))) == 1


def test_less_than_two_hours_is_not() -> None:
    assert found(pair(hours=1.9)).is_empty()
    assert len(found(pair(hours=2.1))) == 1


def test_one_vessel_fast_is_not() -> None:
    def circling(minute: float) -> tuple[float, float]:
        return -85.0 + 400 * M_DEG * np.cos(minute * 0.5), -12.0 + 400 * M_DEG * np.sin(minute * 0.5)

    positions = sea(vessel(1, every(1, 300), lambda m: (-85.0, -12.0)), vessel(2, every(1, 300), circling))
    assert found(positions).is_empty()


def test_side_by_side_under_way_is_not() -> None:
    positions = sea(*(vessel(n, every(10, 400), lambda m, n=n: (-85.0 + n * 100 * M_DEG, -12.0 + m * 60 * M_DEG * 5)) for n in (1, 2)))
    assert found(positions).is_empty()


def test_one_sample_too_far_does_not_end_it() -> None:
    positions = pair().with_columns(
        lat_deg=pl.when((pl.col("mmsi") == 100000002) & (pl.col("at") == after(minutes=203))).then(-12.0 - 520 * M_DEG).otherwise("lat_deg")
    )
    assert len(found(positions)) == len(found(positions, params=EncounterParams(max_break_s=0))) == 1


def test_half_an_hour_too_far_ends_it() -> None:
    apart = pl.col("at").is_between(after(hours=3), after(hours=3, minutes=45)) & (pl.col("mmsi") == 100000002)
    assert found(pair().with_columns(lat_deg=pl.when(apart).then(-12.0 - 700 * M_DEG).otherwise("lat_deg"))).is_empty()


def test_in_port_it_is_not() -> None:
    assert found(pair(), shore_km=9.9).is_empty()


def test_without_a_chart_it_is_kept_and_says_that_the_shore_is_not_known() -> None:
    assert "encounter.shore_unknown" in codes(find_encounters(pair(), Context(), EncounterParams(), after(days=3)).row(0, named=True))


def test_while_it_goes_on_it_is_open() -> None:
    events = found(pair(), as_of=after(hours=4, minutes=35))
    assert events["state"].to_list() == ["open"]
    assert events["end_at"][0] <= after(hours=4, minutes=35)


def test_two_hulls_under_one_mmsi_are_not_paired() -> None:
    assert found(pair().with_columns(mmsi=pl.lit(100000001, pl.UInt32))).is_empty()


def test_a_raft_of_five_gives_every_pair_once() -> None:
    positions = sea(*(vessel(n, every(7, 300, n), lambda m, n=n: (-85.0 + n * 50 * M_DEG, -12.0)) for n in range(5)))
    assert len(found(positions)) == 10


def test_the_moment_of_closing_is_exact_between_fixes() -> None:
    """Two fixes 60 min apart, 1,000 m down to 0 m: 500 m are passed after half an hour."""
    far = vessel(2, [0, 60, 240], lambda m: (-85.0, -12.0 - (1000 if m == 0 else 0) * M_DEG))
    positions = sea(vessel(1, [0, 60, 240], lambda m: (-85.0, -12.0)), far, vessel(3, every(10, 10), lambda m: (0.0, 0.0)))
    event = found(positions, params=EncounterParams(max_interpolation_s=6 * 3600)).row(0, named=True)
    assert event["start_at"] == pytest.approx(after(minutes=30), abs=timedelta(seconds=2))


def test_a_threshold_that_makes_no_sense_says_what_to_do() -> None:
    with pytest.raises(ParameterError, match="at most a quarter"):
        EncounterParams(max_break_s=7200)


def visits(*near: tuple[float, float], step_min: float = 10, apart_m: float = 100, until: float = 900) -> pl.DataFrame:
    """A jigger at 1 kn from and to a place 1.5 km off, alongside in each of these spans of minutes."""

    def jigger(minute: float) -> tuple[float, float]:
        off = min((max(0.0, a - minute, minute - b) for a, b in near), default=1e9)
        return -85.0, -12.0 - (apart_m + min(1500.0, off * 30.0)) * M_DEG

    return sea(vessel(1, every(step_min, until), lambda m: (-85.0, -12.0)), vessel(2, every(step_min, until), jigger))


def test_short_visits_do_not_add_up_to_an_encounter() -> None:
    spans = [(60.0 + 60 * k, 65.0 + 60 * k) for k in range(10)]  # near for some 30 minutes of each hour, then too far for longer
    events = found(visits(*spans, step_min=5), params=EncounterParams(max_break_s=1800.0))
    near = [r["values"] for e in events["reasons"] for r in e if r["code"] == "encounter.duration"]
    assert all(v["value"] >= 50 for values in near for v in values if v["name"] == "near_percent")


def test_a_brush_an_hour_before_does_not_join_a_long_meeting() -> None:
    event = found(visits((100.0, 101.0), (200.0, 400.0))).row(0, named=True)
    assert event["start_at"] > after(minutes=150)


@pytest.mark.parametrize("step_min", [10, 60])
def test_one_fix_gone_astray_does_not_end_a_meeting(step_min: float) -> None:
    positions = pair(hours=6, step_min=step_min, offset_min=0)
    astray = (pl.col("vessel_id").cast(pl.String) == "mmsi:100000002") & (pl.col("at") == after(hours=5))
    assert positions.filter(astray).height == 1
    moved = positions.with_columns(lat_deg=pl.when(astray).then(pl.col("lat_deg") + 3000 * M_DEG).otherwise("lat_deg"))
    event = found(moved).row(0, named=True)
    assert event["end_at"] - event["start_at"] > timedelta(hours=5, minutes=30)


def test_the_chance_is_that_of_being_near_for_half_of_the_stay() -> None:
    assert found(pair(apart_m=100))["probability"][0] > 0.999
    # by hand: each piece (5 minutes, of 10-minute steps out of phase) is near with p; the mean of p less a half, over its deviation
    limit = found(pair(apart_m=500.0 - 1e-6))["probability"][0]
    assert limit == pytest.approx(0.5, abs=0.05)  # at the very limit p is a half: a toss-up
    assert limit < found(pair(apart_m=490.0))["probability"][0] < found(pair(apart_m=470.0))["probability"][0] <= 1.0


def test_close_to_the_pole_distances_are_true() -> None:
    lat = 89.98
    off_deg = 800.0 * M_DEG / np.cos(np.radians(lat))  # 800 m along the parallel
    still = sea(vessel(1, every(10, 400), lambda m: (0.0, lat)), vessel(2, every(10, 400), lambda m: (off_deg, lat)))
    assert found(still).is_empty()
    near = sea(vessel(1, every(10, 400), lambda m: (0.0, lat)), vessel(2, every(10, 400), lambda m: (off_deg / 2, lat)))
    assert len(found(near)) == 1


def in_context(context: Context, positions: pl.DataFrame | None = None, **params: Any) -> list[dict[str, Any]]:
    far = lambda lon, lat: np.full(len(lon), 400_000.0)  # noqa: E731
    rows = pair() if positions is None else positions
    return find_encounters(rows, replace(context, shore_m=far), EncounterParams(**params), after(days=3)).to_dicts()


def believed(**types: int) -> pl.DataFrame:
    rows = [{"realm": "ops", "vessel_id": f"mmsi:10000000{n[1:]}", "mmsi": 1, "ship_type": t, "positions": 1} for n, t in types.items()]
    return pl.DataFrame(rows, schema=VESSELS.schema)


def place_near(km: float) -> Places:
    (event,) = in_context(Context())
    return Places(("Port",), np.array([event["lon_deg"]]), np.array([event["lat_deg"] + km / 111.195]), ("",))


def test_within_ten_kilometres_of_a_port_or_stopping_place_it_is_left_out_beyond_it_says_how_far() -> None:
    assert in_context(Context(places=place_near(9.5))) == []
    (event,) = in_context(Context(places=place_near(10.5)))
    assert "encounter.harbour" in codes(event)
    assert len(in_context(Context(places=place_near(9.5)), min_anchorage_m=2_000)) == 1


@pytest.mark.parametrize("ship_type", [31, 32, 50, 52])
def test_tugs_and_pilots_alongside_are_left_out_unless_asked_for(ship_type: int) -> None:
    context = Context(vessels=believed(v1=30, v2=ship_type))
    assert in_context(context) == [] and len(in_context(context, left_out_types=())) == 1


def test_a_tanker_alongside_a_vessel_at_anchor_is_bunkering_and_one_under_way_is_not() -> None:
    context, anchored = Context(vessels=believed(v1=82)), pair().with_columns(nav_status=pl.lit(1, pl.UInt8))
    assert in_context(context, anchored) == [] and len(in_context(context, anchored, leave_out_bunkering=False)) == 1
    assert len(in_context(context)) == 1 and len(in_context(Context(), anchored)) == 1


def why_left_out(context: Context, positions: pl.DataFrame | None = None, shore_km: float = 400, **params: Any) -> list[str]:
    context = replace(context, shore_m=lambda lon, lat: np.full(len(lon), shore_km * 1000))
    events, left_out = sift_encounters(pair() if positions is None else positions, context, EncounterParams(**params), after(days=3))
    assert len(events) + len(left_out) == 1
    return left_out["why"].to_list()


def test_each_reason_to_leave_a_meeting_out_is_told_and_a_near_miss_has_none() -> None:
    anchored = pair().with_columns(nav_status=pl.lit(1, pl.UInt8))
    assert why_left_out(Context(), shore_km=9.9) == ["shore"] and why_left_out(Context(), shore_km=10.1) == []
    assert why_left_out(Context(places=place_near(9.5))) == ["harbour"] and why_left_out(Context(places=place_near(10.5))) == []
    assert why_left_out(Context(vessels=believed(v2=52))) == ["tug_or_pilot"] and why_left_out(Context(vessels=believed(v2=53))) == []
    tanker = Context(vessels=believed(v1=82))
    assert why_left_out(tanker, anchored) == ["bunkering"] and why_left_out(tanker) == []


def test_of_several_reasons_the_first_is_told_and_what_is_no_meeting_is_not_counted() -> None:
    assert why_left_out(Context(vessels=believed(v2=52), places=place_near(1))) == ["harbour"]
    passing = sift_encounters(pair(hours=1.9), Context(places=place_near(1)), EncounterParams(), after(days=3))
    assert all(rows.is_empty() for rows in passing)


def test_what_is_left_out_has_the_name_it_would_have_as_an_event() -> None:
    _, left_out = sift_encounters(pair(), Context(places=place_near(1)), EncounterParams(), after(days=3))
    (event,) = in_context(Context())
    assert left_out.row(0) == (event["event_id"], "encounter", "closed", event["start_at"], "harbour")
