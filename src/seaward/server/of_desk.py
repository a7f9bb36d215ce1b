"""The desk of the exchange over the API: threads with all that was said in them, and what a person says to a partner."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from seaward.core.errors import SeawardError
from seaward.desk import Desk, Refused, Said, Wording, at_ms, new_id
from seaward.exchange import bodies as b
from seaward.exchange.home import close_operation, open_operation
from seaward.exchange.shown_plan import shown_plan
from seaward.exchange.threads import KINDS, Thread
from seaward.server.answers import One
from seaward.server.asked import Asked, utc
from seaward.server.floor import Floor
from seaward.server.problems import Problem
from seaward.server.roles import SUPERVISOR, may
from seaward.server.route import Param

_MOST = 500  # threads of one answer; ours
THREADS_PARAMS = (
    Param("partner", "name", "with this partner alone, such as USA"),
    Param("kind", "choice", "of these kinds alone", many=True, choices=KINDS),
    Param("over", "flag", "only those that are over; false: only those that are not"),
)
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=96)]
Text = Annotated[str, msgspec.Meta(max_length=4_000)]
Deg = Annotated[float, msgspec.Meta(ge=-180, le=180)]
LatDeg = Annotated[float, msgspec.Meta(ge=-90, le=90)]


class Worded(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Words to a partner, and how they are labelled."""

    text: Text | None = None
    level: Literal["PUBLIC", "LIMITED", "RESTRICTED"] = "LIMITED"
    tlp: Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT"] = "AMBER"

    @property
    def wording(self) -> Wording:
        return Wording(self.level, self.tlp)


class Asking(Worded, kw_only=True):
    """A request for information."""

    to: Name
    what: Name
    about_kind: Name | None = None
    about_id: Name | None = None
    since: datetime | None = None
    until: datetime | None = None
    due: datetime | None = None


class Answering(Worded, kw_only=True):
    """The answer to one; `release`: let the partner have the events found."""

    state: Literal["answered", "partial", "refused", "nothing"]
    found: Annotated[list[Name], msgspec.Meta(max_length=256)] = []
    release: bool = False


class Tasking(Worded, kw_only=True):
    """Something a unit of the partner is asked to do."""

    to: Name
    what: Name
    until: datetime
    since: datetime | None = None
    unit: Name | None = None
    about_kind: Name | None = None
    about_id: Name | None = None
    lon_deg: Deg | None = None
    lat_deg: LatDeg | None = None
    error_m: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] | None = None


class Replying(Worded, kw_only=True):
    """To a task: accept, decline, complete; to a plan: agree, decline."""

    verb: Literal["accept", "decline", "complete", "agree"]


class Proposing(Worded, kw_only=True):
    """What `plan.<nation>.json` holds, and how the plan names the partner and us."""

    to: Name
    plan: dict[str, Any]
    theirs: Name
    ours: Name | None = None


class Phase(Worded, kw_only=True):
    """The phase of a rescue; `open_s`: also open an operation of its name for so long [s], which a supervisor may."""

    phase: Literal["uncertainty", "alert", "distress", "ended"]
    lon_deg: Deg | None = None
    lat_deg: LatDeg | None = None
    error_m: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] | None = None
    persons: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    coordinator: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    open_s: Annotated[int, msgspec.Meta(ge=60, le=259_200)] | None = None


class Rescuing(Phase, kw_only=True):
    """A new rescue, and with whom."""

    to: Name


class Writing(Worded, kw_only=True):
    """A line of chat."""

    to: Name
    room: Name = "watch"


class Sharing(Worded, kw_only=True):
    """A case of ours, by its alert."""

    to: Name
    case: Name
    title: Text | None = None
    close: bool = False


class Controlling(Worded, kw_only=True):
    """Control of a drill."""

    to: Name
    control: Literal["start", "pause", "resume", "stop", "inject", "note"]


class Withdrawing(msgspec.Struct, forbid_unknown_fields=True):
    """Why; for the audit."""

    why: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)] | None = None


def threads(floor: Floor, asked: Asked) -> One:
    """Threads with partners: those that wait for us first, then those that changed last; at most five hundred."""
    q, us = asked.query, ""
    try:
        desk = desk_here(floor)
    except Problem as problem:
        return One({"nation": us, "realm": floor.node.realm, "why": problem.detail or "", "is_cut": False, "threads": [], "strays": []}, keep=False)
    found, strays, is_cut = desk.threads(q["partner"])
    chosen = [t for t in found if (q["kind"] is None or t.kind in q["kind"]) and (q["over"] is None or q["over"] == t.is_over)]
    chosen.sort(key=lambda t: (t.turn != "us", -t.lines[-1].line.number))
    told = desk.told(chosen[:_MOST], _now(), asked.language)
    value = {"nation": desk.gate.nation, "realm": floor.node.realm, "why": "", "is_cut": is_cut or len(chosen) > _MOST, "threads": told,
             "strays": desk.strays(strays, asked.language)}  # fmt: skip
    return One(value)


def thread(floor: Floor, asked: Asked) -> One:
    """One thread with all that was said in it."""
    desk = desk_here(floor)
    return _told(desk, _named(desk, asked), asked)


def ask(floor: Floor, asked: Asked) -> One:
    """Ask a partner for information."""
    body: Asking = asked.body

    def deed(desk: Desk, who: str, at: datetime) -> Said:
        request = b.Request(body.what, body.about_kind, body.about_id, _ms(body.since), _ms(body.until), _ms(body.due), body.text)
        return desk.say(body.to, "request", _new(desk, "request"), request, who, at, wording=body.wording)

    return _do(floor, asked, deed)


def task(floor: Floor, asked: Asked) -> One:
    """Ask a partner to have a unit of its own do something."""
    body: Tasking = asked.body

    def deed(desk: Desk, who: str, at: datetime) -> Said:
        from_ms, to_ms = _ms(body.since) or at_ms(at), _ms(body.until) or 0
        if to_ms <= from_ms:
            raise Problem("body", where="/until", what="it is not after the beginning")
        about, spot = (body.about_kind, body.about_id), _spot(body.lon_deg, body.lat_deg)
        made = b.Task(body.what, body.unit, *about, *spot, body.error_m, from_ms, to_ms, body.text)
        return desk.say(body.to, "task", _new(desk, "task"), made, who, at, wording=body.wording)

    return _do(floor, asked, deed)


def plan(floor: Floor, asked: Asked) -> One:
    """Propose a patrol plan to a partner, as far as it may see it."""
    body: Proposing = asked.body

    def deed(desk: Desk, who: str, at: datetime) -> Said:
        name, made, _ = shown_plan(body.plan, desk.gate.realm, body.theirs, body.ours, body.text)
        return desk.propose(body.to, f"{desk.gate.nation}-plan-{name}", made, who, at, body.wording)

    return _do(floor, asked, deed)


def rescue(floor: Floor, asked: Asked) -> One:
    """Begin to coordinate a rescue with a partner."""
    body: Rescuing = asked.body
    return _rescued(floor, asked, body, lambda desk, who, at: desk.say(
        body.to, "rescue", _new(desk, "rescue"), _phase(body, at), who, at, wording=body.wording))  # fmt: skip


def phase(floor: Floor, asked: Asked) -> One:
    """Tell the next phase of a rescue of ours, or what is better known."""
    body: Phase = asked.body
    return _rescued(floor, asked, body, lambda desk, who, at: desk.phase(_named(desk, asked), _phase(body, at), who, at, body.wording))


def chat(floor: Floor, asked: Asked) -> One:
    """Write a line to a partner."""
    body: Writing = asked.body
    return _do(floor, asked, lambda desk, who, at: desk.say(
        body.to, "chat", _new(desk, "chat"), b.Chat(body.room, at_ms(at), who, body.text), who, at, wording=body.wording))  # fmt: skip


def case(floor: Floor, asked: Asked) -> One:
    """Share a case with a partner, or its closing."""
    body: Sharing = asked.body
    return _do(floor, asked, lambda desk, who, at: desk.share_case(body.to, body.case, body.title, body.text, body.close, who, at, body.wording))


def control(floor: Floor, asked: Asked) -> One:
    """Control a drill."""
    body: Controlling = asked.body
    return _do(floor, asked, lambda desk, who, at: desk.control(body.to, _new(desk, "drill"), body.control, body.text, who, at))


def answer(floor: Floor, asked: Asked) -> One:
    """Answer a request of a partner."""
    body: Answering = asked.body
    how: dict[str, Any] = {"release": body.release, "wording": body.wording}
    return _do(floor, asked, lambda desk, who, at: desk.answer(
        _named(desk, asked), _new(desk, "answer"), body.state, body.found, body.text, who, at, **how))  # fmt: skip


def reply(floor: Floor, asked: Asked) -> One:
    """Reply to a task or plan of a partner."""
    body: Replying = asked.body
    return _do(floor, asked, lambda desk, who, at: desk.reply(
        _named(desk, asked), _new(desk, "task_reply"), body.verb, body.text, who, at, body.wording))  # fmt: skip


def withdraw(floor: Floor, asked: Asked) -> One:
    """Call off what we opened."""
    return _do(floor, asked, lambda desk, who, at: desk.take_back(_named(desk, asked), who, at, asked.body.why))


def _rescued(floor: Floor, asked: Asked, body: Phase, deed: Callable[[Desk, str, datetime], Said]) -> One:
    """The same, and the operation of its name opened, or ended with it."""
    if body.open_s is not None and not may(asked.caller.role, SUPERVISOR):
        raise Problem("role", needed=SUPERVISOR, role=asked.caller.role)
    kept: list[Thread] = []

    def both(desk: Desk, who: str, at: datetime) -> Said:
        done = deed(desk, who, at)
        kept.extend([] if done.thread is None else [done.thread])
        return done

    told = _do(floor, asked, both)
    running, at, who = floor.node.exchange, _now(), asked.caller.person
    assert running is not None
    for done in kept:
        if body.phase == "ended":
            close_operation(running.home, done.id, at)
        elif body.open_s is not None:
            open_operation(running.home, done.id, "rescue", (done.partner,), at, timedelta(seconds=body.open_s), who)
            floor.node.state.audit(who, "exchange.opened", done.id, {"partner": done.partner, "seconds": body.open_s}, at)
    return told


def _do(floor: Floor, asked: Asked, deed: Callable[[Desk, str, datetime], Said]) -> One:
    """Say something, and give the thread it is in as it is then."""
    desk = desk_here(floor)
    try:
        done = deed(desk, asked.caller.person, _now())
    except Refused as e:
        raise Problem("not_found" if e.code == "no_thread" else "refused", detail=e.told(asked.language)) from e
    floor.changes.poke()
    assert floor.node.exchange is not None and done.thread is not None
    floor.node.exchange.poke()
    notes = [{"code": code, **values} for code, values in done.notes]
    return _told(desk, desk.thread(done.thread.name), asked, done.rule, notes)


def _told(desk: Desk, one: Thread, asked: Asked, rule: str | None = None, notes: list[dict[str, Any]] | None = None) -> One:
    return One({**desk.told([one], _now(), asked.language)[0], "rule": rule, "notes": notes or []}, keep=rule is None)


def _named(desk: Desk, asked: Asked) -> Thread:
    try:
        return desk.thread(asked.path["thread"])
    except Refused as e:
        raise Problem("not_found", what=asked.path["thread"][:60]) from e


def desk_here(floor: Floor) -> Desk:
    """The desk of this node; a refusal in words where it has none."""
    running = floor.node.exchange
    if running is None:
        raise Problem("refused", detail=Refused("no_exchange", why="-").told("en"))
    try:
        return running.desk()
    except SeawardError as e:
        raise Problem("refused", detail=Refused("no_exchange", why=str(e)).told("en")) from e


def _now() -> datetime:
    """Links run by the wall clock, and so does what is said over them."""
    return datetime.now(UTC)


def _new(desk: Desk, kind: str) -> str:
    return new_id(desk.gate.nation, kind, os.urandom(4))


def _ms(at: datetime | None) -> int | None:
    try:
        return None if at is None else at_ms(utc(at))
    except OverflowError:
        raise Problem("body", where="/", what=f"{at} lies outside the years 1 to 9999 in UTC") from None


def _spot(lon_deg: float | None, lat_deg: float | None) -> tuple[int | None, int | None]:
    if (lon_deg is None) != (lat_deg is None):
        raise Problem("body", where="/lat_deg", what="give longitude and latitude, or neither")
    return None if lon_deg is None else round(lon_deg * 1e6), None if lat_deg is None else round(lat_deg * 1e6)


def _phase(body: Phase, at: datetime) -> b.Rescue:
    return b.Rescue(body.phase, at_ms(at), *_spot(body.lon_deg, body.lat_deg), body.error_m, body.persons, body.coordinator, body.text)
