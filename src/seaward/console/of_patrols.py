"""The patrol: value and bound, who does what when and why, what is proposed to change it, and what a partner says to it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from seaward.console.page import html
from seaward.console.reading import one_of
from seaward.core.errors import UsageError
from seaward.exchange.shown_plan import shown_plan
from seaward.planning import for_nation
from seaward.sailing import Unsailed
from seaward.server import of_desk, of_exchange, of_patrol
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.roles import OFFICER, may
from seaward.sharing import named

WIDE = 1000.0  # of a timeline, in its own units
_LEVELS = {"port": (11, 4), "transit": (8, 10), "search": (3, 20), "intercept": (0, 26), "track": (0, 26)}  # top and height: told by more than colour


def patrols(floor: Floor, asked: Asked) -> Raw:
    """The view."""
    told: dict[str, Any] = one_of(of_patrol.patrol, floor, asked)
    plan = told["plan"]
    lines = {} if plan is None else {a["id"]: _line(a["legs"], plan) for a in told["assets"]}
    now_x = None if plan is None or not plan["is_begun"] or plan["is_over"] else _x(floor.now(), plan)
    return html("patrols.html", floor, asked, told=told, plan=plan, lines=lines, now_x=now_x, is_officer=may(asked.caller.role, OFFICER),
                middle=None if plan is None else _moment(plan["start"]) + (_moment(plan["end"]) - _moment(plan["start"])) / 2,
                start=None if plan is None else _moment(plan["start"]), end=None if plan is None else _moment(plan["end"]),
                moment=_moment, **_partners(floor, asked, plan))  # fmt: skip


def answers_to(floor: Floor, asked: Asked, alert_id: str) -> list[dict[str, Any]]:
    """Proposals of the plan as it stands that answer an alert, the newest first; those that something newer made void are left out."""
    if floor.node.patrol is None:
        return []
    try:
        found = floor.node.patrol.proposals(floor.now())
    except Unsailed:
        return []
    about = [p for p in found if any(t["alert_id"] == alert_id for t in p["targets"]) and p["kind"] == "answer"]
    kept = [p for n, p in enumerate(about) if p["state"] in ("proposed", "accepted") or n == 0][:3]
    return [of_patrol.in_words(p, asked.language) for p in kept]


def _line(legs: list[Mapping[str, Any]], plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The bars of one asset."""
    bars = []
    for leg in legs:
        x, end = _x(_moment(leg["start"]), plan), _x(_moment(leg["end"]), plan)
        y, height = _LEVELS[leg["task"]]
        bars.append({"x": f"{x:.1f}", "width": f"{max(1.5, end - x):.1f}", "y": y, "height": height, "task": leg["task"]})
    return bars


def _x(at: datetime, plan: Mapping[str, Any]) -> float:
    start, end = _moment(plan["start"]), _moment(plan["end"])
    return WIDE * (at - start) / (end - start)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _partners(floor: Floor, asked: Asked, plan: Mapping[str, Any] | None) -> dict[str, Any]:
    """With whom it can be agreed, and what they said to it so far."""
    exchange = one_of(of_exchange.exchange, floor, asked)
    partners = [link["partner"] for link in exchange["links"]]
    if plan is None or not exchange["nation"] or floor.node.patrol is None:
        return {"partners": [], "threads": [], "others": [], "ours": None}
    made = floor.node.patrol.standing().made
    nations = sorted({a["nation"] for a in made["assets"]})
    ours = next((n for n in nations if exchange["nation"].startswith(n.upper())), None)
    others = [n for n in nations if n != ours]
    query = {"partner": None, "kind": ["plan"], "over": None}
    threads = of_desk.threads(floor, _with(asked, query)).value["threads"]
    mine = [t | {"is_current": _is_current(t, made, floor.node.realm, others, ours)} for t in threads if t["id"].endswith(made["plan_id"][:16])]
    return {"partners": partners, "threads": mine, "others": others, "ours": ours}


def _is_current(thread: Mapping[str, Any], made: dict[str, Any], realm: str, others: list[str], ours: str | None) -> bool:
    """Whether what the partner was last shown is what it would be shown now."""
    for nation in others:
        with suppress(UsageError):
            _, plan, _ = shown_plan(for_nation(made, nation), realm, nation, ours, None)
            if thread["body"] is not None and named(plan)["legs"] == thread["body"]["legs"]:
                return True
    return False


def _with(asked: Asked, query: dict[str, Any]) -> Asked:
    return Asked(asked.caller, asked.language, asked.path, query, None, "json", None, asked.url, asked.headers)
