"""a stretch of the true sea -> what a satellite sees when it looks: by radar, by daylight, or the lamps of squid jiggers by night."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from seaward.core.sun import sun_elevation_deg
from seaward.drill.chance import branch, generator, key_of, normal, uniform
from seaward.drill.detections import Detection, chance_by_length, displaced, false_alarms, rows
from seaward.drill.hulls import WORKING, Cast, Stretch
from seaward.drill.moments import moments
from seaward.drill.scenario import Box, Sensor

LENGTH_ERROR = {"sar": 0.15, "optical": 0.08}  # one sigma of a measured length, as a share of it; ours
LEAST_LENGTH_M = 3.0
DAYLIGHT_DEG, NIGHT_DEG = 10.0, -12.0  # height of the sun: pictures need some, lamps are found once it is nautical night; ours
TRUE_SCORE, FALSE_SCORE = (0.5, 1.0), (0.3, 0.8)  # between which scores lie; ours


class Looks:
    """The looks of one satellite sensor as one file of detections.

    Limits
    ------
    No clouds, no sea state, no wakes; false alarms are spread evenly. Of ships, only the lamps of squid jiggers at work are seen by night.
    """

    suffix = "csv"

    def __init__(self, sensor: Sensor, cast: Cast, seed: int, start_ms: int, realm: str, bbox: Box) -> None:
        self._sensor, self._cast, self._seed, self._start_ms, self._realm = sensor, cast, seed, start_ms, realm
        self._box = sensor.footprint or bbox
        self._key = key_of(seed, sensor.id, "look")
        self._looks = sorted(sensor.passes_ms)
        self._next = 0
        self._waiting: list[tuple[int, str]] = []

    def take(self, sea: Stretch, sent: NDArray[np.void]) -> tuple[bytes, int]:
        """What is handed over by the end of a stretch, and how many rows."""
        while self._next < len(self._looks) and self._looks[self._next] <= sea.at_ms[-1]:
            at_ms = self._looks[self._next]
            if at_ms >= sea.at_ms[0]:
                text = rows(self.look(sea, at_ms), self._realm, self._sensor.id, str(self._next + 1), self._start_ms + at_ms, self._sensor.error_m)
                self._waiting.append((at_ms + self._sensor.delay_ms, text))
            self._next += 1
        due = [text for at_ms, text in self._waiting if at_ms <= sea.at_ms[-1]]
        self._waiting = [(at_ms, text) for at_ms, text in self._waiting if at_ms > sea.at_ms[-1]]
        text = "".join(due)
        return text.encode(), text.count("\n")

    def look(self, sea: Stretch, at_ms: int) -> list[Detection]:
        """What is seen at a moment within a stretch."""
        hulls, sensor = self._cast.hulls, self._sensor
        now = moments(sea, np.arange(len(hulls.id)), np.full(len(hulls.id), at_ms))
        west, south, east, north = self._box
        within = (now.lon_deg - west) % 360.0 <= (east - west) % 360.0
        candidates = np.flatnonzero(within & (now.lat_deg >= south) & (now.lat_deg <= north) & np.asarray(hulls.is_real, bool))
        chance = chance_by_length(np.asarray(hulls.length_m), sensor.detect, sensor.min_length_m)
        spread = LENGTH_ERROR.get(sensor.kind, math.nan)
        seen = []
        for h in candidates.tolist():
            key = branch(branch(self._key ^ hulls.key[h], 0), at_ms)
            sun = sun_elevation_deg((self._start_ms + at_ms) * 1000, now.lon_deg[h], now.lat_deg[h])
            if sensor.kind == "night_light":
                is_lit = hulls.kind[h] == "squid_jigger" and now.activity[h] in WORKING and sun < NIGHT_DEG
                p = sensor.detect if is_lit else 0.0
            else:
                p = 0.0 if sensor.kind == "optical" and sun < DAYLIGHT_DEG else chance[h]
            if uniform(key, 0) >= p:
                continue
            east_m, north_m = sensor.error_m * normal(key, 1), sensor.error_m * normal(key, 2)
            length = max(LEAST_LENGTH_M, hulls.length_m[h] * (1.0 + spread * normal(key, 3)))
            low, high = TRUE_SCORE
            seen.append(
                Detection(*displaced(now.lon_deg[h], now.lat_deg[h], east_m, north_m), length, spread * length, low + (high - low) * uniform(key, 8))
            )
        return seen + self._false(at_ms, spread)

    def _false(self, at_ms: int, spread: float) -> list[Detection]:
        """False alarms; none by daylight or night when the sensor is then blind."""
        west, south, east, north = self._box
        sun = sun_elevation_deg((self._start_ms + at_ms) * 1000, west + ((east - west) % 360.0) / 2, (south + north) / 2)
        if (self._sensor.kind == "night_light" and sun >= NIGHT_DEG) or (self._sensor.kind == "optical" and sun < DAYLIGHT_DEG):
            return []
        rng = generator(self._seed, self._sensor.id, "false", str(at_ms))
        lon, lat = false_alarms(self._box, self._sensor.false_per_1000_km2, rng)
        length = self._sensor.min_length_m * rng.lognormal(0.3, 0.5, len(lon)) + LEAST_LENGTH_M
        return [
            Detection(*place, *((math.nan, math.nan) if math.isnan(spread) else (size, spread * size)), score)
            for place, size, score in zip(zip(lon.tolist(), lat.tolist(), strict=True), length.tolist(), rng.uniform(*FALSE_SCORE, len(lon)).tolist(),
                                          strict=True)
        ]  # fmt: skip

    @property
    def held(self) -> int:
        """Looks not yet handed over."""
        return len(self._waiting)
