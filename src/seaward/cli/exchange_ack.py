"""`seaward exchange ack`: tell a partner that a person has seen what it sent."""

from __future__ import annotations

from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, now, place, say
from seaward.cli.node_data import Who
from seaward.core.errors import InputError, UsageError
from seaward.desk import Refused, at_ms
from seaward.exchange.bodies import Ack


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
    try:
        with where.desk(lang.value) as desk:
            found = desk.state.partner_objects(origin=origin, name=name)
            if found.is_empty():
                raise InputError(f"{origin} sent no object {name!r}; see `/api/v1/exchange/objects`")
            row = found.row(0, named=True)
            body = Ack(row["kind"], name, row["version"], at_ms(now()), who)
            desk.say(origin, "ack", f"ack:{name}"[:80] + f":{row['version']}", body, who, now())
    except Refused as e:
        raise UsageError(e.told(lang.value)) from e
    say("acked", lang, kind=row["kind"], id=name, partner=origin)
