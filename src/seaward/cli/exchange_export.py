"""`seaward exchange export`: an object of a partner in a form that other software reads."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, now, place
from seaward.core.errors import InputError, ParameterError
from seaward.exchange.as_cap import as_cap
from seaward.exchange.as_cot import as_cot
from seaward.exchange.as_label import as_stanag_4774
from seaward.exchange.cot import cot_tak, cot_xml, in_stream
from seaward.exchange.items import Released
from seaward.sharing import released_of
from seaward.store.state import State

_FORMS = ("cap", "cot", "tak", "label")
_EXPORTED = "exchange.exported"
_MOST = 100_000


def export(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of the event or alert, as the partner names it.", show_default=False)],
    origin: Annotated[str, typer.Option("--from", metavar="PARTNER", help="Who sent it.", show_default=False)],
    form: Annotated[
        str,
        typer.Option(
            "--as", metavar="FORM", help="cap (CAP 1.2), cot (Cursor on Target, XML), tak (the same in the TAK protocol), label (STANAG 4774)."
        ),
    ] = "cap",
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Print an event or alert of a partner, or its label. What is of a drill is marked as an exercise.

    A CAP message that follows another names it; so what was printed as CAP is noted in the audit.
    """
    if form not in _FORMS:
        raise ParameterError(f"--as is {form!r}; choose from {', '.join(_FORMS)}")
    where = place(config, folder, data, realm)
    with where.state(lang.value) as state:
        rows = [r for kind in ("event", "alert") for r in state.partner_objects(origin=origin, kind=kind, name=name).to_dicts()]
        if not rows:
            raise InputError(f"{origin} sent no event or alert {name!r}; see `/api/v1/exchange/objects`")
        message, now_at = released_of(rows[0]), now()
        made = _cap(state, message, origin, now_at, lang.value) if form == "cap" else _made(form, message, origin, where.realm, now_at)
    if made is None:
        raise InputError(f"{name} has no place, or was taken back, so there is no such form of it; cap has one if it was given out as cap before")
    sys.stdout.buffer.write(made if form == "tak" else made + b"\n")
    sys.stdout.buffer.flush()


def _made(form: str, message: Released, origin: str, realm: str, at: datetime) -> bytes | None:
    now_ms = int(at.timestamp() * 1000)
    if form == "label":
        return as_stanag_4774(message.label, realm, now_ms)
    event = as_cot(message, origin, realm, now_ms)
    if event is None:
        return None
    return cot_xml(event) if form == "cot" else in_stream(cot_tak(event))


def _cap(state: State, message: Released, origin: str, at: datetime, language: str) -> bytes | None:
    """The CAP message, which names those before it, and is noted for those after it."""
    subject = f"{origin} {' '.join(message.target)}"
    with state.together():
        said = [json.loads(r["body"]) for r in state.audit_rows(subject=subject, limit=_MOST).iter_rows(named=True) if r["action"] == _EXPORTED]
        made = as_cap(message, origin, state.realm, int(at.timestamp() * 1000), language, [s["reference"] for s in said])
        if made is not None:
            state.audit("export", _EXPORTED, subject, {"form": "cap", "reference": made.reference}, at)
    return None if made is None else made.xml
