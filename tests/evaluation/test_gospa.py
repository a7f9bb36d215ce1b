"""GOSPA by hand, its bounds, and against Stone Soup."""

from __future__ import annotations

import importlib
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import ParameterError
from seaward.evaluation.gospa import gospa

places = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=7).map(lambda p: np.array(p, float).reshape(-1, 2))


def apart(truth: np.ndarray, tracks: np.ndarray) -> np.ndarray:
    return np.hypot(*(truth[:, None, k] - tracks[None, :, k] for k in (0, 1)))


def test_one_near_one_missed_two_false_by_hand() -> None:
    got = gospa(np.array([[3.0, 50.0, 60.0], [70.0, 40.0, 45.0]]), c_m=10.0, p=2.0)
    assert got[1:4] == (9.0, 50.0, 100.0)
    assert got.distance == pytest.approx(159**0.5)
    assert got.pair.tolist() == [0, -1]


def test_all_pairs_at_once_and_not_the_nearest_first() -> None:
    got = gospa(np.array([[1.0, 2.0], [2.0, 9.9]]), c_m=10.0)
    assert (got.localisation, got.pair.tolist()) == (4.0, [1, 0])


def test_no_cut_off_is_refused() -> None:
    with pytest.raises(ParameterError, match="above 0"):
        gospa(np.zeros((1, 1)), 0.0)


@given(places, places, st.sampled_from([1.0, 2.0]))
def test_it_is_symmetric_bounded_and_nothing_against_itself(truth: np.ndarray, tracks: np.ndarray, p: float) -> None:
    one, other = gospa(apart(truth, tracks), 15.0, p), gospa(apart(tracks, truth), 15.0, p)
    assert one.distance == pytest.approx(other.distance)
    assert (one.missed, one.false) == (other.false, other.missed)
    assert one.distance**p <= (len(truth) + len(tracks)) * 15.0**p / 2 + 1e-6
    assert gospa(apart(truth, truth), 15.0, p).distance == pytest.approx(0)


@given(places.filter(len), places.filter(len), st.sampled_from([1.0, 2.0]))
def test_it_is_that_of_stone_soup(truth: np.ndarray, tracks: np.ndarray, p: float) -> None:
    metric = importlib.import_module("stonesoup.metricgenerator.ospametric")
    state = importlib.import_module("stonesoup.types.state")
    at = datetime(2027, 11, 4)
    both = [[state.State(place.reshape(2, 1), timestamp=at) for place in side] for side in (tracks, truth)]
    theirs = metric.GOSPAMetric(c=15.0, p=p).compute_gospa_metric(*both)[0].value
    ours = gospa(apart(truth, tracks), 15.0, p)
    assert ours.distance == pytest.approx(theirs["distance"])
    assert (ours.localisation, ours.missed, ours.false) == tuple(pytest.approx(theirs[k]) for k in ("localisation", "missed", "false"))
