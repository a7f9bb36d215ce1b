"""a stretch of the true sea -> contacts of coastal radars, thinned to one plot in a while, in the layout of detections."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from seaward.core.geodesy import great_circle_m
from seaward.core.units import DEG_M
from seaward.drill.chance import branch, generator, normal, uniform
from seaward.drill.coastal_ais import places_of, station_keys
from seaward.drill.detections import Detection, chance_by_length, displaced, false_alarms, rows
from seaward.drill.hulls import Cast, Stretch
from seaward.drill.line_of_sight import antenna_m, horizon_m
from seaward.drill.moments import moments
from seaward.drill.scenario import Sensor

PLOT_MS = 60_000  # between plots where the scenario does not say; ours
CLUTTER_HEIGHT_M = 2.0  # of waves that are taken for boats: false alarms come no farther; ours
_SCORE = (0.4, 1.0)


class CoastalRadar:
    """The radars of a coast as one file of detections.

    Limits
    ------
    No shadow of land, no sea state; contacts are not joined into tracks, and one seen by two radars is two contacts.
    """

    suffix = "csv"

    def __init__(self, sensor: Sensor, cast: Cast, seed: int, start_ms: int, realm: str) -> None:
        self._sensor, self._cast, self._seed, self._start_ms, self._realm = sensor, cast, seed, start_ms, realm
        self._place, self._horizon_m, self._outage_ms = places_of(sensor.stations)
        self._keys = station_keys(seed, sensor, "radar")
        self._every_ms = sensor.every_ms or PLOT_MS
        self._hull_m = np.array([horizon_m(h) for h in antenna_m(cast.hulls.length_m)], np.float64)
        self._chance = chance_by_length(np.asarray(cast.hulls.length_m), sensor.detect, sensor.min_length_m)
        self._waiting: list[tuple[int, str]] = []

    def take(self, sea: Stretch, sent: NDArray[np.void]) -> tuple[bytes, int]:
        """What is handed over by the end of a stretch, and how many contacts."""
        for plot in range(int(sea.at_ms[0]) // self._every_ms + 1, int(sea.at_ms[-1]) // self._every_ms + 1):
            self._plot(sea, plot)
        due = [text for at_ms, text in self._waiting if at_ms <= sea.at_ms[-1]]
        self._waiting = [(at_ms, text) for at_ms, text in self._waiting if at_ms > sea.at_ms[-1]]
        text = "".join(due)
        return text.encode(), text.count("\n")

    def _plot(self, sea: Stretch, plot: int) -> None:
        at_ms = plot * self._every_ms
        for s, station in enumerate(self._sensor.stations):
            if self._outage_ms[s, 0] <= at_ms < self._outage_ms[s, 1]:
                continue
            seen = self._seen(sea, s, at_ms, plot)
            text = rows(seen, self._realm, self._sensor.id, f"{station.id}-{plot}", self._start_ms + at_ms, self._sensor.error_m)
            self._waiting.append((at_ms + self._sensor.delay_ms, text))

    def _seen(self, sea: Stretch, s: int, at_ms: int, plot: int) -> list[Detection]:
        hulls, error_m = self._cast.hulls, self._sensor.error_m
        now = moments(sea, np.arange(len(hulls.id)), np.full(len(hulls.id), at_ms))
        away = great_circle_m(now.lon_deg, now.lat_deg, *self._place[s])
        seen = []
        for h in np.flatnonzero((away < self._horizon_m[s] + self._hull_m) & np.asarray(hulls.is_real, bool)).tolist():
            key = branch(branch(self._keys[s] ^ hulls.key[h], 0), plot)
            if uniform(key, 0) < self._chance[h]:
                place = displaced(now.lon_deg[h], now.lat_deg[h], error_m * normal(key, 1), error_m * normal(key, 2))
                seen.append(Detection(*place, math.nan, math.nan, _SCORE[0] + (_SCORE[1] - _SCORE[0]) * uniform(key, 6)))
        return seen + self._clutter(s, plot)

    def _clutter(self, s: int, plot: int) -> list[Detection]:
        if self._sensor.false_per_1000_km2 <= 0:
            return []
        reach_m, (lon, lat) = self._horizon_m[s] + horizon_m(CLUTTER_HEIGHT_M), self._place[s]
        wide, high = reach_m / (DEG_M * math.cos(math.radians(lat))), reach_m / DEG_M
        rng = generator(self._seed, self._sensor.id, "clutter", str(s), str(plot))
        x, y = false_alarms((lon - wide, lat - high, lon + wide, lat + high), self._sensor.false_per_1000_km2, rng)
        within = great_circle_m(x, y, lon, lat) < reach_m
        score = rng.uniform(*_SCORE, len(x))
        return [Detection(float(a), float(b), math.nan, math.nan, float(c)) for a, b, c in zip(x[within], y[within], score[within], strict=True)]

    @property
    def held(self) -> int:
        """Plots not yet handed over."""
        return len(self._waiting)
