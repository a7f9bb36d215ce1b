"""Alerts on the watch floor: event versions -> kept and alerted; what a person does -> the alert, its case or silence, all in one. No clock here.

`offer` for the watch, `act` and `silence` for people; what each decides is in the room `alerts`, what is kept in `store.state`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from seaward.alerts.alert import Alert, Step, alert_of, alerts_of
from seaward.alerts.life import LONGEST_SILENCE, Refused
from seaward.alerts.life import act as decide
from seaward.alerts.life import assign as give
from seaward.alerts.lists import Lists
from seaward.alerts.raise_alerts import Known, Outcome, raise_alerts, reach
from seaward.alerts.risk import vessel_risk
from seaward.alerts.risk_parts import RiskParams
from seaward.alerts.rules import Rules
from seaward.alerts.silences import Silence, silences_of
from seaward.chart.places import Places
from seaward.core.tables import EVENTS, VESSELS
from seaward.store.state import State


@dataclass(frozen=True)
class Sight:
    """What the watch knows when it raises alerts: its rules, VESSELS, ports and stopping places, and the feeds that are down or broken now."""

    rules: Rules
    vessels: pl.DataFrame = field(default_factory=VESSELS.empty)
    places: Places | None = None
    down: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a silence is for; all that is named must be met. Nothing named: one alert."""

    vessel_id: str | None = None
    rule: str | None = None
    area: str | None = None
    kind: str | None = None

    @property
    def is_wide(self) -> bool:
        """Whether it is for more than one alert."""
        return any((self.vessel_id, self.rule, self.area, self.kind))


def offer(state: State, versions: pl.DataFrame, sight: Sight, at: datetime) -> Outcome:
    """Keep event versions and raise and change alerts by them; all of it is kept, or none.

    Parameters
    ----------
    state
        Of the node.
    versions
        EVENTS that are new; those kept before are looked at all the same. Events held back because a feed was down are looked at again.
    sight
        What the watch knows now.
    at
        Now.

    Raises
    ------
    RealmError, InputError, StateError
        As `State.record_events`.
    """
    with state.together():
        state.record_events(versions, at)
        again = state.latest_events(event_ids=state.verdicts(verdict="feed_down")["event_id"]).select(EVENTS.schema.names())
        offered = pl.concat([versions.select(EVENTS.schema.names()), again])
        outcome = raise_alerts(offered, _known(state, offered, sight, at), at)
        for one in outcome.steps:
            _keep(state, one)
        state.keep_verdicts(outcome.verdicts, at)
    return outcome


def wake(state: State, sight: Sight, at: datetime) -> Outcome:
    """Let alerts ask again whose silence has ended while they go on; to be called now and then."""
    with state.together():
        silent = state.alerts(states=["silenced"], marked=False)
        known = Known(state.realm, sight.rules, alerts_of(silent), silences=silences_of(state.silences(at)))
        outcome = raise_alerts(EVENTS.empty(), known, at)
        for one in outcome.steps:
            _keep(state, one)
    return outcome


def act(
    state: State,
    alert_id: str,
    verb: str,
    who: str,
    at: datetime,
    why: str | None = None,
    *,
    dismissal: str | None = None,
    until: datetime | None = None,
) -> Alert:
    """Do something with an alert, with what follows from it: a validated one becomes a case, a silenced one has its silence.

    Parameters
    ----------
    alert_id
        Its name, or the first letters of it where no other begins so.
    verb, who, at, why, dismissal, until
        As `alerts.life.act`.

    Raises
    ------
    Refused
        If there is none of that name, or its state does not allow it.
    """
    with state.together():
        before = alert_named(state, alert_id)
        done = decide(before, verb, who, at, why, dismissal=dismissal, until=until)
        _keep(state, done, before)
        if before.state == "silenced":
            _lift_own(state, before, who, at)
        if verb == "silence":
            _silence(state, done.alert.priority, Scope(), who, at, why, until, done.alert.alert_id)
    return done.alert


def assign(state: State, alert_id: str, to: str | None, who: str, at: datetime, why: str | None = None) -> Alert:
    """Give an alert to somebody, or (None) to nobody; see `alerts.life.assign`."""
    with state.together():
        done = give(alert_named(state, alert_id), to, who, at, why)
        _keep(state, done)
    return done.alert


def silence(state: State, scope: Scope, who: str, at: datetime, why: str, until: datetime, priority: str = "warning") -> list[Alert]:
    """Silence all alerts of a vessel, rule, area or kind, or of what is all of these, up to a priority, for a time.

    Returns
    -------
    The alerts that asked for something and are covered: silenced now.

    Raises
    ------
    Refused
        If nothing is named, no reason or end is given, or the end is more than a year away.
    """
    if not scope.is_wide:
        raise Refused("scope")
    if not why.strip():
        raise Refused("why", verb="silence")
    if not at < until <= at + LONGEST_SILENCE:
        raise Refused("until", until=until.isoformat(timespec="minutes"))
    with state.together():
        made = Silence(0, priority, at, until, None, scope.vessel_id, scope.rule, scope.area, scope.kind)
        _silence(state, priority, scope, who, at, why, until, None)
        done = []
        for alert in alerts_of(state.alerts(states=["new", "acknowledged"], marked=False)):
            if all(made.covers(alert.alert_id, m) for m in alert.live):
                step = decide(alert, "silence", who, at, why, until=until)
                _keep(state, step)
                done.append(step.alert)
    return done


def alert_named(state: State, alert_id: str) -> Alert:
    """The alert of a name, or whose name alone begins so; Refused where there is none, or several."""
    row = state.alert(alert_id)
    if row is not None:
        return alert_of(row)
    found = state.alert_names(alert_id) if alert_id else []
    if len(found) != 1:
        raise Refused("several" if found else "unknown", alert=alert_id, names=", ".join(found[:5]))
    return alert_of(state.alert(found[0]) or {})


def _known(state: State, offered: pl.DataFrame, sight: Sight, at: datetime) -> Known:
    vessels, within = reach(offered, sight.rules)
    first = offered["start_at"].min()
    assert first is None or isinstance(first, datetime)
    return Known(
        realm=state.realm,
        rules=sight.rules,
        earlier=() if first is None else _earlier(state, vessels, offered["event_id"].to_list(), first - within),
        vessels=sight.vessels,
        lists=Lists(state.list_entries()),
        silences=silences_of(state.silences(at)),
        past=_past(state, vessels, first, sight.rules),
        places=sight.places,
        down=sight.down,
    )


def _earlier(state: State, vessels: Iterable[str], events: list[str], since: datetime) -> tuple[Alert, ...]:
    """Alerts that could be one situation with events: those they are in, those of their vessels, of the vessels of these, and so on."""
    found = own = state.alerts(event_ids=events)
    wanted: set[str] = {*vessels, *own["vessel_ids"].explode(empty_as_null=False).to_list()}
    asked: set[str] = set()
    while wanted - asked:
        asked = {*wanted}
        found = state.alerts(vessel_ids=asked, since=since)
        wanted |= {*found["vessel_ids"].explode(empty_as_null=False).to_list()}
    return alerts_of(pl.concat([found, own]).unique("alert_id", keep="first", maintain_order=True))


def _past(state: State, vessels: list[str], first: datetime | None, rules: Rules) -> pl.DataFrame:
    """What the vessels did before, as far back as a rule asks, but for what a person found to be false."""
    days = max((r.repeat_days for r in rules.rules), default=0.0)
    if first is None or not days:
        return EVENTS.empty()
    return _deeds(state, vessels, first - timedelta(days=days))


def _deeds(state: State, vessels: Iterable[str] | None, since: datetime) -> pl.DataFrame:
    """Events since a moment in their last version, but for those of alerts that a person found to be false."""
    false = state.alerts(states=["dismissed"], vessel_ids=vessels, since=since).filter(pl.col("dismissal").str.starts_with("false_"))
    of_false = [m["event_id"] for members in false["members"].to_list() for m in members]
    events = state.latest_events(vessel_ids=vessels, since=since).select(EVENTS.schema.names())
    return events.filter(~pl.col("event_id").is_in(of_false))


def risk_of(
    state: State, vessels: pl.DataFrame, at: datetime, vessel_ids: Iterable[str] | None = None, params: RiskParams | None = None
) -> pl.DataFrame:
    """Vessels by risk (RISK), of what is kept; events of alerts that a person found to be false do not count.

    Parameters
    ----------
    vessels
        VESSELS: types, lengths and names.
    at
        The moment; nothing later is looked at.
    vessel_ids
        Only these; None: all.
    params
        Points.
    """
    params, wanted = params or RiskParams(), None if vessel_ids is None else {*vessel_ids}
    events = _deeds(state, wanted, at - timedelta(days=params.window_days))
    ranked = vessel_risk(state.realm, vessels, events, state.cases(vessel_ids=wanted), Lists(state.list_entries()), at, params)
    return ranked if wanted is None else ranked.filter(pl.col("vessel_id").is_in(wanted))


def _keep(state: State, one: Step, before: Alert | None = None) -> None:
    """Keep a change of an alert, and what it means for its case."""
    alert, change = one
    state.keep_alert(alert.row(), change.row())
    if change.verb == "validated":
        state.open_case(alert.row(), change.who, change.why, change.at)
    elif before is not None and before.state == "validated" and alert.state != "validated":
        state.change_case(alert.alert_id, "withdrawn", change.who, change.why, change.at)
    elif alert.state == "validated" and change.verb in ("withdrawn", "lapsed", "merged"):
        state.change_case(alert.alert_id, "withdrawn", change.who, change.verb, change.at)
    elif alert.state == "validated" and (change.verb == "restored" or "vessel_ids" in change.fresh):
        state.open_case(alert.row(), change.who, change.verb, change.at)


def _silence(
    state: State, priority: str, scope: Scope, who: str, at: datetime, why: str | None, until: datetime | None, alert_id: str | None
) -> None:
    row: dict[str, Any] = {
        "realm": state.realm, "alert_id": alert_id, "vessel_id": scope.vessel_id, "rule": scope.rule, "area": scope.area, "kind": scope.kind,
        "priority": priority, "since_at": at, "until_at": until, "made_by": who, "why": why,
    }  # fmt: skip
    state.keep_silence(row, at)


def _lift_own(state: State, alert: Alert, who: str, at: datetime) -> None:
    """End the silences of one alert that still hold."""
    for number in state.silences(at).filter(pl.col("alert_id") == alert.alert_id)["silence_id"]:
        state.lift_silence(number, who, at)
