"""The exercise that a node takes part in: its clock, which control alone may set, what the cell was handed, and the review once it is written."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from seaward.core.catalogue import render
from seaward.core.realm import is_drill
from seaward.node.clock import STANDING
from seaward.server.answers import One, Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.problems import Problem

_POLICY = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:"


class Speed(msgspec.Struct, forbid_unknown_fields=True):
    """Times real time; 0 halts the clock."""

    speed: Annotated[float, msgspec.Meta(ge=0, le=1000)]


def drill(floor: Floor, asked: Asked) -> One:
    """The exercise as this cell may know it; what it was not handed yet is control's alone."""
    return One(told(floor, asked.language), keep=False)


def set_clock(floor: Floor, asked: Asked) -> One:
    """Have the clock run faster or slower, or stand."""
    known = floor.node.drilled
    if known is None or known.run is None:
        raise Problem("refused", detail=render("refused.not_control", {}, asked.language))
    known.run(max(asked.body.speed, STANDING))
    floor.node.state.audit(asked.caller.person, "drill.clock", floor.node.realm, {"speed": asked.body.speed}, floor.now())
    return One(told(floor, asked.language), keep=False)


def release(floor: Floor, asked: Asked) -> One:
    """Hand over an inject that control held back."""
    known, name = floor.node.drilled, asked.path["inject"]
    if known is None or known.run is None:
        raise Problem("refused", detail=render("refused.not_control", {}, asked.language))
    if not known.held.release(name, floor.now()):
        raise Problem("refused", detail=render("refused.not_held", {"inject": name[:60]}, asked.language))
    floor.node.state.audit(asked.caller.person, "drill.released", name, {}, floor.now())
    return One(told(floor, asked.language), keep=False)


def review(floor: Floor, asked: Asked) -> Raw:
    """The page of the after-action review; it can ask this node for nothing."""
    path = None if floor.node.drilled is None else floor.node.drilled.review()
    if path is None:
        raise Problem("not_found", what="review")
    try:
        return Raw(path.read_bytes(), "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY})
    except OSError:
        raise Problem("not_found", what="review") from None


def told(floor: Floor, language: str) -> dict[str, Any]:
    """What is known of it."""
    node, known, now = floor.node, floor.node.drilled, floor.now()
    told: dict[str, Any] = {"realm": node.realm, "is_drill": is_drill(node.realm), "is_known": known is not None, "now": now}
    told |= {"speed": 0.0 if node.clock.speed <= STANDING else node.clock.speed}
    if known is None:
        return told | {"cell": "", "title": "", "start": None, "end": None, "is_control": False, "has_review": False, "injects": []}
    injects = []
    for i in known.injects:
        at = i.at or known.held.released.get(i.id)
        injects.append({"id": i.id, "at": at, "by": i.by, "to": list(i.to), "text": i.text[language], "is_given": at is not None and at <= now,
                        "is_held": i.is_held and at is None})  # fmt: skip
    is_control = known.run is not None
    return told | {"cell": known.cell, "title": known.title[language], "start": known.start, "end": known.end, "is_control": is_control,
                   "has_review": known.review() is not None, "injects": [i for i in injects if is_control or i["is_given"]]}  # fmt: skip
