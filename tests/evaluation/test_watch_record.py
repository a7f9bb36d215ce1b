"""What a watch did in a period: verdicts of people, by kind and time, and how long answers took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import ParameterError
from seaward.core.tables import ALERT_CHANGES, ALERTS, AT
from seaward.evaluation.watch_record import STEPS, VERDICTS, watch_record

T0 = datetime(2027, 11, 5, tzinfo=UTC)
TOLD = pl.Schema({"event_id": pl.String(), "at": AT})


def minutes(n: float) -> datetime:
    return T0 + timedelta(minutes=n)


def alert(name: str, at_min: float, **more: Any) -> dict[str, Any]:
    at = minutes(at_min)
    member = {"event_id": f"e-{name}", "version": 1, "state": "open", "kind": "gap", "start_at": at, "end_at": at, "vessel_ids": [], "lon_deg": 0.0,
              "lat_deg": 0.0, "probability": None, "areas": [], "rule": "r", "priority": "warning", "reasons": [], "mark": None}  # fmt: skip
    plain: dict[str, Any] = dict.fromkeys(ALERTS.schema) | {
        "realm": "ops", "alert_id": name, "revision": 1, "state": "new", "priority": "warning", "rule": "r", "kind": "gap", "vessel_ids": [],
        "start_at": minutes(at_min - 10), "end_at": at, "ongoing": False, "lon_deg": 0.0, "lat_deg": 0.0, "areas": [], "reasons": [],
        "members": [{k: v for k, v in member.items() if k in {f.name for f in ALERTS.schema["members"].inner.fields}}],  # type: ignore[union-attr]
        "raised_at": at, "alarmed_at": at, "changed_at": at, "changed_by": "watch",
    }  # fmt: skip
    return plain | more


def deed(name: str, at_min: float, verb: str) -> dict[str, Any]:
    return {"realm": "ops", "alert_id": name, "revision": 2, "at": minutes(at_min), "who": "vega", "verb": verb, "state": "new",
            "priority": "warning", "why": None, "body": "{}"}  # fmt: skip


def record(
    alerts: list[dict[str, Any]],
    deeds: list[dict[str, Any]] | None = None,
    told: list[tuple[str, datetime]] | None = None,
    hours: float = 8,
    since_min: float = 0,
):
    since, rows = minutes(since_min), pl.DataFrame(alerts, schema=ALERTS.schema)
    told_rows = pl.DataFrame(told or [], schema=TOLD, orient="row")
    return watch_record(rows, pl.DataFrame(deeds or [], schema=ALERT_CHANGES.schema), told_rows, since, since + timedelta(hours=hours))


def test_what_people_held_goes_before_what_became_of_the_events() -> None:
    found = record([
        alert("a", 5, state="validated"), alert("b", 6, state="dismissed", dismissal="true_lawful"),
        alert("c", 7, state="dismissed", dismissal="false_sensor"),
        alert("d", 8, state="dismissed", dismissal="duplicate"), alert("e", 9, mark="withdrawn"), alert("f", 10), alert("g", 11, mark="merged"),
        alert("h", 12, state="dismissed", dismissal="false_sensor", mark="withdrawn"), alert("i", 13, kind="encounter", state="validated"),
    ])  # fmt: skip
    gap, encounter = found.kinds.iter_rows(named=True)
    assert (gap["kind"], gap["alerts"]) == ("gap", 7) and [gap[v] for v in VERDICTS] == [2, 2, 1, 1, 1]
    assert gap["share"] == 0.5 and gap["low"] < 0.5 < gap["high"] and gap["few"]
    assert encounter["share"] == 1.0 and encounter["high"] == 1.0
    assert found.classes.rows() == [("false_sensor", 2), ("duplicate", 1), ("true_lawful", 1)]


def test_delays_are_of_the_first_answer_and_the_last_decision_and_what_waits_still_counts() -> None:
    alerts = [
        alert("a", 10, state="validated"),
        alert("b", 20, state="acknowledged"),
        alert("c", 30),
        alert("d", 40, mark="withdrawn", changed_at=minutes(41)),
    ]
    deeds = [
        deed("a", 12, "acknowledged"),
        deed("a", 15, "dismissed"),
        deed("a", 16, "reopened"),
        deed("a", 20, "validated"),
        deed("b", 24, "acknowledged"),
    ]
    steps = {r["end"]: r for r in record(alerts, deeds, [("e-a", minutes(13)), ("e-a", minutes(30)), ("x", minutes(1))]).steps.iter_rows(named=True)}
    assert (steps["raised"]["done"], steps["raised"]["median_s"]) == (4, 600.0)
    assert (steps["answered"]["alerts"], steps["answered"]["done"], steps["answered"]["median_s"]) == (4, 2, 240.0)
    assert (steps["decided"]["done"], steps["decided"]["p90_s"]) == (1, None), "most of them wait still: no figure is made up"
    assert (steps["told"]["done"], steps["told"]["median_s"]) == (1, None)


def test_alerts_outside_the_period_are_not_of_it_and_every_hour_has_a_row() -> None:
    found = record([alert("a", -1), alert("b", 0), alert("c", 61, state="validated"), alert("d", 480)])
    assert found.step_s == 3600 and len(found.times) == 8
    assert found.times["undecided"].to_list() == [1] + [0] * 7 and found.times["held"].to_list() == [0, 1] + [0] * 6
    days = record([alert("b", 60 * 24 * 5)], hours=24 * 7)
    assert days.step_s == 86_400 and days.times["undecided"].to_list() == [0, 0, 0, 0, 0, 1, 0]


def test_a_watch_without_alerts_has_a_record_too() -> None:
    found = record([])
    assert found.kinds.is_empty() and found.classes.is_empty() and len(found.times) == 8
    assert found.steps["median_s"].to_list() == [None] * len(STEPS)


@pytest.mark.parametrize("hours", [0, -1, 24 * 401])
def test_a_period_that_makes_no_sense_is_refused(hours: float) -> None:
    with pytest.raises(ParameterError, match="since before until"):
        record([], hours=hours)


@given(
    st.lists(st.tuples(st.integers(-100, 600), st.sampled_from(["new", "acknowledged", "validated", "silenced"]), st.booleans()), max_size=20),
    st.integers(-70, 70), st.sampled_from([8, 100]),
)  # fmt: skip
def test_every_alert_of_the_period_is_counted_once_each_way(drawn: list[tuple[int, str, bool]], since_min: int, hours: int) -> None:
    alerts = [alert(f"a{n}", at, state=state, mark="lapsed" if gone else None) for n, (at, state, gone) in enumerate(drawn)]
    found, inside = record(alerts, hours=hours, since_min=since_min), sum(0 <= at - since_min < 60 * hours for at, _, _ in drawn)
    assert found.kinds["alerts"].sum() == inside == found.times.select(pl.sum_horizontal(VERDICTS)).to_series().sum()
    assert found.kinds.select(pl.sum_horizontal(VERDICTS)).to_series().to_list() == found.kinds["alerts"].to_list()
