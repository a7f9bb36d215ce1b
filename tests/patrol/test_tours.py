"""Team orienteering: tours keep their limits whatever is asked, collect what they say, and no set of tours exceeds the bound."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.errors import ParameterError
from seaward.patrol.tour_bound import tour_bound
from seaward.patrol.tours import Tours, Visits, plan_tours, timed, visits_of


def made_up(seed: int, n: int = 8, m: int = 2, windows: bool = False, lopsided: bool = False) -> Visits:
    """Node 0 is home, the others are worth something; lopsided times break the triangle inequality and differ by direction."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 10, (n, 2))
    travel = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    if lopsided:
        travel = travel * rng.uniform(0.5, 2.0, (n, n))
        np.fill_diagonal(travel, 0.0)
    prize = np.r_[0.0, rng.integers(1, 10, n - 1)]
    v = visits_of(travel, prize, np.zeros(m, np.int64), np.zeros(m, np.int64), rng.uniform(8, 20, m), np.r_[0.0, rng.uniform(0, 1, n - 1)])
    v = replace(v, travel=np.stack([v.travel[0], v.travel[0] * 0.7]), pace=np.arange(m) % 2)
    if windows:
        opens = rng.uniform(0, 12, n)
        v = replace(v, opens=opens, closes=opens + rng.uniform(0.5, 8, n), due=np.full(m, 25.0))
    return v


def steps(rounds: int):
    return lambda done: done / rounds


def best_of_all(v: Visits) -> float:
    """The most that any tours collect, by trying all of them."""
    n, m = len(v.prize), len(v.pace)
    sets: list[dict[int, float]] = []
    for a in range(m):
        fits: dict[int, float] = {}
        for size in range(n):
            for order in permutations(range(1, n), size):
                mask = sum(1 << x for x in order)
                if mask not in fits and timed(v, a, order) is not None:
                    fits[mask] = float(v.prize[list(order)].sum())
        sets.append(fits)
    together = {0: 0.0}
    for fits in sets:
        together = {one | two: p + q for one, p in together.items() for two, q in fits.items() if not one & two}
    return max(together.values())


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 25), st.integers(1, 4), st.booleans(), st.booleans())
def test_tours_keep_every_limit_and_visit_nothing_twice(seed, n, m, windows, lopsided) -> None:
    v = made_up(seed, n, m, windows, lopsided)
    found = plan_tours(v, seed, steps(128))
    visited = [x for tour in found.nodes for x in tour]
    assert len(visited) == len(set(visited)) and 0 not in visited
    assert found.prize == pytest.approx(v.prize[visited].sum())
    for a, tour in enumerate(found.nodes):
        when = timed(v, a, tour)
        assert when is not None
        assert when.back - when.depart <= v.limit[a] + 1e-6 and when.back <= v.due[a] + 1e-6 and when.depart >= v.ready[a]
        for x, begin in zip(tour, when.begins, strict=True):
            assert v.opens[x] - 1e-6 <= begin <= v.closes[x] + 1e-6


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["plain", "windows", "lopsided"])
def test_small_ones_are_solved_and_the_bound_lies_above(seed, kind) -> None:
    v = made_up(seed, 7, 2, windows=kind == "windows", lopsided=kind == "lopsided")
    best = best_of_all(v)
    found = plan_tours(v, 1, steps(640)).prize
    assert found == pytest.approx(best) if kind == "plain" else 0.8 * best <= found <= best + 1e-9  # a stop may be worth it only with another
    bound = tour_bound(v, 400).value
    assert best <= bound + 1e-6
    if kind == "plain":
        assert bound <= v.prize.sum()


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([30, 200]))
def test_no_tours_exceed_the_bound_however_coarse_its_steps(seed, lopsided, grains) -> None:
    v = made_up(seed, 6, 2, lopsided=lopsided)
    assert best_of_all(v) <= tour_bound(v, grains).value + 1e-6


def test_places_that_coincide_do_not_break_the_bound() -> None:
    v = made_up(3, 6, 1)
    v = replace(v, travel=v.travel * 0, service=np.zeros(6))
    assert tour_bound(v, 50).value == v.prize.sum() == plan_tours(v, 0, steps(64)).prize


def test_the_same_seed_and_rounds_give_the_same_tours() -> None:
    v = made_up(5, 30, 3)
    assert plan_tours(v, 4, steps(256)).nodes == plan_tours(v, 4, steps(256)).nodes


@given(st.integers(0, 500))
@settings(max_examples=10)
def test_the_order_of_nodes_does_not_matter_for_what_can_be_collected(seed) -> None:
    v = made_up(seed, 7, 2)
    order = np.r_[0, 1 + np.random.default_rng(seed).permutation(6)]
    turned = replace(
        v, travel=v.travel[:, order][:, :, order], prize=v.prize[order], service=v.service[order], opens=v.opens[order], closes=v.closes[order],
        may=v.may[:, order],
    )  # fmt: skip
    assert plan_tours(v, 0, steps(640)).prize == pytest.approx(plan_tours(turned, 0, steps(640)).prize)


@pytest.mark.parametrize("seed", range(4))
def test_much_that_lies_far_away_together_is_found_though_little_lies_near(seed) -> None:
    """The first visit there costs more than all that is near: nobody goes for one alone."""
    rng = np.random.default_rng(seed)
    near, far = rng.uniform(-3, 3, (40, 2)), np.array([9.0, 0.0]) + rng.uniform(-0.5, 0.5, (60, 2))
    xy = np.concatenate([np.zeros((1, 2)), near, far])
    travel = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    home = np.zeros(1, np.int64)
    v = visits_of(travel, np.r_[0.0, np.ones(100)], home, home, np.array([24.0]))
    found = plan_tours(v, seed, steps(1_000))
    assert len([x for x in found.nodes[0] if x > 40]) >= 50


def test_who_may_not_and_what_cannot_be_reached_is_left_out() -> None:
    v = made_up(2, 8, 2)
    may, travel = v.may.copy(), v.travel.copy()
    may[:, 3] = False
    travel[:, :, 4] = np.inf
    v = replace(v, may=may, travel=travel, limit=np.full(2, 100.0), service=np.zeros(8))
    assert sorted(x for t in plan_tours(v, 0, steps(128)).nodes for x in t) == [1, 2, 5, 6, 7]


def test_a_tour_leaves_late_where_an_early_start_would_only_wait() -> None:
    v = visits_of(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.0, 5.0]), np.zeros(1, np.int64), np.zeros(1, np.int64), np.array([3.0]))
    v = replace(v, opens=np.array([0.0, 20.0]), closes=np.array([np.inf, 22.0]), due=np.array([30.0]))
    found = plan_tours(v, 0, steps(64))
    when = timed(v, 0, found.nodes[0])
    assert found.nodes == ((1,),) and when is not None and (when.depart, when.begins, when.back) == (19.0, (20.0,), 21.0)


@pytest.mark.parametrize("windows", [False, True])
def test_pyvrp_keeps_the_limits_too_and_never_exceeds_the_best(windows) -> None:
    pyvrp = pytest.importorskip("pyvrp")
    from seaward.patrol.tour_vrp import vrp_tours

    v = made_up(4, 7, 2, windows=windows)
    found = vrp_tours(v, 1, pyvrp.stop.MaxIterations(300))
    assert found.prize <= best_of_all(v) + 1e-9
    assert found.prize >= 0.8 * best_of_all(v)


def test_with_pyvrp_too_who_cannot_come_to_their_end_in_time_visits_nothing() -> None:
    pyvrp = pytest.importorskip("pyvrp")
    from seaward.patrol.tour_vrp import vrp_tours

    v = made_up(3, n=12)
    travel = v.travel.copy()
    travel[:, :, 11] = 500.0
    found = vrp_tours(replace(v, travel=travel, end=np.array([0, 11])), 1, pyvrp.stop.MaxIterations(200))
    assert found.nodes[0] and not found.nodes[1]


def test_without_pyvrp_it_is_said_what_to_do(monkeypatch) -> None:
    import sys

    from seaward.patrol.tour_vrp import vrp_tours

    monkeypatch.setitem(sys.modules, "pyvrp", None)
    with pytest.raises(ParameterError, match=r"pip install seaward\[patrol\]"):
        vrp_tours(made_up(1), 0, None)


def test_tables_that_do_not_fit_each_other_are_refused() -> None:
    v = made_up(1)
    with pytest.raises(ParameterError, match="shape"):
        replace(v, service=np.zeros(3))
    with pytest.raises(ParameterError, match="at least 0"):
        replace(v, travel=-v.travel)


@pytest.mark.parametrize("far", [[True, True], [False, True]])
def test_who_cannot_come_to_their_end_in_time_visit_nothing_and_others_do(far) -> None:
    """As in some published instances, whose end lies farther from the start than the longest tour."""
    v = made_up(3, n=12)
    travel = v.travel.copy()
    travel[:, :, 11] = 500.0
    v = replace(v, travel=travel, end=np.where(far, 11, 0))
    found = plan_tours(v, 1, steps(640))
    for a in range(2):
        assert (found.nodes[a] == ()) if far[a] else (found.nodes[a] and timed(v, a, found.nodes[a]) is not None)


def test_tours_keep_their_limits_where_ways_between_places_are_missing() -> None:
    for seed in range(300):
        rng = np.random.default_rng(seed)
        v = made_up(seed, n=30, m=3, lopsided=True)
        travel = np.where(rng.random(v.travel.shape) < 0.2, np.inf, v.travel)
        travel[:, np.arange(30), np.arange(30)] = 0.0
        v = replace(v, travel=travel, end=rng.integers(0, 30, 3))
        for a, tour in enumerate(plan_tours(v, seed, steps(320)).nodes):
            assert not tour or timed(v, a, tour) is not None, (seed, a)


def test_tours_to_begin_with_may_visit_what_is_worth_nothing() -> None:
    for seed in range(20):
        v = made_up(seed, n=12)
        v = replace(v, prize=np.where(np.arange(12) == 4, 0.0, v.prize), limit=np.full(2, 12.0))
        first = Tours(((4,), ()), 0.0, 0)
        assert all(timed(v, a, tour) is not None for a, tour in enumerate(plan_tours(v, seed, steps(320), first).nodes))


def test_vehicles_that_may_not_be_out_at_all_visit_nothing() -> None:
    v = replace(made_up(1), limit=np.zeros(2))
    assert plan_tours(v, 0, steps(64)).nodes == ((), ())
