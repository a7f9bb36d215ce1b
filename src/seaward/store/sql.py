"""tables, parts of the history, one SELECT of somebody -> its rows, in a process of its own with bounds on time, memory and what it may touch."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa

from seaward.core.errors import InputError, ParameterError
from seaward.core.foreign_text import one_line

_CHILD = Path(__file__).with_name("sql_child.py")
_START_S = 20.0  # what starting may take beyond the time of the question; ours
LIMIT, TIMEOUT_S, MEMORY_BYTES = 100_000, 60.0, 1 << 30
_REFUSALS = {
    "refused.count": "{text} statements are given; give one SELECT",
    "refused.type": "a statement that is no question ({text}) is given; give one SELECT: nothing can be written, set, attached or loaded here",
    "refused.parameters": "the question has parameters (? or $1) and nothing gives them values; write the values into it",
    "memory": "it needs more memory than a question is given; ask for a shorter time (reported_at), one vessel (mmsi), fewer columns or rows (LIMIT)",
    "files": "it asks for a file or address; only the tables of the node can be asked: see them with `seaward query tables`",
    "sql": "DuckDB refuses it ({text}); see tables and columns with `seaward query tables`",
}


class PartsGone(Exception):
    """A part of the history went away while it was read, as when the node joins hours; ask again with a new list of parts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a question, and whether there are more than were asked for."""

    rows: pl.DataFrame
    more: bool


def ask(
    sql: str,
    tables: Mapping[str, pl.DataFrame],
    parts: Mapping[str, Sequence[tuple[Path, datetime | None]]],
    *,
    limit: int = LIMIT,
    timeout_s: float = TIMEOUT_S,
    memory_bytes: int = MEMORY_BYTES,
    threads: int = 2,
) -> Answer:
    """Run one SELECT.

    Parameters
    ----------
    sql
        What is asked, in the words of DuckDB.
    tables
        What it may be asked of, by name; of a table with parts, the rows beside them.
    parts
        Of some of these tables: Parquet files, and the hour that each holds by `reported_at` where a row has one (None: any time).
    limit, timeout_s, memory_bytes, threads
        Bounds: rows that come back, seconds, bytes, processors.

    Raises
    ------
    InputError
        If it is no question, asks for what is not there, or reaches a bound; the message says what to do.
    PartsGone
        If a part is not there any more.
    """
    for name, value, low, high in (("limit", limit, 1, 100_000_000), ("timeout-s", timeout_s, 0.1, 86_400)):
        if not low <= value <= high:
            raise ParameterError(f"{name} is {value}; it must be from {low:g} to {high:g}")
    plain = {name: _plain(rows) for name, rows in tables.items()}
    asked = {
        "sql": sql, "tables": [*plain], "limit": limit, "timeout_s": timeout_s, "memory_bytes": memory_bytes, "threads": threads,
        "parts": {t: [[str(path), hour and hour.isoformat()] for path, hour in of] for t, of in parts.items()},
    }  # fmt: skip
    pieces = [json.dumps(asked).encode("utf-8", "surrogateescape"), *(_stream(rows) for rows in plain.values())]
    request = b"".join(struct.pack("<Q", len(p)) + p for p in pieces)
    bare = {"ARROW_DEFAULT_MEMORY_POOL": "system", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_CHILD)], input=request, capture_output=True, timeout=timeout_s + _start_s(timeout_s), env=bare, check=False
        )
    except subprocess.TimeoutExpired:
        raise _late(timeout_s) from None
    if done.stdout[:1] == b"+":
        return Answer(_table(done.stdout[2:]), done.stdout[1] == 1)
    if done.stdout[:1] != b"-":  # killed by the system: memory or processor time
        raise InputError(f"the question cannot be answered: {_REFUSALS['memory']}")
    kind, text = json.loads(done.stdout[1:])
    if kind == "missing":
        raise PartsGone(text)
    if kind == "late":
        raise _late(timeout_s)
    said = one_line(text.split("\n\n")[0])[:300]
    raise InputError(f"the question cannot be answered: {_REFUSALS[kind].format(text=said)}")


def _table(stream: bytes) -> pl.DataFrame:
    try:
        return pl.DataFrame(pa.ipc.open_stream(stream).read_all())
    except pl.exceptions.PolarsError as e:
        what = one_line(str(e))[:200]
        raise InputError(f"the answer has columns that no table here can hold ({what}); give each a name of its own (AS) and cast odd types") from e


def _late(timeout_s: float) -> InputError:
    return InputError(
        f"the question took longer than {timeout_s:g} s and was stopped; ask of a shorter time (reported_at), or give more with --timeout-s"
    )


def _start_s(timeout_s: float) -> float:
    return min(_START_S, 2.0 + timeout_s)


def _plain(rows: pl.DataFrame) -> pa.Table:
    """With texts as texts: coded columns of two tables have codes of their own."""
    coded = [c for c, t in rows.schema.items() if isinstance(t, pl.Categorical | pl.Enum)]
    return rows.with_columns(pl.col(coded).cast(pl.String)).to_arrow(compat_level=pl.CompatLevel.oldest())


def _stream(table: pa.Table) -> bytes:
    body = pa.BufferOutputStream()
    with pa.ipc.new_stream(body, table.schema) as writer:
        writer.write_table(table)
    return body.getvalue().to_pybytes()
