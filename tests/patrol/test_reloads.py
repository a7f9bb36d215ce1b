"""Sorties with returns to base between: limits, rest and windows hold in each, and they are worth more than sorties of even length."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from seaward.core.errors import ParameterError
from seaward.patrol.tour_reloads import sorties_timed, vrp_sorties
from seaward.patrol.tour_vrp import vrp_tours
from seaward.patrol.tours import Visits, visits_of
from tests.patrol.test_tours import made_up

pyvrp = pytest.importorskip("pyvrp")


def stop():
    return pyvrp.stop.MaxIterations(150)


def case(seed: int, n: int = 6, m: int = 1, windows: bool = False, limit: float = 12.0, due: float = 30.0) -> Visits:
    v = made_up(seed, n, m, windows)
    return replace(v, limit=np.full(m, limit), due=np.full(m, due))


def best_of_all(v: Visits, rest: np.ndarray, out: np.ndarray) -> float:
    """The most that sorties of one vehicle collect, by trying all orders and all returns between."""
    n, best = len(v.prize), 0.0
    for size in range(1, n):
        for order in permutations(range(1, n), size):
            worth = float(v.prize[list(order)].sum())
            for cuts in range(1 << (size - 1)):
                trips: list[tuple[int, ...]] = [(order[0],)]
                for k in range(1, size):
                    trips = [*trips, (order[k],)] if cuts >> (k - 1) & 1 else [*trips[:-1], (*trips[-1], order[k])]
                if worth > best and sorties_timed(v, rest, out, 0, trips) is not None:
                    best = worth
    return best


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_small_ones_come_near_the_best_and_never_exceed_it(seed, windows) -> None:
    v, rest, out = case(seed, windows=windows), np.full(1, 2.0), np.zeros(1)
    best, found = best_of_all(v, rest, out), vrp_sorties(v, rest, out, 1, stop)
    assert 0.85 * best <= found.prize <= best + 1e-9


@pytest.mark.parametrize(("seed", "windows"), [(0, False), (1, True), (2, False), (3, True)])
def test_each_sortie_keeps_the_limit_the_windows_and_the_rest_before_it(seed, windows) -> None:
    v = case(seed, 25, 2, windows, 10.0)
    rest, out = np.array([2.0, 5.0]), np.zeros(2)
    found = vrp_sorties(v, rest, out, seed, stop)
    visited = [x for own in found.trips for trip in own for x in trip]
    assert len(visited) == len(set(visited)) and found.prize == pytest.approx(v.prize[visited].sum())
    for a, own in enumerate(found.trips):
        times = sorties_timed(v, rest, out, a, own)
        assert times is not None
        back = -np.inf
        for when, trip in zip(times, own, strict=True):
            assert when.depart >= max(0.0, back + rest[a]) - 1e-9 and when.back - when.depart <= 10.0 + 1e-6 and when.back <= 30.0 + 1e-6
            assert all(v.opens[x] - 1e-6 <= begin <= v.closes[x] + 1e-6 for x, begin in zip(trip, when.begins, strict=True))
            back = when.back
    if not windows:
        assert sum(len(own) for own in found.trips) > 2


def test_two_sorties_of_different_length_do_what_none_of_even_length_could() -> None:
    """Ten hours, sorties of six at most, an hour of rest: one place is three hours out, another one."""
    xy = np.array([[0.0, 0.0], [3.0, 0.0], [-1.0, 0.0]])
    v = visits_of(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)), np.array([0.0, 5.0, 1.0]), np.zeros(1, np.int64), np.zeros(1, np.int64),
                  np.array([6.0]))  # fmt: skip
    v = replace(v, due=np.array([10.0]))
    found = vrp_sorties(v, np.ones(1), np.zeros(1), 0, stop)
    assert found.prize == 6.0 and sorted(found.trips[0]) == [(1,), (2,)]
    assert vrp_sorties(replace(v, due=np.array([8.9])), np.ones(1), np.zeros(1), 0, stop).prize == 5.0  # no time for both


def test_who_is_away_comes_home_first_within_what_is_left_and_goes_again_after_rest() -> None:
    """Node 0 is where the ship is, 1 its base, three hours apart; it has been out for five of eight."""
    xy = np.array([[0.0, 3.0], [0.0, 0.0], [3.0, 0.0]])
    travel = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    v = replace(visits_of(travel, np.array([0.0, 0.0, 5.0]), np.array([0]), np.array([1]), np.array([8.0])), due=np.array([20.0]))
    found = vrp_sorties(v, np.array([2.0]), np.array([5.0]), 0, stop)
    assert found.trips == (((), (2,)),)
    times = sorties_timed(v, np.array([2.0]), np.array([5.0]), 0, found.trips[0])
    assert times is not None and [(w.depart, w.back) for w in times] == [(0.0, 3.0), (5.0, 11.0)]
    fresh = vrp_sorties(v, np.array([2.0]), np.array([0.0]), 0, stop)
    assert fresh.prize == 5.0 and sorties_timed(v, np.array([2.0]), np.array([0.0]), 0, fresh.trips[0]) is not None
    assert vrp_sorties(replace(v, due=np.array([10.9])), np.array([2.0]), np.array([5.0]), 0, stop).trips == (((),),)


def test_who_may_not_is_not_sent_and_nothing_to_do_is_no_error() -> None:
    v = case(2, 8, 2)
    may = v.may.copy()
    may[0, 3], may[:, 4] = False, False
    found = vrp_sorties(replace(v, may=may), np.zeros(2), np.zeros(2), 0, stop)
    assert 3 not in [x for t in found.trips[0] for x in t] and 4 not in [x for own in found.trips for t in own for x in t]
    assert vrp_sorties(replace(v, may=np.zeros_like(may)), np.zeros(2), np.zeros(2), 0, stop).trips == ((), ())


@pytest.mark.parametrize("opens", [3.1234567, 29.9999999, 30.0])
def test_a_window_of_one_moment_is_no_error_and_is_kept(opens) -> None:
    v = case(0)
    first, last = v.opens.copy(), v.closes.copy()
    first[3] = last[3] = opens
    v = replace(v, opens=first, closes=last)
    (own,) = vrp_sorties(v, np.full(1, 2.0), np.zeros(1), 1, stop).trips
    times = sorties_timed(v, np.full(1, 2.0), np.zeros(1), 0, own)
    assert times is not None and all(begin == opens for when, trip in zip(times, own, strict=True)
                                     for x, begin in zip(trip, when.begins, strict=True) if x == 3)  # fmt: skip
    tours = vrp_tours(replace(v, due=np.full(1, 12.0)), 1, stop())
    assert 3 not in tours.nodes[0] or opens < 12.0


def test_who_has_been_out_as_long_as_it_can_is_no_error() -> None:
    v = case(0, limit=10.0 + 1e-7, due=30.0)
    found = vrp_sorties(v, np.full(1, 2.0), np.full(1, 10.0 + 1e-7), 1, stop)
    assert sorties_timed(v, np.full(1, 2.0), np.full(1, 10.0 + 1e-7), 0, found.trips[0]) is not None


def test_without_pyvrp_it_is_said_what_to_do(monkeypatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyvrp", None)
    with pytest.raises(ParameterError, match=r"pip install seaward\[patrol\]"):
        vrp_sorties(case(1), np.zeros(1), np.zeros(1), 0, stop)
