"""Rows of SQL, and of JSON -> tables of `core.tables`; and the hash of what is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from seaward.core.errors import StateError
from seaward.core.tables import AT, NAME, Table


def digest(*texts: str) -> str:
    """SHA-256 of texts in their order, in hexadecimal digits."""
    return hashlib.sha256("\x1f".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


def decode(texts: Iterable[str], table: Table) -> pl.DataFrame:
    """Rows from their JSON, in the order of the texts.

    Raises
    ------
    StateError
        If a text is no row of that table.
    """
    held = pl.Series([*texts], dtype=pl.String)
    if held.is_empty():
        return table.empty()
    whole = pl.Struct({c.name: pl.String() if c.dtype == NAME else c.dtype for c in table.columns})
    try:
        return held.str.json_decode(whole).struct.unnest().cast({c.name: c.dtype for c in table.columns if c.dtype == NAME})  # type: ignore[arg-type]
    except pl.exceptions.PolarsError as e:
        raise StateError(f"a kept row of {table.name} cannot be read ({str(e).splitlines()[0]}); bring back a copy of the state", "damaged") from e


_YEARS_US = (-62_135_596_800_000_000, 253_402_300_799_999_999)  # microseconds since 1970 UTC that a datetime of Python can hold
AMONG = "IN (SELECT value FROM json_each(?))"  # so that one value stands for any number of them


def listed(values: Iterable[Any]) -> str:
    """Values for `AMONG`."""
    return json.dumps([*values])


def table_of(found: Sequence[tuple[Any, ...]], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Rows of SQL as a table; times come as microseconds, lists as JSON. StateError where a value is none of its column."""
    lists = {name: dtype for name, dtype in schema.items() if isinstance(dtype, pl.List)}
    as_kept = {name: pl.Int64() if dtype == AT else pl.String() if name in lists or dtype == NAME else dtype for name, dtype in schema.items()}
    if not found:
        return pl.DataFrame(schema=dict(schema))
    try:
        rows = pl.DataFrame(found, schema=as_kept, orient="row")
        for name in (name for name, dtype in schema.items() if dtype == AT):
            if not rows[name].drop_nulls().is_between(*_YEARS_US).all():
                raise OverflowError(f"{name} is no moment of the years 1 to 9999")
        return rows.with_columns(
            *(pl.col(name).cast(dtype) for name, dtype in schema.items() if dtype in (AT, NAME)),
            *(pl.col(name).str.json_decode(dtype) for name, dtype in lists.items()),
        )
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as e:  # such as a state that there is not
        raise StateError(f"kept rows cannot be read ({str(e).splitlines()[0]}); bring back a copy of the state", "damaged") from e
