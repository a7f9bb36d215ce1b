"""Files of the page: ours and those fetched when the package was built, under a name that changes with their content; charts, by parts."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.problems import Problem

_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png"}
_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})")
MOST_BYTES = 16 << 20  # of one part of a chart; ours
NEEDED: Final = (
    "htmx.min.js",
    "hx-sse.min.js",
    "maplibre-gl.mjs",
    "maplibre-gl-worker.mjs",
    "maplibre-gl.css",
    "pmtiles.js",
    "uPlot.esm.js",
    "uPlot.min.css",
)
BASEMAP = "basemap.pmtiles"


def missing() -> list[str]:
    """Files of the browser packages that are not there: the package was built without a network."""
    there = contents()[0]
    return [name for name in NEEDED if name not in there]


@cache
def contents() -> tuple[dict[str, bytes], str]:
    """All files by name, and the name that they have together."""
    found: dict[str, bytes] = {}
    for folder in ("static", "vendor"):
        place = files("seaward.console").joinpath(folder)
        if place.is_dir():
            found |= {f.name: f.read_bytes() for f in place.iterdir() if Path(f.name).suffix in _TYPES}
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(name.encode() + b"\0" + hashlib.sha256(found[name]).digest())
    return found, digest.hexdigest()[:16]


def asset(floor: Floor, asked: Asked) -> Raw:
    """One file."""
    known, version = contents()
    name = asked.path["file"]
    if name not in known or asked.path["version"] != version:
        raise Problem("not_found", what=name[:60])
    return Raw(known[name], _TYPES[Path(name).suffix], _FOREVER)


def charts(floor: Floor) -> list[str]:
    """Names of the charts that were put into the folder `charts` of the node's data, and the one that comes along."""
    folder = floor.node.config.data / "charts"
    own = sorted(p.name for p in folder.glob("*.pmtiles") if re.fullmatch(r"[\w.-]{1,80}", p.name)) if folder.is_dir() else []
    return [BASEMAP, *(n for n in own if n != BASEMAP)]


def chart(floor: Floor, asked: Asked) -> Raw:
    """A part of a chart, as its Range says."""
    name = asked.path["file"]
    if name not in charts(floor):
        raise Problem("not_found", what=name[:60])
    path = Path(str(files("seaward.console").joinpath("static", BASEMAP))) if name == BASEMAP else floor.node.config.data / "charts" / name
    wanted = _RANGE.fullmatch(asked.headers.get("range", ""))
    try:
        size = path.stat().st_size
        first, last = (int(wanted[1]), min(int(wanted[2]), size - 1)) if wanted else (0, size - 1)
        if first >= size or last < first or last - first >= MOST_BYTES:
            return Raw(b" ", "text/plain", {"Content-Range": f"bytes */{size}"}, 416)
        with path.open("rb") as file:
            file.seek(first)
            body = file.read(last - first + 1)
    except OSError:
        raise Problem("not_found", what=name[:60]) from None
    headers = {"Content-Range": f"bytes {first}-{last}/{size}", "Accept-Ranges": "bytes", "Cache-Control": "private, max-age=3600"}
    return Raw(body, "application/vnd.pmtiles", headers, 206 if wanted else 200)
