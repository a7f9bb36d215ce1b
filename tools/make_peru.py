"""Published coordinates and the packaged coast -> `peru.geojson.gz`, the layer `--areas peru`.

    python tools/make_peru.py src/seaward/chart

The output depends on nothing but the packaged coast and the figures below. Why so: docs/decisions/0005-peru-layer.md
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from seaward.chart.coast import coastline
from seaward.core.geodesy import destination_deg, geodesic_m

NM_M = 1852.0
ECUADOR_LAT_DEG = -(3 + 23 / 60 + 31.65 / 3600)
CHILE_START_DEG = (-(70 + 22 / 60 + 49.80 / 3600), -(18 + 21 / 60 + 0.42 / 3600))
COAST_STEP_M = 500.0
OVER_LAND_DEG = 0.02  # the areas reach 2 km inland, so that the half kilometre of the drawn coast hides no vessel at the shore
SIMPLIFY_DEG = 0.0005

SOURCES = {
    "coast": "Natural Earth 1:10 million land, simplified to 0.5 km and moved 2 km inland; accuracy 500 m",
    "limit": "200 nm, by arcs, from the coast of the mainland and of islands over 2.5 km2 (the law measures from the straight baselines of Ley 28621: "
             "between headlands 24 nm apart this is 0.7 km further out); accuracy 3000 m",
    "strip": "5 nm from the coast; accuracy 1000 m",
    "ecuador": "parallel 3 deg 23 min 31.65 s S, exchange of notes of Ecuador and Peru of 2 May 2011 (WGS84); accuracy 1 m",
    "chile": "International Court of Justice, Maritime Dispute (Peru v. Chile), judgment of 27 January 2014: from the point of 18 deg 21 min 0.42 s S, "
             "70 deg 22 min 49.80 s W (joint record of 25 March 2014, WGS84) 80 nm along the parallel to A, then where the coast of Chile and that of "
             "Peru beyond 80 nm of A are equally far, to B at 200 nm from Chile, then along that limit to C at 200 nm from Peru; accuracy 1 m to A, "
             "computed from the coast and 3000 m beyond",
}  # fmt: skip


def dense(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points every half kilometre along a line."""
    parts = []
    for (x1, y1), (x2, y2) in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True):
        n = max(1, math.ceil(float(geodesic_m(x1, y1, x2, y2)) / COAST_STEP_M))
        share = np.arange(n)[:, None] / n
        parts.append(np.array([[x1, y1]]) * (1 - share) + np.array([[x2, y2]]) * share)
    return np.concatenate([*parts, ring[-1:]])


def coasts() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points on the coast of Peru, with its islands, and on that of Chile down to 30 S."""
    polygons = [polygon[0] for polygon in coastline()]
    mainland = next(p for p in polygons if shapely.Polygon(p).contains(shapely.Point(-60.0, -10.0)))
    start = int(np.argmin(np.hypot(mainland[:, 0] + 80.32, mainland[:, 1] - ECUADOR_LAT_DEG)))
    end = int(np.argmin(np.hypot(mainland[:, 0] - CHILE_START_DEG[0], mainland[:, 1] - CHILE_START_DEG[1])))
    along = np.roll(mainland, -start, axis=0)  # counter-clockwise: the west coast runs from north to south
    n = (end - start) % len(mainland)
    peru, chile = dense(along[: n + 1]), along[n : n + 4000]
    chile = dense(chile[: int(np.argmax(chile[:, 1] < -30.0))])
    box = shapely.box(-82.5, -18.3, -70.0, ECUADOR_LAT_DEG)
    islands = [p for p in polygons if p is not mainland and box.contains(shapely.Polygon(p)) and np.hypot(*(p.mean(axis=0) - peru).T).min() < 1.2]
    return np.concatenate([peru, *(dense(np.concatenate([i, i[:1]])) for i in islands)]), chile


def around(coast: NDArray[np.float64], radius_m: float, every: int) -> Any:
    """All that is within a distance of the coast, by circles of a side per half degree."""
    bearing = np.arange(0.0, 360.0, 0.5)
    circles = []
    for lon, lat in coast[::every]:
        x, y = destination_deg(np.full(len(bearing), lon), np.full(len(bearing), lat), bearing, np.full(len(bearing), radius_m))
        circles.append(shapely.Polygon(np.column_stack([x, y])))
    return shapely.union_all(circles)


def nearest_m(coast: NDArray[np.float64], lon: float, lat: float) -> float:
    """Distance to the nearest point of a coast [m]."""
    near = coast[np.argsort(np.hypot((coast[:, 0] - lon) * math.cos(math.radians(lat)), coast[:, 1] - lat))[:200]]
    return float(geodesic_m(near[:, 0], near[:, 1], np.full(len(near), lon), np.full(len(near), lat)).min())


def to_chile(peru: NDArray[np.float64], chile: NDArray[np.float64]) -> tuple[list[tuple[float, float]], dict[str, tuple[float, float]]]:
    """The boundary with Chile: points from the coast to C, and A, B, C."""
    lon, lat = CHILE_START_DEG
    east_m = float(geodesic_m(lon, lat, lon - 1.0, lat))  # along a parallel, degrees of longitude are equally long
    a = (lon - 80 * NM_M / east_m, lat)
    beyond = peru[geodesic_m(peru[:, 0], peru[:, 1], np.full(len(peru), a[0]), np.full(len(peru), a[1])) >= 80 * NM_M]
    line, x = [CHILE_START_DEG, a], a[0]
    while nearest_m(chile, *line[-1]) < 200 * NM_M:
        x -= 0.01
        south, north = line[-1][1] - 0.2, line[-1][1] + 0.2
        for _ in range(30):
            y = (south + north) / 2
            south, north = (y, north) if nearest_m(beyond, x, y) > nearest_m(chile, x, y) else (south, y)
        line.append((x, y))
    return line, {"A": a, "B": line[-1]}


def build() -> tuple[list[dict[str, Any]], dict[str, tuple[float, float]]]:
    """The features, and the points of the boundary with Chile."""
    peru, chile = coasts()
    line, points = to_chile(peru, chile)
    domain, chilean = around(peru, 200 * NM_M, 8), around(chile, 200 * NM_M, 8)
    (ax, ay), (bx, by) = line[0], line[-1]
    south = shapely.Polygon([(ax + 2.0, ay), *line, (bx - 3.0, by), (bx - 3.0, by - 8.0), (ax + 2.0, by - 8.0)])
    domain = shapely.intersection(domain, shapely.box(-95.0, -30.0, -60.0, ECUADOR_LAT_DEG))
    domain = shapely.difference(domain, shapely.intersection(chilean, south))
    land = shapely.make_valid(shapely.Polygon(next(p[0] for p in coastline() if shapely.Polygon(p[0]).contains(shapely.Point(-60.0, -10.0)))))
    inland = shapely.buffer(land, -OVER_LAND_DEG)
    domain = _largest(shapely.difference(domain, inland))
    strip = _largest(shapely.intersection(around(peru, 5 * NM_M, 4), domain))
    edge = shapely.get_coordinates(domain.exterior)
    on_limit = edge[(shapely.distance(shapely.boundary(chilean), shapely.points(edge)) < 1e-6) & (edge[:, 1] < by)]
    points["C"] = tuple(on_limit[int(np.argmin(on_limit[:, 1]))].tolist())
    features = [
        _feature("Dominio marítimo del Perú", domain, "limit", (peru, chile), line, 3000.0, forbids="fishing", free_flags="PE"),
        _feature(
            "Franja de cinco millas (Perú)", strip, "strip", (peru, chile), line, 1000.0, forbids="fishing", classes="fishing", min_length_m=15.0
        ),
    ]
    return features, points


def _largest(shape: Any) -> Any:
    return max(shapely.get_parts(shape), key=lambda p: p.area)


def _feature(
    name: str, shape: Any, outer: str, coast: tuple[NDArray[np.float64], NDArray[np.float64]], line: list[tuple[float, float]], accuracy_m: float,
    **rule: Any,
) -> dict[str, Any]:  # fmt: skip
    """One feature; `vertices` says of each run of vertices (first, last) where it comes from."""
    ring = np.round(shapely.get_coordinates(shapely.simplify(shape, SIMPLIFY_DEG).exterior), 5)
    border, (peru, chile) = shapely.LineString(line), coast
    kinds = []
    for x, y in ring.tolist():
        if abs(y - ECUADOR_LAT_DEG) < 2e-5:
            kinds.append("ecuador")
        elif shapely.distance(border, shapely.Point(x, y)) < 1e-3 or (
            outer == "limit" and y < line[-1][1] + 1e-3 and nearest_m(chile, x, y) < 200.5 * NM_M
        ):
            kinds.append("chile")
        else:
            kinds.append("coast" if nearest_m(peru, x, y) < 4_000 else outer)
    cuts = [0, *(k for k in range(1, len(kinds)) if kinds[k] != kinds[k - 1]), len(kinds)]
    runs = [[a, b - 1, kinds[a]] for a, b in zip(cuts[:-1], cuts[1:], strict=True)]
    used = {kind: SOURCES[kind] for kind in dict.fromkeys(kinds)}
    properties = {"name": name, "accuracy_m": accuracy_m, **rule, "source": "not a legal boundary; see vertices", "vertices": runs, "sources": used}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring.tolist()]}}


def main() -> None:
    """Write the layer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder of the chart")
    features, points = build()
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    (parser.parse_args().out / "peru.geojson.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    for name, (lon, lat) in points.items():
        print(f"{name}: {-lat:.4f} S, {-lon:.4f} W")


if __name__ == "__main__":
    main()
