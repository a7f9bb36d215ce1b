"""`seaward exchange release`: an officer lets partners have one object, or takes it back."""

from __future__ import annotations

from typing import Annotated

import typer

from seaward import releases
from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, now, place, say
from seaward.cli.node_data import Who, Why
from seaward.core.errors import InputError, ParameterError
from seaward.desk import Refused

Name = Annotated[str, typer.Argument(metavar="ID", help="Of the event or alert.", show_default=False)]
Kind = Annotated[str, typer.Option("--kind", metavar="KIND", help="event or alert.")]


def release(
    name: Name,
    who: Who,
    to: Annotated[list[str] | None, typer.Option("--to", metavar="PARTNER", help="May be given again.", show_default=False)] = None,
    kind: Kind = "event",
    why: Why = None,
    level: Annotated[str, typer.Option(metavar="LEVEL", help="PUBLIC, LIMITED, RESTRICTED.")] = "LIMITED",
    tlp: Annotated[str, typer.Option(metavar="TLP", help="CLEAR, GREEN, AMBER, AMBER+STRICT.")] = "AMBER",
    precision: Annotated[int, typer.Option(metavar="M", min=0, max=1_000_000, help="Grid that positions are snapped to [m].")] = 0,
    delay: Annotated[int, typer.Option(metavar="S", min=0, max=31_622_400, help="Least age before it leaves [s].")] = 0,
    operation: Annotated[str | None, typer.Option(metavar="ID", help="An open operation that opens it further.")] = None,
    take_back: Annotated[bool, typer.Option("--take-back", help="Share it no longer: whoever got it is told.")] = False,
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Label one event or alert for partners; the rules of release then decide. A running node obeys at once."""
    where = place(config, folder, data, realm)
    if kind not in ("event", "alert"):
        raise ParameterError(f"--kind is {kind!r}; choose event or alert")
    if bool(to) == take_back:
        raise ParameterError("either partners are named with --to, or --take-back is said")
    try:
        with where.desk(lang.value) as desk:
            if take_back:
                releases.take_back(desk, kind, name, who, why, now())  # type: ignore[arg-type]
                say("taken_back", lang, kind=kind, id=name)
                return
            wished = releases.Wished(tuple(to or ()), level, tlp, precision, delay, operation)
            found = releases.release(desk, kind, name, wished, who, why, now())  # type: ignore[arg-type]
    except Refused as e:
        raise InputError(e.told(lang.value)) from e
    for said in found:
        code = "released_stranger" if said.allowed is None else "released" if said.allowed else "released_denied"
        say(code, lang, kind=kind, id=name, partner=said.partner, rule=said.rule)
