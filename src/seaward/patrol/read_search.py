"""A file that asks for a search -> ways it may have been, wind, current and assets; or every mistake at once, with its line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from seaward.chart.shore import inland_m
from seaward.core.errors import InputError, ParameterError, RealmError
from seaward.core.realm import check_claim, check_realm
from seaward.core.units import NM_M
from seaward.core.whole_file import whole_file
from seaward.patrol import search_keys as keys
from seaward.patrol.adrift import Lost
from seaward.patrol.assets import Asset
from seaward.patrol.flow import Flow, by_time, on_grid, steady
from seaward.patrol.keys import ASSET
from seaward.patrol.problem import INLAND_NM
from seaward.patrol.read_plan import read_assets
from seaward.patrol.told import Told

_GRID = ("at", "lon_deg", "lat_deg", "east_kn", "north_kn")
_MOST_ROWS = 5_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SearchAsked:
    """What is asked; `search` as the keys say."""

    name: str
    realm: str
    title: str
    seed: int
    start: datetime
    search: dict[str, Any]
    lost: tuple[Lost, ...]
    wind: Flow
    current: Flow
    assets: tuple[Asset, ...]
    patterns: dict[str, str]  # by asset
    lines: dict[str, int]  # of each asset


@dataclass(frozen=True, slots=True)
class Searched:
    """One search that found nothing."""

    asset: str
    start_h: float  # since planning begins
    end_h: float
    box: tuple[float, float, float, float]
    coverage: float


def read_search(path: Path) -> SearchAsked:
    """Read it; files it names are as seen from its folder.

    Raises
    ------
    PlanError
        With every mistake, its line and what to write instead.
    RealmError
        If a file it names is of another realm by its name.
    """
    told = Told(path.name, whole_file(path, "name a file that asks for a search (TOML)"))
    told.known((*(k.name for k in keys.ROOT), "search", "wind", "winds", "current", "currents", "lost", "assets"))
    root, search = told.table(keys.ROOT), told.table(keys.SEARCH, "search")
    realm = _realm(told, root["realm"])
    start = search["start"]
    wind = _flow(told, path.parent, realm, "wind", keys.WIND, "winds", keys.WINDS, start)
    current = _flow(told, path.parent, realm, "current", keys.CURRENT, "currents", keys.CURRENTS, start)
    lost = _lost(told, start, search["hours"])
    assets, lines = read_assets(told, {}, ("pattern",))
    patterns = {}
    for k, table in enumerate(told.tables("assets")):
        said = told.table((keys.PATTERN,), "assets", k, rest=[key.name for key in ASSET])["pattern"]
        for a in assets:
            if a.id == table.get("id") or lines[a.id] == told.lines.of("assets", k):
                patterns[a.id] = said
    told.raise_mistakes()
    assert wind is not None and current is not None
    return SearchAsked(path.name, realm, root["title"], root["seed"], start, search, tuple(lost), wind, current, tuple(assets), patterns, lines)


def read_searched(path: Path, asked: SearchAsked) -> list[Searched]:
    """Read a record of what was searched in vain.

    Raises
    ------
    PlanError
        With every mistake, its line and what to write instead.
    """
    told = Told(path.name, whole_file(path, "name a record of what was searched (TOML)"))
    told.known((*(k.name for k in keys.RECORD), "searched"))
    root = told.table(keys.RECORD)
    if root["realm"] is not None and root["realm"] != asked.realm:
        told.wrong(("realm",), "searched_realm", said=root["realm"], realm=asked.realm)
    if not told.tables("searched"):
        told.wrong(("searched",), "nothing_searched")
    done = []
    for k in range(len(told.tables("searched"))):
        count = len(told.mistakes)
        v = told.table(keys.SEARCHED, "searched", k)
        if None not in (v["start"], v["end"]) and v["end"] <= v["start"]:
            told.wrong(("searched", k, "end"), "searched_backwards")
        coverage = v["coverage"]
        if coverage is None and None in (v["sweep_nm"], v["track_nm"]):
            told.wrong(("searched", k), "no_coverage")
        if len(told.mistakes) > count:
            continue
        if coverage is None:
            coverage = v["sweep_nm"] * v["track_nm"] / area_nm2(v["box"])
        done.append(Searched(v["asset"], _hours(v["start"], asked.start), _hours(v["end"], asked.start), v["box"], coverage))
    told.raise_mistakes()
    return done


def area_nm2(box: tuple[float, float, float, float]) -> float:
    """Of a box of degrees, near enough for its size [nm2]."""
    west, south, east, north = box
    return ((east - west) % 360.0) * 60 * float(np.cos(np.radians((south + north) / 2))) * (north - south) * 60


def _realm(told: Told, said: Any) -> str:
    try:
        return check_realm(said) if said is not None else ""
    except RealmError:
        told.wrong(("realm",), "realm", said=said)
        return ""


def _hours(at: datetime, start: datetime) -> float:
    return (at - start).total_seconds() / 3600.0


def _flow(told: Told, folder: Path, realm: str, name: str, one: Any, many: str, each: Any, start: datetime | None) -> Flow | None:
    """Wind or current: constant, by time, or on a grid."""
    v = told.table(one, name)
    rows = [told.table(each, many, k) for k in range(len(told.tables(many)))]
    angle = "from_deg" if name == "wind" else "to_deg"
    ways = (v["kn"] is not None or v[angle] is not None) + bool(rows) + (v["file"] is not None)
    if ways != 1 or (not rows and v["file"] is None and None in (v["kn"], v[angle])):
        told.wrong((name,), "flow", name=name, many=many, angle=angle)
        return None
    turn = 180.0 if name == "wind" else 0.0
    if start is None or None in (v["error_kn"], v["memory_h"]) or any(None in r.values() for r in rows):
        return None
    try:
        if rows:
            hours = [_hours(r["at"], start) for r in rows]
            return by_time(hours, [r["kn"] for r in rows], [r[angle] + turn for r in rows], v["error_kn"], v["memory_h"])
        if v["kn"] is not None:
            return steady(v["kn"], v[angle] + turn, v["error_kn"], v["memory_h"])
        file = str(v["file"])
        if realm:
            check_claim(Path(file).name, b"", realm)
        return _grid(folder / file, start, v["error_kn"], v["memory_h"])
    except (InputError, ParameterError) as e:
        told.wrong((name,), "file", file=v["file"] or many, why=str(e))
        return None


def _grid(path: Path, start: datetime, error_kn: float, memory_h: float) -> Flow:
    try:
        rows = pl.read_csv(path, try_parse_dates=True) if path.suffix.lower() == ".csv" else pl.read_parquet(path)
    except Exception as e:  # each reader has errors of its own
        raise InputError(f"it cannot be read as a table ({str(e)[:120]})") from e
    if missing := [c for c in _GRID if c not in rows.columns]:
        raise InputError(f"it lacks {', '.join(missing)}")
    if len(rows) > _MOST_ROWS:
        raise InputError(f"it has {len(rows)} rows, at most {_MOST_ROWS} are read")
    at = rows["at"]
    if at.dtype == pl.String:
        at = at.str.to_datetime(time_zone="UTC", strict=False)
    if not isinstance(at.dtype, pl.Datetime) or at.null_count():
        raise InputError("its column at must hold moments such as 2027-11-04T17:00:00Z")
    at = at.dt.replace_time_zone("UTC") if at.dtype.time_zone is None else at.dt.convert_time_zone("UTC")
    hours = (at - start).dt.total_seconds().to_numpy() / 3600.0
    x, y, u, v = (rows[c].cast(pl.Float64, strict=False).to_numpy() for c in _GRID[1:])
    return on_grid(hours, x, y, u, v, error_kn, memory_h)


def _lost(told: Told, start: datetime | None, hours: float | None) -> list[Lost]:
    lost, seen = [], dict[str, int]()
    if not told.tables("lost"):
        told.wrong(("lost",), "nobody_lost")
    for k in range(len(told.tables("lost"))):
        count = len(told.mistakes)
        v = told.table(keys.LOST, "lost", k)
        if v["id"] in seen:
            told.wrong(("lost", k, "id"), "id_twice", id=v["id"], first=seen[v["id"]])
        until = v["until"] or v["at"]
        if v["at"] is not None and until < v["at"]:
            told.wrong(("lost", k, "until"), "lost_backwards", id=v["id"])
        if v["to"] is not None and v["until"] is None:
            told.wrong(("lost", k, "to"), "lost_no_until", id=v["id"])
        if start is not None and v["at"] is not None and hours is not None and (until > start or (start - v["at"]).total_seconds() > 14 * 86_400):
            told.wrong(("lost", k, "at"), "lost_when", id=v["id"])
        for key in ("place", "to"):
            if v[key] is not None and (nm := float(inland_m(*v[key])) / NM_M) > INLAND_NM:
                told.wrong(("lost", k, key), "lost_on_land", id=v["id"], key=key, nm=round(nm, 1))
        if len(told.mistakes) > count or start is None or v["at"] is None:
            continue
        seen[v["id"]] = told.lines.of("lost", k, "id")
        from_h, to_h = _hours(v["at"], start), _hours(until or v["at"], start)
        end = v["to"] or v["place"]
        lost.append(Lost(v["id"], v["object"], v["weight"], from_h, to_h, v["place"], end, v["error_nm"], v["seen"], v["jibes_per_h"]))
    return lost
