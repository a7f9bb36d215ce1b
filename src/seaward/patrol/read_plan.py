"""A plan file -> what is asked: horizon, area, risk, objective and assets; or every mistake at once, with its line and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from seaward.chart.areas import Area
from seaward.chart.read_areas import read_areas
from seaward.core.errors import InputError, RealmError
from seaward.core.realm import check_realm
from seaward.core.whole_file import whole_file
from seaward.patrol.assets import Asset
from seaward.patrol.keys import AREA, ASSET, HORIZON, OBJECTIVE, PLAN, RISK
from seaward.patrol.told import Told

MOST_ASSETS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a plan file asks for; tables as the keys say."""

    name: str
    folder: Path
    realm: str
    title: str
    seed: int
    start: datetime
    horizon: dict[str, Any]
    area: dict[str, Any]
    risk: dict[str, Any]
    objective: dict[str, Any]
    assets: tuple[Asset, ...]
    lines: dict[str, int]  # of each asset
    areas: dict[str, Area]  # by name
    area_line: int = 1


def read_plan(path: Path) -> Asked:
    """Read a plan file; files it names are as seen from its folder.

    Parameters
    ----------
    path
        TOML.

    Returns
    -------
    What is asked.

    Raises
    ------
    PlanError
        With every mistake, its line and what to write instead.
    """
    told = Told(path.name, whole_file(path, "name a plan file (TOML)"))
    told.known((*(k.name for k in PLAN), "horizon", "area", "risk", "objective", "assets"))
    root = told.table(PLAN)
    try:
        realm = check_realm(root["realm"]) if root["realm"] is not None else ""
    except RealmError:
        told.wrong(("realm",), "realm", said=root["realm"])
        realm = ""
    tables = {name: told.table(keys, name) for name, keys in (("horizon", HORIZON), ("area", AREA), ("risk", RISK), ("objective", OBJECTIVE))}
    areas = areas_told(told, path.parent, tables["area"]["layers"] or ())
    for name in tables["area"]["within"] or ():
        area_known(told, ("area", "within"), name, areas)
    assets, lines = read_assets(told, areas)
    told.raise_mistakes()
    return Asked(
        path.name, path.parent, realm, root["title"], root["seed"], tables["horizon"]["start"], tables["horizon"], tables["area"], tables["risk"],
        tables["objective"], tuple(assets), lines, areas, told.lines.of("area"),
    )  # fmt: skip


def areas_told(told: Told, folder: Path, layers: tuple[str, ...]) -> dict[str, Area]:
    areas: dict[str, Area] = {}
    for layer in layers:
        try:
            found = read_areas(layer if layer == "peru" else folder / layer)
        except InputError as e:
            told.wrong(("area", "layers"), "layer", layer=layer, why=str(e))
            continue
        areas |= {a.name: a for a in found.areas}
    return areas


def area_known(told: Told, path: tuple[str | int, ...], name: str, areas: dict[str, Area]) -> None:
    if name not in areas:
        told.wrong(path, "unknown_area", name=name, known=", ".join(sorted(areas)) or "-")


def read_assets(told: Told, areas: dict[str, Area], rest: tuple[str, ...] = ()) -> tuple[list[Asset], dict[str, int]]:
    """Assets and the line of each; `rest` are names in their tables that are read elsewhere."""
    assets: list[Asset] = []
    lines: dict[str, int] = {}
    numbers: dict[int, str] = {}
    said = told.tables("assets")
    if not said:
        told.wrong(("assets",), "no_assets")
    for k in range(len(said)):
        before = len(told.mistakes)
        v = told.table(ASSET, "assets", k, rest=rest)
        for key in ("only", "closed"):
            for name in v[key] or ():
                area_known(told, ("assets", k, key), name, areas)
        asset_fits(told, k, v)
        if v["mmsi"] is not None and v["count"] not in (None, 1):
            told.wrong(("assets", k, "mmsi"), "mmsi_of_many", id=v["id"], count=v["count"])
        elif v["mmsi"] is not None and numbers.setdefault(v["mmsi"], v["id"]) != v["id"]:
            told.wrong(("assets", k, "mmsi"), "mmsi_twice", id=v["id"], other=numbers[v["mmsi"]], mmsi=str(v["mmsi"]))
        if len(told.mistakes) > before:
            continue
        count = v.pop("count")
        v["sweep_night_nm"] = v["sweep_day_nm"] if v["sweep_night_nm"] is None else v["sweep_night_nm"]
        for number in range(1, count + 1):
            name = v["id"] if count == 1 else f"{v['id']}-{number}"
            if name in lines:
                told.wrong(("assets", k, "id"), "id_twice", id=name, first=lines[name])
                continue
            lines[name] = told.lines.of("assets", k)
            values: dict[str, Any] = v | {"id": name}
            assets.append(Asset(**values))
    if len(assets) > MOST_ASSETS:
        told.wrong(("assets",), "too_many", count=len(assets), most=MOST_ASSETS)
    return assets, lines


def asset_fits(told: Told, k: int, v: dict[str, Any]) -> None:
    """What the values of an asset say together."""
    if v["sweep_night_nm"] is not None and v["sweep_day_nm"] == 0 and v["sweep_night_nm"] == 0:
        told.wrong(("assets", k, "sweep_day_nm"), "blind", id=v["id"])
    if v["fuel_t"] is not None and v["burn_t_h"] == 0 and v["burn_cube"] == 0:
        told.wrong(("assets", k, "fuel_t"), "burns_nothing", id=v["id"])
    if v["fuel_t"] == 0:
        told.wrong(("assets", k, "fuel_t"), "no_fuel", id=v["id"])
