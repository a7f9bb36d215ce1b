"""positions -> drift events: a vessel that slides sideways, not under control.

Rescue wants to hear of it (a disabled ship), and so does the watch against trafficking (waiting for a drop).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.behaviours.behaviour import Behaviour, Context, check_range
from seaward.behaviours.columns import columns_of, on_both
from seaward.behaviours.events import EventRows, reason
from seaward.core.geodesy import distance_m, mean_position_deg
from seaward.core.tables import EVENTS
from seaward.core.units import HOUR_S, US_PER_S

_HEADING_ERROR_DEG = 5.0  # gyro or satellite compass as installed; ours
_VELOCITY_ERROR_KN = 0.2  # across the course; ours, after the 0.1 kn step of ITU-R M.1371-5 table 48


@dataclass(frozen=True, slots=True)
class DriftParams:
    """Defaults: Danish Maritime Authority, AisAbnormal (github.com/dma-ais/AisAbnormal), DriftAnalysis."""

    min_sog_kn: float = 1.0
    max_sog_kn: float = 5.0
    min_angle_deg: float = 45.0  # between heading and course, and between heading and reversed course
    min_duration_s: float = 600.0
    min_distance_m: float = 500.0
    min_length_m: float = 50.0
    max_silence_s: float = 900.0  # ours: between two sideways fixes of one drift
    max_break_s: float = 300.0  # ours: without a sideways fix though others come; a third of the fixes may be such
    unknown_length_factor: float = 0.5  # ours: on the probability; a vessel of unknown length is kept, for it may be the one in distress

    def __post_init__(self) -> None:
        check_range("min_sog_kn", self.min_sog_kn, 0.1, 30, "kn", "course over ground is noise at rest")
        check_range("max_sog_kn", self.max_sog_kn, self.min_sog_kn, 30, "kn", "give more than min_sog_kn")
        check_range("min_angle_deg", self.min_angle_deg, 1, 89, "degree", "90 is straight sideways")
        check_range("min_duration_s", self.min_duration_s, 60, 86_400, "s", "give a minute to a day")
        check_range("min_distance_m", self.min_distance_m, 0, 100_000, "m", "0 asks for no distance")
        check_range("min_length_m", self.min_length_m, 0, 1_022, "m", "0 looks at boats too")
        check_range("max_silence_s", self.max_silence_s, 60, 6 * HOUR_S, "s", "give a minute to six hours")
        check_range("max_break_s", self.max_break_s, 0, self.max_silence_s, "s", "0 ends a drift at the first fix that is not sideways")
        check_range("unknown_length_factor", self.unknown_length_factor, 0, 1, "", "0 leaves vessels of unknown length out")


def find_drift(positions: pl.DataFrame, context: Context, params: DriftParams, as_of: datetime) -> pl.DataFrame:
    """Find sustained sideways motion.

    Parameters
    ----------
    positions
        POSITIONS in any order; fixes without speed, course or heading are passed over.
    context
        `vessels` for the length; unknown length is kept at a lower probability.
    params
        Thresholds.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS; probability is the mean chance that the angle was really that wide, given the errors of heading and course.

    Limits
    ------
    Needs a heading, which most class B boats do not send. A strong current across a slow ship, a tug alongside and fishing under gear look the same.
    """
    c = columns_of(positions, as_of)
    if c is None:
        return EVENTS.empty()
    sog, cog, heading = c.float32("sog_kn"), c.float32("cog_deg"), c.float32("heading_deg")
    known = context.vessels.filter(pl.col("length_m").is_not_null())
    length_m = dict(zip(known["vessel_id"].to_list(), known["length_m"].to_list(), strict=True))

    def half(first: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
        return _runs(
            first, c.at_us, c.lon_deg, c.lat_deg, sog, cog, heading, params.min_sog_kn, params.max_sog_kn, params.min_angle_deg,
            int(params.min_duration_s * US_PER_S), params.min_distance_m, int(params.max_silence_s * US_PER_S),
            int(params.max_break_s * US_PER_S), c.as_of_us,
        )  # fmt: skip

    found, way_m, chance = (np.concatenate(parts) for parts in zip(*on_both(half, c.first), strict=True))
    events = EventRows(DRIFT.kind, DRIFT.version, c.realm)
    for n, (a, b, is_open) in enumerate(found.tolist()):
        vessel = c.vessel_of(a)
        length, probability = length_m.get(vessel), float(chance[n])
        if length is not None and length < params.min_length_m:
            continue
        start_us, end_us = int(c.at_us[a]), int(c.at_us[b])
        duration_s = (end_us - start_us) / US_PER_S
        reasons = [
            reason("drift.sideways", min_angle_deg=params.min_angle_deg, duration_min=duration_s / 60),
            reason("drift.distance", distance_m=float(way_m[n]), mean_sog_kn=float(way_m[n]) / duration_s * 3600 / 1852),
        ]
        if length is None:
            if params.unknown_length_factor == 0:
                continue
            probability *= params.unknown_length_factor
            reasons.append(reason("drift.length_unknown", min_length_m=params.min_length_m))
        else:
            reasons.append(reason("drift.length", length_m=length))
        lon, lat = mean_position_deg(c.lon_deg[[a, b]], c.lat_deg[[a, b]])
        events.add(
            is_open=bool(is_open), start_us=start_us, end_us=end_us, vessel_ids=[vessel], lon_deg=lon, lat_deg=lat,
            probability=probability, reasons=reasons, evidence=c.evidence(a, b),
        )  # fmt: skip
    return events.table()


@njit(cache=True, nogil=True)
def _runs(
    first, at, lon, lat, sog, cog, heading, min_sog, max_sog, min_angle, min_duration_us, min_distance_m, max_silence_us, max_break_us, as_of_us
):
    """Rows of (first row, last row, open), with the way [m] and the mean chance of each."""
    cap, n = at.shape[0] // 2 + 1, 0  # as many as there could be; memory not written is not taken
    rows, ways, chances = np.empty((cap, 3), np.int64), np.empty(cap), np.empty(cap)
    for v in range(first.shape[0] - 1):
        a, b, way, chance, fixes = np.int64(-1), np.int64(-1), 0.0, 0.0, 0
        missed, since, since_chance = 0, 0, 0.0  # fixes of the drift that are not sideways; those since the last that is
        for i in range(first[v], first[v + 1] + 1):
            end = i == first[v + 1]
            margin, sideways, p = 0.0, False, 0.0
            if not end:
                s, course, h = sog[i], cog[i], heading[i]
                angle = abs(course - h)
                if math.isnan(s) or math.isnan(angle):
                    continue
                angle = min(angle, 360.0 - angle)
                margin = min(angle, 180.0 - angle) - min_angle
                sideways = margin > 0.0 and min_sog <= s <= max_sog
                error = math.hypot(_HEADING_ERROR_DEG, math.degrees(_VELOCITY_ERROR_KN / max(s, 0.1)))
                p = 0.5 * (1.0 + math.erf(margin / (error * math.sqrt(2.0))))
            if a >= 0:
                over = end or at[i] - at[b] > max_silence_us
                if not over and not sideways:
                    missed, since, since_chance = missed + 1, since + 1, since_chance + p
                    over = at[i] - at[b] > max_break_us or 2 * missed > fixes - (missed - since)
                if over:
                    if at[b] - at[a] >= min_duration_us and way >= min_distance_m:
                        rows[n, 0], rows[n, 1], rows[n, 2] = a, b, np.int64(end and as_of_us - at[b] <= max_silence_us)
                        ways[n], chances[n] = way, chance / fixes
                        n += 1
                    a = np.int64(-1)
            if sideways:
                if a < 0:
                    a, way, chance, fixes, missed, since, since_chance = i, 0.0, 0.0, 0, 0, 0, 0.0
                else:
                    way += distance_m(lon[b], lat[b], lon[i], lat[i])
                chance, fixes, since, since_chance = chance + since_chance + p, fixes + since + 1, 0, 0.0
                b = i
    return rows[:n].copy(), ways[:n].copy(), chances[:n].copy()


DRIFT = Behaviour(
    kind="drift",
    version=2,
    needs=("realm", "vessel_id", "at", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "feed", "raw_offset", "raw_length"),
    find=find_drift,
    params=DriftParams(),
    source="Danish Maritime Authority, AisAbnormal, DriftAnalysis, github.com/dma-ais/AisAbnormal",
    partition="vessel",
    lookback_s=12 * HOUR_S,
)
