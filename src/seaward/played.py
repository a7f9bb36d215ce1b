"""A floor of a drill -> what its people did, by the clock of the exercise: alerts they decided, what partners were told, units they sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import polars as pl

from seaward.alerts.alert import WATCH
from seaward.core.tables import DEEDS
from seaward.node.clock import moment
from seaward.node.node import Node
from seaward.sailing import Unsailed
from seaward.store.kept_talk import Talk

Shown = Callable[[datetime], datetime]  # a moment of the wall clock, by which links go -> of the exercise
_VERBS = ("raised", "acknowledged", "validated", "dismissed")
_OF_EVENT = ("event_id", "kind", "vessel_ids", "start_at", "end_at", "lon_deg", "lat_deg")


def deeds_of(node: Node, cell: str, shown: Shown) -> pl.DataFrame:
    """DEEDS of one floor, the first one first.

    Parameters
    ----------
    node
        Of the floor.
    cell
        That it is in the scenario.
    shown
        What the clock of the exercise showed at a moment of the wall clock.
    """
    found = [*_decided(node), *_told(node, shown), *_planned(node), *_said(node, shown)]
    empty: dict[str, Any] = dict.fromkeys(DEEDS.schema) | {"realm": node.realm, "cell": cell, "vessel_ids": []}
    return pl.DataFrame([empty | row for row in found], schema=DEEDS.schema).sort("at", "deed", "event_id")


def _decided(node: Node) -> Iterator[dict[str, Any]]:
    """Alerts, and what people made of them."""
    for row in node.state.alert_changes().iter_rows(named=True):
        who = None if row["who"] == WATCH else row["who"]
        if row["verb"] in _VERBS and (who is None) == (row["verb"] == "raised"):
            yield {"at": row["at"], "deed": row["verb"], "who": who} | _about(node, row["alert_id"])


def _told(node: Node, shown: Shown) -> Iterator[dict[str, Any]]:
    """Which partner got what, the first time, by whichever rule or hand."""
    exchange, seen = node.status()["exchange"], set[tuple[str, str]]()
    partners = set() if exchange is None else {link["partner"] for link in exchange["links"]}
    for row in node.state.everyone_told().iter_rows(named=True):
        if row["whom"] in partners and (row["event_id"], row["whom"]) not in seen:
            seen.add((row["event_id"], row["whom"]))
            yield {"at": shown(row["at"]), "deed": "shared", "partner": row["whom"]} | _event(node, row["event_id"])


def _planned(node: Node) -> Iterator[dict[str, Any]]:
    """Answers of the patrol that were accepted."""
    try:
        proposals = [] if node.patrol is None else node.patrol.proposals(moment(node.clock.now_us()))
    except Unsailed:
        return
    for proposal in proposals:
        if proposal["accepted"] is not None and proposal["kind"] == "answer":
            for target in proposal["targets"]:
                if target["alert_id"] is not None:
                    at = datetime.fromisoformat(proposal["accepted"]["at"])
                    yield {"at": at, "deed": "tasked", "who": proposal["accepted"]["by"]} | _about(node, target["alert_id"])


def _said(node: Node, shown: Shown) -> Iterator[dict[str, Any]]:
    """Units asked of a partner, unless it declined, or sent for one; and requests answered."""
    for partner in node.state.talked_with():
        lines, _ = node.state.talk(partner)
        tasks = {line.id: json.loads(line.body) for line in lines if line.kind == "task" and line.body}
        replies = [json.loads(line.body) for line in lines if line.kind == "task_reply" and line.body and not line.is_ours]
        declined = {reply["task_id"] for reply in replies if reply["state"] == "declined"}
        for line in lines:
            if line.is_ours and line.body and not (line.kind == "task" and line.id in declined) and (deed := _deed(line, tasks)) is not None:
                yield {"at": shown(line.at), "who": line.who, "partner": partner} | deed


def _deed(line: Talk, tasks: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    body = json.loads(line.body or "{}")
    if line.kind == "answer":
        return {"deed": "answered"}
    if line.kind == "task_reply":
        task = tasks.get(body["task_id"])
        return None if task is None or body["state"] != "accepted" else {"deed": "tasked"} | _place(task)
    return {"deed": "tasked"} | _place(body) if line.kind == "task" else None


def _place(body: dict[str, Any]) -> dict[str, Any]:
    lon, lat = body["lon_udeg"], body["lat_udeg"]
    return {} if lon is None or lat is None else {"lon_deg": lon / 1e6, "lat_deg": lat / 1e6}


def _about(node: Node, alert_id: str) -> dict[str, Any]:
    """The newest event of an alert."""
    alert = node.state.alert(alert_id)
    return {} if alert is None or not alert["members"] else _event(node, alert["members"][-1]["event_id"])


def _event(node: Node, event_id: str) -> dict[str, Any]:
    found = node.state.latest_events(event_ids=[event_id])
    return {} if found.is_empty() else {k: v for k, v in found.row(0, named=True).items() if k in _OF_EVENT}
