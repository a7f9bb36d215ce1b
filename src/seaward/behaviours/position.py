"""positions -> position events: what a vessel says about its place cannot be, for long, or for several vessels at once.

Three stages: fixes (a leap, a circle, land, out of reach) -> what lasts or comes back at one vessel -> several vessels at one time and place:
interference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.behaviours.behaviour import Behaviour, Context, Exchange, check_range
from seaward.behaviours.columns import Columns, columns_of
from seaward.behaviours.events import EventRows, reason
from seaward.behaviours.jumps import has_leap, jumps
from seaward.behaviours.places import Doubt, groups
from seaward.behaviours.reach import FarStay, Reach, reach_of
from seaward.behaviours.rings import rings
from seaward.core.geodesy import great_circle_m, mean_position_deg
from seaward.core.tables import EVENTS, NAME
from seaward.core.units import HOUR_S, NM_M, US_PER_S, kn_to_mps, mps_to_kn, nm_to_m

_SAR_PREFIX = 111  # search and rescue aircraft, ITU-R M.585-9


@dataclass(frozen=True, slots=True)
class PositionParams:
    """Ours, but for the speed (that of `picture`); none is fitted to data."""

    max_speed_kn: float = 60.0  # faster than any ship in service
    min_jump_m: float = 5_000.0  # far beyond errors of position
    max_handover_s: float = 900.0  # from the last fix here to the first there
    min_fixes: int = 5  # of a stay; as many as make a hull in `picture`
    min_stay_s: float = 600.0
    min_jumps: int = 2  # there and back
    max_stray_share: float = 0.05  # more fixes in both places by turns, and it is one number used by two vessels: see identity
    min_radius_m: float = 50.0  # of a circle: five times the error of GPS
    max_radius_m: float = 20_000.0
    max_radius_error: float = 0.1  # root mean square distance from the circle, as a share of its radius
    min_circle_s: float = 2 * HOUR_S
    max_speed_error_kn: float = 3.0  # said and made good: more, and the circle was not sailed
    max_course_error_deg: float = 45.0  # course or bow, and the circle
    min_inland_m: float = 5_000.0  # the coast of the chart is up to 5 km off
    min_beyond_m: float = nm_to_m(200.0)  # from whomever else the feed hears: three times the 60 nm a receiver on the coast reaches, and more
    max_feed_m: float = nm_to_m(1_000.0)  # across what a feed hears: more may be a satellite, which hears 1,500 nm around
    min_beyond_s: float = HOUR_S  # of a stay out of reach that counts alone
    min_vessels: int = 3  # of an interference area
    max_apart_m: float = nm_to_m(30.0)  # of vessels in one area, where they were or where they say they are
    max_pause_s: float = HOUR_S  # between one vessel's trouble and another's in one area
    max_break_s: float = 8 * HOUR_S  # without trouble: it is over

    def __post_init__(self) -> None:
        check_range("max_speed_kn", self.max_speed_kn, 10, 1_000, "kn", "60 is faster than any ship in service")
        check_range("min_jump_m", self.min_jump_m, 500, 1_000_000, "m", "less is an error of position")
        check_range("max_handover_s", self.max_handover_s, 10, 6 * HOUR_S, "s", "a jump is from one report to the next")
        check_range("min_fixes", self.min_fixes, 2, 1_000, "", "a single fix is noise")
        check_range("min_stay_s", self.min_stay_s, 0, 86_400, "s", "600 is ten minutes")
        check_range("min_jumps", self.min_jumps, 1, 1_000, "", "2 is there and back")
        check_range("max_stray_share", self.max_stray_share, 0, 1, "", "0.05 lets some noise be")
        check_range("min_radius_m", self.min_radius_m, 10, 10_000, "m", "below 50 m it is the error of GPS")
        check_range("max_radius_m", self.max_radius_m, self.min_radius_m, 100_000, "m", "give more than min_radius_m")
        check_range("max_radius_error", self.max_radius_error, 0.001, 0.3, "", "a cloud of fixes is no circle")
        check_range("min_circle_s", self.min_circle_s, HOUR_S, 30 * 86_400, "s", "circles are looked for in whole hours")
        check_range("max_speed_error_kn", self.max_speed_error_kn, 0, 100, "kn", "3 lets the error of GPS be")
        check_range("max_course_error_deg", self.max_course_error_deg, 0, 180, "degree", "45 lets leeway be")
        check_range("min_inland_m", self.min_inland_m, 0, 1_000_000, "m", "the coast of the chart is up to 5 km off")
        check_range("min_beyond_m", self.min_beyond_m, nm_to_m(60), nm_to_m(5_000), "m", "60 nm is 111120, the reach of a receiver on the coast")
        check_range("max_feed_m", self.max_feed_m, nm_to_m(60), nm_to_m(3_000), "m", "1,500 nm around is what a satellite hears")
        check_range("min_beyond_s", self.min_beyond_s, self.min_stay_s, 86_400, "s", "give at least min_stay_s")
        check_range("min_vessels", self.min_vessels, 2, 1_000, "", "one vessel is no area")
        check_range("max_apart_m", self.max_apart_m, 1_000, 1_000_000, "m", "30 nm is 55560")
        check_range("max_pause_s", self.max_pause_s, 0, self.max_break_s, "s", "give at most max_break_s")
        check_range("max_break_s", self.max_break_s, self.max_handover_s, 86_400, "s", "8 hours end a stretch, as in `picture`")


def find_positions(positions: pl.DataFrame, context: Context, params: PositionParams, as_of: datetime) -> pl.DataFrame:
    """Find vessels that jump, circle without sailing it or are heard from out of reach, and areas where several are in trouble.

    Parameters
    ----------
    positions
        POSITIONS in any order, of all vessels of a place.
    context
        `inland_m`; without it nothing is said of land. `hearing`; without it nothing is said of reach.
    params
        Thresholds.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS, one per vessel, or one per area with all its vessels; probability is null: how often such a thing has another cause is not known.

    Limits
    ------
    Noise that `picture` refuses (fewer than five fixes in a place) is not seen here. Two vessels that share a number, are heard by one feed and never
    at one time look like jumps. Land alone says nothing: to the chart, rivers and lakes are land. Who jumped before the data begins is at the wrong
    place.
    """
    c = columns_of(positions, as_of)
    if c is None:
        return EVENTS.empty()
    stays = _far_stays(c, context, params)
    beyond_m = np.zeros(len(c.at_us))
    for stay in stays:
        beyond_m[stay.start : stay.end + 1] = stay.beyond_m
    doubts = [*_jumps(c, context, params, beyond_m), *_rings(c, context, params, beyond_m)]
    events = EventRows(POSITION.kind, POSITION.version, c.realm)
    for group in groups(doubts, params.max_apart_m, int(params.max_pause_s * US_PER_S)):
        numbers = sorted({d.mmsi for d in group})
        if len(numbers) >= params.min_vessels:
            _add(events, c, params, group, [_area(group, len(numbers))])
        else:
            for number in numbers:
                own = [d for d in group if d.mmsi == number]
                if any(d.lasting for d in own):
                    _add(events, c, params, own, [])
    for alone in _beyond(c, params, stays, doubts):
        _add(events, c, params, [alone], [], alone.pattern)
    return events.table()


def _jumps(c: Columns, context: Context, params: PositionParams, beyond_m: NDArray[np.float64]) -> list[Doubt]:
    """Sequences of jumps of each number, all its hulls together."""
    mmsi = c.rows["mmsi"].to_numpy()
    order, first = _by_number(c, mmsi, params)
    at, lon, lat, feed = c.at_us[order], c.lon_deg[order], c.lat_deg[order], c.feed_code[order]
    rows, facts = jumps(
        first, at, lon, lat, feed, kn_to_mps(params.max_speed_kn), params.min_jump_m, int(params.max_handover_s * US_PER_S),
        int(params.min_stay_s * US_PER_S), params.min_fixes, int(params.max_break_s * US_PER_S),
    )  # fmt: skip
    found = []
    for row, (farthest_m, fastest_mps) in zip(rows.tolist(), facts.tolist(), strict=True):
        _, here, there, sure, back, again, times, strays, heard = row
        if strays > params.max_stray_share * (strays + heard):
            continue
        reasons = [reason("position.jumps", times=times, farthest_km=farthest_m / 1000, fastest_kn=mps_to_kn(fastest_mps)),
                   reason("position.jumps_doubt")]  # fmt: skip
        inland = _inland(context, params, lon[there : sure + 1], lat[there : sure + 1])
        ends = [int(order[k]) for k in (here, there, back, again)]
        beyond = _out_of_reach(beyond_m[ends])
        found.append(Doubt(
            mmsi=int(mmsi[ends[0]]), who=tuple(sorted({c.vessel_of(k) for k in ends})), start_us=int(at[here]), end_us=int(at[again]),
            here=(float(lon[here]), float(lat[here])),
            there=(float(lon[there]), float(lat[there])), lasting=times >= params.min_jumps or bool(inland) or bool(beyond),
            pattern="jumps", reasons=reasons[:1] + inland + beyond + reasons[1:], rows=tuple(ends),
        ))  # fmt: skip
    return found


def _rings(c: Columns, context: Context, params: PositionParams, beyond_m: NDArray[np.float64]) -> list[Doubt]:
    """Circles of each hull; those that agree with what the vessel says of its motion count for an area only."""
    sog, cog, heading = (c.float32(name).astype(np.float64) for name in ("sog_kn", "cog_deg", "heading_deg"))
    rows, facts = rings(
        c.first, c.at_us, c.lon_deg, c.lat_deg, sog, cog, heading, params.min_radius_m, params.max_radius_m, params.max_radius_error,
        int(params.min_circle_s * US_PER_S),
    )  # fmt: skip
    found = []
    for (a, b), (x, y, radius_m, error, turns, made_mps, dv_mps, dc_deg, dh_deg) in zip(rows.tolist(), facts.tolist(), strict=True):
        hours = int(c.at_us[b] - c.at_us[a]) / US_PER_S / HOUR_S
        reasons = [reason("position.circle", duration_h=hours, radius_m=radius_m, error_percent=100 * error, turns=turns)]
        against = []
        if mps_to_kn(dv_mps) > params.max_speed_error_kn:
            against.append(reason("position.circle_speed", made_good_kn=mps_to_kn(made_mps), differs_kn=mps_to_kn(dv_mps)))
        if dc_deg > params.max_course_error_deg:
            against.append(reason("position.circle_course", differs_deg=dc_deg))
        if dh_deg > params.max_course_error_deg:
            against.append(reason("position.circle_heading", differs_deg=dh_deg))
        elsewhere = _inland(context, params, c.lon_deg[a : b + 1], c.lat_deg[a : b + 1]) + _out_of_reach(beyond_m[[a, b]])
        doubt = reason("position.circle_doubt") if against else reason("position.circle_agrees")
        found.append(Doubt(
            mmsi=int(c.rows["mmsi"][a]), who=(c.vessel_of(a),), start_us=int(c.at_us[a]), end_us=int(c.at_us[b]), here=(x, y), there=(x, y),
            lasting=bool(against), pattern="circle", reasons=[*reasons, *against, *elsewhere, doubt], rows=(a, (a + b) // 2, b),
        ))  # fmt: skip
    return found


def _by_number(c: Columns, mmsi: NDArray[np.uint32], params: PositionParams) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the numbers that can have jumped, each number's in time order, and where each begins."""
    of_vessel = mmsi[c.first[:-1]]
    numbers, hulls = np.unique(of_vessel, return_counts=True)
    able = np.union1d(
        numbers[hulls > 1], of_vessel[has_leap(c.first, c.at_us, c.lon_deg, c.lat_deg, kn_to_mps(params.max_speed_kn), params.min_jump_m)]
    )
    rows = np.flatnonzero(np.isin(mmsi, able[able // 1_000_000 != _SAR_PREFIX]))
    order = rows[np.lexsort((c.raw_offset[rows], c.lat_deg[rows], c.lon_deg[rows], c.at_us[rows], mmsi[rows]))]
    return order, np.append(np.flatnonzero(np.diff(mmsi[order].astype(np.int64), prepend=-1)), len(order)).astype(np.int64)


def _inland(context: Context, params: PositionParams, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[dict[str, Any]]:
    """The reason that all these places lie on land, if they do."""
    if context.inland_m is None:
        return []
    depth_m = float(np.asarray(context.inland_m(lon, lat)).min())
    return [reason("position.inland", inland_km=depth_m / 1000)] if depth_m >= params.min_inland_m else []


def _reach(as_of_us: int, context: Context, params: PositionParams) -> Reach:
    return reach_of(context.hearing, as_of_us, params.min_beyond_m, params.max_feed_m)


def _far_stays(c: Columns, context: Context, params: PositionParams) -> list[FarStay]:
    reach, break_us = _reach(c.as_of_us, context, params), int(params.max_break_s * US_PER_S)
    return reach.stays(c, params.min_fixes, int(params.min_stay_s * US_PER_S), break_us)


def _out_of_reach(beyond_m: NDArray[np.float64]) -> list[dict[str, Any]]:
    """The reason that some of these places lie beyond what their feed hears, if they do."""
    far = beyond_m[beyond_m > 0]
    return [reason("position.beyond", beyond_nm=float(far.min()) / NM_M)] if len(far) else []


def _beyond(c: Columns, params: PositionParams, stays: list[FarStay], others: list[Doubt]) -> list[Doubt]:
    """Stays out of reach that last, where nothing else of that number is told at that time."""
    mmsi, found = c.rows["mmsi"].to_numpy(), []
    for stay in stays:
        start_us, end_us, number = int(c.at_us[stay.start]), int(c.at_us[stay.end]), int(mmsi[stay.start])
        told = any(d.lasting and d.mmsi == number and d.start_us <= end_us and start_us <= d.end_us for d in others)
        if told or end_us - start_us < params.min_beyond_s * US_PER_S or number // 1_000_000 == _SAR_PREFIX:
            continue
        place = float(c.lon_deg[stay.start]), float(c.lat_deg[stay.start])
        hours = (end_us - start_us) / US_PER_S / HOUR_S
        found.append(Doubt(
            mmsi=number, who=(c.vessel_of(stay.start),), start_us=start_us, end_us=end_us, here=place, there=place, lasting=True, pattern="beyond",
            reasons=[reason("position.beyond_alone", duration_h=hours, beyond_nm=stay.beyond_m / NM_M), reason("position.beyond_doubt")],
            rows=(stay.start, stay.end),
        ))  # fmt: skip
    return found


def _area(group: list[Doubt], vessels: int) -> dict[str, Any]:
    """How many, and how far they were from their middle."""
    lon, lat = (np.array([d.here[k] for d in group]) for k in (0, 1))
    x, y = mean_position_deg(lon, lat)
    jumped, circled = (len({d.mmsi for d in group if d.pattern == p}) for p in ("jumps", "circle"))
    return reason("position.area", vessels=vessels, jumped=jumped, circled=circled, radius_km=float(great_circle_m(x, y, lon, lat).max()) / 1000)


def _add(events: EventRows, c: Columns, params: PositionParams, group: list[Doubt], head: list[dict[str, Any]], subject: str = "") -> None:
    """One event of all these; of an area the reasons of the vessels stand together as their worst."""
    end_us = max(d.end_us for d in group)
    x, y = mean_position_deg(np.array([d.here[0] for d in group]), np.array([d.here[1] for d in group]))
    reasons = [*head, reason("position.area_doubt")] if head else [r for d in group for r in d.reasons]
    events.add(
        is_open=c.as_of_us - end_us <= params.max_break_s * US_PER_S, start_us=min(d.start_us for d in group), end_us=end_us,
        vessel_ids=sorted({w for d in group for w in d.who}), lon_deg=x, lat_deg=y, probability=None, reasons=reasons,
        evidence=c.evidence(*(r for d in group for r in d.rows)), subject="area" if head else subject,
    )  # fmt: skip


def doubtful(positions: pl.DataFrame, context: Context, params: PositionParams, as_of: datetime) -> pl.DataFrame:
    """Each whole vessel once, and whether anything of it alone could matter: vessel_id, mmsi, doubtful."""
    schema = pl.Schema({"vessel_id": NAME, "mmsi": pl.UInt32(), "doubtful": pl.Boolean()})
    c = columns_of(positions, as_of)
    if c is None:
        return pl.DataFrame(schema=schema)
    leaps = has_leap(c.first, c.at_us, c.lon_deg, c.lat_deg, kn_to_mps(params.max_speed_kn), params.min_jump_m)
    circling = {d.who[0] for d in _rings(c, context, params, np.zeros(len(c.at_us)))}
    far = _reach(c.as_of_us, context, params).may_stay(c, params.min_fixes)
    vessels = c.rows.select("vessel_id", "mmsi")[c.first[:-1]]
    return vessels.with_columns(doubtful=pl.Series(leaps | far) | pl.col("vessel_id").cast(pl.String).is_in(sorted(circling)))


def companions(vessels: pl.DataFrame, params: PositionParams) -> pl.Series:
    """The ids of all hulls of numbers with several hulls or with a doubtful one."""
    return vessels.filter((pl.len().over("mmsi") > 1) | pl.col("doubtful").any().over("mmsi"))["vessel_id"]


POSITION = Behaviour(
    kind="position",
    version=1,
    needs=("realm", "vessel_id", "mmsi", "at", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "feed", "raw_offset", "raw_length"),
    find=find_positions,
    params=PositionParams(),
    source="ours; patterns after C4ADS, Above Us Only Stars, 2019, and Bergman, SkyTruth / Global Fishing Watch, 2020 (false circles)",
    partition="cell",
    lookback_s=3 * 86_400.0,
    exchange=Exchange(doubtful, companions),
)
