"""What looks and radars see, as rows of one layout: chance by length, errors, false alarms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from seaward.chart.shore import shore_m
from seaward.core.units import DEG_M, EARTH_RADIUS_M
from seaward.drill.hulls import F64
from seaward.drill.scenario import Box

HEADER = "realm,detection_id,sensor,time,lon,lat,error_m,length_m,length_error_m,score\n"
SOFTNESS = 0.25  # of the step from seldom to often seen, in lengths of which half are seen; ours


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing seen; lengths are not a number where the sensor gives none."""

    lon_deg: float
    lat_deg: float
    length_m: float
    length_error_m: float
    score: float


def chance_by_length(length_m: F64, detect: float, min_length_m: float) -> F64:
    """Chance that a hull is detected: `detect` for large ones, half of it at `min_length_m`."""
    if min_length_m <= 0:
        return np.full(np.shape(length_m), detect)
    return detect / (1.0 + np.exp(-np.clip((np.asarray(length_m) - min_length_m) / (SOFTNESS * min_length_m), -50.0, 50.0)))


def area_km2(box: Box) -> float:
    """Area of a box on the mean sphere."""
    west, south, east, north = box
    span = math.radians(east - west if east >= west else east - west + 360.0)
    return span * (math.sin(math.radians(north)) - math.sin(math.radians(south))) * EARTH_RADIUS_M**2 / 1e6


def false_alarms(box: Box, per_1000_km2: float, rng: np.random.Generator) -> tuple[F64, F64]:
    """Places [degree] in a box where something is seen that is no ship; none on land, which providers mask."""
    west, south, east, north = box
    n = int(rng.poisson(per_1000_km2 * area_km2(box) / 1000.0))
    lon = west + rng.random(n) * (east - west if east >= west else east - west + 360.0)
    lat = np.degrees(np.arcsin(rng.uniform(math.sin(math.radians(south)), math.sin(math.radians(north)), n)))
    at_sea = shore_m(lon, lat) > 0.0
    return (lon[at_sea] + 180.0) % 360.0 - 180.0, lat[at_sea]


def displaced(lon_deg: float, lat_deg: float, east_m: float, north_m: float) -> tuple[float, float]:
    """A place some metres away, on the sphere's tangent."""
    lon = lon_deg + east_m / (DEG_M * max(0.01, math.cos(math.radians(lat_deg))))
    return (lon + 180.0) % 360.0 - 180.0, min(90.0, max(-90.0, lat_deg + north_m / DEG_M))


def rows(seen: list[Detection], realm: str, sensor: str, look: str, at_ms: int, error_m: float) -> str:
    """CSV rows from west to east, so that their order does not tell what is false; `at_ms` since 1970."""
    time = f"{np.datetime64(at_ms, 'ms')}Z"
    text = []
    for n, d in enumerate(sorted(seen, key=lambda d: (d.lon_deg, d.lat_deg))):
        size = "," if math.isnan(d.length_m) else f"{d.length_m:.0f},{d.length_error_m:.1f}"
        text.append(f"{realm},{sensor}-{look}-{n},{sensor},{time},{d.lon_deg:.5f},{d.lat_deg:.5f},{error_m:.0f},{size},{d.score:.2f}\n")
    return "".join(text)
