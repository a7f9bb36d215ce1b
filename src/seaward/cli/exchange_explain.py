"""`seaward exchange explain`: would a partner get this, by which rule, and what exactly. Releases nothing."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, To, now, place, say
from seaward.cli.exchange_release import Kind, Name
from seaward.core.errors import InputError, ParameterError
from seaward.desk import Refused
from seaward.releases import would_get
from seaward.sharing import named


def explain(
    name: Name,
    to: To,
    kind: Kind = "event",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    lang: Lang = EN,
) -> None:
    """Say in plain words what a partner would get of an event or alert, and why."""
    where = place(config, folder, data, realm)
    if kind not in ("event", "alert"):
        raise ParameterError(f"--kind is {kind!r}; choose event or alert")
    try:
        with where.desk(lang.value) as desk:
            found = would_get(desk, kind, name, to, now())  # type: ignore[arg-type]
    except Refused as e:
        raise InputError(e.told(lang.value)) from e
    if found is None:
        if as_json:
            print(json.dumps({"allowed": False, "rule": "label.none", "gets": None}))
        else:
            say("unlabelled", lang, kind=kind, id=name, partner=to)
        return
    if as_json:
        gets = None if found.released is None else {"id": found.released.id, "body": named(found.released.body)}
        print(json.dumps({"allowed": found.is_allowed, "rule": found.rule, "policy": found.policy, "gets": gets}, indent=2))
        return
    for line in found.lines(lang.value):
        print(line)
