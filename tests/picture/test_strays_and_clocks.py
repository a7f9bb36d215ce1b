"""Single strays, wrong clocks, repeats and crowds under one MMSI: no good fix is lost, no false hull is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from seaward.picture.positions import Picture, PictureParams, build_positions
from tests.picture.picture_sea import START, reports, sail

NM_DEG = 1 / 60


def fix(after_s: float, lon: float, lat: float, **more: Any) -> dict[str, Any]:
    return {"reported_at": START + timedelta(seconds=after_s), "lon_deg": lon, "lat_deg": lat, "sog_kn": None, "cog_deg": None} | more


def build(rows: list[dict]) -> Picture:
    return build_positions(reports(rows), PictureParams())


def hulls(picture: Picture) -> int:
    return picture.positions["vessel_id"].n_unique()


def lost(picture: Picture, good: list[dict]) -> int:
    """How many of the good fixes are not on the vessel's own track."""
    first = picture.positions.filter(~pl.col("vessel_id").cast(pl.String).str.contains("#"))
    kept = set(zip(first["at"].to_list(), first["lat_deg"].to_list(), strict=True))
    return sum((g["reported_at"], g["lat_deg"]) not in kept for g in good)


def test_a_stray_reachable_only_from_the_fix_before_it_does_not_split_a_moored_vessel() -> None:
    good = [fix(180 * k, -84.9, -14.9) for k in range(400)]
    picture = build([*good, fix(180 * 200 - 18, -84.9, -14.9 + 0.9 * NM_DEG)])
    assert hulls(picture) == 1 and lost(picture, good) == 0


def test_two_strays_of_an_hourly_vessel_cost_no_good_fix() -> None:
    good = [fix(3600 * k, -84.9, -14.9) for k in range(60)]
    strays = [fix(3600 * k - 120, -84.9, -14.9 + 0.9 * NM_DEG) for k in (20, 35)]
    picture = build(good + strays)
    assert hulls(picture) == 1 and lost(picture, good) == 0


def test_two_strays_of_a_three_hourly_vessel_cost_no_good_fix() -> None:
    good = sail(-84.9, -14.9, 40, every_s=10_800, sog_kn=3)
    strays = [fix(10_800 * k - 300, -84.9 + 10 * NM_DEG, -14.9 + 3 * 3 * k * NM_DEG, sog_kn=3.0, cog_deg=0.0) for k in (13, 27)]
    picture = build(good + strays)
    assert hulls(picture) == 1 and lost(picture, good) == 0


@pytest.mark.parametrize("seed", range(12))
def test_strays_at_any_distance_cost_hardly_a_good_fix(seed: int) -> None:
    random = np.random.default_rng(seed)
    every_s, sog_kn, n = random.choice([30.0, 180.0, 600.0, 3600.0]), random.choice([0.0, 3.0, 12.0]), 200
    good = sail(-84.9, -14.9, n, every_s=every_s, sog_kn=sog_kn)
    strays = []
    for k in random.choice(np.arange(5, n - 5), 6, replace=False):
        off_nm, angle = random.uniform(0.3, 20), random.uniform(0, 2 * np.pi)
        at_s, lat = every_s * (k + random.uniform(0.05, 0.95)), good[k]["lat_deg"]
        strays.append(fix(at_s, -84.9 + off_nm * np.cos(angle) * NM_DEG, lat + off_nm * np.sin(angle) * NM_DEG, sog_kn=sog_kn, cog_deg=0.0))
    picture = build(good + strays)
    assert hulls(picture) == 1 and lost(picture, good) == 0


@pytest.mark.parametrize("shift_h", [1.0, -1.0, -3.0, 0.5, -0.5])
def test_a_wrong_clock_over_three_hours_is_put_right_though_it_overlaps_true_fixes(shift_h: float) -> None:
    true = sail(10, 40, 12 * 30, every_s=120)
    wrong = [r | {"reported_at": r["reported_at"] + timedelta(hours=shift_h)} if 100 <= k < 190 else r for k, r in enumerate(true)]
    picture = build(wrong)
    assert hulls(picture) == 1
    lat_at = {r["reported_at"]: r["lat_deg"] for r in true}
    off_s = [abs((p["lat_deg"] - 40) * 60 / 10 * 3600 - (p["at"] - START).total_seconds()) for p in picture.positions.iter_rows(named=True)]
    assert len(picture.positions) >= len(true) - 2 and len(lat_at) == len(true)
    assert max(off_s) < 60 and (picture.positions["quality"] == "time_recovered").sum() >= 88


def test_a_frozen_receiver_keeps_its_fixes() -> None:
    frozen = [fix(360 * k, -80.0, -12.0, sog_kn=3.0, cog_deg=45.0) for k in range(290)]
    picture = build(frozen)
    assert picture.dropped["clock_copies"] == 0 and len(picture.positions) == 290


def test_positions_to_a_hundredth_of_a_degree_are_not_copies_of_each_other() -> None:
    rows = [fix(300 * k, -80.0, round(-12 + 2 * 300 * k / 3600 / 60, 2), sog_kn=2.0, cog_deg=0.0) for k in range(288)]
    assert build(rows).dropped["clock_copies"] == 0


def test_a_vessel_on_a_circle_that_comes_back_to_the_same_place_is_not_a_copy() -> None:
    angle = 2 * np.pi * np.arange(480) / 40
    lon, lat, cog = np.round(-80 + 0.003 * np.cos(angle), 4), np.round(-12 + 0.003 * np.sin(angle), 4), np.degrees(-angle) % 360
    rows = [fix(60 * k, lon[k], lat[k], sog_kn=2.0, cog_deg=cog[k]) for k in range(480)]
    assert build(rows).dropped["clock_copies"] == 0


@pytest.mark.parametrize("late_s", [90.0, 330.0, 3600.0])
@pytest.mark.parametrize("every_s", [10.0, 60.0])
def test_a_second_receiver_whose_clock_is_late_adds_no_fix(late_s: float, every_s: float) -> None:
    true = sail(10, 40, 400, every_s=every_s)
    late = [r | {"reported_at": r["reported_at"] + timedelta(seconds=late_s + 1), "feed": "b.nmea"} for r in true[50:300]]
    picture = build(true + late)
    assert hulls(picture) == 1 and lost(picture, true) <= 2
    assert len(picture.positions) <= len(true) + 2


def test_a_crowd_at_one_moment_is_settled_in_the_blink_of_an_eye() -> None:
    random = np.random.default_rng(1)
    lon, lat = random.uniform(-80, -79, 40_000), random.uniform(-12, -11, 40_000)
    rows = reports([fix(0, -80.0, -12.0)])
    crowd = pl.concat([rows] * 40_000).with_columns(
        lon_deg=pl.Series(lon), lat_deg=pl.Series(lat), raw_offset=pl.int_range(0, 80_000, 2, dtype=pl.Int64)
    )
    again = crowd.with_columns(raw_offset=pl.col("raw_offset") + 1)
    picture = build_positions(pl.concat([crowd, again]).sample(fraction=1, shuffle=True, seed=3), PictureParams())
    assert picture.dropped["duplicates"] == 40_000
    assert len(picture.positions) + len(picture.rejected) == 40_000


@pytest.mark.parametrize("mmsi", [992_351_000, 2_241_000, 2_240_991])
def test_the_numbers_of_shore_stations_and_aids_are_no_vessels_where_the_input_does_not_say_what_sent(mmsi: int) -> None:
    picture = build(sail(10, 40, 5, mmsi=mmsi, transceiver=None))
    assert picture.dropped["not_vessels"] == 5 and picture.positions.is_empty()


def test_a_boat_that_gives_the_number_of_an_aid_by_the_messages_of_a_boat_stays_in_the_picture() -> None:
    assert len(build(sail(10, 40, 5, mmsi=992_351_000, transceiver="B")).positions) == 5
