"""Cases, silences, watch lists, the audit: what the state keeps beside events and alerts."""

from __future__ import annotations

from seaward.core.tables import CASE_STATES
from seaward.server.answers import Rows
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
