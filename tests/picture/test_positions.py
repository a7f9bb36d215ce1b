"""Reports become positions, or a count, or a row that says why not; and never by the order they came in."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from seaward.core.catalogue import catalogue
from seaward.core.errors import ParameterError, RealmError
from seaward.core.split import split
from seaward.core.tables import POSITIONS, REJECTED
from seaward.picture.positions import Picture, PictureParams, build_positions
from tests.picture.picture_sea import reports, sail


def build(rows: list[dict]) -> Picture:
    given_rows = reports(rows)
    picture = build_positions(given_rows, PictureParams())
    assert picture.positions.schema == POSITIONS.schema
    assert picture.rejected.schema == REJECTED.schema
    assert split(picture.positions, POSITIONS)[1].is_empty()
    assert len(picture.positions) + len(picture.rejected) + sum(picture.dropped.values()) == len(given_rows)
    return picture


def vessels(picture: Picture) -> list[str]:
    return sorted(picture.positions["vessel_id"].unique().cast(pl.String).to_list())


def rules(picture: Picture) -> list[str]:
    return picture.rejected["rule"].to_list()


def two_hulls() -> list[dict]:
    return sail(10, 40, 40) + sail(12, 41, 40, after_s=7)


def every_trouble() -> list[dict]:
    return [
        *two_hulls(),
        *sail(10, 40, 40, feed="b.nmea"),
        *sail(-150, -20, 1, after_s=605),
        *sail(10, 40.05, 1, after_s=5_000, sog_kn=3),
        *sail(0, 0, 1, mmsi=0),
        *sail(5, 5, 3, mmsi=0),
        *sail(5, 5, 3, mmsi=999_999_999, cog_deg=None),
        *sail(179.99, 5, 30, mmsi=7, every_s=36_000),
        *sail(1, 1, 2, mmsi=8, transceiver="base"),
        *sail(1, 1, 2, mmsi=9, lat_deg=None),
    ]


def test_a_plain_passage_is_one_good_track() -> None:
    picture = build(sail(10, 40, 30))
    assert vessels(picture) == ["mmsi:224000001"]
    assert picture.positions["track_id"].unique().cast(pl.String).to_list() == ["mmsi:224000001@2024-03-01T22:00:00Z"]
    assert set(picture.positions["quality"]) == {"good"}


def test_nothing_gives_nothing() -> None:
    picture = build([])
    assert picture.positions.is_empty() and picture.rejected.is_empty()


@given(st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(random) -> None:
    rows = reports(every_trouble())
    order = list(range(len(rows)))
    random.shuffle(order)
    want, got = build_positions(rows, PictureParams()), build_positions(rows[order], PictureParams())
    assert_frame_equal(want.positions, got.positions)
    assert_frame_equal(want.rejected, got.rejected)
    assert want.dropped == got.dropped


def test_any_grouping_of_identities_gives_the_same() -> None:
    rows = reports(every_trouble())
    whole = build_positions(rows, PictureParams())
    parts = [build_positions(part, PictureParams()) for part in rows.partition_by("mmsi")]
    order = ["mmsi", "vessel_id", "at", "raw_offset"]
    together = pl.concat(p.positions for p in parts).with_columns(pl.col("vessel_id").cast(pl.String)).sort(order)
    assert_frame_equal(whole.positions.with_columns(pl.col("vessel_id").cast(pl.String)).sort(order), together)
    assert sorted(whole.rejected.rows()) == sorted(r for p in parts for r in p.rejected.rows())
    assert whole.dropped == {k: sum(p.dropped[k] for p in parts) for k in whole.dropped}


def test_the_reports_given_are_left_as_they_were() -> None:
    rows = reports(every_trouble())
    before = rows.clone()
    build_positions(rows, PictureParams())
    assert_frame_equal(rows, before)


def test_positions_come_in_time_order_within_each_vessel() -> None:
    positions = build(every_trouble()).positions
    assert positions.select(pl.col("at").diff().over("vessel_id").min().dt.total_seconds()).item() >= 0
    assert positions["vessel_id"].rle_id().max() == positions["vessel_id"].n_unique() - 1


@pytest.mark.parametrize("missing", [{"lon_deg": None}, {"lat_deg": None}, {"reported_at": None}])
def test_without_time_or_place_a_report_is_no_position_and_no_fault(missing: dict) -> None:
    picture = build([*sail(10, 40, 3), *sail(10, 40.1, 1, **missing)])
    assert picture.dropped["unplaced"] == 1
    assert picture.rejected.is_empty()


@pytest.mark.parametrize("kind", ["base", "aid"])
def test_shore_stations_and_buoys_are_not_vessels(kind: str) -> None:
    picture = build([*sail(10, 40, 3), *sail(1, 1, 2, mmsi=2_240_000, transceiver=kind)])
    assert picture.dropped["not_vessels"] == 2
    assert vessels(picture) == ["mmsi:224000001"]


@pytest.mark.parametrize(("lon", "lat"), [(0.0, 0.0), (0.0, 90.5), (180.5, 0.0), (5.0, -91.0), (math.inf, 1.0)])
def test_a_place_that_does_not_exist_is_refused(lon: float, lat: float) -> None:
    assert rules(build([*sail(10, 40, 3), *sail(lon, lat, 1, every_s=0)])) == ["impossible_position"]


def test_the_zero_meridian_and_the_equator_alone_are_fine() -> None:
    assert build([*sail(0, 1, 3), *sail(7, 0, 3, mmsi=5)]).rejected.is_empty()


def test_one_noise_spike_is_refused_and_the_track_goes_on() -> None:
    picture = build([*sail(10, 40, 30), *sail(11, 43, 1, after_s=605)])
    assert rules(picture) == ["impossible_speed"]
    assert vessels(picture) == ["mmsi:224000001"]
    assert picture.positions["track_id"].n_unique() == 1


@pytest.mark.parametrize("spikes", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_spikes_no_good_fix_is_lost_and_no_spike_is_kept(spikes: int, seed: int) -> None:
    rng = np.random.default_rng([seed, spikes])
    rows = sail(-80.0, -12.0, 300)
    for k in rng.choice(300, spikes, replace=False):
        rows[k] |= {"lon_deg": -80.0 + rng.choice([-1, 1]) * rng.uniform(3, 60), "lat_deg": rng.uniform(-60, 60)}
    spiked = [n for n, row in enumerate(rows) if row["lon_deg"] != -80.0]
    picture = build(rows)
    assert set(picture.positions["raw_offset"]) == {50 * n for n in range(300) if n not in spiked}
    assert set(picture.rejected["raw_offset"]) == {50 * n for n in spiked}
    assert picture.positions["vessel_id"].n_unique() == 1


def test_noise_in_the_first_report_does_not_become_the_vessel() -> None:
    picture = build([*sail(60, -43, 1), *sail(10, 40, 30, after_s=60)])
    assert rules(picture) == ["impossible_speed"]
    assert len(picture.positions) == 30


def test_two_interleaved_hulls_are_told_apart() -> None:
    picture = build(two_hulls())
    assert vessels(picture) == ["mmsi:224000001", "mmsi:224000001#2"]
    by = picture.positions.group_by("vessel_id").agg(pl.len(), pl.col("lon_deg").n_unique())
    assert by["len"].to_list() == [40, 40] and by["lon_deg"].to_list() == [1, 1]
    assert picture.rejected.is_empty()


def test_four_fixes_elsewhere_are_noise_and_five_are_a_hull() -> None:
    assert rules(build([*sail(10, 40, 40), *sail(12, 41, 4, after_s=307)])) == ["impossible_speed"] * 4
    assert len(vessels(build([*sail(10, 40, 40), *sail(12, 41, 5, after_s=307)]))) == 2


def test_two_hulls_that_report_in_the_same_second_are_assigned_together() -> None:
    picture = build(sail(10, 40, 40) + sail(10.1, 40.05, 40))
    assert picture.positions.group_by("vessel_id").agg(pl.col("lon_deg").n_unique())["lon_deg"].to_list() == [1, 1]


def test_hulls_whose_tracks_cross_keep_their_courses() -> None:
    east = sail(9.8, 40.05, 100, after_s=20, cog_deg=90.0)
    east = [r | {"sog_kn": 11.0, "lon_deg": 9.8 + 0.004 * k, "lat_deg": 40.05} for k, r in enumerate(east)]
    picture = build(sail(10, 39.95, 100, sog_kn=7) + east)
    assert picture.positions.group_by("vessel_id").agg(pl.col("cog_deg").n_unique())["cog_deg"].to_list() == [1, 1]


def test_after_silence_out_of_reach_another_hull_took_the_number() -> None:
    picture = build(sail(10, 40, 10) + sail(60, -40, 10, after_s=3_600))
    assert vessels(picture) == ["mmsi:224000001", "mmsi:224000001#2"]


def test_after_silence_within_reach_it_is_the_same_hull() -> None:
    assert vessels(build(sail(10, 40, 10) + sail(10.5, 40, 10, after_s=3_600))) == ["mmsi:224000001"]


def test_what_two_receivers_heard_counts_once_and_the_earliest_is_kept() -> None:
    late = sail(10, 40, 30, feed="b.nmea", after_s=9)
    first = [r | {"second": k % 60} for k, r in enumerate(sail(10, 40, 30))]
    picture = build([*(r | {"second": k % 60} for k, r in enumerate(late)), *first])
    assert picture.dropped["duplicates"] == picture.duplicates == 30
    assert set(picture.positions["feed"].cast(pl.String)) == {"a.nmea"}


def test_without_the_second_of_the_fix_only_two_seconds_make_a_duplicate() -> None:
    moored = {"sog_kn": 0.0, "every_s": 10}
    assert build(sail(10, 40, 30, **moored)).dropped["duplicates"] == 0
    assert build(sail(10, 40, 30, **moored) + sail(10, 40, 30, after_s=2, feed="b.nmea", **moored)).dropped["duplicates"] == 30
    assert build(sail(10, 40, 30, **moored) + sail(10, 40, 30, after_s=3, feed="b.nmea", **moored)).dropped["duplicates"] == 0


def test_the_same_place_at_another_second_is_another_fix() -> None:
    rows = [r | {"second": 10 * k % 60} for k, r in enumerate(sail(10, 40, 6, sog_kn=0.0, every_s=10))]
    assert build(rows).dropped["duplicates"] == 0


def test_moving_fixes_said_again_by_a_late_clock_are_dropped() -> None:
    picture = build(sail(10, 40, 60) + sail(10, 40, 20, after_s=1_800, feed="late.nmea"))
    assert picture.dropped["clock_copies"] == 20
    assert set(picture.positions["feed"].cast(pl.String)) == {"a.nmea"}
    assert vessels(picture) == ["mmsi:224000001"]


def test_moving_fixes_said_before_by_an_early_clock_are_dropped() -> None:
    early = [r | {"reported_at": r["reported_at"] - timedelta(seconds=600), "feed": "early"} for r in sail(10, 40, 60)[20:40]]
    picture = build(sail(10, 40, 60) + early)
    assert picture.dropped["clock_copies"] == 20
    assert set(picture.positions["feed"].cast(pl.String)) == {"a.nmea"}


def test_a_lone_fix_of_the_own_track_at_a_far_time_is_a_clock_jump() -> None:
    fast = sail(10, 40, 60, sog_kn=30)
    stray = fast[2] | {"reported_at": fast[55]["reported_at"] + timedelta(seconds=20), "cog_deg": 1.0}
    assert rules(build([*fast, stray])) == ["clock_jump"]


@pytest.mark.parametrize("year", [1970, 2099])
def test_a_lone_fix_decades_away_is_a_clock_jump(year: int) -> None:
    picture = build([*sail(10, 40, 30), *sail(10, 40.2, 1, reported_at=datetime(year, 1, 1, tzinfo=UTC))])
    assert rules(picture) == ["clock_jump"]
    assert len(picture.positions) == 30


def test_a_stretch_under_a_wrong_clock_is_put_back_into_the_silence_it_fills() -> None:
    rows = sail(10, 40, 90)
    wrong = [r | {"reported_at": r["reported_at"] + timedelta(seconds=1_200 + 20)} for r in rows[30:50]]
    picture = build([*rows[:30], *wrong, *rows[50:]])
    assert vessels(picture) == ["mmsi:224000001"] and picture.rejected.is_empty()
    back = picture.positions.filter(pl.col("quality") == "time_recovered")
    assert len(back) == 20 and len(picture.positions) == 90
    late = back["at"].dt.timestamp("us").to_numpy() - [r["reported_at"].timestamp() * 1e6 for r in rows[30:50]]
    assert abs(late).max() <= 2e6


def test_another_hull_that_fills_no_silence_keeps_its_times() -> None:
    picture = build([*sail(10, 40, 90), *sail(10.3, 40.2, 20, after_s=1_807)])
    assert vessels(picture) == ["mmsi:224000001", "mmsi:224000001#2"]
    assert set(picture.positions["quality"]) == {"good"}


def test_many_noise_spikes_do_not_make_a_hull() -> None:
    noise = sail(0, 0, 60, after_s=5, every_s=300)
    noise = [r | {"lat_deg": -50 + (37 * k) % 80, "lon_deg": -170 + (71 * k) % 340, "cog_deg": (50.0 * k) % 360} for k, r in enumerate(noise)]
    picture = build([*sail(10, 40, 1800, every_s=10), *noise])
    assert vessels(picture) == ["mmsi:224000001"]


@pytest.mark.parametrize("every_s", [10.0, 600.0, 4_200.0])
def test_crossing_180_degrees_is_one_track(every_s: float) -> None:
    lon = [(179.9 + 0.00002 * every_s * k + 180) % 360 - 180 for k in range(40)]
    rows = [r | {"lon_deg": x, "lat_deg": 10.0, "cog_deg": 90.0} for r, x in zip(sail(0, 0, 40, every_s), lon, strict=True)]
    picture = build(rows)
    assert vessels(picture) == ["mmsi:224000001"] and picture.rejected.is_empty()


def test_crossing_the_pole_is_one_track() -> None:
    lat = [89.9 + 0.005 * k for k in range(40)]
    there = [{"lat_deg": la} if la <= 90 else {"lat_deg": 180 - la, "lon_deg": -170.0, "cog_deg": 180.0} for la in lat]
    rows = [r | place for r, place in zip(sail(10, 0, 40, 108), there, strict=True)]
    picture = build(rows)
    assert vessels(picture) == ["mmsi:224000001"] and picture.rejected.is_empty()


def test_one_report_alone_is_a_track_nobody_confirms() -> None:
    picture = build(sail(10, 40, 1))
    assert picture.positions["quality"].to_list() == ["single"]


@pytest.mark.parametrize("mmsi", [0, 999_999_999])
def test_a_number_nobody_owns_is_kept_as_given(mmsi: int) -> None:
    assert vessels(build(sail(10, 40, 5, mmsi=mmsi))) == [f"mmsi:{mmsi:09d}"]


def test_midnight_and_seventy_silent_minutes_do_not_break_a_track() -> None:
    picture = build(sail(10, 40, 10, every_s=4_200))
    assert picture.positions["at"].dt.date().n_unique() == 2
    assert picture.positions["track_id"].n_unique() == 1


def test_nine_silent_hours_begin_a_new_stretch_of_the_same_vessel() -> None:
    picture = build(sail(10, 40, 10) + sail(10.2, 41, 10, after_s=9 * 3600 + 540))
    tracks = picture.positions["track_id"].unique().cast(pl.String).sort().to_list()
    assert tracks == ["mmsi:224000001@2024-03-01T22:00:00Z", "mmsi:224000001@2024-03-02T07:09:00Z"]
    assert vessels(picture) == ["mmsi:224000001"]


def test_a_broken_speed_sensor_does_not_split_a_vessel() -> None:
    picture = build([r | {"sog_kn": 0.0, "cog_deg": None} for r in sail(10, 40, 60, every_s=180, sog_kn=20)])
    assert vessels(picture) == ["mmsi:224000001"] and picture.rejected.is_empty()


def test_a_search_aircraft_may_fly() -> None:
    flight = [r | {"lat_deg": 40 + 0.05 * k} for k, r in enumerate(sail(10, 40, 30, transceiver="sar"))]
    assert build(flight).rejected.is_empty()


def test_reports_of_two_realms_are_refused() -> None:
    with pytest.raises(RealmError, match="ops"):
        build_positions(reports([*sail(10, 40, 2), *sail(10, 40, 2, realm="ex:one")]), PictureParams())


def test_parameters_out_of_range_are_refused() -> None:
    with pytest.raises(ParameterError, match="max_speed_kn"):
        PictureParams(max_speed_kn=math.nan)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_rule_has_words(language: str) -> None:
    assert {"rule.impossible_position", "rule.impossible_speed", "rule.clock_jump"} <= catalogue(language).keys()
