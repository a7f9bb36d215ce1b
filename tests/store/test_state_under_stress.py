"""A full disk, flipped bytes, a tampered journal, a process killed in the middle: what was kept stays, and what is wrong is said."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import StateError
from seaward.store.state import State
from tests.store.kept import NOON, acknowledged, alert, change, event, later

ROOT = Path(__file__).resolve().parents[2]


def filled(path: Path) -> None:
    with State.open(path, "ops") as state:
        for i in range(4):
            state.record_events(event(f"e{i}"), NOON)
            one = alert(f"a{i}")
            state.keep_alert(one, change(one, "raised"))
            state.keep_alert(*acknowledged(one))


def told(state: State) -> list[object]:
    return [state.alerts().to_dicts(), state.alert_changes().to_dicts(), state.latest_events().to_dicts(), state.audit_rows().to_dicts()]


def test_a_full_disk_is_said_keeps_what_was_there_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    filled(tmp_path / "s")
    with State.open(tmp_path / "s", "ops") as state:
        before = told(state)
        pages = state.rows("PRAGMA page_count")[0][0]
        state._writer.execute(f"PRAGMA max_page_count = {pages}")
        big = alert("big", reasons=[{"code": "x" * 200_000, "values": []}])
        with pytest.raises(StateError, match="Nothing of this change was kept") as e:
            state.keep_alert(big, change(big, "raised"))
        assert e.value.problem == "full" and told(state) == before
        state._writer.execute(f"PRAGMA max_page_count = {pages + 1000}")
        state.keep_alert(big, change(big, "raised"))
        assert len(state.alerts()) == 5 and state.problems() == []


LIMITED = """
import resource, signal, sys
from tests.store.kept import NOON, alert, change, event
from seaward.core.errors import StateError
from seaward.store.state import State
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with State.open(sys.argv[1], "ops") as state:
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))  # as a disk without room: the write itself fails
    for i in range(1000):
        try:
            state.record_events(event(f"e{i}", areas=["x" * 50_000]), NOON)
        except StateError as e:
            print(i, e.problem, len(state.latest_events()))
            break
"""


def test_a_disk_that_takes_no_more_bytes_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path / "s")], cwd=ROOT, capture_output=True, text=True, check=True)
    failed_at, problem, kept = ran.stdout.split()
    assert problem == "full" and failed_at == kept and int(kept) > 0
    with State.open(tmp_path / "s", "ops") as state:
        assert len(state.latest_events()) == int(kept) and state.problems() == []


@pytest.mark.parametrize("seeds", [range(60), pytest.param(range(60, 5000), marks=pytest.mark.soak)], ids=["few", "many"])
def test_flipped_bytes_are_found_or_change_nothing(tmp_path: Path, seeds: range) -> None:
    path = tmp_path / "whole.sqlite"
    filled(path)
    with State.open(path, "ops") as state:
        before = told(state)
    for seed in seeds:
        assert _flipped(path, seed) in (None, before), seed


def _flipped(path: Path, seed: int) -> list[object] | None:
    """What a copy with some bits flipped tells; None where it says that it is damaged."""
    draw = random.Random(seed)
    hurt = path.with_name("hurt.sqlite")
    raw = bytearray(path.read_bytes())
    for _ in range(draw.choice([1, 1, 20])):
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
    for end in ("", "-wal", "-shm", "-lock"):
        Path(f"{hurt}{end}").unlink(missing_ok=True)
    hurt.write_bytes(raw)
    try:
        with State.open(hurt, "ops") as state:
            now, problems = told(state), state.problems()
    except StateError as e:
        assert e.problem in ("damaged", "newer", "conflict")  # the last two: the bytes that say whose file it is, and of which form
        return None
    return None if problems else now


@pytest.mark.parametrize("length", [0, 1, 100, 4096, 5000, 20_000])
def test_a_file_cut_short_is_found_even_to_nothing(tmp_path: Path, length: int) -> None:
    filled(tmp_path / "s")
    os.truncate(tmp_path / "s", length)
    with pytest.raises(StateError) as e, State.open(tmp_path / "s", "ops") as state:
        told(state)
    assert e.value.problem == "damaged"


def test_a_file_that_was_removed_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    filled(tmp_path / "s")
    (tmp_path / "s").unlink()
    with pytest.raises(StateError, match="is empty now"):
        State.open(tmp_path / "s", "ops")
    (tmp_path / "s-lock").unlink()
    State.open(tmp_path / "s", "ops").close()


@pytest.mark.parametrize(
    ("deed", "verdict"),
    [
        ("UPDATE audit SET who = 'nobody' WHERE seq = 3", (2, 3, "altered")),
        ("UPDATE audit SET at_us = at_us + 1 WHERE seq = 1", (0, 1, "altered")),
        ("DELETE FROM audit WHERE seq = 4", (3, 4, "missing")),
        ("UPDATE audit SET previous = 'x' WHERE seq = 5", (4, 5, "torn")),
        ("DELETE FROM audit WHERE seq > 6", (6, 7, "cut")),
        ("DELETE FROM audit", (0, 1, "cut")),
    ],
    ids=["a_name_changed", "a_time_changed", "a_row_removed", "a_link_changed", "the_end_cut_off", "all_removed"],
)
def test_the_first_broken_row_of_a_tampered_audit_is_named(tmp_path: Path, deed: str, verdict: tuple[int, int, str]) -> None:
    filled(tmp_path / "s")
    with State.open(tmp_path / "s", "ops") as state:
        head = state.audit_head()
        assert head.seq == 8 and state.verify_audit(head) == (8, None, None) and state.verify_audit().is_whole
    raw = sqlite3.connect(tmp_path / "s")  # as somebody with the file and without this program
    raw.executescript(f"DROP TRIGGER audit_update; DROP TRIGGER audit_delete; {deed}")
    raw.close()
    with State.open(tmp_path / "s", "ops") as state:
        assert state.verify_audit(head) == verdict


def test_an_audit_written_anew_as_a_whole_is_found_by_a_head_kept_elsewhere(tmp_path: Path) -> None:
    with State.open(tmp_path / "s", "ops") as state:
        head = state.audit("vega", "test", "x", {}, NOON)
    with State.open(tmp_path / "t", "ops") as state:
        state.audit("rojas", "test", "x", {}, NOON)
        assert state.verify_audit().is_whole and state.verify_audit(head) == (0, 1, "forked")


def test_a_history_rewritten_without_its_audit_is_found(tmp_path: Path) -> None:
    filled(tmp_path / "s")
    raw = sqlite3.connect(tmp_path / "s")
    for deed in (
        "DROP TRIGGER alert_changes_update", "DROP TRIGGER alert_changes_delete",
        "UPDATE alert_changes SET who = 'x' WHERE alert_id = 'a1' AND revision = 2",
        "DELETE FROM alert_changes WHERE alert_id = 'a2' AND revision = 2",
        "UPDATE alerts SET payload = replace(payload, 'vega', 'x') WHERE alert_id = 'a3'",
    ):  # fmt: skip
        raw.execute(deed)
    raw.commit()
    raw.close()
    with State.open(tmp_path / "s", "ops") as state:
        assert state.problems() == [
            "alert a3 in revision 2: altered", "change 2 of alert a1: altered", "change 2 of alert a2: missing",
            "alert a2: not what its changes say", "alert a3: not what its changes say",
        ]  # fmt: skip


KILLED = """
import itertools, sys
from tests.store.kept import NOON, acknowledged, alert, change
from seaward.store.state import State
with State.open(sys.argv[1], "ops") as state:
    for i in itertools.count():
        one = alert(f"a{i}")
        state.keep_alert(one, change(one, "raised"))
        state.keep_alert(*acknowledged(one))
        print(i, flush=True)
"""


@pytest.mark.parametrize("confirmed", [1, 4, 9])
def test_a_process_killed_in_the_middle_loses_nothing_it_had_confirmed(tmp_path: Path, confirmed: int) -> None:
    ran = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "s")], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert ran.stdout is not None
    for _ in range(confirmed):
        said = int(ran.stdout.readline())
    ran.send_signal(signal.SIGKILL)
    said = max([said, *(int(line) for line in ran.stdout.read().split() if line)])
    ran.wait()
    ran.stdout.close()
    with State.open(tmp_path / "s", "ops") as state:
        acked = state.alerts(states=["acknowledged"])["alert_id"].to_list()
        assert {f"a{i}" for i in range(said + 1)} <= {*acked} and state.problems() == []


@given(st.lists(st.tuples(st.sampled_from(["event", "alert", "ack", "note", "fail"]), st.integers(0, 3)), max_size=25))
def test_whatever_the_order_of_deeds_the_journals_only_grow_and_the_state_follows_from_them(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "s"
    before: tuple[list[object], list[object], list[object]] = ([], [], [])
    with State.open(path, "ops") as state:
        for n, (deed, i) in enumerate(deeds):
            try:
                if deed == "event":
                    state.record_events(event(f"e{i}", version=len(state.event_versions(f"e{i}")) + 1), NOON)
                elif deed == "note":
                    state.note("feed", str(i), {"n": n}, later(n))
                elif deed == "alert":
                    one = alert(f"a{i}")
                    state.keep_alert(one, change(one, "raised"))
                elif (there := state.alert(f"a{i}")) is not None:
                    with state.together():
                        state.keep_alert(*acknowledged(there, f"p{n}"))
                        if deed == "fail":
                            raise StateError("no", "conflict")
            except StateError as e:
                assert e.problem == "conflict"
            now = (state.changes_after(0), state.audit_rows().rows(), state.alert_changes().rows())
            for old, new in zip(before, now, strict=True):
                assert all(row in new for row in old)
            assert now[0][: len(before[0])] == before[0] and now[1][: len(before[1])] == before[1]
            before = now  # type: ignore[assignment]
        assert state.problems() == []
