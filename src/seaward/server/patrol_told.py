"""A plan that is sailed, places of assets, answers and changes -> sentences, and features for a chart. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from seaward.core.catalogue import render
from seaward.planning import obstacle_said, plan_geojson, value_said
from seaward.report.words import duration, position, spoken
from seaward.server.answers import Feature


def plan_words(made: Mapping[str, Any], language: str) -> list[str]:
    """Value, bound and gap; what it was drawn from; what cooperation gains; who stays in port; what is not known."""
    s = made["summary"]
    said = [value_said(s, language)]
    if "strategy" in s:
        said.append(render("cli.plan.strategy", s["strategy"], language))
    if len(s["alone"]) > 1:
        best = max(a["acts_met"] for a in s["alone"][:-1])
        said.append(render("cli.plan.alone", {"together": s["alone"][-1]["acts_met"], "best": best}, language))
    said += [obstacle_said(o, language) for o in s["obstacles"]] + [render(f"plan.{note}", {}, language) for note in s["notes"]]
    return [spoken(text, language) for text in said]


def leg_words(leg: Mapping[str, Any], made: Mapping[str, Any], language: str) -> list[str]:
    """Why a leg: what would not be met without it, whom it goes to meet."""
    said = []
    if leg["task"] == "search":
        percent = 100 * leg["worth"] / max(made["summary"]["acts_met"], 1e-12)
        said.append(spoken(render("plan.page.why", {"n": leg["worth"], "percent": percent}, language), language))
    if leg["target"]:
        said.append(render("plan.page.for", {"target": leg["target"]}, language))
    return said


def answer_words(answer: Mapping[str, Any], language: str) -> list[str]:
    """Who meets which target, where, when and with what chance; whom nobody can meet; what it costs."""
    said = []
    for m in answer["meetings"]:
        values = {"target": m["target"], "asset": m["asset"], "place": position(m["lon_deg"], m["lat_deg"], language), "meet": _hm(m["meet"]),
                  "until": _hm(m["until"]), "chance": 100 * m["chance"], "alone": 100 * m["alone"]}  # fmt: skip
        w = m["watcher"]
        if w is None:
            said.append(render("patrol.meets", values, language))
        else:
            said.append(render("patrol.handed", values | {"watcher": w["asset"], "found": _hm(w["meet"])}, language))
    said += [render("patrol.unmet", {"target": t}, language) for t in answer["unmet"]]
    said.append(render("plan.page.cost", {"now": answer["acts_met_from_now"], "before": answer["acts_met_had_nobody_been_sent"]}, language))
    return [spoken(text, language) for text in said]


def places_words(places: Sequence[Mapping[str, Any]], now: datetime, language: str) -> list[str]:
    """By what the place of each asset is known."""
    said = []
    for p in places:
        heard = None if p["heard_at"] is None else datetime.fromisoformat(p["heard_at"])
        ago = "-" if heard is None else duration(max(0.0, (now - heard).total_seconds()))
        code = "outside" if p.get("is_out") else "in_port" if p["source"] == "picture" and not p["is_taken"] else p["source"]
        said.append(render(f"patrol.place.{code}", {"asset": p["asset"], "ago": ago, "nm": p["off_nm"] or 0.0}, language))
    return [spoken(text, language) for text in said]


def changed_words(told: Mapping[str, Any], language: str) -> list[str]:
    """Whom a proposal changes, and how."""
    said = []
    if told["kind"] in ("take_out", "postpone", "move"):
        task = render(f"plan.page.task.{told['task']}", {}, language)
        values = {"asset": told["asset"], "task": task, "minutes": told["minutes"], "worth": told["worth"]}
        if told.get("place"):
            values["place"] = position(told["place"][0], told["place"][1], language)
        said.append(render(f"patrol.{told['kind']}", values, language))
    for c in told["changes"]:
        if not c["is_changed"]:
            continue
        parts = [render("patrol.change.to", {"target": t}, language) for t in c["sent_to"]]
        parts += [render("patrol.change.freed", {"target": t}, language) for t in c["freed_from"]]
        if c["searches"] != c["searches_before"]:
            parts.append(render("patrol.change.searches", {"n": c["searches"], "before": c["searches_before"]}, language))
        if c["home_at"] != c["home_before_at"] and c["home_at"] is not None:
            before = "-" if c["home_before_at"] is None else _hm(c["home_before_at"])
            parts.append(render("patrol.change.home", {"at": _hm(c["home_at"]), "before": before}, language))
        parts = parts or [render("patrol.change.other", {}, language)]
        said.append(f"{c['asset']}: {'; '.join(parts)}")
    if not any(c["is_changed"] for c in told["changes"]):
        said.append(render("patrol.change.nobody", {}, language))
    return [spoken(text, language) for text in said]


def features_of(made: Mapping[str, Any], places: Sequence[Mapping[str, Any]], now: str) -> list[Feature]:
    """Legs, meetings and where assets are."""
    found: list[Feature] = json.loads(plan_geojson(dict(made)))["features"]
    for f in found:
        f["id"] = f"{f['properties']['asset']}.{f['properties']['leg']}"
        f["properties"] |= {"what": "leg", "is_sailed": f["properties"]["end"] <= now}
    for m in made.get("answer", {}).get("meetings", []):
        if m["until"] > now:
            found += _meeting(m)
    for p in places:
        geometry = {"type": "Point", "coordinates": [p["lon_deg"], p["lat_deg"]]}
        found.append({"type": "Feature", "id": p["asset"], "geometry": geometry, "properties": {"what": "asset", **p}})
    return found


def proposal_features(told: Mapping[str, Any], made: Mapping[str, Any]) -> list[Feature]:
    """Legs, from its moment on, of those whom a proposal changes; and the meetings."""
    changed = {c["asset"] for c in told["changes"] if c["is_changed"]}
    legs = [leg for leg in made["legs"] if leg["asset"] in changed and leg["end"] > told["at"]]
    found = features_of({**made, "legs": legs, "answer": {}}, (), told["at"])
    return found + [f for m in told.get("answer", {}).get("meetings", []) for f in _meeting(m)]


def _meeting(m: Mapping[str, Any]) -> list[Feature]:
    properties = {"what": "meeting", "target": m["target"], "asset": m["asset"], "meet": m["meet"], "chance": m["chance"]}
    geometry = {"type": "Point", "coordinates": [round(m["lon_deg"], 5), round(m["lat_deg"], 5)]}
    return [{"type": "Feature", "id": f"{m['target']}.{m['asset']}", "geometry": geometry, "properties": properties}]


def _hm(text: str) -> str:
    """A moment of plan.json, short."""
    return f"{text[11:16]}Z"
