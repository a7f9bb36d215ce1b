"""What goes with the day off Peru: a closed area, a port, and what a radar satellite saw of the squid fleet at ten o'clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from seaward.core.units import HOUR_S, NM_M
from tests.made_up_day.fleet import peru_fleet

CLOSED_BOX_DEG = (-81.3, -15.1, -80.2, -14.4)  # west, south, east, north: part of the squid ground
SCENE_BOX_DEG = (-82.5, -17.0, -79.0, -12.5)
SCENE_S = 10 * HOUR_S
UNTRACKED_DEG = (-80.9, -14.75)  # a ship that never transmits
_ERROR_M, _SEEN_SHARE = 150.0, 0.9


@dataclass(frozen=True, slots=True)
class PeruAids:
    """Where the files are."""

    areas: Path
    ports: Path
    detections: Path


def write_peru_aids(folder: Path, *, seed: int, start: datetime) -> PeruAids:
    """Write `closed-area.geojson`, `ports.csv` and `radar.csv`; parameters as in `peru_day.write_peru_day`.

    The radar sees nine in ten of the fleet, JIGGER 05 among them though it is silent then, and one ship that nobody tracks.
    """
    aids = PeruAids(folder / "closed-area.geojson", folder / "ports.csv", folder / "radar.csv")
    west, south, east, north = CLOSED_BOX_DEG
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {"name": "ZONA CERRADA (EX)", "forbids": "fishing", "source": "made up for the exercise"}
    aids.areas.write_text(json.dumps({"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}))
    aids.ports.write_text("name,latitude,longitude,category\nCallao (EX),-12.02,-77.26,roads\n", encoding="utf-8")
    _scene(seed, start).write_csv(aids.detections)
    return aids


def _scene(seed: int, start: datetime) -> pl.DataFrame:
    rng = np.random.default_rng([seed, 400])
    west, south, east, north = SCENE_BOX_DEG
    seen = [(*UNTRACKED_DEG, 58.0)]
    for ship in peru_fleet(seed):
        lon, lat = (float(np.interp(SCENE_S, ship.way[:, 0], ship.way[:, k])) for k in (1, 2))
        if west < lon < east and south < lat < north and (rng.random() < _SEEN_SHARE or ship.silent_s[0] < SCENE_S < ship.silent_s[1]):
            off_deg = rng.normal(0, _ERROR_M, 2) / (60 * NM_M)
            seen.append((lon + off_deg[0], lat + off_deg[1], ship.length_m * float(np.exp(rng.normal(0, 0.15)))))
    rows = [{"id": f"EX-{n:03d}", "longitude": round(lon, 5), "latitude": round(lat, 5), "length_m": round(m, 1)} for n, (lon, lat, m) in
            enumerate(sorted(seen))]  # fmt: skip
    at = (start + timedelta(seconds=SCENE_S)).isoformat()
    return pl.DataFrame(rows).with_columns(timestamp=pl.lit(at), error_m=_ERROR_M, sensor=pl.lit("radar satellite (EX)"))
