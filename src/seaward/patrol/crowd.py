"""Possible drifts over cells and time -> how likely each cell is, what a search finds of somebody who moves, and what no search can exceed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seaward.patrol.adrift import Drift
from seaward.patrol.cells import Cells
from seaward.patrol.coverage import GUESS, Routes
from seaward.patrol.fleet import Fleet
from seaward.patrol.read_search import Searched
from seaward.patrol.routes import Path, beam_route, best_route, prospects

_WIDTH, _PER_NODE = 40, 10
_TRIES = 60  # prices tried for the bound
_TOLERANCE = 2e-3


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Drifts as the pots (epoch x cell) that each of them passes through."""

    pot: NDArray[np.int64]  # shape (epochs, drifts); -1 outside all cells, or ashore
    weight: NDArray[np.float64]  # adding up to 1; shape (drifts,)
    seen: NDArray[np.float64]  # shape (drifts,)
    pots: int

    def held(self, weight: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """What each pot holds of a weight of drifts, shape (pots,)."""
        w = self.weight if weight is None else weight
        inside = self.pot >= 0
        return np.bincount(self.pot[inside], np.broadcast_to(w, self.pot.shape)[inside], self.pots).astype(np.float64)

    def seen_z(self, cover: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coverage that each drift meets of a coverage of pots, shape (drifts,)."""
        return self.seen * np.where(self.pot >= 0, cover[np.maximum(self.pot, 0)], 0.0).sum(axis=0)

    def found(self, cover: NDArray[np.float64]) -> float:
        """Probability of success: who is met in two epochs is found once."""
        return float(self.weight @ -np.expm1(-self.seen_z(cover)))

    def price(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a little more coverage of each pot is worth where drifts have met z, shape (pots,)."""
        return self.held(self.weight * self.seen * np.exp(-z))


def crowd_of(drift: Drift, cells: Cells, epochs: int, epoch_h: float, weight: NDArray[np.float64]) -> Crowd:
    """Where each drift is in the middle of each epoch."""
    pot = np.full((epochs, len(weight)), -1, np.int64)
    for e in range(epochs):
        m = drift.at((e + 0.5) * epoch_h)
        cell = cells.at(drift.lon_deg[m], drift.lat_deg[m])
        pot[e] = np.where((cell >= 0) & ~drift.stranded[m], cell + e * len(cells), -1)
    return Crowd(pot, weight, drift.seen, epochs * len(cells))


def after(drift: Drift, done: Sequence[Searched]) -> tuple[NDArray[np.float64], float]:
    """Weights of drifts after searches that found nothing, and the probability that these would have found them (Bayes; Koopman 1956-57).

    Parameters
    ----------
    drift
        As drawn.
    done
        Searches: a drift meets the coverage in proportion to how long it was afloat within the box while it was searched.

    Returns
    -------
    Weights that add up to 1, shape (drifts,); the probability of success of what was done.
    """
    z = np.zeros(len(drift.weight))
    for s in done:
        west, south, east, north = s.box
        moments = np.unique([drift.at(h) for h in np.linspace(s.start_h, s.end_h, max(2, math.ceil((s.end_h - s.start_h) / 0.25) + 1))])
        lon, lat = drift.lon_deg[moments], drift.lat_deg[moments]
        inside = ((lon - west) % 360.0 <= (east - west) % 360.0) & (lat >= south) & (lat <= north) & ~drift.stranded[moments]
        z += s.coverage * drift.seen * inside.mean(axis=0)
    left = drift.weight * np.exp(-z)
    return left / left.sum(), float(drift.weight @ -np.expm1(-z))


def search_bound(fleet: Fleet, crowd: Crowd) -> tuple[float, NDArray[np.float64], list[list[Path]]]:
    """A probability of success that no plan over these cells and steps exceeds.

    Parameters
    ----------
    fleet
        Who searches.
    crowd
        Drifts.

    Returns
    -------
    The bound, the prices of pots at the best mixture met, and by group routes that looked best on the way.

    Source
    ------
    The probability is concave in coverage, so from any coverage Z the tangent bounds it: F(Z) - grad Z + the sum of each asset's best route by the
    gradient, exact by the dynamic programme of `routes`. Z moves as in Frank and Wolfe 1956 (doi:10.1002/nav.3800030109). Moving targets: Brown 1980.
    """
    linear = [replace(g.lattice, finds=g.lattice.cover, out_finds=g.lattice.out_cover) for g in fleet.groups]
    z, bound, best = np.zeros(len(crowd.weight)), 1.0, -1.0
    price = crowd.price(z)
    kept: list[list[Path]] = [[] for _ in fleet.groups]
    for _ in range(_TRIES):
        now = crowd.price(z)
        value = float(crowd.weight @ -np.expm1(-z))
        if value > best:
            best, price = value, now
        cover, earned = np.zeros(crowd.pots), 0.0
        for k, g in enumerate(fleet.groups):
            worth, path = best_route(linear[k], now, g.start)
            if not np.isfinite(worth):
                continue
            earned += g.count * worth
            cover += g.count * fleet.cover(k, path)
            kept[k].append(path)
        bound = min(bound, value - float(crowd.weight * np.exp(-z) @ z) + earned)
        if bound - best <= _TOLERANCE * max(bound, 1e-9):
            break
        z = _nearer(crowd, z, crowd.seen_z(cover))
    return bound, price, kept


def _nearer(crowd: Crowd, z: NDArray[np.float64], to: NDArray[np.float64]) -> NDArray[np.float64]:
    """The best coverage on the way from one to another: a golden section over a concave line."""
    low, high, golden = 0.0, 1.0, (math.sqrt(5) - 1) / 2
    for _ in range(24):
        a, b = high - golden * (high - low), low + golden * (high - low)
        fa, fb = (float(crowd.weight @ np.exp(-((1 - s) * z + s * to))) for s in (a, b))
        low, high = (low, b) if fa < fb else (a, high)
    share = (low + high) / 2
    return (1 - share) * z + share * to


def plan_search(fleet: Fleet, crowd: Crowd, seed: int, rounds: int, price: NDArray[np.float64], known: Sequence[Sequence[Path]]) -> Routes:
    """Look for the routes that find most of somebody who moves.

    Parameters
    ----------
    fleet, crowd
        Who searches; drifts.
    seed
        Of choices on the way.
    rounds
        Times that assets are sent anew.
    price, known
        Of `search_bound`: guide the routes.

    Returns
    -------
    The best plan met, its value the probability of success.

    Source
    ------
    Assets in turn, each against what the others and its own other epochs leave (forward and backward: Brown 1980, doi:10.1287/opre.28.6.1275), by
    the beam of `routes`; kept when it is better by the drifts themselves.
    """
    rng = np.random.default_rng(seed)
    member = fleet.member
    paths: list[Path] = [np.empty(0, np.int32)] * len(member)
    covers = fleet.covers(paths)
    guides = [prospects(g.lattice, GUESS * price, g.start) for g in fleet.groups]

    def better(s: int, value: float) -> float:
        others = covers.sum(axis=0) - covers[s]
        z = crowd.seen_z(others)
        options = [_beam(fleet, member[s], crowd.price(z), guides[member[s]] * rng.uniform(0.0, 1.5))]
        if len(paths[s]):
            mine = crowd.seen * np.where(crowd.pot >= 0, covers[s][np.maximum(crowd.pot, 0)], 0.0)
            left = crowd.weight * crowd.seen * np.exp(-(z + mine.sum(axis=0) - mine))  # by epoch: what own other epochs leave
            inside = crowd.pot >= 0
            pots = np.bincount(crowd.pot[inside], left[inside], crowd.pots).astype(np.float64)
            options.append(_beam(fleet, member[s], pots, guides[member[s]] * rng.uniform(0.0, 1.5)))
        elif known[member[s]]:
            options.append(known[member[s]][-1])
        for path in options:
            if not len(path):
                continue
            cover = fleet.cover(member[s], path)
            if (new := crowd.found(others + cover)) > value + 1e-12:
                value, paths[s], covers[s] = new, path, cover
        return value

    value = 0.0
    for s in rng.permutation(len(member)).tolist():
        value = better(s, value)
    for k in range(rounds):
        value = better(int(rng.integers(len(member))) if k >= len(member) else k, value)
    return Routes(tuple(paths), covers, value)


def _beam(fleet: Fleet, group: int, left: NDArray[np.float64], ahead: NDArray[np.float64]) -> Path:
    g = fleet.groups[group]
    return beam_route(g.lattice, left, g.start, _WIDTH, ahead, _PER_NODE)[1]
