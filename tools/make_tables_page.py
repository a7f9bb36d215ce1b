"""core.tables -> docs/tables.md. Run by hand when a table changes: python tools/make_tables_page.py"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from seaward.core.tables import TABLES, Column

PAGE = Path(__file__).resolve().parents[1] / "docs" / "tables.md"
_HEAD = """# Tables

What the rooms exchange, and what the files hold. Written from `seaward.core.tables` by `python tools/make_tables_page.py`; do not edit.

Times are UTC in microseconds. Unknown is null, never 0, 91, 181, 360, 511 or 102.3. The realm comes first in every table.
"""
_COLUMNS = "| column | type | unit | range | null | meaning |\n|---|---|---|---|---|---|"


def page() -> str:
    """The page as Markdown."""
    parts = [_HEAD]
    for table in TABLES:
        rows = "\n".join(_row(c) for c in table.columns)
        parts.append(f"## {table.name}\n\nOne row is {table.meaning}.\n\n{_COLUMNS}\n{rows}\n")
    return "\n".join(parts)


def _row(c: Column) -> str:
    low, high = ("" if bound is None else f"{bound:,.10g}" for bound in (c.low, c.high))
    span = f"{low} to {high}".strip() if low or high else ""
    meaning = (c.meaning + (f" ({c.source})" if c.source else "")).replace("<", "&lt;")
    return f"| `{c.name}` | {_type(c.dtype)} | {c.unit} | {span} | {'yes' if c.nullable else ''} | {meaning} |"


def _type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Enum):
        return "one of " + ", ".join(dtype.categories)
    if isinstance(dtype, pl.List):
        return f"list of {_type(dtype.inner)}"  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return "struct of " + ", ".join(f.name for f in dtype.fields)
    return {"Categorical": "text", "String": "text", "Datetime": "time"}.get(type(dtype).__name__, type(dtype).__name__.lower())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
