"""Scores of a perfect, a random and a hand-made detector."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from seaward.core.tables import EVENTS
from seaward.evaluation.matching import match_events
from seaward.evaluation.scores import calibration, detection_delays, reliability, scores
from tests.evaluation.made import NOON, event, events_of, truth, truth_of

REAL = truth_of(*(truth(f"t{k:02}", start_s=20_000 * k, end_s=20_000 * k + 3600, north_m=9000 * (k % 7)) for k in range(40)))


def test_a_perfect_detector_scores_one_and_a_random_one_does_not() -> None:
    perfect = events_of(*(event(f"e{k}", start_s=20_000 * k, end_s=20_000 * k + 3600, north_m=9000 * (k % 7), probability=1.0) for k in range(40)))
    found = match_events(perfect, REAL)
    row = scores(found, 10.0).row(0, named=True)
    assert (row["precision"], row["recall"], row["false_per_1000_vessel_days"]) == (1.0, 1.0, 0.0)
    assert calibration(found)["brier"][0] == 0
    rng = np.random.default_rng(7)
    guessed = events_of(*(event(f"e{k}", start_s=s, end_s=s + 3600, north_m=m, probability=p)
                          for k, (s, m, p) in enumerate(rng.random((40, 3)) * (8e5, 6e4, 1))))  # fmt: skip
    row = scores(match_events(guessed, REAL), 10.0).row(0, named=True)
    assert row["precision"] < 0.5 and row["recall"] < 0.5 and calibration(match_events(guessed, REAL))["skill"][0] < 0.1


def test_counts_and_rates_by_hand() -> None:
    events = events_of(event("a"), event("b", start_s=600), event("c", start_s=500_000, end_s=500_100), event("d", kind="gap"))
    real = truth_of(truth("t", end_s=1000), truth("u", start_s=90_000, end_s=91_000))
    row = scores(match_events(events, real), 100.0).filter(kind="encounter").row(0, named=True)
    assert [row[c] for c in ("truths", "events", "hits", "missed", "covered", "false", "repeats")] == [2, 3, 1, 1, 0, 1, 1]
    assert [row[c] for c in ("precision", "recall", "precision_few", "false_per_1000_vessel_days", "truths_per_1000_vessel_days")] == [
        0.5,
        0.5,
        True,
        10,
        20,
    ]
    assert row["precision_strict"] == pytest.approx(1 / 3)
    gap = scores(match_events(events, real)).filter(kind="gap").row(0, named=True)
    assert (gap["precision"], gap["recall"], gap["false_per_1000_vessel_days"]) == (0.0, None, None)


def test_delays_by_hand_with_a_miss_censored_and_the_first_of_hit_and_repeat() -> None:
    real = truth_of(*(truth(f"t{k}", start_s=50_000 * k, end_s=50_000 * k + 7200) for k in range(3)))
    found = match_events(events_of(event("a"), event("b", start_s=60), event("c", start_s=50_000, end_s=57_000)), real)
    opened = {"a": NOON + timedelta(seconds=900), "b": NOON + timedelta(seconds=300), "c": NOON + timedelta(seconds=50_000 + 600)}
    got = detection_delays(found, opened, {"t0": NOON + timedelta(seconds=400)})
    onset, observable = got.rows(named=True)
    assert (onset["n"], onset["seen"], onset["median_s"], onset["p90_s"], onset["median_s_few"]) == (3, 2, 600.0, None, True)
    assert (observable["n"], observable["early"], observable["median_s"]) == (1, 1, 0.0)


def test_murphys_parts_add_up_and_the_table_is_that_worked_by_hand() -> None:
    events = events_of(*(event(f"e{k}", start_s=20_000 * k, end_s=20_000 * k + 60, north_m=9000 * (k % 7), probability=p)
                         for k, p in enumerate((0.9, 0.9, 0.9, 0.94))), event("x", start_s=9e5, end_s=9.1e5, probability=0.9),
                       event("y", start_s=9e5, end_s=9.1e5, probability=0.2))  # fmt: skip
    found = match_events(events, REAL)
    row = calibration(found).row(0, named=True)
    assert row["base_rate"] == pytest.approx(4 / 6)
    assert row["brier"] == pytest.approx((3 * 0.01 + 0.06**2 + 0.81 + 0.04) / 6)
    assert row["reliability"] == pytest.approx((5 * (0.908 - 0.8) ** 2 + 0.04) / 6)
    assert row["brier"] == pytest.approx(row["reliability"] - row["resolution"] + row["uncertainty"] + row["within_bins"])
    table = reliability(found)
    assert table.select("bin_low", "n").rows() == [(0.2, 1), (0.9, 5)] and table["right"].to_list() == pytest.approx([0.0, 0.8])


def test_nothing_raised_has_no_precision_and_no_calibration() -> None:
    found = match_events(EVENTS.empty(), REAL)
    assert scores(found).select("precision", "recall").row(0) == (None, 0.0)
    assert calibration(found).is_empty() and reliability(found).is_empty()
