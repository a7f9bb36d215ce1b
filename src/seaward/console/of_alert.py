"""One alert: what it says and why, what was done with it and by whom, who else was told, and what may be done now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seaward.alerts.life import DISMISSALS
from seaward.console.of_patrols import answers_to
from seaward.console.page import html
from seaward.console.reading import ago_s, names_of, one_of, people_of
from seaward.core.catalogue import render
from seaward.server import of_alerts, of_events, of_exchange
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.partner_view import told_by
from seaward.server.roles import OFFICER, may

_MOST_EVENTS = 20


def alert(floor: Floor, asked: Asked) -> Raw:
    """The card of an alert."""
    told = one_of(of_alerts.alert, floor, asked)
    row: dict[str, Any] = told["alert"]
    state = floor.node.state
    events = state.latest_events(event_ids=[m["event_id"] for m in row["members"][:_MOST_EVENTS]])
    rows = [e | {"words": of_events.in_words(e["reasons"], asked.language), "told": state.who_was_told(e["event_id"]).to_dicts(),
                 "told_by": told_by(floor, e["event_id"])}
            for e in events.iter_rows(named=True)]  # fmt: skip
    names = names_of(floor, row["vessel_ids"], asked.language)
    return html(
        "alert.html", floor, asked, row=row, changes=told["changes"], verbs=told["verbs"] if may(asked.caller.role, OFFICER) else [], events=rows,
        more=max(0, len(row["members"]) - _MOST_EVENTS),
        vessels=[(v, names.get(v, v)) for v in row["vessel_ids"]], ago_s=ago_s(floor, row["alarmed_at"]),
        proposals=answers_to(floor, asked, row["alert_id"]), is_officer=may(asked.caller.role, OFFICER), moment=datetime.fromisoformat,
        can_answer=floor.node.patrol is not None and row["mark"] is None and may(asked.caller.role, OFFICER),
        dismissals=[(d, render(f"alert.dismissal.{d}", {}, asked.language)) for d in DISMISSALS], people=people_of(floor),
        partners=[link["partner"] for link in of_exchange.exchange(floor, asked).value["links"]],
    )  # fmt: skip
