"""A plan that was made -> what goes to the bridge: route files and orders, asset by asset; and a route file that comes back, checked.

One page: how the rooms join. Whoever exports from what a nation was given gets no more than that nation may see; whoever exports from the plan itself
gets, for each asset, what the asset's own nation may see.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seaward.bridge.cot import read_cot, write_cot
from seaward.bridge.gpx import read_gpx, write_gpx
from seaward.bridge.marks import check_route_realm
from seaward.bridge.mistakes import Mistake, RouteError
from seaward.bridge.read_rtz import read_rtz
from seaward.bridge.route import Route, routes_of, stretches_of, timed
from seaward.bridge.table import read_table, write_table
from seaward.bridge.write_rtz import write_rtz, write_rtzp
from seaward.core.errors import InputError, RealmError
from seaward.core.realm import check_realm, file_prefix
from seaward.patrol.assets import Asset
from seaward.patrol.problem import cells_asked
from seaward.patrol.read_plan import Asked, read_plan
from seaward.patrol.verify import Broken, verify
from seaward.patrol.voyage import Leg
from seaward.planning import for_nation
from seaward.store.outputs import Folder

FORMATS = ("rtz", "rtzp", "gpx", "cot", "csv")
_READERS: dict[str, Callable[[str, bytes], Route]] = {
    ".rtz": read_rtz, ".rtzp": read_rtz, ".gpx": read_gpx, ".cot": read_cot, ".csv": read_table,
}  # fmt: skip
_MOST_BYTES = 25_000_000
_HOUR_S = 3600.0


def plan_made(path: Path) -> dict[str, Any]:
    """A plan as it was written: plan.json of a folder, or a file of one nation.

    Raises
    ------
    InputError
        If there is no such plan, or the file is not one.
    RealmError
        If its realm is not one, or its name says another.
    """
    if path.is_dir():
        found = [p for p in sorted(path.glob("*plan.json")) if p.name == "plan.json" or p.name.endswith(".plan.json")]
        if len(found) != 1:
            there = ", ".join(p.name for p in sorted(path.glob("*plan.*.json"))[:8]) or "none"
            raise InputError(f"{path} holds {len(found)} plans (files that end in plan.json); name the file of one of them, or of a nation ({there})")
        path = found[0]
    try:
        made = json.loads(path.read_bytes())
        legs = [leg for leg in made["legs"] if {"asset", "nation", "task", "start", "end", "way"} <= leg.keys() and leg["way"]]
        named = all({"id", "nation", "kind"} <= a.keys() for a in made["assets"])
        right = named and len(legs) == len(made["legs"]) and isinstance(made["title"], str)
        realm, _ = made["realm"], made["plan_id"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise InputError(f"{path} cannot be read as a plan ({e}); name the folder that `seaward plan FILE --out DIR` wrote") from e
    if not right:
        raise InputError(f"{path} is no plan that was written here; name the folder that `seaward plan FILE --out DIR` wrote")
    before = file_prefix(realm)
    if not path.name.startswith(f"{before}plan."):
        raise RealmError(f"{path.name} holds a plan of {realm}, whose files are named {before}plan...; it is refused: ask who renamed it")
    return made


def seen_by(made: dict[str, Any], nation: str) -> dict[str, Any]:
    """A plan as a nation may see it; one that was made for a nation stays as it is."""
    return made if "for" in made else for_nation(made, nation)


def asset_of(made: dict[str, Any], asset: str) -> dict[str, Any]:
    """What a plan says of an asset; InputError for one it does not have."""
    found = next((a for a in made["assets"] if a["id"] == asset), None)
    if found is None:
        raise InputError(f"the plan has no asset {asset!r} that may be seen here; choose one of {', '.join(a['id'] for a in made['assets']) or '-'}")
    return found


def routes_in(made: dict[str, Any], asset: str) -> list[Route]:
    """Routes of an asset as far as the plan shows it whole.

    Raises
    ------
    InputError
        If the plan has no such asset, shows its searches alone, or it stays in port.
    """
    told = asset_of(made, asset)
    if "for" in made and told.get("shows", "full" if told["nation"] == made["for"] else "area") != "full":
        owner = told["nation"].upper()
        raise InputError(f"{owner} shows {made['for'].upper()} where {asset} searches and not its way: no route can be made; ask {owner} for it")
    try:
        routes = routes_of([leg for leg in made["legs"] if leg["asset"] == asset], check_realm(made["realm"]), str(made["plan_id"]))
    except (ValueError, TypeError, KeyError, IndexError) as e:
        raise InputError(f"the legs of {asset} cannot be read ({e}); make the plan again") from e
    if not routes:
        raise InputError(f"{asset} stays in port in this plan: it has no route")
    return routes


def written(route: Route, kind: str, rtz_version: str = "1.2") -> tuple[str, bytes]:
    """Name and bytes of a route's file."""
    writers: dict[str, Callable[[Route], bytes]] = {
        "rtz": lambda r: write_rtz(r, rtz_version), "rtzp": lambda r: write_rtzp(r, rtz_version), "gpx": write_gpx, "cot": write_cot,
        "csv": write_table,
    }  # fmt: skip
    return f"{route.name}.{kind}", writers[kind](route)


def export(path: Path, kind: str, asset: str | None, out: Path, rtz_version: str = "1.2") -> list[Path]:
    """Write route files, one for each sortie.

    Parameters
    ----------
    path
        The folder of a plan, its plan.json, or the file of a nation.
    kind
        One of `FORMATS`.
    asset
        Of the plan; None for all that are shown whole and sail.
    out
        A folder.
    rtz_version
        Of `rtz` and `rtzp`.

    Returns
    -------
    The files.
    """
    made = plan_made(path)
    routes = [r for a in ([asset] if asset is not None else exported(made)) for r in routes_in(made, a)]
    with Folder(out, made["realm"], {"routes": kind}) as folder:
        names = []
        for route in routes:
            name, raw = written(route, kind, rtz_version)
            folder.raw(name, raw)
            names.append(out / name)
    return names


def exported(made: dict[str, Any]) -> list[str]:
    """Assets that sail and are shown whole; InputError where there are none."""
    shown = [a["id"] for a in made["assets"] if "for" not in made or a.get("shows") == "full"]
    sail = [a for a in shown if any(leg["asset"] == a and leg["task"] != "port" for leg in made["legs"])]
    if not sail:
        raise InputError("no asset that is shown whole sails in this plan: there is no route to write")
    return sail


def read_route(path: Path) -> Route:
    """Read a route file: RTZ, RTZP, GPX, CoT or CSV, told by its ending.

    Raises
    ------
    RouteError, InputError, RealmError
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name} is of no kind that is known by its ending; name a file that ends in {', '.join(_READERS)}")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RouteError(path.name, [Mistake(1, "large", {"kb": path.stat().st_size // 1000, "most": _MOST_BYTES // 1000})])
        return reader(path.name, path.read_bytes())
    except OSError as e:
        raise InputError(f"{path} cannot be read ({e.strerror}); name a route file") from e


def check_route(route: Route, name: str, plan_file: Path, asset: str) -> tuple[Route, list[tuple[Broken, str]]]:
    """Hold a route against what an asset can do and may do.

    Parameters
    ----------
    route, name
        As read; of its file.
    plan_file
        The plan file (TOML) that describes the asset.
    asset
        Its id there.

    Returns
    -------
    The route, with times from the asset's speed where it has none; and each rule that it breaks, with the waypoint at which.

    Raises
    ------
    PlanError, InputError, RealmError
    """
    asked = read_plan(plan_file)
    check_route_realm(route.realm, name, asked.realm)
    described = next((a for a in asked.assets if a.id == asset), None)
    if described is None:
        raise InputError(f"{plan_file} has no asset {asset!r}; choose one of {', '.join(a.id for a in asked.assets)}")
    speed = described.speed_in(asked.horizon["sea_state"]) or described.speed_kn
    route = timed(route, asked.start, speed)
    return route, _broken(route, asked, described)


def _broken(route: Route, asked: Asked, asset: Asset) -> list[tuple[Broken, str]]:
    cells, hours = cells_asked(asked), asked.horizon["days"] * 24.0

    def since(at: Any) -> float:
        return (at - asked.start).total_seconds() / _HOUR_S

    legs, ends = [], []
    stretches = stretches_of(route)
    if stretches and (first := since(stretches[0].start)) > 0:
        legs, ends = [Leg(asset.id, asset.nation, "port", 0.0, first, (asset.base,), 0.0)], [route.waypoints[0].name]
    for s in stretches:
        task = s.task or "transit"
        legs.append(Leg(asset.id, asset.nation, task, since(s.start), since(s.end), s.way, s.speed_kn or 0.0))
        ends.append(next((w.name for w in route.waypoints if w.place == s.way[-1] and s.end in (w.arrive, w.leave)), ""))
    if stretches and since(stretches[-1].end) < hours:
        legs.append(Leg(asset.id, asset.nation, "port", since(stretches[-1].end), hours, (asset.base,), 0.0))
        ends.append(route.waypoints[-1].name)
    shapes = {n: area.shape for n, area in asked.areas.items()}
    found = verify(legs, [asset], cells, shapes, asked.horizon["sea_state"], hours)
    told = {(b.rule, 0 if b.rule in ("endurance", "fuel") else b.leg): b for b in found}  # of hours and tons that grow leg by leg the last
    return [(b, ends[b.leg]) for b in told.values() if b.rule not in ("search", "cover")]  # a route says where one goes, not which cell that covers
