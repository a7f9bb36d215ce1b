"""positions -> port visits: a vessel that came to, or left, a port, an anchorage or a place where vessels are known to stop, and lay still there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.behaviours.behaviour import Behaviour, Context, check_range
from seaward.behaviours.columns import Columns, columns_of
from seaward.behaviours.events import EventRows, reason
from seaward.chart.places import Places
from seaward.core.geodesy import distance_m
from seaward.core.tables import EVENTS
from seaward.core.units import HOUR_S, US_PER_S

_SLOT_US = 300 * US_PER_S  # one fix in five minutes: position noise of 10 m then weighs less than 0.1 kn where no speed is reported; ours
_FAR_M = 1e9
_GRID_DEG = 0.1  # squares in which a place is looked for at all


@dataclass(frozen=True, slots=True)
class PortVisitParams:
    """Defaults: Global Fishing Watch, technical documentation (October 2025), "Port visits"."""

    max_in_m: float = 3_000.0  # from the place: nearer is in
    min_out_m: float = 4_000.0  # from the place: farther is out
    max_stop_sog_kn: float = 0.2  # slower begins a stop
    min_moving_sog_kn: float = 0.5  # faster ends it
    min_gap_s: float = 4 * HOUR_S  # unheard for longer while in: as good as a stop
    max_silence_s: float = 12 * HOUR_S  # ours: unheard for longer, coming and going are not seen, and a visit ends where it was last heard

    def __post_init__(self) -> None:
        check_range("max_in_m", self.max_in_m, 100, 50_000, "m", "3000 is the published distance")
        check_range("min_out_m", self.min_out_m, self.max_in_m, 50_000, "m", "give at least max_in_m; 4000 is the published distance")
        check_range("max_stop_sog_kn", self.max_stop_sog_kn, 0.01, 2, "kn", "0.2 is the published speed")
        check_range("min_moving_sog_kn", self.min_moving_sog_kn, self.max_stop_sog_kn, 5, "kn", "give at least max_stop_sog_kn; 0.5 is published")
        check_range("min_gap_s", self.min_gap_s, 600, 30 * 86_400, "s", "14400 is the published 4 hours")
        check_range("max_silence_s", self.max_silence_s, self.min_gap_s, 7 * 86_400, "s", "give at least min_gap_s")


def find_port_visits(positions: pl.DataFrame, context: Context, params: PortVisitParams, as_of: datetime) -> pl.DataFrame:
    """Find visits of which the coming or the leaving was seen, and a stop or a silence in between.

    Parameters
    ----------
    positions
        POSITIONS in any order.
    context
        `places`: ports and anchorages given, and stopping places learned; without it there are no visits.
    params
        Thresholds.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS, where the vessel lay, the port's name among its areas; from the first fix in to the last, open while the vessel has not left. Where
        the coming was not seen, it begins with the end of the last stop. Probability is null: that it was there is as sure as its fixes.

    Limits
    ------
    A vessel that lies at its berth throughout makes no visit, and one that passes a port, or waits farther than 3 km from any place, neither. With
    places close together one visit spans them all. A stop of less than five minutes may not be seen. A visit not seen to begin needs a stop: a
    silence is not enough.
    """
    c = columns_of(positions, as_of)
    if c is None or context.places is None:
        return EVENTS.empty()
    vertex, which, away_m = _near(c, context.places, params.min_out_m)
    limits = params.max_in_m, params.min_out_m, params.max_stop_sog_kn, params.min_moving_sog_kn
    visits, stop_us = _visits(
        c.first, vertex, away_m, c.at_us, c.lon_deg, c.lat_deg, c.float32("sog_kn"), *limits,
        int(params.min_gap_s * US_PER_S), int(params.max_silence_s * US_PER_S), c.as_of_us,
    )  # fmt: skip
    events = EventRows(PORT_VISIT.kind, PORT_VISIT.version, c.realm)
    for (start, end, stop, came, left, gap_us, lost), stopped_us in zip(visits.tolist(), stop_us.tolist(), strict=True):
        row = int(vertex[stop])
        place = context.places.names[which[stop]]
        reasons = [reason("port_visit.came" if came else "port_visit.came_not_seen")]
        if stopped_us > 0:
            reasons.append(reason("port_visit.stop", stop_h=stopped_us / US_PER_S / HOUR_S))
        if gap_us > 0:
            reasons.append(reason("port_visit.gap", gap_h=gap_us / US_PER_S / HOUR_S))
        reasons.append(reason("port_visit.place" if place else "port_visit.learned", away_km=float(away_m[stop]) / 1000))
        reasons.append(reason("port_visit.left" if left else "port_visit.not_heard_since" if lost else "port_visit.still_there"))
        first, final = int(vertex[start]), int(vertex[end])
        events.add(
            is_open=not left and not lost, start_us=int(c.at_us[first]), end_us=int(c.at_us[final]), vessel_ids=[c.vessel_of(row)],
            lon_deg=c.lon_deg[row], lat_deg=c.lat_deg[row], probability=None, reasons=reasons, evidence=c.evidence(first, row, final),
            areas=[place] if place else [],
        )  # fmt: skip
    return events.table()


def _near(c: Columns, places: Places, reach_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Rows of the first fix in each five minutes; of each, the nearest place and the distance to it [m], far where it is out of reach."""
    vertex = _slots(c.first, c.at_us)
    lon, lat = c.lon_deg[vertex], c.lat_deg[vertex]
    columns, rows = round(360 / _GRID_DEG), round(180 / _GRID_DEG) + 1
    grid = np.zeros((rows, columns), bool)
    reach = int(np.ceil(reach_m / 111_000 / _GRID_DEG))
    for x, y in set(
        zip(((places.lon_deg + 180) // _GRID_DEG).astype(int).tolist(), ((places.lat_deg + 90) // _GRID_DEG).astype(int).tolist(), strict=True)
    ):
        narrow = np.cos(np.radians(min(89.9, abs(y * _GRID_DEG - 90) + (reach + 1) * _GRID_DEG)))
        wide = min(columns // 2, int(np.ceil(reach / narrow)))
        grid[max(0, y - reach) : y + reach + 1, np.arange(x - wide, x + wide + 1) % columns] = True
    looked = np.flatnonzero(grid[((lat + 90) / _GRID_DEG).astype(np.int64), ((lon + 180) / _GRID_DEG).astype(np.int64) % columns])
    which, away_m = np.zeros(len(vertex), np.int64), np.full(len(vertex), _FAR_M)
    if len(looked):
        which[looked], away_m[looked] = places.nearest(lon[looked], lat[looked])
    return vertex, which, away_m


@njit(cache=True, nogil=True)
def _slots(first, at):
    out, n = np.empty(at.shape[0], np.int64), 0
    for v in range(first.shape[0] - 1):
        for i in range(first[v], first[v + 1]):
            if i == first[v] or at[i] // _SLOT_US != at[i - 1] // _SLOT_US:
                out[n] = i
                n += 1
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _visits(first, vertex, away_m, at, lon, lat, sog, max_in_m, min_out_m, stop_kn, moving_kn, gap_us, silence_us, as_of_us):
    """Rows (first, last, stop, came, left, silence [us], unheard since), the first three as numbers of `vertex`; and the time stopped [us].

    A visit whose coming was not seen counts from the end of its last stop: so it is the same however far back one looks.
    """
    found, stopped = np.empty((vertex.shape[0] + 1, 7), np.int64), np.empty(vertex.shape[0] + 1, np.int64)
    n, k = 0, 0
    for v in range(first.shape[0] - 1):
        inside, came, moored, dark = False, False, False, False
        start, stop, stop_end, gap = np.int64(-1), np.int64(-1), np.int64(-1), np.int64(0)
        still_us = np.int64(0)
        begin = k
        while k < vertex.shape[0] and vertex[k] < first[v + 1]:
            i = vertex[k]
            since = at[i] - at[vertex[k - 1]] if k > begin else np.int64(0)
            if inside and since > silence_us:  # lost from sight
                if came and stop >= 0:
                    found[n, 0], found[n, 1], found[n, 2], found[n, 3], found[n, 4], found[n, 5], found[n, 6] = start, k - 1, stop, 1, 0, gap, 1
                    stopped[n] = still_us
                    n += 1
                inside = False
                begin = k
                since = np.int64(0)
            if inside and since > gap_us and since > gap:
                gap = since
                if stop < 0 or dark:
                    stop, dark = k - 1, True
            if not inside:
                if away_m[k] < max_in_m:
                    inside, came, moored, dark = True, k > begin and since <= silence_us and away_m[k - 1] >= max_in_m, False, False
                    start, stop, stop_end, gap, still_us = k, np.int64(-1), np.int64(-1), np.int64(0), np.int64(0)
            elif away_m[k] > min_out_m:
                if came and stop >= 0:
                    found[n, 0], found[n, 1], found[n, 2], found[n, 3], found[n, 4], found[n, 5], found[n, 6] = start, k, stop, 1, 1, gap, 0
                    stopped[n] = still_us
                    n += 1
                elif stop_end >= 0:
                    found[n, 0], found[n, 1], found[n, 2], found[n, 3], found[n, 4], found[n, 5], found[n, 6] = stop_end, k, stop_end, 0, 1, 0, 0
                    stopped[n] = 0
                    n += 1
                inside = False
            if inside:
                kn = np.float64(sog[i])
                if math.isnan(kn):  # not reported
                    kn = moving_kn
                    if k > begin:
                        j = vertex[k - 1]
                        kn = distance_m(lon[j], lat[j], lon[i], lat[i]) / (since / 1e6) * (3600.0 / 1852.0)
                if moored:
                    still_us += since
                    stop_end = k
                    moored = kn <= moving_kn
                elif kn < stop_kn:
                    moored = True
                    stop_end = k
                    if stop < 0 or dark:
                        stop, dark = k, False
            k += 1
        if inside and came and stop >= 0:
            last = as_of_us - at[vertex[k - 1]] > silence_us
            found[n, 0], found[n, 1], found[n, 2], found[n, 3], found[n, 4], found[n, 5], found[n, 6] = start, k - 1, stop, 1, 0, gap, np.int64(last)
            stopped[n] = still_us
            n += 1
    return found[:n].copy(), stopped[:n].copy()


PORT_VISIT = Behaviour(
    kind="port_visit",
    version=1,
    needs=("realm", "vessel_id", "at", "lon_deg", "lat_deg", "sog_kn", "feed", "raw_offset", "raw_length"),
    find=find_port_visits,
    params=PortVisitParams(),
    source='Global Fishing Watch technical documentation, October 2025, "Port visits"',
    partition="vessel",
    lookback_s=2 * 86_400.0,
)
