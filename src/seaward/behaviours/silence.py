"""Hearing -> how loud a silence is: how much of it counts, and how likely reception alone makes one so long.

Survival analysis: in each slot of ten minutes a silence of some age ends or goes on. How often it ends is learned from the silences of others that
were last heard there (by cell, feed, kind of transponder, how often they were heard before, and age), with the product limit of Kaplan and Meier.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.behaviours.receivers import Receivers
from seaward.core.hearing import CELL_DEG, LAT_CELLS, LON_CELLS, MAX_SILENT_SLOTS, SLOT_US, Hearing
from seaward.core.units import US_PER_S

_AGE_FROM = np.array([1, 2, 3, 5, 9, 17, 33, 65, 129])  # slots since last heard: doubling, as silences of all lengths occur
_AGE_WIDTH = np.diff(np.append(_AGE_FROM, MAX_SILENT_SLOTS + 2))
_AGES = len(_AGE_FROM)
_WEIGHT = 5.0  # of what is known of a wider area, beside what is seen in the cell [slots]; ours
_NEXT_CELL = 0.5  # weight of what is seen in the eight cells around; ours
_LEAST_DUTY = 0.02  # of a satellite that passes for half an hour a day; ours
_UNHEARD_CELL = 0.01  # a cell where nobody was ever heard is taken for one out of reach; ours
_MOST_HEARD = 0.95  # no slot counts for more than this: cells have edges, vessels their own antennas; ours
_ALIKE = 12.0  # shape of the gamma frailty by which vessels of one kind and place differ (Vaupel et al. 1979); ours, see docs/scores-gap.md
_HOURS = 8  # blocks of three hours UTC, in which silences may end more or less often: satellites pass, radio ducts come and go
_HOUR_WEIGHT = 20.0  # ends of silences expected, beside which those seen in a block count; ours
_MOST_SLOTS = 30 * 144  # what lies beyond thirty days adds nothing


@dataclass(frozen=True, slots=True)
class LastHeard:
    """A vessel before it fell silent."""

    vessel_id: str
    transceiver: str | None
    pace: int  # as in `core.hearing`
    shares: dict[str, float]  # of each feed in the slots it was heard in during the day before
    own: NDArray[np.int64]  # slots it was heard in during the six hours before
    interval_slots: int  # from the fix before


@dataclass(frozen=True, slots=True)
class Silence:
    """What a silence amounts to."""

    counted_s: float  # time in which receivers that hear there were up
    outage_s: float  # the rest
    expected: float | None  # slots of ten minutes in which a report was to be expected
    chance: float | None  # that reception makes a silence of that length, for each slot heard; None where reception is not known


@lru_cache(maxsize=2)
def ears_of(hearing: Hearing, as_of_us: int, max_quiet_s: float) -> Ears:
    """The same for each partition of one run: what is learned is learned once."""
    return Ears(hearing, as_of_us, max_quiet_s)


class Ears:
    """Answers for one run: built from `Context.hearing`."""

    def __init__(self, hearing: Hearing, as_of_us: int, max_quiet_s: float) -> None:
        self._receivers = Receivers(hearing, as_of_us, max_quiet_s)
        self.last_us = self._receivers.last_us
        self._silences = self._lasting(hearing.silences)
        others = (pl.col("vessels") - 1) / pl.col("vessels")  # the vessel asked about is left out, as one of so many
        heard = hearing.heard.with_columns(heard=pl.col("heard") * others, followed=pl.col("followed") * others)
        self._heard = {g: p.sort("cell").select("cell", "followed").to_numpy() for g, p in _groups(heard)}
        self._lengths = {g: _Lengths.of(p) for g, p in _groups(self._silences)}
        own = self._silences.sort("vessel_id").group_by("vessel_id", maintain_order=True).len()
        ends = np.cumsum(own["len"].to_numpy())
        self._own = {name: (int(b - n), int(n)) for name, b, n in zip(own["vessel_id"], ends, own["len"], strict=True)}
        self._of_vessels = self._silences.sort("vessel_id")
        self._share_heard = _share_heard(hearing)
        self._by_hour: dict[str, NDArray[np.float64]] = {}

    @property
    def knows_feeds(self) -> bool:
        return bool(self._receivers.runs)

    def weigh(
        self, start_us: int, end_us: int, last: LastHeard, lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], *, ended: bool
    ) -> Silence:
        """Weigh the silence of one vessel.

        Parameters
        ----------
        start_us, end_us
            Last report and next one, or the moment up to which it is known [microseconds since 1970 UTC].
        last
            The vessel before it.
        lon_deg, lat_deg
            Where it is thought to be in each slot from that of `start_us` on [degree], shape (slots,); `slots_of` gives the slots.
        ended
            Whether a report ended it.
        """
        slots = slots_of(start_us, end_us if ended else min(end_us, self.last_us))[: len(lon_deg)]
        lon_deg, lat_deg = lon_deg[: len(slots)], lat_deg[: len(slots)]
        until_us = min(end_us, int(slots[-1] + 1) * SLOT_US) if ended else min(end_us, self.last_us)
        inside_us = np.minimum((slots + 1) * SLOT_US, until_us) - np.maximum(slots * SLOT_US, start_us)
        audible, at_work = np.ones(len(slots)), np.ones(len(slots))
        if self.knows_feeds:
            audible, at_work = np.zeros(len(slots)), np.zeros(len(slots))
            for feed, share in sorted(last.shares.items()):
                fell = self._receivers.fell_silent(feed, lon_deg[0], lat_deg[0], slots, last.own, last.interval_slots)
                audible += share * (self._receivers.up(feed, slots) & ~fell)
                at_work += share * (self._receivers.at_work(feed, slots) & ~fell)
        counted_s = float((inside_us * at_work).sum()) / US_PER_S
        if len(slots) == _MOST_SLOTS:
            counted_s += (end_us - until_us) / US_PER_S
        outage_s = max(0.0, (end_us - start_us) / US_PER_S - counted_s)
        cells = cells_of(lon_deg, lat_deg)
        duty = sum(share * self._receivers.duty(feed) for feed, share in last.shares.items()) if self.knows_feeds else 1.0
        heard_there = np.minimum(1.0, self._heard_there(cells) / max(duty, _LEAST_DUTY))  # of the slots in which a feed could hear at all
        weight = audible * (inside_us / SLOT_US)
        ends = self._ends(last, int(cells[0]))
        if ends is None:
            return Silence(counted_s, outage_s, None, None)
        silent = slice(1, len(slots) - 1 if ended else len(slots))  # whole slots without a report; the last one, if ended, has the next report
        age = np.maximum(1, np.ceil(np.cumsum(audible[silent])).astype(int))
        hazard = ends[np.searchsorted(_AGE_FROM, age, "right") - 1] * self._hours(last)[(slots[silent] // 18) % _HOURS]
        hazard = np.minimum(np.minimum(hazard, heard_there[silent]), _MOST_HEARD)
        expected_ends = -float((weight[silent] * np.log1p(-hazard)).sum())
        chance = (1.0 + expected_ends / _ALIKE) ** -_ALIKE
        return Silence(counted_s, outage_s, float((weight * heard_there).sum()), chance)

    def _lasting(self, silences: pl.DataFrame) -> pl.DataFrame:
        """Silences with the slots in which the feed worked (`lasted`), whether they ended, and how many trials of each age that makes."""
        parts = []
        for (feed,), part in silences.group_by("feed", maintain_order=True):
            slot, slots = part["slot"].to_numpy(), part["slots"].fill_null(MAX_SILENT_SLOTS + 1).to_numpy()
            ended = part["slots"].is_not_null().to_numpy() & (slots <= MAX_SILENT_SLOTS)
            last = slot + np.minimum(slots, MAX_SILENT_SLOTS)
            runs = self._receivers.runs.get(str(feed))
            lasted = last - slot if runs is None else runs.until(last) - runs.until(slot)
            parts.append(part.with_columns(lasted=pl.Series(lasted, dtype=pl.Int64), ended=pl.Series(ended)))
        return pl.concat(parts) if parts else silences.with_columns(lasted=pl.lit(0, pl.Int64), ended=pl.lit(False))

    def _ends(self, last: LastHeard, cell: int) -> NDArray[np.float64] | None:
        """Chance per slot that a silence of each age ends, for vessels last heard in a cell; by the feeds that heard this one."""
        hazard, known = np.zeros(_AGES), 0.0
        for feed, share in sorted(last.shares.items()):
            of_feed = self._of_feed(last, feed, cell)
            if of_feed is not None:
                hazard += share * of_feed
                known += share
        return hazard / known if known else None

    def _of_feed(self, last: LastHeard, feed: str, cell: int) -> NDArray[np.float64] | None:
        """From wide to narrow: the feed, vessels of the same kind, those last heard in the cells around."""
        near = cells_around(cell)
        group = (feed, last.transceiver, last.pace)
        wide = [g for g in self._heard.keys() | self._lengths.keys() if g[0] == feed]
        first, n = self._own.get(last.vessel_id, (0, 0))
        own = self._of_vessels[first : first + n].filter(pl.col("feed") == feed)
        mine = own.filter(pl.col("transceiver").eq_missing(pl.lit(last.transceiver)), pl.col("pace") == last.pace)
        levels = ((wide, own, None), ([group], mine, None), ([group], mine, near))
        hazard: NDArray[np.float64] | None = None
        for groups, left_out, cells in levels:
            trials, ends = np.zeros(_AGES), np.zeros(_AGES)
            for g in groups:
                seen = self._heard.get(g)
                if seen is not None:
                    followed = seen[:, 1].sum() if cells is None else weighed(seen[:, 0], seen[:, 1:], cells)[0]
                    trials[0] += followed
                    ends[0] += followed
                lengths = self._lengths.get(g)
                if lengths is not None:
                    t, e = lengths.within(cells)
                    trials += t
                    ends += e
            t, e = _Lengths.of(left_out).within(cells)
            trials, ends = np.maximum(trials - t, 0.0), np.maximum(ends - e, 0.0)
            if hazard is None:
                if trials.sum() < 1.0:
                    return None
                hazard = np.zeros(_AGES)
                for age in range(_AGES):  # where nothing was ever silent so long, the age before tells
                    hazard[age] = (ends[age] + _WEIGHT * (hazard[age - 1] if age else 0.5)) / (trials[age] + _WEIGHT)
            else:
                hazard = (ends + _WEIGHT * hazard) / (trials + _WEIGHT)
        return hazard

    def _hours(self, last: LastHeard) -> NDArray[np.float64]:
        """How much more or less often silences end in each three hours UTC, by the feed that heard the vessel most."""
        feed = max(sorted(last.shares), key=lambda name: last.shares[name])
        if feed not in self._by_hour:
            rows = self._silences.filter(pl.col("feed") == feed)
            trials, ends = _by_hour(rows["slot"].to_numpy(), rows["lasted"].to_numpy(), rows["ended"].to_numpy(), _AGE_FROM)
            usual = ends.sum(axis=0) / np.maximum(trials.sum(axis=0), 1.0)
            self._by_hour[feed] = (ends.sum(axis=1) + _HOUR_WEIGHT) / ((trials * usual).sum(axis=1) + _HOUR_WEIGHT)
        return self._by_hour[feed]

    def _heard_there(self, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Share of slots in which vessels in each cell are heard."""
        known, share = self._share_heard
        if len(known) == 0:
            return np.full(len(cells), _UNHEARD_CELL)
        k = np.minimum(np.searchsorted(known, cells), len(known) - 1)
        return np.where(known[k] == cells, share[k], _UNHEARD_CELL)


@dataclass(frozen=True, slots=True)
class _Lengths:
    """Trials and ends of silences by age, summed by the cell in which they began."""

    cell: NDArray[np.int64]
    trials: NDArray[np.float64]
    ends: NDArray[np.float64]

    @staticmethod
    def of(silences: pl.DataFrame) -> _Lengths:
        tried = silences["lasted"].to_numpy() + silences["ended"].to_numpy()
        trials = np.clip(tried[:, None] - _AGE_FROM + 1, 0, _AGE_WIDTH).astype(float)
        ends = np.zeros_like(trials)
        done = np.flatnonzero(silences["ended"].to_numpy())
        ends[done, np.searchsorted(_AGE_FROM, tried[done], "right") - 1] = 1.0
        cell, at = np.unique(silences["cell"].to_numpy(), return_inverse=True)
        by_cell = np.zeros((2, len(cell), _AGES))
        np.add.at(by_cell[0], at, trials)
        np.add.at(by_cell[1], at, ends)
        return _Lengths(cell.astype(np.int64), by_cell[0], by_cell[1])

    def within(self, cells: NDArray[np.int64] | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if cells is None:
            return self.trials.sum(axis=0), self.ends.sum(axis=0)
        return weighed(self.cell, self.trials, cells), weighed(self.cell, self.ends, cells)


def slots_of(start_us: int, end_us: int) -> NDArray[np.int64]:
    """Slots from that of one moment to that of another, at most thirty days of them."""
    first = start_us // SLOT_US
    return np.arange(first, min(max(end_us // SLOT_US, first) + 1, first + _MOST_SLOTS))


def _groups(rows: pl.DataFrame) -> list[tuple[tuple[str, str | None, int], pl.DataFrame]]:
    return [((str(f), t, int(p)), part) for (f, t, p), part in rows.group_by("feed", "transceiver", "pace", maintain_order=True)]  # type: ignore[misc]


def cells_of(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.int64]:
    """As `core.hearing.cell_of`."""
    column = np.clip(np.floor((lon_deg + 180) / CELL_DEG), 0, LON_CELLS - 1).astype(np.int64)
    return column * LAT_CELLS + np.clip(np.floor((lat_deg + 90) / CELL_DEG), 0, LAT_CELLS - 1).astype(np.int64)


def cells_around(cell: int) -> NDArray[np.int64]:
    """The cell, then the eight around it (fewer at the poles)."""
    column, row = divmod(cell, LAT_CELLS)
    around = [(column + dx) % LON_CELLS * LAT_CELLS + row + dy for dx in (-1, 0, 1) for dy in (-1, 0, 1) if (dx or dy) and 0 <= row + dy < LAT_CELLS]
    return np.array([cell, *around], np.int64)


def weighed(cell: NDArray[np.float64] | NDArray[np.int64], values: NDArray[np.float64], wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum of rows of `values` at the wanted cells, the first in full, the others by `_NEXT_CELL`; `cell` ascends."""
    a, b = np.searchsorted(cell, wanted, "left"), np.searchsorted(cell, wanted, "right")
    total = np.zeros(values.shape[1])
    for k in range(len(wanted)):
        if b[k] > a[k]:
            total += (1.0 if k == 0 else _NEXT_CELL) * values[a[k] : b[k]].sum(axis=0)
    return total


def _share_heard(hearing: Hearing) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Cells in which vessels were heard or passed unheard, ascending, and the share of slots heard, smoothed over the cells around."""
    heard = hearing.heard.group_by("cell").agg(pl.col("heard").sum())
    both = heard.join(hearing.unheard, on="cell", how="full", coalesce=True).fill_null(0).sort("cell")
    cell, values = both["cell"].to_numpy().astype(np.int64), both.select("heard", "silent").to_numpy().astype(float)
    if len(cell) == 0:
        return cell, np.empty(0)
    column, row = np.divmod(cell, LAT_CELLS)
    total = values.copy()
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            if dx or dy:
                other = (column + dx) % LON_CELLS * LAT_CELLS + row + dy
                k = np.minimum(np.searchsorted(cell, other), len(cell) - 1)
                there = (cell[k] == other) & (row + dy >= 0) & (row + dy < LAT_CELLS)
                total += _NEXT_CELL * there[:, None] * values[k]
    return cell, (total[:, 0] + _WEIGHT * _UNHEARD_CELL) / (total.sum(axis=1) + _WEIGHT)


@njit(cache=True, nogil=True)
def _by_hour(slot, lasted, ended, age_from):
    """Trials and ends by three hours UTC and age."""
    trials, ends = np.zeros((_HOURS, age_from.size)), np.zeros((_HOURS, age_from.size))
    for i in range(slot.size):
        age_bin = 0
        tries = lasted[i] + (1 if ended[i] else 0)
        for age in range(1, tries + 1):
            while age_bin + 1 < age_from.size and age >= age_from[age_bin + 1]:
                age_bin += 1
            block = ((slot[i] + age) // 18) % _HOURS
            trials[block, age_bin] += 1.0
            if ended[i] and age == tries:
                ends[block, age_bin] += 1.0
    return trials, ends
