"""`seaward exchange explain`: would a partner get this, by which rule, and what exactly. Releases nothing."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, To, now, place, say
from seaward.cli.exchange_release import Kind, Name
from seaward.core.errors import InputError, ParameterError
from seaward.exchange.explain import explain as explained
from seaward.exchange.release import Gate
from seaward.sharing import alert_item, event_item, named


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
    with where.state(lang.value) as state:
        row = state.alert(name) if kind == "alert" else next(state.latest_events(event_ids=[name]).iter_rows(named=True), None)
        released = state.release_of(kind, name)
    if row is None:
        raise InputError(f"there is no {kind} {name!r} in {where.data}; see which there are with `seaward alerts list`, or in the API")
    is_back = released is not None and released.label is None
    label = None if released is None else released.label
    item = None if is_back else (event_item if kind == "event" else alert_item)(row, where.labeller(), label)
    if item is None:
        if as_json:
            print(json.dumps({"allowed": False, "rule": "label.none", "gets": None}))
        else:
            say("unlabelled", lang, kind=kind, id=name, partner=to)
        return
    gate = Gate(where.home.nation.nation, where.realm, where.home.policy(), where.home.operations())
    found = explained(item, where.home.release_partner(to), gate, int(now().timestamp() * 1000))
    if as_json:
        gets = None if found.released is None else {"id": found.released.id, "body": named(found.released.body)}
        print(json.dumps({"allowed": found.is_allowed, "rule": found.rule, "policy": found.policy, "gets": gets}, indent=2))
        return
    for line in found.lines(lang.value):
        print(line)
