"""One SQLite file -> reads of what was committed, and writes that are whole or not there, by several threads and processes.

One connection writes, under a lock of this process and a lock of the file; others read. Whatever SQLite objects to ends in a StateError.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from seaward.core.errors import RealmError, StateError
from seaward.core.realm import check_realm
from seaward.store.schema import MIGRATIONS, prepare

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BUSY_S = 10.0  # how long a write waits for another; ours: no write of ours takes a tenth of it
_POLL_S = 0.005
_IDLE = 8  # connections for reading that are kept open; ours
D = TypeVar("D", bound="Database")


def moment(us: int | None) -> datetime | None:
    """Microseconds since 1970 UTC as a moment."""
    return None if us is None else _EPOCH + timedelta(microseconds=us)


class Database:
    """The file, its connections and its transactions; see `State` for what is kept."""

    def __init__(self, path: Path, realm: str, migrations: Sequence[str]) -> None:
        self.path, self.realm = path, check_realm(realm)
        self._lock, self._depth, self._owner, self._spoilt = threading.RLock(), 0, 0, False
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        self._closed = False
        self._file_lock = -1
        try:
            self._file_lock = _private(Path(f"{path}-lock"))
            os.close(_private(path))
        except OSError as e:
            self._close_lock()
            raise StateError(f"{path} cannot be opened ({e.strerror}); name a folder that can be written to", "denied") from e
        with contextlib.ExitStack() as undo:
            undo.callback(self._close_lock)
            with self._told(), self._alone():
                self._writer = self._connect()
                undo.callback(self._writer.close)
            self._prepare(migrations)
            undo.pop_all()

    @classmethod
    def open(cls: type[D], path: str | os.PathLike[str], realm: str, migrations: Sequence[str] = MIGRATIONS) -> D:
        """Open the state of a node, made when it is not there.

        Parameters
        ----------
        path
            Of the file; beside it come `-wal`, `-shm` and `-lock`.
        realm
            `ops` or `ex:<drill id>`; that of a file is fixed when it is made.
        migrations
            Scripts of the schema; others than the program's own are for tests.

        Raises
        ------
        RealmError
            If the file is of another realm.
        StateError
            If it cannot be opened, is damaged, of another program, or of a later version.

        Limits
        ------
        The disk must be local: neither the lock nor SQLite's log works over a network.
        """
        return cls(Path(path), realm, migrations)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cell_size_check = ON", "trusted_schema = OFF"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _prepare(self, migrations: Sequence[str]) -> None:
        with self.together() as connection:
            if faults := [r[0] for r in connection.execute("PRAGMA quick_check(3)") if r[0] != "ok"]:
                raise StateError(f"{self.path} is damaged ({'; '.join(faults)}); bring back a copy, and look after the disk", "damaged")
            if os.pread(self._file_lock, 1, 0) and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                what = f"bring back a copy, or remove {self.path}-lock too if a new state is wanted"
                raise StateError(f"{self.path} was made before and is empty now; {what}", "damaged")
            prepare(connection, str(self.path), migrations)
            connection.execute("INSERT OR IGNORE INTO meta VALUES ('realm', ?)", (self.realm,))
            there = connection.execute("SELECT value FROM meta WHERE name = 'realm'").fetchone()[0]
            if there != self.realm:
                raise RealmError(f"{self.path} is of realm {there!r}, and {self.realm!r} is asked for; real data and drills never share a file")
        os.pwrite(self._file_lock, b"made", 0)  # so that a file that was lost is not taken for a new one

    @contextlib.contextmanager
    def together(self) -> Iterator[sqlite3.Connection]:
        """All writes within are kept, or none; reads within see them. Blocks within one another are one.

        Raises
        ------
        StateError
            If the disk is full, another process keeps writing, the file is damaged, or a row breaks its rules; nothing of the block is then kept.
        """
        with self._lock:
            if self._closed:
                raise StateError(f"{self.path} was closed; open it again", "closed")
            if self._depth:
                self._depth += 1
                try:
                    with self._told():
                        yield self._writer
                except BaseException:
                    self._spoilt = True  # whoever catches this further out must not keep half of it
                    raise
                finally:
                    self._depth -= 1
                return
            with self._told(), self._alone():
                self._writer.execute("BEGIN IMMEDIATE")
                self._depth, self._owner, self._spoilt = 1, threading.get_ident(), False
                try:
                    yield self._writer
                    if self._spoilt:
                        raise StateError(f"a part of a change of {self.path} failed, so none of it was kept", "conflict")
                    self._writer.execute("COMMIT")
                finally:
                    self._depth = 0
                    if self._writer.in_transaction:
                        with contextlib.suppress(sqlite3.Error):
                            self._writer.execute("ROLLBACK")

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All reads within see one moment of what was committed; within `together`, what is being written."""
        if self._depth and self._owner == threading.get_ident():
            yield self._writer
            return
        with self._told():
            connection = self._borrow()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                self._give_back(connection)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one question."""
        with self.reading() as connection:
            return connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Close all connections; a second time does nothing."""
        with self._lock, self._idle_lock:
            if self._closed:
                return
            self._closed = True
            for connection in (*self._idle, self._writer):  # the last one moves the log into the file
                with contextlib.suppress(sqlite3.Error):
                    connection.close()
            self._idle.clear()
            self._close_lock()

    def __enter__(self: D) -> D:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def of_realm(self, realms: Sequence[Any]) -> None:
        """Raise RealmError unless all are this state's."""
        if foreign := [r for r in realms if r != self.realm]:
            raise RealmError(f"a row of realm {foreign[0]!r} is refused: {self.path} is for {self.realm!r} alone")

    def _borrow(self) -> sqlite3.Connection:
        with self._idle_lock:
            if self._closed:
                raise StateError(f"{self.path} was closed; open it again", "closed")
            if self._idle:
                return self._idle.pop()
        connection = self._connect()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._idle_lock:
            if not self._closed and len(self._idle) < _IDLE:
                self._idle.append(connection)
                return
        connection.close()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process writes, or moves its log into the file, meanwhile.

        SQLite guards writes itself, but up to 3.51.2 a log that is moved by two connections while a third writes can damage the file
        (https://sqlite.org/wal.html, "the WAL-reset bug").
        """
        for _ in range(round(_BUSY_S / _POLL_S)):
            try:
                fcntl.flock(self._file_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_POLL_S)
        else:
            raise StateError(f"{self.path} is being written to by another process for more than {_BUSY_S:g} s; try again", "busy")
        try:
            yield
        finally:
            fcntl.flock(self._file_lock, fcntl.LOCK_UN)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite objects to, in words."""
        try:
            yield
        except sqlite3.Error as e:
            raise _in_words(e, self.path) from e
        except UnicodeDecodeError as e:  # Python reads what SQLite says, and texts, as UTF-8
            raise StateError(f"{self.path} is damaged (a text in it is no UTF-8); bring back a copy, and look after the disk", "damaged") from e
        except UnicodeEncodeError as e:
            raise StateError(f"{self.path} cannot hold the text {e.object!r:.80}, which has half characters; write it anew", "conflict") from e

    def _close_lock(self) -> None:
        if self._file_lock >= 0:
            os.close(self._file_lock)
            self._file_lock = -1


def _private(path: Path) -> int:
    """A file that only its owner may read, opened; it holds hashes of passwords."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _in_words(e: sqlite3.Error, path: Path) -> StateError:
    code = getattr(e, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return StateError(f"{path} cannot be written to ({e}); free space there. Nothing of this change was kept", "full")
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StateError(f"{path} is in use by another process for more than {_BUSY_S:g} s; try again", "busy")
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return StateError(f"{path} cannot be opened for writing ({e}); look at who owns it and its folder", "denied")
    if primary == sqlite3.SQLITE_CONSTRAINT:
        return StateError(f"{path} refuses a row ({e}); nothing of this change was kept", "conflict")
    return StateError(f"{path} is damaged or is no state of a node ({e}); bring back a copy, and look after the disk", "damaged")
