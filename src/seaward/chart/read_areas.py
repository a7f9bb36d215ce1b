"""Files of areas -> areas, a word on what was mended, and what was refused. GeoJSON by itself; other formats with the `geo` extra."""

from __future__ import annotations

import gzip
import json
import os
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import shapely

from seaward.chart.areas import Area
from seaward.chart.read_places import FAR_INLAND_M
from seaward.chart.rules import Rule, RuleError, metres
from seaward.chart.shapes import ShapeError, mend
from seaward.chart.shore import inland_m
from seaward.core.errors import InputError
from seaward.core.foreign_text import one_line
from seaward.core.whole_file import whole_file

PERU = "peru"  # the layer that comes with the program
_NAMES = ("name", "nombre", "title", "titulo", "label", "site_name", "geoname")
_WGS84 = ("crs84", "4326", "wgs84", "wgs 84")


@dataclass(slots=True)
class AreaFile:
    """What one file gave: areas; notes and refusals as (number of the feature, rule, text)."""

    name: str
    areas: list[Area] = field(default_factory=list)
    notes: list[tuple[int, str, str]] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def read_areas(path: str | os.PathLike[str]) -> AreaFile:
    """Read areas with their rules.

    Parameters
    ----------
    path
        GeoJSON (.json, .geojson, also gzip), or GeoPackage, Shapefile or GeoParquet, which need the `geo` extra; `peru` is the layer in the package.

    Returns
    -------
    AreaFile: what is usable, what was mended and what was refused, each with the number of its feature from 1.

    Raises
    ------
    InputError
        If the file cannot be read, is in another coordinate reference, or holds no usable area.
    """
    features, name = _features(path)
    found = AreaFile(name)
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        properties = {str(k).lower(): v for k, v in properties.items()} if isinstance(properties, dict) else {}
        called = _name(properties)
        if called is None:
            called = f"{name} {number}"
            found.notes.append((number, "area.without_name", called))
        try:
            shape, notes = mend(feature.get("geometry") if isinstance(feature, dict) else None)
            rule = Rule.of(properties)
            accuracy_m = metres(properties, "accuracy_m")
        except (ShapeError, RuleError) as e:
            kind = "area.shape" if isinstance(e, ShapeError) else "area.rule"
            found.refused.append((number, kind, f"{called}: {e}"))
            continue
        corners = shapely.get_coordinates(shape)
        if inland_m(corners[:, 0], corners[:, 1]).min() > FAR_INLAND_M:  # where the waters of Peru lie with their axes swapped
            notes.append("inland")
        found.notes += [(number, f"area.{note}", called) for note in notes]
        found.areas.append(Area(called, shape, rule, accuracy_m, one_line(properties.get("source") or "")))
    if not found.areas:
        why = f"feature {found.refused[0][0]}: {found.refused[0][2]}" if found.refused else "it has no features"
        raise InputError(f"{path} holds no usable area ({why}); give polygons in WGS84, longitude first")
    return found


def _name(properties: dict[str, Any]) -> str | None:
    return next((said for k in _NAMES if properties.get(k) is not None and (said := one_line(properties[k])[:120])), None)


def _features(path: str | os.PathLike[str]) -> tuple[list[Any], str]:
    if str(path) == PERU:
        return json.loads(gzip.decompress(files("seaward.chart").joinpath("peru.geojson.gz").read_bytes()))["features"], PERU
    path = Path(path)
    name = path.name.removesuffix(".gz").rsplit(".", 1)[0]
    raw = b"" if path.is_dir() else whole_file(path, f"name a file of areas, or {PERU} for the layer that comes with the program")
    raw = raw.removeprefix(BOM_UTF8)
    if raw[:2] not in (BOM_UTF16_LE, BOM_UTF16_BE) and raw.lstrip()[:1] not in (b"{", b"["):
        return _by_geopandas(path), name
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as e:
        raise InputError(f"{path} is not valid JSON ({e}); export it anew as GeoJSON") from e
    if not isinstance(said, dict):
        said = {"type": "FeatureCollection", "features": said if isinstance(said, list) else []}
    reference = json.dumps(said.get("crs") or "").lower()
    if said.get("crs") and not any(word in reference for word in _WGS84):
        raise InputError(f"{path} is in another coordinate reference ({reference[:80]}); export it in WGS84 (EPSG:4326)")
    if said.get("type") == "FeatureCollection" and isinstance(said.get("features"), list):
        return said["features"], name
    return [said if said.get("type") == "Feature" else {"geometry": said, "properties": {}}], name


def _by_geopandas(path: Path) -> list[Any]:
    try:
        import geopandas  # noqa: PLC0415 - an optional extra
    except ImportError as e:
        raise InputError(f"{path} is not GeoJSON; for GeoPackage, Shapefile and GeoParquet: pip install 'seaward[geo]'") from e
    try:
        frame = geopandas.read_parquet(path) if path.suffix in (".parquet", ".geoparquet") else geopandas.read_file(path)
    except Exception as e:  # each driver has errors of its own
        raise InputError(f"{path} cannot be read as areas ({str(e)[:200]}); give GeoJSON, GeoPackage, Shapefile or GeoParquet") from e
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise InputError(f"{path} has no geometry; give a file of polygons")
    if frame.crs is None:
        raise InputError(f"{path} does not say its coordinate reference; export it in WGS84 (EPSG:4326)")
    if path.suffix.lower() == ".shp":  # outlines run clockwise there (ESRI Shapefile Technical Description, 1998), in GeoJSON they do not
        frame.geometry = shapely.reverse(frame.geometry)
    return json.loads(frame.to_crs(4326).to_json())["features"]
