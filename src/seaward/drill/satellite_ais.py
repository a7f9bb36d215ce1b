"""messages sent -> lines that a satellite operator hands over after each pass, in order of reception aboard.

Messages of many ships overlap in a satellite's view: what survives falls with the messages sent there at the same time.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from seaward.drill.ais_bytes import Pen
from seaward.drill.ais_send import STATIC_A
from seaward.drill.chance import draw, key_of, uniform
from seaward.drill.hold_back import HoldBack
from seaward.drill.hulls import F64, I64, Cast, Stretch
from seaward.drill.scenario import Box, Sensor

SLOTS_PER_MIN = 4_500.0  # 2,250 on each of two channels: ITU-R M.1371-5 annex 2
OVERLAP = 2.0  # slots which a message may touch that begins anywhere in them: Abramson 1970, doi:10.1145/1478462.1478502
CLASS_B = 0.4  # chance that a class B transmitter is heard, to that of one of class A; ours
_WHOLE: Box = (-180.0, -90.0, 180.0, 90.0)


def survival(slots_per_min: float | F64) -> float | F64:
    """Share of messages that no other spoils, where so many slots a minute are taken in view; after Hoeye 2006 (FFI/RAPPORT-2006/02495)."""
    return np.exp(-OVERLAP * np.asarray(slots_per_min) / SLOTS_PER_MIN)


class SatelliteAis:
    """Passes of satellites as one feed.

    Limits
    ------
    A footprint stands still in a pass; that of a real satellite is a circle some 5,000 km wide that moves, and ships outside the
    simulated area crowd it too. Nothing takes overlapping messages apart, as the better receivers do. The time of a line is that
    aboard; when it was handed over stands only in the order of the file.
    """

    suffix = "nmea"

    def __init__(self, sensor: Sensor, cast: Cast, seed: int, start_ms: int) -> None:
        self._sensor, self._pen, self._held = sensor, Pen(cast, [sensor.id], start_ms), HoldBack()
        self._box = np.array(sensor.footprint or _WHOLE, np.float64)
        self._every_ms = sensor.every_ms or 1 << 60  # else a single pass
        self._pass_ms = min(sensor.pass_ms, self._every_ms)
        self._key, self._hull_key = key_of(seed, sensor.id, "satellite"), np.asarray(cast.hulls.key, np.uint64)
        self._receive = sensor.receive * np.where(np.asarray(cast.hulls.ais_class) == 1, 1.0, CLASS_B)

    def take(self, sea: Stretch, sent: NDArray[np.void]) -> tuple[bytes, int]:
        """What is handed over by the end of a stretch, and how many lines."""
        row = self.heard(sea.at_ms, sent)
        done = (int(sea.at_ms[-1]) - self._sensor.delay_ms - self._pass_ms - self._sensor.first_ms) // self._every_ms  # the last pass handed over
        until_ms = self._sensor.first_ms + done * self._every_ms + self._pass_ms if done >= 0 else -1
        rows = sent[row]
        return self._pen.write(*self._held.take(rows, rows["at_ms"], np.zeros(len(row), np.int64), until_ms))

    def heard(self, at_ms: I64, sent: NDArray[np.void]) -> I64:
        """Rows heard aboard."""
        since = sent["at_ms"] - self._sensor.first_ms
        west, south, east, north = self._box
        lon, lat = sent["lon_deg"], sent["lat_deg"]
        within = (lon - west) % 360.0 <= (east - west if east >= west else east - west + 360.0)
        seen = np.flatnonzero((since >= 0) & (since % self._every_ms < self._pass_ms) & within & (lat >= south) & (lat <= north))
        tick = np.searchsorted(at_ms, sent["at_ms"][seen]) - 1
        slots = np.bincount(tick, np.where(sent["kind"][seen] == STATIC_A, 2.0, 1.0), len(at_ms) - 1)
        clear = np.asarray(survival(slots * 60_000.0 / np.diff(at_ms)))
        return seen[_survives(sent[seen], clear[tick], self._key, self._hull_key, self._receive)]

    @property
    def held(self) -> int:
        """Messages not yet handed over."""
        return len(self._held)


@njit(cache=True, nogil=True)
def _survives(sent, clear, key, hull_key, receive):
    kept = np.empty(len(sent), np.bool_)
    for r in range(len(sent)):
        hull = sent[r].hull
        is_static = sent[r].kind == 5 or sent[r].kind == 24
        luck = uniform(draw(key ^ hull_key[hull], uint64(1)), 2 * np.int64(sent[r].number) + (1 if is_static else 0))
        kept[r] = luck < receive[hull] * clear[r]
    return kept
