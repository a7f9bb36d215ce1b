"""`seaward exchange ask`, `answer`, `task`, `reply`, `rescue`, `case`, `chat`, `control`, `withdraw`: what people say to a partner."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

import typer

from seaward.cli.detect import moment
from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, Place, RealmName, To, now, place, say
from seaward.cli.node_data import Who, Why, length_ms
from seaward.core.catalogue import render
from seaward.core.errors import ParameterError, UsageError
from seaward.core.foreign_text import one_line
from seaward.desk import Desk, Refused, Said, Wording, at_ms, new_id
from seaward.exchange import bodies as b
from seaward.exchange.home import close_operation, open_operation

Named = Annotated[str, typer.Argument(metavar="THREAD", help="Its name in `exchange desk`, the first letters of it, or its id.", show_default=False)]
Text = Annotated[str | None, typer.Option("--text", metavar="TEXT", help="In words, at most 4,000 characters.")]
Level = Annotated[str, typer.Option(metavar="LEVEL", help="PUBLIC, LIMITED, RESTRICTED.")]
Tlp = Annotated[str, typer.Option(metavar="TLP", help="CLEAR, GREEN, AMBER, AMBER+STRICT.")]
About = Annotated[str | None, typer.Option(metavar="KIND:ID", help="What it is about, such as event:ID or vessel:mmsi:760000001.")]
Spot = Annotated[str | None, typer.Option("--at", metavar="LON,LAT", help="Where [degree].")]


def ask(
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="What is asked for, in one word, such as track, identity, imagery.", show_default=False)
    ],
    to: To,
    who: Who,
    text: Text = None,
    about: About = None,
    since: Annotated[str | None, typer.Option(metavar="T", help="Of the time from then on (UTC).")] = None,
    until: Annotated[str | None, typer.Option(metavar="T", help="Of the time until then (UTC).")] = None,
    due: Annotated[str | None, typer.Option(metavar="D", help="Answer wanted within, such as 45m or 6h; or by a moment.")] = None,
    level: Level = "LIMITED",
    tlp: Tlp = "AMBER",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Ask a partner for information."""

    def deed(desk: Desk) -> Said:
        body = b.Request(what, *_about(about), _ms(since), _ms(until), _ms(due), text)
        return desk.say(to, "request", _new(desk, "request"), body, who, now(), wording=Wording(level, tlp))

    at_desk(place(config, folder, data, realm), deed, lang)


def answer(
    name: Named,
    state: Annotated[str, typer.Argument(metavar="STATE", help="answered, partial, refused, nothing.", show_default=False)],
    who: Who,
    found: Annotated[list[str] | None, typer.Option(metavar="EVENT_ID", help="An event that answers it; may be given again.")] = None,
    release: Annotated[bool, typer.Option("--release", help="Let the partner have these events, if it may not yet.")] = False,
    text: Text = None,
    level: Level = "LIMITED",
    tlp: Tlp = "AMBER",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Answer a request of a partner."""
    _one_of(state, "answered", "partial", "refused", "nothing")

    def deed(desk: Desk) -> Said:
        words = Wording(level, tlp)
        return desk.answer(desk.thread(name), _new(desk, "answer"), state, found or (), text, who, now(), release=release, wording=words)

    at_desk(place(config, folder, data, realm), deed, lang)


def task(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="What to do, in one word, such as board, shadow, search.", show_default=False)],
    to: To,
    who: Who,
    until: Annotated[str, typer.Option(metavar="T", help="Done by: a moment (UTC), or within, such as 6h.", show_default=False)],
    since: Annotated[str | None, typer.Option(metavar="T", help="From: a moment, or in, such as 45m.", show_default="now")] = None,
    unit: Annotated[str | None, typer.Option(metavar="NAME", help="Which unit of theirs.")] = None,
    text: Text = None,
    about: About = None,
    at: Spot = None,
    level: Level = "LIMITED",
    tlp: Tlp = "AMBER",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Ask a partner to have a unit of its own do something. `withdraw` calls it off."""

    def deed(desk: Desk) -> Said:
        from_ms, to_ms = _ms(since) or at_ms(now()), _ms(until) or 0
        if to_ms <= from_ms:
            raise ParameterError(f"--until is {until!r}, which is not after the beginning; give a later moment, or a time such as 6h")
        body = b.Task(what, unit, *_about(about), *_spot(at), None, from_ms, to_ms, text)
        return desk.say(to, "task", _new(desk, "task"), body, who, now(), wording=Wording(level, tlp))

    at_desk(place(config, folder, data, realm), deed, lang)


def reply(
    name: Named,
    verb: Annotated[str, typer.Argument(metavar="VERB", help="Task: accept, decline, complete. Plan: agree, decline.", show_default=False)],
    who: Who,
    text: Text = None,
    level: Level = "LIMITED",
    tlp: Tlp = "AMBER",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Reply to a task or plan of a partner."""
    _one_of(verb, "accept", "decline", "complete", "agree")
    at_desk(place(config, folder, data, realm),
        lambda desk: desk.reply(desk.thread(name), _new(desk, "task_reply"), verb, text, who, now(), Wording(level, tlp)), lang)  # fmt: skip


def chat(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The line.", show_default=False)],
    to: To,
    who: Who,
    room: Annotated[str, typer.Option(metavar="NAME", help="A room; the id of a rescue for what belongs to it.")] = "watch",
    level: Level = "LIMITED",
    tlp: Tlp = "AMBER",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Write a line to a partner."""
    at_desk(place(config, folder, data, realm), lambda desk: desk.say(
        to, "chat", _new(desk, "chat"), b.Chat(room, at_ms(now()), who, text), who, now(), wording=Wording(level, tlp)), lang)  # fmt: skip


def rescue(
    phase: Annotated[str, typer.Argument(metavar="PHASE", help="uncertainty, alert, distress, ended.", show_default=False)],
    who: Who,
    to: Annotated[str | None, typer.Option("--to", metavar="PARTNER", help="With whom a new one is coordinated.", show_default=False)] = None,
    name: Annotated[str | None, typer.Option("--thread", metavar="THREAD", help="One that goes on, as `exchange desk` names it.")] = None,
    text: Text = None,
    at: Spot = None,
    error: Annotated[int | None, typer.Option(metavar="M", min=0, help="How exact: one sigma [m].")] = None,
    persons: Annotated[int | None, typer.Option(metavar="N", min=0, help="How many are in danger.")] = None,
    coordinator: Annotated[str | None, typer.Option(metavar="NAME", help="Who coordinates, such as MRCC Callao.")] = None,
    length: Annotated[str | None, typer.Option("--open", metavar="D", help="Also open an operation of its name for so long, at most 72h.")] = None,
    level: Level = "LIMITED",
    tlp: Tlp = "AMBER",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Coordinate a rescue: a new one with --to, the next phase or a better position of one that goes on with --thread."""
    _one_of(phase, "uncertainty", "alert", "distress", "ended")
    if (to is None) == (name is None):
        raise ParameterError("name the partner of a new rescue with --to, or one that goes on with --thread")

    def deed(desk: Desk) -> Said:
        body = b.Rescue(phase, at_ms(now()), *_spot(at), error, persons, coordinator, text)  # type: ignore[arg-type]
        if name is None:
            return desk.say(str(to), "rescue", _new(desk, "rescue"), body, who, now(), wording=Wording(level, tlp))
        return desk.phase(desk.thread(name), body, who, now(), Wording(level, tlp))

    where = place(config, folder, data, realm)
    lasts = None if length is None else timedelta(milliseconds=length_ms("--open", length))
    thread = at_desk(where, deed, lang).thread
    if thread is None:
        return
    if phase == "ended":
        if close_operation(where.home, thread.id, now()):
            say("closed", lang, id=thread.id, who=who)
    elif lasts is not None:
        row = open_operation(where.home, thread.id, "rescue", (thread.partner,), now(), lasts, who)
        say("opened", lang, id=row.id, partners=", ".join(row.partners), until=f"{row.until:%Y-%m-%d %H:%MZ}")


def case(
    name: Annotated[str, typer.Argument(metavar="CASE", help="A case of ours: the alert it came from.", show_default=False)],
    to: To,
    who: Who,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is called.")] = None,
    text: Text = None,
    close: Annotated[bool, typer.Option("--close", help="Tell that it is closed.")] = False,
    level: Level = "LIMITED",
    tlp: Tlp = "AMBER",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Share a case with a partner, or its closing; events in it that the partner may not have stay unknown to it."""
    at_desk(place(config, folder, data, realm),
        lambda desk: desk.share_case(to, name, title, text, close, who, now(), Wording(level, tlp)), lang)  # fmt: skip


def control(
    verb: Annotated[str, typer.Argument(metavar="CONTROL", help="start, pause, resume, stop, inject, note.", show_default=False)],
    to: To,
    who: Who,
    text: Text = None,
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Control a drill that both nations sail; refused in operations."""
    _one_of(verb, "start", "pause", "resume", "stop", "inject", "note")
    at_desk(place(config, folder, data, realm), lambda desk: desk.control(to, _new(desk, "drill"), verb, text, who, now()), lang)


def withdraw(
    name: Named,
    who: Who,
    why: Why = None,
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Call off a task, request, plan, rescue or case of ours: the partner is told."""
    at_desk(place(config, folder, data, realm), lambda desk: desk.take_back(desk.thread(name), who, now(), why), lang)


def at_desk(where: Place, deed: Callable[[Desk], Said], lang: Lang) -> Said:
    """Do something at the desk, and say what became of it."""
    try:
        with where.desk(lang.value) as desk:
            done = deed(desk)
            told(done, lang)
            return done
    except Refused as e:
        raise UsageError(e.told(lang.value)) from e


def told(done: Said, lang: Lang) -> None:
    """Print what was kept."""
    thread = done.thread
    if thread is None:
        return
    state = render(f"desk.state.{thread.state}", {}, lang.value)
    values = {"kind": render(f"desk.kind.{thread.kind}", {}, lang.value), "name": thread.name[:8], "id": one_line(thread.id)}
    say("said", lang, **values, partner=thread.partner, state=state, rule=done.rule)
    for code, more in done.notes:
        print(render(f"desk.note.{code}", more, lang.value))


def _new(desk: Desk, kind: str) -> str:
    return new_id(desk.gate.nation, kind, os.urandom(4))


def _one_of(word: str, *known: str) -> None:
    if word not in known:
        raise ParameterError(f"{one_line(word)!r} is not known here; choose from {', '.join(known)}")


def _about(text: str | None) -> tuple[str | None, str | None]:
    if text is None:
        return None, None
    kind, _, name = text.partition(":")
    if not kind or not name:
        raise ParameterError(f"--about is {one_line(text)!r}; write kind and id, such as event:ID or vessel:mmsi:760000001")
    return kind, name


def _ms(text: str | None) -> int | None:
    """A moment, or a time from now on [ms since 1970 UTC]."""
    if text is None:
        return None
    is_length = text[:1].isdigit() and text[-1:] in "smhd" and "-" not in text
    return at_ms(now() + timedelta(milliseconds=length_ms("a time", text)) if is_length else moment(text))


def _spot(text: str | None) -> tuple[int | None, int | None]:
    """Longitude and latitude [1e-6 degree]."""
    if text is None:
        return None, None
    try:
        lon, lat = (float(p) for p in text.split(","))
    except ValueError:
        lon, lat = float("nan"), float("nan")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ParameterError(f"--at is {one_line(text)!r}; write longitude and latitude in degrees, such as --at=-77.5,-12.25")
    return round(lon * 1e6), round(lat * 1e6)
