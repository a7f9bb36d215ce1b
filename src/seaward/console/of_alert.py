"""One alert: what it says and why, what was done with it and by whom, who else was told, and what may be done now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from seaward.alerts.life import DISMISSALS
from seaward.console.of_patrols import answers_to
from seaward.console.page import html
from seaward.console.reading import ago_s, by_then, names_of, one_of, people_of
from seaward.console.then import alerts_then
from seaward.core.catalogue import render
from seaward.server import of_alerts, of_events, of_exchange
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.partner_view import told_by
from seaward.server.problems import Problem
from seaward.server.roles import OFFICER, may
from seaward.server.route import Param

_MOST_EVENTS = 20
ALERT_PARAMS = (Param("at", "moment", "as it stood at a moment that is over"),)


def alert(floor: Floor, asked: Asked) -> Raw:
    """The card of an alert."""
    at = asked.query["at"]
    told = one_of(of_alerts.alert, floor, asked) if at is None else _then(floor, asked)
    row: dict[str, Any] = told["alert"]
    state, decides = floor.node.state, at is None and may(asked.caller.role, OFFICER)
    events = _events(floor, [m["event_id"] for m in row["members"][:_MOST_EVENTS]], at)
    rows = [e | {"words": of_events.in_words(e["reasons"], asked.language), "told": by_then(state.who_was_told(e["event_id"]).to_dicts(), "at", at),
                 "told_by": by_then(told_by(floor, e["event_id"]), "received_at", at)} for e in events]  # fmt: skip
    names = names_of(floor, row["vessel_ids"], asked.language)
    return html(
        "alert.html", floor, asked, row=row, changes=told["changes"], at=at, verbs=told["verbs"] if decides else [], events=rows,
        more=max(0, len(row["members"]) - _MOST_EVENTS),
        vessels=[(v, names.get(v, v)) for v in row["vessel_ids"]],
        ago_s=ago_s(floor, row["alarmed_at"]) if at is None else (at - row["alarmed_at"]).total_seconds(),
        proposals=answers_to(floor, asked, row["alert_id"]) if at is None else [], is_officer=decides, moment=datetime.fromisoformat,
        can_answer=floor.node.patrol is not None and row["mark"] is None and decides,
        dismissals=[(d, render(f"alert.dismissal.{d}", {}, asked.language)) for d in DISMISSALS], people=people_of(floor),
        partners=[link["partner"] for link in of_exchange.exchange(floor, asked).value["links"]],
    )  # fmt: skip


def _events(floor: Floor, names: list[str], at: datetime | None) -> list[dict[str, Any]]:
    """The last version of each, or the last that had been published by then."""
    state = floor.node.state
    if at is None:
        return [*state.latest_events(event_ids=names).iter_rows(named=True)]
    known = [state.event_versions(name).filter(pl.col("published_at") <= at).tail(1) for name in names]
    return [row for found in known for row in found.iter_rows(named=True)]


def _then(floor: Floor, asked: Asked) -> dict[str, Any]:
    """The alert as it stood, with what had been done with it."""
    at, name = asked.query["at"], asked.path["alert_id"]
    stood = alerts_then(floor, asked, at, alert_id=name)
    if not stood:
        raise Problem("not_found", what=name[:60])
    changes = [c for c in floor.node.state.alert_changes(alert_id=name).iter_rows(named=True) if c["at"] <= at]
    return {"alert": stood[0], "changes": changes}
