"""Alerts over the API: pages, one with its history, and what a person does with it - on the revision they looked at, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import msgspec

from seaward import alerting
from seaward.alerting import Scope
from seaward.alerts.alert import Alert, alert_of, reason_text
from seaward.alerts.life import DISMISSALS, Refused, allowed
from seaward.alerts.rules import fits
from seaward.core.catalogue import render
from seaward.core.tables import ALERT_STATES, PRIORITIES
from seaward.core.units import at_to_us
from seaward.server.answers import One, Raw, Rows, point
from seaward.server.asked import Asked, cursor_of, utc
from seaward.server.floor import Floor
from seaward.server.of_events import KINDS
from seaward.server.problems import Problem
from seaward.server.roles import OFFICER, may
from seaward.server.route import Param

Why = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
ALERTS_PARAMS = (
    Param("state", "choice", "states", many=True, choices=ALERT_STATES),
    Param("priority", "choice", "priorities", many=True, choices=PRIORITIES),
    Param("kind", "choice", "kinds of events", many=True, choices=KINDS),
    Param("rule", "name", "rules", many=True),
    Param("vessel", "name", "vessels, such as mmsi:760000001", many=True),
    Param("area", "name", "names of areas", many=True),
    Param("bbox", "bbox", "west,south,east,north [degree]; over 180 where west is more than east"),
    Param("since", "moment", "their events ended at or after"),
    Param("until", "moment", "their events began at or before"),
    Param("live", "flag", "only those that still ask for something; false: only withdrawn, lapsed and merged ones"),
)


class Deed(msgspec.Struct, forbid_unknown_fields=True):
    """Why; not needed."""

    why: Why | None = None


class Reasoned(msgspec.Struct, forbid_unknown_fields=True):
    """Why; needed."""

    why: Why


class Dismissal(msgspec.Struct, forbid_unknown_fields=True):
    """Of which class, and why."""

    dismissal: Literal[DISMISSALS]  # type: ignore[valid-type]
    why: Why


class Silencing(msgspec.Struct, forbid_unknown_fields=True):
    """Why, and until when; without an end as long as this lasts."""

    why: Why
    until: datetime | None = None


class Assigning(msgspec.Struct, forbid_unknown_fields=True):
    """To whom; null: to nobody."""

    person: Annotated[str, msgspec.Meta(max_length=64)] | None
    why: Why | None = None


class WideSilence(msgspec.Struct, forbid_unknown_fields=True):
    """What must all be met by an alert to be silenced, at least one of them; why, until when, and up to which priority."""

    why: Why
    until: datetime
    vessel_id: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    rule: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    area: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    kind: Literal[KINDS] | None = None  # type: ignore[valid-type]
    priority: Literal[PRIORITIES] = "warning"  # type: ignore[valid-type]


def alerts(floor: Floor, asked: Asked) -> Rows:
    """Alerts as they stand, the last raised first."""
    q, after = asked.query, asked.cursor(int, str)
    place = None if after is None else (after[0], after[1])
    found = floor.node.state.page_of_alerts(
        q["limit"] + 1, place, states=q["state"], priorities=q["priority"], kinds=q["kind"], rules=q["rule"], vessel_ids=q["vessel"], areas=q["area"],
        box=q["bbox"], marked=None if q["live"] is None else not q["live"], since=q["since"], until=q["until"],
    )  # fmt: skip
    page = found.head(q["limit"])
    following = cursor_of(at_to_us(page["raised_at"][-1]), page["alert_id"][-1]) if len(found) > len(page) else None
    words = [[reason_text(r, asked.language) for r in reasons] for reasons in page["reasons"].to_list()]
    return Rows(page, following, "alert_id", words={"words": words})


def alert(floor: Floor, asked: Asked) -> One:
    """One alert: as it stands, what was done with it, and what may be; its ETag begins with its revision."""
    row = floor.node.state.alert(asked.path["alert_id"])
    if row is None:
        raise Problem("not_found", what=asked.path["alert_id"][:60])
    return _told(floor, asked, alert_of(row))


def acknowledge(floor: Floor, asked: Asked) -> One:
    """Take it: somebody looks at it now."""
    return _act(floor, asked, "acknowledge")


def validate(floor: Floor, asked: Asked) -> One:
    """Say that it is so: it becomes a case in the history of its vessels."""
    return _act(floor, asked, "validate")


def dismiss(floor: Floor, asked: Asked) -> One:
    """Say that nothing need be done, and of which class that is."""
    return _act(floor, asked, "dismiss", dismissal=asked.body.dismissal)


def silence(floor: Floor, asked: Asked) -> One:
    """Silence it, for this occurrence or until a moment at most a year away."""
    return _act(floor, asked, "silence", until=_until(asked.body.until))


def reopen(floor: Floor, asked: Asked) -> One:
    """Undo what was decided, by a further change."""
    return _act(floor, asked, "reopen")


def comment(floor: Floor, asked: Asked) -> One:
    """Write into its history."""
    return _act(floor, asked, "comment")


def assign(floor: Floor, asked: Asked) -> One:
    """Give it to somebody who may act on it, or to nobody."""
    to = asked.body.person
    person = None if to is None else floor.node.state.person(to)
    if to is not None and (person is None or person.disabled_at is not None or not may(person.role, OFFICER)):
        raise Problem("body", where="/person", what=to[:60])
    return _changed(
        floor, asked, lambda: alerting.assign(floor.node.state, asked.path["alert_id"], to, asked.caller.person, floor.now(), asked.body.why)
    )


def new_silence(floor: Floor, asked: Asked) -> One:
    """Silence all alerts of a vessel, rule, area or kind, or of what is all of these."""
    body: WideSilence = asked.body
    scope = Scope(body.vessel_id, body.rule, body.area, body.kind)
    until = _until(body.until)
    assert until is not None
    notes = _of_nothing(floor, scope, asked.language)
    try:
        done = alerting.silence(floor.node.state, scope, asked.caller.person, floor.now(), body.why, until, body.priority)
    except Refused as e:
        raise Problem("refused", detail=e.told(asked.language)) from e
    floor.changes.poke()
    return One({"silenced": [a.alert_id for a in done], "notes": notes}, keep=False)


def lift(floor: Floor, asked: Asked) -> Raw:
    """End a silence before its time."""
    name = asked.path["silence_id"]
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 16 else -1
    if number not in floor.node.state.silences(floor.now())["silence_id"]:
        raise Problem("not_found", what=name[:60])
    floor.node.state.lift_silence(number, asked.caller.person, floor.now())
    floor.changes.poke()
    return Raw()


def _of_nothing(floor: Floor, scope: Scope, language: str) -> list[str]:
    """What a silence names and nobody knows, in words; a rule that neither the rules have nor an alert is refused."""
    state, layers = floor.node.state, floor.node.given.areas
    rules, areas = [r.id for r in floor.node.rules.rules], [] if layers is None else sorted({a.name for a in layers.areas})
    if scope.rule is not None and scope.rule not in rules and state.page_of_alerts(1, rules=[scope.rule]).is_empty():
        raise Problem("refused", detail=render("refused.no_rule", {"rule": scope.rule, "rules": ", ".join(rules)}, language))
    notes = []
    if scope.area is not None and not any(fits(scope.area, a) for a in areas):
        near = ", ".join(get_close_matches(scope.area, areas, 3, 0.7)) or "-"
        notes.append(render("silence.no_area", {"area": scope.area, "near": near}, language))
    name = scope.vessel_id
    if name is not None and name not in set(floor.sight.now().rows["vessel_id"]) and state.latest_events(vessel_ids=[name], limit=1).is_empty():
        notes.append(render("silence.no_vessel", {"vessel": name}, language))
    return notes


def _act(floor: Floor, asked: Asked, verb: str, **what: Any) -> One:
    name, who, why = asked.path["alert_id"], asked.caller.person, asked.body.why
    return _changed(floor, asked, lambda: alerting.act(floor.node.state, name, verb, who, floor.now(), why, **what))


def _changed(floor: Floor, asked: Asked, deed: Callable[[], Alert]) -> One:
    """Do something with an alert if its revision is still the one that was looked at."""
    state, name = floor.node.state, asked.path["alert_id"]
    try:
        with state.together():
            row = state.alert(name)
            if row is None:
                raise Problem("not_found", what=name[:60])
            if row["revision"] != asked.revision:
                raise Problem("changed", revision=row["revision"], given=asked.revision)
            done = deed()
    except Refused as e:
        raise Problem("refused", detail=e.told(asked.language)) from e
    floor.changes.poke()
    return _told(floor, asked, done)


def _told(floor: Floor, asked: Asked, one: Alert) -> One:
    row: dict[str, Any] = one.row() | {"words": [reason_text(dict(r), asked.language) for r in one.reasons]}
    changes = floor.node.state.alert_changes(alert_id=one.alert_id)
    value = {"alert": row, "changes": [*changes.iter_rows(named=True)], "verbs": [*allowed(one), *(["assign"] if one.mark != "merged" else [])]}
    return One(value, one.revision, [point(row, "alert_id")])


def _until(at: datetime | None) -> datetime | None:
    try:
        return None if at is None else utc(at)
    except OverflowError:
        raise Problem("body", where="/until", what=f"{at} lies outside the years 1 to 9999 in UTC") from None
