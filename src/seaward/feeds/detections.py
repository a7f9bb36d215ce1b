"""Files of what other sensors saw -> DETECTIONS and rejected rows: CSV, GeoJSON points or Parquet, columns found by their usual names."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.errors import InputError
from seaward.core.foreign_text import decimal_commas
from seaward.core.tables import AT, DETECTIONS, REJECTED
from seaward.core.whole_file import whole_file
from seaward.feeds.batch import EARLIEST_US, LATEST_US
from seaward.feeds.csv_columns import delimiter_of, plain_name

_NAMES = {
    "time": ("time", "timestamp", "at", "detecttimestamp", "detectiontime", "datetime", "datetimeutc", "timestamputc", "acquisitiontime", "datemscan",
             "utc", "fechahora", "fecha", "date"),
    "lon": ("lon", "longitude", "londeg", "detectlon", "londnb", "lng", "long", "longitud", "x"),
    "lat": ("lat", "latitude", "latdeg", "detectlat", "latdnb", "latitud", "y"),
    "detection_id": ("detectionid", "detectid", "id", "idkey", "name"),
    "error_m": ("errorm", "positionerrorm", "sigmam", "accuracym", "error", "uncertaintym"),
    "length_m": ("lengthm", "length", "vessellengthm", "shiplengthm", "esloram", "eslora"),
    "length_error_m": ("lengtherrorm", "lengtherror", "lengthsigmam"),
    "sensor": ("sensor", "source", "mission", "platform", "satellite"),
    "score": ("score", "presencescore", "confidence", "probability"),
    "realm": ("realm",),
}  # fmt: skip
_NUMBERS = {"error_m": 100_000.0, "length_m": 1022.0, "length_error_m": 1022.0, "score": 1e9}  # greatest believed; more is taken as unknown
_ZONE = r"\s*(Z|z|UTC|[+-]\d{2}:?\d{2})$"
_COAST_ERROR_M = 500.0  # least distance to the shore asked for: the packaged coast is off by 0.5 km in the median (chart.shore)
_LEAST_S, _MOST_S = EARLIEST_US / 1e6, LATEST_US / 1e6


def read_detections(
    path: str | os.PathLike[str], realm: str, as_of: datetime | None = None, taken: Sequence[str] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read detections.

    Parameters
    ----------
    path
        CSV (comma; or semicolon or tabulator, then also with decimal commas), GeoJSON points or Parquet; text also as gzip. Needed are a time (ISO
        8601, or seconds or milliseconds since 1970), longitude and latitude [degree]; read where there: an id, position error [m, one sigma], length
        and its error [m], sensor, score.
    realm
        `ops`, or `ex:<drill id>`; rows that name another are refused.
    as_of
        Later detections are refused; None: none is.
    taken
        Names of files read before: one more of that name is `name#2`.

    Returns
    -------
    detections, rejected
        DETECTIONS in the order of the file, and REJECTED with the number of the row or feature from 0 in the place of the byte.

    Raises
    ------
    InputError
        If the file cannot be read, or has no column for time, longitude or latitude.

    Limits
    ------
    All of it is held in memory. Times without a zone are taken as UTC.
    """
    path = Path(path)
    feed = os.fsencode(path.name).decode("utf-8", "replace")
    again = 1 + sum(t == feed or t.startswith(f"{feed}#") for t in taken)
    feed = feed if again == 1 else f"{feed}#{again}"
    raw = _rows(path)
    if raw.is_empty():
        return DETECTIONS.empty(), _refused(realm, feed, [(0, "detection.place", "the file has no rows")])
    return _judged(raw, realm, feed, None if as_of is None else round(as_of.timestamp() * 1e6))


def off_the_shore(
    detections: pl.DataFrame, shore_m: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Detections at sea, and as REJECTED those on land or nearer to the shore than their error (or that of the coast, if greater)."""
    shore = pl.Series("shore_m", shore_m(detections["lon_deg"].to_numpy(), detections["lat_deg"].to_numpy()), pl.Float64)
    near = shore < detections["error_m"].fill_null(0.0).clip(_COAST_ERROR_M)
    rows = detections.with_columns(shore).filter(near).rechunk()  # pl.format (Polars 2.1) panics where a column has several chunks
    text = pl.format("{}, {}: {} m from the shore", "lon_deg", "lat_deg", pl.col("shore_m").round(0))
    ashore = rows.select("realm", "feed", "raw_offset", rule=pl.lit("detection.ashore"), value=text).cast(dict(REJECTED.schema))  # type: ignore[arg-type]
    return detections.filter(~near), ashore


def _judged(raw: pl.DataFrame, realm: str, feed: str, as_of_us: int | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    lon, lat, at = (pl.col(c) for c in ("lon_deg", "lat_deg", "at_us"))
    n = len(raw)
    rows = pl.DataFrame({
        "raw_offset": pl.int_range(n, dtype=pl.Int64, eager=True), "at_us": _time_us(raw["time"]),
        "lon_deg": _number(raw["lon"]), "lat_deg": _number(raw["lat"]),
        "detection_id": _text(raw, "detection_id"), "sensor": _text(raw, "sensor"), "said": _text(raw, "realm"),
        **{c: _bounded(raw, c, high) for c, high in _NUMBERS.items()},
    }).with_columns(detection_id=pl.coalesce("detection_id", pl.col("raw_offset").cast(pl.String)))  # fmt: skip
    point = raw["point"] if "point" in raw.columns else pl.repeat(True, n, eager=True)
    rule = (
        pl.when(pl.col("said").is_not_null() & (pl.col("said") != realm)).then(pl.lit("realm"))
        .when(~pl.lit(point)).then(pl.lit("not_a_point"))
        .when(~(lon.is_between(-180, 180) & lat.is_between(-90, 90)).fill_null(False)).then(pl.lit("place"))
        .when(at.is_null()).then(pl.lit("time"))
        .when(~at.is_between(EARLIEST_US, LATEST_US)).then(pl.lit("time_out_of_range"))
        .when(at > (LATEST_US if as_of_us is None else as_of_us)).then(pl.lit("future"))
    )  # fmt: skip
    rows = rows.with_columns(rule=rule)
    again = rows.filter(pl.col("rule").is_null()).filter(~pl.col("detection_id").is_first_distinct())["raw_offset"].implode()
    rows = rows.with_columns(rule=pl.when(pl.col("raw_offset").is_in(again)).then(pl.lit("duplicate")).otherwise("rule"))
    shown = raw.select(pl.concat_str([pl.col(c).cast(pl.String, strict=False) for c in ("time", "lon", "lat")], separator=", ", ignore_nulls=True))
    bad = rows.with_columns(value=shown.to_series()).filter(pl.col("rule").is_not_null())
    refused = [(r["raw_offset"], f"detection.{r['rule']}", _said(r)) for r in bad.select("raw_offset", "rule", "value", "detection_id").to_dicts()]
    good = rows.filter(pl.col("rule").is_null()).with_columns(realm=pl.lit(realm), feed=pl.lit(feed), at=pl.col("at_us").cast(AT))
    return good.select(list(DETECTIONS.schema)).cast(dict(DETECTIONS.schema)), _refused(realm, feed, refused)  # type: ignore[arg-type]


def _said(row: dict[str, Any]) -> str:
    return str(row["detection_id"] if row["rule"] == "duplicate" else row["value"] or "")[:200]


def _refused(realm: str, feed: str, rows: list[tuple[int, str, str]]) -> pl.DataFrame:
    return pl.DataFrame([(realm, feed, *r) for r in rows], schema=REJECTED.schema, orient="row") if rows else REJECTED.empty()


def _rows(path: Path) -> pl.DataFrame:
    """The cells by meaning, unread; `point` where a file says which features are points."""
    data = whole_file(path, "name a file of detections")
    try:
        if data[:4] == b"PAR1":
            return _named(pl.read_parquet(io.BytesIO(data)), path)
        text = data.decode("utf-8-sig", "replace")
        if text.lstrip()[:1] in ("{", "["):
            return _features(json.loads(text), path)
        if not text.strip():
            raise InputError(f"{path} is empty; give detections with time, longitude and latitude")
        separator = delimiter_of(text.lstrip().split("\n", 1)[0].encode()).decode()
        if separator == "," and decimal_commas(text):
            raise InputError(f"{path} has decimal commas where commas also separate; save it with points, or with semicolons between the columns")
        table = pl.read_csv(io.StringIO(text.lstrip()), separator=separator, infer_schema=False, truncate_ragged_lines=True, null_values=[""])
        named = _named(table, path)
        measures = [c for c in ("lon", "lat", *_NUMBERS) if c in named.columns]
        return named if separator == "," else named.with_columns(pl.col(measures).str.replace(",", ".", literal=True))
    except (OSError, ValueError, RecursionError, pl.exceptions.PolarsError) as e:
        raise InputError(f"{path} cannot be read as detections ({str(e)[:160]}); give CSV, GeoJSON points or Parquet") from e


def _named(table: pl.DataFrame, path: Path) -> pl.DataFrame:
    plain = {plain_name(c): c for c in reversed(table.columns)}
    found = {m: next(plain[a] for a in names if a in plain) for m, names in _NAMES.items() if any(a in plain for a in names)}
    if missing := [m for m in ("time", "lon", "lat") if m not in found]:
        raise InputError(f"{path} lacks a column for {', '.join(missing)} of the detections; it has {', '.join(table.columns)[:200]}. Rename them")
    return table.select(pl.col(column).alias(meaning) for meaning, column in found.items())


def _features(said: Any, path: Path) -> pl.DataFrame:
    features = said if isinstance(said, list) else said.get("features", [said])
    if not isinstance(features, list):
        raise InputError(f"{path} has no list of features; give a GeoJSON FeatureCollection of points")
    rows = []
    for given in features:
        feature = _mapping(given)
        geometry, properties = _mapping(feature.get("geometry")), _mapping(feature.get("properties"))
        place = geometry.get("coordinates")
        place = place if isinstance(place, list) and len(place) >= 2 and geometry.get("type") == "Point" else None
        cells = {k: None if v is None or isinstance(v, dict | list) else str(v) for k, v in {"id": feature.get("id"), **properties}.items()}
        taken = {*_NAMES["lon"], *_NAMES["lat"]}
        cells = {k: v for k, v in cells.items() if plain_name(k) not in taken}
        rows.append({**cells, "lon": str(place[0]) if place else None, "lat": str(place[1]) if place else None, "is_point": bool(place)})
    if not rows:
        return pl.DataFrame()
    table = pl.DataFrame(rows, schema={k: pl.Boolean if k == "is_point" else pl.String for k in dict.fromkeys(k for r in rows for k in r)})
    return _named(table.drop("is_point"), path).with_columns(point=table["is_point"])


def _mapping(said: Any) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}


def _text(raw: pl.DataFrame, name: str) -> pl.Series:
    if name not in raw.columns:
        return pl.repeat(None, len(raw), dtype=pl.String, eager=True)
    if raw[name].dtype.is_nested():
        return pl.repeat(None, len(raw), dtype=pl.String, eager=True)
    text = raw[name].cast(pl.String, strict=False).str.strip_chars().str.slice(0, 80)
    return text.set(text == "", None)


def _number(cells: pl.Series) -> pl.Series:
    if not (cells.dtype.is_numeric() or cells.dtype == pl.String):
        return pl.repeat(None, len(cells), dtype=pl.Float64, eager=True)
    cells = cells.str.strip_chars() if cells.dtype == pl.String else cells
    return cells.cast(pl.Float64, strict=False).fill_nan(None)


def _bounded(raw: pl.DataFrame, name: str, high: float) -> pl.Series:
    """Numbers from 0 to `high`; others, and for lengths and errors 0 itself, are not known."""
    if name not in raw.columns:
        return pl.repeat(None, len(raw), dtype=pl.Float64, eager=True)
    x = _number(raw[name])
    low = -high if name == "score" else 1e-3
    return x.set(~x.is_between(low, high).fill_null(True), None)


def _time_us(cells: pl.Series) -> pl.Series:
    """Microseconds since 1970 UTC; null where a time cannot be read."""
    if isinstance(cells.dtype, pl.Datetime):
        return cells.dt.replace_time_zone("UTC").dt.epoch("us") if cells.dtype.time_zone is None else cells.dt.epoch("us")
    if cells.dtype == pl.Date:
        return cells.cast(pl.Datetime("us")).dt.epoch("us")
    n = pl.col("n")
    seconds = pl.when(n > 1e3 * _LEAST_S).then(n / 1e3).otherwise(n)
    within = pl.when(seconds.is_between(_LEAST_S, _MOST_S)).then((seconds * 1e6).round())
    epoch_us = _number(cells).alias("n").to_frame().select(within.cast(pl.Int64, strict=False)).to_series()
    if cells.dtype != pl.String:
        return epoch_us
    text = cells.str.strip_chars().str.replace(r"^(\d{4})/(\d{2})/(\d{2})", "$1-$2-$3")
    zone = text.str.slice(16).str.extract(_ZONE)
    plain = text.str.slice(0, 16).str.replace("T", " ", literal=True) + text.str.slice(16).str.replace(_ZONE, "")
    at_us = plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False).dt.epoch("us")
    at_us = at_us.fill_null(plain.str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False).dt.epoch("us"))
    parts = zone.str.extract_groups(r"([+-])(\d{2}):?(\d{2})").struct
    ahead_us = (parts.field("2").cast(pl.Int64) * 60 + parts.field("3").cast(pl.Int64)) * 60_000_000
    return (at_us - ahead_us.fill_null(0) * (parts.field("1") + "1").cast(pl.Int64).fill_null(1)).fill_null(epoch_us)
