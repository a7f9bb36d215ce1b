"""What the state keeps, and what it refuses."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

from seaward.core.errors import InputError, RealmError, StateError
from seaward.core.tables import ALERTS, EVENTS
from seaward.store.schema import MIGRATIONS
from seaward.store.state import State
from tests.store.kept import NOON, acknowledged, alert, body, change, event, iuu_list, later

SILENCE = {
    "realm": "ops", "alert_id": None, "vessel_id": "mmsi:760000001", "rule": None, "area": None, "kind": None, "priority": "warning",
    "since_at": NOON, "until_at": later(60), "made_by": "vega", "why": "tug of the port",
}  # fmt: skip


def raised(state: State, name: str = "a1") -> dict[str, object]:
    one = alert(name)
    state.keep_alert(one, change(one, "raised"))
    return one


def test_versions_come_back_as_they_were_and_the_last_one_counts(state: State) -> None:
    versions = [event(), event(version=2, state="revised", end_at=later(60)), event(version=3, state="withdrawn")]
    for v in versions:
        state.record_events(v, NOON)
    assert state.event_versions("e1").drop("published_at").equals(pl.concat(versions))
    assert state.latest_events().drop("published_at").equals(versions[2])


def test_a_version_told_again_is_kept_once_and_a_different_one_under_its_number_is_refused(state: State) -> None:
    assert state.record_events(event(), NOON) == [1]
    assert state.record_events(event(), later(1)) == []
    with pytest.raises(StateError, match="never overwritten") as e:
        state.record_events(pl.concat([event("e2"), event(probability=0.5)]), later(1))
    assert e.value.problem == "conflict"
    assert state.latest_events()["event_id"].to_list() == ["e1"] and state.last_seq() == 1


def test_events_are_found_by_vessel_kind_state_and_time(state: State) -> None:
    one, two = event("e1"), event("e2", kind="encounter", vessel_ids=["mmsi:1", "mmsi:2"], start_at=later(100), end_at=later(200), state="closed")
    state.record_events(pl.concat([one, two]), NOON)
    for asked, names in (
        ({"vessel_ids": ["mmsi:2"]}, ["e2"]), ({"kinds": ["gap"]}, ["e1"]), ({"states": ["closed"]}, ["e2"]), ({"since": later(31)}, ["e2"]),
        ({"until": later(99)}, ["e1"]), ({"limit": 1}, ["e2"]), ({"event_ids": []}, []), ({}, ["e1", "e2"]),
    ):  # fmt: skip
        assert state.latest_events(**asked)["event_id"].to_list() == names, asked  # type: ignore[arg-type]
    assert State.latest_events(state, vessel_ids=["mmsi:9"]).schema == EVENTS.schema | {"published_at": EVENTS.schema["start_at"]}


def test_whoever_was_told_of_a_version_is_told_of_it_once_and_of_a_later_one_again(state: State) -> None:
    state.record_events(event(), NOON)
    assert state.told("e1", 1, "partner:us", NOON) and not state.told("e1", 1, "partner:us", later(1))
    state.record_events(event(version=2, state="withdrawn"), later(2))
    assert state.told("e1", 2, "partner:us", later(3))
    rows = [("e1", 1, "partner:us", NOON), ("e1", 2, "partner:us", later(3))]
    assert state.who_was_told("e1").rows() == rows == state.everyone_told().rows()


def test_nobody_can_be_told_of_what_is_not_kept(state: State) -> None:
    with pytest.raises(StateError, match="refuses a row"):
        state.told("e9", 1, "partner:us", NOON)


@pytest.mark.parametrize("realm", ["ex:a", "", None])
def test_a_row_of_another_realm_is_refused_whatever_it_is(state: State, realm: str | None) -> None:
    one = alert(realm=realm)
    for refused in (
        lambda: state.record_events(event(realm=realm), NOON),
        lambda: state.keep_alert(one, change(one, "raised")),
        lambda: state.open_case(one, "vega", None, NOON),
        lambda: state.keep_list("iuu", "f.csv", iuu_list().with_columns(realm=pl.lit(realm, pl.String)), "vega", NOON),
        lambda: state.keep_silence(SILENCE | {"realm": realm}, NOON),
    ):
        with pytest.raises(RealmError, match="refused"):
            refused()
    assert state.last_seq() == 0


def test_the_file_itself_refuses_a_row_of_another_realm_and_a_change_of_what_was_published(state: State) -> None:
    state.record_events(event(), NOON)
    raised(state)
    for statement, why in (
        ("INSERT INTO event_versions SELECT 'e2', 1, 'ex:a', state, kind, 0, 0, payload, digest, 0 FROM event_versions", "another realm"),
        ("UPDATE event_versions SET payload = '{}'", "only ever added"),
        ("DELETE FROM alert_changes", "only ever added"),
        ("UPDATE audit SET who = 'nobody'", "only ever added"),
        ("DELETE FROM changes", "only ever added"),
    ):
        with pytest.raises(StateError, match=why), state.together() as c:
            c.execute(statement)


def test_the_realm_of_a_file_is_fixed(tmp_path: Path) -> None:
    State.open(tmp_path / "s", "ex:a").close()
    with pytest.raises(RealmError, match="never share a file"):
        State.open(tmp_path / "s", "ops")
    State.open(tmp_path / "s", "ex:a").close()


def test_an_event_that_breaks_its_table_is_refused_with_the_rule(state: State) -> None:
    with pytest.raises(InputError, match=r"lat_deg\.above"):
        state.record_events(pl.concat([event("e2"), event(lat_deg=91.0)]), NOON)
    assert state.latest_events().is_empty()


def test_an_alert_its_change_its_audit_and_its_news_are_one(state: State) -> None:
    before = raised(state)
    after, step = acknowledged(before)
    assert state.keep_alert(after, step) == 2
    assert state.alert("a1") == after and state.alert("a2") is None
    assert state.alerts().schema == ALERTS.schema
    assert state.alert_changes(alert_id="a1")["verb"].to_list() == ["raised", "acknowledged"]
    assert state.audit_rows().select("who", "action", "subject").rows() == [("watch", "alert.raised", "a1"), ("vega", "alert.acknowledged", "a1")]
    assert [(c.seq, c.topic, c.id, body(c.body)["state"]) for c in state.changes_after(0)] == [
        (1, "alert", "a1", "new"),
        (2, "alert", "a1", "acknowledged"),
    ]
    assert state.problems() == []


def test_when_one_part_fails_none_is_kept(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    before = raised(state)
    monkeypatch.setattr(State, "note", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        state.keep_alert(*acknowledged(before))
    monkeypatch.undo()
    assert state.alert("a1") == before and len(state.audit_rows()) == 1 and state.last_seq() == 1 and state.problems() == []


def test_a_text_that_no_file_can_hold_is_refused_and_nothing_is_kept(state: State) -> None:
    with pytest.raises(StateError, match="half characters"):
        state.note("feed", "\ud800", {}, NOON)
    assert state.last_seq() == 0


def test_of_two_who_changed_the_same_revision_the_second_is_told(state: State) -> None:
    before = raised(state)
    state.keep_alert(*acknowledged(before))
    with pytest.raises(StateError, match="changed meanwhile") as e:
        state.keep_alert(*acknowledged(before, "other"))
    assert e.value.problem == "conflict" and state.alert("a1")["changed_by"] == "vega"  # type: ignore[index]


def test_a_block_of_which_a_part_failed_is_not_kept_even_if_the_failure_was_caught(state: State) -> None:
    raised(state)
    with pytest.raises(StateError, match="none of it was kept"), state.together():
        state.note("x", "y", {}, NOON)
        with pytest.raises(StateError):
            state.told("e9", 1, "partner:us", NOON)
    assert state.last_seq() == 1


def test_a_block_is_read_within_and_not_outside_until_it_ends(state: State) -> None:
    seen: list[int] = []
    with state.together():
        state.note("x", "y", {}, NOON)
        other = threading.Thread(target=lambda: seen.append(state.last_seq()))
        other.start()
        other.join()
        assert state.last_seq() == 1
    assert seen == [0]


def test_alerts_are_found_by_what_they_are(state: State) -> None:
    for one in (
        alert("a1"),
        alert("a2", state="silenced", rule="iuu", priority="alarm", raised_at=later(1), vessel_ids=["mmsi:2"]),
        alert("a3", mark="withdrawn"),
    ):
        state.keep_alert(one, change(one, "raised"))
    for asked, names in (
        ({}, ["a2", "a1", "a3"]), ({"states": ["new"]}, ["a1", "a3"]), ({"marked": False}, ["a2", "a1"]), ({"marked": True}, ["a3"]),
        ({"rules": ["iuu"]}, ["a2"]), ({"priorities": ["alarm"]}, ["a2"]), ({"vessel_ids": ["mmsi:2", "mmsi:3"]}, ["a2"]), ({"limit": 1}, ["a2"]),
        ({"since": later(31)}, []), ({"until": later(-1)}, []), ({"alert_ids": ["a3"]}, ["a3"]),
    ):  # fmt: skip
        assert state.alerts(**asked)["alert_id"].to_list() == names, asked  # type: ignore[arg-type]


def test_a_case_is_opened_withdrawn_and_opened_again_in_the_history_of_its_vessel(state: State) -> None:
    one = raised(state)
    state.open_case(one, "vega", "seen from the air", NOON)
    state.change_case("a1", "withdrawn", "vega", "another vessel", later(5))
    assert state.cases(vessel_ids=["mmsi:760000001"]).select("state", "why", "opened_by").rows() == [("withdrawn", "another vessel", "vega")]
    state.open_case(one, "vega", None, later(6))
    assert state.cases(states=["open"])["vessel_ids"].to_list() == [["mmsi:760000001"]]
    state.change_case("a9", "closed", "vega", None, NOON)
    assert state.audit_rows()["action"].to_list() == ["alert.raised", "case.open", "case.withdrawn", "case.open"]


def test_a_list_is_replaced_and_removed_and_the_audit_knows(state: State) -> None:
    state.keep_list("iuu", "a.csv", iuu_list(), "vega", NOON)
    state.keep_list("iuu", "b.csv", iuu_list().head(1), "vega", later(1))
    assert state.lists().select("list", "source", "entries").rows() == [("iuu", "b.csv", 1)]
    assert state.list_entries().equals(iuu_list().head(1))
    assert state.remove_list("iuu", "vega", later(2)) and not state.remove_list("iuu", "vega", later(3))
    assert state.list_entries("iuu").is_empty() and state.audit_rows()["action"].to_list() == ["list.added", "list.added", "list.removed"]
    with pytest.raises(InputError, match="rows of another list"):
        state.keep_list("other", "a.csv", iuu_list(), "vega", NOON)


def test_a_silence_holds_from_its_beginning_to_its_end_or_until_lifted(state: State) -> None:
    number = state.keep_silence(SILENCE, NOON)
    assert [len(state.silences(later(m))) for m in (-1, 0, 59, 60)] == [0, 1, 1, 0]
    state.lift_silence(number, "vega", later(30))
    assert [len(state.silences(later(m))) for m in (29, 30)] == [1, 0] and len(state.silences()) == 1
    with pytest.raises(StateError, match="no silence 1 that could be lifted"):
        state.lift_silence(number, "vega", later(31))
    for wrong in ({"vessel_id": None}, {"until_at": None}):
        with pytest.raises(StateError, match="refuses a row"):
            state.keep_silence(SILENCE | wrong, NOON)


def test_a_new_password_role_or_disabling_ends_what_a_person_was_signed_in_by(state: State) -> None:
    state.add_person("vega", "Lt. Vega", "officer", "$argon2id$x", "admin", NOON)
    for deed in ({"password_hash": "$argon2id$y"}, {"role": "supervisor"}, {"disabled": True}):
        state.add_token(f"hash {deed}", "vega", "session", "console", later(60), NOON)
        assert state.token(f"hash {deed}").holds(later(1))  # type: ignore[union-attr]
        state.change_person("vega", "admin", later(2), **deed)  # type: ignore[arg-type]
        assert not state.token(f"hash {deed}").holds(later(3))  # type: ignore[union-attr]
    assert state.person("vega") == ("vega", "Lt. Vega", "supervisor", "$argon2id$y", NOON, later(2))
    assert "argon2" not in "".join(state.audit_rows()["body"])


def test_people_are_named_once_and_have_a_role_there_is(state: State) -> None:
    state.add_person("vega", "Lt. Vega", "officer", None, "admin", NOON)
    with pytest.raises(StateError, match="already"):
        state.add_person("vega", "Lt. Vega", "officer", None, "admin", NOON)
    with pytest.raises(StateError, match="choose one of observer"):
        state.add_person("rojas", "Rojas", "captain", None, "admin", NOON)
    with pytest.raises(StateError, match="no person 'rojas'"):
        state.change_person("rojas", "admin", NOON, role="admin")
    assert [p.person for p in state.people()] == ["vega"]


def test_a_token_is_used_and_revoked_once(state: State) -> None:
    state.add_person("vega", "Lt. Vega", "officer", None, "admin", NOON)
    state.add_token("h1", "vega", "token", "script", later(60), NOON)
    state.token_used("h1", later(5))
    assert (
        state.revoke_token("h1", "vega", later(6)) and not state.revoke_token("h1", "vega", later(7)) and not state.revoke_token("h2", "vega", NOON)
    )
    assert [t.used_at for t in state.tokens("vega")] == [later(5)] and state.token("h2") is None


def test_what_the_rules_made_of_an_event_is_kept_for_its_last_version(state: State) -> None:
    state.record_events(pl.concat([event(), event(version=2)]), NOON)
    state.keep_verdicts([("e1", 1, "feed_down", None)], NOON)
    assert state.verdicts(verdict="feed_down")["event_id"].to_list() == ["e1"]
    state.keep_verdicts([("e1", 2, "raised", "gap-at-sea")], later(1))
    assert state.verdicts(verdict="feed_down").is_empty() and state.verdicts(event_id="e1")["rule"].to_list() == ["gap-at-sea"]


def test_an_old_file_is_brought_forward_and_a_newer_or_foreign_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with State.open(path, "ops") as old:
        old.record_events(event(), NOON)
    later_form = (*MIGRATIONS, "CREATE TABLE more (a TEXT) STRICT;\nALTER TABLE people ADD COLUMN phone TEXT;\n")
    with State.open(path, "ops", later_form) as new:
        assert len(new.latest_events()) == 1 and new.rows("SELECT * FROM more") == []
    with pytest.raises(StateError, match="use the newer program"):
        State.open(path, "ops")
    sqlite3.connect(tmp_path / "t").execute("CREATE TABLE tides (at TEXT)").connection.close()
    with pytest.raises(StateError, match="another program"):
        State.open(tmp_path / "t", "ops")
    (tmp_path / "u").write_text("these are no tables" * 100)
    with pytest.raises(StateError, match="no state of a node"):
        State.open(tmp_path / "u", "ops")


def test_a_failed_step_forward_leaves_the_old_form(tmp_path: Path) -> None:
    with State.open(tmp_path / "s", "ops") as old:
        old.record_events(event(), NOON)
    with pytest.raises(StateError):
        State.open(tmp_path / "s", "ops", (*MIGRATIONS, "CREATE TABLE more (a TEXT) STRICT;\nCREATE TABLE more (a TEXT) STRICT;\n"))
    with State.open(tmp_path / "s", "ops") as again:
        assert len(again.latest_events()) == 1 and again.rows("SELECT 1 FROM sqlite_master WHERE name = 'more'") == []


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    with State.open(tmp_path / "s", "ops"):
        assert {p.name: p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == dict.fromkeys(("s", "s-wal", "s-shm", "s-lock"), 0o600)


def test_a_closed_state_says_so_and_a_folder_that_is_not_there_too(tmp_path: Path) -> None:
    closed = State.open(tmp_path / "s", "ops")
    closed.close()
    closed.close()
    for asked in (closed.last_seq, lambda: closed.note("x", "y", {}, NOON)):
        with pytest.raises(StateError, match="was closed"):
            asked()
    with pytest.raises(StateError, match="name a folder") as e:
        State.open(tmp_path / "no" / "s", "ops")
    assert e.value.problem == "denied"


def test_several_threads_write_and_read_and_nothing_is_lost_or_skipped(state: State) -> None:
    wrong: list[str] = []

    def write(who: int) -> None:
        for i in range(20):
            state.record_events(event(f"{who}-{i}"), NOON)

    def follow() -> None:
        seen = 0
        while seen < 80:
            for c in state.changes_after(seen, 7):
                if c.seq != seen + 1:
                    wrong.append(f"{c.seq} after {seen}")
                seen = c.seq

    threads = [threading.Thread(target=write, args=(i,)) for i in range(4)] + [threading.Thread(target=follow) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert not wrong and not any(t.is_alive() for t in threads)
    assert state.last_seq() == 80 and len(state.latest_events()) == 80


WRITER = """
import sys
from tests.store.kept import NOON, event
from seaward.store.state import State
with State.open(sys.argv[1], "ops") as state:
    for i in range(25):
        state.audit(sys.argv[2], "test", str(i), {}, NOON)
        state.record_events(event(f"{sys.argv[2]}-{i}"), NOON)
"""


def test_two_processes_write_one_chain_and_one_journal(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    path = str(tmp_path / "s")
    others = [subprocess.Popen([sys.executable, "-c", WRITER, path, name], cwd=root) for name in ("node", "cli")]
    assert [o.wait(60) for o in others] == [0, 0]
    with State.open(path, "ops") as state:
        assert state.verify_audit().rows == 50 and [c.seq for c in state.changes_after(0)] == list(range(1, 51)) and state.problems() == []


def test_what_was_said_before_there_was_a_desk_is_talk_in_the_same_order(tmp_path: Path) -> None:
    """A state of the form before: rows of `said`, as `exchange ack` kept them."""
    acks = [json.dumps({"about_kind": "event", "about_id": f"e{n}", "version": 1, "at_ms": n, "by": "vega"}) for n in range(1, 4)]
    rows = [("USA", "ack", f"ack-{n}", ack, 1000 * n, "vega") for n, ack in enumerate(acks, 1)]
    with State.open(tmp_path / "s", "ops", MIGRATIONS[:2]) as state, state.together() as c:
        c.executemany("INSERT INTO said (realm, partner, kind, id, body, at_us, who) VALUES ('ops', ?, ?, ?, ?, ?, ?)", rows)
        c.execute("DELETE FROM said WHERE id = 'ack-2'")  # numbers have gaps
    with State.open(tmp_path / "s", "ops") as state:
        found = state.said("USA")
        assert [(t.number, t.kind, t.id, t.version, t.body, t.who) for t in found] == [(1, "ack", "ack-1", 1, rows[0][3], "vega"),
                                                                                      (3, "ack", "ack-3", 1, rows[2][3], "vega")]  # fmt: skip
        assert all(t.is_ours and t.label is None and t.arrived_at is None for t in found) and found[0].at < found[1].at
        assert state.say("USA", "ack", "ack-4", rows[0][3], "vega", NOON) == 4 and state.problems() == []
        assert state.rows("SELECT name FROM sqlite_master WHERE name = 'said'") == []
    with State.open(tmp_path / "s", "ops") as state:
        assert [t.id for t in state.said("USA")] == ["ack-1", "ack-3", "ack-4"], "and once"
