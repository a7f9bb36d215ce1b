"""Points in polygons: `python -m benchmarks.areas` times `chart.inside` beside shapely on the same points, and compares every answer.

300 star-shaped polygons of 5,000 vertices within an ocean of 60 by 60 degrees, points uniform over it. Shapely asks its STRtree ("intersects")
for all points at once: its fastest way for many points.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import shapely
from numpy.typing import NDArray

from seaward.chart.inside import build, inside


def star(rng: np.random.Generator, vertices: int) -> shapely.Polygon:
    """A ragged polygon of 0.5 to 8 degrees around."""
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    waves = sum(rng.normal(0, 0.25 / k) * np.sin(k * angle + rng.uniform(0, 7)) for k in (1, 2, 3, 5, 9, 40, 200))
    radius = rng.uniform(0.25, 4) * np.exp(waves) * np.exp(rng.normal(0, 0.002, vertices))
    x, y = rng.uniform(-110, -60), rng.uniform(-45, 5)
    return shapely.Polygon(np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)]))


def by_shapely(shapes: list[shapely.Polygon], lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pairs of point and polygon, as one number each, sorted."""
    tree = shapely.STRtree(shapes)
    point, polygon = tree.query(shapely.points(lon, lat), predicate="intersects")
    return np.sort(point.astype(np.int64) * len(shapes) + polygon)


def main() -> None:
    """Time both, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=20_000_000)
    parser.add_argument("--peer-points", type=int, default=500_000, help="points given to shapely (default: %(default)s)")
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    shapes = [star(rng, 5_000) for _ in range(300)]
    since = time.perf_counter()
    index = build(shapes)
    print(f"index of {len(shapes)} polygons of 5,000 vertices: {time.perf_counter() - since:.2f} s")
    lon, lat = rng.uniform(-115, -55, args.points), rng.uniform(-50, 10, args.points)
    inside(index, lon[:200_000], lat[:200_000])  # compiles
    for threads in (1, 2):
        since = time.perf_counter()
        point, polygon = inside(index, lon, lat, threads)
        spent = time.perf_counter() - since
        print(
            f"Seaward, {threads} threads: {args.points:,} points, {len(point):,} pairs in {spent:.2f} s ({args.points / spent / 1e6:.1f} M points/s)"
        )
    n = min(args.peer_points, args.points)
    since = time.perf_counter()
    theirs = by_shapely(shapes, lon[:n], lat[:n])
    spent = time.perf_counter() - since
    ours = np.sort(point[point < n].astype(np.int64) * len(shapes) + polygon[point < n])
    print(f"shapely {shapely.__version__}: {n:,} points in {spent:.2f} s ({n / spent / 1e6:.3f} M points/s)")
    print(f"answers equal: {np.array_equal(ours, theirs)}")


if __name__ == "__main__":
    main()
