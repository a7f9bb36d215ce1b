"""`seaward exchange ack`: tell a partner that a person has seen what it sent."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, now, place, say
from seaward.cli.node_data import Who
from seaward.core.errors import InputError


def ack(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of the object, as the partner names it.", show_default=False)],
    origin: Annotated[str, typer.Option("--from", metavar="PARTNER", help="Who sent it.", show_default=False)],
    who: Who,
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Acknowledge an object of a partner."""
    where = place(config, folder, data, realm)
    with where.state(lang.value) as state:
        found = state.partner_objects(origin=origin, name=name)
        if found.is_empty():
            raise InputError(f"{origin} sent no object {name!r}; see `/api/v1/exchange/objects`")
        row = found.row(0, named=True)
        at_ms = int(now().timestamp() * 1000)
        body = {"about_kind": row["kind"], "about_id": name, "about_version": row["version"], "at_ms": at_ms, "by": who}
        state.say(origin, "ack", f"ack:{name}"[:80] + f":{row['version']}", json.dumps(body), who, now())
    say("acked", lang, kind=row["kind"], id=name, partner=origin)
