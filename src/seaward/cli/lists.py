"""`seaward lists add`, `list`, `remove`: the watch lists of a node."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from seaward.alerts.lists import read_list
from seaward.alerts.read_rules import ID
from seaward.cli.detect import Language
from seaward.cli.node_data import FOLDER, REALM_DEFAULT, AsJson, At, Data, Realm, Spoken, Who, now, opened, print_json
from seaward.core.catalogue import render
from seaward.core.errors import InputError, ParameterError
from seaward.core.realm import check_claim
from seaward.core.whole_file import whole_file

app = typer.Typer(name="lists", help="Watch lists of a node: vessels to look out for.", no_args_is_help=True)
_MOST = 20  # refused rows that are printed
Called = Annotated[str, typer.Argument(metavar="NAME", help="Of the list, such as iuu-2027; rules name it.", show_default=False)]


@app.command("add")
def add(
    name: Called,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a column mmsi, imo, name or callsign.", show_default=False)],
    who: Who,
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    at: At = None,
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Put a list in use; one of that name is replaced. Rows that cannot be used are told with their number."""
    if not ID.fullmatch(name):
        raise ParameterError(f"the name {name!r} is none for a list; use letters, digits, - and _, at most 48")
    raw = whole_file(file, "name a CSV file of vessels")
    check_claim(file.name, raw[:200], realm)
    read = read_list(raw, name, realm)
    with opened(data, realm, lang.value, make=True) as kept:
        kept.keep_list(name, file.name, read.entries, who, now(at))
    if as_json:
        refused = [{"row": row, "rule": rule, "text": text} for row, rule, text in read.refused]
        print(json.dumps({"list": name, "entries": len(read.entries), "columns": read.columns, "refused": refused}, indent=2, ensure_ascii=False))
        return
    columns = ", ".join(f"{what}: {header}" for what, header in read.columns.items())
    print(render("cli.lists.added", {"name": name, "entries": len(read.entries), "columns": columns}, lang.value))
    for row, rule, text in read.refused[:_MOST]:
        print(render("cli.lists.refused", {"row": row, "why": render(f"rule.{rule}", {}, lang.value), "text": text}, lang.value), file=sys.stderr)
    if len(read.refused) > _MOST:
        print(render("cli.lists.more", {"count": len(read.refused) - _MOST}, lang.value), file=sys.stderr)


@app.command("list")
def list_lists(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The entries of this list.", show_default=False)] = None,
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Show the lists in use, or the entries of one."""
    with opened(data, realm, lang.value) as kept:
        rows = (kept.lists() if name is None else kept.list_entries(name)).to_dicts()
    if name is not None and not rows:
        raise InputError(render("cli.lists.unknown", {"name": name}, lang.value))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        if name is None:
            words = {"name": row["list"], "entries": row["entries"], "source": row["source"], "who": row["added_by"]}
            print(render("cli.lists.line", words | {"at": f"{row['added_at']:%Y-%m-%d %H:%MZ}"}, lang.value))
        else:
            said = [str(row[c]) for c in ("mmsi", "imo", "name", "callsign", "note") if row[c] is not None]
            print(f"{row['row']:>6}  {'  '.join(said)}")
    if not rows:
        print(render("cli.lists.none", {}, lang.value))


@app.command("remove")
def remove(name: Called, who: Who, data: Data = FOLDER, realm: Realm = REALM_DEFAULT, at: At = None, lang: Spoken = Language.en) -> None:
    """Take a list out of use; that it was there is kept."""
    with opened(data, realm, lang.value) as kept:
        if not kept.remove_list(name, who, now(at)):
            raise InputError(render("cli.lists.unknown", {"name": name}, lang.value))
    print(render("cli.lists.removed", {"name": name}, lang.value))
