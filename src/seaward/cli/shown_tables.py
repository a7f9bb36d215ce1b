"""A table -> what the user asked for: lines on the screen, CSV, JSON, Parquet or Arrow; the realm goes with it."""

from __future__ import annotations

import io
import json
import math
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from seaward.core.catalogue import render
from seaward.core.errors import OutputError, ParameterError
from seaward.core.realm import check_claim, is_drill
from seaward.report.words import shown

_ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"


class Form(StrEnum):
    """Forms of a table."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"
    arrow = "arrow"


Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="File to write instead of the screen.", show_default=False)]
Asked = Annotated[Form, typer.Option("--format", help="Form of the answer.")]


_ENDINGS = {".csv": Form.csv, ".json": Form.json, ".parquet": Form.parquet, ".arrow": Form.arrow, ".feather": Form.arrow}


def form_of(form: Form, out: Path | None) -> Form:
    """The form asked for, or that which the name of a file ends with; ParameterError where it says none."""
    if form is not Form.table or out is None:
        return form
    if out.suffix.lower() not in _ENDINGS:
        raise ParameterError(f"{out} does not say in which form to write; add --format csv, json, parquet or arrow")
    return _ENDINGS[out.suffix.lower()]


def say_realm(realm: str, language: str, *, apart: bool) -> None:
    """Say that it is of a drill; on standard error where the answer is for programs."""
    if is_drill(realm):
        print(render("evaluate.exercise", {"realm": realm}, language), file=sys.stderr if apart else sys.stdout)


def show(rows: pl.DataFrame, titles: list[str]) -> None:
    """Rows as lines with a title above each column; what vessels wrote stays on its line and paints nothing."""
    table = Table(box=box.SIMPLE)
    for title, dtype in zip(titles, rows.dtypes, strict=True):
        table.add_column(Text(title), justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in rows.iter_rows():
        table.add_row(*(Text(_said(value)) for value in row))
    Console(width=None if sys.stdout.isatty() else 220, highlight=False).print(table)


def give(rows: pl.DataFrame, form: Form, out: Path | None, realm: str) -> None:
    """Write rows in a form for programs, to a file or to standard output.

    Raises
    ------
    ParameterError
        If the form needs a file and none is named.
    OutputError
        If the file cannot be written; nothing half-written is left.
    RealmError
        If the name of the file says another drill.
    """
    if out is None and form in (Form.parquet, Form.arrow):
        raise ParameterError(f"--format {form} is no text; name a file with --out")
    write(_bytes(rows, form, realm), out, realm)


def write(content: bytes, out: Path | None, realm: str) -> None:
    """All of a file, or none of it; standard output where none is named."""
    if out is None:
        sys.stdout.flush()
        print(content.decode("utf-8", "backslashreplace").replace("\r\n", "\n"), end="")
        return
    check_claim(out.name, b"", realm)
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, out)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise OutputError(f"{out} cannot be written ({e.strerror}); choose another file with --out") from e


def json_bytes(said: Any) -> bytes:
    """JSON with times as 2027-11-04T05:18:24.123456Z; a number that is none is null."""
    return (json.dumps(_finite(said), indent=2, ensure_ascii=False, allow_nan=False, default=_plain) + "\n").encode("utf-8", "backslashreplace")


def _bytes(rows: pl.DataFrame, form: Form, realm: str) -> bytes:
    if form is Form.json:
        return json_bytes(rows.to_dicts())
    if form is Form.csv:
        return rows.select(_for_csv(c, t) for c, t in rows.schema.items()).write_csv(line_terminator="\r\n").encode() if rows.width else b""
    coded = [c for c, t in rows.schema.items() if isinstance(t, pl.Categorical | pl.Enum)]
    table = rows.with_columns(pl.col(coded).cast(pl.String)).to_arrow(compat_level=pl.CompatLevel.oldest())
    table = table.replace_schema_metadata({"seaward.realm": realm, "seaward.exercise": str(is_drill(realm)).lower()})
    body = io.BytesIO()
    if form is Form.parquet:
        pq.write_table(table, body, compression="zstd")
    else:
        with pa.ipc.new_file(body, table.schema) as writer:
            writer.write_table(table)
    return body.getvalue()


def _for_csv(name: str, dtype: pl.DataType) -> pl.Expr:
    """Times with their zone, lists as JSON; a text that a spreadsheet would run gets an apostrophe: vessels choose their names."""
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        return column.dt.strftime(_ISO)
    if isinstance(dtype, pl.List | pl.Array | pl.Struct | pl.Binary | pl.Object):
        return column.map_elements(lambda v: json.dumps(_finite(v), default=_plain, ensure_ascii=False), return_dtype=pl.String)
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        text = column.cast(pl.String)
        return pl.when(text.str.contains(r"^[=+\-@\t\r]")).then(pl.format("'{}", text)).otherwise(text).alias(name)
    return column


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else value.isoformat()
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if math.isfinite(value) and abs(value) < 1e15 else str(value)
    if isinstance(value, list | dict):
        return shown(json.dumps(_finite(value), default=_plain, ensure_ascii=False))
    return shown(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if value.tzinfo else value.isoformat()
    if isinstance(value, pl.Series):
        return _finite(value.to_list())
    return value.hex() if isinstance(value, bytes) else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, list) else value
