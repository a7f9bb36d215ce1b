"""A plan file becomes a folder: the plan to sail, what each nation may see of it, the risk, the strategy it was drawn from, and a page.

One page: how the rooms join. A plan is shown only after `patrol.verify`, which knows nothing of how it was made, has found nothing broken in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.core.realm import file_prefix
from seaward.core.tables import PLAN, RISK
from seaward.core.version import VERSION
from seaward.patrol.acts import Known
from seaward.patrol.assets import Asset
from seaward.patrol.plan import Planned, make_plan, summary
from seaward.patrol.problem import Problem, problem_of
from seaward.patrol.read_plan import Asked, read_plan
from seaward.patrol.read_risk import read_risk
from seaward.patrol.risk import Risk, RiskParams, learn_risk
from seaward.patrol.verify import Broken, verify
from seaward.patrol.voyage import Leg, Place, legs_of
from seaward.report.plan_page import render_plan
from seaward.store.acts_kept import acts_kept
from seaward.store.outputs import Folder

Tell = Callable[[str, float], None]
Seen = tuple[str, float, Place]  # an asset that was not where the plan has it: who, hours since the plan's start, where
SEEN = {"full": ("port", "transit", "search", "intercept", "track"), "area": ("search",), "none": ()}


class BreaksRulesError(AssertionError):
    """What was worked out breaks rules, and is not shown."""

    def __init__(self, what: str, broken: Sequence[Broken]) -> None:
        self.broken = tuple(broken)
        super().__init__(what)


def names_of(realm: str, *parts: str) -> dict[str, str]:
    """File of each part, under the realm's name in a drill."""
    return {part.split(".")[0]: f"{file_prefix(realm)}{part}" for part in parts}


def plan_to_folder(path: Path, out: Path, language: str, tell: Tell = lambda _stage, _share: None) -> dict[str, Any]:
    """Plan, check, write.

    Parameters
    ----------
    path
        A plan file.
    out
        A folder; plan.json, plan.geojson, plan.parquet, risk.parquet, strategy.json, plan.html and plan.<nation>.json are written there, in a drill
        under its name.
    language
        Of the page, `en` or `es`.
    tell
        Called with a stage and a share of the work.

    Returns
    -------
    What plan.json holds.

    Raises
    ------
    PlanError, InputError, RealmError, OutputError
    """
    tell("plan.read", 0.0)
    _, problem, risk = ready(path, language)
    tell("plan.search", 0.1)
    planned = make_plan(problem, risk)
    tell("plan.check", 0.9)
    legs = legs_of(problem, planned.drawn, risk.weight)
    refuse_broken(check(problem, legs))
    made = _made(path, problem, risk, planned, legs)
    strategy = _strategy(made, problem, planned)
    made["strategy_sha256"] = hashlib.sha256(strategy.encode()).hexdigest()
    write_plan(out, problem, made, legs, risk, language, strategy)
    return made


def ready(path: Path, language: str = "en") -> tuple[Asked, Problem, Risk]:
    """Read a plan file and all it names; InputError where nobody can sail."""
    asked = read_plan(path)
    problem = problem_of(asked)
    if not problem.assets:
        raise InputError("\n".join([render("plan.nobody", {}, language), *(obstacle_said(o.told(), language) for o in problem.obstacles)]))
    node = asked.risk["node"]
    known = None if node is None else Known(*acts_kept(asked.folder / node, asked.realm, asked.start))
    learned = read_risk(asked, problem.cells, known)
    r = asked.risk
    params = RiskParams(r["act_h"], r["half_life_days"], r["smooth_nm"], r["drift_kn"], r["watched"])
    risk = learn_risk(problem.cells, learned.seen, learned.looked, learned.expected, params, asked.start, problem.epochs)
    return asked, problem, replace(risk, refused=learned.refused)


def obstacle_said(o: dict[str, Any], language: str) -> str:
    """Why an asset stays in port, and the nearest change that lets it sail."""
    return render(f"plan.obstacle.{o['constraint']}", o, language)


def value_said(s: Mapping[str, Any], language: str) -> str:
    """What a plan is expected to meet, and what no plan can exceed; of a changed plan, that no bound is proven, and what was planned."""
    if "as_planned" not in s:
        return render("cli.plan.met", {**s, "gap": 100 * s["gap"]}, language)
    was = s["as_planned"]
    values = {"acts_met": s["acts_met"], "acts_expected": s["acts_expected"], "was": was["acts_met"], "was_at_most": was["acts_met_at_most"]}
    return render("cli.plan.met_changed", values, language)


def refuse_broken(broken: Sequence[Broken]) -> None:
    """BreaksRulesError where `check` found anything."""
    if broken:
        told = "; ".join(f"{b.asset}, leg {b.leg}: {b.rule} ({b.has:g}, limit {b.limit:g})" for b in broken[:5])
        raise BreaksRulesError(f"the plan breaks its own rules and is not shown: {told}", broken)


def check(problem: Problem, legs: Sequence[Leg], out_h: Mapping[str, float] | None = None, seen: Sequence[Seen] = ()) -> list[Broken]:
    """What an independent look finds broken; `out_h` and `seen` as in `patrol.verify`."""
    asked = problem.asked
    shapes = {name: area.shape for name, area in asked.areas.items()}
    return verify(legs, asked.assets, problem.cells, shapes, asked.horizon["sea_state"], problem.hours, out_h, seen)


def at_hours(problem: Problem, hours: float) -> str:
    """Moment of the plan, so many hours after its beginning."""
    return problem.at(hours).strftime("%Y-%m-%dT%H:%M:%SZ")


def _made(path: Path, problem: Problem, risk: Risk, planned: Planned, legs: Sequence[Leg]) -> dict[str, Any]:
    asked = problem.asked
    asked_sha = hashlib.sha256(path.read_bytes()).hexdigest()
    plan_id = hashlib.sha256(f"{asked.realm}\x1f{asked_sha}\x1f{planned.draw_seed}".encode()).hexdigest()[:32]
    paths = {a.id: p.tolist() for a, p in zip(problem.assets, planned.drawn.paths, strict=True)}
    return {
        "realm": asked.realm, "plan_id": plan_id, "seaward": VERSION, "title": asked.title or asked.name, "asked_sha256": asked_sha,
        "start": at_hours(problem, 0.0), "end": at_hours(problem, problem.hours), "summary": summary(problem, risk, planned),
        "assets": [
            {"id": a.id, "nation": a.nation, "kind": a.kind, "shows": dict(a.shows), "particulars": particulars(a, asked.horizon["sea_state"])}
            for a in asked.assets
        ],
        "legs": legs_told(problem, legs), "risk": _cells_told(problem, risk), "paths": paths, "broken": [],
    }  # fmt: skip


def particulars(a: Asset, sea_state: int) -> dict[str, Any]:
    """What an order says of an asset: for its own nation alone."""
    speed = a.speed_in(sea_state)
    return {
        "base": list(a.base), "sea_state": sea_state, "max_sea_state": a.max_sea_state, "speed_kn": speed, "sweep_day_nm": a.sweep_day_nm,
        "sweep_night_nm": a.sweep_night_nm, "endurance_h": a.endurance_h, "rest_h": a.rest_h, "fuel_t": a.fuel_t, "reserve": a.reserve,
        "burns_t_h": a.burns_t_h(speed), "boats": a.boats, "boards": a.boards, "tracks": a.tracks, "only": list(a.only), "closed": list(a.closed),
    }  # fmt: skip


def legs_told(problem: Problem, legs: Sequence[Leg]) -> list[dict[str, Any]]:
    """Legs as in plan.json."""
    numbers: dict[str, int] = {}
    told = []
    for leg in legs:
        number = numbers[leg.asset] = numbers.get(leg.asset, -1) + 1
        told.append({
            "asset": leg.asset, "nation": leg.nation, "leg": number, "task": leg.task,
            "start": at_hours(problem, leg.start_h), "end": at_hours(problem, leg.end_h),
            "way": [[round(x, 5), round(y, 5)] for x, y in leg.way], "speed_kn": leg.speed_kn, "cell": leg.cell if leg.cell >= 0 else None,
            "coverage": leg.cover, "worth": leg.worth, "target": leg.target or None,
        })  # fmt: skip
    return told


def _cells_told(problem: Problem, risk: Risk) -> list[dict[str, Any]]:
    c = problem.cells
    return [
        {"cell": k, "west": float(c.west_deg[k]), "south": float(c.south_deg[k]), "side": c.cell_deg, "acts": float(risk.mean[k]),
         "low": float(risk.low[k]), "high": float(risk.high[k]), "is_known": bool(risk.is_known[k])}
        for k in range(len(c))
    ]  # fmt: skip


def _strategy(made: dict[str, Any], problem: Problem, planned: Planned) -> str:
    """All plans that could have been drawn, and their chances: for the planner alone."""
    mixture = planned.mixture
    plans = [] if mixture is None else [
        {"chance": float(q), "paths": {a.id: p.tolist() for a, p in zip(problem.assets, plan.paths, strict=True)}}
        for q, plan in zip(mixture.share, mixture.plans, strict=True)
    ]  # fmt: skip
    told = {"realm": made["realm"], "plan_id": made["plan_id"], "draw_seed": planned.draw_seed, "plans": plans}
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def for_nation(made: dict[str, Any], nation: str) -> dict[str, Any]:
    """What a nation may see of a plan: of its own assets all, of others what their nations show; never the seed, the strategy or the routes."""
    shows = {a["id"]: "full" if a["nation"] == nation else a["shows"].get(nation, "none") for a in made["assets"]}
    legs = [leg for leg in made["legs"] if leg["task"] in SEEN[shows[leg["asset"]]]]
    kept = {k: made[k] for k in ("realm", "plan_id", "title", "start", "end")}
    assets = [
        {k: a[k] for k in ("id", "nation", "kind", *(("particulars",) if a["nation"] == nation else ())) if k in a} | {"shows": shows[a["id"]]}
        for a in made["assets"]
        if shows[a["id"]] != "none"
    ]
    bare = ("coverage", "worth", "target", "pattern")
    return kept | {
        "for": nation, "assets": assets,
        "legs": [leg if shows[leg["asset"]] == "full" else {k: leg[k] for k in leg if k not in bare} | {"way": _where(leg)} for leg in legs],
    }  # fmt: skip


def _where(leg: dict[str, Any]) -> list[list[float]]:
    """Of a leg of another nation the place of its area, not the way within it."""
    return leg["way"][:1]


def write_plan(
    out: Path, problem: Problem, made: dict[str, Any], legs: Sequence[Leg], risk: Risk, language: str, strategy: str | None = None
) -> None:  # fmt: skip
    """Write what `plan_to_folder` says into a folder; the strategy where the plan was drawn just now."""
    realm = made["realm"]
    names = names_of(realm, "plan.parquet", "risk.parquet")
    before = names["plan"].removesuffix("plan.parquet")
    with Folder(out, realm, names) as folder:
        folder.add(PLAN, plan_table(problem, made["plan_id"], legs))
        folder.add(RISK, risk_table(problem, risk))
        folder.text(f"{before}plan.json", json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
        folder.text(f"{before}plan.geojson", plan_geojson(made))
        folder.text(f"{before}plan.html", render_plan(made, language))
        if strategy is not None:
            folder.text(f"{before}strategy.json", strategy)
        for nation in sorted({a["nation"] for a in made["assets"]}):
            folder.text(f"{before}plan.{nation}.json", json.dumps(for_nation(made, nation), ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def plan_table(problem: Problem, plan_id: str, legs: Sequence[Leg]) -> pl.DataFrame:
    """Legs as a PLAN table."""
    numbers: dict[str, int] = {}
    rows = []
    for leg in legs:
        number = numbers[leg.asset] = numbers.get(leg.asset, -1) + 1
        lon, lat = leg.way[-1]
        rows.append((
            problem.asked.realm, plan_id, leg.asset, leg.nation, number, leg.task, problem.at(leg.start_h), problem.at(leg.end_h), lon, lat,
            [{"lon_deg": x, "lat_deg": y} for x, y in leg.way], leg.speed_kn, leg.cell if leg.cell >= 0 else None, leg.cover, leg.worth,
            leg.target or None,
        ))  # fmt: skip
    return pl.DataFrame(rows, schema=PLAN.schema, orient="row")


def risk_table(problem: Problem, risk: Risk) -> pl.DataFrame:
    """Risk as a RISK table."""
    n, c, act = len(problem.cells), problem.cells, timedelta(hours=problem.asked.risk["act_h"])
    epoch, cell = np.repeat(np.arange(problem.epochs), n), np.tile(np.arange(n), problem.epochs)
    start = problem.asked.start
    return pl.DataFrame({
        "realm": [problem.asked.realm] * len(cell), "cell": cell, "start_at": [start + act * int(e) for e in epoch],
        "end_at": [start + act * (int(e) + 1) for e in epoch], "lon_deg": (c.west_deg[cell] + 180) % 360 - 180, "lat_deg": c.south_deg[cell],
        "cell_deg": np.full(len(cell), c.cell_deg), "acts": risk.weight, "low": risk.low[cell], "high": risk.high[cell], "looks": risk.looks[cell],
        "is_known": risk.is_known[cell],
    }).cast(dict(RISK.schema))  # type: ignore[arg-type]  # fmt: skip


def plan_geojson(made: dict[str, Any]) -> str:
    """A plan as a GeoJSON FeatureCollection (RFC 7946): legs as lines and points; lines across 180 degrees are cut there."""
    features = []
    for leg in made["legs"]:
        parts = _cut_at_180(leg["way"])
        if len(leg["way"]) == 1:
            geometry: dict[str, Any] = {"type": "Point", "coordinates": leg["way"][0]}
        else:
            geometry = {"type": "LineString", "coordinates": parts[0]} if len(parts) == 1 else {"type": "MultiLineString", "coordinates": parts}
        properties = {"realm": made["realm"], "plan_id": made["plan_id"]} | {k: v for k, v in leg.items() if k != "way"}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _cut_at_180(way: list[list[float]]) -> list[list[list[float]]]:
    parts = [[way[0]]]
    for one, two in pairwise(way):
        if abs(two[0] - one[0]) > 180:
            side = 180.0 if one[0] > 0 else -180.0
            share = (side - one[0]) / ((two[0] - one[0] + 180.0) % 360.0 - 180.0)
            lat = one[1] + (two[1] - one[1]) * share
            parts[-1].append([side, lat])
            parts.append([[-side, lat]])
        parts[-1].append(two)
    return [p for p in parts if len(p) > 1] or [way]
