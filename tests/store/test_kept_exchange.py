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
    assert state.take_in("USA", (7, 1), [said()], AT) and state.take_in("USA", (9, 1), [said()], AT)
    assert state.take_in("USA", (9, 2), [said(2)], AT) and state.take_in("USA", (11, 1), [said(1)], AT)
    assert [c.topic for c in state.changes_after(taken, 100)].count("partner") == 2 and state.taken_to("USA") == (11, 1)
    assert [t.version for t in state.talk("USA")[0]] == [1, 2]
    gone = said(2, "withdrawn", is_said=False)
    assert state.take_in("USA", (11, 2), [gone, gone, said(2)], AT)
    assert [t.body for t in state.talk("USA")[0]][2:] == [None, said(2)["body"]], "what was taken back may come again"
