"""The measuring stick itself: chance where two feeds are the same, certainty where they are not, distances by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.realism.classifier import auc_of, tell_apart
from benchmarks.realism.distances import distances


@pytest.mark.parametrize(("shift", "low", "high"), [(0.0, 0.38, 0.62), (3.0, 0.97, 1.0)])
def test_two_samples_are_told_apart_as_far_as_they_differ(shift, low, high) -> None:
    x = np.random.default_rng(3).normal(size=(400, 4))
    y = np.repeat([0.0, 1.0], 200)
    x[y == 1, 2] += shift
    x[::7, 0] = np.nan
    told = tell_apart(x, y, np.arange(400), draws=50)
    assert low <= told.auc <= high and told.auc_low <= told.auc <= told.auc_high


def test_what_only_the_vessel_gives_away_is_not_learnt() -> None:
    rng = np.random.default_rng(4)
    vessel = np.repeat(np.arange(60), 10)
    x = rng.normal(size=(60, 3))[vessel]  # ten rows of each vessel are alike: learnt by heart unless folds are by vessel
    told = tell_apart(x, (rng.random(60) < 0.5).astype(float)[vessel], vessel, draws=20)
    assert 0.2 < told.auc < 0.75


def test_auc_counts_ties_half() -> None:
    assert auc_of(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.0, 0.0, 1.0, 1.0])) == 0.875


def test_distances_by_hand_with_vessels_of_one_weight() -> None:
    a = np.array([0.0, 0.0, 0.0, 1.0]), np.array([0, 0, 0, 1])  # half at 0, half at 1
    b = np.array([1.0, 3.0]), np.array([0, 1])
    ks, wasserstein = distances(a, b, draws=20)
    assert (ks.value, wasserstein.value) == pytest.approx((0.5, 1.5))
