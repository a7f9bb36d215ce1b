"""What is said with partners: whose turn it is, all that was said, what may be said next, and forms to begin something."""

from __future__ import annotations

from typing import Any

from seaward.console.page import html
from seaward.console.reading import one_of
from seaward.core.realm import is_drill
from seaward.node.clock import moment
from seaward.server import of_desk, of_exchange
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.roles import OFFICER, may

MOST = 60  # threads shown; the API has all
_LAST = 30  # messages of a thread shown
REPLIES = ("accept", "decline", "complete", "agree")
ANSWERS = ("answered", "partial", "refused", "nothing")
DEEDS = ("intercept", "board", "track", "search", "rescue", "photograph")
PHASES = ("uncertainty", "alert", "distress", "ended")


def desk(floor: Floor, asked: Asked) -> Raw:
    """The desk."""
    told: dict[str, Any] = one_of(of_desk.threads, floor, asked, of_desk.THREADS_PARAMS)
    links = one_of(of_exchange.exchange, floor, asked)["links"]
    found = sorted(told["threads"], key=lambda t: t["is_over"] and not t["turn"])  # what is over, and asks nothing of anybody, last
    for thread in found:
        thread["changed"], thread["due"] = moment(thread["changed_us"]), None if thread["due_us"] is None else moment(thread["due_us"])
        thread["messages"] = [m | {"at": moment(m["at_us"])} for m in thread["messages"][-_LAST:]]
    return html(
        "desk.html", floor, asked, told=told, threads=found[:MOST], more=max(0, len(found) - MOST), partners=[link["partner"] for link in links],
        may_say=may(asked.caller.role, OFFICER), replies=REPLIES, answers=ANSWERS, phases=PHASES, deeds=DEEDS, drill=is_drill(floor.node.realm),
    )  # fmt: skip
