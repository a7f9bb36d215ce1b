"""Intervals against published values and cases worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import ParameterError
from seaward.core.intervals import wilson
from seaward.evaluation.intervals import quantile, rate, survival

# Remission in weeks under 6-MP (Freireich et al. 1963, in Kalbfleisch and Prentice): seen, then censored.
SEEN, CENSORED = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
WEEKS, DONE = SEEN + CENSORED, [True] * len(SEEN) + [False] * len(CENSORED)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
)
def test_wilson_gives_the_values_of_newcombe_1998_table_1(k: int, n: int, low: float, high: float) -> None:
    got = wilson(k, n)
    assert (got.low, got.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_and_the_interval_is_that_of_the_rest_turned_round(case: tuple[int, int]) -> None:
    k, n = case
    one, other = wilson(k, n), wilson(n - k, n)
    if n == 0:
        assert one == (None, None, None, True)
        return
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert one.low == pytest.approx(1 - other.high) and one.few == (n < 10)


def test_a_rate_by_hand_and_none_without_exposure() -> None:
    assert rate(0, 1000.0).high == pytest.approx(3.6889 / 1000, rel=1e-4)  # Garwood 1936: -ln(0.025)
    assert (rate(10, 2.0).low, rate(10, 2.0).high) == (pytest.approx(4.7954 / 2, rel=1e-4), pytest.approx(18.3904 / 2, rel=1e-4))
    assert rate(3, 0.0).value is None


def test_kaplan_and_meier_of_the_6_mp_trial() -> None:
    curve = survival(WEEKS, DONE)
    assert curve["delay_s"].to_list() == [6, 7, 10, 13, 16, 22, 23]
    assert curve["at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    assert curve["share_left"].to_list() == pytest.approx([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5)
    assert (curve["low"][0], curve["high"][0]) == (pytest.approx(0.6197, abs=1e-3), pytest.approx(0.9516, abs=1e-3))
    assert quantile(WEEKS, DONE) == (23, 13, None, False)


def test_a_median_with_misses_by_hand() -> None:
    assert quantile([10, 20, 100, 100], [True, True, False, False]).value == 20  # 3/4, then 1/2 left
    assert quantile([10, 100, 100, 100], [True, False, False, False])[:1] == (None,)  # more than half were never seen
    assert quantile([], []) == (None, None, None, True)
    assert quantile([5.0] * 3, [True] * 3, 0.9) == (5.0, 5.0, 5.0, True)


@pytest.mark.parametrize(
    "call", [lambda: wilson(3, 2), lambda: survival([-1.0], [True]), lambda: quantile([1.0], [True], 1.0), lambda: wilson(1, 2, 1.0)]
)
def test_what_makes_no_sense_is_refused(call) -> None:
    with pytest.raises(ParameterError):
        call()
