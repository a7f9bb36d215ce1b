"""What a person may do with an alert: (alert, verb, who, when, why) -> the alert after it and the change, or a refusal in words.

After IMO MSC.302(87), where an alert stays unacknowledged until somebody takes it, and what fisheries centres do: a validated alert becomes a case in
the vessel's history, or it is silenced for this occurrence, a period or until a date (MonitorFish). Nothing is erased: a change is undone by another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from seaward.alerts.alert import Alert, Step, step
from seaward.core.catalogue import render
from seaward.core.errors import UsageError
from seaward.core.foreign_text import one_line

VERBS = ("acknowledge", "validate", "dismiss", "silence", "reopen", "comment")
DISMISSALS = (
    "true_lawful", "true_handled", "true_minor",  # it was so, and: is allowed, is in hand already, matters too little
    "false_sensor", "false_identity", "false_position", "false_behaviour",  # a receiver or feed failed; another vessel; elsewhere; it did not do it
    "duplicate",  # another alert has it
)  # fmt: skip
LONGEST_SILENCE = timedelta(days=366)  # a year, the longest of MonitorFish
_LONGEST_WHY = 2000
_TO = {  # (verb, state) -> the state after it; what is not here is refused
    ("acknowledge", "new"): "acknowledged", ("acknowledge", "silenced"): "acknowledged",
    ("validate", "new"): "validated", ("validate", "acknowledged"): "validated", ("validate", "silenced"): "validated",
    ("validate", "dismissed"): "validated",
    ("dismiss", "new"): "dismissed", ("dismiss", "acknowledged"): "dismissed", ("dismiss", "silenced"): "dismissed",
    ("dismiss", "validated"): "dismissed", ("dismiss", "dismissed"): "dismissed",  # the last: into another class
    ("silence", "new"): "silenced", ("silence", "acknowledged"): "silenced", ("silence", "silenced"): "silenced",
    ("reopen", "acknowledged"): "new", ("reopen", "silenced"): "new", ("reopen", "dismissed"): "new", ("reopen", "validated"): "acknowledged",
    **{("comment", state): state for state in ("new", "acknowledged", "validated", "dismissed", "silenced")},
}  # fmt: skip
_DONE = {"acknowledge": "acknowledged", "validate": "validated", "dismiss": "dismissed", "silence": "silenced", "reopen": "reopened",
         "comment": "commented"}  # fmt: skip
_WHY_NEEDED = ("dismiss", "silence", "comment", "reopen")


class Refused(UsageError):
    """Something that cannot be done with an alert: a code of the catalogue (`refused.<code>`) with its values."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """Why, and what to do."""
        states = {k: render(f"alert.state.{v}", {}, language) for k, v in self.values.items() if k == "state"}
        return render(f"refused.{self.code}", self.values | states, language)


def allowed(alert: Alert) -> tuple[str, ...]:
    """What may be done with an alert as it stands."""
    return tuple(v for v in VERBS if (v, alert.state) in _TO and (alert.mark != "merged" or v == "comment"))


def act(
    alert: Alert, verb: str, who: str, at: datetime, why: str | None = None, *, dismissal: str | None = None, until: datetime | None = None
) -> Step:
    """Do something with an alert.

    Parameters
    ----------
    alert
        As it stands.
    verb
        Of `VERBS`.
    who
        The person.
    at
        When, by the clock; revisions give the order, also where a clock was set back.
    why
        Needed to dismiss, silence, reopen and comment.
    dismissal
        Of `DISMISSALS`, to dismiss.
    until
        End of a silence, at most a year away; None: for this occurrence, which ends when its priority rises.

    Raises
    ------
    Refused
        If its state does not allow it, or something is missing or makes no sense.
    """
    who, why = one_line(who), (why or "").strip() or None
    if verb not in VERBS:
        raise Refused("verb", verb=verb, verbs=", ".join(VERBS))
    if why is None and verb in _WHY_NEEDED:
        raise Refused("why", verb=verb)
    _check(who, why)
    if alert.mark == "merged" and verb != "comment":
        raise Refused("merged", other=alert.merged_into)
    if (to := _TO.get((verb, alert.state))) is None:
        raise Refused("state", verb=verb, state=alert.state, verbs=", ".join(allowed(alert)))
    return step(alert, _DONE[verb], who, at, why, **_fresh(alert, verb, to, who, at, dismissal, until))


def assign(alert: Alert, to: str | None, who: str, at: datetime, why: str | None = None) -> Step:
    """Give an alert to somebody who deals with it, or (None) to nobody; its state stays, and nothing is answered by it.

    Raises
    ------
    Refused
        As `act`.
    """
    who, why, to = one_line(who), (why or "").strip() or None, one_line(to or "") or None
    _check(who, why)
    if alert.mark == "merged":
        raise Refused("merged", other=alert.merged_into)
    return step(alert, "assigned", who, at, why, assigned_to=to)


def _check(who: str, why: str | None) -> None:
    """What holds whatever is done."""
    if not who:
        raise Refused("nobody")
    if why is not None and len(why) > _LONGEST_WHY:
        raise Refused("why_long", most=_LONGEST_WHY)


def _fresh(alert: Alert, verb: str, to: str, who: str, at: datetime, dismissal: str | None, until: datetime | None) -> Mapping[str, Any]:
    if (dismissal is None) == (verb == "dismiss") or (dismissal is not None and dismissal not in DISMISSALS):
        raise Refused("dismissal", dismissal=dismissal or "-", classes=", ".join(DISMISSALS))
    if until is not None and (verb != "silence" or not at < until <= at + LONGEST_SILENCE):
        raise Refused("until", until=until.isoformat(timespec="minutes"))
    if verb == "comment":
        return {}
    answer = {} if alert.answered_at is not None else {"answered_at": at, "answered_by": who}
    if to == "new":
        answer = {"alarmed_at": at, "answered_at": None, "answered_by": None}
    silenced_priority = alert.priority if verb == "silence" else None
    return {"state": to, "dismissal": dismissal, "silenced_until": until, "silenced_priority": silenced_priority, **answer}
