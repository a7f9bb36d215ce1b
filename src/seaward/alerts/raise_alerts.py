"""Changed event versions, and the alerts there are -> new and changed alerts, with what the rules made of each event."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from seaward.alerts.alert import WATCH, Alert, Member, Step, first, of_members, step
from seaward.alerts.grouping import groups
from seaward.alerts.lists import Lists
from seaward.alerts.matching import Judged, Past, judge, vessels_of
from seaward.alerts.rules import Rules, rank
from seaward.alerts.silences import Silence, cover
from seaward.chart.places import Places
from seaward.core.errors import RealmError
from seaward.core.realm import check_realm
from seaward.core.tables import EVENTS, VESSELS, WATCH_LIST

PORT_M = 3000.0  # Global Fishing Watch, technical documentation (October 2025), "Port visits": nearer is in
_LONGER, _LIKELIER = timedelta(minutes=30), 0.1  # ours: less is no news to somebody who knows of the alert
_SENIOR = ("validated", "acknowledged", "silenced", "new")  # of alerts that become one, the first of these goes on


@dataclass(frozen=True)
class Known:
    """What raising looks at beside the events.

    `earlier`: the alerts of the vessels concerned, with all that could be one situation with the events (see `reach`). `past`: events of the vessels,
    one version each, for rules on repeat offence. `down`: feeds that are down or broken.
    """

    realm: str
    rules: Rules
    earlier: Sequence[Alert] = ()
    vessels: pl.DataFrame = field(default_factory=VESSELS.empty)
    lists: Lists = field(default_factory=lambda: Lists(WATCH_LIST.empty()))
    silences: Sequence[Silence] = ()
    past: pl.DataFrame = field(default_factory=EVENTS.empty)
    places: Places | None = None
    down: frozenset[str] = frozenset()


class Outcome(NamedTuple):
    """Alerts with their changes, in the order in which to keep them; and for each event version looked at: event_id, version, verdict, rule.

    Verdicts: raised, withdrawn, no_rule, excluded, in_port, feed_down. What is `feed_down` is to be given again once that feed is up.
    """

    steps: tuple[Step, ...]
    verdicts: tuple[tuple[str, int, str, str | None], ...]


def raise_alerts(versions: pl.DataFrame, known: Known, as_of: datetime) -> Outcome:
    """Raise and change alerts.

    Parameters
    ----------
    versions
        EVENTS: the versions that are new, in any order; of several of one event the last counts. None: only silences that have ended are looked at.
    known
        Rules, vessels, lists, silences, earlier alerts, feeds that are down.
    as_of
        The moment.

    Returns
    -------
    Outcome. Events of one situation are one alert. An alert asks for attention anew only where its priority rises, its silence has ended while it
    goes on, or it had lost all its events and has one again. One whose events are all withdrawn, or meet no rule any more, is marked and keeps its
    state. Where an event only went on, the alert follows in steps of half an hour: `members` says which version it knows.

    Raises
    ------
    RealmError
        If events or alerts are of another realm.

    Limits
    ------
    A rule on repeat offence is judged when an event comes; an earlier one that is heard of later does not change it.
    """
    realm = check_realm(known.realm)
    _one_realm(realm, versions, known.earlier)
    work = _Work(known, as_of)
    latest = versions.sort("version").group_by("event_id", maintain_order=True).last().sort("start_at", "event_id").select(EVENTS.schema.names())
    for event, judged in _judged(latest, known):
        work.take(event, judged)
    work.settle()
    return Outcome(tuple(work.steps), tuple(work.verdicts))


def reach(versions: pl.DataFrame, rules: Rules) -> tuple[list[str], timedelta]:
    """Which vessels' alerts, and from how long before the first event on, could be one situation with events."""
    return versions["vessel_ids"].explode(empty_as_null=False).unique().sort().to_list(), timedelta(hours=max(rules.group_hours, 1.0))


def alert_name(realm: str, event_id: str, *follows: str) -> str:
    """The name of an alert: by the event it is raised for, and the alert and revision it carries on from, where there is one."""
    return hashlib.sha256("\x1f".join((realm, event_id, *follows)).encode()).hexdigest()[:16]


def _one_realm(realm: str, versions: pl.DataFrame, earlier: Iterable[Alert]) -> None:
    said = [*versions["realm"].cast(pl.String).unique().to_list(), *{a.realm for a in earlier}]
    if foreign := [r for r in said if r != realm]:
        raise RealmError(f"an event or alert of realm {foreign[0]!r} is refused: alerts are raised in {realm!r}")


def _judged(latest: pl.DataFrame, known: Known) -> Iterable[tuple[dict[str, Any], Judged]]:
    """Each event with what the rules make of it."""
    if latest.is_empty():
        return
    vessels = vessels_of(latest["vessel_ids"].explode(empty_as_null=False).to_list(), known.vessels, known.lists)
    names = EVENTS.schema.names()
    past = Past.of(pl.concat([latest, known.past.select(names)]).unique("event_id", keep="first", maintain_order=True))
    away_m = [float("inf")] * len(latest) if known.places is None else known.places.nearest(latest["lon_deg"], latest["lat_deg"])[1].tolist()
    for event, port_m in zip(latest.iter_rows(named=True), away_m, strict=True):
        if event["state"] == "withdrawn":
            yield event, Judged("withdrawn")
        else:
            down = any(e["feed"] in known.down for e in event["evidence"])
            yield event, judge(event, vessels, known.rules, past, near_port=port_m <= PORT_M, feed_down=down)


class _Work:
    """The alerts under way from what they were to what they become."""

    def __init__(self, known: Known, as_of: datetime) -> None:
        self._known, self._as_of = known, as_of
        self._order: Mapping[str, int] = {r.id: i for i, r in enumerate(known.rules.rules)}
        self._alerts = {a.alert_id: a for a in known.earlier if a.mark != "merged"}
        self._owner = {m.event_id: a.alert_id for a in self._alerts.values() for m in a.members}
        self._members = {m.event_id: m for a in self._alerts.values() for m in a.members}
        self.steps: list[Step] = []
        self.verdicts: list[tuple[str, int, str, str | None]] = []

    def take(self, event: dict[str, Any], judged: Judged) -> None:
        """Put an event in the place of its earlier version, or beside the others."""
        name, version = event["event_id"], event["version"]
        before = self._members.get(name)
        if before is not None and before.version > version:
            return  # a late copy of what was replaced
        if judged.verdict == "feed_down" and before is not None:  # what was alerted stays so, whatever happens to the feed
            judged = Judged("raised", None)
        self.verdicts.append((name, version, judged.verdict, judged.rule.id if judged.rule else before.rule if before else None))
        if judged.verdict != "raised":
            if before is not None:
                mark = "withdrawn" if judged.verdict == "withdrawn" else "lapsed"
                self._members[name] = _member(event, before.rule, before.priority, before.reasons, mark)
        elif judged.rule is not None:
            self._members[name] = _member(event, judged.rule.id, judged.rule.priority, judged.reasons, None)
        elif before is not None:
            self._members[name] = _member(event, before.rule, before.priority, before.reasons, before.mark)

    def settle(self) -> None:
        """Divide the events into alerts, and change those that are not what they were."""
        closed = {i for i, a in self._alerts.items() if a.state == "dismissed"}  # their events stay with them, and no others come
        pool = [m for n, m in self._members.items() if m.is_live and self._owner.get(n) not in closed]
        situations = [[pool[i] for i in g] for g in groups(pool, timedelta(hours=self._known.rules.group_hours))]
        holder = self._holders(situations)
        carried: dict[str, list[Member]] = {}
        for alert_id in self._alerts:
            if (into := self._merged_into(alert_id, holder, situations)) is not None:
                carried.setdefault(into, []).extend(m for m in self._own(alert_id) if not m.is_live)
        for alert_id in sorted(self._alerts, key=lambda i: (self._alerts[i].raised_at, i)):
            alert = self._alerts[alert_id]
            own = self._own(alert_id)
            dead = [m for m in own if not m.is_live] + carried.get(alert_id, [])
            mine = [m for g, i in enumerate(holder) if i == alert_id for m in situations[g]]
            if alert_id in closed:
                self._change(alert, own)
            elif (into := self._merged_into(alert_id, holder, situations)) is None:
                self._change(alert, [*dead, *mine])
            else:
                self.steps.append(step(alert, "merged", WATCH, self._as_of, mark="merged", merged_into=into))
        for g, alert_id in enumerate(holder):
            if alert_id not in self._alerts:
                self._raise(alert_id, situations[g])

    def _own(self, alert_id: str) -> list[Member]:
        """The events of an alert as they are now."""
        return [self._members[m.event_id] for m in self._alerts[alert_id].members]

    def _merged_into(self, alert_id: str, holder: list[str], situations: list[list[Member]]) -> str | None:
        """The alert that holds all events of another that still ask for something; None where it holds some itself, or has none."""
        if alert_id in holder:
            return None
        return next((i for g, i in enumerate(holder) if any(self._owner.get(m.event_id) == alert_id for m in situations[g])), None)

    def _holders(self, situations: list[list[Member]]) -> list[str]:
        """The alert of each situation: the most senior one that had one of its events, each alert for one situation; else a new name."""
        holder: dict[int, str] = {}
        where = {m.event_id: g for g, members in enumerate(situations) for m in members}
        senior = sorted(self._alerts.values(), key=lambda a: (_SENIOR.index(a.state) if a.state in _SENIOR else 9, a.raised_at, a.alert_id))
        for alert in senior:
            had = sorted({where[m.event_id] for m in alert.members if m.event_id in where})  # in the order of the situations' first events
            if (g := next((g for g in had if g not in holder), None)) is not None:
                holder[g] = alert.alert_id
        return [holder.get(g) or self._new_name(members) for g, members in enumerate(situations)]

    def _new_name(self, members: list[Member]) -> str:
        parent = self._parent(members)
        return alert_name(self._known.realm, members[0].event_id, *(() if parent is None else (parent.alert_id, str(parent.revision))))

    def _parent(self, members: list[Member]) -> Alert | None:
        """The alert that events were in until it was divided; or the dismissed one that their vessel and kind had shortly before."""
        for member in members:
            if member.event_id in self._owner:
                return self._alerts[self._owner[member.event_id]]
        within = timedelta(hours=self._known.rules.group_hours)
        for alert in sorted(self._alerts.values(), key=lambda a: (a.raised_at, a.alert_id), reverse=True):
            if alert.state == "dismissed" and any(len(groups([m, own], within)) == 1 for m in members for own in alert.members):
                return alert
        return None

    def _raise(self, alert_id: str, members: list[Member]) -> None:
        """A new alert; one that was divided from another is as far as that one was."""
        parent = self._parent(members)
        quiet = cover(self._known.silences, None, members, self._as_of)
        state: dict[str, Any] = {"state": "silenced" if quiet else "new", **_until(quiet)}
        verb, raised_at = "raised", self._as_of
        if parent is not None and parent.state != "dismissed":
            names = ("state", "silenced_until", "silenced_priority", "answered_at", "answered_by")
            state, verb, raised_at = {n: getattr(parent, n) for n in names}, "divided", parent.raised_at
        made = Alert(
            realm=self._known.realm, alert_id=alert_id, revision=1, mark=None, raised_at=raised_at, alarmed_at=raised_at, changed_at=self._as_of,
            changed_by=WATCH, follows=parent.alert_id if parent else None, **state, **of_members(members, self._order),
        )  # fmt: skip
        self.steps.append(first(made, verb))

    def _change(self, before: Alert, members: list[Member]) -> None:
        """Bring an alert to what its events are now; nothing where they are what they were."""
        fresh = of_members(members, self._order)
        live = [m for m in members if m.is_live]
        fresh["mark"] = None if live else "withdrawn" if any(m.mark == "withdrawn" for m in members) else "lapsed"
        changed = _differs(before, replace(before, **fresh))
        verb = "updated" if fresh["mark"] == before.mark else fresh["mark"] or "restored"
        if live:
            quiet = cover(self._known.silences, before.alert_id, live, self._as_of)
            louder = rank(fresh["priority"]) < rank(before.priority) or before.mark is not None
            if louder and changed:
                verb = "restored" if before.mark is not None else "escalated"
                fresh |= self._again(before, bool(quiet))
            elif before.state == "silenced" and not quiet and not self._occurrence(before):
                if not fresh["ongoing"] and not any(m.event_id not in self._owner for m in live):
                    return self._keep(before, verb, fresh, changed)  # it is over: nothing to wake anybody for
                verb = "woken"
                fresh |= self._again(before, False)
                changed = True
        self._keep(before, verb, fresh, changed)

    def _keep(self, before: Alert, verb: str, fresh: dict[str, Any], changed: bool) -> None:
        if changed:
            self.steps.append(step(before, verb, WATCH, self._as_of, **fresh))

    def _again(self, before: Alert, quiet: bool) -> dict[str, Any]:
        """Asking for attention anew: what a person holds as a case stays one, what is silenced at this priority stays silent."""
        if before.state == "validated" or (quiet and before.state == "silenced"):
            return {}
        return {"state": "new", "alarmed_at": self._as_of, "answered_at": None, "answered_by": None, "dismissal": None, "silenced_until": None,
                "silenced_priority": None}  # fmt: skip

    def _occurrence(self, before: Alert) -> bool:
        """Whether it is silenced for as long as it lasts."""
        own = [s for s in self._known.silences if s.alert_id == before.alert_id and s.until_at is None]
        return any(s.holds(self._as_of) for s in own)


def _differs(before: Alert, after: Alert) -> bool:
    """Whether somebody would want to know: not where an event only went on a little."""
    one, two = ({n: getattr(a, n) for n in ("priority", "rule", "kind", "mark", "vessel_ids", "areas", "ongoing")} for a in (before, after))
    if one != two or [_identity(m) for m in before.members] != [_identity(m) for m in after.members]:
        return True
    if (before.probability is None) != (after.probability is None):
        return True
    return abs((after.probability or 0) - (before.probability or 0)) >= _LIKELIER or abs(after.end_at - before.end_at) >= _LONGER


def _identity(m: Member) -> tuple[Any, ...]:
    return m.event_id, m.state == "withdrawn", m.state in ("open", "revised"), m.rule, m.priority, m.mark


def _until(quiet: list[Silence]) -> dict[str, Any]:
    """When silences that cover an alert end: where several are needed, with the first."""
    if not quiet:
        return {}
    ends = [s.until_at for s in quiet if s.until_at is not None]
    return {"silenced_until": min(ends, default=None), "silenced_priority": max((s.priority for s in quiet), key=rank)}


def _member(event: Mapping[str, Any], rule: str, priority: str, reasons: tuple[Any, ...], mark: str | None) -> Member:
    return Member(
        event["event_id"], event["version"], event["state"], event["kind"], event["start_at"], event["end_at"], tuple(event["vessel_ids"]),
        event["lon_deg"], event["lat_deg"], event["probability"], tuple(event["areas"]), rule, priority, reasons, mark,
    )  # fmt: skip
