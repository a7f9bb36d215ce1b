"""Bounds: above every plan and every strategy, equal to a programme over all moves, tight where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.patrol.bound import LOOKS, Lines, plan_bound, risk_floor
from seaward.patrol.coverage import Effort, found, plan_routes
from seaward.patrol.fleet import Fleet
from seaward.patrol.mixture import mix_plans
from seaward.patrol.routes import best_route
from seaward.patrol.solver import INF, objective, programme
from tests.patrol.small_sea import fleet, risk


def begin(f: Fleet, weight: np.ndarray) -> list[list[np.ndarray]]:
    return [[best_route(g.lattice, weight, g.start)[1]] for g in f.groups]


@settings(max_examples=12)
@given(st.integers(0, 1000), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2))
def test_no_plan_exceeds_the_bound(seed, ships, boats, epochs) -> None:
    f = fleet(3, 8, ships, boats, epochs)
    weight = risk(f.pots, seed)
    plan = plan_routes(f, weight, seed, Effort(30, 60))
    bound = plan_bound(f, weight, f.by_group(plan.paths))
    assert plan.value <= bound.value + 1e-9
    assert bound.reached <= bound.value + 1e-6
    assert found(weight, plan.cover) == pytest.approx(plan.value)


@settings(max_examples=25)
@given(st.integers(0, 1000), st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_the_lines_hold_for_looks_of_any_depth_in_any_rows(seed, rows) -> None:
    f = fleet(2, 12, 2, 1)
    lines = Lines(f.groups, f.pots)
    rng = np.random.default_rng(seed)
    total, counted = 0.0, np.zeros(len(lines.pot))
    for length in rows:
        g = int(rng.integers(2))
        x = f.groups[g].lattice
        stay = next(k for k in range(x.first[0], x.first[1]) if x.to[k] == 0)
        enter = [k for k in range(len(x.to)) if x.to[k] == 0 and k != stay]
        z = np.r_[x.cover[0, rng.choice(enter)], np.full(length - 1, x.cover[0, stay])]
        total += z.sum()
        counted += (lines.counts[g][:, np.minimum(np.arange(length), LOOKS - 1)] * -np.expm1(-z)).sum(axis=1)
    of_cell = lines.pot == 0
    assert (1 - np.exp(-total) <= (lines.base + counted)[of_cell] + 1e-12).all()


def test_the_bound_is_that_of_a_programme_over_all_moves() -> None:
    f = fleet(3, 6, 2, 0)
    weight = risk(9, 3)
    bound = plan_bound(f, weight, begin(f, weight), 1e-6)
    assert bound.value == pytest.approx(by_all_moves(f, weight), rel=1e-4)


def by_all_moves(f: Fleet, weight: np.ndarray) -> float:
    """The same relaxation as one linear programme: flows over (step, cell, looks in a row), and lines of what is found."""
    lines, g, n = Lines(f.groups, f.pots), f.groups[0], f.pots
    x, arcs = g.lattice, []
    for t in range(x.steps):
        arcs.append(((t, n, 0), (t + 1, n, 0), None))
        for j in range(n):
            arcs.append(((t, n, 0), (t + int(x.home[j]), j, 0), (j, 0, x.out_finds[0, j])))
            for c in range(LOOKS):
                arcs.append(((t, j, c), (min(t + int(x.home[j]), 99), n, 0), None))
                for k in range(x.first[j], x.first[j + 1]):
                    d = min(c + 1, LOOKS - 1) if x.to[k] == j else 0
                    arcs.append(((t, j, c), (t + 1, int(x.to[k]), d), (int(x.to[k]), d, x.finds[0, k])))
    arcs = [a for a in arcs if a[1][0] <= x.steps]
    node = {s: k for k, s in enumerate(dict.fromkeys(s for a in arcs for s in a[:2]))}
    rows, cols, vals = [], [], []
    for m, (a, b, look) in enumerate(arcs):
        rows += [node[a], node[b]]
        cols += [m, m]
        vals += [1.0, -1.0]
        if look:
            pot, c, h = look
            for line in range(lines.first[pot], lines.first[pot + 1]):
                rows.append(len(node) + line)
                cols.append(m)
                vals.append(-lines.counts[0][line, c] * h)
    rows += [len(node) + k for k in range(len(lines.pot))]
    cols += [len(arcs) + int(p) for p in lines.pot]
    vals += [1.0] * len(lines.pot)
    supply = np.zeros(len(node))
    supply[node[0, n, 0]], supply[node[x.steps, n, 0]] = g.count, -g.count
    a = sp.csc_matrix((vals, (rows, cols)), shape=(len(node) + len(lines.pot), len(arcs) + n))
    low, high = np.zeros(a.shape[1]), np.full(a.shape[1], INF)
    lower, upper = np.r_[supply, np.full(len(lines.pot), -INF)], np.r_[supply, lines.base]
    solver = programme(np.r_[np.zeros(len(arcs)), -weight], low, high, a, lower, upper)
    solver.run()
    return -objective(solver)


@settings(max_examples=6)
@given(st.integers(0, 1000))
def test_no_mixture_undercuts_the_floor_and_the_risk_said_is_the_risk(seed) -> None:
    f = fleet(3, 8, 2, 1)
    worth = 1 + 9 * risk(9, seed) / risk(9, seed).max()
    mixture = mix_plans(f, worth, seed, 20, [plan_routes(f, worth, seed, Effort(20, 5))])
    floor = risk_floor(f, worth, mixture.routes(f))
    assert floor.value <= mixture.risk + 1e-9
    assert mixture.risk < worth.max()
    assert mixture.risk == pytest.approx((worth * mixture.unseen()).max())
    assert mixture.share.sum() == pytest.approx(1.0)
    for plan in mixture.plans:  # of plans too, every one of them
        assert (worth * np.exp(-plan.cover)).max() >= floor.value - 1e-9


def test_one_ship_and_one_cell_have_a_bound_without_a_gap() -> None:
    f = fleet(1, 4, 1, 0)
    plan = plan_routes(f, np.ones(1), 0, Effort(10, 5))
    assert plan_bound(f, np.ones(1), f.by_group(plan.paths), 1e-9).value == pytest.approx(plan.value, rel=0.03)


def test_where_nothing_is_held_the_bound_is_zero() -> None:
    f = fleet(2, 5, 1, 0)
    assert plan_bound(f, np.zeros(4), begin(f, np.ones(4))).value == pytest.approx(0.0, abs=1e-12)


def test_the_same_seed_gives_the_same_mixture_and_the_same_draw() -> None:
    f = fleet(3, 6, 2, 0)
    worth = 1 + risk(9, 1)
    first = [plan_routes(f, worth, 1, Effort(20, 5))]
    one, two = (mix_plans(f, worth, 7, 8, first) for _ in range(2))
    assert np.array_equal(one.share, two.share) and one.draw(3) == two.draw(3)
    assert len({one.draw(s) for s in range(60)}) > 1
