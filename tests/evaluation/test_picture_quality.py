"""The picture against the truth: by hand, and against Stone Soup."""

from __future__ import annotations

import itertools
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.evaluation.gospa import gospa
from seaward.evaluation.picture_quality import PictureQualityParams, near, over_all, picture_quality
from tests.evaluation.made import DEG_PER_M, NOON


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


C_M = 1_000.0
MOMENTS = [NOON + timedelta(minutes=m) for m in range(0, 60, 10)]


def siap_of_stone_soup(real: pl.DataFrame, shown: pl.DataFrame) -> dict[str, float]:
    """Its figures over all moments, of ways whose rows lie at the moments."""
    from stonesoup.dataassociator.tracktotrack import TrackToTruth
    from stonesoup.measures import Euclidean
    from stonesoup.metricgenerator.manager import MultiManager
    from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
    from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
    from stonesoup.types.state import State
    from stonesoup.types.track import Track

    def ways(rows: pl.DataFrame, who: str, way: type, state: type) -> set:
        made = set()
        for (_,), of in rows.sort("at").group_by(who, maintain_order=True):
            metres = [[x / DEG_PER_M, y / DEG_PER_M] for x, y in of.select("lon_deg", "lat_deg").iter_rows()]
            made.add(way([state(np.array([[x], [y]]), timestamp=at) for (x, y), at in zip(metres, of["at"], strict=True)]))
        return made

    siap = SIAPMetrics(position_measure=Euclidean((0, 1)), velocity_measure=Euclidean((0, 1)))
    manager = MultiManager([siap], TrackToTruth(association_threshold=C_M, consec_pairs_confirm=1, consec_misses_end=1))
    manager.add_data({"groundtruth_paths": ways(real, "actor", GroundTruthPath, GroundTruthState), "tracks": ways(shown, "vessel_id", Track, State)})
    manager.associate_tracks(siap)
    found = {m.title: m for m in siap.compute_metric(manager)}
    tracked_s = sum(siap.total_time_tracked(manager, truth) for truth in manager.states_sets["groundtruth_paths"])
    named = {
        "completeness": "Completeness", "ambiguity": "Ambiguity", "spuriousness": "Spuriousness", "position_error_m": "Position Accuracy",
    }  # fmt: skip
    switches = found["SIAP Rate of Track Number Change"].value * tracked_s
    return {ours: found[f"SIAP {theirs}"].value for ours, theirs in named.items()} | {"id_switches": switches}


spans = st.tuples(st.integers(0, 4), st.integers(2, 6)).map(lambda s: range(s[0], min(6, s[0] + s[1])))
offsets = st.tuples(st.integers(-500, 500), st.integers(-500, 500))


@given(st.lists(st.lists(st.tuples(spans, offsets), max_size=3), min_size=1, max_size=4), st.lists(spans, max_size=2))
def test_completeness_ambiguity_spuriousness_and_error_are_those_of_stone_soup(
    tracks: list[list[tuple[range, tuple[int, int]]]], lost: list[range]
) -> None:
    """Of hulls 20 km apart, so that a track can be on one of them alone: where it could be on two, the two choose differently."""
    real = rows("actor", *((f"h{h}", [(10 * k, 20_000 * h, 0) for k in range(6)]) for h in range(len(tracks))))
    ways = [(f"t{h}-{n}", [(10 * k, 20_000 * h + x, y) for k in span]) for h, of in enumerate(tracks) for n, (span, (x, y)) in enumerate(of)]
    ways += [(f"lost{n}", [(10 * k, 1e6, 20_000 * n) for k in span]) for n, span in enumerate(lost)]
    if not ways:
        return
    shown = rows("vessel_id", *ways)
    ours = over_all(picture_quality(shown, real, MOMENTS, PictureQualityParams(c_m=C_M, max_age_s=60))).row(0, named=True)
    theirs = siap_of_stone_soup(real, shown)
    assert ours["completeness"] == pytest.approx(theirs["completeness"]) and ours["spuriousness"] == pytest.approx(theirs["spuriousness"])
    if ours["ambiguity"] is not None:  # theirs is 1 where nothing is tracked
        assert ours["ambiguity"] == pytest.approx(theirs["ambiguity"])
        assert ours["position_error_m"] == pytest.approx(theirs["position_error_m"], abs=1.0)


@given(st.lists(st.integers(1, 5), unique=True, max_size=2), st.integers(0, 300))
def test_switches_are_those_of_stone_soup_where_one_track_follows_another(cuts: list[int], away_m: int) -> None:
    edges = [0, *sorted(c for c in cuts if c not in (1, 5)), 6]  # stretches of two moments and more
    real = rows("actor", ("a", [(10 * k, 0, 0) for k in range(6)]))
    stretches = [range(a, b) for a, b in itertools.pairwise(edges) if b - a >= 2]
    shown = rows("vessel_id", *((f"t{n}", [(10 * k, away_m, 0) for k in span]) for n, span in enumerate(stretches)))
    ours = over_all(picture_quality(shown, real, MOMENTS, PictureQualityParams(c_m=C_M, max_age_s=60))).row(0, named=True)
    assert ours["id_switches"] == pytest.approx(siap_of_stone_soup(real, shown)["id_switches"]) == len(stretches) - 1
