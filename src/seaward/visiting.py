"""A visit list becomes a folder: who checks which contact when, what is left out and why, and what no plan can exceed; the files of a plan.

One page: how the rooms join. A plan is shown only after `patrol.verify` and `patrol.verify_visits` have found nothing broken in it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seaward import __version__
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.core.tables import PLAN
from seaward.patrol.read_visits import VisitList, read_visits
from seaward.patrol.tour_bound import tour_bound
from seaward.patrol.tours import Share, Tours, plan_tours
from seaward.patrol.verify_visits import verify_visits
from seaward.patrol.visit_plan import LeftOut, Task, left_out, task_of, visit_legs
from seaward.patrol.voyage import Leg
from seaward.planning import Tell, check, for_nation, legs_told, names_of, plan_geojson, plan_table
from seaward.report.plan_page import render_plan
from seaward.store.outputs import Folder

MOST_FOR_BOUND = 120  # contacts; the proof takes minutes beyond


def visits_to_folder(path: Path, out: Path, language: str, tell: Tell = lambda _stage, _share: None, share: Share | None = None) -> dict[str, Any]:
    """Plan visits, check, write.

    Parameters
    ----------
    path
        A visit list.
    out
        A folder; plan.json, plan.geojson, plan.parquet, plan.html and plan.<nation>.json are written there, in a drill under its name.
    language
        Of the page, `en` or `es`.
    tell
        Called with a stage and a share of the work.
    share
        Budget of the search, as in `plan_tours`; by default the rounds that the file asks for.

    Returns
    -------
    What plan.json holds.

    Raises
    ------
    PlanError, InputError, RealmError, OutputError
    """
    tell("plan.read", 0.0)
    asked = read_visits(path)
    task = task_of(asked)
    tell("plan.search", 0.2)
    rounds = asked.search["rounds"]
    tours = plan_tours(task.visits, asked.asked.seed, share or (lambda done: done / rounds))
    out_of = left_out(task, tours)
    if len(out_of) == len(task.contacts):
        raise InputError("\n".join([render("visits.nobody", {}, language), *(why_said(asdict(o), language) for o in out_of[:20])]))
    tell("plan.check", 0.8)
    legs = visit_legs(task, tours)
    _refuse_broken(asked, task, legs)
    made = _made(path, asked, task, tours, legs, out_of)
    _write(out, task, made, legs, language)
    return made


def why_said(o: dict[str, Any], language: str) -> str:
    """Why a contact is left out, and the nearest change that would have it checked."""
    return render(f"visits.why.{o['constraint']}", o, language)


def _refuse_broken(asked: VisitList, task: Task, legs: list[Leg]) -> None:
    boarding = [a.id for a in asked.asked.assets if a.boards]
    broken = [*check(task.problem, legs, {k: h for k, h in asked.out_h.items() if h > 0})]
    broken += verify_visits(legs, task.contacts, boarding, asked.asked.start)
    if broken:
        told = "; ".join(f"{b.asset}, leg {b.leg}: {b.rule} ({b.has:g}, limit {b.limit:g})" for b in broken[:5])
        raise AssertionError(f"the plan breaks its own rules and is not shown: {told}")


def _made(path: Path, asked: VisitList, task: Task, tours: Tours, legs: list[Leg], out_of: list[LeftOut]) -> dict[str, Any]:
    a, problem = asked.asked, task.problem
    asked_sha = hashlib.sha256(path.read_bytes()).hexdigest()
    steps = asked.search["bound_steps"]
    bound = tour_bound(task.visits, steps).value if steps and len(task.contacts) <= MOST_FOR_BOUND else None
    visited = sum(len(t) for t in tours.nodes)
    told = legs_told(problem, legs)
    summary = {
        "visited": visited, "contacts": len(task.contacts), "prize": tours.prize, "prize_of_all": sum(c.prize for c in task.contacts),
        "prize_at_most": bound, "gap": None if bound is None else max(0.0, 1 - tours.prize / bound) if bound > 0 else 0.0, "rounds": tours.rounds,
    }  # fmt: skip
    return {
        "realm": a.realm, "plan_id": hashlib.sha256(f"{a.realm}\x1f{asked_sha}\x1f{tours.nodes}".encode()).hexdigest()[:32],
        "seaward": __version__, "kind": "visits", "title": a.title or a.name, "asked_sha256": asked_sha,
        "start": problem.at(0.0).strftime("%Y-%m-%dT%H:%M:%SZ"), "end": problem.at(problem.hours).strftime("%Y-%m-%dT%H:%M:%SZ"), "summary": summary,
        "assets": [{"id": x.id, "nation": x.nation, "kind": x.kind, "shows": dict(x.shows)} for x in a.assets], "legs": told,
        "left_out": [asdict(o) for o in out_of], "risk": [], "paths": {}, "broken": [],
    }  # fmt: skip


def _write(out: Path, task: Task, made: dict[str, Any], legs: list[Leg], language: str) -> None:
    names = names_of(made["realm"], "plan.parquet")
    before = names["plan"].removesuffix("plan.parquet")
    with Folder(out, made["realm"], names) as folder:
        folder.add(PLAN, plan_table(task.problem, made["plan_id"], legs))
        folder.text(f"{before}plan.json", json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
        folder.text(f"{before}plan.geojson", plan_geojson(made))
        folder.text(f"{before}plan.html", render_plan(made, language))
        for nation in sorted({a["nation"] for a in made["assets"]}):
            folder.text(f"{before}plan.{nation}.json", json.dumps(for_nation(made, nation), ensure_ascii=False, allow_nan=False, indent=1) + "\n")
