"""What people did at a floor of a drill, read from its own state: by the clock of the exercise, each thing once, with the event it is about."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

from seaward.core.tables import DEEDS
from seaward.exchange import bodies as b
from seaward.played import deeds_of
from seaward.sharing import named
from seaward.store.state import State
from tests.console.opened import opened, told
from tests.server.floor import browser
from tests.server.test_drill import START

REALM = "ex:prueba-27"
DRILL = {"realm": REALM, "drill": {"start": START, "speed": 1.0}}
BY_WALL = timedelta(hours=5)  # as if links went by a clock that far ahead


def shown(wall: datetime) -> datetime:
    return wall - BY_WALL


def say(state: State, kind: str, name: str, body: Any, at: datetime, who: str = "vega") -> None:
    state.say("USA", kind, name, json.dumps(named(body)), who, at)


def task(lon: int | None) -> b.Task:
    return b.Task("rescue", None, None, None, lon, None if lon is None else -12_600_000, None, 0, 1, None)


def test_alerts_that_people_decided_tasks_and_answers_are_deeds_with_their_event_and_place(tmp_path: Path) -> None:
    with opened(tmp_path, events=0, feeds=False, config=DRILL) as (floor, url):
        name, other = told(floor, "e1", realm=REALM), told(floor, "e2", realm=REALM, vessel_ids=["mmsi:760000002"], lon_deg=-79.5)
        with browser(SimpleNamespace(url=url), "officer") as page:  # type: ignore[arg-type]
            for alert, verb, said in (
                (name, "acknowledge", {}),
                (name, "validate", {}),
                (other, "dismiss", {"why": "no", "dismissal": "false_sensor"}),
            ):
                revision = page.get(f"/api/v1/alerts/{alert}").headers["ETag"]
                assert page.post(f"/api/v1/alerts/{alert}/{verb}", json=said, headers={"If-Match": revision}).status_code == 200
        now, state = floor.now(), floor.node.state
        say(state, "task", "t1", task(-77_500_000), now + BY_WALL)
        say(state, "task", "t2", task(None), now + BY_WALL + timedelta(minutes=1))
        state.hear("USA", {"kind": "task", "id": "t9", "version": 1, "label": None, "state": "", "body": json.dumps(named(task(-77_100_000)))}, now)
        say(state, "task_reply", "r9", b.TaskReply("t9", "accepted", 0, None), now + BY_WALL + timedelta(minutes=2))
        say(state, "task_reply", "r8", b.TaskReply("t1", "declined", 0, None), now + BY_WALL)
        say(state, "task_reply", "r7", b.TaskReply("unknown", "accepted", 0, None), now + BY_WALL)
        say(state, "task", "t3", task(-77_200_000), now + BY_WALL)
        no_unit = b.TaskReply("t3", "declined", 0, None)
        state.hear("USA", {"kind": "task_reply", "id": "r3", "version": 1, "label": None, "state": "", "body": json.dumps(named(no_unit))}, now)
        say(state, "answer", "a1", b.Answer("q1", "nothing", 0, (), None), now + BY_WALL)
        say(state, "chat", "c1", b.Chat("watch", 0, None, "hola"), now + BY_WALL)
        found = deeds_of(floor.node, "pe_watch", shown)
    assert found.schema == DEEDS.schema and set(found["realm"]) == {REALM} and set(found["cell"].cast(pl.String)) == {"pe_watch"}
    rows = found.with_columns(pl.col("deed").cast(pl.String))
    assert sorted(rows["deed"]) == sorted(["raised"] * 2 + ["acknowledged", "validated", "dismissed", "answered"] + ["tasked"] * 3)
    of_alerts = rows.filter(pl.col("event_id").is_not_null())
    assert {(d, e) for d, e in of_alerts.select("deed", "event_id").iter_rows()} == {
        ("raised", "e1"), ("raised", "e2"), ("acknowledged", "e1"), ("validated", "e1"), ("dismissed", "e2")}  # fmt: skip
    assert set(of_alerts.filter(pl.col("deed") == "raised")["who"]) == {None} and set(of_alerts.filter(pl.col("deed") != "raised")["who"]) == {
        "officer"
    }
    assert set(of_alerts["kind"]) == {"gap"} and set(of_alerts.filter(event_id="e2")["lon_deg"]) == {-79.5}
    sent = rows.filter(pl.col("deed") == "tasked").sort("at")
    assert sent["lon_deg"].to_list() == [-77.5, None, -77.1] and set(sent["partner"]) == {"USA"}
    assert [(at - now).total_seconds() for at in sent["at"]] == [0, 60, 120], "by the clock of the exercise"


def test_a_floor_at_which_nothing_happened_has_no_deeds(tmp_path: Path) -> None:
    with opened(tmp_path, events=0, feeds=False, config=DRILL) as (floor, _):
        assert deeds_of(floor.node, "pe_watch", shown).equals(DEEDS.empty())
