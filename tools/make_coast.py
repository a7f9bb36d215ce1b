"""Natural Earth land (npm `world-atlas`) -> the two coast files in the wheel: `shore.npz` and `coast.json.gz`.

Run by hand when the source changes, with the package fetched from its registry:

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python tools/make_coast.py package/land-10m.json src/seaward/chart

Takes about two minutes. The output depends on nothing but the input. Why so: docs/decisions/0002-packaged-coast.md
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]
from shapely.geometry.polygon import orient

from seaward.chart.shore import CELL_DEG, COLUMNS, INLAND, ROWS, decode_m
from seaward.core.units import EARTH_RADIUS_M

SPACING_M = 400.0  # of points laid along the shore: a distance is then at most 200 m too long
TOLERANCE_DEG = 0.005  # of the drawn coast: half a kilometre, less than a pixel unless a harbour fills the screen
SMALLEST_DEG2 = 0.0002  # islands under about 2.5 km2 are not drawn
QUANTUM_DEG = 0.001  # grid on which the drawn coast is written


def rings_of(topology: dict[str, Any]) -> list[list[NDArray[np.float64]]]:
    """Polygons of the `land` object, each a list of rings of shape (n, 2) [degree], as the format defines them (TopoJSON, section 2.1)."""
    scale, translate = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.asarray(arc, np.int64), axis=0) * scale + translate for arc in topology["arcs"]]

    def ring(indices: list[int]) -> NDArray[np.float64]:
        parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
        return np.concatenate([parts[0], *(p[1:] for p in parts[1:])])

    found = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        found += [[ring(r) for r in polygon] for polygon in polygons]
    return found


def planar(polygons: list[list[NDArray[np.float64]]]) -> list[shapely.Polygon]:
    """The same land cut at 180 degrees: rings that cross it are unrolled, the one round the pole closed along the pole."""
    world, cut = shapely.box(-180, -90, 180, 90), []
    for rings in polygons:
        flat = []
        for ring in rings:
            lon, lat = np.degrees(np.unwrap(np.radians(ring[:, 0]))), ring[:, 1]
            turn = round((lon[-1] - lon[0]) / 360)
            if turn:  # Antarctica
                lon, lat = np.concatenate([lon, lon[-1:], lon[:1]]), np.concatenate([lat, [-90.0, -90.0]])
            flat.append(np.column_stack([lon, lat]))
        hole_shift = [360 * round((flat[0][:, 0].mean() - h[:, 0].mean()) / 360) for h in flat[1:]]
        shape = shapely.make_valid(shapely.Polygon(flat[0], [h + np.array([s, 0.0]) for h, s in zip(flat[1:], hole_shift, strict=True)]))
        for shift in (-360, 0, 360):
            part = shapely.intersection(shapely.affinity.translate(shape, shift), world)
            cut += [p for p in shapely.get_parts(part) if p.geom_type == "Polygon" and p.area > 0]
    return cut


def land_mask(land: list[shapely.Polygon], lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which nodes of a grid lie on land: along each parallel, between odd and even crossings of the shore."""
    ring = shapely.get_coordinates(shapely.boundary(shapely.multipolygons(land)))
    parts = shapely.get_parts(shapely.boundary(shapely.multipolygons(land)))
    counts = shapely.get_num_coordinates(parts)
    inside = np.ones(len(ring) - 1, bool)
    inside[np.cumsum(counts)[:-1] - 1] = False
    a, b = ring[:-1][inside], ring[1:][inside]
    low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
    mask = np.zeros((len(lat_deg), len(lon_deg)), bool)
    for j, lat in enumerate(np.clip(lat_deg, -90 + 1e-9, 90)):
        hit = (low <= lat) & (high > lat)
        p, q = a[hit], b[hit]
        crossings = np.sort(p[:, 0] + (lat - p[:, 1]) / (q[:, 1] - p[:, 1]) * (q[:, 0] - p[:, 0]))
        mask[j] = np.searchsorted(crossings, lon_deg, side="right") % 2 == 1
    return mask


def unit(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positions as unit vectors, shape (n, 3)."""
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def laid_along(polygons: list[list[NDArray[np.float64]]]) -> NDArray[np.float64]:
    """Points on every shore, `SPACING_M` apart, as unit vectors."""
    laid = []
    for ring in (r for rings in polygons for r in rings):
        v = unit(ring[:, 0], ring[:, 1])
        steps = np.maximum(1, np.ceil(np.linalg.norm(np.diff(v, axis=0), axis=1) * EARTH_RADIUS_M / SPACING_M)).astype(int)
        start = np.repeat(np.arange(len(steps)), steps)
        share = (np.arange(len(start)) - np.repeat(np.cumsum(steps) - steps, steps)) / steps[start]
        laid.append(v[start] + share[:, None] * (v[start + 1] - v[start]))
    points = np.concatenate(laid)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def shore_raster(polygons: list[list[NDArray[np.float64]]], land: list[shapely.Polygon]) -> NDArray[np.uint8]:
    """Codes of the signed distance to the shore at the nodes of the grid of `chart.shore`."""
    lon, lat = -180 + CELL_DEG * np.arange(COLUMNS), -90 + CELL_DEG * np.arange(ROWS)
    on_land = land_mask(land, lon, lat)
    tree, steps = cKDTree(laid_along(polygons)), decode_m(np.arange(256))
    between = (steps[1:] + steps[:-1]) / 2
    codes = np.empty((ROWS, COLUMNS), np.uint8)
    for j, parallel in enumerate(lat):
        far_chord = 1.01 * -steps[0] / EARTH_RADIUS_M
        nodes = unit(lon, np.full(COLUMNS, parallel))
        chord = np.full(COLUMNS, far_chord)
        chord[on_land[j]] = np.minimum(far_chord, tree.query(nodes[on_land[j]], distance_upper_bound=far_chord)[0])
        chord[~on_land[j]] = tree.query(nodes[~on_land[j]])[0]
        distance = 2 * EARTH_RADIUS_M * np.arcsin(chord / 2)
        codes[j] = np.searchsorted(between, np.where(on_land[j], -distance, distance))
        codes[j][on_land[j]] = np.minimum(codes[j][on_land[j]], INLAND - 1)
        codes[j][~on_land[j]] = np.maximum(codes[j][~on_land[j]], INLAND)
    return codes


def drawn(land: list[shapely.Polygon]) -> list[list[list[int]]]:
    """Simplified polygons: per polygon its rings, per ring x0, y0, then steps, in units of `QUANTUM_DEG`."""
    out = []
    for polygon in land:
        simple = shapely.simplify(polygon, TOLERANCE_DEG)
        for part in shapely.get_parts(shapely.make_valid(shapely.set_precision(simple, QUANTUM_DEG))):
            if part.geom_type != "Polygon" or part.area < SMALLEST_DEG2:
                continue
            whole = orient(part)
            rings = [whole.exterior, *(h for h in whole.interiors if shapely.Polygon(h).area >= SMALLEST_DEG2)]
            grid = [np.rint(np.asarray(r.coords)[:-1] / QUANTUM_DEG).astype(int) for r in rings]
            out.append([np.diff(g, axis=0, prepend=0).ravel().tolist() for g in grid])
    return sorted(out, key=lambda rings: (-sum(map(len, rings)), rings[0][:2]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("land", type=Path, help="land-10m.json of npm world-atlas")
    parser.add_argument("out", type=Path, help="folder of the chart room")
    args = parser.parse_args()
    polygons = rings_of(json.loads(args.land.read_text()))
    land = planar(polygons)
    text = json.dumps({"quantum_deg": QUANTUM_DEG, "polygons": drawn(land)}, separators=(",", ":"))
    (args.out / "coast.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    codes = shore_raster(polygons, land)
    steps = np.diff(np.diff(codes, axis=1, prepend=np.uint8(0)), axis=0, prepend=np.uint8(0))  # wraps; small numbers pack well
    with (args.out / "shore.npz").open("wb") as file:
        np.savez_compressed(file, steps=steps)


if __name__ == "__main__":
    main()
