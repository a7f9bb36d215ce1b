"""The state of a node -> what can be read of it, beside a node that may be writing: opened for reading alone, never made or brought forward."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from seaward.core.errors import RealmError, StateError
from seaward.core.realm import check_realm
from seaward.store.schema import APPLICATION_ID, MIGRATIONS
from seaward.store.state import State

_BUSY_S = 10.0


class StateReading(State):
    """What `State` reads; every write ends in a StateError.

    Raises
    ------
    RealmError
        If the file is of another realm.
    StateError
        If it cannot be opened, is damaged, of another program, or of another version.

    Limits
    ------
    SQLite makes its `-wal` and `-shm` files where there are none, and leaves them: the folder must be writable, though the state is not written to.
    """

    def __init__(self, path: Path, realm: str, migrations: Sequence[str] = MIGRATIONS) -> None:
        self.path, self.realm = path, check_realm(realm)
        self._lock, self._depth, self._owner = threading.RLock(), 0, 0
        self._idle, self._idle_lock, self._closed = [], threading.Lock(), False
        mark, version = self.rows("SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version)")[0]
        if mark != APPLICATION_ID:
            raise StateError(f"{path} is no state of a node (its mark is {mark:#x}); name the folder of a node", "conflict")
        if version != len(migrations):
            what = "the newer program" if version > len(migrations) else "the version of the program that wrote it, or start the node once"
            raise StateError(f"{path} has form {version}, and this program reads form {len(migrations)}; use {what}", "newer")
        there = self.rows("SELECT value FROM meta WHERE name = 'realm'")[0][0]
        if there != realm:
            self.close()
            raise RealmError(f"{path} is of realm {there!r}, and {realm!r} is asked for; say --realm {there} if that is meant")

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(self.path))}?mode=ro", uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)

    @contextlib.contextmanager
    def together(self) -> Iterator[sqlite3.Connection]:
        """Nothing can be written."""
        raise StateError(f"{self.path} is open for reading alone", "denied")
        yield  # pyright: ignore[reportUnreachable]

    def close(self) -> None:
        """Close all connections; a second time does nothing."""
        with self._idle_lock:
            self._closed = True
            for connection in self._idle:
                connection.close()
            self._idle.clear()
