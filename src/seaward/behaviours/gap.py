"""positions -> gap events: a vessel that falls silent where it should be heard, while its receivers work.

The event stands where the vessel was last heard. Its probability is that it stopped transmitting, rather than not being heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.behaviours.behaviour import Behaviour, Context, check_range
from seaward.behaviours.columns import Columns, columns_of
from seaward.behaviours.events import EventRows, reason
from seaward.behaviours.silence import Ears, LastHeard, ears_of, slots_of
from seaward.core.geodesy import destination_deg, great_circle_m, wrap_deg
from seaward.core.hearing import OFTEN, PACE_SLOTS, SELDOM, SLOT_US
from seaward.core.tables import EVENTS
from seaward.core.units import HOUR_S, US_PER_S, kn_to_mps, mps_to_kn, nm_to_m

_DAY_SLOTS = 144
_FINEST = 1e-6  # no reception is known better than this; ours
_BEACONS = (970, 972, 974)  # search and rescue transmitters, man overboard, emergency beacons: silent by nature, ITU-R M.585-9
_STRETCH_US = int(8 * HOUR_S) * US_PER_S  # a longer silence ends a stretch: Global Fishing Watch gpsdio-segment
_HANDOVER_US = 900 * US_PER_S  # from the last fix in one place to the first in the other, as in `position`
_FEW_FIXES = 20  # a hull of fewer under a number that others share says little when it falls silent; ours


@dataclass(frozen=True, slots=True)
class GapParams:
    """Default length: Global Fishing Watch, technical documentation (October 2025), "AIS off"."""

    min_gap_s: float = 6 * HOUR_S  # strictly more, of time in which the feeds worked
    min_shore_m: float = 0.0  # 92,600 (50 nm) is the published limit of a "disabling" event; 0 looks near the coast too
    min_slots_before: int = 0  # of ten minutes with a report in the 12 h before; 14 is the published number of a "disabling" event
    max_feed_quiet_s: float = 1_800.0  # ours: a feed without a report for this long was down
    off_per_day: float = 0.016  # 55,000 silences of 4.9 M hours, 6 % of all time at sea far from shore: Welch et al. 2022
    moored_sog_kn: float = 0.5  # ours: slower when last heard,
    moored_shore_m: float = 5_556.0  # ours: within three miles of the shore,
    moored_distance_m: float = 1_000.0  # ours: and no farther away when heard again: moored
    moored_min_gap_s: float = 60 * HOUR_S  # of a moored vessel; MonitorFish, 60 h in port
    max_extrapolation_s: float = 12 * HOUR_S  # ours: how long a vessel not heard since is thought to keep its course

    def __post_init__(self) -> None:
        check_range("min_gap_s", self.min_gap_s, 600, 30 * 86_400, "s", "21600 is the published 6 hours")
        check_range("min_shore_m", self.min_shore_m, 0, 5_000_000, "m", "0 looks near the coast too; 92600 is the published 50 nm")
        check_range("min_slots_before", self.min_slots_before, 0, 72, "", "there are 72 slots of ten minutes in 12 h")
        check_range("max_feed_quiet_s", self.max_feed_quiet_s, 600, 86_400, "s", "feeds are watched in steps of 600 s")
        check_range("off_per_day", self.off_per_day, 1e-6, 100, "per vessel-day", "0.016 is the published rate far from shore")
        check_range("moored_sog_kn", self.moored_sog_kn, 0, 5, "kn", "0 switches the rule off")
        check_range("moored_shore_m", self.moored_shore_m, 0, 100_000, "m", "0 switches the rule off")
        check_range("moored_distance_m", self.moored_distance_m, 0, 100_000, "m", "a berth is within a kilometre")
        check_range("moored_min_gap_s", self.moored_min_gap_s, self.min_gap_s, 365 * 86_400, "s", "give at least min_gap_s; 216000 is 60 hours")
        check_range("max_extrapolation_s", self.max_extrapolation_s, 0, 7 * 86_400, "s", "0 keeps the vessel where it was last heard")


DISABLING = GapParams(min_gap_s=12 * HOUR_S, min_shore_m=nm_to_m(50), min_slots_before=14)
"""The published definition of a silence on purpose: Welch et al. 2022."""


def find_gaps(positions: pl.DataFrame, context: Context, params: GapParams, as_of: datetime) -> pl.DataFrame:
    """Find silences between two positions of a vessel, or from its last one to `as_of`.

    Parameters
    ----------
    positions
        POSITIONS in any order.
    context
        `hearing`: time in which the receivers that hear there were down does not count, and the probability is learned from it; without it, the
        probability is null and silences still going on are not reported. `shore_m`: for moored vessels and the published rule.
    params
        Thresholds.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS, at the last position before the silence; the probability is that of the vessel not transmitting, rather than not being heard.

    Limits
    ------
    A feed that carries one vessel alone cannot show its gaps: nothing tells them from an outage. A fleet that falls silent at once looks like a
    receiver that broke. A broken transponder looks like one switched off. Rates of reception do not know the weather of the day.
    """
    c = columns_of(positions, as_of)
    if c is None:
        return EVENTS.empty()
    ears = ears_of(context.hearing, c.as_of_us, params.max_feed_quiet_s)
    events = EventRows(GAP.kind, GAP.version, c.realm)
    known_us = min(c.as_of_us, ears.last_us)  # after the last report of all feeds nothing tells a silent vessel from a broken receiver
    silences = _silences(c.first, c.at_us, int(params.min_gap_s * US_PER_S), known_us)
    shore = None if context.shore_m is None else context.shore_m(c.lon_deg[silences[:, 0]], c.lat_deg[silences[:, 0]])
    hulls, shared = _hulls(context.vessels), _shared(c)
    for n, (first, row, ended) in enumerate(silences.tolist()):
        mmsi = c.rows["mmsi"][row]
        if (ended or ears.knows_feeds) and mmsi // 1_000_000 not in _BEACONS and not _was_an_excursion(c, shared.get(mmsi, []), first, row):
            _weigh(events, c, ears, params, first, row, bool(ended), None if shore is None else float(shore[n]), hulls)
    return events.table()


def _weigh(
    events: EventRows, c: Columns, ears: Ears, params: GapParams, first: int, row: int, ended: bool, shore_m: float | None, hulls: _Hulls
) -> None:
    """Add the silence after `row` of the vessel with rows from `first` on, if enough of it counts."""
    start_us, end_us = int(c.at_us[row]), int(c.at_us[row + 1]) if ended else c.as_of_us
    sog, cog = c.rows["sog_kn"][row], c.rows["cog_deg"][row]
    lon, lat, distance_m = _where(c, params, row, end_us, ended, sog, cog)
    last, slots_before = _last_heard(c, first, row)
    if (shore_m is not None and shore_m < params.min_shore_m) or slots_before < params.min_slots_before:
        return
    silence = ears.weigh(start_us, end_us, last, lon, lat, ended=ended)
    still = sog is not None and sog < params.moored_sog_kn and distance_m < params.moored_distance_m
    moored = still and shore_m is not None and shore_m < params.moored_shore_m
    if silence.counted_s <= (params.moored_min_gap_s if moored else params.min_gap_s) or _is_a_stray(hulls, last.vessel_id, start_us, end_us):
        return
    duration_s = (end_us - start_us) / US_PER_S
    reasons = [reason("gap.duration" if ended else "gap.duration_open", duration_h=duration_s / HOUR_S)]
    if ended:
        reasons.append(reason("gap.distance", distance_km=distance_m / 1000, implied_sog_kn=mps_to_kn(distance_m / duration_s)))
    if shore_m is not None:
        reasons.append(reason("gap.shore", shore_nm=shore_m / nm_to_m(1)))
        if silence.counted_s >= DISABLING.min_gap_s and shore_m >= DISABLING.min_shore_m and slots_before >= DISABLING.min_slots_before:
            reasons.append(reason("gap.disabling", slots=slots_before))
    if silence.outage_s >= 1:
        reasons.append(reason("gap.feed_outage", outage_h=silence.outage_s / HOUR_S))
    if not ears.knows_feeds:
        reasons.append(reason("gap.feed_health_unknown"))
    if moored and sog is not None:
        reasons.append(reason("gap.moored", sog_kn=sog))
    probability = None
    if silence.chance is None or silence.expected is None:
        reasons.append(reason("gap.reception_unknown"))
    else:
        chance, off = max(_FINEST, silence.chance), params.off_per_day / _DAY_SLOTS
        probability = off / (off + chance)
        reasons.append(reason("gap.expected_reports", expected=silence.expected))
        reasons.append(reason("gap.reception", once_in_days=1 / chance / _DAY_SLOTS))
    events.add(
        is_open=not ended, start_us=start_us, end_us=end_us, vessel_ids=[last.vessel_id], lon_deg=c.lon_deg[row], lat_deg=c.lat_deg[row],
        probability=probability, reasons=reasons, evidence=c.evidence(row, row + 1) if ended else c.evidence(row),
    )  # fmt: skip


def _last_heard(c: Columns, first: int, row: int) -> tuple[LastHeard, int]:
    """The vessel at its last fix before a silence, and in how many slots of the 12 h before it was heard."""
    day = first + int(np.searchsorted(c.at_us[first : row + 1], c.at_us[row] - _DAY_SLOTS * SLOT_US))
    slots, rows = np.unique(c.at_us[day : row + 1] // SLOT_US, return_index=True)
    codes, counts = np.unique(c.feed_code[day + rows], return_counts=True)
    feeds = {int(c.feed_code[r]): c.feed_of(r) for r in (day + rows).tolist()} if len(codes) > 1 else {int(codes[0]): c.feed_of(row)}
    own = slots[slots > slots[-1] - PACE_SLOTS]
    interval_us = int(c.at_us[row] - c.at_us[row - 1]) if row > first else 0
    last = LastHeard(
        c.vessel_of(row), c.rows["transceiver"][row], 0 if len(own) >= OFTEN else 1 if len(own) >= SELDOM else 2,
        {feeds[int(code)]: n / len(rows) for code, n in zip(codes, counts.tolist(), strict=True)}, own, min(PACE_SLOTS, -(-interval_us // SLOT_US)),
    )  # fmt: skip
    return last, int((slots > slots[-1] - _DAY_SLOTS // 2).sum())


_Hulls = dict[str, list[tuple[int, int]]]


def _hulls(vessels: pl.DataFrame) -> _Hulls:
    """Of hulls with few fixes: from when to when others under the same number were heard [microseconds since 1970 UTC]."""
    shared = vessels.filter(pl.len().over("mmsi") > 1, pl.col("first_at").is_not_null()).sort("vessel_id")
    found: _Hulls = {}
    rows = shared.select("mmsi", "vessel_id", "positions", pl.col("first_at", "last_at").to_physical()).rows()
    for mmsi, vessel, fixes, _, _ in rows:
        if fixes < _FEW_FIXES:
            found[vessel] = [(since, until) for number, other, _, since, until in rows if number == mmsi and other != vessel]
    return found


def _is_a_stray(hulls: _Hulls, vessel_id: str, start_us: int, end_us: int) -> bool:
    return any(since < end_us and until > start_us for since, until in hulls.get(vessel_id, ()))


def _shared(c: Columns) -> dict[int, list[tuple[int, int]]]:
    """Of numbers with several hulls: first row and end of each."""
    mmsi = c.rows["mmsi"].gather(c.first[:-1]).to_numpy()
    numbers, counts = np.unique(mmsi, return_counts=True)
    found: dict[int, list[tuple[int, int]]] = {}
    for v in np.flatnonzero(np.isin(mmsi, numbers[counts > 1])).tolist():
        found.setdefault(int(mmsi[v]), []).append((int(c.first[v]), int(c.first[v + 1])))
    return found


def _was_an_excursion(c: Columns, hulls: list[tuple[int, int]], first: int, row: int) -> bool:
    """Whether the number was elsewhere at once before and after the stretch that ends with `row`, and not during it: it jumped here and back."""
    breaks = np.flatnonzero(np.diff(c.at_us[first : row + 1]) > _STRETCH_US) if hulls else []
    begin = first + int(breaks[-1]) + 1 if len(breaks) else first
    for a, b in hulls:
        after = a + int(np.searchsorted(c.at_us[a:b], c.at_us[row], "right"))
        if a != first and a < after < b:
            in_us, out_us = c.at_us[begin] - c.at_us[after - 1], c.at_us[after] - c.at_us[row]
            if 0 <= in_us <= _HANDOVER_US and out_us <= _HANDOVER_US and c.feed_code[after] == c.feed_code[row]:
                return True
    return False


def _where(
    c: Columns, params: GapParams, row: int, end_us: int, ended: bool, sog_kn: float | None, cog_deg: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Where the vessel is thought to be in each slot of the silence [degree], and how far it came [m]."""
    start_us = int(c.at_us[row])
    middle_us = slots_of(start_us, end_us) * SLOT_US + SLOT_US // 2
    passed_s = (np.clip(middle_us, start_us, end_us) - start_us) / US_PER_S
    lon, lat = float(c.lon_deg[row]), float(c.lat_deg[row])
    if ended:
        part = passed_s / ((end_us - start_us) / US_PER_S)
        dlon = wrap_deg(float(c.lon_deg[row + 1]) - lon)
        way_m = float(great_circle_m(lon, lat, c.lon_deg[row + 1], c.lat_deg[row + 1]))
        return wrap_deg(lon + dlon * part), lat + (c.lat_deg[row + 1] - lat) * part, way_m
    if sog_kn is None or cog_deg is None or sog_kn < params.moored_sog_kn:
        return np.full(len(passed_s), lon), np.full(len(passed_s), lat), 0.0
    ways_m = np.minimum(passed_s, params.max_extrapolation_s) * kn_to_mps(sog_kn)
    lons, lats = destination_deg(lon, lat, cog_deg, ways_m)
    return lons, lats, float(ways_m[-1])


@njit(cache=True, nogil=True)
def _silences(first, at, min_gap_us, known_us):
    """Rows (first row of the vessel, row before a silence, whether a report ended it)."""
    found, n = np.empty((at.shape[0], 3), np.int64), 0  # as many as there could be; memory not written is not taken
    for v in range(first.shape[0] - 1):
        b = first[v + 1]
        for i in range(first[v], b):
            until = at[i + 1] if i + 1 < b else known_us
            if until - at[i] > min_gap_us:
                found[n, 0], found[n, 1], found[n, 2] = first[v], i, np.int64(i + 1 < b)
                n += 1
    return found[:n].copy()


GAP = Behaviour(
    kind="gap",
    version=3,
    needs=("realm", "vessel_id", "mmsi", "at", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "feed", "raw_offset", "raw_length", "transceiver"),
    find=find_gaps,
    params=GapParams(),
    source='Global Fishing Watch technical documentation, October 2025, "AIS off"; Welch et al. 2022, doi:10.1126/sciadv.abq2109',
    partition="vessel",
    lookback_s=3 * 86_400.0,
)
