"""positions, areas -> area events: a vessel where it may not be, or that does there what it may not; and the areas of every other event."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.behaviours.behaviour import Behaviour, Context, check_range
from seaward.behaviours.columns import Columns, columns_of
from seaward.behaviours.events import EventRows, reason
from seaward.behaviours.fishing import FishingParams, find_fishing
from seaward.behaviours.gears import ANY
from seaward.chart.areas import Area, border_m
from seaward.core.geodesy import great_circle_m
from seaward.core.mid import flag_of
from seaward.core.tables import EVENTS
from seaward.core.units import FIX_ERROR_M, HOUR_S, US_PER_S, at_to_us, mps_to_kn

_LOOKS = 60  # fixes of a stay whose distance to the border is measured


@dataclass(frozen=True, slots=True)
class AreaParams:
    """Ours, but for the silence."""

    max_silence_s: float = 8 * HOUR_S  # Global Fishing Watch gpsdio-segment; a longer silence ends a stay
    max_outside_s: float = 1_800.0  # out for so long does not end a stay: fixes dance on the border
    min_fishing_s: float = 1_200.0  # Global Fishing Watch: 20 minutes, here inside the area
    passage_sog_kn: float = 4.0  # on average, and not winding: innocent passage
    gear: str = ANY  # as in `fishing`, which judges what is fishing inside
    gears: Mapping[str, str] | tuple[tuple[str, str], ...] = ()  # as in `fishing`

    def __post_init__(self) -> None:
        object.__setattr__(self, "gears", self.fishing.gears)
        check_range("max_silence_s", self.max_silence_s, 600, 30 * 86_400, "s", "28800 is the published 8 hours")
        check_range("max_outside_s", self.max_outside_s, 0, 86_400, "s", "0 ends a stay with the first fix outside")
        check_range("min_fishing_s", self.min_fishing_s, 0, 86_400, "s", "1200 is 20 minutes")
        check_range("passage_sog_kn", self.passage_sog_kn, 0, 30, "kn", "4 is slow steaming")

    @property
    def fishing(self) -> FishingParams:
        """By which fishing is judged."""
        return FishingParams(self.gear, self.gears)


def find_in_areas(positions: pl.DataFrame, context: Context, params: AreaParams, as_of: datetime) -> pl.DataFrame:
    """Find entries and fishing where a rule forbids them.

    Parameters
    ----------
    positions
        POSITIONS in any order.
    context
        `areas` with their rules; `vessels` for type and length, the number for the flag: what is not known of a vessel does not free it of a rule.
    params
        Thresholds.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS; probability is the chance that the vessel was inside, given the errors of its position and of the border, times that of fishing (see
        `fishing`) where that is what is forbidden.

    Limits
    ------
    A crossing between two fixes is not seen. Borders are as good as the file; an area with no stated accuracy counts as exact.
    """
    c = columns_of(positions, as_of)
    ruled = None if context.areas is None else context.areas.ruled
    if c is None or ruled is None or not ruled.areas:
        return EVENTS.empty()
    point, number = ruled.inside(c.lon_deg, c.lat_deg)
    events = EventRows(AREA.kind, AREA.version, c.realm)
    if len(point) == 0:
        return EVENTS.empty()
    no_fishing = [n for n, area in enumerate(ruled.areas) if "fishing" in area.rule.forbids]
    known, worked = _known(context), _worked(c, context, point[np.isin(number, no_fishing)], params.fishing, as_of)
    calls = _calls(ruled.areas)
    for n in np.unique(number).tolist():
        area, call, rows = ruled.areas[n], calls[n], np.sort(point[number == n]).astype(np.int64)
        for stay in _stays(c, rows, params):
            _entry(events, c, params, area, call, stay, known)
        for vessel_rows in np.split(rows, np.flatnonzero(np.diff(np.searchsorted(c.first, rows, "right"))) + 1):
            for event in worked.get(c.vessel_of(int(vessel_rows[0])), ()) if "fishing" in area.rule.forbids else ():
                _fishing(events, c, params, area, call, vessel_rows, event, known)
    return events.table()


def in_areas(events: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Events of any kind with the names of the areas they lie in, and a reason where the rule of one forbids such an event."""
    if context.areas is None or events.is_empty():
        return events
    point, number = context.areas.inside(events["lon_deg"].to_numpy(), events["lat_deg"].to_numpy())
    if len(point) == 0:
        return events
    known = _known(context)
    names, forbidden = events["areas"].to_list(), set[int]()
    kinds, who, since = (events[c].to_list() for c in ("kind", "vessel_ids", "start_at"))
    for k, n in zip(point.tolist(), number.tolist(), strict=True):
        area = context.areas.areas[n]
        names[k] = sorted({*names[k], area.name})
        if kinds[k] in area.rule.forbids and kinds[k] != AREA.kind and any(_binds(area, v, known, since[k]) for v in who[k]):
            forbidden.add(k)
    events = events.with_columns(pl.Series("areas", names, EVENTS.schema["areas"]))
    if not forbidden:
        return events
    more = pl.Series([[reason("area.forbidden_here")] if k in forbidden else [] for k in range(len(events))], dtype=EVENTS.schema["reasons"])
    return events.with_columns(reasons=pl.col("reasons").list.concat(more))


def _calls(areas: tuple[Area, ...]) -> list[str]:
    """What tells the events of each area from those of the others: its name, and a number where names are used again."""
    used: Counter[str] = Counter()
    calls = []
    for area in areas:
        used[area.name] += 1
        calls.append(area.name if used[area.name] == 1 else f"{area.name} #{used[area.name]}")
    return calls


def _stays(c: Columns, rows: NDArray[np.int64], params: AreaParams) -> list[NDArray[np.int64]]:
    """Rows inside, stay by stay."""
    if len(rows) == 0:
        return []
    away_us, steps = np.diff(c.at_us[rows]), np.diff(rows)
    vessel = np.searchsorted(c.first, rows, "right")
    cut = (np.diff(vessel) != 0) | (away_us > params.max_silence_s * US_PER_S) | ((steps > 1) & (away_us > params.max_outside_s * US_PER_S))
    return np.split(rows, np.flatnonzero(cut) + 1)


def _entry(
    events: EventRows, c: Columns, params: AreaParams, area: Area, call: str, stay: NDArray[np.int64], known: dict[str, Any]
) -> None:  # fmt: skip
    a, b = int(stay[0]), int(stay[-1])
    vessel = c.vessel_of(a)
    start_us, end_us = int(c.at_us[a]), int(c.at_us[b])
    if "entry" not in area.rule.forbids or not _binds(area, vessel, known, datetime.fromtimestamp(start_us / US_PER_S, UTC)):
        return
    way_m = float(great_circle_m(c.lon_deg[a:b], c.lat_deg[a:b], c.lon_deg[a + 1 : b + 1], c.lat_deg[a + 1 : b + 1]).sum())
    duration_s = (end_us - start_us) / US_PER_S
    speed_kn = mps_to_kn(way_m / duration_s) if duration_s > 0 else 0.0
    made_good_m = float(great_circle_m(c.lon_deg[a], c.lat_deg[a], c.lon_deg[b], c.lat_deg[b]))
    first_row = int(c.first[np.searchsorted(c.first, a, "right") - 1])
    seen = a > first_row and start_us - c.at_us[a - 1] <= params.max_silence_s * US_PER_S
    reasons = [reason("area.inside", duration_h=duration_s / HOUR_S), reason("area.entry_seen" if seen else "area.entry_not_seen")]
    steady = duration_s > 0 and speed_kn >= params.passage_sog_kn and way_m <= 1.5 * max(made_good_m, 1.0)
    reasons.append(reason("area.passage" if steady else "area.stay", sog_kn=speed_kn))
    last_row = int(c.first[np.searchsorted(c.first, a, "right")]) - 1
    is_open = b == last_row and c.as_of_us - end_us <= params.max_silence_s * US_PER_S
    _add(events, c, area, f"{call} entry", stay, 1.0, reasons, vessel, known, is_open=is_open)


def _fishing(
    events: EventRows, c: Columns, params: AreaParams, area: Area, call: str, rows: NDArray[np.int64], event: dict[str, Any],
    known: dict[str, Any],
) -> None:  # fmt: skip
    start_us, end_us = at_to_us(event["start_at"]), at_to_us(event["end_at"])
    mine = rows[(c.at_us[rows] >= start_us) & (c.at_us[rows] <= end_us)]
    if len(mine) < 2 or not _binds(area, str(event["vessel_ids"][0]), known, event["start_at"]):
        return
    step_us = np.diff(c.at_us[mine])
    inside_s = float(step_us[np.diff(mine) == 1].sum()) / US_PER_S
    if inside_s < params.min_fishing_s:
        return
    reasons = [reason("area.fishing", inside_h=inside_s / HOUR_S, fishing_percent=100 * float(event["probability"]))]
    reasons += [r for r in event["reasons"] if r["code"].startswith(("fishing.given_", "fishing.gear_"))]
    is_open = event["state"] == "open" and c.at_us[mine[-1]] == end_us
    _add(events, c, area, f"{call} fishing", mine, float(event["probability"]), reasons, str(event["vessel_ids"][0]), known, is_open=is_open)


def _add(
    events: EventRows, c: Columns, area: Area, subject: str, rows: NDArray[np.int64], chance: float, reasons: list[dict[str, Any]], vessel: str,
    known: dict[str, Any], *, is_open: bool,
) -> None:  # fmt: skip
    one_each = rows[np.flatnonzero(np.diff(c.at_us[rows], prepend=-1))]
    looked = one_each[np.unique(np.linspace(0, len(one_each) - 1, min(_LOOKS, len(one_each))).astype(int))]
    depth_m = border_m(area.shape, c.lon_deg[looked], c.lat_deg[looked])
    deepest = int(looked[int(np.argmax(depth_m))])
    depth, error_m = float(depth_m.max()), math.hypot(FIX_ERROR_M, area.accuracy_m)
    within = 0.5 * (1 + math.erf(depth / error_m / math.sqrt(2))) if math.isfinite(depth) else 1.0
    if math.isfinite(depth):
        reasons.append(reason("area.border", depth_km=depth / 1000, error_km=error_m / 1000))
    ship_type, length_m = known.get(vessel, (None, None))
    if ship_type is None and area.rule.classes:
        reasons.append(reason("area.type_unknown"))
    if length_m is None and area.rule.min_length_m:
        reasons.append(reason("area.length_unknown"))
    if (area.rule.flags or area.rule.free_flags) and flag_of(_number(vessel)) is None:
        reasons.append(reason("area.flag_unknown"))
    a, b = int(rows[0]), int(rows[-1])
    events.add(
        is_open=is_open, start_us=int(c.at_us[a]), end_us=int(c.at_us[b]), vessel_ids=[vessel],
        lon_deg=c.lon_deg[deepest], lat_deg=c.lat_deg[deepest], probability=within * chance, reasons=reasons,
        evidence=c.evidence(a, deepest, b), subject=subject, areas=[area.name],
    )  # fmt: skip


def _binds(area: Area, vessel: str, known: dict[str, Any], at: datetime) -> bool:
    ship_type, length_m = known.get(vessel, (None, None))
    return area.rule.binds(flag_of(_number(vessel)), ship_type, length_m, at)


def _number(vessel: str) -> int:
    digits = vessel.removeprefix("mmsi:").split("#")[0]
    return int(digits) if digits.isdigit() else 0


def _known(context: Context) -> dict[str, Any]:
    """Type and length [m] of each vessel."""
    return {row[0]: row[1:] for row in context.vessels.select("vessel_id", "ship_type", "length_m").iter_rows()}


def _worked(
    c: Columns, context: Context, rows: NDArray[np.int32], fishing: FishingParams, as_of: datetime
) -> dict[str, list[dict[str, Any]]]:  # fmt: skip
    """Fishing of the vessels that these rows are of, by vessel."""
    found: dict[str, list[dict[str, Any]]] = {}
    if len(rows):
        who = c.rows["vessel_id"].gather(rows).unique()
        for event in find_fishing(c.rows.filter(pl.col("vessel_id").is_in(who.implode())), context, fishing, as_of).iter_rows(named=True):
            found.setdefault(event["vessel_ids"][0], []).append(event)
    return found


AREA = Behaviour(
    kind="area",
    version=1,
    needs=("realm", "vessel_id", "at", "lon_deg", "lat_deg", "sog_kn", "feed", "raw_offset", "raw_length"),
    find=find_in_areas,
    params=AreaParams(),
    source="ours; polygon entry and exit as in Global Fishing Watch and Skylight, with who may do what there and when",
    partition="vessel",
    lookback_s=4 * 86_400.0,
)
