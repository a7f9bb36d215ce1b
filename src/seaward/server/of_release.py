"""What partners would get of an event or alert and why; released to them, or taken back, by a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from seaward import releases
from seaward.core.catalogue import catalogue, render
from seaward.desk import Refused
from seaward.server.answers import One
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.of_desk import desk_here
from seaward.server.problems import Problem
from seaward.server.route import Param
from seaward.sharing import named

KINDS = ("event", "alert")
EXPLAIN_PARAMS = (
    Param("kind", "choice", "what it is; an event where it is not said", choices=KINDS), Param("id", "name", "of the event or alert"),
    Param("to", "name", "the partner, such as USA"),
)  # fmt: skip
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=96)]


class Releasing(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Who may have what, how exact [m] and how old [s]; `members`: of an alert also the events that it is about."""

    id: Name
    to: Annotated[list[Name], msgspec.Meta(min_length=1, max_length=32)]
    kind: Literal["event", "alert"] = "event"
    level: Literal["PUBLIC", "LIMITED", "RESTRICTED"] = "LIMITED"
    tlp: Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT"] = "AMBER"
    precision_m: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    delay_s: Annotated[int, msgspec.Meta(ge=0, le=31_622_400)] = 0
    operation: Name | None = None
    members: bool = False
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)] | None = None


class TakingBack(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What, and why."""

    id: Name
    kind: Literal["event", "alert"] = "event"
    members: bool = False
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)] | None = None


def explain(floor: Floor, asked: Asked) -> One:
    """What a partner would get as it stands, by which rule; releases nothing."""
    q = asked.query
    for name in ("id", "to"):
        if not q[name]:
            raise Problem("bad_value", name=name, value="", wanted="an event or alert" if name == "id" else "a partner")
    try:
        found = releases.would_get(desk_here(floor), q["kind"] or "event", q["id"], q["to"], datetime.now(UTC))
    except Refused as e:
        raise Problem("not_found" if e.code == "no_object" else "refused", detail=e.told(asked.language)) from e
    if found is None:
        return One(
            {"allowed": False, "rule": "label.none", "words": [render("exchange.why.label.none", {}, asked.language)], "gets": None}, keep=False
        )
    gets = None if found.released is None else {"id": found.released.id, "body": named(found.released.body)}
    return One({"allowed": found.is_allowed, "rule": found.rule, "words": found.lines(asked.language), "gets": gets}, keep=False)


def release(floor: Floor, asked: Asked) -> One:
    """Let partners have it; what the gate says of each."""
    body: Releasing = asked.body
    wished = releases.Wished(tuple(body.to), body.level, body.tlp, body.precision_m, body.delay_s, body.operation)

    def each(kind: releases.Kind, name: str) -> list[dict[str, Any]]:
        found = releases.release(desk_here(floor), kind, name, wished, asked.caller.person, body.why, datetime.now(UTC))
        return [
            {"kind": kind, "id": name, "partner": d.partner, "allowed": d.allowed, "rule": d.rule, "words": _why(d, asked.language)} for d in found
        ]

    return _done(floor, asked, each, body.kind, body.id, members=body.members)


def take_back(floor: Floor, asked: Asked) -> One:
    """Share it no longer; whoever got it is told."""
    body: TakingBack = asked.body

    def each(kind: releases.Kind, name: str) -> list[dict[str, Any]]:
        releases.take_back(desk_here(floor), kind, name, asked.caller.person, body.why, datetime.now(UTC))
        return []

    return _done(floor, asked, each, body.kind, body.id, members=body.members)


def _done(floor: Floor, asked: Asked, each: Any, kind: releases.Kind, name: str, *, members: bool) -> One:
    """The object itself first, so that nothing is released of one that is not there."""
    row = floor.node.state.alert(name) if kind == "alert" and members else None
    try:
        found = [*each(kind, name), *(d for m in (row["members"] if row else ()) for d in each("event", m["event_id"]))]
    except Refused as e:
        raise Problem("not_found" if e.code == "no_object" else "refused", detail=e.told(asked.language)) from e
    floor.changes.poke()
    if floor.node.exchange is not None:
        floor.node.exchange.poke()
    return One({"decisions": found}, keep=False)


def _why(decided: releases.Decided, language: str) -> str:
    code = "exchange.why.stranger" if decided.allowed is None else f"exchange.why.{decided.rule}"
    values = {"partner": decided.partner, "rule": decided.rule, "policy": "", "kind": "", "id": ""}
    return "" if decided.allowed else render(code if code in catalogue(language) else "exchange.why.forbidden", values, language)
