"""Cells that get less than was asked for -> whether anybody could give it at all, who comes nearest, and what would have to change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seaward.patrol.lattice import Lattice
from seaward.patrol.obstacles import Obstacle, too_short
from seaward.patrol.problem import Problem


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Some cells and what keeps the least from them.

    `waters`: nobody may enter them, or no way leads there. `endurance`, `fuel`, `horizon`: with so much the asset that comes nearest could look into
    all of them. `least_find`: all assets together could give no more, did they nothing else. `shared`: each could be given it, but only instead of
    others, as far as the search found.
    """

    cells: int
    constraint: str
    asset: str = ""
    has: float = 0.0
    needs: float = 0.0

    def told(self) -> dict[str, Any]:
        """Ready for JSON, and for the catalogue."""
        return asdict(self)


def uncovered(problem: Problem, short: Sequence[int], least: float) -> tuple[Uncovered, ...]:
    """Why cells are covered less than was asked for.

    Parameters
    ----------
    problem
        Cells and fleet.
    short
        Numbers of such cells.
    least
        Chance of being met that was asked for in each.

    Returns
    -------
    By constraint and asset, the one with most cells first.

    Limits
    ------
    `least_find` counts for each asset the most looks that its sorties leave time for, at the best light: it cannot be exceeded, and perhaps not be
    reached.
    """
    found: dict[tuple[str, str], list[Obstacle]] = {}
    limit = {k: 0.0 for k in short}
    for group in problem.fleet.groups:
        most = _most_cover(group.lattice)
        for k in short:
            limit[k] += group.count * float(most[k])
    for k in short:
        if limit[k] > 0:
            code = "least_find" if -math.expm1(-limit[k]) < least else "shared"
            found.setdefault((code, ""), []).append(Obstacle("", code, least, math.floor(-math.expm1(-limit[k]) * 1e3) / 1e3))
        else:
            for o in _nearest(problem, k):
                found.setdefault((o.constraint, o.asset), []).append(o)
    told = [
        Uncovered(len(o), code, asset, o[0].has, min(x.needs for x in o) if code == "least_find" else max(x.needs for x in o))
        for (code, asset), o in found.items()
    ]
    return tuple(sorted(told, key=lambda u: (-u.cells, u.constraint, u.asset)))


def _most_cover(x: Lattice) -> NDArray[np.float64]:
    """Coverage of each cell that one asset cannot exceed, did it nothing else; shape (cells,)."""
    span = min(x.sortie, x.steps)
    looks = np.maximum(0, span - 2 * x.home + 1)  # from the last step of the way out to the last before the way home
    sorties = max(1, math.ceil(x.steps / max(1, 2 + x.rest)))
    looks = np.minimum(looks * sorties, np.maximum(0, x.steps - 2 * x.home + 1))
    best = x.out_cover.max(axis=0)
    if len(x.to):
        np.maximum.at(best, x.to, x.cover.max(axis=0))
    return np.where(looks > 0, looks * best, 0.0)


def _nearest(problem: Problem, cell: int) -> list[Obstacle]:
    """What keeps the asset from a cell that needs the least more time for it."""
    state, days = problem.asked.horizon["sea_state"], problem.asked.horizon["days"]
    ways: list[tuple[float, list[Obstacle]]] = []
    first = 0
    for group, waters in zip(problem.fleet.groups, problem.waters, strict=True):
        asset, x = problem.assets[first], group.lattice
        first += group.count
        if math.isfinite(float(waters.from_nm(*asset.base)[cell])):
            need_h = float(2 * x.home[cell]) * x.step_h
            held = too_short(asset, state, need_h, x.step_h, days)
            ways.append((need_h - min(x.sortie, x.steps) * x.step_h, held))
    return min(ways, key=lambda w: w[0])[1] if ways else [Obstacle("", "waters", 0.0, 0.0)]
