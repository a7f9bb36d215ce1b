"""tables and one SELECT on standard input -> its rows on standard output. The process in which somebody's SQL runs, and that can be killed.

`store.sql` starts this file by itself: nothing of the rest of the program, and no setting of the environment, is here. DuckDB can touch no file:
parts of the history are opened by Arrow before, and only those that were named. Time, memory and writing are bounded by the system as well.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs as pafs

_BATCH_ROWS = 10_000
_LOCK = (
    "SET TimeZone = 'UTC'", "SET temp_directory = ''", "SET disabled_filesystems = 'LocalFileSystem'", "SET enable_external_access = false",
    "SET lock_configuration = true",
)  # fmt: skip


class Refused(Exception):
    """The statement is none that is run here: why (`count`, `type`, `parameters`), and what was found."""


def main() -> None:
    """Read the request, run it, write `+` and a stream of Arrow, or `-` and what is wrong as JSON."""
    source, out = sys.stdin.buffer, sys.stdout.buffer
    asked = json.loads(_piece(source))
    tables = {name: pa.ipc.open_stream(_piece(source)).read_all() for name in asked["tables"]}
    _bound(asked)
    try:
        result, more = _run(asked, tables)
        body = pa.BufferOutputStream()
        with pa.ipc.new_stream(body, result.schema) as writer:
            writer.write_table(result)
        out.write(b"+" + (b"\x01" if more else b"\x00") + body.getvalue().to_pybytes())
    except MemoryError as e:
        out.write(b"-" + json.dumps(["memory", str(e)]).encode())
    except Exception as e:
        out.write(b"-" + json.dumps([_kind(e), str(e.args[-1]) if isinstance(e, Refused) else str(e)]).encode())
    out.flush()


def _piece(source: BinaryIO) -> bytes:
    (size,) = struct.unpack("<Q", source.read(8))
    return source.read(size)


def _bound(asked: dict[str, Any]) -> None:
    """What the system itself takes no more of: bytes written to files, memory, processor time."""
    memory = 2 * asked["memory_bytes"] + (1 << 30)
    seconds = int(asked["timeout_s"] * asked["threads"]) + 10
    for what, most in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_DATA, memory), (resource.RLIMIT_CPU, seconds)):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _run(asked: dict[str, Any], tables: dict[str, pa.Table]) -> tuple[pa.Table, bool]:
    settings: dict[str, Any] = {
        "memory_limit": f"{asked['memory_bytes']}B", "threads": asked["threads"], "python_enable_replacements": False,
        "autoload_known_extensions": False, "autoinstall_known_extensions": False, "allow_community_extensions": False,
        "allow_persistent_secrets": False,
    }  # fmt: skip
    connection = duckdb.connect(":memory:", config=settings)
    for name, table in tables.items():
        parts = asked["parts"].get(name)
        if parts:
            connection.register(f"_{name}_kept", _dataset(parts, table.schema))
            connection.register(f"_{name}_fresh", table)
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM _{name}_kept UNION ALL BY NAME SELECT * FROM _{name}_fresh")
        else:
            connection.register(name, table)
    for setting in _LOCK:
        connection.execute(setting)
    statements = duckdb.extract_statements(asked["sql"])
    if len(statements) != 1:
        raise Refused("count", str(len(statements)))
    if statements[0].type != duckdb.StatementType.SELECT:
        raise Refused("type", statements[0].type.name)
    if statements[0].named_parameters:
        raise Refused("parameters", "")
    clock = threading.Timer(asked["timeout_s"], connection.interrupt)
    clock.daemon = True
    clock.start()
    reader = connection.sql(asked["sql"]).to_arrow_reader(_BATCH_ROWS)
    batches, rows = [], 0
    for batch in reader:
        batches.append(batch)
        rows += len(batch)
        if rows > asked["limit"]:
            break
    whole = pa.Table.from_batches(batches, reader.schema)
    return whole.slice(0, asked["limit"]), rows > asked["limit"]


def _dataset(parts: list[list[Any]], schema: pa.Schema) -> ds.FileSystemDataset:
    """Parts of the history as one table; of each is said which hour it holds, so that those of other hours are not even opened."""
    files, form = pafs.LocalFileSystem(), ds.ParquetFileFormat()
    fragments = []
    for path, hour in parts:
        guarantee = None
        if hour is not None:
            begin = datetime.fromisoformat(hour)
            at = ds.field("reported_at")
            kind = schema.field("reported_at").type
            low, high = pa.scalar(begin, kind), pa.scalar(begin + timedelta(hours=1), kind)
            guarantee = ((at >= low) | at.is_null()) & ((at < high) | at.is_null())  # without a time of the vessel: the hour it was received in
        fragments.append(form.make_fragment(path, files, guarantee))
    return ds.FileSystemDataset(fragments, schema, form, files)


def _kind(e: Exception) -> str:
    if isinstance(e, Refused):
        return f"refused.{e.args[0]}"
    if isinstance(e, duckdb.OutOfMemoryException):
        return "memory"
    if isinstance(e, duckdb.InterruptException):
        return "late"
    if isinstance(e, duckdb.PermissionException):
        return "files"
    return "missing" if isinstance(e, FileNotFoundError) or "No such file" in str(e) else "sql"


if __name__ == "__main__":
    main()
