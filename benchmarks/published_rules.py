"""POSITIONS -> events by rules that others have published, as plain as they are written: what Seaward is held against (`benchmarks.scores`).

Written anew from the documents and, where those leave something open, from how the published programs behave. Columns of the result:
realm, event_id, version, state, kind, start_at, end_at, vessel_ids, lon_deg, lat_deg, probability (null: no published rule gives one).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import KDTree

from seaward.chart.places import Places
from seaward.core.geodesy import great_circle_m
from seaward.core.ids import event_id
from seaward.core.tables import AT, EVENTS
from seaward.core.units import HOUR_S, KN_MPS, US_PER_S, mps_to_kn, nm_to_m

_F64, _I64 = NDArray[np.float64], NDArray[np.int64]
Shore = Callable[[_F64, _F64], _F64]
COLUMNS = ("realm", "event_id", "version", "state", "kind", "start_at", "end_at", "vessel_ids", "lon_deg", "lat_deg", "probability")
_SLOT_US = 600 * US_PER_S  # ten minutes: pipe-encounters, RESAMPLE_INCREMENT_MINUTES; Welch et al. 2022 count reports in the same
_DAY_US = 86_400 * US_PER_S
_MOST_S = HOUR_S  # pipe-encounters, MAX_GAP_HOURS: neither bridged nor extrapolated over more
_NEAR_M = 500.0  # Miller et al. 2018; so are the two hours, the 2 kn and the 10 km
_LEAST_US = 2 * 3600 * US_PER_S
_SLOW_KN = 2.0
_ANCHORAGE_M = 10_000.0
_MERGED_US = 4 * 3600 * US_PER_S  # pipe-encounters, min_hours_between_encounters
_GAP_US = 6 * 3600 * US_PER_S  # Global Fishing Watch, technical documentation (October 2025), "AIS off"
_DISABLED_US = 12 * 3600 * US_PER_S  # Welch et al. 2022; so are the next three
_DISABLED_SHORE_M = nm_to_m(50.0)
_BEFORE = 14  # ten minutes with a report, of the 12 h before
_PER_DAY = 10.0  # reports a vessel and day, where reception counts as good
_LOITERING_SHORE_M = nm_to_m(20.0)  # Global Fishing Watch, technical documentation (October 2025), "Loitering"


def encounters(positions: pl.DataFrame, places: Places | None, shore_m: Shore) -> pl.DataFrame:
    """Pairs within 500 m for two hours at under 2 knots, 10 km from an anchorage, each UTC day by itself on a grid of ten minutes.

    Parameters
    ----------
    positions
        POSITIONS.
    places
        Ports and anchorages; None: nothing is left out for being near one.
    shore_m
        On land (0 m) there is no encounter.

    Limits
    ------
    As published: one grid point farther than 500 m ends a run, a run ends at midnight (so what is cut into less than two hours there is lost), the
    speed is that of the vessel itself along the grid, and longitudes are interpolated as numbers. Anchorages are those given, not the published list.

    Source
    ------
    Miller et al. 2018, doi:10.3389/fmars.2018.00240; Global Fishing Watch, technical documentation (October 2025), "Encounters", and pipe-encounters
    (grid, extrapolation by an hour within the day, median speed of each of the two by its own places and the median of both, runs merged within 4 h).
    """
    grid = pl.concat([_grid(rows) for _, rows in _sorted(positions).group_by("vessel_id", maintain_order=True)] or [_GRID])
    runs: dict[tuple[str, str], list[tuple[int, int, float, float, float]]] = {}
    for pair, rows in _near(grid).items():
        table = np.array(sorted(rows))
        breaks = (np.diff(table[:, 0]) != _SLOT_US) | (table[1:, 0] // _DAY_US != table[:-1, 0] // _DAY_US)
        for run in np.split(table, np.flatnonzero(breaks) + 1):
            if run[-1, 0] - run[0, 0] < _LEAST_US:
                continue
            speeds = [
                float(np.median(great_circle_m(run[:-1, c], run[:-1, c + 1], run[1:, c], run[1:, c + 1]))) / (_SLOT_US / US_PER_S) for c in (1, 3)
            ]
            lon, lat = _middle(run[:, [1, 3]].ravel(), run[:, [2, 4]].ravel())
            runs.setdefault(pair, []).append((int(run[0, 0]), int(run[-1, 0]), mps_to_kn(float(np.median(speeds))), lon, lat))
    found = []
    for pair, parts in sorted(runs.items()):
        apart = [p for p in parts if float(shore_m(np.array([p[3]]), np.array([p[4]]))[0]) > 0 and _away_m(places, p[3], p[4]) >= _ANCHORAGE_M]
        joined: list[list[tuple[int, int, float, float, float]]] = []
        for part in sorted(apart):
            if joined and part[0] - joined[-1][-1][1] < _MERGED_US:
                joined[-1].append(part)
            else:
                joined.append([part])
        for whole in joined:
            weight = np.array([b - a for a, b, *_ in whole], np.float64)
            if float(np.median([p[2] for p in whole])) < _SLOW_KN:
                lon, lat = (float(np.average([p[c] for p in whole], weights=weight)) for c in (3, 4))
                found.append(("encounter", whole[0][0], whole[-1][1], list(pair), lon, lat))
    return _events(positions, found)


def gaps(positions: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """More than six hours between two positions of a vessel, or since its last.

    Source
    ------
    Global Fishing Watch, technical documentation (October 2025), "AIS off"; pipe-gaps.
    """
    rows = _silences(positions, as_of, _GAP_US)
    return _events(positions, [("gap", a, b, [who], lon, lat) for who, a, b, lon, lat, _ in rows])


def disabling(positions: pl.DataFrame, as_of: datetime, shore_m: Shore) -> pl.DataFrame:
    """Silences of twelve hours, 50 nm offshore at their start, of a vessel heard in 14 of the 72 slots before, where vessels are heard well.

    Limits
    ------
    The published map of reception is of satellites, by month and degree. Here it is made of the input: reports a vessel and day (one of each ten
    minutes), by cell of a degree, the vessel's own not left out, as there. An open silence counts once it is twelve hours old.

    Source
    ------
    Welch et al. 2022, doi:10.1126/sciadv.abq2109.
    """
    rows = _silences(positions, as_of, _DISABLED_US - 1)
    lon, lat = np.array([r[3] for r in rows]), np.array([r[4] for r in rows])
    far = shore_m(lon, lat) >= _DISABLED_SHORE_M if rows else np.zeros(0, bool)
    slots = positions.select(
        pl.col("vessel_id").cast(pl.String), pl.col("at").to_physical() // _SLOT_US, x=pl.col("lon_deg").floor(), y=pl.col("lat_deg").floor()
    ).unique()
    days = slots.select("vessel_id", "x", "y", day=pl.col("at") // (_DAY_US // _SLOT_US))
    cells = days.group_by("x", "y").agg(n=pl.len(), vessel_days=pl.struct("vessel_id", "day").n_unique())
    heard = {(x, y): n / d for x, y, n, d in cells.iter_rows()}
    found = []
    for (who, a, b, x, y, before), offshore in zip(rows, far, strict=True):
        if offshore and before >= _BEFORE and heard[np.floor(x), np.floor(y)] > _PER_DAY:
            found.append(("gap", a, b, [who], x, y))
    return _events(positions, found)


def loitering(positions: pl.DataFrame, shore_m: Shore, least_h: float = 2.0) -> pl.DataFrame:
    """Hours in a row whose mean speed is under 2 knots, on average 20 nm or more offshore, for two hours (`least_h`; of carriers four).

    Limits
    ------
    The speed of an hour is the way between its fixes, and from the fix before its first, over their time, as published; dense fixes of a ship at rest
    add up to a way. Whoever is heard in no hour between ends the stay.

    Source
    ------
    Global Fishing Watch, technical documentation (October 2025), "Loitering"; Miller et al. 2018, doi:10.3389/fmars.2018.00240.
    """
    found = []
    for (who,), rows in _sorted(positions).group_by("vessel_id", maintain_order=True):
        at, lon, lat = rows["at"].to_physical().to_numpy(), rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy()
        way, took = np.zeros(len(at)), np.zeros(len(at))
        way[1:], took[1:] = great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:]), np.diff(at) / US_PER_S
        hour, first = np.unique(at // (3600 * US_PER_S), return_index=True)
        spent = np.add.reduceat(took, first)
        slow = (spent > 0) & (np.add.reduceat(way, first) < _SLOW_KN * KN_MPS * spent)
        last = np.append(first[1:], len(at)) - 1
        k = np.flatnonzero(slow)
        for run in np.split(k, np.flatnonzero(np.diff(hour[k]) != 1) + 1) if len(k) else []:
            a, b = int(first[run[0]]), int(last[run[-1]])
            if at[b] - at[a] < least_h * HOUR_S * US_PER_S or float(shore_m(lon[a : b + 1], lat[a : b + 1]).mean()) < _LOITERING_SHORE_M:
                continue
            found.append(("loitering", int(at[a]), int(at[b]), [str(who)], *_middle(lon[a : b + 1], lat[a : b + 1])))
    return _events(positions, found)


_GRID = pl.DataFrame(schema={"who": pl.String, "at": pl.Int64, "lon": pl.Float64, "lat": pl.Float64})


def _grid(rows: pl.DataFrame) -> pl.DataFrame:
    """Places of one vessel on the grid of each day; speed and course carry it on for an hour at either end of a day."""
    at, lon, lat = rows["at"].to_physical().to_numpy(), rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy()
    knots, course = (np.nan_to_num(rows[c].cast(pl.Float64).to_numpy()) for c in ("sog_kn", "cog_deg"))
    parts = []
    for day in np.split(np.arange(len(at)), np.flatnonzero(np.diff(at // _DAY_US)) + 1):
        a, b = int(day[0]), int(day[-1])
        begin, end = int(at[a]) // _DAY_US * _DAY_US, (int(at[a]) // _DAY_US + 1) * _DAY_US
        most_us = int(_MOST_S * US_PER_S)
        t = np.arange(max(begin, -(-(at[a] - most_us) // _SLOT_US) * _SLOT_US), min(end - 1, at[b] + most_us) + 1, _SLOT_US)
        inner = t[(t >= at[a]) & (t <= at[b])]
        if b > a:
            after = np.clip(np.searchsorted(at[day], inner, side="left"), 1, len(day) - 1) + a
            short = (at[after] - at[after - 1]) < most_us
            inner, after = inner[short], after[short]
            mix = (inner - at[after - 1]) / np.maximum(at[after] - at[after - 1], 1)
            parts.append(np.column_stack([inner, *(v[after] * mix + v[after - 1] * (1 - mix) for v in (lon, lat))]))
        for k, outer in ((a, t[t < at[a]]), (b, t[t > at[b]])):
            ahead_deg = knots[k] / 60 * (outer - at[k]) / US_PER_S / HOUR_S
            east = ahead_deg * np.sin(np.radians(course[k])) / max(np.cos(np.radians(lat[k])), 0.1)
            parts.append(np.column_stack([outer, (lon[k] + east + 180) % 360 - 180, lat[k] + ahead_deg * np.cos(np.radians(course[k]))]))
    table = np.concatenate(parts)
    return pl.DataFrame({"who": pl.repeat(str(rows["vessel_id"][0]), len(table), eager=True), "at": table[:, 0].astype(np.int64),
                         "lon": table[:, 1], "lat": table[:, 2]}, schema=_GRID.schema)  # fmt: skip


def _near(grid: pl.DataFrame) -> dict[tuple[str, str], list[tuple[float, ...]]]:
    """By pair, the moments at which the two are within 500 m: moment, and longitude and latitude of both."""
    pairs: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for (moment,), rows in grid.group_by("at"):
        lon, lat, who = rows["lon"].to_numpy(), rows["lat"].to_numpy(), rows["who"].to_list()
        x, y = np.radians(lon), np.radians(np.clip(lat, -90, 90))
        tree = KDTree(np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)]) * 6_371_008.8)
        for i, j in tree.query_pairs(_NEAR_M):
            if who[i] != who[j]:
                i, j = (i, j) if who[i] < who[j] else (j, i)  # noqa: PLW2901
                pairs.setdefault((who[i], who[j]), []).append((float(moment), lon[i], lat[i], lon[j], lat[j]))  # type: ignore[arg-type]
    return pairs


def _silences(positions: pl.DataFrame, as_of: datetime, more_us: int) -> list[tuple[str, int, int, float, float, int]]:
    """Vessel, start, end, place before, slots of ten minutes with a report in the 12 h before."""
    found = []
    until = int(pl.Series([as_of]).cast(AT).to_physical()[0])
    for (who,), rows in _sorted(positions).group_by("vessel_id", maintain_order=True):
        at = rows["at"].to_physical().to_numpy()
        ends = np.append(at[1:], until)
        for k in np.flatnonzero(ends - at > more_us).tolist():
            before = at[np.searchsorted(at, at[k] - _DISABLED_US) : k + 1]
            slots = len(np.unique(before // _SLOT_US))
            found.append((str(who), int(at[k]), int(ends[k]), float(rows["lon_deg"][k]), float(rows["lat_deg"][k]), slots))
    return found


def _sorted(positions: pl.DataFrame) -> pl.DataFrame:
    return (
        positions.with_columns(pl.col("vessel_id").cast(pl.String))
        .sort("vessel_id", "at")
        .unique(["vessel_id", "at"], keep="first", maintain_order=True)
    )


def _middle(lon: _F64, lat: _F64) -> tuple[float, float]:
    x = np.radians(lon)
    return float(np.degrees(np.arctan2(np.sin(x).mean(), np.cos(x).mean()))), float(lat.mean())


def _away_m(places: Places | None, lon: float, lat: float) -> float:
    return np.inf if places is None else float(places.nearest([lon], [lat])[1][0])


def _events(positions: pl.DataFrame, found: Iterable[tuple[str, int, int, list[str], float, float]]) -> pl.DataFrame:
    realm = str(positions["realm"][0]) if len(positions) else ""
    rows = [(realm, event_id(kind, "published", who, a), 1, "closed", kind, a, b, who, lon, lat, None) for kind, a, b, who, lon, lat in sorted(found)]
    schema = {c: pl.Int64() if EVENTS.schema[c] == AT else pl.String() if c == "realm" else EVENTS.schema[c] for c in COLUMNS}
    return pl.DataFrame(rows, schema=schema, orient="row").cast({"start_at": AT, "end_at": AT})
