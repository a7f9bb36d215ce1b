"""`seaward alerts VERB`: see alerts, their history and the load of watches; what people do with them is in `alert_deeds`."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Shown

from seaward.alerting import alert_named
from seaward.alerts.alert import reason_text
from seaward.alerts.areas_asked import missing_areas
from seaward.alerts.load import WATCH_LENGTH, watch_load
from seaward.alerts.mistakes import RulesError
from seaward.alerts.read_rules import default_text, rules_of
from seaward.chart.read_areas import PERU, read_areas
from seaward.cli import alert_deeds
from seaward.cli.detect import Language
from seaward.cli.node_data import FOLDER, REALM_DEFAULT, AsJson, At, Data, Realm, Spoken, length_ms, now, opened, print_json
from seaward.core.catalogue import render
from seaward.core.errors import ParameterError
from seaward.core.foreign_text import one_line
from seaward.core.realm import is_drill
from seaward.core.tables import ALERT_STATES, PRIORITIES
from seaward.core.whole_file import whole_file
from seaward.report.words import duration, position
from seaward.report.words import moment as moment_text

app = typer.Typer(name="alerts", help="Alerts of a node: see them, act on them, count them.", no_args_is_help=True)
rules_app = typer.Typer(name="rules", help="The rules that turn events into alerts.", no_args_is_help=True)
app.add_typer(rules_app)
Named = Annotated[str, typer.Argument(metavar="ALERT", help="Its name, or the first letters of it.", show_default=False)]


@app.command("list")
def list_alerts(
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    state: Annotated[str | None, typer.Option(metavar="A,B", help=f"Only in these states: {', '.join(ALERT_STATES)}.")] = "new,acknowledged",
    priority: Annotated[str | None, typer.Option(metavar="A,B", help=f"Only of these: {', '.join(PRIORITIES)}.")] = None,
    vessel: Annotated[str | None, typer.Option(metavar="ID", help="Only of this vessel, such as mmsi:760000001.")] = None,
    every: Annotated[bool, typer.Option("--all", help="In every state, also those that were withdrawn or went into another.")] = False,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many, the last raised first.")] = 50,
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Show the alerts that ask for something."""
    with opened(data, realm, lang.value) as kept:
        found = kept.alerts(
            states=None if every else _chosen("--state", state, ALERT_STATES), priorities=_chosen("--priority", priority, PRIORITIES),
            vessel_ids=None if vessel is None else [vessel], marked=None if every else False, limit=limit,
        )  # fmt: skip
    rows = found.to_dicts()
    if as_json:
        print_json(rows)
        return
    _drill(realm, lang.value)
    if not rows:
        print(render("cli.alerts.none", {}, lang.value))
        return
    table = Shown(box=box.SIMPLE)
    for column in ("alert", "priority", "state", "what", "who", "began", "where"):
        table.add_column(render(f"cli.alerts.{column}", {}, lang.value), no_wrap=column != "who")
    for row in sorted(rows, key=lambda r: PRIORITIES.index(r["priority"])):
        words = [render(f"alert.{c}.{row[c]}", {}, lang.value) for c in ("priority", "state")]
        if row["mark"]:
            words[1] += f" ({render('alert.mark.' + row['mark'], {}, lang.value)})"
        place = position(row["lon_deg"], row["lat_deg"], lang.value)
        what = render(f"kind.{row['kind']}", {}, lang.value)
        table.add_row(row["alert_id"][:8], *words, what, ", ".join(row["vessel_ids"]), moment_text(row["start_at"]), place)
    _console().print(table)


@app.command("show")
def show(name: Named, data: Data = FOLDER, realm: Realm = REALM_DEFAULT, as_json: AsJson = False, lang: Spoken = Language.en) -> None:
    """Show one alert: why it was raised, its events, and everything that was done with it."""
    with opened(data, realm, lang.value) as kept:
        alert = alert_named(kept, name)
        history = kept.alert_changes(alert_id=alert.alert_id).drop("body").to_dicts()
        told = [row for m in alert.members for row in kept.who_was_told(m.event_id).to_dicts()]
    if as_json:
        print_json({"alert": alert.row(), "history": history, "told": told})
        return
    language = lang.value
    _drill(realm, language)
    words = {
        "name": alert.alert_id, "priority": render(f"alert.priority.{alert.priority}", {}, language),
        "state": render(f"alert.state.{alert.state}", {}, language), "rule": alert.rule, "who": ", ".join(alert.vessel_ids) or "-",
        "place": position(alert.lon_deg, alert.lat_deg, language), "began": moment_text(alert.start_at), "ended": moment_text(alert.end_at),
    }  # fmt: skip
    print(render("cli.alerts.head", words, language))
    if alert.mark:
        print("  " + render(f"alert.mark.{alert.mark}", {}, language))
    for why in alert.reasons:
        print(f"  {reason_text(why, language)}")
    print(render("cli.alerts.events", {"count": len(alert.members)}, language))
    for m in alert.members:
        mark = f", {render('alert.mark.' + m.mark, {}, language)}" if m.mark else ""
        print(f"  {moment_text(m.start_at)} {render(f'kind.{m.kind}', {}, language)}, {m.event_id} v{m.version}{mark}")
    print(render("cli.alerts.history", {}, language))
    for change in history:
        why = f": {one_line(change['why'])}" if change["why"] else ""
        print(f"  {moment_text(change['at'])} {one_line(change['who'])} - {render('alert.verb.' + change['verb'], {}, language)}{why}")
    for row in told:
        print(render("cli.alerts.told", {"at": moment_text(row["at"]), "whom": one_line(row["whom"]), "version": row["version"]}, language))


alert_deeds.add_to(app)


@app.command("stats")
def stats(
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    since: Annotated[str | None, typer.Option(metavar="T", help="From the watch of this moment on (UTC).", show_default="a day before")] = None,
    at: At = None,
    watch: Annotated[str, typer.Option(metavar="D", help="Length of a watch; a day holds a whole number of them.")] = "4h",
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Show how heavy each watch was: alerts raised, how fast they were answered, left open, and how many were false."""
    until = now(at)
    begin = until - timedelta(days=1) if since is None else now(since)
    length = timedelta(milliseconds=length_ms("--watch", watch)) if watch else WATCH_LENGTH
    with opened(data, realm, lang.value) as kept:
        stands = kept.alerts(states=["dismissed"]).select("alert_id", "dismissal").rows()
        load = watch_load(kept.alert_changes(until=until), begin, until, length, stands).to_dicts()
    if as_json:
        print_json(load)
        return
    _drill(realm, lang.value)
    table = Shown(box=box.SIMPLE)
    columns = ("watch", "raised", "asked_again", "alarms", "answered", "median", "p90", "open_at_end", "silent", "validated", "dismissed", "false")
    for column in columns:
        table.add_column(render(f"cli.stats.{column}", {}, lang.value), justify="left" if column == "watch" else "right")
    for row in load:
        times = [duration(row[c]) if row[c] is not None else "-" for c in ("median_s", "p90_s")]
        share = "-"
        if row["false_share"] is not None:
            few = f" ({render('evaluate.few', {}, lang.value)})" if row["false_few"] else ""
            share = f"{row['false_share']:.0%} \\[{row['false_low']:.0%}, {row['false_high']:.0%}]{few}"
        counts = [str(row[c]) for c in ("raised", "asked_again", "alarms", "answered")]
        after = [str(row[c]) for c in ("open_at_end", "silent", "validated", "dismissed")]
        table.add_row(f"{row['start_at']:%Y-%m-%d %H:%MZ}", *counts, *times, *after, share)
    _console().print(table)
    print(render("cli.stats.note", {}, lang.value))


@rules_app.command("check")
def check_rules(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A rule file (TOML).", show_default=False)],
    data: Annotated[Path | None, typer.Option("--data", envvar="SEAWARD_DATA", metavar="DIR", help="Look for the watch lists there.")] = None,
    areas: Annotated[list[str] | None, typer.Option(metavar="FILE", help="Areas that the watch has.", show_default=PERU)] = None,
    realm: Realm = REALM_DEFAULT,
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Say that a rule file is right, or every mistake with its line and what to do (exit 2).

    Areas and lists that it asks for and that are not there are told too: such rules never alert.
    """
    try:
        raw = whole_file(file, "name a rule file")
        rules = rules_of(raw, file.name)
    except RulesError as e:
        if as_json:
            print(json.dumps([{"line": m.line, "code": m.code, "message": m.text(lang.value)} for m in e.mistakes], indent=2, ensure_ascii=False))
        else:
            print(e.told(lang.value), file=sys.stderr)
        raise typer.Exit(2) from None
    missing: list[str] = []
    if data is not None:
        with opened(data, realm, lang.value) as kept:
            missing = rules.missing_lists(kept.lists()["list"])
    strange = missing_areas(rules, raw, [a.name for layer in areas or [PERU] for a in read_areas(layer).areas])
    said: dict[str, Any] = {"rules": len(rules.rules), "excluding": sum(r.exclude for r in rules.rules), "digest": rules.digest}
    if as_json:
        odd = [{"line": m.line, "code": m.code, "message": m.text(lang.value)} for m in strange]
        print(json.dumps(said | {"missing_lists": missing, "missing_areas": odd}, indent=2, ensure_ascii=False))
        return
    print(render("cli.rules.ok", {"file": file.name, **said}, lang.value))
    for m in strange:
        print(f"{file.name}:{m.line}: {m.text(lang.value)}")
    if missing:
        print(render("cli.rules.missing_lists", {"names": ", ".join(missing)}, lang.value))


@rules_app.command("default")
def default() -> None:
    """Print the rules that come with the program, as a file to begin with."""
    print(default_text(), end="")


def _chosen(option: str, text: str | None, known: tuple[str, ...]) -> list[str] | None:
    """Words separated by commas, all of them known."""
    if text is None:
        return None
    words = [w.strip() for w in text.split(",") if w.strip()]
    if strange := [w for w in words if w not in known]:
        raise ParameterError(f"{option} names {', '.join(strange)}; choose from {', '.join(known)}")
    return words


def _drill(realm: str, language: str) -> None:
    """What is of a drill says so first."""
    if is_drill(realm):
        print(render("evaluate.exercise", {"realm": realm}, language))


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 170)  # a file or a pipe has no width
