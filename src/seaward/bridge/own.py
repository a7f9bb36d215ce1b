"""What GPX and CoT have no place for, as attributes of an element of our own: times, speed and tasks of a waypoint, realm and origin of a route."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from seaward.bridge.mistakes import Mistake
from seaward.bridge.route import Route, Waypoint, stamp
from seaward.bridge.rtz_rules import moment
from seaward.core.foreign_text import one_line

NAMESPACE = "urn:seaward:route:1"
TASKS = ("", "transit", "search", "intercept", "track")
MOST_KN = 1_000.0
_DECIMAL = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,15})?([eE]-?[0-9]{1,2})?")


def told_of(w: Waypoint) -> dict[str, str]:
    """What is said of a waypoint beside its name and place."""
    said = {
        "arrive": stamp(w.arrive) if w.arrive else "", "leave": stamp(w.leave) if w.leave else "",
        "speed_kn": "" if w.speed_kn is None else f"{w.speed_kn:.3f}", "task": w.task, "stay": w.stay, "line": "rhumb" if w.rhumb else "",
    }  # fmt: skip
    return {k: v for k, v in said.items() if v}


def told_of_route(route: Route) -> dict[str, str]:
    """What is said of a route beside its name."""
    said = {"realm": route.realm or "", "asset": route.asset, "nation": route.nation, "plan": route.plan_id, "sortie": str(route.sortie)}
    return {k: v for k, v in said.items() if v}


def number(text: str, low: float, high: float) -> float | None:
    """A decimal number within bounds, None for anything else."""
    value = float(text) if _DECIMAL.fullmatch(text.strip()) else None
    return value if value is not None and low <= value <= high else None


def waypoint_of(name: str, lat: str, lon: str, told: Mapping[str, str], line: int, wrong: list[Mistake]) -> Waypoint | None:
    """A waypoint; what is wrong with it is noted."""
    before = len(wrong)
    lat_deg, lon_deg = number(lat, -90.0, 90.0), number(lon, -180.0, 180.0)
    if lat_deg is None or lon_deg is None:
        wrong.append(Mistake(line, "place", {"lat": lat or "-", "lon": lon or "-"}))
    moments = {}
    for key in ("arrive", "leave"):
        moments[key] = moment(told[key]) if told.get(key) else None
        if told.get(key) and moments[key] is None:
            wrong.append(Mistake(line, "moment", {"name": key, "said": told[key]}))
    speed = number(told["speed_kn"], 0.0, MOST_KN) if told.get("speed_kn") else None
    if told.get("speed_kn") and not speed:
        wrong.append(Mistake(line, "speed", {"said": told["speed_kn"]}))
    for key in ("task", "stay"):
        if told.get(key, "") not in TASKS:
            wrong.append(Mistake(line, "task", {"said": told[key], "known": ", ".join(TASKS[1:])}))
    if len(wrong) > before or lat_deg is None or lon_deg is None:
        return None
    turned = (lon_deg + 180.0) % 360.0 - 180.0 if lon_deg == 180.0 else lon_deg
    return Waypoint(
        one_line(name)[:60], turned, lat_deg, moments["arrive"], moments["leave"], speed, told.get("task", ""), told.get("stay", ""),
        told.get("line") == "rhumb",
    )  # fmt: skip


def backwards(points: list[Waypoint], lines: list[int]) -> list[Mistake]:
    """Times that go backwards along a route."""
    known = [(w.name, m, line) for w, line in zip(points, lines, strict=True) for m in (w.arrive, w.leave) if m is not None]
    return [
        Mistake(line, "backwards", {"id": name, "at": stamp(at), "before": earlier, "earlier": stamp(then)})
        for (earlier, then, _), (name, at, line) in pairwise(known)
        if at < then
    ]


def sortie_of(text: str) -> int:
    """Number of a sortie as a file tells it, 1 where it does not."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def origin(told: Mapping[str, str]) -> dict[str, Any]:
    """Asset, nation, plan and sortie of a route as a file tells them."""
    said = {k: one_line(told.get(k, ""))[:60] for k in ("asset", "nation")}
    return said | {"plan_id": one_line(told.get("plan", ""))[:60], "sortie": sortie_of(told.get("sortie", ""))}
