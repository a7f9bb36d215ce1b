"""An alert, its events, and a change of it: what they hold, and how they become rows of ALERTS and ALERT_CHANGES and come back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from seaward.alerts.rules import rank
from seaward.core.catalogue import render
from seaward.core.json_rows import encode, parse
from seaward.core.tables import ALERTS

WATCH = "watch"  # who changes alerts where no person does
Reason = dict[str, Any]  # as ALERT_REASON


def reason(code: str, **values: str) -> Reason:
    """A code of the catalogues with the values its text asks for."""
    return {"code": f"alert.{code}", "values": [{"name": k, "value": v} for k, v in values.items()]}


def reason_text(said: Mapping[str, Any], language: str) -> str:
    """A reason in words."""
    values = {v["name"]: v["value"] for v in said["values"]}
    if "kind" in values:
        values["kind"] = render(f"kind.{values['kind']}", {}, language)
    if "ship_class" in values:
        values["ship_class"] = render(f"alert.ship_class.{values['ship_class']}", {}, language)
    return render(said["code"], values, language)


@dataclass(frozen=True, slots=True)
class Member:
    """One event of an alert, in the version known to it; fields as MEMBER of `core.tables`."""

    event_id: str
    version: int
    state: str
    kind: str
    start_at: datetime
    end_at: datetime
    vessel_ids: tuple[str, ...]
    lon_deg: float
    lat_deg: float
    probability: float | None
    areas: tuple[str, ...]
    rule: str
    priority: str
    reasons: tuple[Reason, ...]
    mark: str | None = None  # withdrawn, or lapsed: it meets no rule any more

    @property
    def is_live(self) -> bool:
        """Whether it still asks for something."""
        return self.mark is None

    @property
    def place(self) -> tuple[datetime, str]:
        """Its place among others."""
        return self.start_at, self.event_id


_MEMBER = tuple(f.name for f in fields(Member))


def _with_lists(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: [*row[name]] for name in ("vessel_ids", "areas", "reasons")}


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it stands; fields as ALERTS."""

    realm: str
    alert_id: str
    revision: int
    state: str
    priority: str
    mark: str | None
    rule: str
    kind: str
    vessel_ids: tuple[str, ...]
    start_at: datetime
    end_at: datetime
    ongoing: bool
    lon_deg: float
    lat_deg: float
    probability: float | None
    areas: tuple[str, ...]
    reasons: tuple[Reason, ...]
    members: tuple[Member, ...]
    raised_at: datetime
    alarmed_at: datetime
    changed_at: datetime
    changed_by: str
    answered_at: datetime | None = None
    answered_by: str | None = None
    dismissal: str | None = None
    silenced_until: datetime | None = None
    silenced_priority: str | None = None
    merged_into: str | None = None
    follows: str | None = None
    assigned_to: str | None = None

    @property
    def live(self) -> list[Member]:
        """The events that still ask for something."""
        return [m for m in self.members if m.is_live]

    def row(self) -> dict[str, Any]:
        """As a row of ALERTS."""
        row = {f.name: getattr(self, f.name) for f in fields(self)}
        members = [_with_lists({name: getattr(m, name) for name in _MEMBER}) for m in self.members]
        return _with_lists(row | {"members": members})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an alert; `fresh` has the fields of the alert's row that it changed."""

    realm: str
    alert_id: str
    revision: int
    at: datetime
    who: str
    verb: str
    state: str
    priority: str
    why: str | None
    fresh: Mapping[str, Any]

    def row(self) -> dict[str, Any]:
        """As a row of ALERT_CHANGES."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "fresh"} | {"body": encode(self.fresh)}


class Step(NamedTuple):
    """An alert after a change, and the change."""

    alert: Alert
    change: Change


def alert_of(row: Mapping[str, Any]) -> Alert:
    """An alert from a row of ALERTS."""
    said = {f.name: row[f.name] for f in fields(Alert)}
    members = tuple(Member(**{**m, "vessel_ids": tuple(m["vessel_ids"]), "areas": tuple(m["areas"]), "reasons": tuple(m["reasons"])})
                    for m in row["members"])  # fmt: skip
    return Alert(**{**said, **{name: tuple(row[name]) for name in ("vessel_ids", "areas", "reasons")}, "members": members})


def alerts_of(table: pl.DataFrame) -> tuple[Alert, ...]:
    """Alerts from ALERTS."""
    return tuple(alert_of(row) for row in table.select(ALERTS.schema.names()).iter_rows(named=True))


def from_history(bodies: Iterable[str]) -> Alert:
    """The alert that its changes make, from the bodies of their rows in order of revision."""
    row: dict[str, Any] = {}
    for body in bodies:
        row |= parse(body)
    return alert_of(row)


def first(alert: Alert, verb: str, why: str | None = None) -> Step:
    """A new alert, with the change that raises it."""
    alert = replace(alert, revision=1)
    change = Change(alert.realm, alert.alert_id, 1, alert.changed_at, alert.changed_by, verb, alert.state, alert.priority, why, alert.row())
    return Step(alert, change)


def step(before: Alert, verb: str, who: str, at: datetime, why: str | None = None, **fresh: Any) -> Step:
    """An alert with some fields changed, and the change."""
    after = replace(before, revision=before.revision + 1, changed_at=at, changed_by=who, **fresh)
    old, new = before.row(), after.row()
    return Step(after, Change(after.realm, after.alert_id, after.revision, at, who, verb, after.state, after.priority, why,
                              {k: v for k, v in new.items() if old[k] != v}))  # fmt: skip


def of_members(members: Iterable[Member], order: Mapping[str, int]) -> dict[str, Any]:
    """The fields of an alert that its events make: its live ones, or all where none is live.

    Parameters
    ----------
    members
        Its events, at least one.
    order
        Place of each rule in the file; of events of one priority, the one of the first rule gives the alert its name and place.
    """
    every = tuple(sorted(members, key=lambda m: m.place))
    live = [m for m in every if m.is_live] or [*every]
    top = min(live, key=lambda m: (rank(m.priority), order.get(m.rule, len(order)), m.place))
    known = [m.probability for m in live if m.probability is not None]
    return {
        "priority": top.priority, "rule": top.rule, "kind": top.kind, "lon_deg": top.lon_deg, "lat_deg": top.lat_deg, "reasons": top.reasons,
        "vessel_ids": tuple(sorted({v for m in live for v in m.vessel_ids})), "areas": tuple(sorted({a for m in live for a in m.areas})),
        "start_at": min(m.start_at for m in live), "end_at": max(m.end_at for m in live), "probability": max(known, default=None),
        "ongoing": any(m.is_live and m.state in ("open", "revised") for m in every), "members": every,
    }  # fmt: skip
