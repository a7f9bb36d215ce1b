"""a stretch of the true sea -> rows of a vessel monitoring centre: who must carry a transponder, polled through a satellite.

The transponder is sealed: it sends the true identity whatever the AIS says, but its receiver is deceived by interference like any other.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from seaward.core.units import DEG_M
from seaward.drill.chance import branch, key_of, normal, uniform
from seaward.drill.false_places import deception_of, deceptions, said_motion
from seaward.drill.hulls import Cast, Stretch
from seaward.drill.moments import moments
from seaward.drill.scenario import Sensor

FIX_M = 10.0  # one sigma along each axis; ours
MISSED = 0.01  # share of polls without an answer; ours
LATE = 0.25  # at most so much later than the delay of the sensor; ours
HEADER = "exercise,mmsi,vessel_name,callsign,timestamp,latitude,longitude,speed,course\n"


class Vms:
    """A monitoring centre as one feed, a row per poll in order of arrival."""

    suffix = "csv"

    def __init__(self, sensor: Sensor, cast: Cast, seed: int, start_ms: int, realm: str) -> None:
        self._sensor, self._start_ms, self._realm = sensor, start_ms, realm
        hulls = cast.hulls
        self._carriers = np.flatnonzero(np.isin(hulls.kind, sensor.carriers) & np.asarray(hulls.is_real, bool))
        self._identity = [f"{hulls.mmsi[h]},{_plain(hulls.name[h])},{_plain(hulls.callsign[h])}" for h in self._carriers]
        purpose = key_of(seed, sensor.id, "vms")
        self._keys = [branch(purpose ^ hulls.key[h], 0) for h in self._carriers]
        self._every_ms = sensor.every_ms or 3_600_000  # hourly, as fishery authorities commonly ask
        self._phase_ms = np.array([int(uniform(k, 0) * self._every_ms) for k in self._keys], np.int64)
        self._false = deceptions(tuple(f for f in cast.false_places if f.hull < 0), len(hulls.id))
        self._waiting: list[tuple[int, int, str]] = []

    def take(self, sea: Stretch, sent: NDArray[np.void]) -> tuple[bytes, int]:
        """What has arrived by the end of a stretch, and how many rows."""
        first, last = ((t - self._phase_ms) // self._every_ms for t in (sea.at_ms[0], sea.at_ms[-1]))
        polled = np.flatnonzero(last > first)
        for c in polled.tolist():
            for poll in range(int(first[c]) + 1, int(last[c]) + 1):
                self._poll(sea, c, poll)
        rows = []
        while self._waiting and self._waiting[0][0] <= sea.at_ms[-1]:
            rows.append(heapq.heappop(self._waiting)[2])
        return "".join(rows).encode(), len(rows)

    def _poll(self, sea: Stretch, carrier: int, poll: int) -> None:
        key, hull = branch(self._keys[carrier], poll + 1), int(self._carriers[carrier])
        if uniform(key, 0) < MISSED:
            return
        at_ms = int(self._phase_ms[carrier]) + poll * self._every_ms
        lon, lat, knots, course = (float(x[0]) for x in moments(sea, np.array([hull]), np.array([at_ms]))[:4])
        by = deception_of(self._false, -1, at_ms, lon, lat)
        if by >= 0:
            lon, lat, knots, course = said_motion(self._false, by, at_ms, uniform(key, 1), lon, lat, knots, course)
        lon = (lon + FIX_M / (DEG_M * max(0.01, np.cos(np.radians(lat)))) * normal(key, 1) + 180.0) % 360.0 - 180.0
        lat = min(90.0, max(-90.0, lat + FIX_M / DEG_M * normal(key, 2)))
        time = np.datetime64(self._start_ms + at_ms, "ms").astype("datetime64[s]")
        row = f"{self._realm},{self._identity[carrier]},{time}Z,{lat:.4f},{lon:.4f},{knots:.1f},{round(course) % 360}\n"
        heapq.heappush(self._waiting, (at_ms + round(self._sensor.delay_ms * (1.0 + LATE * uniform(key, 6))), hull, row))

    @property
    def held(self) -> int:
        """Rows on their way."""
        return len(self._waiting)


def _plain(text: str) -> str:
    """A text that needs no quotes in CSV."""
    return text.replace(",", " ").replace('"', " ").replace("\n", " ")
