"""A small watch floor with variants: events, rules, and a book of alerts that keeps every change, for the tests of alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from seaward.alerts.alert import Alert, Change, Step, alert_of, from_history
from seaward.alerts.life import act
from seaward.alerts.lists import Lists
from seaward.alerts.raise_alerts import Known, Outcome, raise_alerts
from seaward.alerts.rules import Rule, Rules
from seaward.alerts.silences import Silence
from seaward.core.tables import ALERTS, EVENTS, VESSELS, WATCH_LIST

NOON = datetime(2027, 11, 4, 12, tzinfo=UTC)
PERU, CHINA = "mmsi:760000001", "mmsi:412000001"
GAPS = Rule("gaps", "warning", kinds=frozenset({"gap"}), min_probability=0.5)
MEETINGS = Rule("meetings", "warning", kinds=frozenset({"encounter", "loitering"}))
SURE = Rule("sure", "alarm", kinds=frozenset({"gap"}), min_probability=0.9)
RULES = Rules((GAPS, MEETINGS, SURE))


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def event(name: str = "e1", version: int = 1, since_h: float = 0.0, until_h: float = 1.0, **changes: Any) -> dict[str, Any]:
    row = {
        "realm": "ops", "event_id": name, "version": version, "state": "open", "kind": "gap", "start_at": at(since_h), "end_at": at(until_h),
        "vessel_ids": [PERU], "lon_deg": -78.0, "lat_deg": -12.0, "probability": 0.6, "areas": [], "reasons": [],
        "evidence": [{"feed": "coast", "raw_offset": 1, "raw_length": 2}], "method": "gap/1",
    }  # fmt: skip
    return row | changes


def table(*events: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([*events], schema=EVENTS.schema, strict=False)


def vessel(vessel_id: str = PERU, **changes: Any) -> pl.DataFrame:
    row = dict.fromkeys(VESSELS.schema) | {"realm": "ops", "vessel_id": vessel_id, "mmsi": int(vessel_id[5:14]), "positions": 5, "identity": []}
    return pl.DataFrame([row | changes], schema=VESSELS.schema, strict=False)


def listed(**changes: Any) -> Lists:
    row = {"realm": "ops", "list": "iuu", "row": 2, "mmsi": None, "imo": None, "name": None, "callsign": None, "note": None}
    return Lists(pl.DataFrame([row | changes], schema=WATCH_LIST.schema))


def silence(number: int = 1, since_h: float = 0.0, until_h: float | None = 2.0, priority: str = "warning", **what: Any) -> Silence:
    return Silence(number, priority, at(since_h), None if until_h is None else at(until_h), **what)


class Book:
    """Alerts as they stand, and every change, kept as rows as a store would."""

    def __init__(self, rules: Rules = RULES, **known: Any) -> None:
        self.known = Known("ops", rules, **known)
        self.rows: dict[str, dict[str, Any]] = {}
        self.history: list[Change] = []
        self.past: list[dict[str, Any]] = []

    def offer(self, *events: dict[str, Any], hours: float = 1.0, **known: Any) -> Outcome:
        self.past += events
        past = table(*self.past).sort("version").group_by("event_id").last().select(EVENTS.schema.names())
        outcome = raise_alerts(table(*events), replace(self.known, earlier=self.alerts, past=past, **known), at(hours))
        for s in outcome.steps:
            self.keep(s)
        return outcome

    def keep(self, s: Step) -> None:
        before = self.rows.get(s.alert.alert_id)
        assert s.alert.revision == (before["revision"] if before else 0) + 1
        assert s.change.alert_id == s.alert.alert_id and s.change.revision == s.alert.revision
        self.rows[s.alert.alert_id] = pl.DataFrame([s.alert.row()], schema=ALERTS.schema).row(0, named=True)
        self.history.append(s.change)

    def do(self, verb: str, hours: float = 1.0, why: str | None = None, alert: Alert | None = None, **what: Any) -> Alert:
        done = act(alert or self.one, verb, "vega", at(hours), why, **what)
        self.keep(done)
        return done.alert

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return tuple(alert_of(row) for row in self.rows.values())

    @property
    def open(self) -> list[Alert]:
        return [a for a in self.alerts if a.mark is None]

    @property
    def one(self) -> Alert:
        (alert,) = self.open or self.alerts
        return alert

    @property
    def verbs(self) -> list[str]:
        return [c.verb for c in self.history]

    def partition(self) -> set[frozenset[str]]:
        return {frozenset(m.event_id for m in a.live) for a in self.open}

    def check(self) -> None:
        """The state follows from the history, which only grows."""
        for alert in self.alerts:
            mine = [c for c in self.history if c.alert_id == alert.alert_id]
            assert [c.revision for c in mine] == [*range(1, alert.revision + 1)]
            assert from_history(c.row()["body"] for c in mine) == alert
