"""`seaward alerts ack`, `validate`, `dismiss`, `silence`, `lift`, `assign`, `reopen`, `comment`: what people do with alerts."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from seaward.alerting import Scope, act, alert_named, assign, silence
from seaward.alerts.life import DISMISSALS, Refused
from seaward.cli.detect import Language
from seaward.cli.node_data import FOLDER, REALM_DEFAULT, AsJson, At, Data, Realm, Spoken, Who, Why, length_ms, now, opened, print_json
from seaward.core.catalogue import render
from seaward.core.errors import ParameterError
from seaward.core.tables import PRIORITIES

Named = Annotated[str, typer.Argument(metavar="ALERT", help="Its name, or the first letters of it.", show_default=False)]
Reason = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why; the audit keeps it.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Put the verbs on the command."""
    for verb, deed in (("ack", ack), ("validate", validate), ("dismiss", dismiss), ("silence", silence_alerts), ("silences", silences),
                       ("lift", lift), ("assign", assign_to), ("reopen", reopen), ("comment", comment)):  # fmt: skip
        app.command(verb)(deed)


def ack(
    name: Named, who: Who, why: Why = None, data: Data = FOLDER, realm: Realm = REALM_DEFAULT, at: At = None, as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:  # fmt: skip
    """Take an alert: somebody looks at it now."""
    _act(name, "acknowledge", who, why, data, realm, at, as_json, lang)


def validate(
    name: Named, who: Who, why: Why = None, data: Data = FOLDER, realm: Realm = REALM_DEFAULT, at: At = None, as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:  # fmt: skip
    """Say that it is so: the alert becomes a case in the history of its vessels."""
    _act(name, "validate", who, why, data, realm, at, as_json, lang)


def dismiss(
    name: Named,
    dismissal: Annotated[str, typer.Argument(metavar="CLASS", help=f"One of {', '.join(DISMISSALS)}.", show_default=False)],
    who: Who,
    why: Reason,
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    at: At = None,
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Say that nothing need be done, and of which class that is; the share of false alerts is counted by it."""
    _act(name, "dismiss", who, why, data, realm, at, as_json, lang, dismissal=dismissal)


def reopen(
    name: Named, who: Who, why: Reason, data: Data = FOLDER, realm: Realm = REALM_DEFAULT, at: At = None, as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:  # fmt: skip
    """Undo what was decided, by a further change; nothing is erased."""
    _act(name, "reopen", who, why, data, realm, at, as_json, lang)


def comment(
    name: Named, who: Who, why: Reason, data: Data = FOLDER, realm: Realm = REALM_DEFAULT, at: At = None, as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:  # fmt: skip
    """Write something (--why) into the history of an alert."""
    _act(name, "comment", who, why, data, realm, at, as_json, lang)


def assign_to(
    name: Named,
    who: Who,
    to: Annotated[str | None, typer.Argument(metavar="[PERSON]", help="Who deals with it from now on; nobody when left out.")] = None,
    why: Why = None,
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    at: At = None,
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Give an alert to somebody who deals with it; its state stays, and nothing is answered by it."""
    with opened(data, realm, lang.value) as kept:
        alert = assign(kept, name, to, who, now(at), why)
    if as_json:
        print_json(alert.row())
    else:
        print(render("cli.alerts.assigned", {"name": alert.alert_id[:8], "to": alert.assigned_to or "-"}, lang.value))


def silence_alerts(
    who: Who,
    why: Reason,
    name: Annotated[str | None, typer.Argument(metavar="[ALERT]", help="One alert; or say with options what is meant.", show_default=False)] = None,
    vessel: Annotated[str | None, typer.Option(metavar="ID", help="All of this vessel, such as mmsi:760000001.")] = None,
    rule: Annotated[str | None, typer.Option(metavar="ID", help="All of this rule.")] = None,
    area: Annotated[str | None, typer.Option(metavar="NAME", help="All in this area; * stands for any letters.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="All of this kind of event.")] = None,
    length: Annotated[str | None, typer.Option("--for", metavar="D", help="For so long, such as 6h or 7d.")] = None,
    until: Annotated[str | None, typer.Option(metavar="T", help="Until this moment (UTC).")] = None,
    priority: Annotated[str, typer.Option(metavar="P", help="The highest priority it holds for, with options.")] = "warning",
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    at: At = None,
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Silence an alert (without an end: as long as it lasts), or all of a vessel, rule, area and kind for a time, at most a year.

    What is silenced is still raised, counted and shown; it asks for nothing unless its priority rises.
    """
    scope = Scope(vessel, rule, area, kind)
    if (name is None) == (not scope.is_wide):
        raise ParameterError("either an alert is named, or options say what to silence: --vessel, --rule, --area, --kind")
    if priority not in PRIORITIES:
        raise ParameterError(f"--priority is {priority}; choose from {', '.join(PRIORITIES)}")
    end = _end(length, until, now(at))
    if name is not None:
        _act(name, "silence", who, why, data, realm, at, as_json, lang, until=end)
        return
    if end is None:
        raise ParameterError("a silence of more than one alert needs an end; say --for 6h or --until 2027-11-05T06:00Z")
    with opened(data, realm, lang.value) as kept:
        done = silence(kept, scope, who, now(at), why, end, priority)
    if as_json:
        print_json([a.row() for a in done])
    else:
        print(render("cli.alerts.silenced", {"count": len(done), "until": end.isoformat(timespec="minutes")}, lang.value))


def silences(
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    at: At = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that ended or were lifted.")] = False,
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Show the silences that hold."""
    with opened(data, realm, lang.value) as kept:
        rows = kept.silences(None if every else now(at)).to_dicts()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        what = ", ".join(f"{c}={row[c]}" for c in ("alert_id", "vessel_id", "rule", "area", "kind") if row[c] is not None)
        end = row["lifted_at"] or row["until_at"]
        words = {"number": row["silence_id"], "what": what, "who": row["made_by"], "why": row["why"] or "-", "priority": row["priority"],
                 "until": "-" if end is None else end.isoformat(timespec="minutes")}  # fmt: skip
        print(render("cli.alerts.silence", words, lang.value))
    if not rows:
        print(render("cli.alerts.no_silence", {}, lang.value))


def lift(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the silence, as `silences` shows it.", show_default=False)],
    who: Who,
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    at: At = None,
    lang: Spoken = Language.en,
) -> None:
    """End a silence before its time; the node lets what goes on ask again."""
    with opened(data, realm, lang.value) as kept:
        kept.lift_silence(number, who, now(at))
    print(render("cli.alerts.lifted", {"number": number}, lang.value))


def _end(length: str | None, until: str | None, at: datetime) -> datetime | None:
    if length is not None and until is not None:
        raise ParameterError("--for and --until say the same thing; give one of them")
    if length is not None:
        return at + timedelta(milliseconds=length_ms("--for", length))
    return None if until is None else now(until)


def _act(name: str, verb: str, who: str, why: str | None, data: Path, realm: str, at: str | None, as_json: bool, lang: Language, **what: Any) -> None:
    with opened(data, realm, lang.value) as kept:
        if at is not None and now(at) < (last := alert_named(kept, name).changed_at):
            raise Refused("earlier", at=now(at).isoformat(timespec="seconds"), last=last.isoformat(timespec="seconds"))
        alert = act(kept, name, verb, who, now(at), why, **what)
    if as_json:
        print_json(alert.row())
    else:
        state = render(f"alert.state.{alert.state}", {}, lang.value)
        print(render("cli.alerts.done", {"name": alert.alert_id[:8], "state": state, "who": alert.changed_by}, lang.value))
