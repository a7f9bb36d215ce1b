"""A configuration -> what is well and what is not with the installation, each with what to do. Changes nothing; the node may run meanwhile."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
from cryptography import x509

from seaward.alerts.read_rules import rules_of
from seaward.core.errors import SeawardError
from seaward.core.version import VERSION
from seaward.given import Given
from seaward.node.config import Config
from seaward.store.disk import FileDisk
from seaward.store.raw_journal import Journal
from seaward.store.schema import MIGRATIONS
from seaward.store.state import State
from seaward.store.window import ROW

GIB = 1 << 30
_LOW_BYTES, _LEAST_BYTES = 20 * GIB, GIB  # ours: a day of 2,000 reports/s is some 14 GB of sentences
_TIME_ERROR = 5  # linux/timex.h: the clock is not synchronised
_ENOUGH = timedelta(days=30)  # before a certificate ends


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `level` (ok, warn, fail), and a code `doctor.<code>` of the catalogues; `.fix` says what to do."""

    level: str
    code: str
    values: dict[str, Any] = field(default_factory=dict)


def examine(config: Config, now: datetime | None = None) -> Iterator[Finding]:
    """Look at everything, one thing after the other; seconds, or minutes where much is kept.

    Parameters
    ----------
    config
        Of the node; it was read without mistakes.
    now
        What time it is; None: as the computer says.
    """
    now = now or datetime.now(UTC)
    runs = _runs(config.data)
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _versions, lambda: _folder(config), lambda: _space(config), lambda: _memory(config), lambda: _clock(config, now),
        lambda: _ports(config, runs=runs), lambda: _certificate(config, now), lambda: _keys(config), lambda: _given(config), lambda: _state(config),
        lambda: _journals(config, runs=runs), lambda: _history(config),
    )  # fmt: skip
    for check in checks:
        try:
            yield from check()
        except (OSError, SeawardError) as e:
            yield Finding("fail", "failed", {"why": str(e)})


def _versions() -> Iterator[Finding]:
    said = {"seaward": VERSION, "python": sys.version.split()[0], "sqlite": sqlite3.sqlite_version, "polars": pl.__version__}
    yield Finding("ok" if sys.version_info >= (3, 11) else "fail", "versions", said)


def _runs(data: Path) -> bool:
    """Whether a node works in the folder now."""
    try:
        fd = os.open(data / "node.lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


def _folder(config: Config) -> Iterator[Finding]:
    data = config.data
    if not data.exists():
        parent = next((p for p in (data, *data.absolute().parents) if p.exists()), Path("/"))
        yield Finding("ok" if os.access(parent, os.W_OK) else "fail", "folder_new" if os.access(parent, os.W_OK) else "folder_denied", {"path": data})
        return
    if not data.is_dir() or not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("fail", "folder_denied", {"path": data})
        return
    others = [p.name for p in (data, data / "state.sqlite") if p.exists() and p.stat().st_mode & 0o077]
    yield Finding("warn" if others else "ok", "folder_open" if others else "folder", {"path": data})
    kind = _file_system(data)
    if kind in ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"):
        yield Finding("fail", "folder_remote", {"path": data, "kind": kind})


def _file_system(path: Path) -> str:
    """The kind of the file system that a path lies on, as the system names it; empty where that cannot be told."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return ""
    real = str(path.resolve())
    around = [(where, kind) for where, kind in mounts if real == where or real.startswith(where.rstrip("/") + "/")]
    return max(around, default=("", ""), key=lambda m: len(m[0]))[1]


def _space(config: Config) -> Iterator[Finding]:
    there = next(p for p in (config.data.absolute(), *config.data.absolute().parents) if p.exists())
    free = shutil.disk_usage(there).free
    level = "fail" if free < _LEAST_BYTES else "warn" if free < _LOW_BYTES else "ok"
    yield Finding(level, "space" if level == "ok" else "space_low", {"free_gib": free / GIB, "path": there})


def _memory(config: Config) -> Iterator[Finding]:
    needed = (config.watch.reports * ROW.itemsize + 2 * GIB) / GIB  # the window, and twice what a sweep and the rest may take; ours
    try:
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        total = int(lines["MemTotal"].split()[0]) * 1024 / GIB
    except (OSError, KeyError, ValueError):
        return
    yield Finding("ok" if total >= needed else "warn", "memory" if total >= needed else "memory_low", {"total_gib": total, "needed_gib": needed})


def _clock(config: Config, now: datetime) -> Iterator[Finding]:
    newest = max((p.stat().st_mtime for p in config.data.glob("*") if p.is_file()), default=0.0)
    if now.year < 2024 or newest > now.timestamp() + 60:
        yield Finding("fail", "clock_wrong", {"now": f"{now:%Y-%m-%d %H:%M:%SZ}"})
        return
    synchronised = _synchronised()
    code = {True: "clock", False: "clock_free", None: "clock_unknown"}[synchronised]
    yield Finding("warn" if synchronised is False else "ok", code, {"now": f"{now:%Y-%m-%d %H:%M:%SZ}"})


def _synchronised() -> bool | None:
    """Whether the system says that its clock is kept by another (adjtimex, Linux); None where it does not say."""
    call = getattr(ctypes.CDLL(None), "adjtimex", None)
    if call is None:
        return None
    state = call(ctypes.create_string_buffer(512))  # `modes` is 0: it is only read
    return None if state < 0 else state != _TIME_ERROR


def _ports(config: Config, *, runs: bool) -> Iterator[Finding]:
    wanted = [("API", socket.SOCK_STREAM, config.listen.host, config.listen.port)]
    for feed in config.feed:
        if feed.kind in ("udp", "tcp-server"):
            wanted.append((feed.name, socket.SOCK_DGRAM if feed.kind == "udp" else socket.SOCK_STREAM, feed.host, feed.port))  # type: ignore[union-attr]
    wanted += [(o.name, socket.SOCK_STREAM, o.host, o.port) for o in config.outlet if o.kind == "tcp-server"]
    for name, kind, host, port in wanted:
        where = {"what": name, "where": f"{host}:{port}"}
        if runs:
            yield Finding("ok", "port_used", where)
            continue
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as taken:
            try:
                if kind == socket.SOCK_STREAM:
                    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                taken.bind((host, port))
            except OSError as e:
                yield Finding("fail", "port_taken", where | {"why": e.strerror or str(e)})
            else:
                yield Finding("ok", "port", where)


def _certificate(config: Config, now: datetime) -> Iterator[Finding]:
    path = config.listen.tls_certificate
    if path is None:
        return
    try:
        until = min(c.not_valid_after_utc for c in x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as e:
        yield Finding("fail", "certificate_unreadable", {"path": path, "why": str(e)})
        return
    level = "fail" if until <= now else "warn" if until <= now + _ENOUGH else "ok"
    yield Finding(level, "certificate" if level == "ok" else "certificate_ends", {"path": path, "until": f"{until:%Y-%m-%d}"})


def _keys(config: Config) -> Iterator[Finding]:
    secrets = [config.listen.tls_key, *(getattr(f, "credentials", None) for f in config.feed)]
    for path in [p for p in secrets if p is not None]:
        if not os.access(path, os.R_OK):
            yield Finding("fail", "key_denied", {"path": path})
        else:
            bad = bool(path.stat().st_mode & 0o077)
            yield Finding("fail" if bad else "ok", "key_open" if bad else "key", {"path": path})


def _given(config: Config) -> Iterator[Finding]:
    """Areas, ports and rules as the node will read them."""
    Given.read(config.realm, config.chart.areas, config.chart.ports)
    if config.alerts.rules is not None:
        rules_of(config.alerts.rules.read_bytes(), config.alerts.rules.name)
    yield Finding("ok", "chart", {"areas": ", ".join(config.chart.areas) or "-"})
    for feed in config.feed:
        path = getattr(feed, "device", None) or getattr(feed, "path", None)
        if path is not None and not Path(path).exists():
            yield Finding("warn", "feed_missing", {"feed": feed.name, "path": path})


def _state(config: Config) -> Iterator[Finding]:
    path = config.data / "state.sqlite"
    if not path.exists():
        yield Finding("ok", "state_new")
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as c:
        try:
            form = int(c.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.Error as e:
            yield Finding("fail", "state_damaged", {"path": path, "why": str(e)})
            return
    if form < len(MIGRATIONS):  # to open it would bring it forward
        yield Finding("warn", "state_old", {"path": path})
        return
    with State.open(path, config.realm) as state:
        problems = state.problems()
        for problem in problems[:20]:
            yield Finding("fail", "state_damaged", {"path": path, "why": problem})
        if not problems:
            yield Finding("ok", "state", {"path": path, "rows": state.audit_head().seq})
        if not any(p.disabled_at is None and p.role == "admin" for p in state.people()):
            yield Finding("warn", "nobody")


class _LookedAt(FileDisk):
    """A folder that is read and never written: what a node would cut off stays."""

    def truncate(self, name: str, size: int) -> None:
        """Leave it."""

    def sync(self, name: str) -> None:
        """Nothing was written."""


def _journals(config: Config, *, runs: bool) -> Iterator[Finding]:
    root = config.data / "raw"
    for folder in sorted(p for p in root.glob("*") if p.is_dir()):
        journal = Journal(_LookedAt(root), config.realm, folder.name)
        said = {"feed": folder.name, "bytes": journal.end - journal.start}
        damaged = [*islice(journal.check(), 20)]
        for damage in damaged:
            yield Finding("fail", "journal_damaged", said | {"offset": damage.offset, "length": damage.length})
        if journal.cut_bytes and not runs:
            yield Finding("warn", "journal_torn", said | {"length": journal.cut_bytes})
        elif not damaged:
            yield Finding("ok", "journal", said)


def _history(config: Config) -> Iterator[Finding]:
    root = config.data / "history"
    if not (root / "manifest.json").exists():
        yield Finding("ok", "history_new")
        return
    for last in (False, True):
        parts = _parts(root, config.realm)
        bad = [name for name, rows in parts.items() if _rows_in(root / name) != rows]
        if not bad or last:
            break  # hours may have been joined between the two readings: look a second time
    for name in bad[:20]:
        yield Finding("fail", "history_damaged", {"path": root / name})
    if not bad:
        yield Finding("ok", "history", {"parts": len(parts), "rows": sum(parts.values())})


def _parts(root: Path, realm: str) -> dict[str, int]:
    try:
        told = json.loads((root / "manifest.json").read_bytes())
        if told["realm"] != realm:
            raise ValueError(f"it is of realm {told['realm']!r}")
        return {str(k): int(v) for k, v in told["parts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise OSError(f"{root / 'manifest.json'}: {e}") from e


def _rows_in(path: Path) -> int:
    try:
        return int(pl.scan_parquet(path, hive_partitioning=False).select(pl.len()).collect().item())
    except (OSError, pl.exceptions.PolarsError):
        return -1
