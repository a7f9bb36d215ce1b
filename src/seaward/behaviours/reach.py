"""Hearing -> stays of a vessel where the feed that heard it hears nobody else: a receiver on the coast could not have heard it there.

No feed says where its receivers stand. What it hears of others tells how far they reach; what cannot be told so, raises nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.behaviours.columns import Columns
from seaward.core.geodesy import great_circle_m
from seaward.core.hearing import CELL_DEG, LAT_CELLS, SLOT_US, SLOTS_PER_HALF_HOUR, Hearing
from seaward.core.units import DEG_M

_HALF_HOUR_US = SLOT_US * SLOTS_PER_HALF_HOUR
_DAY = 48  # half hours before and after a stay in which others heard far off, or the vessel itself on its way, speak for it; ours
_HOME_VESSELS = 5  # in one cell of one kind: no single number has so many hulls; ours
_NOT_ONE = 3, 6  # hulls in one cell, or more vessel-slots in a half hour: more than one number for sure, which has two hulls at most; ours
_OFTEN_SHARE = 0.5  # of what a feed hears, from vessels heard in half the slots of six hours: a receiver that stays, no satellite that passes; ours
_SQUARE_M = DEG_M * 2**0.5  # no two places of one square degree are farther apart: its diagonal at the equator


@dataclass(frozen=True, slots=True)
class FarStay:
    """Fixes of one hull in a row, all by one feed and beyond its reach."""

    start: int  # first row of `Columns`
    end: int  # last
    beyond_m: float  # at least so far from any other vessel that the feed hears


@dataclass(frozen=True, slots=True)
class _Feed:
    """What one feed hears: by square degree, and by square and half hour."""

    square: NDArray[np.int64]  # ascending
    total: NDArray[np.float64]  # vessel-slots
    home: NDArray[np.bool_]  # `_HOME_VESSELS` in one of its cells
    busy: NDArray[np.bool_]  # somebody else is heard there, whichever number is left out
    at_square: NDArray[np.int64]  # of each row of the next two: place in `square`
    half_hour: NDArray[np.int64]
    slots: NDArray[np.float64]


@lru_cache(maxsize=2)
def reach_of(hearing: Hearing, as_of_us: int, min_beyond_m: float, max_feed_m: float) -> Reach:
    """The same for each partition of one run: what is learned is learned once."""
    return Reach(hearing, as_of_us, min_beyond_m, max_feed_m)


class Reach:
    """Answers for one run: built from `Context.hearing`, restricted to what is known at `as_of_us`.

    Limits
    ------
    Reach is known to the square degree: distances are to the nearest edge of a square, so too short. Feeds heard over more than `max_feed_m`,
    seldom, or nowhere from several vessels, say nothing. A receiver that sails, or one that a feed takes in late, may mislead.
    """

    def __init__(self, hearing: Hearing, as_of_us: int, min_beyond_m: float, max_feed_m: float) -> None:
        self._beyond_m, self._max_feed_m = min_beyond_m, max_feed_m
        self._until = as_of_us // _HALF_HOUR_US  # half hours before it are whole
        self._feeds: dict[str, _Feed] = {}
        self._far: dict[str, NDArray[np.bool_]] = {}  # of every square degree, whether a place in it can be beyond reach
        per_degree = round(1 / CELL_DEG)
        column, row = pl.col("cell") // LAT_CELLS // per_degree, pl.col("cell") % LAT_CELLS // per_degree
        cells = hearing.heard.with_columns(square=(column * 180 + row).cast(pl.Int64))
        often = cells.group_by("feed").agg(share=pl.col("heard").filter(pl.col("pace") == 0).sum() / pl.col("heard").sum())
        several = cells.filter(pl.col("vessels") >= _NOT_ONE[0])
        for name in sorted(often.filter(pl.col("share") >= _OFTEN_SHARE)["feed"]):
            feed = _feed(hearing.around.filter(pl.col("feed") == name, pl.col("half_hour") < self._until), several.filter(pl.col("feed") == name))
            if feed is not None and not _wider(feed.square[feed.home], max_feed_m):
                self._feeds[name], self._far[name] = feed, _far_from(feed.square[feed.busy], min_beyond_m)

    def may_stay(self, c: Columns, min_fixes: int) -> NDArray[np.bool_]:
        """Of each hull, whether it can have a far stay."""
        vessel = np.searchsorted(c.first, np.flatnonzero(self._candidates(c)), "right") - 1
        return np.bincount(vessel, minlength=len(c.first) - 1) >= min_fixes

    def stays(self, c: Columns, min_fixes: int, min_stay_us: int, max_break_us: int) -> list[FarStay]:
        """Far stays of all hulls; the vessel itself, with all hulls of its number, is left out of what the feed hears."""
        rows = np.flatnonzero(self._candidates(c))
        if len(rows) < min_fixes:
            return []
        mmsi, vessel = c.rows["mmsi"].to_numpy(), np.searchsorted(c.first, rows, "right") - 1
        cut = (np.diff(rows) > 1) | (np.diff(vessel) > 0) | (np.diff(c.feed_code[rows]) != 0) | (np.diff(c.at_us[rows]) > max_break_us)
        found: list[FarStay] = []
        for run in np.split(rows, np.flatnonzero(cut) + 1):
            if _long(c, run, min_fixes, min_stay_us):
                beyond = self._beyond(c, run, np.flatnonzero(mmsi == mmsi[run[0]]))
                far = beyond >= self._beyond_m
                for part in np.split(np.arange(len(run)), np.flatnonzero(np.diff(far)) + 1):
                    if far[part[0]] and _long(c, run[part], min_fixes, min_stay_us):
                        found.append(FarStay(int(run[part[0]]), int(run[part[-1]]), float(beyond[part].min())))
        return found

    def _candidates(self, c: Columns) -> NDArray[np.bool_]:
        """Rows in squares where a place can be beyond the reach of their feed."""
        out = np.zeros(len(c.at_us), bool)
        for code in np.unique(c.feed_code) if self._feeds else ():
            of_feed = np.flatnonzero(c.feed_code == code)
            far = self._far.get(c.feed_of(of_feed[0]))
            if far is not None:
                out[of_feed] = far[_square(c.lon_deg[of_feed], c.lat_deg[of_feed])]
        return out

    def _beyond(self, c: Columns, run: NDArray[np.int64], own: NDArray[np.int64]) -> NDArray[np.float64]:
        """How far at least each fix of a run lies from others that its feed hears [m]; 0 where that says nothing."""
        nothing = np.zeros(len(run))
        feed = self._feeds[c.feed_of(run[0])]
        since, until = (int(c.at_us[k]) // _HALF_HOUR_US for k in (run[0], run[-1]))
        half_hour = c.at_us[own] // _HALF_HOUR_US
        own = own[(half_hour >= since - _DAY) & (half_hour <= until + _DAY)]
        own_here = own[c.feed_code[own] == c.feed_code[run[0]]]
        then = (feed.half_hour >= since - _DAY) & (feed.half_hour <= until + _DAY)
        lately = np.bincount(feed.at_square[then], feed.slots[then], len(feed.square))
        mine = self._own_slots(c, own, feed, int(c.feed_code[run[0]]))
        others, lately = feed.total - mine > 0, lately - mine > 0
        group = _groups(feed.square[others], self._beyond_m / 2)
        at_home = np.isin(group, group[feed.home[others]])
        if not lately[others].any() or not at_home[lately[others]].all():
            return nothing  # it hears nobody, or others as far off: a duct, a satellite, or several in one trouble
        if _wider(feed.square[others][at_home], self._max_feed_m):
            return nothing
        on_the_way = _from_squares_m(c.lon_deg[own_here], c.lat_deg[own_here], feed.square[others])
        if ((on_the_way >= self._beyond_m / 2) & (on_the_way < self._beyond_m)).any():
            return nothing  # heard as it sailed out, or as it came in
        return _from_squares_m(c.lon_deg[run], c.lat_deg[run], feed.square[others])

    def _own_slots(self, c: Columns, own: NDArray[np.int64], feed: _Feed, code: int) -> NDArray[np.float64]:
        """Vessel-slots of these rows by square, counted as `picture` does: of each hull in each slot its first fix."""
        vessel, slot = np.searchsorted(c.first, own, "right") - 1, c.at_us[own] // SLOT_US
        first = (np.diff(vessel, prepend=-1) != 0) | (np.diff(slot, prepend=-1) != 0)
        counted = own[first & (c.feed_code[own] == code) & (slot // SLOTS_PER_HALF_HOUR < self._until)]
        square = _square(c.lon_deg[counted], c.lat_deg[counted])
        known = square[np.isin(square, feed.square)]
        return np.bincount(np.searchsorted(feed.square, known), minlength=len(feed.square)).astype(float)


def _feed(around: pl.DataFrame, several: pl.DataFrame) -> _Feed | None:
    """What one feed hears, and the squares in which several vessels are heard in one cell; None where it has no home."""
    square, at_square = np.unique(around["degree"].to_numpy().astype(np.int64), return_inverse=True)
    slots = around["vessel_slots"].to_numpy().astype(float)
    home = np.isin(square, several.filter(pl.col("vessels") >= _HOME_VESSELS)["square"].to_numpy())
    busy = np.isin(square, several["square"].to_numpy())
    busy[at_square[slots > _NOT_ONE[1]]] = True
    if not home.any():
        return None
    total = np.bincount(at_square, slots, len(square)).astype(float)
    return _Feed(square, total, home, busy, at_square, around["half_hour"].to_numpy(), slots)


def _long(c: Columns, rows: NDArray[np.int64], min_fixes: int, min_stay_us: int) -> bool:
    at = c.at_us[rows]
    return len(np.unique(at)) >= min_fixes and int(at[-1] - at[0]) >= min_stay_us


def _square(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.int64]:
    """As `core.hearing.degree_of`."""
    column = np.clip(np.floor(lon_deg + 180), 0, 359).astype(np.int64)
    return column * 180 + np.clip(np.floor(lat_deg + 90), 0, 179).astype(np.int64)


def _middle(square: NDArray[np.int64] | np.int64) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.asarray(square // 180 - 179.5, np.float64), np.asarray(square % 180 - 89.5, np.float64)


def _wider(squares: NDArray[np.int64], max_m: float) -> bool:
    """Whether the middles of two squares are farther apart."""
    lon, lat = _middle(squares)
    return any(great_circle_m(x, y, lon, lat).max() > max_m for x, y in zip(lon, lat, strict=True))


def _far_from(squares: NDArray[np.int64], min_beyond_m: float) -> NDArray[np.bool_]:
    """Of every square degree, whether a place in it can lie so far from all of some squares."""
    far = np.ones(360 * 180, bool)
    row = np.arange(360 * 180) % 180
    band = np.flatnonzero((row >= (squares % 180).min() - min_beyond_m / DEG_M) & (row <= (squares % 180).max() + min_beyond_m / DEG_M))
    for square in squares:
        far[band] &= great_circle_m(*_middle(band), *_middle(square)) >= min_beyond_m - _SQUARE_M
    return far


def _from_squares_m(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], squares: NDArray[np.int64]) -> NDArray[np.float64]:
    """From each place to the nearest of the squares, 0 within one."""
    nearest = np.full(len(lon_deg), np.inf)
    for x, y in zip(*_middle(squares), strict=True):
        east = x + np.clip((lon_deg - x + 180) % 360 - 180, -0.5, 0.5)
        for north in (np.clip(lat_deg, y - 0.5, y + 0.5), y - 0.5, y + 0.5):  # off to the side the nearest point lies poleward
            nearest = np.minimum(nearest, great_circle_m(lon_deg, lat_deg, east, north))
    return nearest


def _groups(squares: NDArray[np.int64], max_apart_m: float) -> NDArray[np.int64]:
    """Number of the group of each square: those closer than `max_apart_m`, edge to edge, are of one."""
    group = np.arange(len(squares))
    lon, lat = _middle(squares)
    for k in range(len(squares)):
        near = np.maximum(0.0, great_circle_m(lon[k], lat[k], lon[:k], lat[:k]) - _SQUARE_M) <= max_apart_m
        for other in np.unique(group[:k][near]):
            group[group == other] = group[k]
    return group
