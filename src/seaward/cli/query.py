"""`seaward query VERB`: what a node has kept, asked in SQL or in the questions of a watch; the node may be running."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from seaward.cli import query_questions
from seaward.cli.asked_area import MayBeginWithMinus
from seaward.cli.detect import Language
from seaward.cli.node_data import FOLDER, REALM_DEFAULT, Data, Realm, Spoken
from seaward.cli.shown_tables import Asked, Form, Out, form_of, give, say_realm, show
from seaward.core.catalogue import render
from seaward.core.errors import ParameterError
from seaward.core.tables import REPORTS, STATIC, TABLES
from seaward.logbook.book import KEPT, Logbook, answered
from seaward.store.sql import LIMIT, TIMEOUT_S

SCREEN_ROWS = 100  # rows on a screen where none were asked for; ours
app = typer.Typer(
    name="query",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Ask what a node has kept: a vessel's history, who was in an area, closest approaches, or SQL.",
)


@app.command("sql")
def sql(
    question: Annotated[str, typer.Argument(metavar="SELECT", help="One SELECT as DuckDB reads it; - is standard input.", show_default=False)],
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    form: Asked = Form.table,
    out: Out = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", help=f"At most so many rows (default: {SCREEN_ROWS} on a screen, else {LIMIT:,}).")
    ] = None,
    timeout_s: Annotated[float, typer.Option("--timeout-s", metavar="S", help="Stop after so many seconds.")] = TIMEOUT_S,
    lang: Spoken = Language.en,
) -> None:
    """Ask in SQL over `reports`, `static` and the tables of the state; `seaward query tables` lists them.

    Questions only: no file, no setting, no second statement. Times are UTC.
    """
    text = sys.stdin.read() if question == "-" else question
    if not text.strip():
        raise ParameterError('the question is empty; write one such as "select count(*) from reports"')
    wanted = limit if limit is not None else SCREEN_ROWS if form is Form.table and out is None else LIMIT
    book, answer = answered(data, realm, lambda book: (book, book.asked(text, limit=wanted, timeout_s=timeout_s)))
    tell(book, form, out, lang.value)
    present(answer.rows, form, out, realm, [*answer.rows.columns])
    if answer.more:
        print(render("cli.query.more", {"limit": wanted}, lang.value), file=sys.stderr)


@app.command("tables")
def tables(form: Asked = Form.table, out: Out = None, lang: Spoken = Language.en) -> None:
    """List the tables that SQL can ask, with the type, unit and meaning of each column."""
    columns = {t.name: {c.name: c for c in t.columns} for t in TABLES}
    rows = []
    for name, schema, meaning in ((REPORTS.name, REPORTS.schema, REPORTS.meaning), (STATIC.name, STATIC.schema, STATIC.meaning),
                                  *((n, s, m) for n, (s, m, _) in KEPT.items())):  # fmt: skip
        for column, dtype in schema.items():
            known = columns.get(name, {}).get(column)
            kind = (
                "TIMESTAMPTZ"
                if isinstance(dtype, pl.Datetime)
                else "VARCHAR"
                if isinstance(dtype, pl.String | pl.Categorical | pl.Enum)
                else str(dtype)
            )
            rows.append((name, column, kind.split("(")[0].upper(), known.unit if known else "", known.meaning if known else meaning))
    found = pl.DataFrame(rows, ["table", "column", "type", "unit", "meaning"], orient="row")
    present(found, form, out, "ops", [render(f"cli.query.{c}", {}, lang.value) for c in found.columns])


def tell(book: Logbook, form: Form, out: Path | None, language: str) -> None:
    """Say of which realm it is, and what could not be read."""
    say_realm(book.realm, language, apart=form_of(form, out) is not Form.table)
    for why in book.unread:
        print(render("cli.query.unread", {"why": why}, language), file=sys.stderr)


def present(rows: pl.DataFrame, form: Form, out: Path | None, realm: str, titles: list[str]) -> None:
    """On the screen, or in a form for programs."""
    form = form_of(form, out)
    if form is Form.table:
        show(rows, titles)
    else:
        give(rows, form, out, realm)


app.command("track")(query_questions.track)
app.command("area", cls=MayBeginWithMinus)(query_questions.area)
app.command("closest")(query_questions.closest)
