"""What two nations said to each other, in the order in which one of them holds it -> threads, each with its state. Pure: no clock, no disk.

A thread is a request with its answers, a task with its replies, a plan, a rescue, a shared case, a room of chat, or the control of a drill. Who
opened it is its owner. A message that its state does not allow, or that the other side may not say, changes nothing and is shown as wrong. Both sides
come to the same state of a request, task or plan whatever was on its way when something else was said: what an owner takes back is gone in every
state, and an agreement names the version of the plan that it agrees to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from seaward.exchange import bodies as b

KINDS = ("request", "task", "plan", "rescue", "case", "chat", "control")
TALK = frozenset({"request", "answer", "plan", "task", "task_reply", "rescue", "case", "chat", "ack", "drill"})  # kinds of messages that people say
OVER = frozenset({"answered", "refused", "nothing", "declined", "complete", "withdrawn", "ended", "closed", "stopped"})
WITHDRAWN = "withdrawn"
_MS_US = 1000
Key = tuple[str, str, bool | None, str]  # of a thread: partner, kind, whether we opened it, id
_REPLIES = {  # (state, what the other side says) -> the state after it
    ("asked", "accepted"): "accepted", ("asked", "declined"): "declined", ("accepted", "complete"): "complete", ("accepted", "declined"): "declined",
}  # fmt: skip
_CONTROLS = {  # (state, control) -> the state after it
    ("idle", "start"): "running", ("stopped", "start"): "running", ("running", "pause"): "paused", ("paused", "resume"): "running",
    ("running", "stop"): "stopped", ("paused", "stop"): "stopped", ("running", "inject"): "running", ("paused", "inject"): "paused",
    **{(state, "note"): state for state in ("idle", "running", "paused", "stopped")},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One message, as we hold it."""

    number: int  # its place among all
    partner: str
    is_ours: bool
    kind: str
    id: str
    version: int
    body: b.Body | None  # None: what was said under this kind and id is taken back
    at_us: int  # when we said or took it [us since 1970 UTC]


@dataclass(slots=True)
class Placed:
    """A message in its thread."""

    line: Line
    wrong: str = ""  # why it changed nothing; a code of the catalogues (desk.wrong.*)
    is_taken_back: bool = False


@dataclass(slots=True)
class Thread:
    """What belongs together."""

    kind: str
    partner: str
    is_ours: bool | None  # who opened it; None: a room of both
    id: str
    state: str
    lines: list[Placed] = field(default_factory=list)
    head: Line | None = None  # the owner's last word: what is asked, proposed or told
    replied: int = 0  # version of a plan that was last agreed to or declined

    @property
    def name(self) -> str:
        """One short name that is the same each time and holds no word of a partner."""
        owner = {True: "us", False: "them", None: "both"}[self.is_ours]
        return hashlib.sha256(f"{self.partner}\x1f{self.kind}\x1f{owner}\x1f{self.id}".encode()).hexdigest()[:16]

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def turn(self) -> str:
        """Who is waited for: `us`, `them`, or nobody."""
        if self.is_ours is None or (self.is_over and not (self.kind == "plan" and self.state == "declined")):
            return ""
        waits_for_other = self.state in ("open", "partial", "asked", "accepted", "proposed") and self.kind in ("request", "task", "plan")
        if waits_for_other:
            return "them" if self.is_ours else "us"
        return ("us" if self.is_ours else "them") if self.kind == "plan" and self.state == "declined" else ""

    @property
    def due_us(self) -> int | None:
        """By when whoever is waited for should have spoken [us since 1970 UTC]."""
        body = None if self.head is None or not self.turn else self.head.body
        if isinstance(body, b.Request):
            return None if body.due_ms is None else body.due_ms * _MS_US
        if isinstance(body, b.Task):
            is_ahead = self.head is not None and body.from_ms * _MS_US > self.head.at_us
            return (body.from_ms if self.state == "asked" and is_ahead else body.to_ms) * _MS_US
        return body.start_ms * _MS_US if isinstance(body, b.Plan) and self.state == "proposed" else None

    def is_overdue(self, now_us: int) -> bool:
        return self.due_us is not None and self.due_us < now_us

    def verbs(self) -> tuple[str, ...]:
        """What we may do with it now."""
        if self.kind in ("chat", "control"):
            return ("say",) if self.kind == "chat" else tuple(c for s, c in _CONTROLS if s == self.state)
        if self.is_ours:
            more = {"plan": ("propose",), "rescue": ("phase",)}.get(self.kind, ())
            if self.kind == "case" and self.state != WITHDRAWN:
                return ("close" if self.state == "open" else "reopen", "withdraw")
            return () if self.is_over and self.turn != "us" else (*more, "withdraw")
        if self.kind == "request":
            return ("answer",) if self.turn == "us" else ()
        if self.kind == "task":
            return tuple({"accepted": "accept"}.get(s, s.removesuffix("d")) for at, s in _REPLIES if at == self.state)
        return (
            ("agree", "decline") if self.kind == "plan" and self.turn == "us" and self.head is not None and self.replied < self.head.version else ()
        )


def threads_of(lines: Iterable[Line]) -> tuple[list[Thread], list[Placed]]:
    """Threads in the order in which they were opened, and what belongs to none.

    Parameters
    ----------
    lines
        All that was said with one or more partners, in order.
    """
    threads: dict[Key, Thread] = {}
    strays: list[Placed] = []
    for line in lines:
        placed, thread = place(threads, line)
        if placed is not None and thread is None:
            strays.append(placed)
    return [*threads.values()], strays


def place(threads: dict[Key, Thread], line: Line) -> tuple[Placed | None, Thread | None]:
    """Put a further message where it belongs.

    Returns
    -------
    The message, whose `wrong` says why it changed nothing, and its thread, None where it belongs to none; nothing where it is nothing of threads (a
    person saw an event).
    """
    if isinstance(line.body, b.Ack) and line.body.about_kind not in KINDS:
        return None, None
    placed = Placed(line)
    key = _key(threads, line)
    thread = threads.get(key) if key is not None else None
    if key is None or (thread is None and (line.body is None or line.kind in ("answer", "task_reply", "ack"))):
        placed.wrong = "unknown"
        return placed, None
    if thread is None:
        thread = Thread(key[1], line.partner, key[2], key[3], {"chat": "open", "control": "idle"}.get(key[1], ""))
    state, placed.wrong = _after(thread, line)
    if placed.wrong and key not in threads:
        return placed, None
    threads[key] = thread
    if not placed.wrong:
        if line.body is not None and line.is_ours == thread.is_ours and line.kind == thread.kind:
            thread.head = line
        if isinstance(line.body, b.Plan) and line.is_ours != thread.is_ours:
            thread.replied = line.version
        thread.state = state
    if line.body is None:
        for before in thread.lines:
            if (before.line.kind, before.line.id, before.line.is_ours) == (line.kind, line.id, line.is_ours):
                before.is_taken_back = True
    thread.lines.append(placed)
    return placed, thread


def _key(threads: dict[Key, Thread], line: Line) -> Key | None:
    """Which thread a message belongs to; None where that cannot be told."""
    body, ours = line.body, line.is_ours
    if line.kind in ("plan", "rescue"):
        others = (line.partner, line.kind, not ours, line.id)
        return others if others in threads else (line.partner, line.kind, ours, line.id)
    if line.kind in ("request", "task", "case"):
        return (line.partner, line.kind, ours, line.id)
    match body:
        case b.Answer():
            return (line.partner, "request", not ours, body.request_id)
        case b.TaskReply():
            return (line.partner, "task", not ours, body.task_id)
        case b.Chat():
            return (line.partner, "chat", None, body.room)
        case b.Drill():
            return (line.partner, "control", None, "control")
        case b.Ack():
            return (line.partner, body.about_kind, None if body.about_kind in ("chat", "control") else not ours, body.about_id)
    return next(  # a reply or line of chat that is taken back: where it stands
        (key for key, t in threads.items() if key[0] == line.partner
         and any((p.line.kind, p.line.id, p.line.is_ours) == (line.kind, line.id, ours) for p in t.lines)), None
    )  # fmt: skip


def _after(thread: Thread, line: Line) -> tuple[str, str]:
    """The state after a message, and why it is wrong; the state stays where it is."""
    state, by_owner, body = thread.state, line.is_ours == thread.is_ours, line.body
    if line.kind == "ack" or (body is None and line.kind != thread.kind):
        return state, ""
    if thread.kind == "chat":
        return state, ""
    if isinstance(body, b.Drill):
        return _or_wrong(_CONTROLS.get((state, body.control)), state, "order")
    if body is None:
        return (WITHDRAWN, "") if by_owner and state != WITHDRAWN else (state, "" if not by_owner and thread.kind == "plan" else "not_owner")
    if isinstance(body, b.Answer):
        return (body.state, "") if state in ("open", "partial") else (state, "over")
    if isinstance(body, b.TaskReply):
        if body.state == state:
            return state, "twice"
        return _or_wrong(_REPLIES.get((state, body.state)), state, "over" if state in OVER else "order")
    if isinstance(body, b.Plan):
        return _plan(thread, line, body, by_owner)
    if not by_owner:
        return state, "not_owner"
    if state in (WITHDRAWN, "ended"):
        return state, "over"
    if isinstance(body, b.Rescue):
        return body.phase, ""
    if isinstance(body, b.Case):
        return body.state, ""
    return ({"request": "open", "task": "asked"}[thread.kind], "") if not state else (state, "twice")


def _plan(thread: Thread, line: Line, body: b.Plan, by_owner: bool) -> tuple[str, str]:
    """A plan: the owner proposes, and may propose anew; the other side agrees to a version of it, or declines it."""
    state = thread.state
    if state == WITHDRAWN:
        return state, "over"
    if by_owner:
        if body.state == WITHDRAWN:
            return WITHDRAWN, ""
        if body.state != "proposed":
            return state, "not_owner"
        is_new = thread.head is None or line.version > thread.head.version
        return ("proposed", "") if is_new else (state, "twice")
    if body.state == "proposed":
        return state, "not_owner"
    if thread.head is None or line.version != thread.head.version:
        return state, "version"
    if thread.replied >= line.version:
        return state, "twice"
    return "agreed" if body.state == "agreed" else "declined", ""


def _or_wrong(found: str | None, state: str, wrong: str) -> tuple[str, str]:
    return (state, wrong) if found is None else (found, "")
