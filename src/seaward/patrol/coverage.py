"""A fleet and what each pot holds -> one plan that finds much of it: a route per asset, bettered by taking some out and sending them anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seaward.core.errors import ParameterError
from seaward.patrol.fleet import Fleet
from seaward.patrol.lattice import Lattice
from seaward.patrol.routes import Path, beam_route, prospects

GUESS = 0.3  # what a look is worth in the end, as a share of what a pot holds; ours
_STAYS = 8  # looks in a row that guesses of what is ahead tell apart
_PER_NODE = 10  # routes kept with the same end; found on made-up seas
_HEAT = 2e-3  # of the value: how much worse a change may be at the beginning and still be taken, as in simulated annealing
_MOST_OUT = 3  # assets sent anew at once


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look for a plan."""

    width: int = 40  # routes kept in a beam
    rounds: int = 400  # times that assets are sent anew

    def __post_init__(self) -> None:
        if not (1 <= self.width <= 5_000 and 0 <= self.rounds <= 1_000_000):
            raise ParameterError(f"expected a width of 1 to 5,000 and 0 to 1,000,000 rounds, got {self.width} and {self.rounds}")


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """A plan: the route of each asset, what it covers, and what it is worth."""

    paths: tuple[Path, ...]
    covers: NDArray[np.float64]  # shape (assets, pots)
    value: float

    @property
    def cover(self) -> NDArray[np.float64]:
        """Of all assets together, shape (pots,)."""
        return self.covers.sum(axis=0)


def found(weight: NDArray[np.float64], cover: NDArray[np.float64]) -> float:
    """What is found of what pots hold (weight) under a coverage: sum of weight (1 - exp(-z)), Koopman 1956-57."""
    return float(weight @ -np.expm1(-cover))


def plan_routes(
    fleet: Fleet, weight: NDArray[np.float64], seed: int, effort: Effort, price: NDArray[np.float64] | None = None,
    begin: Sequence[Path] | None = None, fixed: Sequence[int] = (),
) -> Routes:  # fmt: skip
    """Look for the plan that finds most.

    Parameters
    ----------
    fleet
        Who sails.
    weight
        What each pot holds, shape (pots,).
    seed
        Of the choices on the way; the same gives the same plan.
    effort
        How long to look.
    price
        What a look is worth when all sail well, by pot (from `bound`): guides the beams. By default a share of what pots hold.
    begin
        A plan to better.
    fixed
        Assets whose routes stay as in `begin`.

    Returns
    -------
    The best plan met; assets that cannot be home in time stay where they are (an empty route).

    Source
    ------
    Beam search with exact marginals; large neighbourhood search (Shaw 1998; Pisinger and Ropke 2019, doi:10.1007/978-3-319-91086-4_4).
    """
    rng = np.random.default_rng(seed)
    member = fleet.member
    guide = _Guide(fleet, GUESS * weight if price is None else price, rng)
    paths: list[Path] = [np.empty(0, np.int32)] * len(member) if begin is None else list(begin)
    covers = fleet.covers(paths)
    free = [s for s in range(len(member)) if s not in set(fixed)]
    total = covers.sum(axis=0)
    if begin is None:
        for s in rng.permutation(free).tolist():
            paths[s] = _send(fleet, member[s], weight, total, effort.width, guide, guess=False)
            covers[s] = fleet.cover(member[s], paths[s])
            total = total + covers[s]
    now = found(weight, total)
    best = Routes(tuple(paths), covers.copy(), now)
    heat = _HEAT * max(now, 1e-12)
    for k in range(effort.rounds if free else 0):
        out = rng.permutation(free)[: rng.integers(1, _MOST_OUT + 1)].tolist()
        rest = total - covers[out].sum(axis=0)
        fresh = {}
        for s in out:
            path = _send(fleet, member[s], weight, rest, effort.width, guide, guess=True)
            fresh[s] = path if len(path) else paths[s]  # a beam may lose the way home that is known
            rest = rest + fleet.cover(member[s], fresh[s])
        value = found(weight, rest)
        if value >= now or rng.uniform() < math.exp((value - now) / (heat * (1 - k / effort.rounds))):
            for s, path in fresh.items():
                paths[s], covers[s] = path, fleet.cover(member[s], path)
            total, now = covers.sum(axis=0), value
            if now > best.value * (1 + 1e-12):
                best = Routes(tuple(paths), covers.copy(), now)
    return best


def _send(fleet: Fleet, group: int, weight: NDArray[np.float64], cover: NDArray[np.float64], width: int, guide: _Guide, guess: bool) -> Path:
    g = fleet.groups[group]
    return beam_route(g.lattice, weight * np.exp(-cover), g.start, width, guide.ahead(group, guess), _PER_NODE)[1]


class _Guide:
    """Guesses of what is ahead: none, the prices as they are, or falling for looks in a row; with a weight drawn each time."""

    def __init__(self, fleet: Fleet, price: NDArray[np.float64], rng: np.random.Generator) -> None:
        self._rng = rng
        self._kept: list[list[NDArray[np.float64]]] = []
        for g in fleet.groups:
            falling = price[:, None] * np.exp(-0.5 * _stay(g.lattice, fleet.pots)[:, None] * np.arange(_STAYS))
            self._kept.append([prospects(g.lattice, p, g.start) for p in (price, falling)])

    def ahead(self, group: int, guess: bool) -> NDArray[np.float64]:
        which = self._rng.integers(3) if guess else 2
        plain, falling = self._kept[group]
        return (plain if which == 1 else falling) * (0.0 if which == 0 else self._rng.uniform(0.2, 1.0))


def _stay(x: Lattice, pots: int) -> NDArray[np.float64]:
    """Coverage of staying a step in each pot, shape (pots,)."""
    one = np.repeat(np.arange(x.cells), np.diff(x.first))
    stays = one == x.to
    z = np.zeros(x.cells)
    z[x.to[stays]] = x.cover[:, stays].max(axis=0)
    return np.tile(z, pots // x.cells)
