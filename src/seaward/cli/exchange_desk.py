"""`seaward exchange desk`: what waits for us, what we wait for, what is overdue; or one thread with all that was said in it."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Shown
from rich.text import Text as Plain

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, now, place, say
from seaward.cli.node_data import AsJson, print_json
from seaward.core.catalogue import render
from seaward.core.errors import UsageError
from seaward.core.foreign_text import one_line
from seaward.core.realm import is_drill
from seaward.desk import Refused
from seaward.node.clock import moment
from seaward.report.words import moment as moment_text

_COLUMNS = ("thread", "partner", "kind", "what", "state", "turn", "due", "last")
_LONGEST = 60


def desk(
    name: Annotated[str | None, typer.Argument(metavar="[THREAD]", help="One, with all that was said in it.", show_default=False)] = None,
    partner: Annotated[str | None, typer.Option("--with", metavar="PARTNER", help="With this partner alone.", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="Also what is over.")] = False,
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    as_json: AsJson = False,
    lang: Lang = EN,
) -> None:
    """Show what is said between the watches: whose turn it is, by when, and what was not as it should be."""
    where, language = place(config, folder, data, realm), lang.value
    try:
        with where.desk(language) as found:
            threads, strays, is_cut = ([found.thread(name, partner)], [], False) if name is not None else found.threads(partner)
            rows = found.told([t for t in threads if name is not None or every or not t.is_over or t.turn], now(), language)
            lone = found.strays(strays, language)
            us = found.gate.nation
    except Refused as e:
        raise UsageError(e.told(language)) from e
    rows.sort(key=lambda r: (not r["is_overdue"], r["turn"] != us, r["turn"] is None, -r["changed_us"]))
    if as_json:
        print_json({"nation": us, "realm": where.realm, "is_cut": is_cut, "threads": rows, "strays": lone})
        return
    if is_drill(where.realm):
        print(render("evaluate.exercise", {"realm": where.realm}, language))
    if name is not None:
        _one(rows[0], language)
        return
    if not rows:
        say("desk_none", lang)
    else:
        _table(rows, us, language)
    for message in lone:
        print(f"{message['from']}: {_line(message, language)}")
    if is_cut:
        say("desk_cut", lang)


def _table(rows: list[dict[str, Any]], us: str, language: str) -> None:
    table = Shown(box=box.SIMPLE)
    for column in _COLUMNS:
        table.add_column(render(f"cli.desk.{column}", {}, language), no_wrap=column != "what")
    for row in rows:
        turn = "-" if row["turn"] is None else render("cli.desk.us" if row["turn"] == us else "cli.desk.them", {"partner": row["turn"]}, language)
        due = "-" if row["due_us"] is None else moment_text(moment(row["due_us"]))
        due += f" {render('cli.desk.overdue', {}, language)}" if row["is_overdue"] else ""
        kind = render(f"desk.kind.{row['kind']}", {}, language)
        cells = (row["thread"][:8], row["partner"], kind, _what(row), row["words"], turn, due, moment_text(moment(row["changed_us"])))
        table.add_row(*(Plain(c) for c in cells))
    Console(width=None if sys.stdout.isatty() else 170).print(table)


def _what(row: dict[str, Any]) -> str:
    """What it is about, on one short line, without anything that a screen would obey."""
    body = row["body"] or {}
    last = row["messages"][-1]["text"] if row["messages"] else None
    parts = [body.get("what"), body.get("unit"), body.get("title"), row["id"] if row["kind"] == "chat" else None,
             row["about"] and f"{row['about']['kind']} {row['about']['id']}", last or body.get("text")]  # fmt: skip
    said = one_line(", ".join(str(p) for p in parts if p))
    return said if len(said) <= _LONGEST else said[: _LONGEST - 3] + "..."


def _one(row: dict[str, Any], language: str) -> None:
    head = {"kind": render(f"desk.kind.{row['kind']}", {}, language), "id": one_line(row["id"]), "partner": row["partner"], "state": row["words"]}
    print(render("cli.desk.head", head, language))
    for key, value in (row["body"] or {}).items():
        if value not in (None, [], "") and key not in ("text", "state", "phase", "legs"):
            print(f"  {_field(key, value)}")
    if row["body"] and row["body"].get("legs"):
        print(render("cli.desk.legs", {"count": len(row["body"]["legs"])}, language))
    if row["due_us"] is not None:
        print(render("cli.desk.due_at", {"at": moment_text(moment(row["due_us"]))}, language))
    for message in row["messages"]:
        print(f"  {moment_text(moment(message['at_us']))} {message['from']}: {_line(message, language)}")
    if row["verbs"]:
        print(render("cli.desk.verbs", {"verbs": ", ".join(row["verbs"])}, language))


def _line(message: dict[str, Any], language: str) -> str:
    """One message: who, what, in which words, what is wrong with it, how far it came."""
    body = message["body"]
    said = "withdrawn" if body is None else str(body.get("state") or body.get("phase") or body.get("control") or "")
    parts = [one_line(message["who"] or ""), render(f"desk.message.{message['kind']}", {}, language),
             render(f"desk.state.{said}", {}, language) if said else "", one_line(message["text"] or ""),
             ", ".join(one_line(i) for i in (body or {}).get("found", []))]  # fmt: skip
    words = " - ".join(p for p in parts if p)
    marks = [message["wrong_words"]] if message["wrong"] else []
    marks += [render("desk.taken_back", {}, language)] if message["is_taken_back"] else []
    if message["delivery"] is not None:
        marks.append(render(f"desk.delivery.{message['delivery']}", {"rule": message["rule"] or "-"}, language))
    return words + (f"  [{'; '.join(marks)}]" if marks else "")


def _field(key: str, value: Any) -> str:
    name, _, unit = key.rpartition("_")
    if unit == "ms":
        return f"{name}: {moment_text(moment(value * 1000))}"
    if unit == "udeg":
        return f"{name}_deg: {value / 1e6:.6f}"
    return f"{key}: {one_line(', '.join(map(str, value)) if isinstance(value, list) else value)}"
