"""A fleet and what each pot is worth to an adversary -> plans to draw from by chance, so that nobody who knows all of them can count on any pot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from seaward.patrol.coverage import GUESS, Routes, found
from seaward.patrol.fleet import Fleet
from seaward.patrol.routes import Path, beam_route, prospects
from seaward.patrol.solver import INF, duals, objective, programme, values

_LEAST_SHARE = 1e-6
_STARTS, _KEPT, _RENEWED, _RECENT = 4, 2, 3, 200  # of each answer: plans climbed from and kept, assets sent anew, plans compared; ours
_SMOOTH = 0.7  # of the adversary's past choices, in answers to what he has long done; ours
_EVERY = 120  # answers between two solutions of the game: between them he moves away from what was answered; found on made-up seas
_HASTE = 1.0  # how fast; found on made-up seas
_EVEN = 1e-4  # of his choice, spread over all pots, so that he can come back to any; ours


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Plans, and how often each is drawn."""

    plans: tuple[Routes, ...]
    share: NDArray[np.float64]  # adding up to 1
    risk: float  # what the adversary's best pot is worth to him against it
    floor: float  # proven, by `with_floor`: no mixture of any plans leaves him less; not a number before
    rounds: int
    pool: tuple[Routes, ...] = ()  # all plans looked at

    def unseen(self) -> NDArray[np.float64]:
        """Chance that an act in each pot is not met, shape (pots,)."""
        return self.share @ np.exp(-np.array([p.cover for p in self.plans]))

    def finds(self, weight: NDArray[np.float64]) -> float:
        """What is found of what pots hold, in the mean."""
        return float(sum(q * found(weight, p.cover) for q, p in zip(self.share, self.plans, strict=True)))

    def routes(self, fleet: Fleet) -> list[list[Path]]:
        """Routes of its plans, by group: where a search for the floor begins."""
        return [[path for plan in self.plans for path in fleet.by_group(plan.paths)[g]] for g in range(len(fleet.groups))]

    def with_floor(self, floor: float) -> Mixture:
        """The same, with what was proven."""
        return replace(self, floor=floor)

    def draw(self, seed: int) -> int:
        """Number of the plan that a seed draws; the same seed, the same plan."""
        return int(np.random.default_rng(seed).choice(len(self.plans), p=self.share / self.share.sum()))


def mix_plans(
    fleet: Fleet, worth: NDArray[np.float64], seed: int, rounds: int, begin: Sequence[Routes], width: int = 24
) -> Mixture:  # fmt: skip
    """Look for the mixture of plans that leaves an adversary least.

    Parameters
    ----------
    fleet
        Who sails.
    worth
        Of each pot to the adversary when he is not met there, shape (pots,).
    seed
        Of choices on the way.
    rounds
        Answers to the adversary's choices.
    begin
        Plans to begin with, at least one.
    width
        Of the beams that look for new routes.

    Returns
    -------
    The mixture. An act is met with chance 1 - exp(-z) of the plan drawn.

    Source
    ------
    Double oracle: McMahan, Gordon, Blum 2003 (ICML, pp. 536-543); between solutions multiplicative weights: Freund and Schapire 1999,
    doi:10.1006/game.1999.0738.
    """
    rng = np.random.default_rng(seed)
    game, known = _Game(worth), _Known(fleet, begin)
    for plan in begin:
        game.add(worth * np.exp(-plan.cover))
    every = max(1, min(_EVERY, rounds // 4))
    past = moved = near = np.zeros(fleet.pots)
    for n in range(rounds):
        if n % every == 0:
            _, choice = game.solve()
            past = choice if n == 0 else _SMOOTH * past + (1 - _SMOOTH) * choice
            near, moved = (choice + past) / 2 + _EVEN / fleet.pots, np.zeros(fleet.pots)
        view = near * np.exp(moved)
        view /= view.sum()
        fresh = known.answers(view * worth, rng, width)
        for plan in fresh:
            game.add(worth * np.exp(-plan.cover))
        if fresh:
            left = worth * np.exp(-fresh[-1].cover)
            moved += _HASTE * (left - left @ view) / max(float(worth.max()), 1e-300)
    game.solve()
    return _mixture(known.plans, game.share(), worth, np.nan, rounds)


def blend_plans(
    fleet: Fleet, weight: NDArray[np.float64], mixture: Mixture, worth: NDArray[np.float64], give_up: float, seed: int, rounds: int,
    width: int = 24,
) -> Mixture:  # fmt: skip
    """Look for the mixture that finds most, among those that leave an adversary little more than the least.

    Parameters
    ----------
    fleet
        Who sails.
    weight
        What pots hold, shape (pots,).
    mixture
        From `mix_plans`; its pool is where the search begins.
    worth
        As there.
    give_up
        Share of the least risk that may be given up.
    seed, rounds, width
        As there; each round adds a plan for what is found and what deters at the prices of the limit.

    Returns
    -------
    The mixture; its risk is at most (1 + give_up) that of the one given.
    """
    rng = np.random.default_rng(seed)
    limit = (1 + give_up) * mixture.risk * (1 + 1e-9)
    game, known = _Game(worth, limit), _Known(fleet, mixture.pool or mixture.plans)
    for plan in known.plans:
        game.add(worth * np.exp(-plan.cover), -found(weight, plan.cover))
    for _ in range(rounds):
        _, price = game.solve()
        for plan in known.answers(weight + price * worth, rng, width):
            game.add(worth * np.exp(-plan.cover), -found(weight, plan.cover))
    game.solve()
    return _mixture(known.plans, game.share(), worth, mixture.floor, rounds)


def _mixture(plans: list[Routes], share: NDArray[np.float64], worth: NDArray[np.float64], floor: float, rounds: int) -> Mixture:
    kept = np.flatnonzero(share > _LEAST_SHARE)
    share = share[kept] / share[kept].sum()
    left = worth * (share @ np.exp(-np.array([plans[k].cover for k in kept.tolist()])))
    return Mixture(tuple(plans[k] for k in kept.tolist()), share, float(left.max()), floor, rounds, tuple(plans))


class _Known:
    """Plans and routes met so far. An answer takes, asset by asset, the known route that helps most, then looks for new ones by a beam."""

    def __init__(self, fleet: Fleet, plans: Sequence[Routes]) -> None:
        self._fleet, self._member = fleet, fleet.member
        self.plans: list[Routes] = []
        self._finds = np.empty((64, fleet.pots))  # 1 - exp(-cover) of each plan
        self._routes: list[list[Path]] = [[] for _ in fleet.groups]
        self._seen: list[dict[bytes, int]] = [{} for _ in fleet.groups]
        self._left: list[NDArray[np.float64]] = [np.empty((64, fleet.pots)) for _ in fleet.groups]  # exp(-cover) of each route
        for plan in plans:
            self.take(plan)

    def take(self, plan: Routes) -> Routes:
        """Remember a plan and its routes."""
        if len(self.plans) == len(self._finds):
            self._finds = np.concatenate([self._finds, np.empty_like(self._finds)])
        self._finds[len(self.plans)] = -np.expm1(-plan.cover)
        self.plans.append(plan)
        for k, path, cover in zip(self._member, plan.paths, plan.covers, strict=True):
            self._route(k, path, cover)
        return plan

    def _route(self, group: int, path: Path, cover: NDArray[np.float64]) -> int:
        key = path.tobytes()
        if key in self._seen[group]:
            return self._seen[group][key]
        number = len(self._routes[group])
        if number == len(self._left[group]):
            self._left[group] = np.concatenate([self._left[group], np.empty_like(self._left[group])])
        self._left[group][number] = np.exp(-cover)
        self._routes[group].append(path)
        self._seen[group][key] = number
        return number

    def answers(self, weight: NDArray[np.float64], rng: np.random.Generator, width: int) -> list[Routes]:
        """Plans that find much of a weight, each new, the better of them last; they are remembered."""
        worth = self._finds[: len(self.plans)] @ weight
        starts = [int(k) for k in np.argsort(-worth)[:_STARTS]]
        best: dict[tuple[int, ...], float] = {}
        for start in starts:
            numbers = [self._seen[k][path.tobytes()] for k, path in zip(self._member, self.plans[start].paths, strict=True)]
            value = self._climb(weight, numbers, rng)
            best[tuple(numbers)] = value
        numbers = list(max(best, key=lambda key: best[key]))
        best[tuple(self._renew(weight, numbers, rng, width))] = np.inf
        known = {self._key(p) for p in self.plans[-_RECENT:]}
        return [self.take(self._plan(key)) for key in sorted(best, key=lambda key: best[key])[-_KEPT:] if key not in known]

    def _key(self, plan: Routes) -> tuple[int, ...]:
        return tuple(self._seen[k][path.tobytes()] for k, path in zip(self._member, plan.paths, strict=True))

    def _plan(self, key: Sequence[int]) -> Routes:
        paths = tuple(self._routes[k][n] for k, n in zip(self._member, key, strict=True))
        return Routes(paths, self._fleet.covers(paths), np.nan)

    def _climb(self, weight: NDArray[np.float64], numbers: list[int], rng: np.random.Generator) -> float:
        """Change routes for known ones, one asset after the other, while that helps."""
        each = np.array([self._left[k][n] for k, n in zip(self._member, numbers, strict=True)])
        changed = True
        while changed:
            changed = False
            for s in rng.permutation(len(numbers)).tolist():
                k = self._member[s]
                rest = weight * np.delete(each, s, axis=0).prod(axis=0)
                left = self._left[k][: len(self._routes[k])] @ rest
                n = int(left.argmin())
                if left[n] < left[numbers[s]] - 1e-12:
                    numbers[s], each[s], changed = n, self._left[k][n], True
        return float(weight.sum() - weight @ each.prod(axis=0))

    def _renew(self, weight: NDArray[np.float64], numbers: list[int], rng: np.random.Generator, width: int) -> list[int]:
        """Look for new routes of some assets, then for known ones that go with them."""
        each = np.array([self._left[k][n] for k, n in zip(self._member, numbers, strict=True)])
        for s in rng.permutation(len(numbers))[:_RENEWED].tolist():
            g = self._fleet.groups[self._member[s]]
            rest = weight * np.delete(each, s, axis=0).prod(axis=0)
            guess = prospects(g.lattice, GUESS * rest, g.start) * rng.uniform(0.0, 1.0)
            _, path = beam_route(g.lattice, rest, g.start, width, guess, 8)
            cover = self._fleet.cover(self._member[s], path)
            if rest @ np.exp(-cover) < rest @ each[s] - 1e-12:
                numbers[s] = self._route(self._member[s], path, cover)
                each[s] = self._left[self._member[s]][numbers[s]]
        self._climb(weight, numbers, rng)
        return numbers


class _Game:
    """The mixture of known plans that leaves the adversary least; or, with a limit to what he is left, the cheapest. Kept in the solver."""

    def __init__(self, worth: NDArray[np.float64], limit: float | None = None) -> None:
        n = self._n = len(worth)
        a = sp.csc_matrix((np.ones(n), (np.arange(n), np.zeros(n, int))), shape=(n + 1, 1))
        held = (0.0, INF) if limit is None else (limit, limit)
        self._solver = programme([1.0 if limit is None else 0.0], [held[0]], [held[1]], a, np.r_[np.zeros(n), 1.0], np.r_[np.full(n, INF), 1.0])
        self._solver.setOptionValue("simplex_strategy", 4)  # primal: what is known stays feasible when plans are added

    def add(self, left: NDArray[np.float64], cost: float = 0.0) -> None:
        """A plan, by what it leaves of each pot, and what it costs."""
        self._solver.addCol(cost, 0.0, INF, self._n + 1, np.arange(self._n + 1, dtype=np.int32), np.r_[-left, 1.0])

    def solve(self) -> tuple[float, NDArray[np.float64]]:
        """What is reached, and the price of what is left in each pot: in the game, how the adversary chooses."""
        self._solver.run()
        return objective(self._solver), np.maximum(0.0, duals(self._solver)[: self._n])

    def share(self) -> NDArray[np.float64]:
        return np.maximum(0.0, values(self._solver)[1:])
