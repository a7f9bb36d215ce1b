"""One event, whether or not it raised an alert: what it says and why, what the rules made of it, who was told; now or as it stood."""

from __future__ import annotations

from typing import Any

import polars as pl

from seaward.console.page import html
from seaward.console.reading import by_then, names_of, one_of
from seaward.core.catalogue import render
from seaward.server import of_events
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.problems import Problem
from seaward.server.route import Param

EVENT_PARAMS = (Param("at", "moment", "as it had been published by a moment that is over"),)


def event(floor: Floor, asked: Asked) -> Raw:
    """The card of an event."""
    at, name = asked.query["at"], asked.path["event_id"]
    told: dict[str, Any] = one_of(of_events.event, floor, asked)
    versions = [v for v in told["versions"] if at is None or v["published_at"] <= at]
    if not versions:
        raise Problem("not_found", what=name[:60])
    last = versions[-1]
    evidence = floor.node.state.event_versions(name).filter(pl.col("version") == last["version"])["evidence"].to_list()[0]
    row = last | {"evidence": evidence, "told": by_then(told["told"], "at", at), "told_by": by_then(told["told_by"], "received_at", at)}
    verdict = told["verdict"]
    if verdict is not None and at is not None and verdict["at"] > at:
        verdict = None
    names = names_of(floor, last["vessel_ids"], asked.language)
    alerts = [a for a in floor.node.state.alerts(event_ids=[name]).iter_rows(named=True) if at is None or a["raised_at"] <= at]
    return html(
        "event.html", floor, asked, e=row, at=at, first_at=versions[0]["published_at"], alerts=alerts,
        rule=None if verdict is None else verdict["rule"],
        verdict=None if verdict is None else render(f"alert.verdict.{verdict['verdict']}", {}, asked.language),
        vessels=[(v, names.get(v, v)) for v in last["vessel_ids"]],
    )  # fmt: skip
