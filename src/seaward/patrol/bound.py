"""Lattices and what each pot holds -> a value that no plan can exceed, and a risk that no strategy can undercut; by column generation.

Of a pot, looks with coverages z_1, z_2, ... find f = 1 - exp(-sum z). With d the deepest look there is, h(z) = 1 - exp(-z) and K = k d, for every
whole number k (the lines of a pot):

    f <= B_k + exp(-K) * sum of h(z_i),    B_k = 1 - exp(-K) - k h(d) exp(-K),

as this line goes through what k and k + 1 of the deepest looks find, and shallower looks of the same sum of h find less. And where one asset looks
many times in a row, with coverage Z >= K before a look, that look counts h(z) exp(K - Z) only: such a row finds 1 - exp(-Z), no more than it counts
for, and of two such rows the product of what they find is at least B_k.

The mean over any mixture of plans keeps these lines too, so a linear programme over mixtures of routes bounds every plan; its prices, through the
best route of each asset at these prices, prove the bound whether or not the programme was solved to the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from seaward.patrol.fleet import Fleet, Group
from seaward.patrol.routes import Path, best_route, cover_of
from seaward.patrol.solver import INF, duals, objective, programme, values
from seaward.patrol.steady import steady_prices

_LEAST_SLOPE = 0.02  # the last line of a pot before the one that says 1; ours
_MOST_LINES = 16
LOOKS = 8  # looks in a row that are told apart; ours
_MOST_STEADY = 20_000  # moves for which prices without time take less than a minute
_PATIENCE = 40  # prices tried without proving more after which to stop; ours
_PULLS = (0.0, 0.5, 0.85)  # prices tried between those of the programme and the best so far; ours
_BOX, _LEAST_BOX, _WHOLE_BOX = (
    0.05,
    1e-3,
    10.0,
)  # how far prices may go from the best so far, as a share: at first, at least, and when all may go; ours
_INWARD = 0.5  # how far prices are drawn towards the best so far: Ben-Ameur and Neto 2007, doi:10.1002/net.20137


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What was proven, and how."""

    value: float  # of a plan at most; in the game the risk at least
    reached: float  # what the relaxation itself attains: the two meet when the iterations suffice
    price: NDArray[np.float64]  # of a first look that finds everything, by pot
    weight: NDArray[np.float64]  # by pot: what it holds; in the game how likely the adversary chooses it, times its worth
    routes: list[list[Path]]  # by group
    share: list[NDArray[np.float64]]  # how much of the group sails each, adding up to its count
    iterations: int
    dual: NDArray[np.float64]  # prices of lines that prove it


class Lines:
    """The lines of every pot, and how much a look counts in each, by group."""

    def __init__(self, groups: Sequence[Group], pots: int) -> None:
        self.groups, self.pots = groups, pots
        self.deep = _deepest(groups, pots)
        with np.errstate(divide="ignore"):
            count = np.where(self.deep > 0, np.clip(np.ceil(-np.log(_LEAST_SLOPE) / self.deep), 1, _MOST_LINES), 0).astype(np.int64)
        self.first = np.r_[0, np.cumsum(count + 1)]  # of each pot; its last line says 1
        self.pot = np.repeat(np.arange(pots), count + 1)
        number = np.arange(len(self.pot)) - self.first[self.pot]
        self.is_last = number == count[self.pot]
        self.depth = number * self.deep[self.pot]
        self.slope = np.where(self.is_last, 0.0, np.exp(-self.depth))
        h = -np.expm1(-self.deep[self.pot])
        self.base = np.where(self.is_last, np.where(count[self.pot] > 0, 1.0, 0.0), 1 - (1 + number * h) * np.exp(-self.depth))
        self.counts = [self._counts(g) for g in groups]

    def _counts(self, g: Group) -> NDArray[np.float64]:
        """How much the c-th look in a row counts in each line, shape (lines, LOOKS)."""
        x = g.lattice
        one = np.repeat(np.arange(x.cells), np.diff(x.first))
        stays = one == x.to
        least, enter = np.zeros(x.cells), np.full(x.cells, np.inf)
        least[x.to[stays]] = x.cover[:, stays].min(axis=0)
        np.minimum.at(enter, x.to[~stays], x.cover[:, ~stays].min(axis=0))
        enter = np.minimum(enter, x.out_cover.min(axis=0))
        cell = self.pot % x.cells
        before = np.maximum(0.0, enter[cell, None] + (np.arange(LOOKS) - 1) * least[cell, None])  # coverage before the c-th look at least
        before[:, 0] = 0.0
        return self.slope[:, None] * np.exp(-np.maximum(0.0, before - self.depth[:, None]))

    def prices(self, dual: NDArray[np.float64], group: int) -> NDArray[np.float64]:
        """What a look is worth by its number in a row, shape (pots, LOOKS), of prices of lines."""
        return np.add.reduceat(dual[:, None] * self.counts[group], self.first[:-1], axis=0)

    def of(self, group: int, path: Path) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The lines that a route counts in, and how much."""
        x = self.groups[group].lattice
        pots, z = cover_of(x, path)
        row = np.zeros(len(pots), np.int64)
        nodes = path[path != -1]
        again = (nodes[1:] == nodes[:-1])[nodes[1:] < x.cells][-len(pots) :] if len(pots) else np.zeros(0, np.bool_)
        for k in range(1, len(pots)):
            row[k] = min(row[k - 1] + 1, LOOKS - 1) if again[k] and pots[k] == pots[k - 1] else 0
        sizes = self.first[pots + 1] - self.first[pots]
        lines = np.repeat(self.first[pots] - np.r_[0, np.cumsum(sizes)[:-1]], sizes) + np.arange(sizes.sum())
        amount = self.counts[group][lines, np.repeat(row, sizes)] * np.repeat(-np.expm1(-z), sizes)
        total = np.bincount(lines, amount, len(self.pot)).astype(np.float64)
        used = np.flatnonzero(total > 0)
        return used, total[used]

    def proven(self, dual: NDArray[np.float64]) -> tuple[float, list[Path]]:
        """What no plan can exceed, by prices of lines that are at least 0 and add up to what each pot holds; and the best routes by them."""
        total, paths = float(dual @ self.base), []
        for k, g in enumerate(self.groups):
            earned, path = best_route(g.lattice, self.prices(dual, k), g.start)
            total += g.count * earned
            paths.append(path)
        return total, paths


def plan_bound(fleet: Fleet, weight: NDArray[np.float64], routes: Sequence[Sequence[Path]], tolerance: float = 1e-3, iterations: int = 400) -> Bound:
    """The value that no plan can exceed.

    Parameters
    ----------
    fleet
        Who sails.
    weight
        What each pot holds, shape (pots,).
    routes
        Of each group, at least one: where the search begins.
    tolerance
        Relative difference of the bound and of what the relaxation attains at which to stop.
    iterations
        At most.

    Returns
    -------
    The bound; valid however early it stops.
    """
    return _generate(fleet, np.zeros(len(weight)), weight, routes, tolerance, iterations, game=False)


def risk_floor(fleet: Fleet, worth: NDArray[np.float64], routes: Sequence[Sequence[Path]], tolerance: float = 5e-3, iterations: int = 300) -> Bound:
    """The risk that no strategy, however it mixes plans, can undercut: an adversary who knows it chooses the pot that is worth most to him unseen.

    Parameters
    ----------
    fleet
        Who sails.
    worth
        Of each pot to the adversary when he is not seen there, shape (pots,).
    routes
        Of each group, at least one: where the search begins, such as those of a good mixture.
    tolerance, iterations
        As in `plan_bound`.

    Returns
    -------
    The bound; valid however early it stops.
    """
    lines = Lines(fleet.groups, fleet.pots)
    moves = sum(len(g.lattice.to) for g in fleet.groups) * (fleet.pots // fleet.groups[0].lattice.cells)
    begin = steady_prices(lines, worth, np.zeros(fleet.pots), game=True) if moves <= _MOST_STEADY else None
    return _generate(fleet, worth, np.zeros(len(worth)), routes, tolerance, iterations, game=True, begin=begin)


def _generate(
    fleet: Fleet, worth: NDArray[np.float64], weight: NDArray[np.float64], routes: Sequence[Sequence[Path]], tolerance: float,
    iterations: int, game: bool, begin: NDArray[np.float64] | None = None,
) -> Bound:  # fmt: skip
    lines = Lines(fleet.groups, len(weight))
    master = _Master(lines, worth, weight, game)
    for g, paths in enumerate(routes):
        for path in paths:
            master.add(g, path)
    if begin is None:
        best, center, n = _inward(master, tolerance, iterations)
    else:
        best, center, n = _boxed(master, tolerance, iterations, begin)
    reached, _ = master.solve()
    price = np.add.reduceat(center * lines.slope, lines.first[:-1])
    held = np.add.reduceat(center, lines.first[:-1])
    return Bound(master.sign * best, reached, price, held, master.paths, master.shares(), n, center)


def _inward(master: _Master, tolerance: float, iterations: int) -> tuple[float, NDArray[np.float64], int]:
    """Column generation with prices drawn towards the best so far; what was proven, by which prices, and after how many iterations."""
    best, center, n, since = np.inf, np.zeros(len(master.lines.pot)), 0, 0
    for n in range(1, iterations + 1):  # noqa: B007 - told
        reached, dual = master.solve()
        new = False
        for pull in (_INWARD, 0.0) if np.isfinite(best) else (0.0,):
            trial = pull * center + (1 - pull) * dual
            value, new = master.prove(trial)
            since += 1
            if value < best:
                best, center, since = value, trial, 0
            if new:
                break
        if best - master.sign * reached <= tolerance * abs(reached) or not new or since >= _PATIENCE:
            break
    return best, center, n


def _boxed(master: _Master, tolerance: float, iterations: int, begin: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], int]:
    """The same within a box about the best prices so far, which shrinks where nothing more is proven: sooner there from prices that are good already.

    Source
    ------
    Box step: Marsten, Hogan, Blankenship 1975, doi:10.1287/opre.23.3.389.
    """
    best, center, share, n = master.prove(begin)[0], begin, _BOX, 0
    for n in range(1, iterations + 1):  # noqa: B007 - told
        master.hold(center, share)
        reached, dual = master.solve()
        around, pulled = center, None
        for pull in _PULLS:
            trial = pull * around + (1 - pull) * dual
            value, _ = master.prove(trial)
            if value < best:
                best, center, pulled = value, trial, pull
        if best - master.sign * reached <= tolerance * abs(reached) / 50:
            share *= 4.0  # nothing better within: look farther
            if share > _WHOLE_BOX:
                break
        elif pulled is None:
            share = max(_LEAST_BOX, 0.8 * share)
        elif pulled == 0.0:
            share *= 1.5
    master.let_go()
    return best, center, n


class _Master:
    """The relaxation over the routes known so far, kept in the solver so that a new route costs little.

    Columns: what is found in each pot, in the game the risk, then routes. Rows: the lines, the counts of groups, in the game what is left of pots.
    """

    def __init__(self, lines: Lines, worth: NDArray[np.float64], weight: NDArray[np.float64], game: bool) -> None:
        self.lines, self._game = lines, game
        self.sign = -1.0 if game else 1.0  # the game is about what is left, the plan about what is found
        self._box = -1
        self.paths: list[list[Path]] = [[] for _ in lines.groups]
        self._known: set[tuple[int, bytes]] = set()
        self._columns: list[list[int]] = [[] for _ in lines.groups]
        n, k, m = lines.pots, len(lines.pot), len(lines.groups)
        counts = np.array([float(g.count) for g in lines.groups])
        rows, cols, vals = [np.arange(k)], [lines.pot], [np.ones(k)]
        lower, upper = np.r_[np.full(k, -INF), counts], np.r_[lines.base, counts]
        cost = -weight
        if game:
            rows += [k + m + np.arange(n)] * 2
            cols += [np.arange(n), np.full(n, n)]
            vals += [worth, np.ones(n)]
            lower, upper, cost = np.r_[lower, worth], np.r_[upper, np.full(n, INF)], np.r_[np.zeros(n), 1.0]
        a = sp.csc_matrix((np.concatenate(vals), (np.concatenate(rows), np.concatenate(cols))), shape=(len(lower), len(cost)))
        self.solver = programme(cost, np.full(len(cost), -INF), np.full(len(cost), INF), a, lower, upper)
        self._next = len(cost)

    def add(self, group: int, path: Path) -> bool:
        """Take a route in; whether it was new."""
        key = (group, path.tobytes())
        if key in self._known or not len(path):
            return False
        self._known.add(key)
        at, amount = self.lines.of(group, path)
        index = np.r_[at, len(self.lines.pot) + group].astype(np.int32)
        self.solver.addCol(0.0, 0.0, INF, len(index), index, np.r_[-amount, 1.0])
        self._columns[group].append(self._next)
        self._next += 1
        self.paths[group].append(path)
        return True

    def solve(self) -> tuple[float, NDArray[np.float64]]:
        """What the relaxation attains (found, or in the game left), and the prices of lines."""
        self.solver.run()
        dual = np.maximum(0.0, -duals(self.solver)[: len(self.lines.pot)])
        value = objective(self.solver)
        return (value if self._game else -value), dual

    def prove(self, dual: NDArray[np.float64]) -> tuple[float, bool]:
        """What prices prove (in the game with its sign turned), and whether their routes were new; they are taken in."""
        value, paths = self.lines.proven(dual)
        new = [self.add(g, path) for g, path in enumerate(paths)]
        return value - (dual.sum() if self._game else 0.0), any(new)

    def hold(self, center: NDArray[np.float64], share: float) -> None:
        """Keep prices within a share of themselves, and of the mean price, about a center: by columns that break a line at that price."""
        k, reach = len(center), share * (center + center.mean())
        cost = np.r_[center + reach, -np.maximum(center - reach, 0.0)]
        if self._box < 0:
            self._box, at = self._next, np.arange(k, dtype=np.int32)
            self.solver.setOptionValue("simplex_strategy", 4)  # primal: what is known stays feasible when routes are added
            begin = np.arange(2 * k, dtype=np.int32)
            self.solver.addCols(2 * k, cost, np.zeros(2 * k), np.full(2 * k, INF), 2 * k, begin, np.r_[at, at], np.r_[-np.ones(k), np.ones(k)])
            self._next += 2 * k
        self.solver.changeColsCost(2 * k, self._box + np.arange(2 * k, dtype=np.int32), cost)

    def let_go(self) -> None:
        """Prices are free again."""
        k = 2 * len(self.lines.pot)
        if self._box >= 0:
            self.solver.changeColsBounds(k, self._box + np.arange(k, dtype=np.int32), np.zeros(k), np.zeros(k))

    def shares(self) -> list[NDArray[np.float64]]:
        """How much of each group sails each of its routes."""
        x = values(self.solver)
        return [np.maximum(x[columns], 0.0) for columns in self._columns]


def _deepest(groups: Sequence[Group], pots: int) -> NDArray[np.float64]:
    """The most coverage that one look can give to each pot, shape (pots,)."""
    most = np.zeros(pots)
    for g in groups:
        x = g.lattice
        cell = x.out_cover.max(axis=0)
        np.maximum.at(cell, x.to, x.cover.max(axis=0))
        for e in np.unique(x.epoch[g.start.step :]).tolist():
            most[e * x.cells : (e + 1) * x.cells] = np.maximum(most[e * x.cells : (e + 1) * x.cells], cell)
    return most
