"""What partners sent is kept once, however often it comes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from seaward.store.state import State

AT = datetime(2026, 11, 27, tzinfo=UTC)


def said(version: int = 1, state: str = "said", **more: Any) -> dict[str, Any]:
    return {"kind": "chat", "id": "c1", "version": version, "state": state, "label": "{}", "body": f'{{"text": "v{version}"}}'} | more


def test_what_a_partner_sends_anew_in_another_epoch_is_told_once(state: State) -> None:
    taken = state.last_seq()
    assert state.take_in("USA", (7, 1, b"7.1"), [said()], AT) and state.take_in("USA", (9, 1, b"9.1"), [said()], AT)
    assert state.take_in("USA", (9, 2, b"9.2"), [said(2)], AT) and state.take_in("USA", (11, 1, b"11.1"), [said(1)], AT)
    assert [c.topic for c in state.changes_after(taken, 100)].count("partner") == 2 and state.taken_to("USA") == (11, 1)
    assert [t.version for t in state.talk("USA")[0]] == [1, 2]
    gone = said(2, "withdrawn", is_said=False)
    assert state.take_in("USA", (11, 2, b"11.2"), [gone, gone, said(2)], AT)
    assert [t.body for t in state.talk("USA")[0]][2:] == [None, said(2)["body"]], "what was taken back may come again"


def test_another_batch_under_a_number_that_was_taken_is_taken_too(state: State) -> None:
    assert state.take_in("USA", (7, 1, b"one"), [said(id="c1")], AT) and state.take_in("USA", (7, 2, b"two"), [said(id="c2")], AT)
    assert not state.take_in("USA", (7, 2, b"two"), [said(id="c2")], AT), "handed over again after a stop"
    assert state.take_in("USA", (7, 2, b"else"), [said(id="c3"), said(2, id="c2"), said(id="c1")], AT), "their log went back"
    assert [(t.id, t.version) for t in state.talk("USA")[0]] == [("c1", 1), ("c2", 1), ("c3", 1), ("c2", 2)]
    assert state.taken_to("USA") == (7, 2) and not state.take_in("USA", (7, 2, b"else"), [said(id="c3")], AT)


def test_a_batch_of_an_epoch_that_was_left_brings_nothing_back(state: State) -> None:
    assert state.take_in("USA", (7, 1, b"a"), [said()], AT) and state.take_in("USA", (9, 1, b"c"), [said(1, "withdrawn", is_said=False)], AT)
    assert not state.take_in("USA", (7, 2, b"b"), [said()], AT) and not state.take_in("USA", (9, 1, b"c"), [], AT)
    assert [t.body is None for t in state.talk("USA")[0]] == [False, True]


def test_the_hashes_of_batches_are_kept_for_some_time_and_no_longer(state: State) -> None:
    for seq in range(1, 1_031):
        assert state.take_in("USA", (7, seq, b"%d" % seq), [], AT)
    assert state.rows("SELECT count(*), min(seq) FROM partner_heads") == [(1_024, 7)]
    assert state.take_in("USA", (9, 1, b"new"), [], AT) and state.rows("SELECT count(*), min(seq) FROM partner_heads") == [(1_024, 1)]
