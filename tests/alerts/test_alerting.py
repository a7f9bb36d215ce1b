"""Alerts on the floor: the rooms joined by the state that is kept."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from seaward.alerting import Scope, Sight, act, alert_named, assign, offer, silence, wake
from seaward.alerts.alert import alerts_of, from_history
from seaward.alerts.life import Refused
from seaward.alerts.rules import Rule, Rules
from seaward.core.errors import RealmError, StateError
from seaward.core.tables import WATCH_LIST
from seaward.store.state import State
from tests.alerts.floor import CHINA, PERU, RULES, Book, at, event, table

SIGHT = Sight(RULES)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "state.sqlite", "ops") as opened:
        yield opened
        assert opened.problems() == []
        for alert in alerts_of(opened.alerts()):
            assert from_history(opened.alert_changes(alert_id=alert.alert_id)["body"]) == alert


def only(state: State) -> str:
    (name,) = state.alerts(marked=False)["alert_id"]
    return name


def test_events_are_kept_alerted_audited_and_told_in_one(state: State) -> None:
    offer(state, table(event()), SIGHT, at(1))
    assert [(c.topic, c.id) for c in state.changes_after(0)] == [("event", "e1"), ("alert", only(state))]
    assert state.audit_rows()["action"].to_list() == ["alert.raised"] and state.verdicts()["verdict"].to_list() == ["raised"]


def test_when_an_alert_cannot_be_kept_neither_is_its_event(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(State, "keep_verdicts", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        offer(state, table(event()), SIGHT, at(1))
    assert state.latest_events().is_empty() and state.alerts().is_empty() and state.last_seq() == 0


def test_whom_an_alert_is_given_to_is_kept_audited_and_told(state: State) -> None:
    offer(state, table(event()), SIGHT, at(1))
    assert assign(state, only(state), "ruiz", "vega", at(2), "she knows the boat").assigned_to == "ruiz"
    assert state.alerts()["assigned_to"].to_list() == ["ruiz"] and state.audit_rows()["action"][-1] == "alert.assigned"
    assert '"assigned_to":"ruiz"' in state.changes_after(0)[-1].body


def test_the_same_events_offered_again_change_nothing(state: State) -> None:
    for _ in range(2):
        offer(state, table(event(), event("e2", vessel_ids=[], kind="gap")), SIGHT, at(1))
    assert len(state.alerts()) == 2 and len(state.alert_changes()) == 2


def test_a_validated_alert_is_a_case_until_it_is_dismissed_or_its_event_withdrawn(state: State) -> None:
    offer(state, table(event(), event("e2", vessel_ids=[CHINA])), SIGHT, at(1))
    one, two = (state.alerts(vessel_ids=[v])["alert_id"][0] for v in (PERU, CHINA))
    for name in (one, two):
        act(state, name, "validate", "vega", at(2), "photographed")
    assert state.cases(states=["open"])["alert_id"].sort().to_list() == sorted([one, two])
    act(state, one, "dismiss", "vega", at(3), "it was another", dismissal="false_identity")
    offer(state, table(event("e2", 2, vessel_ids=[CHINA], state="withdrawn")), SIGHT, at(4))
    assert dict(state.cases().select("alert_id", "state").rows()) == {one: "withdrawn", two: "withdrawn"}
    offer(state, table(event("e2", 3, vessel_ids=[CHINA])), SIGHT, at(5))
    assert state.cases(vessel_ids=[CHINA])["state"].to_list() == ["open"]


def test_an_event_that_comes_back_is_in_its_alert_again_however_long_ago_its_others_ended(state: State) -> None:
    offer(state, table(event(), event("e2", since_h=5, until_h=6), event("e3", since_h=11, until_h=12)), SIGHT, at(12))
    for name, since in (("e2", 5), ("e3", 11)):
        offer(state, table(event(name, 2, since, since + 1, state="withdrawn")), SIGHT, at(13))
    before = only(state)
    offer(state, table(event("e3", 3, 11, 12)), SIGHT, at(14))
    now = {tuple(m.event_id for m in a.live): a for a in alerts_of(state.alerts(marked=False))}
    assert now.keys() == {("e1",), ("e3",)} and now["e1",].alert_id == before == now["e3",].follows


def test_a_vessel_that_joins_a_case_has_it_in_its_history(state: State) -> None:
    offer(state, table(event(kind="loitering")), SIGHT, at(1))
    act(state, only(state), "validate", "vega", at(2))
    offer(state, table(event("m", kind="encounter", vessel_ids=[CHINA, PERU])), SIGHT, at(3))
    assert state.cases(vessel_ids=[CHINA])["alert_id"].to_list() == [only(state)]


def test_a_silenced_alert_asks_again_when_its_time_is_over(state: State) -> None:
    offer(state, table(event()), SIGHT, at(1))
    act(state, only(state), "silence", "vega", at(2), "being escorted", until=at(4))
    wake(state, SIGHT, at(3.9))
    assert alert_named(state, only(state)).state == "silenced"
    wake(state, SIGHT, at(4))
    assert alert_named(state, only(state)).state == "new"


@pytest.mark.parametrize("verb", ["acknowledge", "reopen", "validate"])
def test_who_acts_on_a_silenced_alert_ends_its_silence(state: State, verb: str) -> None:
    offer(state, table(event()), SIGHT, at(1))
    act(state, only(state), "silence", "vega", at(2), "a tug")
    act(state, only(state), verb, "rojas", at(3), "no tug after all")
    assert state.silences(at(3)).is_empty() and state.silences()["lifted_by"].to_list() == ["rojas"]


def test_a_silence_for_a_vessel_covers_what_is_there_and_what_comes_up_to_its_priority(state: State) -> None:
    offer(state, table(event(), event("e2", vessel_ids=[CHINA])), SIGHT, at(1))
    done = silence(state, Scope(vessel_id=PERU), "vega", at(2), "research vessel", at(50))
    assert [a.vessel_ids for a in done] == [(PERU,)]
    offer(state, table(event("e3", since_h=20, until_h=21), event("e4", since_h=40, until_h=41, probability=0.95)), SIGHT, at(41))
    assert state.alerts(vessel_ids=[PERU]).sort("start_at").select("state", "priority").rows() == [
        ("silenced", "warning"), ("silenced", "warning"), ("new", "alarm"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "code"),
    [({"scope": Scope()}, "scope"), ({"why": " "}, "why"), ({"until": at(1)}, "until"), ({"until": at(9000)}, "until")],
    ids=["nothing_named", "no_reason", "in_the_past", "too_long"],
)  # fmt: skip
def test_a_silence_that_makes_no_sense_is_refused(state: State, what: dict, code: str) -> None:  # type: ignore[type-arg]
    said = {"scope": Scope(kind="gap"), "who": "vega", "at": at(2), "why": "x", "until": at(3)} | what
    with pytest.raises(Refused) as e:
        silence(state, **said)
    assert e.value.code == code and state.silences().is_empty()


def test_a_gap_held_back_for_its_feed_is_alerted_when_the_feed_is_up_though_nothing_new_is_offered(state: State) -> None:
    offer(state, table(event()), Sight(RULES, down=frozenset({"coast"})), at(1))
    assert state.alerts().is_empty()
    offer(state, table(), SIGHT, at(2))
    assert state.alerts()["kind"].to_list() == ["gap"]


def test_an_offence_that_was_found_to_be_false_does_not_count_as_one(state: State) -> None:
    again = Rule("again", "alarm", kinds=frozenset({"gap"}), repeat_events=2, repeat_days=30)
    sight = Sight(Rules((*RULES.rules, again)))
    offer(state, table(event()), sight, at(1))
    act(state, only(state), "dismiss", "vega", at(2), "receiver down", dismissal="false_sensor")
    offer(state, table(event("e2", since_h=50, until_h=51)), sight, at(51))
    assert state.alerts(rules=["again"]).is_empty()
    offer(state, table(event("e3", since_h=100, until_h=101)), sight, at(101))
    assert len(state.alerts(rules=["again"])) == 1


def test_lists_that_are_kept_are_looked_at(state: State) -> None:
    row = {"realm": "ops", "list": "iuu", "row": 2, "mmsi": 760000001, "imo": None, "name": None, "callsign": None, "note": None}
    state.keep_list("iuu", "f.csv", pl.DataFrame([row], schema=WATCH_LIST.schema), "vega", at(0))
    offer(state, table(event(probability=0.1)), Sight(Rules((Rule("listed", "alarm", lists=("iuu",)),))), at(1))
    assert state.alerts()["rule"].to_list() == ["listed"]


def test_an_alert_is_named_by_as_many_letters_as_are_needed(state: State) -> None:
    offer(state, table(*(event(f"e{i}", vessel_ids=[f"mmsi:{i}"]) for i in range(20))), SIGHT, at(1))
    names = state.alerts()["alert_id"].to_list()
    assert alert_named(state, names[0]).alert_id == alert_named(state, names[0][:12]).alert_id == names[0]
    for wrong, code in (("", "unknown"), ("zz", "unknown"), (next(n[0] for n in names if sum(m[0] == n[0] for m in names) > 1), "several")):
        with pytest.raises(Refused) as e:
            alert_named(state, wrong)
        assert e.value.code == code


def test_an_event_of_a_drill_is_refused(state: State) -> None:
    with pytest.raises(RealmError):
        offer(state, table(event(realm="ex:a")), SIGHT, at(1))
    assert state.alerts().is_empty()


def test_a_different_content_under_a_kept_version_is_refused_and_nothing_changes(state: State) -> None:
    offer(state, table(event()), SIGHT, at(1))
    with pytest.raises(StateError, match="never overwritten"):
        offer(state, table(event(probability=0.99), event("e2", since_h=2)), SIGHT, at(2))
    assert len(state.alert_changes()) == 1


@pytest.mark.parametrize("seed", range(8))
def test_what_is_kept_is_what_all_alerts_at_hand_would_give(state: State, seed: int) -> None:
    """Looking up only the alerts of the vessels concerned gives what looking at all of them gives."""
    draw = random.Random(seed)
    book = Book()
    for n in range(40):
        since = draw.uniform(0, 60)
        who = sorted(draw.sample([f"mmsi:{i}" for i in range(5)], draw.choice([1, 1, 2])))
        one = event(f"e{n}", 1, since, since + draw.uniform(0, 4), kind=draw.choice(["gap", "loitering", "encounter"]), vessel_ids=who,
                    probability=draw.choice([0.3, 0.6, 0.95]))  # fmt: skip
        book.offer(one, hours=100 + n)
        offer(state, table(one), SIGHT, at(100 + n))
    kept = {frozenset(m.event_id for m in a.live) for a in alerts_of(state.alerts(marked=False))}
    assert kept == book.partition()
