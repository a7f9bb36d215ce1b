"""How far off the packaged distance to the shore is: `python -m benchmarks.shore_scores ne_10m_land.geojson.gz` prints the table of docs/chart.md.

FILE is land of Natural Earth 1:10 million as GeoJSON. Its outlines, a point every kilometre or so, are what is taken as true, at random places:
half of them anywhere on the sphere, half within some 60 km of an outline; those at sea count.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from seaward.chart.shore import shore_m
from seaward.core.units import EARTH_RADIUS_M

SEED, PLACES = 6, 400_000
STEP_DEG = 0.01  # between points of the outlines
BANDS_M = (0.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0, 400_000.0)


def outlines(path: Path) -> tuple[shapely.Geometry, NDArray[np.float64]]:
    """Land, and points of its outlines, lon and lat [degree]; edges along 180 degrees and at the pole are no shore."""
    said = json.loads(gzip.decompress(path.read_bytes()))
    land = shapely.union_all(shapely.make_valid([shapely.geometry.shape(f["geometry"]) for f in said["features"]]))
    xy = shapely.get_coordinates(shapely.segmentize(shapely.boundary(land), STEP_DEG))
    return land, xy[(np.abs(xy[:, 0]) < 180 - 1e-6) & (xy[:, 1] > -90 + 1e-6)]


def on_sphere(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", type=Path)
    land, shore = outlines(arguments.parse_args().file)
    rng = np.random.default_rng(SEED)
    lon, lat = rng.uniform(-180, 180, PLACES), np.degrees(np.arcsin(rng.uniform(-1, 1, PLACES)))
    near = shore[rng.integers(0, len(shore), PLACES)] + rng.uniform(-0.6, 0.6, (PLACES, 2))
    lon, lat = np.append(lon, near[:, 0]), np.clip(np.append(lat, near[:, 1]), -89.9, 89.9)
    shapely.prepare(land)
    at_sea = ~shapely.contains_xy(land, (lon + 180) % 360 - 180, lat)
    lon, lat = lon[at_sea], lat[at_sea]
    chord = KDTree(on_sphere(shore[:, 0], shore[:, 1])).query(on_sphere(lon, lat))[0]
    true = 2 * EARTH_RADIUS_M * np.arcsin(chord / 2)
    error_km = np.abs(shore_m(lon, lat) - true) / 1000
    print("| from the shore | places | half within | 9 in 10 | 99 in 100 | the worst |\n|---|---|---|---|---|---|")
    for low, high in itertools.pairwise(BANDS_M):
        e = error_km[(true >= low) & (true < high)]
        told = " | ".join(f"{q:.1f} km" for q in (*np.quantile(e, (0.5, 0.9, 0.99)), e.max()))
        print(f"| {low / 1000:.0f} to {high / 1000:.0f} km | {len(e):,} | {told} |")


if __name__ == "__main__":
    main()
