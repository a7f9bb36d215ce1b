"""A visit list becomes a folder: who checks which contact when, what is left out and why, and what no plan can exceed; the files of a plan.

One page: how the rooms join. A plan is shown only after `patrol.verify` and `patrol.verify_visits` have found nothing broken in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

from seaward import __version__
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.core.tables import PLAN
from seaward.logbook.book import answered
from seaward.logbook.open_contacts import OfNode, open_contacts, toml_of
from seaward.patrol.read_visits import VisitList, read_visits
from seaward.patrol.tour_bound import tour_bound
from seaward.patrol.tour_reloads import ASKED, vrp_sorties
from seaward.patrol.tours import Share, Tours, plan_tours
from seaward.patrol.verify_visits import verify_visits
from seaward.patrol.visit_plan import LeftOut, Task, as_sailed, by_asset, chart_of, left_out, task_of, visit_legs, why_not_there
from seaward.patrol.voyage import Leg
from seaward.planning import Tell, check, for_nation, legs_told, names_of, plan_geojson, plan_table
from seaward.report.plan_page import render_plan
from seaward.store.outputs import Folder

EVERY = OfNode()
MOST_FOR_BOUND = 120  # contacts; the proof takes minutes beyond


def visits_to_folder(
    path: Path, out: Path, language: str, tell: Tell = lambda _stage, _share: None, share: Share | None = None, node: Path | None = None,
    of_node: OfNode = EVERY, engine: str = "own",
) -> dict[str, Any]:  # fmt: skip
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
    node, of_node
        Folder of a node, running or not, and which of its open alerts are to be checked beside the contacts of the file; visits.toml then holds the
        whole list.
    engine
        `own`: sorties of an asset share its time evenly, with a bound; `pyvrp`: each sortie begins and ends whenever that is best.

    Returns
    -------
    What plan.json holds.

    Raises
    ------
    PlanError, InputError, RealmError, OutputError
    """
    tell("plan.read", 0.0)
    more, from_node = ("", None) if node is None else _of_node(path, node, of_node)
    asked = read_visits(path, more)
    task = task_of(asked)
    tell("plan.search", 0.2)
    rounds = asked.search["rounds"]
    if engine == "pyvrp":
        task, tours, out_of = _with_reloads(asked, task, rounds, share)
    else:
        tours = plan_tours(task.visits, asked.asked.seed, share or (lambda done: done / rounds))
        out_of = left_out(task, tours)
    if len(out_of) == len(task.contacts):
        raise InputError("\n".join([render("visits.nobody", {}, language), *(why_said(asdict(o), language) for o in out_of[:20])]))
    tell("plan.check", 0.8)
    legs = visit_legs(task, tours)
    _refuse_broken(asked, task, legs)
    raw = path.read_bytes() + more.encode()
    made = _made(raw, asked, task, tours, legs, out_of, engine)
    made["summary"]["from_node"] = from_node
    _write(out, task, made, legs, language, None if node is None else raw.decode("utf-8-sig"))
    return made


def _with_reloads(asked: VisitList, task: Task, rounds: int, share: Share | None) -> tuple[Task, Tours, list[LeftOut]]:
    """Sorties by PyVRP, as vehicles of their own; `share` ends each of the times it is asked at its part of the budget."""
    whole, rest, out = by_asset(task, asked)
    asking = iter(range(1, ASKED + 1))

    def stop() -> Callable[..., bool]:
        k, begun = next(asking), count()
        return lambda *_: share(next(begun)) * ASKED >= k if share is not None else next(begun) * ASKED >= rounds

    sorties = vrp_sorties(whole.visits, rest, out, asked.asked.seed, stop)
    found = Tours(tuple(tuple(x for trip in own for x in trip) for own in sorties.trips), sorties.prize, sorties.rounds)
    out_of = left_out(whole, found)
    if len(out_of) == len(task.contacts):
        return whole, found, out_of
    return (*as_sailed(whole, sorties, rest, out), out_of)


def _of_node(path: Path, node: Path, of: OfNode) -> tuple[str, dict[str, int]]:
    """Tables of the contacts that a node has open, and how many it gave, or did not and why."""
    asked = read_visits(path, is_whole=False, takes_more=True)
    grid, named = chart_of(asked), frozenset(c.id for c in asked.contacts)
    start, realm = asked.asked.start, asked.asked.realm
    contacts = answered(node, realm, lambda book: open_contacts(book, of, start, lambda place: why_not_there(grid, place), named))
    counts = {"taken": len(contacts.found)} | {why: contacts.left.get(why, 0) for why in ("no_place", "outside", "on_land", "named")}
    if not contacts.found and not asked.contacts:
        raise InputError(f"{node} has no open alert that fits; ask for more states, priorities, kinds or a greater age, or add [[contacts]]")
    return toml_of(contacts, of), counts


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


def _made(raw: bytes, asked: VisitList, task: Task, tours: Tours, legs: list[Leg], out_of: list[LeftOut], engine: str) -> dict[str, Any]:
    a, problem = asked.asked, task.problem
    asked_sha = hashlib.sha256(raw).hexdigest()
    steps = asked.search["bound_steps"]
    bound = tour_bound(task.visits, steps).value if steps and len(task.contacts) <= MOST_FOR_BOUND and engine == "own" else None
    visited = sum(len(t) for t in tours.nodes)
    told = legs_told(problem, legs)
    summary = {
        "visited": visited, "contacts": len(task.contacts), "prize": tours.prize, "prize_of_all": sum(c.prize for c in task.contacts),
        "prize_at_most": bound, "gap": None if bound is None else max(0.0, 1 - tours.prize / bound) if bound > 0 else 0.0,
        "rounds": tours.rounds, "engine": engine,
    }  # fmt: skip
    return {
        "realm": a.realm, "plan_id": hashlib.sha256(f"{a.realm}\x1f{asked_sha}\x1f{tours.nodes}".encode()).hexdigest()[:32],
        "seaward": __version__, "kind": "visits", "title": a.title or a.name, "asked_sha256": asked_sha,
        "start": problem.at(0.0).strftime("%Y-%m-%dT%H:%M:%SZ"), "end": problem.at(problem.hours).strftime("%Y-%m-%dT%H:%M:%SZ"), "summary": summary,
        "assets": [{"id": x.id, "nation": x.nation, "kind": x.kind, "shows": dict(x.shows)} for x in a.assets], "legs": told,
        "left_out": [asdict(o) for o in out_of], "risk": [], "paths": {}, "broken": [],
    }  # fmt: skip


def _write(out: Path, task: Task, made: dict[str, Any], legs: list[Leg], language: str, whole: str | None) -> None:
    names = names_of(made["realm"], "plan.parquet")
    before = names["plan"].removesuffix("plan.parquet")
    with Folder(out, made["realm"], names) as folder:
        folder.add(PLAN, plan_table(task.problem, made["plan_id"], legs))
        folder.text(f"{before}plan.json", json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
        folder.text(f"{before}plan.geojson", plan_geojson(made))
        folder.text(f"{before}plan.html", render_plan(made, language))
        if whole is not None:
            folder.text(f"{before}visits.toml", whole)
        for nation in sorted({a["nation"] for a in made["assets"]}):
            folder.text(f"{before}plan.{nation}.json", json.dumps(for_nation(made, nation), ensure_ascii=False, allow_nan=False, indent=1) + "\n")
