"""An event or alert of ours, partners -> what each would get of it and why; released by a person, or taken back. What leaves the gate decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from seaward.desk import Desk, Refused, at_ms
from seaward.exchange.explain import Explanation, explain
from seaward.exchange.label import Scope, label_json
from seaward.exchange.operations import Operation
from seaward.exchange.policy import Refusal
from seaward.sharing import alert_item, event_item, made_label

Kind = Literal["event", "alert"]


@dataclass(frozen=True, slots=True)
class Wished:
    """How a person wants something to be labelled; the rules of release can only take away from it."""

    to: tuple[str, ...]
    level: str = "LIMITED"
    tlp: str = "AMBER"
    precision_m: int = 0
    delay_s: int = 0
    operation: str | None = None  # an open one that opens it further


@dataclass(frozen=True, slots=True)
class Decided:
    """What the gate says of one partner; `allowed` None: nothing is agreed with it."""

    partner: str
    allowed: bool | None
    rule: str


def would_get(desk: Desk, kind: Kind, name: str, to: str, at: datetime) -> Explanation | None:
    """What a partner would get of it as it stands; None where nothing labels it, or it was taken back. Releases nothing.

    Raises
    ------
    Refused
        If there is no such object or partner.
    """
    row, partner = _row(desk, kind, name), desk.partners.get(to)
    if partner is None:
        raise Refused("no_partner", partner=to, partners=", ".join(desk.partners) or "-")
    released = desk.state.release_of(kind, name)
    if released is not None and released.label is None:
        return None
    item = (event_item if kind == "event" else alert_item)(row, desk.labeller, None if released is None else released.label)
    return None if item is None else explain(item, partner, desk.gate, at_ms(at))


def release(desk: Desk, kind: Kind, name: str, wished: Wished, who: str, why: str | None, at: datetime) -> list[Decided]:
    """Label it for partners; a running node offers it at once.

    Returns
    -------
    For each partner what the gate says now.

    Raises
    ------
    Refused
        If there is no such object or operation.
    InputError
        If the label is none.
    """
    row = _row(desk, kind, name)
    scope = _scope(desk.gate.operations, wished.operation)
    made = made_label(desk.gate.nation, wished.to, wished.level, wished.tlp, wished.precision_m, wished.delay_s, scope)
    label = label_json(made)
    desk.state.release(kind, name, label, who, why, at)
    item = (event_item if kind == "event" else alert_item)(row, desk.labeller, label)
    assert item is not None
    found = []
    for nation in dict.fromkeys(wished.to):
        said = desk.gate.decide(item, desk.partners[nation], at_ms(at)) if nation in desk.partners else None
        found.append(Decided(nation, None if said is None else not isinstance(said, Refusal), "-" if said is None else said.rule))
    return found


def take_back(desk: Desk, kind: Kind, name: str, who: str, why: str | None, at: datetime) -> None:
    """Share it no longer: whoever got it is told. Refused where there is no such object."""
    _row(desk, kind, name)
    desk.state.release(kind, name, None, who, why, at)


def _row(desk: Desk, kind: Kind, name: str) -> dict[str, Any]:
    state = desk.state
    row = state.alert(name) if kind == "alert" else next(state.latest_events(event_ids=[name]).iter_rows(named=True), None)
    if row is None:
        raise Refused("no_object", kind=kind, id=name)
    return row


def _scope(operations: Sequence[Operation], name: str | None) -> tuple[Scope, ...]:
    if name is None:
        return ()
    found = next((o for o in operations if o.id == name), None)
    if found is None:
        raise Refused("no_operation", id=name)
    return (Scope(name, found.until),)
