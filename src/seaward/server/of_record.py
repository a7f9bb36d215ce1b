"""What the watch did in a period: what became of its alerts, and how long each answer took."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from seaward.core.catalogue import render
from seaward.core.errors import ParameterError
from seaward.evaluation.watch_record import watch_record
from seaward.report.review_words import lasting
from seaward.report.words import spoken
from seaward.server.answers import One
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.of_vessels import moved
from seaward.server.problems import Problem
from seaward.server.route import Param

RECORD_PARAMS: Final = (
    Param("since", "moment", "alerts raised at or after; without it, a week before the end"),
    Param("until", "moment", "alerts raised before; without it, now"),
)
_WEEK = timedelta(days=7)


def record(floor: Floor, asked: Asked) -> One:
    """The figures, with words for each."""
    until = asked.query["until"] or floor.now()
    since = asked.query["since"] or moved(until, -_WEEK)
    return One(told(floor, asked.language, since, until), keep=False)


def told(floor: Floor, language: str, since: datetime, until: datetime) -> dict[str, Any]:
    """What became of the alerts of a period, in figures and in words.

    Raises
    ------
    Problem
        If the period makes no sense.
    """
    state = floor.node.state
    try:
        found = watch_record(
            state.alerts(raised=(since, until)), state.alert_changes(since=since, until=until, by_people=True), state.everyone_told(), since, until
        )
    except ParameterError as e:
        raise Problem("bad_value", name="since", value=since.isoformat(), wanted="before until, by no more than 400 days") from e
    kinds = [r | {"word": render(f"kind.{r['kind']}", {}, language)} for r in found.kinds.iter_rows(named=True)]
    steps = [r | {"word": render(f"record.step.{r['end']}", {}, language)} for r in found.steps.iter_rows(named=True)]
    return {
        "realm": floor.node.realm, "since": since, "until": until, "step_s": found.step_s, "kinds": kinds, "steps": steps,
        "times": found.times.to_dicts(), "words": _words(kinds, steps, language),
        "classes": [r | {"word": render(f"alert.dismissal.{r['dismissal']}", {}, language)} for r in found.classes.iter_rows(named=True)],
    }  # fmt: skip


def _words(kinds: list[dict[str, Any]], steps: list[dict[str, Any]], language: str) -> list[str]:
    """What is to be said first: how many, how many held, how long the answers took."""
    sums = {name: sum(k[name] for k in kinds) for name in ("alerts", "held", "false", "withdrawn", "undecided")}
    words = [render("record.sums", sums, language)] if kinds else [render("record.none", {}, language)]
    for step in steps:
        if step["median_s"] is not None and step["begin"] == "raised":
            values = {"median": lasting(step["median_s"]), "done": step["done"], "alerts": step["alerts"]}
            words.append(render(f"record.said.{step['end']}", values, language))
    return [spoken(w, language) for w in words]
