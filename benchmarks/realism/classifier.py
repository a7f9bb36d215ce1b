"""Features of two feeds -> how well they can be told apart: boosted trees, folds by vessel.

Trees are oblivious (one split for a whole level), fitted to the logistic loss by Newton steps: Friedman 2001, doi:10.1214/aos/1013203451.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

F64 = NDArray[np.float64]
ROUNDS, DEPTH, RATE, L2, BINS = 80, 3, 0.1, 5.0, 24  # usual values, chosen before any figure was seen


class Told(NamedTuple):
    """How well two feeds are told apart: chance is 0.5."""

    auc: float
    auc_low: float
    auc_high: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    n: int


def _fit_predict(x: F64, y: F64, new: F64) -> F64:
    """Scores [log odds] of new rows; missing values have a bin of their own."""
    cuts = [np.unique(np.nanquantile(c, np.linspace(0, 1, BINS + 1)[1:-1])) if np.isfinite(c).any() else np.empty(0) for c in x.T]

    def binned(rows: F64) -> NDArray[np.int64]:
        return np.column_stack([np.where(np.isnan(c), 0, 1 + np.searchsorted(k, c, "left")) for c, k in zip(rows.T, cuts, strict=True)])

    old_bins, new_bins = binned(x), binned(new)
    wide, n_features = BINS + 2, x.shape[1]
    score, out = np.zeros(len(x)), np.zeros(len(new))
    column = np.arange(n_features) * wide
    for _ in range(ROUNDS):
        p = 1.0 / (1.0 + np.exp(-score))
        g, h = y - p, p * (1.0 - p)
        leaf, new_leaf = np.zeros(len(x), np.int64), np.zeros(len(new), np.int64)
        for level in range(DEPTH):
            cell = (leaf[:, None] * n_features * wide + column + old_bins).ravel()
            shape = (1 << level, n_features, wide)
            sums = [np.cumsum(np.bincount(cell, np.repeat(v, n_features), np.prod(shape)).reshape(shape), axis=2) for v in (g, h)]
            left, right = [s[:, :, :-1] for s in sums], [s[:, :, -1:] - s[:, :, :-1] for s in sums]
            gain = (left[0] ** 2 / (left[1] + L2) + right[0] ** 2 / (right[1] + L2)).sum(axis=0)
            f, cut = np.unravel_index(np.argmax(gain), gain.shape)
            leaf, new_leaf = 2 * leaf + (old_bins[:, f] > cut), 2 * new_leaf + (new_bins[:, f] > cut)
        up, down = (np.bincount(leaf, v, 1 << DEPTH) for v in (g, h))
        step = RATE * up / (down + L2)
        score, out = score + step[leaf], out + step[new_leaf]
    return out


def auc_of(score: F64, y: F64) -> float:
    """Chance that a row of the second kind has the higher score, ties half."""
    n1 = y.sum()
    return float((rankdata(score)[y == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * (len(y) - n1)))


def tell_apart(x: F64, y: F64, vessel: NDArray[np.int64], *, folds: int = 5, draws: int = 1000, seed: int = 0) -> Told:
    """Cross-validated, no vessel in two folds; intervals by a bootstrap of vessels.

    Parameters
    ----------
    x, y, vessel
        Features (n, k) with NaN where missing, 0 or 1 (n,), and whose row it is (n,).

    Limits
    ------
    The interval is that of the rows scored, not of other fits.
    """
    rng = np.random.default_rng(seed)
    who, of = np.unique(vessel, return_inverse=True)
    fold = rng.permutation(len(who)) % folds
    score = np.zeros(len(y))
    for k in range(folds):
        test = fold[of] == k
        score[test] = _fit_predict(x[~test], y[~test], x[test])
    right = (score > 0) == (y == 1)
    rows_of = [np.flatnonzero(of == v) for v in range(len(who))]
    drawn = []
    for _ in range(draws):
        pick = np.concatenate([rows_of[v] for v in rng.integers(0, len(who), len(who))])
        drawn.append((auc_of(score[pick], y[pick]), right[pick].mean()))
    (auc_low, low), (auc_high, high) = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    return Told(auc_of(score, y), auc_low, auc_high, float(right.mean()), low, high, len(y))
