"""messages sent -> lines that a network of coastal stations hands over.

A station hears what is within its line of sight, longer or shorter by the day; towards the edge fewer messages come through. Beside single losses
there are bursts: a ship in the shadow of an island for a minute, a station deaf for seconds. All luck hangs on the number of the message or of the
window of time, so neither other hulls nor other sensors change it.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from seaward.core.geodesy import distance_m, wrap_deg
from seaward.core.units import DEG_M
from seaward.drill.ais_bytes import Pen
from seaward.drill.ais_send import STATIC_A, STATIC_B
from seaward.drill.chance import draw, key_of, uniform
from seaward.drill.hold_back import HoldBack
from seaward.drill.hulls import F64, I64, Cast, Stretch
from seaward.drill.line_of_sight import antenna_m, horizon_m
from seaward.drill.scenario import Sensor, Station

DAY_MS = 86_400_000
DUCT_CHANCE = 0.2  # share of days with a duct over the sea; ours
DUCT = (1.2, 2.5)  # reach on such days, times the line of sight; ours
PLAIN = (0.9, 1.1)  # on others; ours
EDGE = 6.0  # power with which what comes through falls towards the edge: 98 % at half the reach, 47 % at nine tenths; ours
CLASS_B = 0.75  # reach of a class B transmitter (2 or 5 W: M.1371-5 annexes 2 and 7) to that of 12.5 W; ours
SHADE_MS, DEAF_MS = 60_000, 5_000  # a burst of loss of one ship, of a station; ours
NETWORK_MS = (40, 600)  # from the antenna to the centre; ours


def reach_factor(key: np.uint64, at_ms: float) -> float:
    """How far a station hears on a day, times its line of sight; from noon to noon one factor becomes the next."""
    day = at_ms / DAY_MS - 0.5
    share = day - math.floor(day)
    return (1.0 - share) * _of_day(key, math.floor(day)) + share * _of_day(key, math.floor(day) + 1)


def _of_day(key: np.uint64, day: int) -> float:
    low, high = DUCT if uniform(key, 2 * (day + 1)) < DUCT_CHANCE else PLAIN
    return low + (high - low) * uniform(key, 2 * (day + 1) + 1)


def station_keys(seed: int, sensor: Sensor, purpose: str) -> NDArray[np.uint64]:
    """Streams of the stations of a sensor."""
    return np.array([key_of(seed, sensor.id, s.id, purpose) for s in sensor.stations], np.uint64)


def places_of(stations: tuple[Station, ...]) -> tuple[F64, F64, I64]:
    """Places [degree] (n, 2), distances to the horizon [m] and outages [ms] (n, 2)."""
    return (
        np.array([s.at for s in stations], np.float64).reshape(-1, 2),
        np.array([horizon_m(s.height_m) for s in stations], np.float64),
        np.array([s.outage_ms for s in stations], np.int64).reshape(-1, 2),
    )


class CoastalAis:
    """A network of stations as one feed."""

    suffix = "nmea"

    def __init__(self, sensor: Sensor, cast: Cast, seed: int, start_ms: int) -> None:
        self._sensor, self._pen, self._held = sensor, Pen(cast, [s.id for s in sensor.stations], start_ms), HoldBack()
        self._place, self._horizon_m, self._outage_ms = places_of(sensor.stations)
        self._days, self._luck = station_keys(seed, sensor, "days"), station_keys(seed, sensor, "luck")
        self._hull_key = np.asarray(cast.hulls.key, np.uint64)
        self._hull_m = np.array([horizon_m(h) for h in antenna_m(cast.hulls.length_m)], np.float64)
        self._strength = np.where(np.asarray(cast.hulls.ais_class) == 1, 1.0, CLASS_B)

    def take(self, sea: Stretch, sent: NDArray[np.void]) -> tuple[bytes, int]:
        """What is handed over by the end of a stretch, and how many lines."""
        factor = np.array([[reach_factor(k, float(t)) for t in sea.at_ms] for k in self._days])
        row, station, received_ms = self.heard(sea.at_ms, factor, sent)
        return self._pen.write(*self._held.take(sent[row], received_ms, station, int(sea.at_ms[-1])))

    def heard(self, at_ms: I64, factor: F64, sent: NDArray[np.void]) -> tuple[I64, I64, I64]:
        """Rows heard, by whom, and when they reach the centre [ms]; `factor` of the reach by station and tick."""
        most = len(sent) * len(self._luck)
        row, station, received = (np.empty(most, np.int64) for _ in range(3))
        n = _heard(
            sent, at_ms, factor, self._place, self._horizon_m, self._outage_ms, self._luck, self._hull_key, self._hull_m, self._strength,
            self._sensor.loss, self._sensor.delay_ms, row, station, received,
        )  # fmt: skip
        return row[:n], station[:n], received[:n]

    @property
    def held(self) -> int:
        """Messages not yet handed over."""
        return len(self._held)


@njit(cache=True, nogil=True)
def _heard(sent, at_ms, factor, place, horizon, outage, luck, hull_key, hull_m, strength, loss, delay_ms, row, station, received):
    n, tick = 0, 0
    farthest = np.zeros(len(luck))  # degrees of latitude beyond which nothing is heard
    highest = hull_m.max() if len(hull_m) else 0.0
    for s in range(len(luck)):
        farthest[s] = factor[s].max() * (horizon[s] + highest) / DEG_M * 1.01
    for r in range(len(sent)):
        at, lon, lat, hull = sent[r].at_ms, sent[r].lon_deg, sent[r].lat_deg, sent[r].hull
        if not at_ms[tick] < at <= at_ms[tick + 1]:
            tick = np.searchsorted(at_ms, at) - 1
        is_static = sent[r].kind == STATIC_A or sent[r].kind == STATIC_B
        for s in range(len(luck)):
            if abs(lat - place[s, 1]) > farthest[s]:
                continue
            if abs(wrap_deg(lon - place[s, 0])) * math.cos(math.radians(min(89.0, abs(lat) + farthest[s]))) > farthest[s]:
                continue
            reach = (horizon[s] + hull_m[hull]) * factor[s, tick] * strength[hull]
            away = distance_m(lon, lat, place[s, 0], place[s, 1])
            if away >= reach or outage[s, 0] <= at < outage[s, 1]:
                continue
            message = uint64(2 * np.int64(sent[r].number) + (1 if is_static else 0))
            key = draw(luck[s] ^ hull_key[hull], message)
            if uniform(key, 0) >= (1.0 - 0.5 * loss) * (1.0 - (away / reach) ** EDGE):
                continue
            if uniform(luck[s] ^ hull_key[hull], (1 << 60) + at // SHADE_MS) < 0.25 * loss:
                continue
            if uniform(luck[s], at // DEAF_MS) < 0.25 * loss:
                continue
            row[n], station[n] = r, s
            received[n] = at + delay_ms + NETWORK_MS[0] + np.int64(uniform(key, 1) * (NETWORK_MS[1] - NETWORK_MS[0]))
            n += 1
    return n
