"""What was reached of an objective, and the rating proposed for it."""

from __future__ import annotations

import pytest

from seaward.evaluation.objectives import Reached, of_share, of_times, rating


def test_one_delay_alone_is_the_result_and_has_no_interval() -> None:
    assert of_times([3600.0], [True]) == Reached(3600.0, 1, 0, None)


def test_never_and_nothing_are_not_the_same() -> None:
    assert of_times([], []).why == "nothing_to_measure" and of_times([10.0, 20.0], [False, False]) == Reached(None, 2, 2, None, "never")
    assert of_share(0, 0).why == "nothing_to_measure" and of_share(0, 4).result == 0.0


def test_misses_hold_the_median_back_and_where_most_are_missed_there_is_none() -> None:
    assert of_times([10.0, 20.0, 30.0], [True, True, True]).result == 20.0
    late = of_times([10.0, 99.0, 99.0], [True, False, False])
    assert (late.result, late.censored, late.why) == (None, 2, "never")


@pytest.mark.parametrize(
    ("measure", "value", "target", "limit", "expected"),
    [
        ("time_to_detect", 60, 60, 120, "P"), ("time_to_detect", 90, 60, 120, "S"), ("time_to_detect", 91, 60, 120, "M"),
        ("time_to_detect", 120, 60, 120, "M"), ("time_to_detect", 121, 60, 120, "U"),
        ("recall", 0.8, 0.8, 0.5, "P"), ("recall", 0.65, 0.8, 0.5, "S"), ("recall", 0.5, 0.8, 0.5, "M"), ("recall", 0.49, 0.8, 0.5, "U"),
        ("false_cases_per_day", 0, 5, 20, "P"), ("track_completeness", 0.2, 0.8, 0.5, "U"),
    ],
)  # fmt: skip
def test_the_rating_at_and_beside_each_bound(measure: str, value: float, target: float, limit: float, expected: str) -> None:
    assert rating(measure, Reached(value, 3, 0, None), target, limit) == expected


def test_what_never_came_is_unable_and_what_was_not_measured_is_not_rated() -> None:
    assert rating("time_to_detect", Reached(None, 2, 2, None, "never"), 60, 120) == "U"
    assert rating("time_to_share", Reached(None, 0, 0, None, "not_played"), 60, 120) is None
