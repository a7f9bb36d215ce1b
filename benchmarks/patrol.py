"""Patrol plans on made-up risk: `python -m benchmarks.patrol` writes docs/scores-patrol.md; each case is kept in out/scores-patrol.jsonl.

Eight ships of four bases, ten days, cells of 1 and of 0.5 degrees off Peru; risk drawn from a seed. Value, bound and gap; beside a plan for prizes
that add up, nearest-first and a random patrol; the adversary's best answer and the floor; the time to answer an alert, also with thirty assets.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.patrol_page import KEPT, ROOT, commit, kept_rows, write_page
from seaward.chart.shore import shore_m
from seaward.patrol.bound import plan_bound, risk_floor
from seaward.patrol.coverage import Effort, found, plan_routes
from seaward.patrol.fleet import Fleet
from seaward.patrol.mixture import mix_plans
from seaward.patrol.problem import Problem, problem_of
from seaward.patrol.read_plan import read_plan
from seaward.patrol.respond import respond
from seaward.patrol.routes import Path as Route
from seaward.patrol.routes import best_route
from seaward.patrol.targets import Target
from seaward.patrol.voyage import legs_of

SIZES = {"1": (1.0, 6.0), "0.5": (0.5, 3.0)}  # side of a cell [degree], step [h]
EIGHT = (("OPV-Callao", -77.20, -12.05, 3, True), ("PB-Paita", -81.12, -5.07, 2, False), ("PB-Ilo", -71.36, -17.65, 2, False),
         ("OPV-Manta", -80.72, -0.92, 1, True))  # fmt: skip
THIRTY = tuple((n, x, y, k, big) for (n, x, y, _, big), k in zip(EIGHT, (11, 7, 7, 5), strict=True))
CLUSTERS = ((-82.0, -5.0, 1.2, 3.0), (-78.5, -9.5, 1.0, 2.0), (-76.5, -15.5, 1.3, 2.5), (-80.0, -12.0, 1.5, 1.5))


PERU, PACIFIC = (-86.0, -20.0, -70.0, 0.0), (-140.0, -40.0, -70.0, 33.0)


def problem(
    cell_deg: float, step_h: float, assets: tuple[tuple[str, float, float, int, bool], ...], box: tuple[float, ...] = PERU, off_nm: float = 210.0
) -> Problem:
    """Ships of these bases over ten days: big ones stay out, small ones five days at most, then a day in port."""
    text = f"""
format = "plan/1"
realm = "ex:benchmark"
seed = 1
[horizon]
start = 2027-11-04T00:00:00Z
days = 10
step_h = {step_h}
[area]
box = {list(box)}
cell_deg = {cell_deg}
off_nm = {off_nm}
least_sea = 0.5
[risk]
act_h = 240.0
"""
    for name, lon, lat, count, big in assets:
        text += f"""
[[assets]]
id = "{name}"
nation = "pe"
kind = "{"ship" if big else "boat"}"
count = {count}
base = [{lon}, {lat}]
speed_kn = {13.0 if big else 15.0}
sweep_day_nm = {20.0 if big else 12.0}
endurance_h = {240.0 if big else 120.0}
rest_h = {0.0 if big else 24.0}
depart_every_h = {0.0 if big else 12.0}
boards = true
"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.toml"
        path.write_text(text, encoding="utf-8")
        return problem_of(read_plan(path))


def made_up(p: Problem, seed: int) -> NDArray[np.float64]:
    """Risk of cells, adding up to 1: four clusters, a band along the 200 mile line, and chance."""
    rng = np.random.default_rng(seed)
    lon, lat = p.cells.lon_deg, p.cells.lat_deg
    risk = sum((w * np.exp(-((lon - x) ** 2 + (lat - y) ** 2) / (2 * s * s)) for x, y, s, w in CLUSTERS), np.zeros(len(lon)))
    risk += 1.5 * np.exp(-(((shore_m(lon, lat) / 1852.0 - 195.0) / 25.0) ** 2))
    risk *= rng.gamma(2.0, 0.5, len(lon))
    return risk / risk.sum()


def nearest_first(f: Fleet, weight: NDArray[np.float64]) -> list[Route]:
    """Each asset goes to the nearest cell nobody has looked into yet, the most risk first among equals, and home in time."""
    looked: set[int] = set()
    return [_walk(f, k, lambda cells, here: min(cells, key=lambda j: (j in looked, j == here, -weight[j])), looked) for k in f.member]


def random_patrol(f: Fleet, seed: int) -> list[Route]:
    """Each asset goes anywhere it can be home from."""
    rng = np.random.default_rng(seed)
    return [_walk(f, k, lambda cells, _here: int(rng.choice(cells)), set()) for k in f.member]


def _walk(f: Fleet, group: int, choose: Any, looked: set[int]) -> Route:
    x, n = f.groups[group].lattice, f.groups[group].lattice.cells
    path = np.full(x.steps + 1, -1, np.int32)
    t, here, age = 0, n, 0
    path[0] = n
    while t < x.steps:
        if here == n:
            near = [j for j in range(n) if t + 2 * x.home[j] <= x.steps and 2 * x.home[j] <= x.sortie]
            if not near or not x.departs[t]:
                t += 1
                path[t] = n
                continue
            least = min(int(x.home[j]) for j in near)
            here = choose([j for j in near if x.home[j] == least], here)
            t, age = t + int(x.home[here]), int(x.home[here])
        else:
            cells = [int(j) for j in x.to[x.first[here] : x.first[here + 1]] if age + 1 + x.home[j] <= x.sortie and t + 1 + x.home[j] <= x.steps]
            if cells:
                here, t, age = choose(cells, here), t + 1, age + 1
            else:
                back = t + int(x.home[here])
                t, here, age = min(back + x.rest, x.steps), n, 0
                path[back : t + 1] = n
        path[t] = here
        if here < n:
            looked.add(here)
    return path


def case(size: str, seed: int, rounds: int, mixture_rounds: int) -> dict[str, Any]:
    """One case: all figures of one seed at one size."""
    p = problem(*SIZES[size], EIGHT)
    f, weight = p.fleet, made_up(p, seed)
    row: dict[str, Any] = {"size": size, "seed": seed, "cells": len(p.cells), "z": float(max(g.lattice.cover.max() for g in f.groups))}

    def timed(name: str, work: Any) -> Any:
        began, busy = time.perf_counter(), time.process_time()
        done = work()
        row[f"{name}_s"], row[f"{name}_cpu_s"] = time.perf_counter() - began, time.process_time() - busy
        return done

    first = timed("first", lambda: plan_routes(f, weight, seed, Effort(40, 30), 0.2 * weight))
    bound = timed("bound", lambda: plan_bound(f, weight, f.by_group(first.paths), 1e-3, 400))
    plan = timed("plan", lambda: plan_routes(f, weight, seed, Effort(40, rounds), bound.price))
    row |= {"first": first.value, "bound": bound.value, "plan": plan.value, "gap": 1 - plan.value / bound.value}
    linear = [best_route(f.groups[k].lattice, weight, f.groups[k].start)[1] for k in f.member]
    for name, paths in (("linear", linear), ("nearest", nearest_first(f, weight)), ("random", random_patrol(f, seed))):
        row[name] = found(weight, f.covers(paths).sum(axis=0))
    worth = 1 + 9 * weight / weight.max()
    mixture = timed("mixture", lambda: mix_plans(f, worth, seed, mixture_rounds, [plan]))
    floor = timed("floor", lambda: risk_floor(f, worth, mixture.routes(f)))
    row |= {"no_patrol": float(worth.max()), "known_plan": float((worth * np.exp(-plan.cover)).max()), "risk": mixture.risk, "floor": floor.value,
            "ratio": mixture.risk / floor.value, "plans": len(mixture.plans)}  # fmt: skip
    return row


def _respond(p: Problem, weight: NDArray[np.float64], seed: int, targets: int = 1) -> tuple[float, float]:
    """Time to answer an alert on the third day, and that of the processor: the second answer, as the first compiles."""
    routes = plan_routes(p.fleet, weight, seed, Effort(24, 2), 0.2 * weight)
    legs = legs_of(p, routes, weight)
    wanted = [Target(f"t{k}", 71.5, (-80.0 - 0.6 * k, -11.0 + k), 1.0, 9.0, 210.0, 14.0, 6.0) for k in range(targets)]
    took = []
    for _ in range(2):
        began, busy = time.perf_counter(), time.process_time()
        respond(p, routes.paths, legs, weight, wanted, 72.0, 24.0, seed)
        took.append((time.perf_counter() - began, time.process_time() - busy))
    return took[-1]


def answers() -> dict[str, Any]:
    """The time to answer an alert: eight ships, and thirty assets for one and for three targets."""
    told = []
    for size, assets, targets, seeds in (("1", EIGHT, 1, 3), ("0.5", EIGHT, 1, 3), ("0.5", THIRTY, 1, 1), ("0.5", THIRTY, 3, 1)):
        p = problem(*SIZES[size], assets)
        times = [_respond(p, made_up(p, seed), seed, targets) for seed in range(seeds)]
        told.append({"assets": len(p.assets), "cells": len(p.cells), "targets": targets, "s": [t for t, _ in times], "cpu_s": [t for _, t in times]})
    return {"size": "answers", "seed": 0, "told": told}


def grown() -> dict[str, Any]:
    """A hundred assets and some five thousand cells of the eastern Pacific: what it costs."""
    bases = (*EIGHT, ("San-Diego", -117.27, 32.65, 1, True), ("Balboa", -79.55, 8.85, 1, True), ("Valparaiso", -71.65, -33.02, 1, True))
    row: dict[str, Any] = {"size": "grown", "seed": 0}
    began = time.perf_counter()
    p = problem(1.0, 6.0, tuple((n, x, y, 16 if k < 2 else 14 if k < 4 else 13, b) for k, (n, x, y, _, b) in enumerate(bases)), PACIFIC, 5_000.0)
    row |= {"cells": len(p.cells), "assets": len(p.assets), "problem_s": time.perf_counter() - began}
    weight = np.random.default_rng(0).gamma(0.5, 1.0, p.fleet.pots)
    weight /= weight.sum()
    began = time.perf_counter()
    plan = plan_routes(p.fleet, weight, 0, Effort(24, 1_000))
    row |= {"plan_s": time.perf_counter() - began, "plan": plan.value}
    began = time.perf_counter()
    bound = plan_bound(p.fleet, weight, p.fleet.by_group(plan.paths), 1e-2, 120)
    return row | {"bound_s": time.perf_counter() - began, "bound": bound.value, "gap": 1 - plan.value / bound.value}


def main() -> None:
    """Run the cases that are not yet kept, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2_000, help="times that assets are sent anew (default: %(default)s)")
    parser.add_argument("--mixture-rounds", type=int, default=1_320, help="answers to the adversary (default: %(default)s)")
    parser.add_argument("--only", choices=("1", "0.5", "answers", "grown"), help="these cases alone")
    parser.add_argument("--quick", action="store_true", help="one seed that is not of the page, cells of 1 degree, few rounds; writes nothing")
    args = parser.parse_args()
    if args.quick:
        print(json.dumps(case("1", 100, 300, 240), indent=1))
        return
    code = hashlib.sha256(b"".join(p.read_bytes() for p in sorted((ROOT / "src" / "seaward" / "patrol").glob("*.py")))).hexdigest()[:16]
    KEPT.parent.mkdir(exist_ok=True)
    done = {(r["size"], r["seed"]) for r in kept_rows(KEPT) if r["code"] == code}
    wanted = [(size, seed) for seed in range(args.seeds) for size in SIZES] + [("answers", 0), ("grown", 0)]
    special = {"answers": answers, "grown": grown}
    for size, seed in wanted:
        if (size, seed) in done or args.only not in (None, size):
            continue
        row = special[size]() if size in special else case(size, seed, args.rounds, args.mixture_rounds)
        row |= {"code": code, "commit": commit()}
        with KEPT.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)
    write_page()


if __name__ == "__main__":
    main()
