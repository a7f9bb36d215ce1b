"""A plan that is being sailed, and an alert -> the plan as it goes on; and plan.json read back. One page: how the rooms join.

As in `planning`, nothing is shown in which `patrol.verify` has found anything broken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seaward.core.errors import InputError
from seaward.patrol.looked import acts_met
from seaward.patrol.problem import Problem
from seaward.patrol.read_alert import Alert, read_alert
from seaward.patrol.respond import Answer, respond
from seaward.patrol.risk import Risk
from seaward.patrol.voyage import Leg
from seaward.planning import Seen, at_hours, check, legs_told, names_of, ready, refuse_broken, write_plan


def answer_to_folder(path: Path, folder: Path, alert_path: Path, out: Path, language: str) -> dict[str, Any]:
    """Answer an alert with a plan that is being sailed.

    Parameters
    ----------
    path
        The plan file.
    folder
        What `plan_to_folder`, or an earlier answer, wrote.
    alert_path
        An alert file.
    out
        A folder for the plan as it goes on, as `plan_to_folder` writes it.
    language
        Of the page.

    Returns
    -------
    What plan.json holds, with `answer`.
    """
    asked, problem, risk = ready(path, language)
    before = names_of(asked.realm, "plan.json")["plan"]
    made, legs = answered(problem, risk, sailed(folder / before, path), read_alert(alert_path, problem))
    write_plan(out, problem, made, legs, risk, language)
    return made


def answered(problem: Problem, risk: Risk, made: dict[str, Any], alert: Alert) -> tuple[dict[str, Any], Sequence[Leg]]:
    """A plan as it goes on once an alert is answered, and its legs; `made` is what plan.json of the plan that is sailed holds."""
    paths = [np.array(made["paths"][a.id], np.int32) for a in problem.assets]
    seen = made.get("seen", []) + [{"asset": a, "at": at_hours(problem, alert.now_h), "place": [*h.place]}
                                   for a, h in alert.held.items() if h.place and not h.out]  # fmt: skip
    answer = _answer(problem, risk, paths, legs_made(problem, made), alert, seen_of(problem, {"seen": seen}))
    return made | {
        "seen": seen, **as_changed(problem, risk, made, answer.legs), "answer": answer_told(problem, alert, answer),
        "paths": {a.id: p.tolist() for a, p in zip(problem.assets, answer.paths, strict=True)},
    }, answer.legs  # fmt: skip


def _answer(problem: Problem, risk: Risk, paths: Sequence[NDArray[np.int32]], legs: Sequence[Leg], alert: Alert, seen: Sequence[Seen]) -> Answer:
    """The answer, checked; an asset elsewhere than planned that is not sent, and can keep no rule from there, is left to its legs."""
    held = dict(alert.held)
    while True:
        answer = respond(problem, paths, legs, risk.weight, alert.targets, alert.now_h, alert.within_h, alert.seed, held)
        broken = check(problem, answer.legs, seen=seen)
        sent = {problem.assets[m.hunter].id for one in answer.meetings for m in (one, one.watcher) if m}
        lost = [name for name in {b.asset for b in broken} - sent if name in held and held[name].place and not held[name].out]
        if not lost:
            refuse_broken(broken)
            return answer
        held |= {name: replace(held[name], out=True) for name in lost}


def as_changed(problem: Problem, risk: Risk, made: Mapping[str, Any], legs: Sequence[Leg]) -> dict[str, Any]:
    """Legs and summary of a plan that was changed: its value is that of the legs, and no bound is proven for it; `as_planned` keeps what was."""
    was = made["summary"]
    planned = was.get("as_planned") or {k: was.get(k) for k in ("acts_met", "acts_met_at_most", "gap", "strategy")}
    kept = {k: v for k, v in was.items() if k != "strategy"}
    now = {"acts_met": acts_met(problem, risk.weight, legs), "acts_met_at_most": None, "gap": None, "as_planned": planned}
    return {"legs": legs_told(problem, legs), "summary": kept | now}


def legs_made(problem: Problem, made: Mapping[str, Any]) -> list[Leg]:
    """The legs that plan.json holds."""
    return [_leg(problem, told) for told in made["legs"]]


def seen_of(problem: Problem, made: Mapping[str, Any]) -> list[Seen]:
    """Assets that were found elsewhere than planned, as plan.json has them."""
    return [(s["asset"], hours_of(problem, s["at"]), (s["place"][0], s["place"][1])) for s in made.get("seen", [])]


def sailed(path: Path, asked: Path) -> dict[str, Any]:
    """What a plan.json holds; InputError where it was not made from this plan file as it is now."""
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        same = made["asked_sha256"] == hashlib.sha256(asked.read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise InputError(f"{path} cannot be read as a plan ({e}); name the folder that `seaward plan FILE --out DIR` wrote") from e
    if not same:
        raise InputError(f"{path} was made from another version of {asked}; give the plan file it was made from")
    return made


def hours_of(problem: Problem, text: str) -> float:
    """Hours from the beginning of the plan to a moment."""
    return problem.hour(datetime.fromisoformat(text).astimezone(UTC))


def _leg(problem: Problem, told: dict[str, Any]) -> Leg:
    return Leg(
        told["asset"], told["nation"], told["task"], hours_of(problem, told["start"]), hours_of(problem, told["end"]),
        tuple((p[0], p[1]) for p in told["way"]),
        told["speed_kn"], -1 if told["cell"] is None else told["cell"], told["coverage"], told["worth"], told["target"] or "",
    )  # fmt: skip


def answer_told(problem: Problem, alert: Alert, answer: Answer) -> dict[str, Any]:
    """An answer, ready for JSON."""

    def meeting(m: Any) -> dict[str, Any]:
        watcher = None if m.watcher is None else meeting(m.watcher)
        return {
            "target": m.target, "asset": problem.assets[m.hunter].id, "lon_deg": m.place[0], "lat_deg": m.place[1],
            "arrive": at_hours(problem, m.arrive_h), "meet": at_hours(problem, m.meet_h), "until": at_hours(problem, m.until_h),
            "chance": m.chance, "alone": m.alone, "watcher": watcher,
        }  # fmt: skip

    return {
        "now": at_hours(problem, alert.now_h), "meetings": [meeting(m) for m in answer.meetings], "unmet": list(answer.unmet),
        "considered": len(answer.considered), "acts_met_from_now": answer.value, "acts_met_had_nobody_been_sent": answer.before,
    }  # fmt: skip
