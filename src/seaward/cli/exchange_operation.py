"""`seaward exchange open`, `close`: an operation that opens more for a time, and ends by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, cast

import typer

from seaward.cli.exchange_options import EN, ConfigFile, Dir, Lang, now, place, say
from seaward.cli.node_data import Who, length_ms
from seaward.core.errors import InputError, ParameterError
from seaward.exchange.home import close_operation as end_operation
from seaward.exchange.home import open_operation as make_operation

Name = Annotated[str, typer.Argument(metavar="OPERATION", help="Its name, such as sar-callao-12.", show_default=False)]
_KINDS = ("rescue", "pursuit", "other")


def open_operation(
    name: Name,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"{', '.join(_KINDS)}.", show_default=False)],
    who: Who,
    to: Annotated[list[str], typer.Option("--to", metavar="PARTNER", help="With whom; may be given again.", show_default=False)],
    length: Annotated[str, typer.Option("--for", metavar="D", help="How long, at most 72h.")] = "6h",
    config: ConfigFile = None,
    folder: Dir = None,
    lang: Lang = EN,
) -> None:
    """Open an operation: what is labelled for it opens further to these partners, until it ends by itself."""
    if kind not in _KINDS:
        raise ParameterError(f"the kind is {kind!r}; choose from {', '.join(_KINDS)}")
    home = place(config, folder).home
    for partner in to:
        home.partner(partner)
    lasts = timedelta(milliseconds=length_ms("--for", length))
    row = make_operation(home, name, cast(Literal["rescue", "pursuit", "other"], kind), to, now(), lasts, who)
    say("opened", lang, id=name, partners=", ".join(row.partners), until=f"{row.until:%Y-%m-%d %H:%MZ}")


def close_operation(name: Name, who: Who, config: ConfigFile = None, folder: Dir = None, lang: Lang = EN) -> None:
    """Close an operation before its time."""
    home = place(config, folder).home
    if not end_operation(home, name, now()):
        raise InputError(f"there is no operation {name!r} that is open; {', '.join(o.id for o in home.operations() if o.until > now()) or 'none'} is")
    say("closed", lang, id=name, who=who)
