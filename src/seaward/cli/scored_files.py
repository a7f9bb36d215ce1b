"""A Parquet file -> rows that keep the contract of a table, or a message that says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from seaward.core.errors import InputError
from seaward.core.split import split
from seaward.core.tables import AT, Table


def read_rows(path: Path, table: Table, needed: tuple[str, ...], extra: tuple[str, ...] = ()) -> pl.DataFrame:
    """The `needed` columns of a table, and those of `extra` that are there; a folder stands for `<table>.parquet` in it.

    Raises
    ------
    InputError
        If it cannot be read, is no Parquet, lacks a column, or a row breaks the contract.
    """
    file = path / f"{table.name}.parquet" if path.is_dir() else path
    try:
        with file.open("rb") as f:
            rows = pl.read_parquet(f)
    except OSError as e:
        raise InputError(f"{file} cannot be read ({e.strerror}); give a Parquet file of {table.name}, or the folder it is in") from e
    except pl.exceptions.PolarsError as e:
        raise InputError(f"{file} is no Parquet file that can be read ({str(e).splitlines()[0]}); give one of {table.name}") from e
    if missing := [c for c in needed if c not in rows.columns]:
        raise InputError(f"{file} lacks {', '.join(missing)}: it is no table of {table.name} ({table.meaning})")
    asked = Table(table.name, table.meaning, tuple(c for c in table.columns if c.name in needed))
    for c in asked.columns:
        got, empty = rows[c.name].dtype, rows[c.name].null_count() == len(rows)
        if not empty and ((c.dtype == AT) != isinstance(got, pl.Datetime) or (isinstance(c.dtype, pl.List)) != isinstance(got, pl.List)):
            raise InputError(f"the column {c.name} of {file} is {got}; a table of {table.name} has {c.dtype} there")
    good, bad = split(rows, asked)
    if not bad.is_empty():
        raise InputError(
            f"{file} has {len(bad):,} rows that break the rules of {table.name}, the first {bad['rule'][0]} ({bad['value'][0]}); mend the file"
        )
    return good.hstack(rows.select(c for c in extra if c in rows.columns))
