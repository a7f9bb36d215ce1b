"""Columns of tables -> arrays for compiled loops, always of one and the same type."""

from __future__ import annotations

from typing import Any

import polars as pl
from numpy.typing import NDArray


def array_of(column: pl.Series) -> NDArray[Any]:
    """A column as an array that cannot be written to; unknown numbers of a column of floats are not-a-number.

    Polars gives a view of some columns and a copy of others, depending on the data: a loop would be compiled once for either.
    """
    array = column.to_numpy()
    array.setflags(write=False)
    return array
