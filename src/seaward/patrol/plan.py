"""A problem and its risk -> the plan for what is wanted, with its bound, what each nation could do alone, and the draw that a seed makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seaward.patrol.bound import Bound, plan_bound, risk_floor
from seaward.patrol.coverage import Effort, Routes, found, plan_routes
from seaward.patrol.fleet import Fleet
from seaward.patrol.mixture import Mixture, blend_plans, mix_plans
from seaward.patrol.problem import Problem, of_nations
from seaward.patrol.risk import Risk
from seaward.patrol.routes import best_route
from seaward.patrol.uncovered import uncovered

_LEAST_WORTH = 0.1  # of a place without known acts to an adversary, against the place with most; ours
_COVER_TRIES = 12
BOUND_TOLERANCE, BOUND_ITERATIONS = 2e-3, 250
FLOOR_TOLERANCE, FLOOR_ITERATIONS = 5e-3, 150


@dataclass(frozen=True, slots=True, eq=False)
class Alone:
    """What some nations can do by themselves, or all together."""

    nations: tuple[str, ...]
    assets: int
    finds: float
    bound: float


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """What was planned."""

    drawn: Routes  # the plan to sail
    finds: float  # acts expected to be met, in the mean of the strategy
    bound: Bound  # no plan meets more
    best: Routes  # that meets most; known to everybody who can compute
    mixture: Mixture | None  # where the drawn plan comes from, for deter and blend
    deterring: Mixture | None  # that leaves the adversary least
    worth: NDArray[np.float64]  # of pots to the adversary
    alone: tuple[Alone, ...]  # nation by nation, then together
    short: NDArray[np.int64]  # cells covered less than was asked for
    draw_seed: int

    @property
    def gap(self) -> float:
        """How far the best plan may be from the best there is, as a share of the bound."""
        return 1.0 - self.best.value / self.bound.value if self.bound.value > 0 else 0.0


def make_plan(problem: Problem, risk: Risk) -> Planned:
    """Plan.

    Parameters
    ----------
    problem
        Cells, steps, assets and what is wanted.
    risk
        Of the same cells and epochs.

    Returns
    -------
    The plan and what is proven of it. Choices on the way come from the seed of the plan file; so does the draw, from a stream of its own.
    """
    wanted, fleet, weight = problem.asked.objective, problem.fleet, risk.weight
    search_seed, draw_seed = (int(s.generate_state(1, np.uint64)[0] >> 11) for s in np.random.SeedSequence(problem.asked.seed).spawn(2))
    effort = Effort(wanted["width"], wanted["rounds"])
    bound, best = _bounded(fleet, weight, search_seed, effort)
    worth = _worth(risk)
    mixture = deterring = None
    drawn, short = best, np.zeros(0, np.int64)
    if wanted["kind"] == "cover":
        drawn, short = _covering(problem, weight, bound, wanted["least_find"], search_seed, effort, best)
    elif wanted["kind"] in ("deter", "blend"):
        rounds = wanted["mixture_rounds"]
        deterring = mix_plans(fleet, worth, search_seed, rounds, [best])
        floor = risk_floor(fleet, worth, deterring.routes(fleet), FLOOR_TOLERANCE, FLOOR_ITERATIONS)
        mixture = deterring = deterring.with_floor(floor.value)
        if wanted["kind"] == "blend":
            mixture = blend_plans(fleet, weight, deterring, worth, wanted["give_up"], search_seed, max(1, rounds // 16))
        drawn = mixture.plans[mixture.draw(draw_seed)]
    drawn = Routes(drawn.paths, drawn.covers, found(weight, drawn.cover))
    finds = drawn.value if mixture is None else mixture.finds(weight)
    return Planned(drawn, finds, bound, best, mixture, deterring, worth, _alone(problem, weight, search_seed, effort, best, bound), short, draw_seed)


def _bounded(fleet: Fleet, weight: NDArray[np.float64], seed: int, effort: Effort) -> tuple[Bound, Routes]:
    """A bound and a plan: the bound's prices guide the plan."""
    begin = [[best_route(g.lattice, weight, g.start)[1]] for g in fleet.groups]
    bound = plan_bound(fleet, weight, begin, BOUND_TOLERANCE, BOUND_ITERATIONS)
    return bound, plan_routes(fleet, weight, seed, effort, bound.price)


def _worth(risk: Risk) -> NDArray[np.float64]:
    """Of each pot to an adversary: as the acts usually there, a place without any a tenth of the one with most."""
    usual = (risk.mean * risk.season[:, None]).ravel()
    return _LEAST_WORTH + (1 - _LEAST_WORTH) * usual / max(float(usual.max()), 1e-12)


def _covering(
    problem: Problem, weight: NDArray[np.float64], bound: Bound, least: float, seed: int, effort: Effort, best: Routes
) -> tuple[Routes, NDArray[np.int64]]:
    """A plan that looks into every cell: cells looked at too little are made worth more until they are not, or it does not help."""
    n, scale = len(problem.cells), max(float(weight.sum()), 1e-12)
    need = -np.log1p(-least)
    extra, plan, kept, score = np.zeros(n), best, best, -np.inf
    for k in range(_COVER_TRIES):
        seen = plan.cover.reshape(problem.epochs, n).sum(axis=0)
        now = -float(np.maximum(0.0, need - seen).sum()) + 1e-3 * found(weight, plan.cover) / scale
        if now > score:
            kept, score = plan, now
        if (seen >= need).all():
            break
        extra += np.where(seen < need, scale / n * (1 + k), 0.0)
        more = weight + np.tile(extra, problem.epochs) / problem.epochs
        plan = plan_routes(problem.fleet, more, seed + k, effort, None, plan.paths)
    seen = kept.cover.reshape(problem.epochs, n).sum(axis=0)
    return kept, np.flatnonzero(seen < need)


def _alone(problem: Problem, weight: NDArray[np.float64], seed: int, effort: Effort, best: Routes, bound: Bound) -> tuple[Alone, ...]:
    nations = sorted({a.nation for a in problem.assets})
    told = []
    for nation in nations if len(nations) > 1 else ():
        own, plan = _bounded(of_nations(problem, (nation,)), weight, seed, effort)
        told.append(Alone((nation,), sum(a.nation == nation for a in problem.assets), plan.value, own.value))
    return (*told, Alone(tuple(nations), len(problem.assets), best.value, bound.value))


def summary(problem: Problem, risk: Risk, planned: Planned) -> dict[str, Any]:
    """What was planned and proven, ready for JSON."""
    held = float(risk.weight.sum())
    told: dict[str, Any] = {
        "acts_expected": held, "acts_met": planned.finds, "acts_met_best": planned.best.value, "acts_met_at_most": planned.bound.value,
        "gap": planned.gap, "objective": problem.asked.objective["kind"], "draw_seed": planned.draw_seed,
        "alone": [{"nations": list(a.nations), "assets": a.assets, "acts_met": a.finds, "acts_met_at_most": a.bound} for a in planned.alone],
        "cells": len(problem.cells), "epochs": problem.epochs, "notes": list(risk.notes), "refused": dict(risk.refused),
        "obstacles": [o.told() for o in problem.obstacles],
        "uncovered": [u.told() for u in uncovered(problem, planned.short.tolist(), problem.asked.objective["least_find"])],
        "short": [{"cell": int(k), "lon_deg": float(problem.cells.lon_deg[k]), "lat_deg": float(problem.cells.lat_deg[k])} for k in planned.short],
    }  # fmt: skip
    if planned.mixture is not None and planned.deterring is not None:
        worst = (planned.worth * np.exp(-planned.best.cover)).max()
        told["strategy"] = {
            "plans": len(planned.mixture.plans), "risk": planned.mixture.risk, "least_risk": planned.deterring.risk, "floor": planned.deterring.floor,
            "without_patrol": float(planned.worth.max()), "of_best_plan": float(worst),
        }  # fmt: skip
    return told
