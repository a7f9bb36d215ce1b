"""Cases, silences, watch lists, the audit: what the state keeps beside events and alerts."""

from __future__ import annotations

import polars as pl

from seaward.alerts.lists import read_list
from seaward.alerts.read_rules import ID
from seaward.core.catalogue import render
from seaward.core.tables import CASE_STATES
from seaward.server.answers import One, Raw, Rows
from seaward.server.asked import Asked, cursor_of
from seaward.server.floor import Floor
from seaward.server.problems import Problem
from seaward.server.route import Param

CASES_PARAMS = (Param("vessel", "name", "vessels", many=True), Param("state", "choice", "states", many=True, choices=CASE_STATES))
AUDIT_PARAMS = (Param("who", "text", "by whom"), Param("subject", "text", "done to what"))
SILENCES_PARAMS = (Param("all", "flag", "also those that hold no more", otherwise=False),)


def cases(floor: Floor, asked: Asked) -> Rows:
    """Cases, the last opened first."""
    return Rows(floor.node.state.cases(vessel_ids=asked.query["vessel"], states=asked.query["state"]), None, "alert_id")


def lists(floor: Floor, asked: Asked) -> Rows:
    """The watch lists in use."""
    return Rows(floor.node.state.lists(), None, "list")


def one_list(floor: Floor, asked: Asked) -> Rows:
    """Entries of one watch list."""
    rows = floor.node.state.list_entries(asked.path["name"])
    if rows.is_empty():
        raise Problem("not_found", what=asked.path["name"][:60])
    return Rows(rows, None, "row")


def silences(floor: Floor, asked: Asked) -> Rows:
    """The silences that hold, or all."""
    return Rows(floor.node.state.silences(None if asked.query["all"] else floor.now()), None, "silence_id")


def audit(floor: Floor, asked: Asked) -> Rows:
    """Rows of the audit in their order."""
    after = asked.cursor(int)
    limit = asked.query["limit"]
    rows = floor.node.state.audit_rows(subject=asked.query["subject"], who=asked.query["who"], after=after[0] if after else 0, limit=limit + 1)
    page = rows.head(limit)
    return Rows(page, cursor_of(int(page["seq"][-1])) if len(rows) > limit else None, "seq")


def new_list(floor: Floor, asked: Asked) -> One:
    """Put a watch list in use; one of that name is replaced. Rows that cannot be used are told with their number."""
    name = asked.path["name"]
    if not ID.fullmatch(name):
        raise Problem("refused", detail=render("refused.list_name", {"name": name[:60]}, asked.language))
    read = read_list(asked.body, name, floor.node.realm)
    floor.node.state.keep_list(name, "API", read.entries, asked.caller.person, floor.now())
    floor.changes.poke()
    refused = [{"row": row, "rule": rule, "text": text, "why": render(f"rule.{rule}", {}, asked.language)} for row, rule, text in read.refused]
    return One({"list": name, "entries": len(read.entries), "columns": read.columns, "refused": refused}, keep=False)


def end_list(floor: Floor, asked: Asked) -> Raw:
    """Take a watch list out of use."""
    if not floor.node.state.remove_list(asked.path["name"], asked.caller.person, floor.now()):
        raise Problem("not_found", what=asked.path["name"][:60])
    floor.changes.poke()
    return Raw()


def close_case(floor: Floor, asked: Asked) -> One:
    """Close a case that was dealt with."""
    return _case(floor, asked, "closed")


def reopen_case(floor: Floor, asked: Asked) -> One:
    """Open a closed case again."""
    return _case(floor, asked, "open")


def _case(floor: Floor, asked: Asked, to: str) -> One:
    name, state = asked.path["alert_id"], floor.node.state
    with state.together():
        found = state.cases().filter(pl.col("alert_id") == name)
        if found.is_empty():
            raise Problem("not_found", what=name[:60])
        if found["state"][0] not in ("open", "closed") or found["state"][0] == to:
            raise Problem("conflict")
        state.change_case(name, to, asked.caller.person, asked.body.why, floor.now())
    floor.changes.poke()
    return One(state.cases().filter(pl.col("alert_id") == name).row(0, named=True), keep=False)
