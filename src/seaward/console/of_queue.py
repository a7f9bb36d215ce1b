"""The queue: what asks for a decision, the most pressing first, and how much the watch has had to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from seaward.console.page import html
from seaward.console.reading import ago_s, kinds_of, names_of, rows_of
from seaward.console.then import alerts_then
from seaward.core.tables import PRIORITIES
from seaward.server import of_alerts
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.of_events import KINDS
from seaward.server.of_vessels import moved
from seaward.server.route import Param

MOST = 300  # alerts shown at once; the others are counted
WATCH = timedelta(hours=8)
VIEWS = {"open": ["new", "acknowledged"], "mine": ["new", "acknowledged"], "silenced": ["silenced"], "done": ["validated", "dismissed"]}
QUEUE_PARAMS = (
    Param("view", "choice", "which alerts", choices=tuple(VIEWS), otherwise="open"),
    Param("kind", "choice", "kinds of events", many=True, choices=KINDS),
    Param("priority", "choice", "priorities", many=True, choices=PRIORITIES),
    Param("at", "moment", "as they stood at a moment that is over"),
    Param("selected", "name", "the alert that is looked at"),
)


def queue(floor: Floor, asked: Asked) -> Raw:
    """The alerts of one view."""
    q = asked.query
    if q["at"] is None:
        found = rows_of(of_alerts.alerts, of_alerts.ALERTS_PARAMS, floor, asked, state=VIEWS[q["view"]], kind=q["kind"],
                        priority=q["priority"], live=True, limit=10_000)  # fmt: skip
    else:
        found = _then(floor, asked)
    if q["view"] == "mine":
        found = [row for row in found if asked.caller.person in (row["assigned_to"], row["answered_by"])]
    found.sort(key=lambda row: (row["state"] != "new", PRIORITIES.index(row["priority"]), -row["alarmed_at"].timestamp(), row["alert_id"]))
    if q["view"] == "done":
        found.sort(key=lambda row: row["changed_at"], reverse=True)
    page = found[:MOST]
    names = names_of(floor, {v for row in page for v in row["vessel_ids"]}, asked.language)
    return html("queue.html", floor, asked, rows=[_told(floor, row, names, q["at"]) for row in page], more=len(found) - len(page), view=q["view"],
                selected=q["selected"], kinds=kinds_of(asked.language), load=_load(floor, q["at"] or floor.now()), at=q["at"])  # fmt: skip


def _told(floor: Floor, row: dict[str, Any], names: dict[str, str], then: datetime | None) -> dict[str, Any]:
    ago = ago_s(floor, row["alarmed_at"]) if then is None else (then - row["alarmed_at"]).total_seconds()
    return row | {"names": [names.get(v, v) for v in row["vessel_ids"]], "ago_s": ago}


def _then(floor: Floor, asked: Asked) -> list[dict[str, Any]]:
    """As they stood, with what was decided on them until then and nothing later."""
    q = asked.query
    stood = alerts_then(floor, asked, q["at"], VIEWS[q["view"]])
    return [r for r in stood if (q["kind"] is None or r["kind"] in q["kind"]) and (q["priority"] is None or r["priority"] in q["priority"])]


def _load(floor: Floor, now: datetime) -> dict[str, int]:
    """What the last eight hours asked of the watch: raised, decided, and how many of those were so."""
    changes = floor.node.state.alert_changes(since=moved(now, -WATCH), until=now)
    verbs = changes["verb"].to_list()
    return {"raised": verbs.count("raised"), "validated": verbs.count("validated"), "dismissed": verbs.count("dismissed")}
