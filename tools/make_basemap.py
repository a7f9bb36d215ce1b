"""The drawn coast and the gazetteer of the package -> `console/static/basemap.pmtiles`, the chart under the watch floor.

Run by hand when one of them changes: `python tools/make_basemap.py` (half a minute; needs `pmtiles` and `mapbox-vector-tile`).
The output depends on nothing but the input. Natural Earth land, cut at 180 degrees by `tools/make_coast.py`; tiles of 4,096 units with a margin.
"""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import mapbox_vector_tile
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write
from shapely.affinity import affine_transform

from seaward.chart.coast import coastline

TARGET = Path(__file__).resolve().parents[1] / "src/seaward/console/static/basemap.pmtiles"
DEEPEST = 6  # a unit is then 150 m, and the coast known to half a kilometre: beyond it tiles are drawn larger
UNITS, MARGIN = 4096, 64
HIGHEST_DEG = 85.0511287  # where the square of Web Mercator ends


def world(lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """A place in the square of Web Mercator, from 0 to 1, y downward."""
    lat = math.radians(max(-HIGHEST_DEG, min(HIGHEST_DEG, lat_deg)))
    return lon_deg / 360 + 0.5, 0.5 - math.asinh(math.tan(lat)) / (2 * math.pi)


def land() -> shapely.Geometry:
    """The land in that square."""
    polygons = []
    for rings in coastline():
        outer, *holes = [[world(lon, lat) for lon, lat in ring] for ring in rings]
        polygons.append(shapely.make_valid(shapely.Polygon(outer, holes)))
    return shapely.union_all(polygons)


def tiles_of(shape: shapely.Geometry, z: int = 0, x: int = 0, y: int = 0) -> list[tuple[int, bytes]]:
    """The tile that holds a shape, and all below it where it is not simply full or empty."""
    side, margin = 1 / 2**z, MARGIN / UNITS / 2**z
    west, north = x * side, y * side
    box = shapely.box(west - margin, north - margin, west + side + margin, north + side + margin)
    inside = shapely.intersection(shape, box)
    if inside.is_empty:
        return []
    scale = UNITS / side
    drawn = affine_transform(inside, [scale, 0, 0, -scale, -west * scale, UNITS + north * scale])
    drawn = shapely.make_valid(shapely.simplify(drawn, 2.0 if z < DEEPEST else 0.5))
    parts = [g for g in shapely.get_parts(drawn) if g.geom_type == "Polygon" and g.area > (16 if z < DEEPEST else 1)]
    coast = [line for g in parts for line in _shores(g, x == 0, x == 2**z - 1, y == 2**z - 1)]
    found: list[tuple[int, bytes]] = []
    if parts:
        layers = [{"name": "land", "features": [{"geometry": shapely.MultiPolygon(parts), "properties": {}}]}]
        if coast:
            layers.append({"name": "coast", "features": [{"geometry": shapely.MultiLineString(coast), "properties": {}}]})
        data = mapbox_vector_tile.encode(layers, default_options={"extents": UNITS})
        found.append((zxy_to_tileid(z, x, y), gzip.compress(data, 9, mtime=0)))
    if z < DEEPEST:
        for down in (0, 1):
            for right in (0, 1):
                found += tiles_of(inside, z + 1, 2 * x + right, 2 * y + down)
    return found


def _shores(land: shapely.Polygon, first: bool, last: bool, lowest: bool) -> list[shapely.LineString]:
    """The outline without the edges of the tile, and without those along 180 degrees and the end of the chart, which are cuts."""
    frame = shapely.box(1 if first else 1 - MARGIN, (1 if lowest else 1 - MARGIN), (UNITS if last else UNITS + MARGIN) - 1, UNITS + MARGIN - 1)
    lines = shapely.intersection(land.boundary, frame)
    return [
        g
        for g in shapely.get_parts(shapely.line_merge(lines) if lines.geom_type == "MultiLineString" else lines)
        if g.geom_type == "LineString" and not g.is_empty
    ]


def main() -> None:
    """Write it."""
    tiles = sorted(tiles_of(land()))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with write(str(TARGET)) as out:
        for tile_id, data in tiles:
            out.write_tile(tile_id, data)
        head = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "min_zoom": 0, "max_zoom": DEEPEST,
                "min_lon_e7": -1_800_000_000, "min_lat_e7": -850_000_000, "max_lon_e7": 1_800_000_000, "max_lat_e7": 850_000_000,
                "center_zoom": 3, "center_lon_e7": -800_000_000, "center_lat_e7": -120_000_000}  # fmt: skip
        layers = [{"id": name, "minzoom": 0, "maxzoom": DEEPEST, "fields": {}} for name in ("land", "coast")]
        out.finalize(head, {"name": "land", "attribution": "Natural Earth", "vector_layers": layers})
    print(f"{len(tiles)} tiles, {TARGET.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
