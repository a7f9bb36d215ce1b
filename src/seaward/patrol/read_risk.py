"""Files of finds, past looks and expectations, and a node -> what risk is learned from; rows that make no sense are counted with their reason."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from seaward.chart.read_areas import read_areas
from seaward.core.errors import InputError, RealmError
from seaward.core.realm import check_claim
from seaward.core.tables import AT
from seaward.core.whole_file import whole_file
from seaward.patrol.acts import CASE_COLUMNS, DETECTION_COLUMNS, EVENT_COLUMNS, Known, acts_of
from seaward.patrol.cells import Cells, inside_of
from seaward.patrol.past_effort import past_effort
from seaward.patrol.read_plan import Asked
from seaward.patrol.risk import Looked, Seen

_EFFORT = ("at", "lon_deg", "lat_deg", "hours", "sweep_nm", "speed_kn")
_MOMENTS, _IDS = ("start_at", "at"), ("event_id", "alert_id")
DENSITY = "acts_per_1000_nm2"


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What the files gave."""

    seen: Seen
    looked: Looked
    expected: NDArray[np.float64]  # acts per 1,000 nm2 by cell, not a number where nothing is said
    refused: dict[str, int]  # rows by reason


def read_risk(asked: Asked, cells: Cells, known: Known | None = None) -> Learned:
    """Read what a plan file names under [risk].

    Parameters
    ----------
    asked
        The plan file.
    cells
        Of its area.
    known
        What the node that it names knows.

    Raises
    ------
    InputError
        If a file cannot be read, or lacks a column.
    RealmError
        If a file is of another realm, by its rows or its name.
    """
    refused: Counter[str] = Counter()
    for name in (given for kind in ("events", "cases", "detections", "effort", "priors") for given in asked.risk[kind]):
        check_claim(Path(name).name, b"", asked.realm)
    effort = [_effort(asked.folder / name, asked.realm, refused) for name in asked.risk["effort"]]
    seen = _seen(_acts(asked, known, refused), cells)
    looked = _looked(pl.concat(effort), cells) if effort else Looked(_no_times(), np.zeros(0, np.int64), np.zeros(0))
    return Learned(seen, looked, _expected(asked, cells), {reason: n for reason, n in refused.items() if n})


def _no_times() -> NDArray[np.datetime64]:
    return np.zeros(0, "datetime64[us]")


def _table(path: Path, columns: tuple[str, ...], more: tuple[str, ...] = ()) -> pl.DataFrame:
    try:
        rows = pl.read_csv(path, try_parse_dates=True) if path.suffix.lower() == ".csv" else pl.read_parquet(path)
    except Exception as e:  # each reader has errors of its own
        raise InputError(f"{path} cannot be read as a table ({str(e)[:200]}); give Parquet or CSV") from e
    if missing := [c for c in columns if c not in rows.columns]:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}; it needs {', '.join(columns)}")
    rows = rows.select(*columns, *(c for c in more if c in rows.columns))
    rows = rows.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String), pl.col(pl.Float32, pl.Float64).fill_nan(None))
    for name in (c for c in _MOMENTS if c in columns):
        if rows[name].null_count() == len(rows):
            rows = rows.with_columns(pl.lit(None, AT).alias(name))
        elif not isinstance(rows[name].dtype, pl.String | pl.Datetime | pl.Date):
            raise InputError(f"{path}: {name} is {str(rows[name].dtype)[:40]}; give moments as 2027-11-04T06:00:00Z")
    for name in (c for c in _IDS if c in columns):
        if rows[name].dtype.is_nested() or rows[name].dtype == pl.Binary:
            raise InputError(f"{path}: {name} is {str(rows[name].dtype)[:40]}; give ids as text")
    return rows


def _rows(asked: Asked, path: Path, columns: tuple[str, ...], more: tuple[str, ...] = ()) -> pl.DataFrame:
    """A table of the plan's realm, its texts as texts."""
    rows = _table(path, columns, more)
    rows = rows.with_columns(pl.col("realm", *(c for c in ("state", "kind") if c in rows.columns)).cast(pl.String))
    if foreign := [r for r in rows["realm"].unique().to_list() if r != asked.realm]:
        raise RealmError(f"{path} is of realm {foreign[0]!r} and the plan of {asked.realm!r}; drill data is never mixed with real data")
    moments = [c for c in _MOMENTS if c in rows.columns and rows[c].dtype == pl.String]
    rows = rows.with_columns(pl.col(c).str.to_datetime(time_zone="UTC", strict=False) for c in moments)
    naive = [c for c in _MOMENTS if c in rows.columns and isinstance(d := rows[c].dtype, pl.Datetime) and d.time_zone is None]
    rows = rows.with_columns(pl.col(c).dt.replace_time_zone("UTC") for c in naive)
    if "event_ids" in rows.columns:
        rows = rows.with_columns(_names(rows["event_ids"]))
    return rows.with_columns(pl.col(c).cast(pl.Float64, strict=False) for c in ("lon_deg", "lat_deg", "probability") if c in rows.columns)


def _names(given: pl.Series) -> pl.Series:
    """Lists of names; of a text the words in it, as CSV has no lists."""
    if given.dtype.is_nested():
        flat = isinstance(given.dtype, pl.List) and not given.explode().dtype.is_nested()
        return given.cast(pl.List(pl.String)) if flat else pl.Series(given.name, [None] * len(given), pl.List(pl.String))
    return given.cast(pl.String).str.extract_all(r"[0-9A-Za-z_.:#-]+")


def _acts(asked: Asked, known: Known | None, refused: Counter[str]) -> pl.DataFrame:
    """All that was found, by the files and by a node."""
    files = {name: [asked.folder / given for given in asked.risk[name]] for name in ("events", "cases", "detections")}
    events = [_rows(asked, p / "events.parquet" if p.is_dir() else p, EVENT_COLUMNS) for p in files["events"]]
    cases = [_rows(asked, p, CASE_COLUMNS, ("event_ids",)) for p in files["cases"]]
    detections = [_rows(asked, p, DETECTION_COLUMNS, ("probability",)) for p in files["detections"]]
    if known is not None:
        events = [*events, known.events.select(EVENT_COLUMNS)]
        cases = [*cases, known.cases.select(*CASE_COLUMNS, "event_ids")]
    told = [
        pl.concat([pl.DataFrame(schema=dict.fromkeys(columns, pl.Null)), *rows], how="diagonal_relaxed")
        for rows, columns in ((events, EVENT_COLUMNS), (cases, CASE_COLUMNS), (detections, DETECTION_COLUMNS))
    ]
    dismissed = frozenset[str]() if known is None else known.dismissed
    return acts_of(told[0], told[1], told[2], dismissed, tuple(asked.risk["kinds"]), refused)


def _effort(path: Path, realm: str, refused: Counter[str]) -> pl.DataFrame:
    is_plan = path.is_dir() or path.suffix.lower() == ".json"
    rows = past_effort(path, realm) if is_plan else _table(path, _EFFORT)
    at = pl.col("at")
    if rows["at"].dtype == pl.String:
        at = at.str.to_datetime(time_zone="UTC", strict=False)
    rows = rows.with_columns(at.alias("at"), pl.col(*_EFFORT[1:]).cast(pl.Float64, strict=False))
    fits = pl.col("at").is_not_null() & pl.col("lon_deg").is_between(-180, 180) & pl.col("lat_deg").is_between(-90, 90)
    positive = pl.all_horizontal(pl.col(c).is_finite() & (pl.col(c) > 0) for c in ("hours", "sweep_nm", "speed_kn"))
    good = rows.filter(fits & positive)
    refused["risk.effort_makes_no_sense"] += len(rows) - len(good)
    zoned = isinstance(good["at"].dtype, pl.Datetime) and good["at"].dtype.time_zone is not None
    moments = pl.col("at").dt.convert_time_zone("UTC") if zoned else pl.col("at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return good.with_columns(moments.cast(pl.Datetime("us", "UTC")))


def _times(rows: pl.DataFrame, name: str) -> NDArray[np.datetime64]:
    column = rows[name]
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return column.cast(pl.Datetime("us")).to_numpy()


def _seen(rows: pl.DataFrame, cells: Cells) -> Seen:
    cell = cells.at(rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy())
    return Seen(_times(rows, "at"), cell, rows["weight"].to_numpy())


def _looked(rows: pl.DataFrame, cells: Cells) -> Looked:
    cell = cells.at(rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy())
    swept_nm2 = (rows["hours"] * rows["sweep_nm"] * rows["speed_kn"]).to_numpy()
    return Looked(_times(rows, "at"), cell, swept_nm2 / cells.area_nm2[np.maximum(cell, 0)])


def _expected(asked: Asked, cells: Cells) -> NDArray[np.float64]:
    expected = np.full(len(cells), np.nan)
    for name in asked.risk["priors"]:
        path = asked.folder / name
        read_areas(path)  # tells what is wrong with shapes as everywhere
        features = json.loads(whole_file(path, "name a GeoJSON file of expectations")).get("features", [])
        for number, feature in enumerate(features, 1):
            density = (feature.get("properties") or {}).get(DENSITY)
            if not isinstance(density, int | float) or isinstance(density, bool) or not 0 <= density < 1e6:
                raise InputError(f"{path}, feature {number}: {DENSITY} is {density!r}; give acts present per 1,000 nm2, 0 or more")
            shape = shapely.make_valid(shapely.geometry.shape(feature["geometry"]))
            expected[inside_of(cells.grid, [shape], cells.lon_deg, cells.lat_deg)] = density
    return expected
