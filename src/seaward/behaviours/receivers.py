"""Hearing -> when each feed worked: as a whole, and around one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.hearing import SLOT_US, SLOTS_PER_HALF_HOUR, Hearing
from seaward.core.units import HOUR_S, US_PER_S

_ISLAND_SLOTS = round(6 * HOUR_S * US_PER_S / SLOT_US)  # quiet for so long before and after: a stretch apart; ours
_OFTEN_QUIET = 5  # times that a feed was quiet: from then on it is its way; ours
_MANY = 20.0  # vessels a feed hears at once, from which on fewer than a tenth of them are not the feed: wrong clocks; ours
_FEW_SHARE = 0.1
_BEFORE = 12  # half hours before a silence that tell how many others were heard around; ours
_FELL_TO = 0.2  # of that number: fewer, and the receiver there is taken to be down; ours
_WORTH = 3.0  # vessel-slots in a half hour below which others are too few to tell: one vessel that is always heard; ours


@dataclass(frozen=True, slots=True)
class Runs:
    """Stretches of slots in which a feed worked: from `start` up to, without it, `end`."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    before: NDArray[np.int64]  # slots in the runs before each, and in all

    def up(self, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
        k = np.searchsorted(self.start, slots, "right") - 1
        return (k >= 0) & (slots < self.end[np.maximum(k, 0)])

    def until(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many slots up to and with each the feed worked."""
        k = np.searchsorted(self.start, slots, "right") - 1
        inside = np.minimum(slots + 1, self.end[np.maximum(k, 0)]) - self.start[np.maximum(k, 0)]
        return np.where(k >= 0, self.before[np.maximum(k, 0)] + inside, 0)


class Receivers:
    """Built from `Hearing`, restricted to what is known at `as_of_us`; feeds quiet for `max_quiet_s` were down."""

    def __init__(self, hearing: Hearing, as_of_us: int, max_quiet_s: float) -> None:
        quiet = max(1, int(max_quiet_s * US_PER_S) // SLOT_US)
        spoken = hearing.feeds.filter((pl.col("vessels") > 0) & (pl.col("slot_at").to_physical() <= as_of_us)).sort("slot_at")
        self.runs: dict[str, Runs] = {}
        self._at_work: dict[str, Runs] = {}  # with the pauses that are a feed's way
        for (feed,), part in spoken.group_by("feed", maintain_order=True):
            slots, vessels = part["slot_at"].to_physical().to_numpy() // SLOT_US, part["vessels"].to_numpy()
            alive = slots[_is_the_feed(slots, vessels)]
            self.runs[str(feed)] = _runs(alive, quiet)
            self._at_work[str(feed)] = _runs(alive, _usual(np.diff(alive), quiet))
        self.last_us = max((int(r.end[-1]) for r in self.runs.values()), default=1 << 32) * SLOT_US
        self._around = {
            (str(feed), int(degree)): (part["half_hour"].to_numpy(), part["vessel_slots"].to_numpy())  # type: ignore[call-overload]
            for (feed, degree), part in hearing.around.sort("half_hour").group_by("feed", "degree", maintain_order=True)
        }

    def up(self, feed: str, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
        runs = self.runs.get(feed)
        return np.zeros(len(slots), bool) if runs is None else runs.up(slots)

    def at_work(self, feed: str, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether a feed worked, pauses between the passes of a satellite included."""
        runs = self._at_work.get(feed)
        return np.zeros(len(slots), bool) if runs is None else runs.up(slots)

    def duty(self, feed: str) -> float:
        """Share of the time at work in which a feed can hear: that of its passes, for a satellite; 1 for others."""
        runs, at_work = self.runs.get(feed), self._at_work.get(feed)
        return 1.0 if runs is None or at_work is None else float(runs.before[-1] / at_work.before[-1])

    def fell_silent(
        self, feed: str, lon_deg: float, lat_deg: float, slots: NDArray[np.int64], own: NDArray[np.int64], interval_slots: int
    ) -> NDArray[np.bool_]:
        """In which slots of a silence nearly all others around had fallen silent as well, at the same time.

        Parameters
        ----------
        lon_deg, lat_deg
            Where the vessel was last heard [degree].
        slots
            From its last slot on, consecutive, shape (n,).
        own
            Its own slots in the six hours up to that one, ascending.
        interval_slots
            How often it reports; others may have fallen silent up to two such intervals later.
        """
        first = int(slots[0]) // SLOTS_PER_HALF_HOUR
        size = int(slots[-1]) // SLOTS_PER_HALF_HOUR - first + 2 + _BEFORE  # half hours from `_BEFORE` before the last slot on
        others = np.zeros(size)
        column, row = int(np.floor(lon_deg)) + 180, int(np.floor(lat_deg)) + 90
        for degree in {(column + dx) % 360 * 180 + min(max(row + dy, 0), 179) for dx in (-1, 0, 1) for dy in (-1, 0, 1)}:
            half_hours, counts = self._around.get((feed, degree), (np.empty(0, np.int64), np.empty(0, np.int64)))
            a, b = np.searchsorted(half_hours, (first - _BEFORE, first - _BEFORE + size))
            others[half_hours[a:b] - first + _BEFORE] += counts[a:b]
        mine = own // SLOTS_PER_HALF_HOUR - first + _BEFORE
        np.subtract.at(others, mine[mine >= 0], 1.0)
        runs = self.runs.get(feed)
        since = 0 if runs is None else max(0, int(runs.start[0]) // SLOTS_PER_HALF_HOUR + 1 - first + _BEFORE)
        before = others[min(since, _BEFORE) : _BEFORE]
        down = np.zeros(len(slots), bool)
        if len(before) == 0 or before.mean() < _WORTH:
            return down
        low = others[_BEFORE:] < _FELL_TO * before.mean()
        latest = 1 + -(-2 * interval_slots // SLOTS_PER_HALF_HOUR)
        start = next((k for k in range(min(latest + 1, len(low))) if low[k]), None)
        if start is None:
            return down
        end = next((k for k in range(start, len(low)) if not low[k]), len(low))
        at = slots // SLOTS_PER_HALF_HOUR - first
        return (at >= start) & (at < end)


def _runs(alive: NDArray[np.int64], quiet: int) -> Runs:
    """Stretches between which a feed was quiet for more than so many slots."""
    cut = np.flatnonzero(np.diff(alive) > quiet)
    start, end = alive[np.append(0, cut + 1)], alive[np.append(cut, len(alive) - 1)] + 1
    return Runs(start, end, np.append(0, np.cumsum(end - start)))


def _usual(steps: NDArray[np.int64], quiet: int) -> int:
    """How many slots a feed may be quiet before it is taken to be down: twice what it often is, as a satellite between its passes."""
    often = np.sort(steps[steps > quiet])
    return quiet if len(often) < _OFTEN_QUIET else max(quiet, min(2 * int(often[len(often) // 2]), _ISLAND_SLOTS))


def _is_the_feed(slots: NDArray[np.int64], vessels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which slots tell that the feed worked: not those of a few vessels with a wrong clock far from the others."""
    typical = float((vessels.astype(float) ** 2).sum() / vessels.sum())  # contraharmonic mean: what a vessel finds around it
    if typical >= _MANY:
        return vessels >= _FEW_SHARE * typical
    cut = np.flatnonzero(np.diff(slots) > _ISLAND_SLOTS) + 1
    island = np.repeat(np.arange(len(cut) + 1), np.diff(np.concatenate(([0], cut, [len(slots)]))))
    several = np.maximum.reduceat(vessels, np.append(0, cut)) > 1
    return several[island] if several.any() else np.ones(len(slots), bool)
