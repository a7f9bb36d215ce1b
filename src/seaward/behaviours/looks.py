"""detections -> the look each belongs to, which of a look are one contact, and on how many other days something was seen there."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import KDTree

from seaward.core.units import EARTH_RADIUS_M, US_PER_S

_DAY_US = 86_400 * US_PER_S


def scenes(seen: pl.DataFrame, scene_s: float) -> NDArray[np.int64]:
    """Number of the look each detection belongs to; `seen` is in time order."""
    at = seen["at"].to_physical().to_numpy()
    of = seen.select(pl.struct(pl.col("feed").cast(pl.String), pl.col("sensor").cast(pl.String)).rank("dense")).to_series().to_numpy()
    scene, began, last = np.empty(len(seen), np.int64), {}, -1
    for n, (sensor, t) in enumerate(zip(of.tolist(), at.tolist(), strict=True)):
        if sensor not in began or t - began[sensor][0] > scene_s * US_PER_S:
            last += 1
            began[sensor] = (t, last)
        scene[n] = began[sensor][1]
    return scene


def _places(seen: pl.DataFrame) -> NDArray[np.float64]:
    """From the centre of the earth [m], shape (n, 3)."""
    lon, lat = np.radians(seen["lon_deg"].to_numpy()), np.radians(seen["lat_deg"].to_numpy())
    return EARTH_RADIUS_M * np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def seen_again(seen: pl.DataFrame, scene: NDArray[np.int64], alone: NDArray[np.bool_], error_m: float) -> dict[int, list[int]]:
    """Detections without a vessel, each with the later ones of its look that cannot be told from it: each lies within the error of the other.

    Parameters
    ----------
    seen
        DETECTIONS.
    scene
        Number of the look of each, shape (n,).
    alone
        Which are without a vessel, shape (n,); what fits a vessel is not counted with what lies beside it.
    error_m
        One sigma of those that do not say their own [m].

    Limits
    ------
    Ships side by side, nearer to each other than their error, are counted as one. A row of ships, each near the next only, is not: all that are
    counted with one lie near it.
    """
    place, error = _places(seen), seen["error_m"].fill_null(error_m).to_numpy()
    again: dict[int, list[int]] = {}
    of_look = np.flatnonzero(alone)[np.argsort(scene[alone], kind="stable")]
    for look in np.split(of_look, np.flatnonzero(np.diff(scene[of_look])) + 1):
        tree, left = KDTree(place[look]) if len(look) > 1 else None, np.ones(len(look), bool)
        for k, n in enumerate(look.tolist()):
            if not left[k]:
                continue
            close = np.array([k] if tree is None else sorted(tree.query_ball_point(place[n], error[n])))
            close = close[left[close] & (close > k)]
            close = close[np.linalg.norm(place[look[close]] - place[n], axis=1) <= error[look[close]]]
            left[close] = False
            again[n] = look[close].tolist()
    return dict(sorted(again.items()))


def other_days(seen: pl.DataFrame, within_m: float) -> NDArray[np.int64]:
    """On how many other days, two or more apart, something was seen at the place of each detection."""
    day, place = seen["at"].to_physical().to_numpy() // _DAY_US, _places(seen)
    days = np.zeros(len(seen), np.int64)
    if within_m <= 0 or day[0] == day[-1]:
        return days
    cell = np.floor(place / max(1.0, within_m / 8)).astype(np.int64)  # one of each cell and day stands for all: a radar sees a ship a thousand times
    _, one = np.unique(np.column_stack([cell, day]), axis=0, return_index=True)
    tree = KDTree(place[one])
    for n in range(len(seen)):
        there = np.unique(day[one[tree.query_ball_point(place[n], within_m)]])
        days[n] = (np.abs(there - day[n]) >= 2).sum()
    return days
