"""Fixes of one partner as they come -> the last of each track, in bounded memory, for a comparison over time. No clock: moments are given."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.errors import ParameterError
from seaward.core.tables import PARTNER_FIXES
from seaward.core.units import US_PER_S

LENGTH = 36  # fixes of one track: six hours in steps of ten minutes; ours
_APART_US = 120 * US_PER_S  # a fix sooner after the last but one takes the place of the last; ours
_LONGEST_STEP_US = 3_600 * US_PER_S
_FIX = np.dtype([("at", "i8"), ("received", "i8"), ("lon", "i4"), ("lat", "i4"), ("error", "i4"), ("cell", "i4")])
_UNKNOWN = -1
CellOf = Callable[[int, int, int], int]  # millionths of a degree, error [m] -> width of the cell of a grid [m], 0 for none


class PartnerTrails:
    """The last fixes of the tracks of one partner. Safe to use from several threads.

    Parameters
    ----------
    cell_of
        Tells from a place and its error which grid it was snapped to.
    most
        Tracks held; the one that was heard longest ago leaves first.
    """

    def __init__(self, cell_of: CellOf, most: int = 50_000) -> None:
        if most < 1:
            raise ParameterError(f"room for {most} tracks is asked for; give 1 or more")
        self._cell_of, self._most = cell_of, most
        self._lock = threading.Lock()
        self._fixes = np.zeros((min(most, 256), LENGTH), _FIX)
        self._count = np.zeros(len(self._fixes), np.int32)
        self._slots: dict[str, int] = {}  # the one heard longest ago first
        self._free = list(range(len(self._fixes) - 1, -1, -1))

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, track_id: str, at_us: int, lon_udeg: int, lat_udeg: int, error_m: int | None, received_us: int) -> None:
        """A further fix of a track; one that is older than the last is left out."""
        with self._lock:
            slot = self._slots.pop(track_id, None)
            if slot is None:
                slot = self._room()
            self._slots[track_id] = slot
            n, row = int(self._count[slot]), self._fixes[slot]
            if n and at_us < row[n - 1]["at"]:
                return
            if n and (at_us == row[n - 1]["at"] or (n > 1 and at_us - row[n - 2]["at"] < _APART_US)):
                n -= 1
            elif n == LENGTH:
                row[:-1] = row[1:]
                n -= 1
            row[n] = at_us, received_us, lon_udeg, lat_udeg, _UNKNOWN if error_m is None else error_m, _UNKNOWN
            self._count[slot] = n + 1

    def drop(self, track_id: str) -> None:
        """The partner took the track back: nothing of it stays."""
        with self._lock:
            slot = self._slots.pop(track_id, None)
            if slot is not None:
                self._count[slot] = 0
                self._free.append(slot)

    def forget(self, since_us: int) -> list[str]:
        """Let go of tracks of which nothing was taken since a moment; gives their names."""
        gone = []
        with self._lock:
            for name, slot in list(self._slots.items()):
                if int(self._fixes[slot, self._count[slot] - 1]["received"]) < since_us:
                    self._slots.pop(name)
                    self._free.append(slot)
                    gone.append(name)
        return gone

    def rows(self) -> list[tuple[str, int, int, int, int | None, int]]:
        """All fixes as `add` takes them, track after track."""
        with self._lock:
            return [
                (name, int(f["at"]), int(f["lon"]), int(f["lat"]), None if f["error"] < 0 else int(f["error"]), int(f["received"]))
                for name, slot in self._slots.items()
                for f in self._fixes[slot, : self._count[slot]]
            ]

    def table(self, realm: str, origin: str) -> pl.DataFrame:
        """What is held, as PARTNER_FIXES."""
        with self._lock:
            names, slots = list(self._slots), np.fromiter(self._slots.values(), np.int64, len(self._slots))
            if not len(slots):
                return PARTNER_FIXES.empty()
            counts = self._count[slots]
            held = np.arange(LENGTH) < counts[:, None]
            rows = self._fixes[slots]
            for t, k in zip(*np.nonzero(held & (rows["cell"] == _UNKNOWN)), strict=True):
                fix = rows[t, k]
                cell = 0 if fix["error"] < 0 else self._cell_of(int(fix["lon"]), int(fix["lat"]), int(fix["error"]))
                rows[t, k]["cell"] = self._fixes[slots[t], k]["cell"] = cell
            rows = rows[held]
        error = rows["error"]
        return pl.DataFrame({
            "origin": pl.Series([origin], dtype=pl.String).new_from_index(0, len(rows)),
            "track_id": pl.Series(names, dtype=pl.String).gather(np.repeat(np.arange(len(names)), counts).tolist()),
            "at": rows["at"].copy(), "step_s": steps_s(rows["at"].copy(), error.copy(), rows["cell"].copy()),
            "lon_deg": rows["lon"] / 1e6, "lat_deg": rows["lat"] / 1e6, "error_m": np.where(error < 0, np.nan, error.astype(np.float64)),
            "cell_m": rows["cell"].astype(np.float64), "received_at": rows["received"].copy(),
        }).with_columns(pl.col("error_m").fill_nan(None), realm=pl.lit(realm)).select(
            pl.col(c).cast(t) for c, t in PARTNER_FIXES.schema.items()
        )  # fmt: skip

    def _room(self) -> int:
        if not self._free:
            if len(self._fixes) < self._most:
                more = min(self._most, 2 * len(self._fixes)) - len(self._fixes)
                self._free = list(range(len(self._fixes) + more - 1, len(self._fixes) - 1, -1))
                self._fixes = np.concatenate([self._fixes, np.zeros((more, LENGTH), _FIX)])
                self._count = np.concatenate([self._count, np.zeros(more, np.int32)])
            else:
                self._free.append(self._slots.pop(next(iter(self._slots))))
        slot = self._free.pop()
        self._count[slot] = 0
        return slot


def steps_s(at_us: NDArray[np.int64], error_m: NDArray[np.int32], cell_m: NDArray[np.int32]) -> NDArray[np.float64]:
    """How long the steps are that times were rounded down to, as far as the times of fixes of one error and cell tell [s], shape (n,).

    The greatest common divisor of all their times; an hour at most, which is also what a single time tells.
    """
    out = np.zeros(len(at_us))
    keys = error_m.astype(np.int64) << 32 | cell_m.astype(np.int64)
    found: Mapping[int, int] = {int(k): math.gcd(*np.unique(at_us[keys == k]).tolist()) for k in np.unique(keys)}
    for k, step_us in found.items():
        out[keys == k] = min(step_us, _LONGEST_STEP_US) / US_PER_S if step_us > US_PER_S else 0.0
    return out
