"""Rows from outside -> those that keep the contract of their table, and those that do not, each with the rule that it breaks."""

from __future__ import annotations

from typing import Any

import polars as pl

from seaward.core.tables import REJECTED, Column, Table


def split(rows: pl.DataFrame, table: Table) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tell the rows that keep a table's contract from those that do not.

    Parameters
    ----------
    rows
        With all columns of `table` (others are dropped), each castable to its dtype.
    table
        The contract.

    Returns
    -------
    good
        Rows that keep every rule, in the table's column order and dtypes.
    rejected
        One row of `REJECTED` per bad row, with the first rule it broke (`<column>.null`, `.type`, `.below`, `.above`, `.nan`).
    """
    cast = rows.select(pl.col(c.name).cast(c.dtype, strict=False) for c in table.columns)
    broken: pl.Expr = pl.lit(None, pl.String())
    shown: pl.Expr = pl.lit(None, pl.String())
    checked = rows.select(c.name for c in table.columns).with_columns(cast[c.name].alias(f"_{c.name}") for c in table.columns)
    for c in reversed(table.columns):
        raw, new = pl.col(c.name), pl.col(f"_{c.name}")
        value = raw.cast(pl.String(), strict=False) if not isinstance(c.dtype, (pl.List, pl.Struct)) else pl.lit("", pl.String())
        for rule, bad in _rules(c, raw, new):
            broken = pl.when(bad).then(pl.lit(f"{c.name}.{rule}")).otherwise(broken)
            shown = pl.when(bad).then(value).otherwise(shown)
    verdict = checked.select(rule=broken, value=shown)
    bad_rows = verdict["rule"].is_not_null()
    good = cast.filter(~bad_rows)
    place: dict[str, Any] = {c.name: rows[c.name] if c.name in rows.columns else pl.Series(c.name, [None] * len(rows)) for c in REJECTED.columns[:3]}
    rejected = pl.DataFrame(place).with_columns(verdict).filter(bad_rows)
    return good, rejected.with_columns(pl.col("value").str.slice(0, 200)).cast(dict(REJECTED.schema), strict=False)  # type: ignore[arg-type]


def _rules(c: Column, raw: pl.Expr, new: pl.Expr) -> list[tuple[str, pl.Expr]]:
    """Rules of one column from the last looked at to the first (the first broken one names the rejection)."""
    rules: list[tuple[str, pl.Expr]] = []
    if c.high is not None:
        rules.append(("above", new > c.high))
    if c.low is not None:
        rules.append(("below", new < c.low))
    if c.dtype.is_float():
        rules.append(("nan", new.is_nan()))
    rules.append(("type", raw.is_not_null() & new.is_null()))
    if not c.nullable:
        rules.append(("null", raw.is_null()))
    return rules
