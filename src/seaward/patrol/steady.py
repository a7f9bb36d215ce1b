"""Lines of pots -> prices to begin with: those of the same programme without time, where assets go round and round as if for ever.

It proves nothing by itself; the prices are proven, and bettered, by `bound`. But it is small, and so spares `bound` most of its work: on the game of
eight ships and 344 cells its prices prove at once more than hundreds of new routes do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from seaward.patrol.fleet import Group
from seaward.patrol.solver import INF, duals, programme

if TYPE_CHECKING:
    from seaward.patrol.bound import Lines

LOOKS = 3  # looks in a row that are told apart here; later ones count as the last


def steady_prices(lines: Lines, worth: NDArray[np.float64], weight: NDArray[np.float64], game: bool) -> NDArray[np.float64]:
    """Prices of the lines.

    Parameters
    ----------
    lines
        Of the pots.
    worth, weight
        Of each pot: to the adversary in the game, or what it holds; shape (pots,).
    game
        Whether the adversary's best pot counts, rather than what is found.

    Returns
    -------
    At least 0 and, for each pot, adding up to what it holds (or to the adversary's choice times its worth); shape (lines,).
    """
    k, n = len(lines.pot), lines.pots
    blocks, rows, cols, vals = [], [], [], []
    at, down = 0, 0
    lower, upper = [], []
    for g, group in enumerate(lines.groups):
        for e in np.unique(group.lattice.epoch[group.start.step :]).tolist():
            tails, heads, steps, looks, sea = _moves(group)
            m, x = len(tails), group.lattice
            cell, c, finds = looks
            for line in range(int(np.diff(lines.first).max())):
                there = np.flatnonzero(cell >= 0)
                number = lines.first[e * x.cells + cell[there]] + line
                fits = number < lines.first[e * x.cells + cell[there] + 1]
                there, number = there[fits], number[fits]
                rows.append(number)
                cols.append(at + there)
                vals.append(-lines.counts[g][number, c[there]] * finds[there])
            states = x.cells * LOOKS + 1
            rows += [k + down + tails, k + down + heads, np.full(m, k + down + states), np.full(m, k + down + states + 1)]
            cols += [at + np.arange(m)] * 4
            out = tails == states - 1
            vals += [np.ones(m), -np.ones(m), steps, np.where(sea, steps, 0.0) - np.where(out & sea, float(x.sortie), 0.0)]
            held = float((x.epoch[group.start.step :] == e).sum() * group.count)
            lower.append(np.r_[np.zeros(states), -INF, -INF])
            upper.append(np.r_[np.zeros(states), held, 0.0])
            blocks.append(m)
            at, down = at + m, down + states + 2
    rows += [np.arange(k)]
    cols += [at + lines.pot]
    vals += [np.ones(k)]
    cost = np.r_[np.zeros(at), -weight]
    low, high = np.r_[np.zeros(at), np.full(n, -INF)], np.full(at + n, INF)
    low_rows, high_rows = np.r_[np.full(k, -INF), *lower], np.r_[lines.base, *upper]
    if game:
        rows += [k + down + np.arange(n)] * 2
        cols += [at + np.arange(n), np.full(n, at + n)]
        vals += [worth, np.ones(n)]
        low_rows, high_rows = np.r_[low_rows, worth], np.r_[high_rows, np.full(n, INF)]
        cost, low, high = np.r_[np.zeros(at + n), 1.0], np.r_[low, -INF], np.r_[high, INF]
    a: Any = sp.csc_matrix((np.concatenate(vals), (np.concatenate(rows), np.concatenate(cols))), shape=(len(low_rows), len(cost)))
    solver = programme(cost, low, high, a, low_rows, high_rows)
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.run()
    price = np.maximum(0.0, -duals(solver)[:k])
    if not game:  # interior points keep sums to a tolerance only, and a proof needs them whole
        total = np.add.reduceat(price, lines.first[:-1])
        price += np.where(lines.is_last, np.maximum(0.0, weight - total)[lines.pot], 0.0)
        return price
    total = np.add.reduceat(price, lines.first[:-1])
    return price / max(float((total[worth > 0] / worth[worth > 0]).sum()), 1e-12)


def _moves(group: Group) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], tuple[Any, Any, Any], NDArray[np.bool_]]:
    """Moves between states (cell and looks in a row; the port last): from, to, steps, what is looked at (cell, looks before, finds), at sea."""
    x = group.lattice
    n, port = x.cells, x.cells * LOOKS
    one = np.repeat(np.arange(n), np.diff(x.first))
    finds, out = x.finds.mean(axis=0), x.out_finds.mean(axis=0)
    go = one != x.to
    tails = [np.array([port]), np.full(n, port)]
    heads = [np.array([port]), np.arange(n) * LOOKS]
    steps = [np.ones(1), x.home.astype(np.float64)]
    cell, looks, found = [np.array([-1]), np.arange(n)], [np.zeros(1, int), np.zeros(n, int)], [np.zeros(1), out]
    sea = [np.zeros(1, bool), np.ones(n, bool)]
    for c in range(LOOKS):
        stay = x.to[~go]
        tails += [one[go] * LOOKS + c, stay * LOOKS + c, np.arange(n) * LOOKS + c]
        heads += [x.to[go] * LOOKS, stay * LOOKS + min(c + 1, LOOKS - 1), np.full(n, port)]
        steps += [np.ones(int(go.sum())), np.ones(len(stay)), (x.home + x.rest).astype(np.float64)]
        cell += [x.to[go], stay, np.full(n, -1)]
        looks += [np.zeros(int(go.sum()), int), np.full(len(stay), min(c + 1, LOOKS - 1)), np.zeros(n, int)]
        found += [finds[go], finds[~go], np.zeros(n)]
        sea += [np.ones(int(go.sum()), bool), np.ones(len(stay), bool), np.ones(n, bool)]
    parts = [np.concatenate(p) for p in (tails, heads, steps, cell, looks, found, sea)]
    return parts[0], parts[1], parts[2], (parts[3], parts[4], parts[5]), parts[6]
