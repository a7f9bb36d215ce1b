"""`seaward risk`: the vessels of a node by risk, with what each part of it is made of."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich import box
from rich.console import Console
from rich.table import Table as Shown

from seaward.alerting import risk_of
from seaward.alerts.risk import PARTS, part_text
from seaward.alerts.risk_parts import RiskParams
from seaward.cli.detect import Language
from seaward.cli.node_data import FOLDER, REALM_DEFAULT, AsJson, At, Data, Realm, Spoken, now, opened, print_json
from seaward.cli.scored_files import read_rows
from seaward.core.catalogue import render
from seaward.core.errors import ParameterError, RealmError
from seaward.core.realm import is_drill
from seaward.core.tables import VESSELS


def risk(
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    vessels: Annotated[Path | None, typer.Option(metavar="FILE", help="Vessels as detect writes them (Parquet): types, lengths, names.")] = None,
    vessel: Annotated[str | None, typer.Option(metavar="ID", help="Only this vessel, such as mmsi:760000001.")] = None,
    flags: Annotated[str | None, typer.Option(metavar="XX=N,..", help="Points (0 to 9) for flags: your own list.")] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 20,
    at: At = None,
    as_json: AsJson = False,
    lang: Spoken = Language.en,
) -> None:
    """Rank vessels by risk: how likely, how harmful and how hard to see, with the reason of every point."""
    params, moment = RiskParams(flags=_flags(flags)), now(at)
    known = VESSELS.empty() if vessels is None else read_rows(vessels, VESSELS, tuple(VESSELS.schema))
    if foreign := [r for r in known["realm"].cast(pl.String).unique() if r != realm]:
        raise RealmError(f"{vessels} is of realm {foreign[0]!r}, and {realm!r} is asked for; drill data is never mixed with real data")
    with opened(data, realm, lang.value) as kept:
        ranked = risk_of(kept, known, moment, params=params)
    rows = ranked.filter(pl.col("vessel_id") == vessel).to_dicts() if vessel else ranked.head(limit).to_dicts()
    if as_json:
        print_json(rows)
        return
    if is_drill(realm):
        print(render("evaluate.exercise", {"realm": realm}, lang.value))
    table = Shown(box=box.SIMPLE)
    for column in ("rank", "vessel", "level", "risk", *PARTS, "why"):
        table.add_column(render(f"cli.risk.{column}", {}, lang.value), justify="right" if column in ("rank", "risk", *PARTS) else "left")
    for row in rows:
        who = " ".join(w for w in (row["vessel_id"], row["name"], row["flag"] and f"({row['flag']})") if w)
        why = "; ".join(part_text(p, lang.value) for p in sorted(row["parts"], key=lambda p: -p["points"]) if p["points"] >= 0.05)
        level = render(f"risk.level.{row['level']}", {}, lang.value)
        table.add_row(str(row["rank"]), who, level, f"{row['risk']:.0f}", *(f"{row[p]:.1f}" for p in PARTS), why)
    Console(width=None if sys.stdout.isatty() else 220).print(table)
    print(render("cli.risk.note", {}, lang.value))


def _flags(text: str | None) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in (text or "").split(","):
        if not part.strip():
            continue
        form = re.fullmatch(r"\s*([A-Za-z]{2})\s*=\s*(\d+(?:\.\d+)?)\s*", part)
        if form is None:
            raise ParameterError(f"--flags has {part.strip()!r}; write it as XX=2,YY=1 with ISO 3166 codes and points from 0 to 9")
        found[form[1].upper()] = float(form[2])
    return found
