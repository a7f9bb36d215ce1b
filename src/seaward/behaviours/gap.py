"""positions -> gap events: a vessel that falls silent where it should be heard, while its receivers work.

The event stands where the vessel was last heard. Its probability is that of intent, given how well others are heard there.
"""

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
from seaward.behaviours.silence import SLOT_US, Ears
from seaward.core.geodesy import destination_deg, great_circle_m, wrap_deg
from seaward.core.tables import EVENTS
from seaward.core.units import HOUR_S, US_PER_S, kn_to_mps, mps_to_kn

_FINEST_PERCENT = 0.1  # silences are not as independent as the product of their chances takes them for; ours


@dataclass(frozen=True, slots=True)
class GapParams:
    """Default length: Global Fishing Watch, technical documentation (October 2025), "AIS off"; the rest is ours."""

    min_gap_s: float = 6 * HOUR_S  # strictly more, of time in which the feeds worked
    max_feed_quiet_s: float = 1_800.0  # a feed without a report for this long was down
    prior_intent: float = 0.1  # chance that a gap is on purpose, before anything is known of reception
    breakdown_chance: float = 0.02  # chance that a transponder which is not switched off falls silent for so long all the same; a guess
    moored_sog_kn: float = 0.5
    moored_distance_m: float = 1_000.0
    moored_factor: float = 0.1  # on the odds: transponders are switched off at the berth
    max_extrapolation_s: float = 12 * HOUR_S  # an open gap is thought to go on on its last course for this long

    def __post_init__(self) -> None:
        check_range("min_gap_s", self.min_gap_s, 600, 30 * 86_400, "s", "21600 is the published 6 hours")
        check_range("max_feed_quiet_s", self.max_feed_quiet_s, 600, 86_400, "s", "feeds are watched in steps of 600 s")
        check_range("prior_intent", self.prior_intent, 0.0001, 0.9999, "", "0.5 is undecided")
        check_range("breakdown_chance", self.breakdown_chance, 0, 1, "", "0 lets reception alone decide")
        check_range("moored_sog_kn", self.moored_sog_kn, 0, 5, "kn", "0 switches the rule off")
        check_range("moored_distance_m", self.moored_distance_m, 0, 100_000, "m", "a berth is within a kilometre")
        check_range("moored_factor", self.moored_factor, 0, 1, "", "1 treats moored vessels like all others")
        check_range("max_extrapolation_s", self.max_extrapolation_s, 0, 7 * 86_400, "s", "0 keeps the vessel where it was last heard")


def find_gaps(positions: pl.DataFrame, context: Context, params: GapParams, as_of: datetime) -> pl.DataFrame:
    """Find silences between two positions of a vessel, or from its last one to `as_of`.

    Parameters
    ----------
    positions
        POSITIONS in any order.
    context
        `feeds`: time in which the feeds that hear there were down does not count; without it silences still going on are not reported.
        `reception`: for the probability, which is null without it.
    params
        Thresholds.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS, at the last position before the silence.

    Limits
    ------
    A feed that carries one vessel alone cannot show its gaps: nothing tells them from an outage. Silences are taken for independent of each other;
    bad weather for radio is not. Reception is by cell of one degree, without hour or class of transponder.
    """
    c = columns_of(positions, as_of)
    if c is None:
        return EVENTS.empty()
    ears = Ears(context.feeds, context.reception, c.as_of_us, params.max_feed_quiet_s)
    events = EventRows(GAP.kind, GAP.version, c.realm)
    known_us = min(c.as_of_us, ears.last_us)  # after the last report of all feeds nothing tells a silent vessel from a broken receiver
    for row, ended in _silences(c.first, c.at_us, int(params.min_gap_s * US_PER_S), known_us).tolist():
        if ended or ears.knows_feeds:
            _weigh(events, c, ears, params, row, bool(ended))
    return events.table()


def _weigh(events: EventRows, c: Columns, ears: Ears, params: GapParams, row: int, ended: bool) -> None:
    """Add the silence after `row` if enough of it counts."""
    start_us, end_us = int(c.at_us[row]), int(c.at_us[row + 1]) if ended else c.as_of_us
    sog, cog = c.rows["sog_kn"][row], c.rows["cog_deg"][row]
    lon, lat, distance_m = _where(c, params, row, end_us, ended, sog, cog)
    silence = ears.weigh(start_us, end_us, str(c.rows["feed"][row]), lon, lat, ended=ended)
    if silence.counted_s <= params.min_gap_s:
        return
    duration_s = (end_us - start_us) / US_PER_S
    reasons = [reason("gap.duration" if ended else "gap.duration_open", duration_h=duration_s / HOUR_S)]
    if ended:
        reasons.append(reason("gap.distance", distance_km=distance_m / 1000, implied_sog_kn=mps_to_kn(distance_m / duration_s)))
    if silence.outage_s >= 1:
        reasons.append(reason("gap.feed_outage", outage_h=silence.outage_s / HOUR_S))
    if not ears.knows_feeds:
        reasons.append(reason("gap.feed_health_unknown"))
    odds = params.prior_intent / (1 - params.prior_intent)
    if sog is not None and sog < params.moored_sog_kn and distance_m < params.moored_distance_m:
        odds *= params.moored_factor
        reasons.append(reason("gap.moored", sog_kn=sog))
    probability = None
    if silence.expected is None or silence.log_chance is None:
        reasons.append(reason("gap.reception_unknown"))
    else:
        unheard = math.exp(silence.log_chance)
        probability = odds / (odds + params.breakdown_chance + (1 - params.breakdown_chance) * unheard)
        reasons.append(reason("gap.expected_reports", expected=silence.expected, chance_percent=max(_FINEST_PERCENT, 100 * unheard)))
    events.add(
        is_open=not ended, start_us=start_us, end_us=end_us, vessel_ids=[c.vessel_of(row)], lon_deg=c.lon_deg[row], lat_deg=c.lat_deg[row],
        probability=probability, reasons=reasons, evidence=c.evidence(row, row + 1) if ended else c.evidence(row),
    )  # fmt: skip


def _where(
    c: Columns, params: GapParams, row: int, end_us: int, ended: bool, sog_kn: float | None, cog_deg: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Where the vessel is thought to be in each slot of the silence [degree], and how far it came [m]."""
    start_us = int(c.at_us[row])
    middle_us = np.arange(start_us // SLOT_US, end_us // SLOT_US + 1) * SLOT_US + SLOT_US // 2
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
    """Rows (row before a silence, whether a report ended it)."""
    found, n = np.empty((at.shape[0], 2), np.int64), 0  # as many as there could be; memory not written is not taken
    for v in range(first.shape[0] - 1):
        b = first[v + 1]
        for i in range(first[v], b):
            until = at[i + 1] if i + 1 < b else known_us
            if until - at[i] > min_gap_us:
                found[n, 0], found[n, 1] = i, np.int64(i + 1 < b)
                n += 1
    return found[:n].copy()


GAP = Behaviour(
    kind="gap",
    version=1,
    needs=("realm", "vessel_id", "at", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "feed", "raw_offset", "raw_length"),
    find=find_gaps,
    params=GapParams(),
    source='Global Fishing Watch technical documentation, October 2025, "AIS off"; Welch et al. 2022, doi:10.1126/sciadv.abq2109',
    partition="vessel",
    lookback_s=3 * 86_400.0,
)
