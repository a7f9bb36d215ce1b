"""Threads between two nations: what may be said by whom in which state, and that both sides come to the same state whatever was on its way."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.exchange import bodies as b
from seaward.exchange.threads import Line, Thread, threads_of

PLAN = b.Plan("proposed", 10, 20, (), None)
TASK = b.Task("board", None, None, None, None, None, None, 5_000, 9_000, None)
CASE = b.Case("open", 1, None, (), (), None)
REQUEST = b.Request("track", None, None, None, None, 7_000, None)


def reply(state: str, task: str = "t") -> b.TaskReply:
    return b.TaskReply(task, state, 1, None)  # type: ignore[arg-type]


def answer(state: str, request: str = "r") -> b.Answer:
    return b.Answer(request, state, 1, (), None)  # type: ignore[arg-type]


def rescue(phase: str) -> b.Rescue:
    return b.Rescue(phase, 1, None, None, None, None, None, None)  # type: ignore[arg-type]


def drill(control: str) -> b.Drill:
    return b.Drill(control, 1, None)  # type: ignore[arg-type]


KIND = {b.Task: "task", b.TaskReply: "task_reply", b.Request: "request", b.Answer: "answer", b.Plan: "plan", b.Rescue: "rescue", b.Case: "case",
        b.Drill: "drill", b.Chat: "chat", b.Ack: "ack"}  # fmt: skip


def lines(*said: tuple[bool, str, int, b.Body | str | None]) -> list[Line]:
    """(ours, id, version, body); a text instead of a body is the kind of what is taken back."""
    return [
        Line(n, "USA", ours, body if isinstance(body, str) else KIND[type(body)], name, version, None if isinstance(body, str) else body, n)  # type: ignore[index,arg-type]
        for n, (ours, name, version, body) in enumerate(said)
    ]  # fmt: skip


CASES: list[tuple[str, list[Any], str, list[str]]] = [
    ("a task that is accepted and done", [(True, "t", 1, TASK), (False, "a", 1, reply("accepted")), (False, "b", 1, reply("complete"))], "complete",
     ["", "", ""]),
    ("a task that is declined", [(True, "t", 1, TASK), (False, "a", 1, reply("declined"))], "declined", ["", ""]),
    ("a task done before it was accepted", [(True, "t", 1, TASK), (False, "a", 1, reply("complete"))], "asked", ["", "order"]),
    ("accepted twice", [(True, "t", 1, TASK), (False, "a", 1, reply("accepted")), (False, "b", 1, reply("accepted"))], "accepted", ["", "", "twice"]),
    ("declined after it was done", [(True, "t", 1, TASK), (False, "a", 1, reply("accepted")), (False, "b", 1, reply("complete")),
                                    (False, "c", 1, reply("declined"))], "complete", ["", "", "", "over"]),
    ("a crew that cannot go on after it accepted", [(True, "t", 1, TASK), (False, "a", 1, reply("accepted")), (False, "b", 1, reply("declined"))],
     "declined", ["", "", ""]),
    ("a task that was taken back, and the reply that was on its way",
     [(True, "t", 1, TASK), (True, "t", 1, "task"), (False, "a", 1, reply("accepted"))], "withdrawn", ["", "", "over"]),
    ("a partner that takes back our task", [(True, "t", 1, TASK), (False, "t", 1, "task")], "asked", ["", "unknown"]),
    ("the same task once more", [(False, "t", 1, TASK), (False, "t", 2, TASK)], "asked", ["", "twice"]),
    ("a request answered in parts", [(False, "r", 1, REQUEST), (True, "a", 1, answer("partial")), (True, "b", 1, answer("answered"))], "answered",
     ["", "", ""]),
    ("a request answered again", [(True, "r", 1, REQUEST), (False, "a", 1, answer("nothing")), (False, "b", 1, answer("answered"))], "nothing",
     ["", "", "over"]),
    ("a plan agreed to", [(True, "p", 1, PLAN), (False, "p", 1, b.Plan("agreed", 10, 20, (), None))], "agreed", ["", ""]),
    ("a plan agreed to in a version that is gone", [(True, "p", 1, PLAN), (True, "p", 2, PLAN), (False, "p", 1, b.Plan("agreed", 10, 20, (), None))],
     "proposed", ["", "", "version"]),
    ("a plan declined and proposed anew", [(True, "p", 1, PLAN), (False, "p", 1, b.Plan("withdrawn", 10, 20, (), None)), (True, "p", 2, PLAN)],
     "proposed", ["", "", ""]),
    ("a plan that its owner agrees to", [(False, "p", 1, PLAN), (False, "p", 2, b.Plan("agreed", 10, 20, (), None))], "proposed", ["", "not_owner"]),
    ("a plan agreed to and declined", [(True, "p", 1, PLAN), (False, "p", 1, b.Plan("agreed", 1, 2, (), None)),
                                       (False, "p", 1, b.Plan("withdrawn", 1, 2, (), None))], "agreed", ["", "", "twice"]),
    ("a rescue through its phases", [(True, "s", 1, rescue("alert")), (True, "s", 2, rescue("distress")), (True, "s", 3, rescue("ended"))], "ended",
     ["", "", ""]),
    ("a rescue that ended", [(True, "s", 1, rescue("ended")), (True, "s", 2, rescue("distress"))], "ended", ["", "over"]),
    ("a rescue whose phase the other side says", [(True, "s", 1, rescue("alert")), (False, "s", 1, rescue("ended"))], "alert", ["", "not_owner"]),
    ("a case closed and opened again", [(False, "c", 1, CASE), (False, "c", 2, b.Case("closed", 1, None, (), (), None)), (False, "c", 3, CASE)],
     "open", ["", "", ""]),
    ("control of a drill", [(True, "1", 1, drill("start")), (False, "2", 1, drill("pause")), (True, "3", 1, drill("start")),
                            (True, "4", 1, drill("resume")), (False, "5", 1, drill("stop"))], "stopped", ["", "", "order", "", ""]),
]  # fmt: skip


@pytest.mark.parametrize(("said", "state", "wrong"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_is_said_changes_the_state_as_it_may_and_nothing_else_does(said: list[Any], state: str, wrong: list[str]) -> None:
    threads, strays = threads_of(lines(*said))
    assert len(threads) == 1 and threads[0].state == state
    assert [p.wrong for p in sorted([*threads[0].lines, *strays], key=lambda p: p.line.number)] == wrong


def test_replies_to_what_was_never_said_belong_to_nothing() -> None:
    said = lines((False, "a", 1, reply("accepted")), (False, "b", 1, answer("answered")), (True, "t", 1, TASK), (True, "c", 1, reply("accepted")),
                 (False, "x", 1, "task"), (False, "p", 1, b.Ack("task", "nothing", 1, 1, None)))  # fmt: skip
    threads, strays = threads_of(said)
    assert [t.state for t in threads] == ["asked"] and [s.line.id for s in strays] == ["a", "b", "c", "x", "p"]
    assert {s.wrong for s in strays} == {"unknown"}


def test_a_person_seeing_a_task_changes_nothing_and_one_seeing_an_event_is_no_thread() -> None:
    threads, strays = threads_of(lines((True, "t", 1, TASK), (False, "k", 1, b.Ack("task", "t", 1, 1, "hale")),
                                       (False, "l", 1, b.Ack("event", "e", 1, 1, None))))  # fmt: skip
    assert len(threads) == 1 and threads[0].state == "asked" and len(threads[0].lines) == 2 and not strays


def test_the_same_id_of_both_nations_are_two_threads_and_their_names_differ() -> None:
    threads, _ = threads_of(lines((True, "t", 1, TASK), (False, "t", 1, TASK), (False, "a", 1, reply("accepted"))))
    assert [(t.is_ours, t.state) for t in threads] == [(True, "accepted"), (False, "asked")] and threads[0].name != threads[1].name


def test_who_is_waited_for_and_until_when() -> None:
    (task,), _ = threads_of(lines((True, "t", 1, TASK)))
    assert task.turn == "them" and task.due_us == 5_000_000 and not task.is_overdue(5_000_000) and task.is_overdue(5_000_001)
    (task,), _ = threads_of(lines((True, "t", 1, TASK), (False, "a", 1, reply("accepted"))))
    assert task.due_us == 9_000_000
    (request,), _ = threads_of(lines((False, "r", 1, REQUEST)))
    assert request.turn == "us" and request.due_us == 7_000_000 and request.verbs() == ("answer",)
    (done,), _ = threads_of(lines((False, "r", 1, REQUEST), (True, "a", 1, answer("refused"))))
    assert done.turn == "" and done.due_us is None and done.verbs() == ()
    (plan,), _ = threads_of(lines((True, "p", 1, PLAN), (False, "p", 1, b.Plan("withdrawn", 1, 2, (), None))))
    assert plan.turn == "us" and plan.verbs() == ("propose", "withdraw")


def moves(thread: Thread | None, owner: bool, kind: str) -> list[tuple[str, int, b.Body | str]]:
    """What one side may say next: (id, version, body)."""
    if thread is None or not thread.lines:
        return [("x", 1, {"task": TASK, "request": REQUEST, "plan": PLAN}[kind])] if owner else []
    found: list[tuple[str, int, b.Body | str]] = []
    for verb in thread.verbs():
        n, version = len(thread.lines), thread.head.version if thread.head else 1
        match verb:
            case "withdraw":
                found.append(("x", version, kind))
            case "propose":
                found.append(("x", version + 1, PLAN))
            case "agree" | "decline" if kind == "plan":
                found.append(("x", version, b.Plan("agreed" if verb == "agree" else "withdrawn", 1, 2, (), None)))
            case "answer":
                found += [(f"a{n}", 1, answer(s, "x")) for s in ("partial", "answered", "refused")]
            case _:
                found.append((f"a{n}", 1, reply({"accept": "accepted", "decline": "declined"}.get(verb, verb), "x")))
    return found


@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from(["task", "request", "plan"]))
def test_both_sides_come_to_the_same_state_whatever_was_on_its_way(data: st.DataObject, kind: str) -> None:
    """Each says only what its own side allows; messages arrive in order, any time later."""
    held: dict[bool, list[tuple[bool, str, int, b.Body | str]]] = {True: [], False: []}  # by side: True is the owner's
    on_way: dict[bool, deque[tuple[str, int, b.Body | str]]] = {True: deque(), False: deque()}  # by who sent it

    def thread(side: bool) -> Thread | None:
        return next(iter(threads_of(lines(*held[side]))[0]), None)

    def arrive(sender: bool) -> None:
        name, version, body = on_way[sender].popleft()
        held[not sender].append((False, name, version, body))

    for _ in range(data.draw(st.integers(1, 14))):
        options: list[Any] = [("arrive", s) for s in (True, False) if on_way[s]]
        options += [("say", s, m) for s in (True, False) for m in moves(thread(s), s, kind)]
        if not options:
            break
        chosen = data.draw(st.sampled_from(options))
        if chosen[0] == "arrive":
            arrive(chosen[1])
        else:
            _, side, (name, version, body) = chosen
            held[side].append((True, name, version, body))
            found = thread(side)
            assert found is not None and found.lines[-1].wrong == "", "what verbs() names may be said"
            on_way[side].append((name, version, body))
    for sender in (True, False):
        while on_way[sender]:
            arrive(sender)
    states = {getattr(thread(side), "state", None) for side in (True, False)}
    assert len(states) == 1, (states, held)
