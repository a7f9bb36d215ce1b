"""reports as they come -> the last of each vessel, in blocks of bounded memory; whole vessels out. The memory of a live watch."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.core.arrays import array_of
from seaward.core.errors import ParameterError, RealmError
from seaward.core.realm import check_realm
from seaward.core.slots import Slots
from seaward.core.tables import AT, NAME, REPORTS, TRANSCEIVERS

BLOCK_ROWS = 32  # ours: small enough that a vessel heard once wastes little
NONE = np.iinfo(np.int64).min
_UNKNOWN = 255
ROW = np.dtype(
    [("at", "i8"), ("heard", "i8"), ("received_at", "i8"), ("reported_at", "i8"), ("raw_offset", "i8"), ("lon_deg", "f8"), ("lat_deg", "f8"),
     ("sog_kn", "f4"), ("cog_deg", "f4"), ("heading_deg", "f4"), ("mmsi", "u4"), ("raw_length", "i4"), ("feed", "u2"),
     ("message_type", "u1"), ("nav_status", "u1"), ("second", "u1"), ("transceiver", "u1")], align=True,
)  # fmt: skip
_TIMES = ("received_at", "reported_at")
_FLOATS = ("lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg")
_SMALL = ("nav_status", "second")


@njit(cache=True, nogil=True)
def _append(rows, slots, pool, used, latest, following, head, tail, count, free, n_free):
    """Lay rows behind those of their vessels; returns how many blocks are free then. Of `count` a vessel's rows."""
    for i in range(len(rows)):
        v = slots[i]
        b = tail[v]
        if b < 0 or used[b] == pool.shape[1]:
            n_free -= 1
            new = free[n_free]
            used[new], latest[new], following[new] = 0, rows[i].at, -1
            if b < 0:
                head[v] = new
            else:
                following[b] = new
            tail[v] = b = new
        pool[b, used[b]] = rows[i]
        used[b] += 1
        latest[b] = max(latest[b], rows[i].at)
        count[v] += 1
    return n_free


@njit(cache=True, nogil=True)
def _drop(since, used, latest, following, head, tail, count, free, n_free):
    """Free blocks that hold nothing from `since` on, wherever they stand among a vessel's; returns how many are free then."""
    for v in range(len(head)):
        before, b = -1, head[v]
        while b >= 0:
            after = following[b]
            if latest[b] < since:
                if before < 0:
                    head[v] = after
                else:
                    following[before] = after
                if tail[v] == b:
                    tail[v] = before
                count[v] -= used[b]
                free[n_free] = b
                n_free += 1
            else:
                before = b
            b = after
    return n_free


@njit(cache=True, nogil=True)
def _gather(slots, since, until, every, pool, used, following, head, into):
    """Copy rows of vessels that are from `since` on, were heard by `until` and come `every` after the one before; returns how many."""
    n = 0
    for i in range(len(slots)):
        b = head[slots[i]]
        last = np.int64(NONE)
        while b >= 0:
            for k in range(used[b]):
                at = pool[b, k].at
                if at >= since and pool[b, k].heard <= until and (every == 0 or last == NONE or at < last or at - last >= every):
                    into[n] = pool[b, k]
                    last = at
                    n += 1
            b = following[b]
    return n


class Window:
    """Reports of one realm, vessel by vessel, of a trailing time and of bounded number. Safe to use from several threads.

    Parameters
    ----------
    realm
        Of every row.
    rows
        Reports held at most; the oldest leave first, and `since_us` says from when on all are there.
    most_vessels
        Vessels held at most; reports of others are counted in `turned_away`.
    """

    def __init__(self, realm: str, rows: int, most_vessels: int = 2_000_000) -> None:
        blocks = rows // BLOCK_ROWS
        if blocks < 16:
            raise ParameterError(f"a window of {rows} reports is asked for; give at least {16 * BLOCK_ROWS}")
        self.realm, self.since_us, self.turned_away = check_realm(realm), NONE, 0
        self._lock = threading.RLock()
        self.slots = Slots(most_vessels)
        self._pool = np.empty((blocks, BLOCK_ROWS), ROW)  # pages are touched only when used
        self._used, self._latest = np.zeros(blocks, np.int32), np.zeros(blocks, np.int64)
        self._following = np.full(blocks, -1, np.int32)
        self._free, self._n_free = np.arange(blocks - 1, -1, -1, dtype=np.int32), blocks
        self._head, self._tail, self.count = np.full(1024, -1, np.int32), np.full(1024, -1, np.int32), np.zeros(1024, np.int64)
        self._feeds: dict[str, int] = {}

    @property
    def rows(self) -> int:
        """Reports held now."""
        return int(self.count.sum())

    @property
    def full_share(self) -> float:
        """How much of the room is taken, from 0 to 1."""
        return 1.0 - self._n_free / len(self._free)

    def add(self, reports: pl.DataFrame) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """Keep reports (REPORTS of this realm); returns the slot of each kept, and the rows as `ROW`, both shape (n,).

        Reports older than `since_us` are not kept: what they would change has been told and left the window.
        """
        if reports.is_empty():
            return np.empty(0, np.int32), np.empty(0, ROW)
        said = reports["realm"].unique().cast(pl.String).to_list()
        if said != [self.realm]:
            raise RealmError(f"reports are of realm {said[0]!r}, but this watch is of {self.realm!r}")
        with self._lock:
            rows = self._packed(reports)
            slots = self.slots.of(rows["mmsi"])
            self._room_for(len(self.slots.numbers))
            kept = (slots >= 0) & (rows["at"] >= self.since_us)
            self.turned_away += int((~kept).sum())
            slots, rows = slots[kept], rows[kept]
            step = len(self._free) // 4
            for start in range(0, len(rows), step):
                part = slice(start, start + step)
                need = len(np.unique(slots[part])) + len(slots[part]) // BLOCK_ROWS + 1
                if self._n_free < need:
                    self._shorten(need)
                fresh = rows["at"][part] >= self.since_us
                self._n_free = int(_append(rows[part][fresh], slots[part][fresh], self._pool, self._used, self._latest, self._following, self._head,
                                           self._tail, self.count, self._free, self._n_free))  # fmt: skip
            return slots, rows

    def _room_for(self, vessels: int) -> None:
        if vessels > len(self._head):
            more = max(vessels, 2 * len(self._head)) - len(self._head)
            self._head, self._tail = (np.concatenate([a, np.full(more, -1, np.int32)]) for a in (self._head, self._tail))
            self.count = np.concatenate([self.count, np.zeros(more, np.int64)])

    def _shorten(self, blocks: int) -> None:
        """Let the oldest go until that many blocks are free, and a sixteenth of all, so that it is not done for every report."""
        held = np.ones(len(self._free), bool)
        held[self._free[: self._n_free]] = False
        ends = np.sort(self._latest[held])
        go = min(len(ends), max(blocks, len(self._free) // 16) - self._n_free)
        self.forget(int(ends[go - 1]) + 1)

    def forget(self, since_us: int) -> None:
        """Let go what is older [microseconds since 1970 UTC]; a block goes when all of it is."""
        with self._lock:
            self.since_us = max(self.since_us, since_us)
            self._n_free = int(_drop(self.since_us, self._used, self._latest, self._following, self._head, self._tail, self.count, self._free,
                                     self._n_free))  # fmt: skip

    def of(self, slots: NDArray[Any], until_us: int | None = None, since_us: int = NONE, every_us: int = 0) -> pl.DataFrame:
        """Reports of some vessels heard up to a moment, as REPORTS, at most one in `every_us` of each vessel; each slot once."""
        until = np.iinfo(np.int64).max if until_us is None else until_us
        with self._lock:
            self._room_for(len(self.slots.numbers))  # who said a name and no position has a slot too
            into = np.empty(int(self.count[slots].sum()), ROW)
            n = _gather(
                np.asarray(slots, np.int64), max(since_us, self.since_us), until, every_us, self._pool, self._used, self._following, self._head, into
            )
            return self._table(into[:n])

    def newest(self, slots: NDArray[np.int64], last: NDArray[Any]) -> pl.DataFrame:
        """What is known last of some vessels (`picture.attention.STATE`): mmsi, feed, raw_offset, and the columns of REPORTS that it holds."""
        rows = np.zeros(len(slots), ROW)
        rows["mmsi"] = self.slots.numbers[slots]
        rows["second"], rows["reported_at"] = _UNKNOWN, last["at"]
        for name in (set(ROW.names or ()) & set(last.dtype.names or ())) - {"at"}:
            rows[name] = last[name]
        with self._lock:
            return self._table(rows).drop("raw_length", "message_type", "second")

    def _packed(self, reports: pl.DataFrame) -> NDArray[Any]:
        rows = np.empty(len(reports), ROW)
        for name in _TIMES:
            rows[name] = array_of(reports[name].to_physical().fill_null(NONE))
        rows["at"] = np.where(rows["reported_at"] == NONE, rows["received_at"], rows["reported_at"])
        rows["heard"] = np.where(rows["received_at"] == NONE, rows["at"], rows["received_at"])
        for name in _FLOATS:
            rows[name] = array_of(reports[name])
        for name in _SMALL:
            rows[name] = array_of(reports[name].fill_null(_UNKNOWN))
        for name in ("raw_offset", "raw_length", "message_type", "mmsi"):
            rows[name] = array_of(reports[name])
        rows["transceiver"] = array_of(reports["transceiver"].to_physical().fill_null(_UNKNOWN))
        for feed in reports["feed"].unique().cast(pl.String).to_list():
            self._feeds.setdefault(feed, len(self._feeds))
        rows["feed"] = array_of(reports["feed"].cast(pl.String).replace_strict(self._feeds, return_dtype=pl.UInt16))
        return rows

    def _table(self, rows: NDArray[Any]) -> pl.DataFrame:
        n = len(rows)
        feeds = pl.Series([*self._feeds], dtype=pl.String).cast(NAME)
        made = {
            "realm": pl.Series([self.realm], dtype=REPORTS.schema["realm"]).new_from_index(0, n),
            "feed": feeds.gather(pl.Series(rows["feed"].astype(np.uint32))) if n else pl.Series([], dtype=NAME),
            "transceiver": pl.Series(TRANSCEIVERS, dtype=pl.Enum(TRANSCEIVERS)).gather(_known(rows["transceiver"])),
        }
        for name in _TIMES:
            made[name] = pl.Series(rows[name].view(np.int64) if n else [], dtype=pl.Int64).replace(NONE, None).cast(AT)
        for name in _FLOATS:
            made[name] = pl.Series(np.ascontiguousarray(rows[name])).fill_nan(None)
        for name in _SMALL:
            made[name] = _known(rows[name]).cast(pl.UInt8)
        return pl.DataFrame({c.name: made.get(c.name, np.ascontiguousarray(rows[c.name]) if c.name not in made else None) for c in REPORTS.columns},
                            schema_overrides=REPORTS.schema)  # fmt: skip


def _known(codes: NDArray[np.uint8]) -> pl.Series:
    return pl.Series(codes.astype(np.uint32)).replace(_UNKNOWN, None)
