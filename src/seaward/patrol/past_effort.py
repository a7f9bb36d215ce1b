"""A plan that was sailed (plan.json, or its folder) -> where was looked: the searches of its assets, as effort."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from seaward.core.errors import InputError, RealmError
from seaward.core.realm import file_prefix
from seaward.core.tables import AT
from seaward.core.whole_file import whole_file

EFFORT = pl.Schema({"at": AT, "lon_deg": pl.Float64, "lat_deg": pl.Float64, "hours": pl.Float64, "sweep_nm": pl.Float64, "speed_kn": pl.Float64})


def past_effort(path: Path, realm: str) -> pl.DataFrame:
    """Searches of a plan, as EFFORT, each at its middle; its sweep width is the mean of day and night.

    Raises
    ------
    InputError
        If it is no plan, or one that says nothing of its assets.
    RealmError
        If it is of another realm.

    Limits
    ------
    As planned: what was not sailed, or sailed otherwise, is not known. Answers that were accepted lie in folders of their own.
    """
    path = path / f"{file_prefix(realm)}plan.json" if path.is_dir() else path
    raw = whole_file(path, "name a plan that was sailed: its folder, or its plan.json")
    try:
        made: dict[str, Any] = json.loads(raw)
        there, legs = made["realm"], made["legs"]
        able = {a["id"]: a["particulars"] for a in made["assets"]}
        rows = [_row(leg, able[leg["asset"]]) for leg in legs if leg["task"] == "search"]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError) as e:
        raise InputError(f"{path} is no plan whose searches can be read ({type(e).__name__}: {str(e)[:80]}); name the plan.json of a patrol") from e
    if there != realm:
        raise RealmError(f"{path} is of realm {str(there)[:80]!r} and the plan of {realm!r}; drill data is never mixed with real data")
    return pl.DataFrame(rows, schema=EFFORT, orient="row")


def _row(leg: dict[str, Any], able: dict[str, Any]) -> tuple[datetime, float, float, float, float, float]:
    start, end = (datetime.fromisoformat(leg[k]) for k in ("start", "end"))
    lon, lat = (float(v) for v in leg["way"][0])
    sweep_nm = (float(able["sweep_day_nm"]) + float(able["sweep_night_nm"])) / 2
    return start + (end - start) / 2, lon, lat, (end - start).total_seconds() / 3600.0, sweep_nm, float(able["speed_kn"])
