"""Patrols on the simulated sea: `python -m benchmarks.interdictions` plays the drill scenarios with the planner, with simple patrols, and with none.

Each seed moves the actors of a scenario by up to a degree and three hours, redraws its traffic, and draws which acts are noticed and when. Cases are
kept in out/interdictions.jsonl, so that a run broken off goes on; the tables are docs/scores-at-sea.md.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.interdictions_table import ARMS, KEPT, SCENARIOS, write_page
from benchmarks.patrol import nearest_first, random_patrol
from benchmarks.patrol_at_sea import BOARDING_H, Fix, Met, Vessel, sail
from benchmarks.patrol_page import commit, kept_rows
from seaward.chart.shore import shore_m
from seaward.core.errors import ParameterError
from seaward.core.units import at_to_us
from seaward.drill.cast import cast_of
from seaward.drill.kernel import Sea
from seaward.drill.read_scenario import read_scenario, scenario_path
from seaward.drill.scenario import Actor, Place, Scenario
from seaward.drill.truth import Truth
from seaward.exercise import layers_of
from seaward.patrol.bound import plan_bound
from seaward.patrol.coverage import Effort, Routes, found, plan_routes
from seaward.patrol.problem import Problem, problem_of
from seaward.patrol.read_plan import read_plan
from seaward.patrol.risk import Looked, RiskParams, Seen, learn_risk
from seaward.patrol.targets import Target
from seaward.patrol.voyage import legs_of

BAD = ("illegal_fishing", "transfer", "trafficking", "deception")
ACTS = ("area", "encounter", "gap", "identity", "position", "drift", "loitering")
BEFORE_H = 72.0  # the patrol has been out so long when the drill begins
MISSED, SENSED_H, LATER_H = 0.3, 0.5, 1.5  # of an act: chance that nobody notices; hours until the fix is told at least, and a further mean
AGAIN_H = 3.0  # mean time to the next fix of a vessel that was noticed
FALSE_A_DAY = 3.0  # alerts about innocents
PAST, PAST_DAYS = 30, 180  # earlier draws that the risk is learned from
_SHIFT_DEG, _SHIFT_H, _TRIES, _OFF_M = 1.0, 3.0, 60, 9_260.0


def moved(scenario: Scenario, seed: int) -> Scenario:
    """The scenario with its offenders elsewhere and later; those that name each other move together."""
    rng = np.random.default_rng([seed, 77])
    actors = {a.id: a for a in scenario.actors}
    west, south, east, north = scenario.bbox
    for group in _together(scenario):
        if not any(actors[i].intent in BAD for i in group):
            continue
        for _ in range(_TRIES):
            dx, dy, dt = (*rng.uniform(-_SHIFT_DEG, _SHIFT_DEG, 2), rng.uniform(0, _SHIFT_H))
            trial = {i: _shifted(actors[i], dx, dy, int(dt * 3_600_000), scenario.clock.length_ms) for i in group}
            places = np.array([p for a in trial.values() for p in (a.start, *(s.to for s in a.plan if s.to))])
            inside = (places[:, 0] > west) & (places[:, 0] < east) & (places[:, 1] > south) & (places[:, 1] < north)
            if inside.all() and (shore_m(places[:, 0], places[:, 1]) > _OFF_M).all():
                actors |= trial
                break
    return replace(scenario, seed=scenario.seed + seed, actors=tuple(actors[a.id] for a in scenario.actors))


def _together(scenario: Scenario) -> list[set[str]]:
    ids = {a.id for a in scenario.actors}
    groups: list[set[str]] = []
    for a in scenario.actors:
        mine = {a.id} | {s.actor for s in a.plan if s.actor in ids}
        touching = [g for g in groups if g & mine]
        groups = [g for g in groups if not g & mine] + [mine.union(*touching)]
    return groups


def _shifted(a: Actor, dx: float, dy: float, dt_ms: int, length_ms: int) -> Actor:
    def place(p: Place | None) -> Any:
        return None if p is None else (p[0] + dx, p[1] + dy)

    steps = [replace(s, to=place(s.to), at_ms=s.at_ms + dt_ms if s.at_ms > 0 else 0) for s in a.plan]
    return replace(a, start=place(a.start), plan=tuple(s for s in steps if s.at_ms < length_ms))


def true_sea(name: str, seed: int) -> tuple[Scenario, pl.DataFrame, pl.DataFrame]:
    """What happens: the scenario as moved, TRUTH and TRUE_TRACKS; another draw where a way cannot be sailed."""
    scenario = read_scenario(name)
    areas, ports = layers_of(scenario, scenario_path(name))
    for k in range(_TRIES):
        trial = moved(scenario, seed + 10_000 * k)
        try:
            cast = cast_of(trial)
        except ParameterError:
            continue
        truth = Truth(trial.exercise.realm, cast, trial.clock.start, trial.clock.length_ms, {a.id: a.intent for a in trial.actors}, areas, ports)
        rows = [truth.take(s) for s in Sea(cast, trial.clock, trial.weather, trial.seed).stretches()]
        return trial, truth.finish(), pl.concat(rows)
    raise ParameterError(f"no draw of {name} can be sailed")


def vessels_of(scenario: Scenario, happened: pl.DataFrame, tracks: pl.DataFrame, rng: np.random.Generator) -> tuple[list[Vessel], list[Fix]]:
    """Offenders and innocents that the watch tells of, and the fixes it hands over."""
    start_us, hull = at_to_us(scenario.clock.start), tracks["actor"].cast(pl.String)
    vessels, fixes = list[Vessel](), list[Fix]()

    def hours(us: NDArray[np.int64]) -> NDArray[np.float64]:
        return BEFORE_H + (us - start_us) / 3.6e9

    def track(name: str) -> tuple[NDArray[np.float64], ...]:
        own = tracks.filter(hull == name).sort("at")
        return hours(own["at"].dt.epoch("us").to_numpy()), *(own[c].cast(pl.Float64).to_numpy() for c in ("lon_deg", "lat_deg", "sog_kn", "cog_deg"))

    def fix(v: Vessel, own: tuple[NDArray[np.float64], ...], told_h: float) -> Fix:
        k = int(np.searchsorted(own[0], told_h - SENSED_H))
        place = (float(own[1][k] + rng.normal(0, 1 / 60)), float(own[2][k] + rng.normal(0, 1 / 60)))
        sog = float(max(0.0, own[3][k] + rng.normal(0, 0.5)))
        target = Target(v.id, told_h - SENSED_H, place, 1.0, sog, float((own[4][k] + rng.normal(0, 10)) % 360), max(14.0, 1.2 * sog), 6.0)
        return Fix(told_h, v.id, target)

    for a in scenario.actors:
        deeds = happened.filter(pl.col("actors").list.contains(a.id) & pl.col("kind").cast(pl.String).is_in(ACTS))
        if a.intent not in BAD or a.copies is not None or deeds.is_empty():
            continue
        own = track(a.id)
        begins, ends = (hours(deeds[c].dt.epoch("us").to_numpy()) for c in ("start_at", "end_at"))
        v = Vessel(a.id, *own[:3], float(begins.min()), float(ends.max()), True)
        vessels.append(v)
        noticed = [b + SENSED_H + rng.exponential(LATER_H) for b in np.sort(begins).tolist() if rng.uniform() > MISSED]
        told = min(noticed, default=np.inf)
        while told < v.to_h:
            fixes.append(fix(v, own, told))
            told += rng.exponential(AGAIN_H)
    others = [t for t in hull.unique().sort().to_list() if t not in {a.id for a in scenario.actors}]
    length_h = scenario.clock.length_ms / 3.6e6
    for name in rng.choice(others, rng.poisson(FALSE_A_DAY * length_h / 24), replace=False).tolist():
        own = track(name)
        v = Vessel(name, *own[:3], BEFORE_H, BEFORE_H + length_h, False)
        vessels.append(v)
        fixes.append(fix(v, own, BEFORE_H + rng.uniform(1.0, length_h)))
    return vessels, fixes


def problem_for(name: str, seed: int) -> Problem:
    """The assets of the packaged joint patrol, those whose base lies by the scenario's area; out for three days before the drill, two more after."""
    scenario, packaged = read_scenario(name), scenario_path(name).parent / "joint-patrol.toml"
    west, south, east, north = scenario.bbox
    start = (scenario.clock.start - timedelta(hours=BEFORE_H)).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"""format = "plan/1"\nrealm = "{scenario.exercise.realm}"\nseed = {seed}\n[horizon]\nstart = {start}\ndays = 5.0\nsea_state = 3
[area]\nbox = {list(scenario.bbox)}\ncell_deg = {SCENARIOS[name]}\noff_nm = 400.0\n[risk]\nact_h = 24.0\ndrift_kn = 0.5\n"""
    for a in tomllib.loads(packaged.read_text(encoding="utf-8"))["assets"]:
        if west - 0.9 < a["base"][0] < east + 0.9 and south - 0.9 < a["base"][1] < north + 0.9:
            rows = [f"{k} = {json.dumps(v)}" for k, v in a.items() if k not in ("shows", "slows")]
            text += "[[assets]]\n" + "\n".join(rows) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "interdictions.toml"
        path.write_text(text, encoding="utf-8")
        return problem_of(read_plan(path))


def learned(name: str, p: Problem) -> NDArray[np.float64]:
    """Risk as the node would learn it: where offenders of other draws were, over half a year in which each cell was looked at every ten days."""
    scenario, rng = read_scenario(name), np.random.default_rng(5)
    places = [
        pl_ for k in range(PAST) for a in moved(scenario, 1_000 + k).actors if a.intent in BAD and a.copies is None
        for pl_ in [s.to for s in a.plan if s.to and s.do in ("work", "sail", "meet")][-1:]
    ]  # fmt: skip
    now, n = np.datetime64(p.asked.start.replace(tzinfo=None), "us"), len(p.cells)
    ages = rng.uniform(1, PAST_DAYS, len(places))
    cell = p.cells.at(*np.array(places).reshape(-1, 2).T)
    seen = Seen(now - (ages * 8.64e10).astype("timedelta64[us]"), cell, np.ones(len(places)))
    days = np.arange(5, PAST_DAYS, 10)
    looked = Looked(
        np.repeat(now - (days * 86_400_000_000).astype("timedelta64[us]"), n), np.tile(np.arange(n), len(days)), np.full(n * len(days), 0.5)
    )
    return learn_risk(p.cells, seen, looked, np.full(n, np.nan), RiskParams(24.0), p.asked.start, p.epochs).weight


def case(name: str, seed: int) -> list[dict[str, Any]]:
    """All arms on one draw."""
    scenario, happened, tracks = true_sea(name, seed)
    vessels, fixes = vessels_of(scenario, happened, tracks, np.random.default_rng([seed, 99]))
    p = problem_for(name, seed)
    f, weight = p.fleet, learned(name, p)
    first = plan_routes(f, weight, seed, Effort(40, 30))
    price = plan_bound(f, weight, f.by_group(first.paths), 5e-3, 60).price
    plan = plan_routes(f, weight, seed, Effort(40, 300), price)

    def as_plan(paths: list[Any]) -> Routes:
        covers = f.covers(paths)
        return Routes(tuple(paths), covers, found(weight, covers.sum(axis=0)))

    port = as_plan([np.full(f.groups[k].lattice.steps + 1, f.groups[k].lattice.cells, np.int32) for k in f.member])
    arms = {"planner": (plan, "respond"), "plan + nearest unit": (plan, "nearest"), "nearest first": (as_plan(nearest_first(f, weight)), "nearest"),
            "random": (as_plan(random_patrol(f, seed)), "nearest"), "in port": (port, "respond")}  # fmt: skip
    rows = []
    until_h = BEFORE_H + scenario.clock.length_ms / 3.6e6
    for arm in ARMS:
        began = time.perf_counter()
        if arm == "none":
            met = Met()
        else:
            routes, answer = arms[arm]
            met = sail(p, routes.paths, legs_of(p, routes, weight), weight, vessels, fixes, BEFORE_H, until_h, answer, seed)
        rows.append({"scenario": name, "seed": seed, "arm": arm, "s": time.perf_counter() - began} | _told(vessels, fixes, met))
    return rows


def _told(vessels: list[Vessel], fixes: list[Fix], met: Met) -> dict[str, Any]:
    offenders = [v for v in vessels if v.is_offender]
    told = {v.id: min((f.told_h for f in fixes if f.vessel == v.id), default=None) for v in offenders}
    alerted = [v for v in offenders if told[v.id] is not None]
    after = [met.when_h[v.id] - t for v in alerted if v.id in met.when_h and (t := told[v.id]) is not None and met.when_h[v.id] >= t]
    return {
        "offenders": len(offenders), "met": len(met.when_h), "alerts": len(alerted), "unmet": sum(v.id not in met.when_h for v in alerted),
        "after_alert_h": after, "after_start_h": [met.when_h[v.id] - v.from_h for v in offenders if v.id in met.when_h],
        "unalerted_met": sum(v.id in met.when_h for v in offenders if told[v.id] is None), "boarded": sum(v.id in met.boarded for v in offenders),
        "innocents_boarded": sum(v.id in met.boarded for v in vessels if not v.is_offender),
        "false_alerts": sum(not v.is_offender for v in vessels), "answers": met.answers, "boarding_h": BOARDING_H,
    }  # fmt: skip


def main() -> None:
    """Play what is not yet kept, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="seed to begin with; those from 100 on are for trying, and write no page")
    parser.add_argument("--scenario", choices=tuple(SCENARIOS), action="append")
    args = parser.parse_args()
    KEPT.parent.mkdir(exist_ok=True)
    done = {(r["scenario"], r["seed"]) for r in kept_rows(KEPT)}
    for seed in range(args.first, args.first + args.seeds):
        for name in args.scenario or SCENARIOS:
            if (name, seed) in done:
                continue
            fresh = case(name, seed)
            with KEPT.open("a", encoding="utf-8") as kept:
                kept.writelines(json.dumps({**r, "commit": commit()}) + "\n" for r in fresh)
            print(name, seed, *(f"{r['arm']}: {r['met']}/{r['offenders']} {r['s']:.0f}s;" for r in fresh), flush=True)

    if args.first < 100:
        write_page()


if __name__ == "__main__":
    main()
