"""`seaward decode INPUT --out reports.parquet`: one row per message, of every type, without any judgement."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seaward.api import decode_to_file
from seaward.cli.detect import Language, moment
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.realm import OPS


def decode(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="A file of AIS (NMEA), CSV or Parquet, also .gz or .zst; - is standard input.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Parquet file to write.", show_default=False)],
    start: Annotated[str | None, typer.Option(metavar="T", help="Place messages that carry no time at T (UTC).")] = None,
    column_map: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="TOML that says what the columns of a CSV or Parquet file mean.")
    ] = None,
    realm: Annotated[str, typer.Option(metavar="REALM", help="ops, or ex:<drill id> for data of a drill.")] = OPS,
    lang: Annotated[Language, typer.Option(help="Language of messages.")] = Language.en,
) -> None:
    """Decode an input to one row per message, whatever its type."""
    with Shown(lang.value) as shown:
        counts, rows = decode_to_file(source, out, realm=realm, start=None if start is None else moment(start), column_map=column_map, tell=shown)
    print(render("cli.lines", counts, lang.value))
    print(render("cli.decoded", {"rows": rows, "path": str(out)}, lang.value))
