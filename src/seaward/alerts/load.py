"""Alerts and their changes -> how heavy each watch was: raised, answered how fast, left open, and how many were false."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from seaward.alerts.alert import WATCH
from seaward.core.errors import ParameterError
from seaward.core.intervals import wilson
from seaward.core.tables import AT

WATCH_LENGTH = timedelta(hours=4)  # the customary watch at sea
MOST_WATCHES = 10_000
_ASKING = frozenset(("raised", "divided", "escalated", "woken", "restored", "reopened"))
_ANSWERS = frozenset(("acknowledged", "validated", "dismissed", "silenced"))
LOAD = pl.Schema({
    "start_at": AT, "end_at": AT, "raised": pl.Int64, "asked_again": pl.Int64, "alarms": pl.Int64, "answered": pl.Int64, "silent": pl.Int64,
    "median_s": pl.Float64, "p90_s": pl.Float64, "open_at_end": pl.Int64, "validated": pl.Int64, "dismissed": pl.Int64, "false": pl.Int64,
    "false_share": pl.Float64, "false_low": pl.Float64, "false_high": pl.Float64, "false_few": pl.Boolean,
})  # fmt: skip


class _Asked(NamedTuple):
    """One time an alert asked for attention: when, and when a person first answered it, or it needed none any more."""

    at: datetime
    priority: str
    answered_at: datetime | None
    ended_at: datetime | None


def watch_load(
    changes: pl.DataFrame,
    since: datetime,
    until: datetime,
    length: timedelta = WATCH_LENGTH,
    dismissals: Iterable[tuple[str, str | None]] = (),
) -> pl.DataFrame:
    """Count the alerts of each watch.

    Parameters
    ----------
    changes
        ALERT_CHANGES of all alerts, from their beginning until `until`.
    since, until
        Watches from the one that `since` lies in to the one that ends at or after `until`; they begin at multiples of their length from midnight UTC.
    length
        Of a watch; a day holds a whole number of them.
    dismissals
        alert_id and class of alerts as they stand; the false ones begin with `false_`.

    Returns
    -------
    One row per watch, and per column: `raised` (asked for the first time), `asked_again` (priority rose, silence ended, reopened), `alarms` of both,
    `silent` (raised under a silence), `answered` of those that asked, `median_s` and `p90_s` until a person answered (those never answered count as
    longer than all others; null where so many were not), `open_at_end` (unanswered when the watch ended), decisions made in the watch (`validated`,
    `dismissed`, and `false` of these by the class they have now) and the share of false ones with its 95 % interval.

    Raises
    ------
    ParameterError
        If the length does not divide a day, or there would be more than 10,000 watches.
    """
    day = timedelta(days=1)
    if not timedelta(minutes=10) <= length <= day or day % length:
        raise ParameterError(f"a watch of {length} does not divide the day; give 4 h, 6 h, 8 h or 12 h")
    begin = since.astimezone(UTC)
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight + (begin - midnight) // length * length
    count = max(0, math.ceil((until - begin) / length))
    if count > MOST_WATCHES:
        raise ParameterError(f"{count:,} watches are too many; ask for a shorter time, or longer watches")
    rows = changes.sort("alert_id", "revision").select("alert_id", "at", "who", "verb", "state", "priority").iter_rows(named=True)
    asked, silent, decided = _read(rows)
    false = {alert for alert, dismissal in dismissals if (dismissal or "").startswith("false_")}
    watches = []
    for k in range(count):
        start, end = begin + k * length, begin + (k + 1) * length
        mine = [(a, n) for a, n in asked if start <= a.at < end]
        waited = sorted((a.answered_at - a.at).total_seconds() if a.answered_at else math.inf for a, _ in mine if a.answered_at or not a.ended_at)
        done = [(alert, verb) for at, alert, verb in decided if start <= at < end]
        dismissed = [alert for alert, verb in done if verb == "dismissed"]
        wrong, share = sum(a in false for a in dismissed), None
        share = wilson(wrong, len(done))
        watches.append(
            (start, end, sum(n == 0 for _, n in mine), sum(n > 0 for _, n in mine), sum(a.priority == "alarm" for a, _ in mine),
             sum(a.answered_at is not None for a, _ in mine), sum(start <= at < end for at in silent), _quantile(waited, 0.5), _quantile(waited, 0.9),
             sum(a.at < end and not any(t is not None and t < end for t in (a.answered_at, a.ended_at)) for a, _ in asked),
             len(done) - len(dismissed), len(dismissed), wrong, *share)
        )  # fmt: skip
    return pl.DataFrame(watches, schema=LOAD, orient="row")


def _read(rows: Iterable[dict[str, Any]]) -> tuple[list[tuple[_Asked, int]], list[datetime], list[tuple[datetime, str, str]]]:
    """Each time an alert asked, with how often it had before; when one was raised silently; decisions: the last of an alert."""
    asked: list[tuple[_Asked, int]] = []
    silent: list[datetime] = []
    decided: dict[str, tuple[datetime, str, str]] = {}
    open_now: dict[str, int] = {}
    times: dict[str, int] = {}
    for row in rows:
        alert, at, verb = row["alert_id"], row["at"], row["verb"]
        if verb in _ASKING and row["state"] == "new":
            if alert in open_now:  # it asked already and nobody had answered
                asked[open_now[alert]] = (asked[open_now[alert]][0]._replace(priority=row["priority"]), asked[open_now[alert]][1])
            else:
                open_now[alert] = len(asked)
                asked.append((_Asked(at, row["priority"], None, None), times.get(alert, 0)))
                times[alert] = times.get(alert, 0) + 1
        elif verb == "raised":
            silent.append(at)
        elif alert in open_now and (verb in ("withdrawn", "lapsed", "merged") or (verb in _ANSWERS and row["who"] != WATCH)):
            number = open_now.pop(alert)
            fresh = {"answered_at": at} if verb in _ANSWERS else {"ended_at": at}
            asked[number] = (asked[number][0]._replace(**fresh), asked[number][1])
        if verb in ("validated", "dismissed"):
            decided[alert] = (at, alert, verb)
        elif verb == "reopened":
            decided.pop(alert, None)
    return asked, silent, [*decided.values()]


def _quantile(waited_s: list[float], share: float) -> float | None:
    """The shortest time in which such a share was answered; null where it never was."""
    if not waited_s:
        return None
    value = waited_s[math.ceil(share * len(waited_s)) - 1]
    return value if math.isfinite(value) else None
