"""Events are told version by version: what is worth telling, and never one over another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from seaward.behaviours.versions import Told
from seaward.core.tables import EVENTS

START = datetime(2027, 3, 5, tzinfo=UTC)


def found(*events: dict[str, Any]) -> pl.DataFrame:
    whole = {"realm": "ops", "version": 1, "state": "open", "kind": "gap", "start_at": START, "end_at": START + timedelta(hours=1),
             "vessel_ids": ["mmsi:760000001"], "lon_deg": -80.0, "lat_deg": -12.0, "probability": 0.5, "areas": [], "reasons": [], "evidence": [],
             "method": "gap/1"}  # fmt: skip
    return pl.DataFrame([whole | e for e in events], schema=EVENTS.schema)


def always(row: dict[str, Any]) -> bool:
    return True


def steps(told: Told, *runs: pl.DataFrame, exact: bool = False) -> list[tuple[int, str]]:
    return [r for run in runs for r in told.take(run, always, exact=exact).select("version", "state").rows()]


def test_an_event_is_opened_revised_closed_withdrawn_and_told_again() -> None:
    told = Told()
    later = {"event_id": "a", "end_at": START + timedelta(hours=2)}
    assert steps(told, found({"event_id": "a"}), found(later), found(later | {"state": "closed"}), found(), found(later)) == [
        (1, "open"), (2, "revised"), (3, "closed"), (4, "withdrawn"), (5, "open"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "is_told"),
    [
        ({"end_at": START + timedelta(hours=1, minutes=9)}, False),
        ({"end_at": START + timedelta(hours=1, minutes=10)}, True),
        ({"probability": 0.54}, False),
        ({"probability": 0.56}, True),
        ({"probability": None}, True),
        ({"areas": ["Reserve"]}, True),
        ({"reasons": [{"code": "gap.silence", "values": []}]}, True),
        ({"lon_deg": -80.01}, False),
        ({"state": "closed"}, True),
    ],
    ids=str,
)
def test_of_an_open_event_only_what_matters_is_told(change: dict[str, Any], is_told: bool) -> None:
    told = Told()
    told.take(found({"event_id": "a"}), always)
    assert bool(len(told.take(found({"event_id": "a"} | change), always))) == is_told


def test_of_a_closed_event_any_change_is_told_and_no_change_is_not() -> None:
    told = Told()
    closed = {"event_id": "a", "state": "closed"}
    assert steps(told, found(closed), found(closed), found(closed | {"lon_deg": -80.01})) == [(1, "closed"), (2, "closed")]


def test_asked_to_be_exact_it_tells_every_change() -> None:
    assert steps(Told(), found({"event_id": "a"}), found({"event_id": "a", "lon_deg": -80.01}), exact=True) == [(1, "open"), (2, "revised")]


def test_a_run_withdraws_only_what_it_would_have_found() -> None:
    told = Told()
    told.take(found({"event_id": "a"}, {"event_id": "b", "vessel_ids": ["mmsi:760000002"]}), always)
    gone = told.take(found(), lambda row: row["vessel_ids"] == ["mmsi:760000002"])
    assert gone["event_id"].to_list() == ["b"] and {r["event_id"] for r in told.open_events()} == {"a"}


def test_what_was_told_before_a_restart_goes_on_from_its_version() -> None:
    told = Told()
    told.take(found({"event_id": "a"}), always)
    again = Told(told.table())
    assert steps(again, found({"event_id": "a", "state": "closed"})) == [(2, "closed")]


def test_old_closed_events_are_let_go_and_open_ones_are_not() -> None:
    told = Told()
    told.take(found({"event_id": "a", "state": "closed"}, {"event_id": "b"}), always)
    told.forget(START + timedelta(days=1))
    assert told.table()["event_id"].to_list() == ["b"]
