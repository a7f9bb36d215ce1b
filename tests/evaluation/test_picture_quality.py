"""The picture against the truth: by hand, and against Stone Soup."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from made import DEG_PER_M, NOON

from seaward.evaluation.gospa import gospa
from seaward.evaluation.picture_quality import PictureQualityParams, near, over_all, picture_quality


def rows(who: str, *ways: tuple[str, list[tuple[float, float, float]]], **more: float | None) -> pl.DataFrame:
    """Rows of (minute, east, north [m]) near the equator."""
    made = [
        {who: name, "at": NOON + timedelta(minutes=m), "lon_deg": x * DEG_PER_M, "lat_deg": y * DEG_PER_M} | more
        for name, way in ways
        for m, x, y in way
    ]
    return pl.DataFrame(made, schema_overrides={"sog_kn": pl.Float32, "cog_deg": pl.Float32} if more else None)


STILL = [(0.0, 0.0, 0.0), (60.0, 0.0, 0.0)]
AT_30 = [NOON + timedelta(minutes=30)]


def test_counts_and_shares_by_hand() -> None:
    real = rows("actor", ("a", STILL), ("b", [(m, x, 50_000.0) for m, x, _ in STILL]), ("gone", [(0, 0, 0), (20, 0, 0)]))
    shown = rows("vessel_id", ("1", [(25, 100, 0)]), ("2", [(25, 300, 0)]), ("3", [(25, 9e4, 0)]), ("old", [(-5, 0, 0)]), ("next", [(31, 0, 0)]))
    got = picture_quality(shown, real, AT_30, PictureQualityParams(c_m=1000)).row(0, named=True)
    assert [got[c] for c in ("truths", "tracks", "truths_tracked", "tracks_on_truth")] == [2, 3, 1, 2]
    assert [got[c] for c in ("completeness", "ambiguity", "spuriousness", "missed", "false")] == [0.5, 2.0, pytest.approx(1 / 3), 500.0, 1000.0]
    assert got["position_error_m"] == pytest.approx(200, rel=1e-3) and got["gospa_m"] == pytest.approx(1600, rel=1e-3)


def test_a_track_is_carried_on_by_speed_and_course_and_hulls_go_straight_between_rows() -> None:
    real = rows("actor", ("a", [(0.0, 0.0, 0.0), (60.0, 18_520.0, 0.0)]))
    shown = rows("vessel_id", ("1", [(18.0, 5556.0, 0.0)]), sog_kn=10.0, cog_deg=90.0)
    assert picture_quality(shown, real, AT_30)["position_error_m"][0] < 20  # of 3704 m since the report


def test_a_change_of_number_is_a_switch_once_and_a_neighbour_alongside_is_none() -> None:
    moments = [NOON + timedelta(minutes=m) for m in (0, 10, 20, 30)]
    real = rows("actor", ("a", STILL), ("b", [(m, 100.0, y) for m, _, y in STILL]))
    beside = rows("vessel_id", ("1", [(0, 0, 0), (10, 90, 0)]), ("2", [(0, 100, 0), (10, 10, 0)]))
    assert picture_quality(beside, real, moments[:2])["id_switches"].to_list() == [0, 0]
    changed = rows("vessel_id", ("1", [(0, 0, 0)]), ("7", [(20, 0, 0), (30, 0, 0)]))
    quality = picture_quality(changed, real.filter(actor="a"), moments, PictureQualityParams(max_age_s=300))
    assert quality["id_switches"].to_list() == [0, 0, 1, 0]
    assert over_all(quality).select("truths", "completeness", "id_switches").row(0) == (4, 0.75, 1)


def test_an_empty_picture_misses_all_and_across_180_degrees_nothing_changes() -> None:
    real = rows("actor", ("a", STILL))
    nothing = rows("vessel_id", ("1", STILL)).clear()
    assert picture_quality(nothing, real, AT_30).select("completeness", "ambiguity", "spuriousness").row(0) == (0.0, None, None)
    east = pl.DataFrame({"actor": "a", "at": [NOON, NOON + timedelta(hours=1)], "lon_deg": [179.99, -179.99], "lat_deg": 0.0})
    shown = pl.DataFrame({"vessel_id": "1", "at": AT_30, "lon_deg": [-180.0], "lat_deg": 0.0})
    assert picture_quality(shown, east, AT_30)["position_error_m"][0] == pytest.approx(0, abs=1e-3)


def test_pairs_found_by_the_tree_give_the_gospa_of_the_full_matrix() -> None:
    rng = np.random.default_rng(3)
    (t_lon, t_lat), (k_lon, k_lat) = rng.normal(0, 0.03, (2, 80)), rng.normal(0, 0.03, (2, 60))
    from seaward.core.geodesy import great_circle_m
    from seaward.evaluation.gospa import gospa_of_pairs

    full = gospa(great_circle_m(t_lon[:, None], t_lat[:, None], k_lon, k_lat), 1852.0)
    assert gospa_of_pairs(*near(t_lon, t_lat, k_lon, k_lat, 1852.0), (80, 60), 1852.0).distance == pytest.approx(full.distance)
