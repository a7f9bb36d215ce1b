"""positions -> fishing events: a vessel that works its gear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.behaviours.activity import AHEAD_US, BACK_US, SPLIT_US, Work, working
from seaward.behaviours.behaviour import Behaviour, Context, check_range
from seaward.behaviours.columns import Columns, columns_of
from seaward.behaviours.events import EventRows, reason
from seaward.behaviours.gears import ANY, CHOICE, NAMES, UNKNOWN, prior_of
from seaward.core.errors import ParameterError
from seaward.core.geodesy import great_circle_m, mean_position_deg
from seaward.core.tables import EVENTS
from seaward.core.units import HOUR_S, US_PER_S, mps_to_kn, nm_to_m

_FISHING_TYPE = 30  # ITU-R M.1371-5 table 53
_UNLIKELY_TYPES = (*range(40, 50), *range(50, 56), *range(60, 90), 31, 32, 33, 34, 35)  # fast craft, pilots, tugs, passengers, cargo, tankers, works
_PRIOR = {"fishing": 0.9, "unknown": 0.5, "other": 0.3, "unlikely": 0.03}  # that a vessel of such a declared type fishes at all; ours
_WINDING, _STRAIGHT = 4.0, 0.5  # odds of fishing over other slow ways, where the way is 1.5 times the distance made good or more, or less; ours
_WINDING_FROM = 1.5
_NAMED = 0.5  # a gear likelier than this is named; ours


@dataclass(frozen=True, slots=True)
class FishingParams:
    """Defaults: Global Fishing Watch, technical documentation (October 2025), "Fishing events"."""

    gear: str = ANY  # of vessels not named in `gears`: no gear asked for; with "unknown" their tracks have to tell, and it may abstain
    gears: Mapping[str, str] | tuple[tuple[str, str], ...] = ()  # of single vessels, by vessel_id or MMSI; held as sorted pairs
    max_step_m: float = 10_000.0  # a longer step between two fixes splits
    join_s: float = HOUR_S  # stretches no farther apart in time,
    join_m: float = 2_000.0  # and in place, are one
    min_duration_s: float = 1_200.0
    min_fixes: int = 6  # the published rule drops five or fewer
    min_distance_m: float = 500.0  # sailed; 50 for squid jiggers
    max_sog_kn: float = 10.0
    min_probability: float = 0.3  # ours: below, nothing is said

    def __post_init__(self) -> None:
        pairs = self.gears.items() if isinstance(self.gears, Mapping) else self.gears
        object.__setattr__(self, "gears", tuple(sorted((str(vessel), gear) for vessel, gear in pairs)))
        for vessel, gear in (("", self.gear), *self.gears):
            if gear not in CHOICE:
                raise ParameterError(f"gear{vessel and ' of ' + vessel} is {gear!r}; choose from {', '.join(CHOICE)}")
        check_range("max_step_m", self.max_step_m, 100, 200_000, "m", "10000 is the published distance")
        check_range("join_s", self.join_s, 0, 86_400, "s", "3600 is the published hour")
        check_range("join_m", self.join_m, 0, 100_000, "m", "2000 is the published distance")
        check_range("min_duration_s", self.min_duration_s, 0, 7 * 86_400, "s", "1200 is the published 20 minutes")
        check_range("min_fixes", self.min_fixes, 2, 1_000, "", "6 is the published number")
        check_range("min_distance_m", self.min_distance_m, 0, 100_000, "m", "500 is the published distance, 50 for squid jiggers")
        check_range("max_sog_kn", self.max_sog_kn, 1, 30, "kn", "10 is the published speed")
        check_range("min_probability", self.min_probability, 0, 1, "", "0 says everything")


def find_fishing(positions: pl.DataFrame, context: Context, params: FishingParams, as_of: datetime) -> pl.DataFrame:
    """Find stretches in which vessels work their gear, near the shore too.

    Parameters
    ----------
    positions
        POSITIONS in any order.
    context
        `vessels` for the declared type: a vessel that declares to be something else is believed less, not passed over. `shore_m` to tell of
        the shore.
    params
        Thresholds, and the gear where it is known.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS; probability is the mean chance that the gear was worked (see `activity`), times that of a vessel of the declared type which sails
        such a way being one that fishes. Below `min_probability` nothing is said, nor where the gear is not given and a vessel that does not
        fish explains the stretch, and the track around it too, better than all gears together.

    Limits
    ------
    See `activity.working`. The priors by type are not fitted to anything. Slow tugs, surveys and drifting yachts on a winding way look like fishing.
    The gear is that of the day before and of two hours after, so that a live watch says the same as a file.
    """
    c = columns_of(positions, as_of)
    if c is None:
        return EVENTS.empty()
    types = dict(context.vessels.filter(pl.col("ship_type").is_not_null()).select("vessel_id", "ship_type").iter_rows())
    prior, is_given = _priors(c, params)
    for v in range(len(c.first) - 1):
        fishes, _ = _declared(types.get(c.vessel_of(int(c.first[v]))))
        if _chance(fishes, _WINDING) < params.min_probability:  # whatever it does, nothing would be said
            prior[v] = 0.0
    work = working(c.first, c.at_us, c.lon_deg, c.lat_deg, c.float32("sog_kn"), prior, BACK_US, AHEAD_US)
    step_m = np.zeros(len(c.at_us))
    step_m[1:] = great_circle_m(c.lon_deg[:-1], c.lat_deg[:-1], c.lon_deg[1:], c.lat_deg[1:])
    events = EventRows(FISHING.kind, FISHING.version, c.realm)
    for v in range(len(c.first) - 1):
        for a, b in _stretches(c, work.chance, step_m, int(c.first[v]), int(c.first[v + 1]), params):
            if is_given[v] or work.gain[a : b + 1].sum() >= 0.0 or work.gain_around[b] >= 0.0:
                _add(events, c, context, params, work, step_m, types, a, b, bool(is_given[v]))
    return events.table()


def fishing_probability(positions: pl.DataFrame, gear: str | Mapping[str, str] = UNKNOWN) -> pl.DataFrame:
    """The chance that the gear is being worked at each fix.

    Parameters
    ----------
    positions
        POSITIONS in any order.
    gear
        One of `gears.CHOICE` for all vessels, or by vessel_id or MMSI for each; `unknown` where the track has to tell.

    Returns
    -------
    positions
        Sorted by vessel and time, with the columns `fishing_probability`, and `gear` and `gear_probability`: the likeliest gear of the vessel by the
        whole of its track and how likely it is; null where the gear is `any`. All are null where neither a speed is known nor a fix is within two
        hours.

    Limits
    ------
    That the vessel fishes at all is taken for granted: see `find_fishing` for what a declared type makes of it, and where it says nothing.
    """
    if positions.is_empty():
        nothing = {"fishing_probability": pl.lit(None, pl.Float64), "gear": pl.lit(None, pl.String), "gear_probability": pl.lit(None, pl.Float64)}
        return positions.with_columns(**nothing)
    c = columns_of(positions, positions["at"].max())  # type: ignore[arg-type]
    assert c is not None
    params = FishingParams(gear=gear) if isinstance(gear, str) else FishingParams(gears=gear)
    work = working(c.first, c.at_us, c.lon_deg, c.lat_deg, c.float32("sog_kn"), _priors(c, params)[0])
    best = work.gear.argmax(1)
    rows = c.rows.with_columns(
        fishing_probability=pl.Series(work.chance).fill_nan(None), gear=pl.Series([NAMES[g] for g in best], dtype=pl.String),
        gear_probability=pl.Series(work.gear.max(1).astype(float)),
    )  # fmt: skip
    is_told = pl.col("fishing_probability").is_not_null() & (pl.col("gear") != NAMES[0])
    return rows.with_columns(pl.when(is_told).then(pl.col("gear", "gear_probability")))


def _priors(c: Columns, params: FishingParams) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Chances of the gears of each vessel, shape (vessels, gears), and whether its gear is given."""
    gears = dict(params.gears)
    given: list[str] = []
    for row in c.first[:-1].tolist():
        vessel = c.vessel_of(row)
        number = vessel.split("#")[0].removeprefix("mmsi:")
        given.append(gears.get(vessel) or gears.get(number) or params.gear)
    return np.array([prior_of(g) for g in given]).reshape(-1, len(NAMES)), np.array([g != UNKNOWN for g in given])


def _chance(fishes: float, odds: float) -> float:
    """Chance that a vessel fishes, by that of its type and the odds of its way."""
    odds *= fishes / (1 - fishes)
    return odds / (1 + odds)


def _stretches(
    c: Columns, chance: NDArray[np.float64], step_m: NDArray[np.float64], first: int, end: int, params: FishingParams
) -> list[tuple[int, int]]:
    """First and last rows of stretches of one vessel that are more likely work than not, joined and long enough."""
    rows = first + np.flatnonzero(chance[first:end] >= 0.5)
    if len(rows) == 0:
        return []
    cut = (np.diff(rows) > 1) | (np.diff(c.at_us[rows]) > SPLIT_US) | (step_m[rows[1:]] > params.max_step_m)
    starts, stops = rows[np.append(0, np.flatnonzero(cut) + 1)], rows[np.append(np.flatnonzero(cut), len(rows) - 1)]
    joined: list[list[int]] = []
    for a, b in zip(starts.tolist(), stops.tolist(), strict=True):
        if joined and c.at_us[a] - c.at_us[joined[-1][1]] <= params.join_s * US_PER_S:
            last = joined[-1][1]
            near = great_circle_m(c.lon_deg[last], c.lat_deg[last], c.lon_deg[a], c.lat_deg[a]) <= params.join_m
            if near and step_m[last + 1 : a + 1].max() <= params.max_step_m:
                joined[-1][1] = b
                continue
        joined.append([a, b])
    return [
        (a, b)
        for a, b in joined
        if len(np.unique(c.at_us[a : b + 1])) >= params.min_fixes and c.at_us[b] - c.at_us[a] >= params.min_duration_s * US_PER_S
    ]


def _add(
    events: EventRows, c: Columns, context: Context, params: FishingParams, work: Work, step_m: NDArray[np.float64],
    types: dict[str, int], a: int, b: int, is_given: bool,
) -> None:  # fmt: skip
    way_m = float(step_m[a + 1 : b + 1].sum())
    start_us, end_us = int(c.at_us[a]), int(c.at_us[b])
    duration_s = (end_us - start_us) / US_PER_S
    mean_kn = mps_to_kn(way_m / duration_s)
    if way_m < params.min_distance_m or mean_kn >= params.max_sog_kn:
        return
    vessel = c.vessel_of(a)
    declared, word = _declared(types.get(vessel))
    made_good_m = float(great_circle_m(c.lon_deg[a], c.lat_deg[a], c.lon_deg[b], c.lat_deg[b]))
    winding = way_m / max(made_good_m, 1.0)
    working_mean = float(np.nanmean(work.chance[a : b + 1]))
    probability = working_mean * _chance(declared, _WINDING if winding >= _WINDING_FROM else _STRAIGHT)
    if probability < params.min_probability:
        return
    reasons: list[dict[str, Any]] = [
        reason("fishing.working", duration_h=duration_s / HOUR_S, working_percent=100 * working_mean),
        reason("fishing.speed", mean_sog_kn=mean_kn, way_nm=way_m / nm_to_m(1)),
        reason("fishing.winding" if winding >= _WINDING_FROM else "fishing.straight", times=min(winding, 999.0)),
        reason(f"fishing.type_{word}"),
    ]
    gear = work.gear[a : b + 1].mean(0)
    best = int(gear.argmax())
    if best > 0 and gear[best] > _NAMED:
        told = reason(f"fishing.given_{NAMES[best]}") if is_given else reason(f"fishing.gear_{NAMES[best]}", gear_percent=100 * float(gear[best]))
        reasons.insert(1, told)
    lon, lat = mean_position_deg(c.lon_deg[a : b + 1], c.lat_deg[a : b + 1])
    if context.shore_m is not None:
        reasons.append(reason("fishing.shore", shore_nm=float(context.shore_m(np.array([lon]), np.array([lat]))[0]) / nm_to_m(1)))
    events.add(
        is_open=c.as_of_us - end_us <= max(SPLIT_US, params.join_s * US_PER_S), start_us=start_us, end_us=end_us, vessel_ids=[vessel],
        lon_deg=lon, lat_deg=lat, probability=probability, reasons=reasons, evidence=c.evidence(a, b),
    )  # fmt: skip


def _declared(ship_type: int | None) -> tuple[float, str]:
    word = "unknown" if ship_type is None else "fishing" if ship_type == _FISHING_TYPE else "unlikely" if ship_type in _UNLIKELY_TYPES else "other"
    return _PRIOR[word], word


FISHING = Behaviour(
    kind="fishing",
    version=2,
    needs=("realm", "vessel_id", "at", "lon_deg", "lat_deg", "sog_kn", "feed", "raw_offset", "raw_length"),
    find=find_fishing,
    params=FishingParams(),
    source='Global Fishing Watch technical documentation, October 2025, "Fishing events"; speeds: see docs/behaviours/fishing.md',
    partition="vessel",
    lookback_s=2 * 86_400.0,
)
