"""`seaward exchange export`: an object of a partner in a form that other software reads."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, now, place
from seaward.core.errors import InputError, ParameterError
from seaward.exchange.as_cap import as_cap
from seaward.exchange.as_cot import as_cot
from seaward.exchange.cot import cot_xml
from seaward.sharing import released_of

_FORMS = ("cap", "cot")


def export(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of the event or alert, as the partner names it.", show_default=False)],
    origin: Annotated[str, typer.Option("--from", metavar="PARTNER", help="Who sent it.", show_default=False)],
    form: Annotated[str, typer.Option("--as", metavar="FORM", help="cap (CAP 1.2), cot (Cursor on Target).")] = "cap",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Print an event or alert of a partner as XML. What is of a drill is marked as an exercise."""
    if form not in _FORMS:
        raise ParameterError(f"--as is {form!r}; choose from {', '.join(_FORMS)}")
    where = place(config, folder, data, realm)
    with where.state(lang.value) as state:
        rows = [r for kind in ("event", "alert") for r in state.partner_objects(origin=origin, kind=kind, name=name).to_dicts()]
    if not rows:
        raise InputError(f"{origin} sent no event or alert {name!r}; see `/api/v1/exchange/objects`")
    message, now_ms = released_of(rows[0]), int(now().timestamp() * 1000)
    if form == "cap":
        made = as_cap(message, origin, where.realm, now_ms, lang.value)
    else:
        event = as_cot(message, origin, where.realm, now_ms)
        made = None if event is None else cot_xml(event)
    if made is None:
        raise InputError(f"{name} has no place, or was taken back, so there is no such form of it; cap has one for what was taken back")
    sys.stdout.write(made.decode() + "\n")
