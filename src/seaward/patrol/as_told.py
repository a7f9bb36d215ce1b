"""Targets, places, changes and answers of a plan that is sailed -> ready for JSON, and back. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from seaward.patrol.now import Change, Spot
from seaward.patrol.problem import Problem
from seaward.patrol.targets import Target


def z_of(at: datetime) -> str:
    """A moment to the second, as plan.json has them."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def target_of(problem: Problem, t: Mapping[str, Any]) -> Target:
    """A target by the keys of an alert file."""
    fastest_kn = max(t["max_kn"], t["sog_kn"] or 0.0)
    return Target(t["id"], problem.hour(t["at"]), t["place"], t["error_nm"], t["sog_kn"], t["cog_deg"], fastest_kn, t["turns_h"], t["worth"])


def target_told(problem: Problem, t: Target, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A target, with the alert that it is of and by what its place is known."""
    told = asdict(t) | {"at": z_of(problem.at(t.fix_h)), "place": [*t.place], "alert_id": wanted.get("alert_id"), "by": wanted.get("by", "given")}
    del told["fix_h"]
    return told


def spot_told(problem: Problem, s: Spot) -> dict[str, Any]:
    """Where an asset is; `is_taken`: its place is that of the picture, not of the plan."""
    return {
        "asset": s.asset, "source": s.source, "lon_deg": round(s.place[0], 5), "lat_deg": round(s.place[1], 5),
        "planned_lon_deg": round(s.planned[0], 5), "planned_lat_deg": round(s.planned[1], 5), "off_nm": s.off_nm, "task": s.task, "leg": s.leg,
        "heard_at": None if s.heard_h is None else z_of(problem.at(s.heard_h)), "is_taken": s.is_elsewhere,
    }  # fmt: skip


def change_told(problem: Problem, c: Change) -> dict[str, Any]:
    """What changes for an asset."""
    times = {name: None if h is None else z_of(problem.at(h)) for name, h in (("home_at", c.home_h), ("home_before_at", c.home_before_h))}
    return {
        "asset": c.asset, "nation": c.nation, "is_changed": c.is_changed, "sent_to": [*c.sent_to], "freed_from": [*c.freed_from],
        "searches": c.searches, "searches_before": c.searches_before, **times,
    }  # fmt: skip


def revision_of(made: Mapping[str, Any], asset: str) -> str:
    """Of the legs of an asset in a plan: another as soon as one is added, gone, elsewhere, at another time or to another end."""
    own = [[leg[k] for k in ("leg", "task", "start", "end", "cell", "target", "way")] for leg in made["legs"] if leg["asset"] == asset]
    return hashlib.sha256(json.dumps(own).encode()).hexdigest()[:16]


def without(answer: Mapping[str, Any], asset: str, target: str) -> dict[str, Any]:
    """An answer without the meeting of an asset, or without who watches for it."""
    kept: list[dict[str, Any]] = []
    gone = set[str]()
    for m in answer["meetings"]:
        if m["target"] == target and (m["asset"] == asset or (m["watcher"] or {}).get("asset") == asset):
            gone.add(target)
        else:
            kept.append(m)
    return {**answer, "meetings": kept, "unmet": [*answer["unmet"], *sorted(gone - set(answer["unmet"]))]}
