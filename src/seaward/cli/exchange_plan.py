"""`seaward exchange plan`: propose a patrol plan to a partner, as far as it may see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, To, now, place, say
from seaward.cli.exchange_talk import Level, Text, Tlp, at_desk
from seaward.cli.node_data import Who
from seaward.core.errors import InputError, ParameterError
from seaward.core.whole_file import whole_file
from seaward.desk import Wording
from seaward.exchange.shown_plan import shown_plan
from seaward.planning import names_of


def plan(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `seaward plan` wrote.", show_default=False)],
    to: To,
    who: Who,
    named: Annotated[
        str | None, typer.Option("--as", metavar="NATION", help="How the plan file names the partner, such as US.", show_default="the likeliest")
    ] = None,
    ours: Annotated[
        str | None, typer.Option(metavar="NATION", help="How it names us, where it has units of more than two.", show_default="the likeliest")
    ] = None,
    text: Text = None,
    level: Level = "LIMITED",
    tlp: Tlp = "AMBER",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Propose a patrol plan to a partner: what `plan.<nation>.json` shows it of our units and its own, nothing else."""
    where = place(config, folder, data, realm)
    before = names_of(where.realm, "plan.json")["plan"].removesuffix("plan.json")
    there = sorted(p.name.removeprefix(f"{before}plan.").removesuffix(".json") for p in out.glob(f"{before}plan.*.json"))
    theirs = named or _likeliest(to, there)
    if theirs is None:
        raise ParameterError(f"{out} has plans for {', '.join(there) or 'nobody'}, and it is not plain which is {to}; say it with --as")
    name = f"{before}plan.{theirs}.json"
    raw = whole_file(out / name, "name a folder that `seaward plan` wrote for the realm of this node, and the partner as the plan file names it")
    try:
        shown = json.loads(raw)
    except (ValueError, RecursionError) as e:
        raise InputError(f"{out / name} is no JSON ({e}); make the plan again") from e
    ours = ours or _likeliest(where.home.nation.nation, sorted(_nations(shown) - {theirs}))
    plan_id, body, others = shown_plan(shown, where.realm, theirs, ours, text)
    at_desk(where, lambda desk: desk.propose(to, f"{desk.gate.nation}-plan-{plan_id}", body, who, now(), Wording(level, tlp)), lang)
    if others:
        say("plan_others", lang, count=others)


def _nations(shown: Any) -> set[str]:
    """The nations whose units a plan has; what is no plan is refused later, with its reason."""
    assets = shown.get("assets") if isinstance(shown, dict) else None
    return {str(a["nation"]) for a in assets if isinstance(a, dict) and "nation" in a} if isinstance(assets, list) else set()


def _likeliest(nation: str, names: list[str]) -> str | None:
    """Which name of a plan file means a nation (ISO 3166-1 alpha-3): its own, else the only one of two letters made of the same; None where it is not
    plain."""
    if nation in names:
        return nation
    alike = [n for n in names if len(n) == 2 and n[0] == nation[0] and n[1] in nation[1:]]
    return alike[0] if len(alike) == 1 else None
