"""Whole plans: each objective does what it says, nations alone and together, and what cannot be covered is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from seaward.patrol.plan import Planned, make_plan, summary
from seaward.patrol.problem import Problem
from seaward.patrol.risk import Looked, Risk, RiskParams, Seen, learn_risk
from tests.patrol.plans import problem


def wanted(**objective) -> Problem:
    p = problem()
    return replace(p, asked=replace(p.asked, objective=p.asked.objective | {"rounds": 20, "mixture_rounds": 15} | objective))


def risk(p: Problem) -> Risk:
    never = np.zeros(0, "datetime64[us]")
    expected = np.random.default_rng(2).gamma(0.6, 1.0, len(p.cells))
    nothing = np.zeros(0, np.int64), np.zeros(0)
    return learn_risk(
        p.cells, Seen(never, *nothing), Looked(never, *nothing), expected, RiskParams(36.0), datetime(2027, 11, 4, 17, tzinfo=UTC), p.epochs
    )


def made(**objective) -> tuple[Problem, Risk, Planned]:
    p = wanted(**objective)
    r = risk(p)
    return p, r, make_plan(p, r)


def test_detecting_finds_most_and_no_more_than_its_bound() -> None:
    _, _, plan = made(kind="detect")
    assert plan.mixture is None and plan.drawn.value == pytest.approx(plan.best.value)
    assert plan.best.value <= plan.bound.value and 0 <= plan.gap < 0.2


def test_deterring_leaves_less_than_the_best_plan_and_no_less_than_the_floor() -> None:
    _, _, plan = made(kind="deter")
    assert plan.mixture is not None
    known = float((plan.worth * np.exp(-plan.best.cover)).max())
    assert plan.mixture.floor <= plan.mixture.risk <= known
    assert len(plan.mixture.plans) > 1
    assert any(plan.drawn.paths == p.paths for p in plan.mixture.plans)


def test_a_blend_finds_more_than_deterrence_alone_for_the_risk_it_gives_up() -> None:
    _, r, plan = made(kind="blend", give_up=0.3)
    assert plan.mixture is not None and plan.deterring is not None
    assert plan.mixture.risk <= 1.3 * plan.deterring.risk * (1 + 1e-6)
    assert plan.mixture.finds(r.weight) >= plan.deterring.finds(r.weight) - 1e-9


def test_covering_looks_into_every_cell_it_can_and_names_the_others() -> None:
    p, _, plan = made(kind="cover", least_find=0.15)
    seen = plan.drawn.cover.reshape(p.epochs, -1).sum(axis=0)
    assert set(np.flatnonzero(-np.expm1(-seen) < 0.15 - 1e-9)) == set(plan.short.tolist())
    detecting = made(kind="detect")[2].drawn.cover.reshape(p.epochs, -1).sum(axis=0)
    assert len(plan.short) <= (-np.expm1(-detecting) < 0.15).sum()
    assert len(made(kind="cover", least_find=0.99)[2].short) > 0


def test_the_summary_says_what_was_proven_and_is_ready_for_json() -> None:
    import json

    p, r, plan = made(kind="blend")
    told = summary(p, r, plan)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["acts_met"] <= told["acts_met_at_most"] <= told["acts_expected"]
    assert [a["nations"] for a in told["alone"]] == [["pe"], ["us"], ["pe", "us"]]
    assert told["strategy"]["floor"] <= told["strategy"]["risk"]


def test_another_seed_draws_from_the_same_problem_another_way() -> None:
    p = wanted(kind="deter")
    other = replace(p, asked=replace(p.asked, seed=2))
    assert make_plan(p, risk(p)).draw_seed != make_plan(other, risk(other)).draw_seed
