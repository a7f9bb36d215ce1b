"""Events, past looks and what users expect -> acts present in each cell and epoch, with how sure that is, and where nobody has looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from seaward.core.errors import ParameterError
from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M
from seaward.patrol.cells import Cells

KNOWN_LOOKS = 0.1  # of a cell and its neighbours: below, nobody has looked; ours
_STRENGTH = 1.0  # events that the mean of the whole area weighs as much as; ours
_USER_STRENGTH = 2.0  # events that an expectation drawn by a user weighs as much as; ours
_SEASON_STRENGTH = 5.0  # events a month must outweigh before it differs from the year; ours
_NOTHING_KNOWN = 0.1  # acts per 1,000 nm2 where there is neither event nor look nor expectation; a placeholder, said so on the page
_INTERVAL = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class RiskParams:
    """How acts are thought to come, stay and go."""

    act_h: float = 48.0
    half_life_days: float = 180.0
    smooth_nm: float = 30.0
    drift_kn: float = 0.5
    watched: float = 0.0

    def __post_init__(self) -> None:
        if not (self.act_h > 0 and self.half_life_days > 0 and self.smooth_nm >= 0 and self.drift_kn >= 0 and 0 <= self.watched <= 1):
            raise ParameterError(f"expected act_h and half_life_days above 0, smooth_nm and drift_kn at least 0, watched from 0 to 1; got {self}")


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Where acts were found: one row each."""

    at: NDArray[np.datetime64]
    cell: NDArray[np.int64]
    weight: NDArray[np.float64]  # chance that it was one


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """Where was looked, found or not: one row each."""

    at: NDArray[np.datetime64]
    cell: NDArray[np.int64]
    cover: NDArray[np.float64]  # z = sweep width x speed x time / area


@dataclass(frozen=True, slots=True, eq=False)
class Risk:
    """Acts present in each cell at any one time, and what is there in each epoch of a plan."""

    mean: NDArray[np.float64]  # shape (cells,)
    low: NDArray[np.float64]  # 90 % of the chance lies between
    high: NDArray[np.float64]
    looks: NDArray[np.float64]  # that count for the cell, old ones less
    is_known: NDArray[np.bool_]
    season: NDArray[np.float64]  # factor, shape (epochs,)
    present: NDArray[np.float64]  # share not met by earlier looks, shape (epochs, cells)
    notes: tuple[str, ...]  # codes: what is not known
    refused: Mapping[str, int] = field(default_factory=dict)  # rows that did not count, by reason

    @property
    def weight(self) -> NDArray[np.float64]:
        """Acts in each pot, epoch by epoch; shape (epochs * cells,)."""
        return (self.mean * self.present * self.season[:, None]).ravel()


def learn_risk(
    cells: Cells, seen: Seen, looked: Looked, expected: NDArray[np.float64], params: RiskParams, start: datetime, epochs: int
) -> Risk:  # fmt: skip
    """Estimate what is where.

    Parameters
    ----------
    cells
        Of the area.
    seen, looked
        Before `start`; later rows do not count.
    expected
        Acts per 1,000 nm2 that users expect of each cell, not a number where they say nothing; shape (cells,).
    params
        How acts come and go.
    start
        When the plan begins.
    epochs
        Of `act_h` each.

    Returns
    -------
    The risk.

    Limits
    ------
    An act is taken to stay for `act_h`, and to be met by a look of coverage z with chance 1 - exp(-z). Events without looks cannot be corrected for
    effort: then where most was watched seems worst (said in `notes`). Season: one factor a month for the whole area.

    Source
    ------
    Gamma-Poisson with kernel weights (local likelihood): Loader 1999; empty looks: Stone 1975, chapter 2.
    """
    notes: list[str] = []
    now = np.datetime64(start.replace(tzinfo=None), "us")
    seen_on, looked_on = (seen.at < now) & (seen.cell >= 0), (looked.at < now) & (looked.cell >= 0)
    age_days = [(now - a) / np.timedelta64(1, "D") for a in (seen.at[seen_on], looked.at[looked_on])]
    fades = [0.5 ** (a / params.half_life_days) for a in age_days]
    n = len(cells)
    acts = np.bincount(seen.cell[seen_on], seen.weight[seen_on] * fades[0], n).astype(np.float64)
    looks = np.bincount(looked.cell[looked_on], -np.expm1(-looked.cover[looked_on]) * fades[1], n).astype(np.float64)
    if acts.any() and params.watched > 0:
        span_days = float(age_days[0].max())
        lasting = params.half_life_days / np.log(2) * (1 - 0.5 ** (span_days / params.half_life_days))
        looks += params.watched * lasting * 24.0 / params.act_h
    elif acts.any() and not looks.any():
        notes.append("risk.no_effort")
        looks += 1.0
    kernel = _kernel(cells, params.smooth_nm)
    near_acts, near_looks = kernel @ acts, kernel @ (looks * cells.area_nm2 / 1_000)
    overall = (acts.sum() + 0.5) / (looks * cells.area_nm2 / 1_000).sum() if looks.any() else _NOTHING_KNOWN
    prior = np.where(np.isfinite(expected), expected, overall)
    strength = np.where(np.isfinite(expected), _USER_STRENGTH, _STRENGTH)
    if not looks.any():
        notes.append("risk.expected_only" if np.isfinite(expected).any() else "risk.nothing_known")
    shape, rate = strength + near_acts, strength / np.maximum(prior, 1e-9) + near_looks
    per_cell = cells.area_nm2 / 1_000
    low, high = (gammaincinv(shape, q) / rate * per_cell for q in _INTERVAL)
    known = kernel @ looks >= KNOWN_LOOKS
    if looks.any() and not known.all():
        notes.append("risk.some_unknown")
    season, is_told = _season(seen.at[seen_on], seen.weight[seen_on], looked.at[looked_on], looked.cover[looked_on], start, epochs, params.act_h)
    if not is_told:
        notes.append("risk.no_season")
    present = _present(cells, looked.at[looked_on], looked.cell[looked_on], looked.cover[looked_on], now, epochs, params)
    return Risk(shape / rate * per_cell, low, high, kernel @ looks, known, season, present, tuple(notes))


def _kernel(cells: Cells, width_nm: float) -> NDArray[np.float64]:
    """How much one cell tells of another, 1 for itself; shape (cells, cells)."""
    if width_nm == 0:
        return np.eye(len(cells))
    nm = great_circle_m(cells.lon_deg[:, None], cells.lat_deg[:, None], cells.lon_deg, cells.lat_deg) / NM_M
    return np.where(nm <= 3 * width_nm, np.exp(-0.5 * (nm / width_nm) ** 2), 0.0)


def _season(
    seen_at: NDArray[np.datetime64], weight: NDArray[np.float64], looked_at: NDArray[np.datetime64], cover: NDArray[np.float64], start: datetime,
    epochs: int, act_h: float,
) -> tuple[NDArray[np.float64], bool]:  # fmt: skip
    """Factor of each epoch, and whether there was a year of looks to learn it from."""
    if len(looked_at) == 0 or (looked_at.max() - looked_at.min()) / np.timedelta64(1, "D") < 365:
        return np.ones(epochs), False
    months = [a.astype("datetime64[M]").astype(int) % 12 for a in (seen_at, looked_at)]
    acts, looks = np.bincount(months[0], weight, 12), np.bincount(months[1], -np.expm1(-cover), 12)
    factor = (acts + _SEASON_STRENGTH) / (looks * acts.sum() / looks.sum() + _SEASON_STRENGTH)
    smooth = (np.roll(factor, 1) + 2 * factor + np.roll(factor, -1)) / 4
    smooth /= smooth.mean()
    at = [start + timedelta(hours=(e + 0.5) * act_h) for e in range(epochs)]
    return np.array([smooth[a.month - 1] for a in at]), True


def _present(
    cells: Cells, at: NDArray[np.datetime64], cell: NDArray[np.int64], cover: NDArray[np.float64], now: np.datetime64, epochs: int,
    params: RiskParams,
) -> NDArray[np.float64]:  # fmt: skip
    """Share of what is usually there that earlier looks have not met: a look thins it by exp(-z), it comes back within `act_h`, and wanders."""
    present = np.ones((epochs, len(cells)))
    recent = (now - at) / np.timedelta64(1, "h") < 6 * params.act_h
    nm = None
    for when, k, z in zip(at[recent], cell[recent].tolist(), cover[recent].tolist(), strict=True):
        if nm is None:
            nm = great_circle_m(cells.lon_deg[:, None], cells.lat_deg[:, None], cells.lon_deg, cells.lat_deg) / NM_M
        for e in range(epochs):
            hours = float((now - when) / np.timedelta64(1, "h")) + e * params.act_h
            met = -np.expm1(-z) * np.exp(-hours / params.act_h)
            spread_nm = params.drift_kn * np.sqrt(hours * params.act_h)
            share = np.exp(-0.5 * (nm[k] / max(spread_nm, 1e-6)) ** 2)
            share = share / share.sum() if share.sum() > 0 else np.eye(len(cells))[k]
            present[e] *= 1 - met * share
    return present
