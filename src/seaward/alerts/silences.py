"""Silences as a person gave them -> whether they cover an event of an alert at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from seaward.alerts.alert import Member
from seaward.alerts.rules import fits, rank


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence: covers what meets all it names, up to a priority, from a moment to another; fields as SILENCES."""

    silence_id: int
    priority: str
    since_at: datetime
    until_at: datetime | None
    alert_id: str | None = None
    vessel_id: str | None = None
    rule: str | None = None
    area: str | None = None
    kind: str | None = None
    lifted_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.since_at <= at and (self.until_at is None or at < self.until_at) and (self.lifted_at is None or at < self.lifted_at)

    def covers(self, alert_id: str | None, member: Member) -> bool:
        """Whether it is for this event of this alert, and for its priority."""
        return (
            rank(member.priority) >= rank(self.priority)
            and (self.alert_id is None or self.alert_id == alert_id)
            and (self.vessel_id is None or self.vessel_id in member.vessel_ids)
            and (self.rule is None or self.rule == member.rule)
            and (self.area is None or any(fits(self.area, a) for a in member.areas))
            and (self.kind is None or self.kind == member.kind)
        )


def silences_of(table: pl.DataFrame) -> tuple[Silence, ...]:
    """Silences from SILENCES."""
    names = [*Silence.__dataclass_fields__]
    return tuple(Silence(**row) for row in table.select(names).iter_rows(named=True))


def cover(silences: Iterable[Silence], alert_id: str | None, members: Iterable[Member], at: datetime) -> list[Silence]:
    """The silences that together cover every one of these events at a moment; none where one is not covered, or there are none."""
    held = [s for s in silences if s.holds(at)]
    found: list[Silence] = []
    for member in members:
        over = [s for s in held if s.covers(alert_id, member)]
        if not over:
            return []
        found.append(max(over, key=lambda s: (s.until_at is None, s.until_at or s.since_at)))
    return found
