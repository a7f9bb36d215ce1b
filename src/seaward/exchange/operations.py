"""Operations that open more for a time: a rescue, a hot pursuit. They end by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from seaward.core.errors import ParameterError
from seaward.exchange.label import Scope

LONGEST = timedelta(hours=72)  # ours: whoever needs longer opens it again, and so looks again


@dataclass(frozen=True, slots=True)
class Operation:
    """Opened by an officer: what kind, with whom, from when until when."""

    id: str
    kind: Literal["rescue", "pursuit", "other"]
    partners: frozenset[str]
    opened_at: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.opened_at.tzinfo is None or self.until.tzinfo is None:
            raise ParameterError(f"operation {self.id} has a time without a zone; write it with one, such as 2027-01-01T00:00:00Z")
        if not timedelta(0) < self.until - self.opened_at <= LONGEST:
            raise ParameterError(
                f"operation {self.id} lasts from {self.opened_at} to {self.until}; it may last up to 72 hours and is then opened again"
            )

    def is_open(self, partner: str, at: datetime) -> bool:
        return partner in self.partners and self.opened_at <= at < self.until


def open_for(operations: Iterable[Operation], partner: str, at: datetime) -> tuple[Operation, ...]:
    """Those that are open for a partner, in the order of their names."""
    return tuple(sorted((o for o in operations if o.is_open(partner, at)), key=lambda o: o.id))


def lasting(scopes: Iterable[Scope], at: datetime) -> frozenset[str]:
    """The operations that a label names, as long as it lets them last."""
    return frozenset(s.operation for s in scopes if at < s.until)


def next_change(operations: Iterable[Operation], scopes: Iterable[Scope], at: datetime) -> datetime | None:
    """The first moment after `at` at which an answer that rests on these could be another."""
    moments = [m for o in operations for m in (o.opened_at, o.until)] + [s.until for s in scopes]
    return min((m for m in moments if m > at), default=None)
