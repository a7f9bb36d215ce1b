"""positions, a polygon -> who was in it: when first and last, with how many reports, how long, and who only crossed it between two reports."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from seaward.core.geodesy import wrap_deg
from seaward.core.tables import AT
from seaward.core.units import US_PER_S, at_to_us
from seaward.picture.legs import Fixes

PRESENCE = pl.Schema({
    "vessel_id": pl.String, "mmsi": pl.UInt32, "seen": pl.String, "first_in_at": AT, "last_in_at": AT, "reports": pl.UInt32,
    "first_report_at": AT, "last_report_at": AT, "stays": pl.UInt32, "longest_stay_s": pl.Float64, "in_area_s": pl.Float64,
})  # fmt: skip
_TOUCH_US = 1_000  # stays that are nearer are one: what is computed of a crossing is rounded


def presence(
    positions: pl.DataFrame, shape: BaseGeometry, most_gap_s: float, since: datetime | None = None, until: datetime | None = None
) -> pl.DataFrame:
    """Who was in an area.

    Parameters
    ----------
    positions
        POSITIONS in any order, also of before and after, so that crossings are seen.
    shape
        Polygon within -180..180; its border belongs to it.
    most_gap_s
        Between two fixes that lie no farther apart in time, a vessel is taken to have sailed straight and evenly; otherwise nothing is said [s].
    since, until
        Only what was between them counts (both included).

    Returns
    -------
    PRESENCE, by first_in_at: one row a vessel that was inside. `seen` is `reported`, or `passed` where no report lies inside, but the way between two
    of them does. Stays go from border to border as far as the ways tell, and are 0 s for a report without a way.

    Limits
    ------
    Straight on a chart of equal degrees: within 0.4 km of the great circle for 60 nm east to west at 60 degrees of latitude. Not for the poles.
    """
    fixes = Fixes.of(positions)
    shapely.prepare(shape)
    inside = _inside(shape, fixes.lon_deg, fixes.lat_deg)
    leg = fixes.legs(round(most_gap_s * US_PER_S))
    of, begin, end = _within(shape, fixes, leg, inside)
    at = np.nonzero(inside)[0]
    t0, dt = fixes.t_us[leg], fixes.t_us[leg + 1] - fixes.t_us[leg]
    parts = pl.DataFrame({
        "vessel": np.concatenate([fixes.vessel[leg[of]], fixes.vessel[at]]),
        "begin": np.concatenate([t0[of] + np.rint(begin * dt[of]).astype(np.int64), fixes.t_us[at]]),
        "end": np.concatenate([t0[of] + np.rint(end * dt[of]).astype(np.int64), fixes.t_us[at]]),
        "report": pl.Series([None], dtype=pl.Int64).new_from_index(0, len(of)).append(pl.Series(fixes.t_us[at], dtype=pl.Int64)),
    }, schema_overrides={"vessel": pl.Int64})  # fmt: skip
    parts = _between(parts, since, until).sort("vessel", "begin", "end")
    before = pl.col("end").cum_max().shift(1).over("vessel")
    stays = (
        parts.with_columns(stay=((pl.col("begin") > before + _TOUCH_US) | before.is_null()).cum_sum())
        .group_by("vessel", "stay")
        .agg(pl.col("begin").min(), pl.col("end").max(), first=pl.col("report").min(), last=pl.col("report").max())
    )  # fmt: skip
    length = (pl.col("end") - pl.col("begin")) / US_PER_S
    found = stays.group_by("vessel").agg(
        first_in_at=pl.col("begin").min(), last_in_at=pl.col("end").max(), first_report_at=pl.col("first").min(), last_report_at=pl.col("last").max(),
        stays=pl.len(), longest_stay_s=length.max(), in_area_s=length.sum(),
    )  # fmt: skip
    counts = parts.filter(pl.col("report").is_not_null()).group_by("vessel").agg(reports=pl.len())
    who = pl.DataFrame({"vessel": np.arange(len(fixes.names)), "vessel_id": fixes.names, "mmsi": fixes.mmsis},
                       schema={"vessel": pl.Int64, "vessel_id": pl.String, "mmsi": pl.UInt32})  # fmt: skip
    found = found.join(counts, on="vessel", how="left").join(who, on="vessel").with_columns(pl.col("reports").fill_null(0))
    found = found.with_columns(seen=pl.when(pl.col("reports") > 0).then(pl.lit("reported")).otherwise(pl.lit("passed")))
    return found.select(pl.col(c).cast(t) for c, t in PRESENCE.items()).sort("first_in_at", "vessel_id")


def _between(parts: pl.DataFrame, since: datetime | None, until: datetime | None) -> pl.DataFrame:
    """What of them lies between two moments."""
    if since is not None:
        parts = parts.with_columns(pl.max_horizontal("begin", at_to_us(since)).alias("begin"))
    if until is not None:
        parts = parts.with_columns(pl.min_horizontal("end", at_to_us(until)).alias("end"))
    return parts.filter(pl.col("begin") <= pl.col("end"))


def _inside(shape: BaseGeometry, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    west, south, east, north = shape.bounds
    near = (lat >= south) & (lat <= north)
    found = np.zeros(len(lon), bool)
    for shift in (0.0, 360.0, -360.0):  # 180 degrees are -180 degrees
        x = lon + shift
        look = near & ~found & (x >= west) & (x <= east)
        found[look] = shapely.intersects_xy(shape, x[look], lat[look])
    return found


def _within(
    shape: BaseGeometry, fixes: Fixes, leg: NDArray[np.int64], inside: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Parts of legs that lie in the shape: number of the leg, share of it where the part begins and ends."""
    x0, y0, y1 = fixes.lon_deg[leg], fixes.lat_deg[leg], fixes.lat_deg[leg + 1]
    x1 = x0 + np.asarray(wrap_deg(fixes.lon_deg[leg + 1] - x0))
    west, south, east, north = shape.bounds
    found: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]] = []
    for shift in (0.0, 360.0, -360.0):
        a, b = x0 + shift, x1 + shift
        near = np.nonzero((np.minimum(a, b) <= east) & (np.maximum(a, b) >= west) & (np.minimum(y0, y1) <= north) & (np.maximum(y0, y1) >= south))[0]
        still = (a[near] == b[near]) & (y0[near] == y1[near])
        stayed = near[still & inside[leg[near]]]
        found.append((stayed, np.zeros(len(stayed)), np.ones(len(stayed))))
        near = near[~still]
        lines = shapely.linestrings(np.stack([np.stack([a[near], y0[near]], -1), np.stack([b[near], y1[near]], -1)], 1))
        covered = shapely.covers(shape, lines)
        found.append((near[covered], np.zeros(covered.sum()), np.ones(covered.sum())))
        cut = np.nonzero(~covered & shapely.intersects(shape, lines))[0]
        parts, of = shapely.get_parts(shapely.intersection(np.asarray(lines)[cut], shape), return_index=True)
        parts, again = shapely.get_parts(parts, return_index=True)
        xy, part = shapely.get_coordinates(parts, return_index=True)
        if len(xy):
            n = near[cut[of[again]]]  # leg of each part
            dx, dy = (b - a)[n[part]], (y1 - y0)[n[part]]
            share = np.clip(((xy[:, 0] - a[n[part]]) * dx + (xy[:, 1] - y0[n[part]]) * dy) / (dx * dx + dy * dy), 0.0, 1.0)
            low, high = np.full(len(parts), 2.0), np.full(len(parts), -1.0)
            np.minimum.at(low, part, share)
            np.maximum.at(high, part, share)
            found.append((n, low, high))
    of, begin, end = (np.concatenate(column) for column in zip(*found, strict=True))
    return of, begin, end
