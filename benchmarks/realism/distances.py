"""Two samples of values by vessel -> Kolmogorov-Smirnov and Wasserstein distances, with a bootstrap by vessel. Each vessel weighs the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


class Distance(NamedTuple):
    """A distance and its 95 % interval."""

    value: float
    low: float
    high: float


def distances(a: tuple[F64, NDArray[np.int64]], b: tuple[F64, NDArray[np.int64]], *, draws: int = 300, seed: int = 0) -> tuple[Distance, Distance]:
    """Kolmogorov-Smirnov and Wasserstein distance of two samples, each as (values, number of the vessel from 0 on).

    Limits
    ------
    A bootstrap of a distance lies above the distance where that is small: compare with the distance of two halves of one feed.
    """
    value = np.concatenate([a[0], b[0]])
    order = np.argsort(value, kind="stable")
    steps = np.diff(value[order])
    is_last = np.append(steps > 0, True)
    rng = np.random.default_rng(seed)
    sizes = [int(v.max()) + 1 for _, v in (a, b)]
    own = [1.0 / np.bincount(v, minlength=n)[v] for (_, v), n in zip((a, b), sizes, strict=True)]

    def once(counts: list[F64]) -> tuple[float, float]:
        weight = [w * c[v] / (w * c[v]).sum() for w, c, (_, v) in zip(own, counts, (a, b), strict=True)]
        apart = np.abs(np.cumsum(np.concatenate([weight[0], -weight[1]])[order]))
        return float(apart[is_last].max()), float((apart[:-1] * steps).sum())

    best = once([np.ones(n) for n in sizes])
    drawn = np.array([once([np.bincount(rng.integers(0, n, n), minlength=n).astype(float) for n in sizes]) for _ in range(draws)])
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return Distance(best[0], low[0], high[0]), Distance(best[1], low[1], high[1])
