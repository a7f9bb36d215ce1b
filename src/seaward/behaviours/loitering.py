"""positions -> loitering events: a vessel that stays slow for hours, away from berths.

Carriers that wait to take on catch, boats that wait for a drop, ships without orders all look like this;
so do broken engines and bad weather. The event says how slow, how long and how far offshore.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numba import njit

from seaward.behaviours.behaviour import LEFT_OUT, Behaviour, Context, check_range
from seaward.behaviours.columns import columns_of
from seaward.behaviours.events import EventRows, reason
from seaward.behaviours.harbours import TUGS_AND_PILOTS, harbour_m, of_types
from seaward.core.geodesy import distance_m, mean_position_deg
from seaward.core.tables import EVENTS
from seaward.core.units import DEG_M, HOUR_S, US_PER_S, mps_to_kn, nm_to_m

_HOUR_US = 3_600 * US_PER_S
_SLOT_US = 300 * US_PER_S  # one fix in five minutes: position noise of 10 m then weighs 0.1 kn, not 3 kn as between fixes 6 s apart


@dataclass(frozen=True, slots=True)
class LoiteringParams:
    """Defaults: Global Fishing Watch, technical documentation (October 2025), "Loitering"."""

    max_sog_kn: float = 2.0  # mean over one UTC hour
    min_duration_s: float = 2 * HOUR_S
    min_shore_m: float = nm_to_m(20.0)  # mean over the stay; 0 where the coast itself is watched
    min_anchorage_m: float = 4_000.0  # ours: from ports given and stopping places learned; what is out of port by the published rule for visits
    left_out_types: tuple[int, ...] = TUGS_AND_PILOTS  # ours: who wait for others at their work; () leaves out none
    max_silence_s: float = 4_500.0  # ours: 75 minutes, as in encounter; a longer silence ends the stay

    def __post_init__(self) -> None:
        check_range("max_sog_kn", self.max_sog_kn, 0.1, 10, "kn", "above 10 kn nothing loiters")
        check_range("min_duration_s", self.min_duration_s, HOUR_S, 30 * 86_400, "s", "speed is averaged by the hour, so ask for 3600 or more")
        check_range("min_shore_m", self.min_shore_m, 0, 5_000_000, "m", "0 watches the coast itself")
        check_range("min_anchorage_m", self.min_anchorage_m, 0, 1_000_000, "m", "0 looks into ports too")
        check_range("max_silence_s", self.max_silence_s, 600, 6 * HOUR_S, "s", "a speed across a longer silence says nothing")


def sift_loitering(positions: pl.DataFrame, context: Context, params: LoiteringParams, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find runs of consecutive slow UTC hours, and tell those that are left out.

    An hour between two reports in which none begins is part of the one before.

    The way between the first fixes of each five minutes counts for the hour in which it begins; the mean speed of an hour is its way over its time.

    Parameters
    ----------
    positions
        POSITIONS in any order.
    context
        `shore_m`; without it, no stay is left out for being near the shore, and the event says so. `places` and `vessels`: for what else is left out.
    params
        Thresholds.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS; probability is null: what a stay means is not known.
    left_out
        LEFT_OUT, one per stay that the first of these leaves out: `shore`, `harbour`, `tug_or_pilot`.

    Limits
    ------
    Starts and ends lie on fixes of slow hours, so a stay may look up to an hour shorter at either end. Waiting for a berth, weather and a broken
    engine are not told apart.
    """
    c = columns_of(positions, as_of)
    if c is None:
        return EVENTS.empty(), pl.DataFrame(schema=LEFT_OUT)
    runs, hour_row, hour_run = _runs(
        c.first,
        c.at_us,
        c.lon_deg,
        c.lat_deg,
        params.max_sog_kn,
        int(params.max_silence_s * US_PER_S),
        int(params.min_duration_s * US_PER_S),
        c.as_of_us,
    )
    events = EventRows(LOITERING.kind, LOITERING.version, c.realm)
    bounds = np.searchsorted(hour_run, np.arange(len(runs) + 1))
    shore = None if context.shore_m is None else np.asarray(context.shore_m(c.lon_deg[hour_row], c.lat_deg[hour_row]), np.float64)
    helpers = of_types(context, params.left_out_types)
    for n, (a, b, way_mm, time_us, is_open) in enumerate(runs.tolist()):
        start_us, end_us = int(c.at_us[a]), int(c.at_us[b])
        rows = hour_row[bounds[n] : bounds[n + 1]]
        who, mean_shore_m = c.vessel_of(a), 0.0 if shore is None else float(shore[bounds[n] : bounds[n + 1]].mean())
        lon, lat = mean_position_deg(c.lon_deg[rows], c.lat_deg[rows])
        harbour = harbour_m(context, [lon], [lat])
        why = (
            "shore" if shore is not None and not mean_shore_m >= params.min_shore_m
            else "harbour" if harbour is not None and harbour[0] < params.min_anchorage_m
            else "tug_or_pilot" if who in helpers
            else None
        )  # fmt: skip
        if why is not None:
            events.leave_out(why, is_open=bool(is_open), start_us=start_us, vessel_ids=[who])
            continue
        reasons = [
            reason("loitering.duration", duration_h=(end_us - start_us) / US_PER_S / HOUR_S),
            reason("loitering.speed", mean_sog_kn=mps_to_kn(way_mm / 1000 / (time_us / US_PER_S)), max_sog_kn=params.max_sog_kn),
            reason("loitering.shore_unknown") if shore is None else reason("loitering.shore", shore_nm=mean_shore_m / nm_to_m(1.0)),
        ]
        if harbour is not None:
            reasons.append(reason("loitering.harbour", away_km=float(harbour[0]) / 1000))
        events.add(
            is_open=bool(is_open), start_us=start_us, end_us=end_us, vessel_ids=[who], lon_deg=lon, lat_deg=lat,
            probability=None, reasons=reasons, evidence=c.evidence(a, b),
        )  # fmt: skip
    return events.table(), events.left_out()


def find_loitering(positions: pl.DataFrame, context: Context, params: LoiteringParams, as_of: datetime) -> pl.DataFrame:
    """The events of `sift_loitering`."""
    return sift_loitering(positions, context, params, as_of)[0]


@njit(cache=True, nogil=True)
def _runs(first, at, lon, lat, max_sog_kn, max_silence_us, min_duration_us, as_of_us):
    """Rows of (first row, last row, way [mm], time [us], open), and per slow hour of each its first row and its run."""
    cap = at.shape[0] + 1  # as many as there could be; memory not written is not taken
    runs, hour_row, hour_run = np.empty((cap, 5), np.int64), np.empty(cap, np.int64), np.empty(cap, np.int64)
    n_runs, n_hours = 0, 0
    for v in range(first.shape[0] - 1):
        a, b = first[v], first[v + 1]
        run_a, run_b, run_way, run_us, run_hour, run_hours = np.int64(-1), np.int64(-1), 0.0, np.int64(0), np.int64(-1), 0
        p = a  # the vertex before
        hour, hour_before = at[a] // _HOUR_US, np.int64(-1)
        hour_a, way, spent = a, 0.0, np.int64(0)
        i = a
        while i < b:
            # the next vertex: first fix of the next five minutes; beyond the last, a closing step
            slot_end = (at[i] // _SLOT_US + 1) * _SLOT_US
            j = i + 1
            while j < b and at[j] < slot_end:
                j += 1
            dt = at[j] - at[i] if j < b else np.int64(0)
            cut = j >= b or dt > max_silence_us
            if not cut:
                way += _step_m(lon[i], lat[i], lon[j], lat[j])
                spent += dt
            p = j if not cut else i
            if cut or at[j] // _HOUR_US != hour:
                last = cut and j >= b
                growing = last and as_of_us - at[i] <= max_silence_us  # more of this hour may yet come
                slow = spent > 0 and way / (spent / 1e6) * (3600.0 / 1852.0) < max_sog_kn
                if slow:
                    if run_a < 0:
                        run_a, run_way, run_us, run_hours = hour_a, 0.0, np.int64(0), 0
                    run_b = p
                    run_way += way
                    run_us += spent
                    run_hour = hour
                    hour_row[n_hours], hour_run[n_hours] = hour_a, n_runs
                    n_hours += 1
                    run_hours += 1
                still = growing and run_a >= 0 and (run_hour in (hour, hour_before))
                if run_a >= 0 and (cut or not slow):
                    n_runs, n_hours = _keep(runs, n_runs, run_a, run_b, run_way, run_us, still, at, min_duration_us, run_hours, n_hours)
                    run_a = np.int64(-1)
                if j < b:
                    hour_before = hour
                    hour, hour_a, way, spent = at[j] // _HOUR_US, j, 0.0, np.int64(0)
            i = j
    return runs[:n_runs].copy(), hour_row[:n_hours].copy(), hour_run[:n_hours].copy()


@njit(cache=True, nogil=True)
def _keep(runs, n_runs, a, b, way, time_us, is_open, at, min_duration_us, hours, n_hours):
    """Add a run that is long enough; take its hours back otherwise."""
    if at[b] - at[a] < min_duration_us:
        return n_runs, n_hours - hours
    runs[n_runs, 0], runs[n_runs, 1], runs[n_runs, 2], runs[n_runs, 3], runs[n_runs, 4] = a, b, np.int64(way * 1000.0), time_us, np.int64(is_open)
    return n_runs + 1, n_hours


@njit(cache=True, nogil=True, inline="always")
def _step_m(lon1, lat1, lon2, lat2):
    """Length of a step [m]: in the plane where it is short, on the sphere otherwise."""
    dlat, dlon = lat2 - lat1, lon2 - lon1
    if abs(dlat) < 0.1 and abs(dlon) < 0.1:
        x = dlon * math.cos((lat1 + lat2) * (math.pi / 360.0))
        return math.sqrt(x * x + dlat * dlat) * DEG_M
    return distance_m(lon1, lat1, lon2, lat2)


LOITERING = Behaviour(
    kind="loitering",
    version=3,
    needs=("realm", "vessel_id", "at", "lon_deg", "lat_deg", "feed", "raw_offset", "raw_length"),
    find=find_loitering,
    params=LoiteringParams(),
    source="Global Fishing Watch technical documentation, October 2025; Miller et al. 2018, doi:10.3389/fmars.2018.00240",
    partition="vessel",
    lookback_s=12 * HOUR_S,
    sift=sift_loitering,
)
