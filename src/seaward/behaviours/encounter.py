"""positions -> encounter events: two vessels that stay close and slow for hours, as when catch, fuel or people change ships."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.behaviours.approach import approaches, near_pairs, slow_points
from seaward.behaviours.behaviour import LEFT_OUT, Behaviour, Context, Exchange, check_range
from seaward.behaviours.columns import Columns, columns_of, on_both
from seaward.behaviours.events import EventRows, reason
from seaward.behaviours.harbours import TUGS_AND_PILOTS, harbour_m, of_types
from seaward.core.ais import AT_ANCHOR, MOORED, SHIP_CLASSES
from seaward.core.tables import EVENTS, NAME
from seaward.core.units import HOUR_S, US_PER_S, kn_to_mps, mps_to_kn

_STEPS = 4  # moments looked at within the shortest encounter: one of them may fall into a break, the others find the pair
_FAR_STEPS = 6  # moments without the pair near that part two looks at it


@dataclass(frozen=True, slots=True)
class EncounterParams:
    """Defaults: Global Fishing Watch, technical documentation (October 2025), "Encounters"; Miller et al. 2018."""

    max_distance_m: float = 500.0
    min_duration_s: float = 2 * HOUR_S
    max_sog_kn: float = 2.0  # of both, between fixes
    min_shore_m: float = 10_000.0  # ours: as min_anchorage_m, for not every anchorage is known; 0 where meetings close to the coast are looked for
    min_anchorage_m: float = 10_000.0  # from ports given and stopping places learned
    left_out_types: tuple[int, ...] = TUGS_AND_PILOTS  # ours: whose work it is to lie alongside; () leaves out none
    leave_out_bunkering: bool = True  # ours: a tanker and a vessel, one of which says it is moored or at anchor
    max_interpolation_s: float = 4_500.0  # ours: 75 minutes instead of the published hour: reports 70 minutes apart come with some jitter
    max_break_s: float = 1_200.0  # ours: two steps of the published ten minutes
    min_near_share: float = 0.5  # ours: of the time from first to last nearness

    def __post_init__(self) -> None:
        check_range("max_distance_m", self.max_distance_m, 10, 10_000, "m", "500 is the published distance")
        check_range("min_duration_s", self.min_duration_s, 600, 30 * 86_400, "s", "7200 is the published 2 hours")
        check_range("max_sog_kn", self.max_sog_kn, 0.1, 10, "kn", "2 is the published speed")
        check_range("min_shore_m", self.min_shore_m, 0, 5_000_000, "m", "0 looks into ports too")
        check_range("min_anchorage_m", self.min_anchorage_m, 0, 1_000_000, "m", "0 looks into ports too; 10000 is the published distance")
        check_range("max_interpolation_s", self.max_interpolation_s, 60, 6 * HOUR_S, "s", "4500 lets hourly reports through, however late")
        check_range("max_break_s", self.max_break_s, 0, self.min_duration_s / _STEPS, "s", "give at most a quarter of min_duration_s")
        check_range("min_near_share", self.min_near_share, 0, 1, "", "0.5 asks for half of the time")


def sift_encounters(positions: pl.DataFrame, context: Context, params: EncounterParams, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find pairs that stay near each other, in continuous time, and tell those that are left out.

    Parameters
    ----------
    positions
        POSITIONS in any order, of all vessels of a place.
    context
        `shore_m`; without it nothing is left out for being near the shore, and the event says so. `places` and `vessels`: for what else is left out.
    params
        Thresholds.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS, one per pair and stay; probability is the chance that, given the errors of position, the distance was really below
        `max_distance_m` for `min_near_share` of the stay.
    left_out
        LEFT_OUT, one per pair and stay that the first of these leaves out: `shore`, `harbour`, `tug_or_pilot`, `bunkering`.

    Limits
    ------
    Between fixes vessels are taken to go straight. Pair trawling looks the same, and so do tugs, pilots and tankers that do
    not say what they are. Hulls under one MMSI are not paired.
    A pair that moves from within half of `min_shore_m` out to sea begins where it passed that line; one that stays within it is not looked at, nor
    counted as left out.
    """
    c = columns_of(positions, as_of)
    if c is None:
        return EVENTS.empty(), pl.DataFrame(schema=LEFT_OUT)
    step_us = int(params.min_duration_s * US_PER_S) // _STEPS
    looks = _looks(c, context, params, step_us)

    def near(part: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        return approaches(
            part, c.first, c.at_us, c.lon_deg, c.lat_deg, params.max_distance_m, int(params.max_interpolation_s * US_PER_S),
            int(params.max_break_s * US_PER_S), int(params.min_duration_s * US_PER_S), params.min_near_share,
            kn_to_mps(params.max_sog_kn), c.as_of_us,
        )  # fmt: skip

    with ThreadPoolExecutor(2) as pool:
        rows, facts = (np.concatenate(parts) for parts in zip(*pool.map(near, np.array_split(looks, 2)), strict=True))
    if len(rows) == 0:
        return EVENTS.empty(), pl.DataFrame(schema=LEFT_OUT)
    shore = None if context.shore_m is None else np.asarray(context.shore_m((facts[:, 5] + 180.0) % 360.0 - 180.0, facts[:, 6]), np.float64)
    harbour = harbour_m(context, facts[:, 5], facts[:, 6])
    helpers, tankers = of_types(context, params.left_out_types), of_types(context, SHIP_CLASSES["tanker"] if params.leave_out_bunkering else ())
    events = EventRows(ENCOUNTER.kind, ENCOUNTER.version, c.realm)
    for n, ((_, _, start_us, end_us, a0, a1, b0, b1, is_open), fact) in enumerate(zip(rows.tolist(), facts.tolist(), strict=True)):
        closest_m, mean_m, chance, a_mps, b_mps, lon, lat, share = fact
        vessels = {c.vessel_of(a0): (a0, a1, a_mps), c.vessel_of(b0): (b0, b1, b_mps)}
        why = (
            "shore" if shore is not None and not shore[n] >= params.min_shore_m
            else "harbour" if harbour is not None and harbour[n] < params.min_anchorage_m
            else "tug_or_pilot" if not helpers.isdisjoint(vessels)
            else "bunkering" if not tankers.isdisjoint(vessels) and _lies_still(c, a0, b0)
            else None
        )  # fmt: skip
        if why is not None:
            events.leave_out(why, is_open=bool(is_open), start_us=start_us, vessel_ids=list(vessels))
            continue
        (first, second) = (vessels[name] for name in sorted(vessels))
        reasons = [
            reason("encounter.distance", closest_m=closest_m, mean_distance_m=mean_m, max_distance_m=params.max_distance_m),
            reason("encounter.duration", duration_h=(end_us - start_us) / US_PER_S / HOUR_S, near_percent=100 * share),
            reason("encounter.speed", first_sog_kn=mps_to_kn(first[2]), second_sog_kn=mps_to_kn(second[2]), max_sog_kn=params.max_sog_kn),
            reason("encounter.shore_unknown") if shore is None else reason("encounter.shore", shore_km=float(shore[n]) / 1000),
        ]
        if harbour is not None:
            reasons.append(reason("encounter.harbour", away_km=float(harbour[n]) / 1000))
        events.add(
            is_open=bool(is_open), start_us=start_us, end_us=end_us, vessel_ids=list(vessels), lon_deg=lon, lat_deg=lat,
            probability=chance, reasons=reasons, evidence=c.evidence(first[0], first[1], second[0], second[1]),
        )  # fmt: skip
    return events.table(), events.left_out()


def find_encounters(positions: pl.DataFrame, context: Context, params: EncounterParams, as_of: datetime) -> pl.DataFrame:
    """The events of `sift_encounters`."""
    return sift_encounters(positions, context, params, as_of)[0]


def _lies_still(c: Columns, *rows: int) -> bool:
    """Whether any of these fixes says moored or at anchor."""
    return any(c.rows["nav_status"][r] in (AT_ANCHOR, MOORED) for r in rows)


def _looks(c: Columns, context: Context, params: EncounterParams, step_us: int) -> NDArray[np.int64]:
    """Pairs and times to look at: (vessel, vessel, from [us], to [us]), shape (n, 4)."""
    who, where = _slow(c, context, params, step_us)
    mmsi = c.rows["mmsi"].gather(c.first[:-1]).to_numpy().astype(np.int64)
    stays = _stays(who, where, mmsi, params)
    return np.stack([stays[:, 0], stays[:, 1], (stays[:, 2] - 2) * step_us, (stays[:, 3] + 2) * step_us], axis=1)


def _slow(c: Columns, context: Context, params: EncounterParams, step_us: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where each vessel is slow and off the shore at each step: (step, vessel), (lon, lat) [degree], both of shape (n, 2)."""
    max_dt_us = int(params.max_interpolation_s * US_PER_S)

    def half(first: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
        who, where = slow_points(first, c.at_us, c.lon_deg, c.lat_deg, step_us, max_dt_us, kn_to_mps(params.max_sog_kn))
        who[:, 1] += np.searchsorted(c.first, first[0])  # vessels of the second half count on
        return who, where

    who, where = (np.concatenate(parts) for parts in zip(*on_both(half, c.first), strict=True))
    if context.shore_m is not None and len(who):
        off = np.asarray(context.shore_m(where[:, 0], where[:, 1])) >= params.min_shore_m / 2
        who, where = who[off], where[off]
    return who, where


def _stays(who: NDArray[np.int64], where: NDArray[np.float64], mmsi: NDArray[np.int64], params: EncounterParams) -> NDArray[np.int64]:
    """Pairs near each other at more than one step: (vessel, vessel, first step, last step), shape (n, 4)."""
    pairs = near_pairs(np.argsort(who[:, 0], kind="stable"), who, where, mmsi, 2 * params.max_distance_m)
    if len(pairs) == 0:
        return np.empty((0, 4), np.int64)
    pairs = pairs[np.lexsort((pairs[:, 2], pairs[:, 1], pairs[:, 0]))]
    new = np.ones(len(pairs), bool)
    new[1:] = (np.diff(pairs[:, 0]) != 0) | (np.diff(pairs[:, 1]) != 0) | (np.diff(pairs[:, 2]) > _FAR_STEPS)
    start = np.flatnonzero(new)
    last = np.append(start[1:], len(pairs)) - 1
    stays = np.stack([pairs[start, 0], pairs[start, 1], pairs[start, 2], pairs[last, 2]], axis=1)
    return stays[stays[:, 3] > stays[:, 2]]


def slow_places(positions: pl.DataFrame, context: Context, params: EncounterParams, as_of: datetime) -> pl.DataFrame:
    """Where whole vessels are slow and off the shore: vessel_id, mmsi, step, lon_deg, lat_deg; a small share of their rows."""
    schema = pl.Schema({"vessel_id": NAME, "mmsi": pl.UInt32(), "step": pl.Int64(), "lon_deg": pl.Float64(), "lat_deg": pl.Float64()})
    c = columns_of(positions, as_of)
    if c is None:
        return pl.DataFrame(schema=schema)
    who, where = _slow(c, context, params, int(params.min_duration_s * US_PER_S) // _STEPS)
    vessel = c.rows.select("vessel_id", "mmsi")[c.first[:-1]][who[:, 1]]
    place = {"step": who[:, 0].copy(), "lon_deg": where[:, 0].copy(), "lat_deg": where[:, 1].copy()}
    return vessel.with_columns(pl.Series(name, values) for name, values in place.items())


def companions(places: pl.DataFrame, params: EncounterParams) -> pl.Series:
    """The ids of vessels that were near another at more than one step; none of the others can be in an encounter."""
    ids = places["vessel_id"].unique()
    if ids.is_empty():
        return ids
    vessel = places.select(pl.col("vessel_id").to_physical().rank("dense") - 1).to_series().to_numpy().astype(np.int64)
    names = places.select("vessel_id", "mmsi").unique(maintain_order=False).sort(pl.col("vessel_id").to_physical())
    who, where = np.stack([places["step"].to_numpy(), vessel], axis=1), places.select("lon_deg", "lat_deg").to_numpy(order="c")
    stays = _stays(who, where, names["mmsi"].to_numpy().astype(np.int64), params)
    return names["vessel_id"].gather(np.unique(stays[:, :2]))


ENCOUNTER = Behaviour(
    kind="encounter",
    version=3,
    needs=("realm", "vessel_id", "mmsi", "at", "lon_deg", "lat_deg", "nav_status", "feed", "raw_offset", "raw_length"),
    find=find_encounters,
    params=EncounterParams(),
    source="Global Fishing Watch technical documentation, October 2025; Miller et al. 2018, doi:10.3389/fmars.2018.00240",
    partition="cell",
    lookback_s=12 * HOUR_S,
    exchange=Exchange(slow_places, companions),
    sift=sift_encounters,
)
