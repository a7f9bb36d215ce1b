"""`seaward exchange plan`: propose a patrol plan to a partner, as far as it may see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, To, now, place, say
from seaward.cli.exchange_talk import Level, Text, Tlp, told
from seaward.cli.node_data import Who
from seaward.core.errors import InputError, UsageError
from seaward.core.whole_file import whole_file
from seaward.desk import Refused, Wording
from seaward.exchange.shown_plan import shown_plan
from seaward.planning import names_of


def plan(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `seaward plan` wrote.", show_default=False)],
    to: To,
    who: Who,
    theirs: Annotated[str, typer.Option("--as", metavar="NATION", help="How the plan file names the partner, such as US.", show_default=False)],
    ours: Annotated[str | None, typer.Option(metavar="NATION", help="How it names us, where it has units of more than two nations.")] = None,
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
    name = names_of(where.realm, "plan.json")["plan"].removesuffix("plan.json") + f"plan.{theirs}.json"
    raw = whole_file(out / name, "name a folder that `seaward plan` wrote for the realm of this node, and the partner as the plan file names it")
    try:
        shown = json.loads(raw)
    except (ValueError, RecursionError) as e:
        raise InputError(f"{out / name} is no JSON ({e}); make the plan again") from e
    plan_id, body, others = shown_plan(shown, where.realm, theirs, ours, text)
    try:
        with where.desk(lang.value) as desk:
            told(desk.propose(to, f"{desk.gate.nation}-plan-{plan_id}", body, who, now(), Wording(level, tlp)), lang)
    except Refused as e:
        raise UsageError(e.told(lang.value)) from e
    if others:
        say("plan_others", lang, count=others)
