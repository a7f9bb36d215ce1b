"""A file that asks for a search becomes a folder: where somebody may be, who searches what, when and by which pattern, and a page.

One page: how the rooms join. As with patrols, nothing is shown that `patrol.verify` finds broken.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from seaward import __version__
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.core.tables import PLAN
from seaward.patrol.read_search import SearchAsked, read_search, read_searched
from seaward.patrol.search import Found, contained_nm2, plan
from seaward.planning import Tell, for_nation, legs_told, names_of, obstacle_said, particulars, plan_geojson, plan_table
from seaward.report.search_page import render_search
from seaward.store.outputs import Folder


def search_to_folder(
    path: Path, out: Path, language: str, searched: Path | None = None, tell: Tell = lambda _stage, _share: None
) -> dict[str, Any]:  # fmt: skip
    """Plan a search, check, write.

    Parameters
    ----------
    path
        A file that asks for a search.
    out
        A folder; plan.json, plan.geojson, plan.parquet, searched.toml, plan.html and plan.<nation>.json are written there, in a drill under its name.
    language
        Of the page, `en` or `es`.
    searched
        A record of what was searched in vain, such as searched.toml of an earlier plan, put right.
    tell
        Called with a stage and a share of the work.

    Returns
    -------
    What plan.json holds: legs as those of a patrol, the pattern of each search with them.

    Raises
    ------
    PlanError, InputError, ParameterError, RealmError, OutputError
    """
    tell("plan.read", 0.0)
    asked = read_search(path)
    done = read_searched(searched, asked) if searched else []
    tell("plan.search", 0.1)
    found = plan(asked, done)
    if not found.problem.assets:
        raise InputError("\n".join([render("plan.nobody", {}, language), *(obstacle_said(o.told(), language) for o in found.problem.obstacles)]))
    tell("plan.check", 0.9)
    raw = path.read_bytes() + (searched.read_bytes() if searched else b"")
    made = _made(asked, found, hashlib.sha256(raw).hexdigest(), len(done))
    names = names_of(asked.realm, "plan.parquet")
    before = names["plan"].removesuffix("plan.parquet")
    with Folder(out, asked.realm, names) as folder:
        folder.add(PLAN, plan_table(found.problem, made["plan_id"], found.legs))
        folder.text(f"{before}plan.json", json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
        folder.text(f"{before}plan.geojson", plan_geojson(made))
        folder.text(f"{before}searched.toml", _record(made))
        folder.text(f"{before}plan.html", render_search(made, language))
        for nation in sorted({a["nation"] for a in made["assets"]}):
            folder.text(f"{before}plan.{nation}.json", json.dumps(for_nation(made, nation), ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    return made


def _at(found: Found, hours: float) -> str:
    return found.problem.at(hours).strftime("%Y-%m-%dT%H:%M:%SZ")


def _made(asked: SearchAsked, found: Found, asked_sha: str, records: int) -> dict[str, Any]:
    problem, cells = found.problem, found.problem.cells
    plan_id = hashlib.sha256(f"{asked.realm}\x1f{asked_sha}\x1f{asked.seed}".encode()).hexdigest()[:32]
    held = found.crowd.held().reshape(problem.epochs, -1)
    legs = legs_told(problem, found.legs)
    for k, sweep in found.sweeps.items():
        legs[k]["pattern"] = {
            "kind": sweep.kind or None, "spacing_nm": sweep.spacing_nm, "track_nm": sweep.track_nm, "sweep_nm": sweep.sweep_nm,
            "csp": [round(v, 5) for v in sweep.csp], "why_not": sweep.why_not or None,
            **_chances(found, k, held),
        }  # fmt: skip
    return {
        "realm": asked.realm, "plan_id": plan_id, "seaward": __version__, "kind": "search", "title": asked.title or asked.name,
        "asked_sha256": asked_sha, "start": _at(found, 0.0), "end": _at(found, problem.hours), "summary": _summary(asked, found, records),
        "assets": [
            {"id": a.id, "nation": a.nation, "kind": a.kind, "shows": dict(a.shows), "particulars": particulars(a, asked.search["sea_state"])}
            for a in asked.assets
        ],
        "legs": legs,
        "risk": [
            {"cell": k, "west": float(cells.west_deg[k]), "south": float(cells.south_deg[k]), "side": cells.cell_deg,
             "acts": float(held[0, k]), "is_known": True}
            for k in range(len(cells))
        ],
        "map": [{"at": _at(found, e * asked.search["map_h"]), "cells": [round(float(p), 6) for p in row]} for e, row in enumerate(held)],
        "broken": [],
    }  # fmt: skip


def _chances(found: Found, k: int, held: np.ndarray) -> dict[str, float]:
    """POC of the sub area while it is searched, POD there, and POS = POC x POD."""
    leg = found.legs[k]
    epochs, cells = found.problem.epochs, len(found.problem.cells)
    share = found.covers[k].reshape(epochs, cells)[:, leg.cell]
    contained = float(held[:, leg.cell] @ share / share.sum()) if share.sum() > 0 else float(held[0, leg.cell])
    success = found.crowd.found(found.covers[k])
    return {"poc": contained, "pod": min(1.0, success / contained) if contained > 0 else 0.0, "pos": success}


def _summary(asked: SearchAsked, found: Found, records: int) -> dict[str, Any]:
    problem, drift = found.problem, found.drift
    steps = range(0, problem.epochs)
    by_way = np.bincount(drift.lost, found.crowd.weight, len(asked.lost))
    datums = []
    for e in steps:
        lon, lat = drift.datum(drift.at(e * asked.search["map_h"]))
        half, most = contained_nm2(found.crowd, problem.cells, e)
        datums.append({"at": _at(found, e * asked.search["map_h"]), "lon_deg": lon, "lat_deg": lat, "half_nm2": half, "ninety_nm2": most})
    end = drift.at(problem.hours)
    return {
        "success": found.success, "success_at_most": found.bound, "gap": 1.0 - found.success / found.bound if found.bound > 0 else 0.0,
        "success_at_will": found.at_will,
        "gap_at_will": 1.0 - found.at_will / found.bound if found.bound > 0 else 0.0,
        "already": found.before, "records": records, "ashore": float(found.crowd.weight[drift.stranded[end]].sum()),
        "ways": [{"id": x.id, "object": x.object, "chance": float(p)} for x, p in zip(asked.lost, by_way, strict=True)],
        "datums": datums, "drifts": len(drift.weight), "cell_deg": problem.cells.cell_deg,
        "obstacles": [o.told() for o in problem.obstacles],
    }  # fmt: skip


def _record(made: dict[str, Any]) -> str:
    """What is planned as a record: put right what was done otherwise, then give it with --searched."""
    told = [
        "# What was planned. Put right what was done otherwise, take out what was not done, then: seaward plan search FILE --searched THIS",
        'format = "searched/1"', f'realm = "{made["realm"]}"', "",
    ]  # fmt: skip
    cells = {c["cell"]: c for c in made["risk"]}
    for leg in made["legs"]:
        if leg["task"] != "search" or leg["coverage"] <= 0:
            continue
        c = cells[leg["cell"]]
        west, east = ((c["west"] + d + 180.0) % 360.0 - 180.0 for d in (0.0, c["side"]))
        told += [
            "[[searched]]", f'asset = "{leg["asset"]}"', f"start = {leg['start']}", f"end = {leg['end']}",
            f"box = [{west:.5f}, {c['south']:.5f}, {east:.5f}, {c['south'] + c['side']:.5f}]", f"coverage = {leg['coverage']:.4f}", "",
        ]  # fmt: skip
    return "\n".join(told)
