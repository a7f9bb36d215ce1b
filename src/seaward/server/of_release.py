"""What partners would get of an event or alert and why; released to them, or taken back, by a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
    with _refusals(asked):
        found = releases.would_get(desk_here(floor), q["kind"] or "event", q["id"], q["to"], datetime.now(UTC))
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
    found: list[dict[str, Any]] = []
    with _refusals(asked):
        for kind, name in _objects(floor, body):
            decided = releases.release(desk_here(floor), kind, name, wished, asked.caller.person, body.why, datetime.now(UTC))
            found += [{"kind": kind, "id": name, "partner": d.partner, "allowed": d.allowed, "rule": d.rule, "words": _why(d, asked.language)}
                      for d in decided]  # fmt: skip
    return _done(floor, found)


def take_back(floor: Floor, asked: Asked) -> One:
    """Share it no longer; whoever got it is told."""
    body: TakingBack = asked.body
    with _refusals(asked):
        for kind, name in _objects(floor, body):
            releases.take_back(desk_here(floor), kind, name, asked.caller.person, body.why, datetime.now(UTC))
    return _done(floor, [])


def _objects(floor: Floor, body: Releasing | TakingBack) -> list[tuple[releases.Kind, str]]:
    """The object itself first, so that nothing is released of one that is not there; then what an alert is about, if that is meant too."""
    row = floor.node.state.alert(body.id) if body.kind == "alert" and body.members else None
    return [(body.kind, body.id), *(("event", m["event_id"]) for m in (row["members"] if row else ()))]


@contextmanager
def _refusals(asked: Asked) -> Iterator[None]:
    try:
        yield
    except Refused as e:
        raise Problem("not_found" if e.code == "no_object" else "refused", detail=e.told(asked.language)) from e


def _done(floor: Floor, decisions: list[dict[str, Any]]) -> One:
    floor.changes.poke()
    if floor.node.exchange is not None:
        floor.node.exchange.poke()
    return One({"decisions": decisions}, keep=False)


def _why(decided: releases.Decided, language: str) -> str:
    code = "exchange.why.stranger" if decided.allowed is None else f"exchange.why.{decided.rule}"
    values = {"partner": decided.partner, "rule": decided.rule, "policy": "", "kind": "", "id": ""}
    return "" if decided.allowed else render(code if code in catalogue(language) else "exchange.why.forbidden", values, language)
