"""`seaward plan FILE`, `respond`, `search`, `export`, `read`: where to be and when, with a proven bound; alerts; who is missing; to the bridge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from seaward.answering import answer_to_folder
from seaward.cli.detect import Language
from seaward.cli.plan_routes import export_routes, read_file
from seaward.cli.plan_visits import check_contacts
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.patrol.mistakes import PlanError
from seaward.planning import names_of, obstacle_said, plan_to_folder, value_said
from seaward.rescue import search_to_folder


class _MakeFirst(TyperGroup):
    """A file in the place of a verb means `make`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


_HELP = "Patrols: `seaward plan FILE --out DIR` plans, `respond` answers an alert, `search` looks for who is missing, `export` goes to the bridge."
app = typer.Typer(name="plan", help=_HELP, no_args_is_help=True, cls=_MakeFirst)
PlanFile = Annotated[Path, typer.Argument(metavar="FILE", help="A plan file (TOML), such as scenarios/joint-patrol.toml.", show_default=False)]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the plan.", show_default=False)]
Spoken = Annotated[Language, typer.Option(help="Language of the page and of messages.")]


@app.command("make")
def make(file: PlanFile, out: Out, lang: Spoken = Language.en) -> None:
    """Plan a patrol: plan.json, GeoJSON, Parquet, a page, and what each nation may see. Mistakes are all named at once (exit 2)."""
    with Shown(lang.value) as shown:
        made = _told(lambda: plan_to_folder(file, out, lang.value, shown), lang.value)
    for line in _said(made, out, lang.value):
        print(line)


@app.command("respond")
def respond(
    file: PlanFile,
    plan: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the plan that is sailed.", show_default=False)],
    alert: Annotated[Path, typer.Argument(metavar="ALERT", help="An alert file (TOML).", show_default=False)],
    out: Out,
    lang: Spoken = Language.en,
) -> None:
    """Answer an alert: who meets what, where, when, with what chance; what was sailed stays."""
    with Shown(lang.value):
        made = _told(lambda: answer_to_folder(file, plan, alert, out, lang.value), lang.value)
    answer = made["answer"]
    for m in answer["meetings"]:
        values = {**m, "chance": 100 * m["chance"], "alone": 100 * m["alone"], "watcher": (m["watcher"] or {}).get("asset")}
        print(render("cli.plan.handed" if m["watcher"] else "cli.plan.meets", values, lang.value))
    for target in answer["unmet"]:
        print(render("cli.plan.unmet", {"target": target}, lang.value))
    print(value_said(made["summary"], lang.value))
    print(render("cli.plan.page", {"page": str(_page(made, out))}, lang.value))


@app.command("search")
def search(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What is missing, wind, current, assets (TOML): scenarios/search-callao.toml.")],
    out: Out,
    searched: Annotated[Path | None, typer.Option(metavar="RECORD", help="What was searched in vain (TOML), as searched.toml of a plan.")] = None,
    lang: Spoken = Language.en,
) -> None:
    """Plan a search for who is missing: a map of where they may be, who searches what by which pattern, and the probability of success."""
    with Shown(lang.value) as shown:
        made = _told(lambda: search_to_folder(file, out, lang.value, searched, shown), lang.value)
    for line in _search_said(made, out, lang.value):
        print(line)


app.command("visits")(check_contacts)
app.command("export")(export_routes)
app.command("read")(read_file)


def _told(work: Any, language: str) -> dict[str, Any]:
    """The work, its mistakes in the language asked for."""
    try:
        return work()
    except PlanError as e:
        raise InputError(e.told(language)) from e


def _search_said(made: dict[str, Any], out: Path, language: str) -> list[str]:
    s = made["summary"]
    lines = [render("cli.search.already", {"already": 100 * s["already"]}, language)] if s["records"] else []
    lines.append(render("cli.search.success", {"success": 100 * s["success"], "at_most": 100 * s["success_at_most"]}, language))
    lines.append(render("cli.search.gap", {"at_will": 100 * s["success_at_will"], "gap": 100 * s["gap_at_will"]}, language))
    lines += [render("cli.search.datum", d, language) for d in (s["datums"][0], s["datums"][-1])]
    lines += [obstacle_said(o, language) for o in s["obstacles"]]
    for leg in made["legs"]:
        if leg.get("pattern", {}).get("why_not") == "land":
            why = render("search.page.why_not.land", {}, language)
            lines.append(render("cli.search.no_pattern", {"asset": leg["asset"], "start": leg["start"], "why": why}, language))
    return [*lines, render("cli.plan.page", {"page": str(_page(made, out))}, language)]


def _page(made: dict[str, Any], out: Path) -> Path:
    return out / names_of(made["realm"], "plan.html")["plan"]


def _said(made: dict[str, Any], out: Path, language: str) -> list[str]:
    s = made["summary"]
    lines = [value_said(s, language)]
    if "strategy" in s:
        lines.append(render("cli.plan.strategy", s["strategy"], language))
    if len(s["alone"]) > 1:
        together, best = s["alone"][-1]["acts_met"], max(a["acts_met"] for a in s["alone"][:-1])
        lines.append(render("cli.plan.alone", {"together": together, "best": best}, language))
    lines += [obstacle_said(o, language) for o in s["obstacles"]]
    lines += [render(f"plan.{note}", {}, language) for note in s["notes"]]
    lines += [render(f"plan.{reason}", {"n": n}, language) for reason, n in s["refused"].items()]
    if s["short"]:
        lines.append(render("cli.plan.short", {"count": len(s["short"])}, language))
        lines += [render(f"plan.uncovered.{u['constraint']}", u, language) for u in s["uncovered"]]
    return [*lines, render("cli.plan.page", {"page": str(_page(made, out))}, language)]
