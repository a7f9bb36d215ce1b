"""A database file -> the tables of the state, in the form of this version: made when new, brought forward when old, refused when newer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from seaward.core.errors import StateError

APPLICATION_ID = 0x53454157  # "SEAW": tells the file from any other SQLite database (PRAGMA application_id)

_FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE event_versions (
  event_id TEXT NOT NULL, version INTEGER NOT NULL CHECK (version >= 1), realm TEXT NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL,
  start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, payload TEXT NOT NULL, digest TEXT NOT NULL, published_us INTEGER NOT NULL,
  PRIMARY KEY (event_id, version)) STRICT;
CREATE INDEX event_versions_by_end ON event_versions (end_us);
CREATE INDEX event_versions_by_start ON event_versions (start_us / 1000000 DESC, event_id);
CREATE TABLE event_vessels (vessel_id TEXT NOT NULL, event_id TEXT NOT NULL, PRIMARY KEY (vessel_id, event_id)) STRICT, WITHOUT ROWID;
CREATE TABLE told (
  event_id TEXT NOT NULL, version INTEGER NOT NULL, whom TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (event_id, whom, version), FOREIGN KEY (event_id, version) REFERENCES event_versions) STRICT, WITHOUT ROWID;
CREATE TABLE verdicts (
  event_id TEXT PRIMARY KEY, version INTEGER NOT NULL, verdict TEXT NOT NULL, rule TEXT, at_us INTEGER NOT NULL,
  FOREIGN KEY (event_id, version) REFERENCES event_versions) STRICT, WITHOUT ROWID;
CREATE INDEX verdicts_by_verdict ON verdicts (verdict);

CREATE TABLE alerts (
  alert_id TEXT PRIMARY KEY, realm TEXT NOT NULL, revision INTEGER NOT NULL CHECK (revision >= 1), state TEXT NOT NULL, mark TEXT,
  rule TEXT NOT NULL, priority TEXT NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, raised_us INTEGER NOT NULL,
  payload TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE INDEX alerts_by_state ON alerts (state, mark);
CREATE INDEX alerts_by_raised ON alerts (raised_us DESC, alert_id);
CREATE TABLE alert_vessels (vessel_id TEXT NOT NULL, alert_id TEXT NOT NULL, PRIMARY KEY (vessel_id, alert_id)) STRICT, WITHOUT ROWID;
CREATE TABLE alert_events (event_id TEXT NOT NULL, alert_id TEXT NOT NULL, PRIMARY KEY (event_id, alert_id)) STRICT, WITHOUT ROWID;
CREATE TABLE alert_changes (
  alert_id TEXT NOT NULL REFERENCES alerts, revision INTEGER NOT NULL, realm TEXT NOT NULL, at_us INTEGER NOT NULL, who TEXT NOT NULL,
  verb TEXT NOT NULL, state TEXT NOT NULL, priority TEXT NOT NULL, why TEXT, body TEXT NOT NULL,
  PRIMARY KEY (alert_id, revision)) STRICT, WITHOUT ROWID;
CREATE INDEX alert_changes_by_time ON alert_changes (at_us);

CREATE TABLE cases (
  alert_id TEXT PRIMARY KEY REFERENCES alerts, realm TEXT NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL, start_us INTEGER NOT NULL,
  opened_us INTEGER NOT NULL, opened_by TEXT NOT NULL, changed_us INTEGER NOT NULL, changed_by TEXT NOT NULL, why TEXT) STRICT;
CREATE TABLE case_vessels (vessel_id TEXT NOT NULL, alert_id TEXT NOT NULL REFERENCES cases, PRIMARY KEY (vessel_id, alert_id)) STRICT, WITHOUT ROWID;

CREATE TABLE silences (
  silence_id INTEGER PRIMARY KEY AUTOINCREMENT, alert_id TEXT REFERENCES alerts, vessel_id TEXT, rule TEXT, area TEXT, kind TEXT,
  priority TEXT NOT NULL, since_us INTEGER NOT NULL, until_us INTEGER, made_by TEXT NOT NULL, why TEXT, lifted_us INTEGER, lifted_by TEXT,
  CHECK (coalesce(alert_id, vessel_id, rule, area, kind) IS NOT NULL), CHECK (until_us IS NOT NULL OR alert_id IS NOT NULL)) STRICT;

CREATE TABLE lists (
  list_no INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, source TEXT NOT NULL, digest TEXT NOT NULL, added_us INTEGER NOT NULL,
  added_by TEXT NOT NULL, removed_us INTEGER, removed_by TEXT) STRICT;
CREATE UNIQUE INDEX lists_in_use ON lists (name) WHERE removed_us IS NULL;
CREATE TABLE list_entries (
  list_no INTEGER NOT NULL REFERENCES lists, entry INTEGER NOT NULL, row INTEGER NOT NULL, mmsi INTEGER, imo INTEGER, name TEXT, callsign TEXT,
  note TEXT,  CHECK (coalesce(mmsi, imo, name, callsign) IS NOT NULL), PRIMARY KEY (list_no, entry)) STRICT, WITHOUT ROWID;

CREATE TABLE people (
  person TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL CHECK (role IN ('observer', 'officer', 'supervisor', 'admin')),
  password_hash TEXT, made_us INTEGER NOT NULL, disabled_us INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE tokens (
  token_hash TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people, kind TEXT NOT NULL CHECK (kind IN ('session', 'token')), label TEXT NOT NULL,
  role TEXT CHECK (role IN ('observer', 'officer', 'supervisor', 'admin')),
  made_us INTEGER NOT NULL, expires_us INTEGER NOT NULL, used_us INTEGER, revoked_us INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_person ON tokens (person);

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
  previous TEXT NOT NULL, hash TEXT NOT NULL UNIQUE) STRICT;
CREATE INDEX audit_by_subject ON audit (subject);
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, topic TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL) STRICT;
"""
_KEPT = ("event_versions", "told", "alert_changes", "list_entries", "audit", "changes")  # rows of these are added and never touched again
_OF_REALM = ("event_versions", "alerts", "alert_changes", "cases")
_GUARDS = "".join(
    f"CREATE TRIGGER {table}_{deed.lower()} BEFORE {deed} ON {table} BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END;\n"
    for table in _KEPT
    for deed in ("UPDATE", "DELETE")
) + "".join(
    f"CREATE TRIGGER {table}_realm BEFORE INSERT ON {table} WHEN NEW.realm IS NOT (SELECT value FROM meta WHERE name = 'realm')"
    " BEGIN SELECT RAISE(ABORT, 'a row of another realm'); END;\n"
    for table in _OF_REALM
)
_EXCHANGE = """
CREATE TABLE releases (
  number INTEGER PRIMARY KEY AUTOINCREMENT, realm TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, label TEXT, at_us INTEGER NOT NULL,
  who TEXT NOT NULL, why TEXT) STRICT;
CREATE INDEX releases_by_object ON releases (kind, id, number);
CREATE TABLE release_decisions (
  partner TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, rule TEXT NOT NULL, allowed INTEGER NOT NULL,
  at_us INTEGER NOT NULL, PRIMARY KEY (partner, kind, id)) STRICT, WITHOUT ROWID;
CREATE TABLE said (
  number INTEGER PRIMARY KEY AUTOINCREMENT, realm TEXT NOT NULL, partner TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
  at_us INTEGER NOT NULL, who TEXT NOT NULL) STRICT;
CREATE TABLE partner_objects (
  origin TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, realm TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
  label TEXT NOT NULL, body TEXT NOT NULL, received_us INTEGER NOT NULL, PRIMARY KEY (origin, kind, id)) STRICT, WITHOUT ROWID;
CREATE INDEX partner_objects_by_time ON partner_objects (kind, received_us DESC);
CREATE TABLE partner_places (origin TEXT PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER releases_update BEFORE UPDATE ON releases BEGIN SELECT RAISE(ABORT, 'rows of releases are only ever added'); END;
CREATE TRIGGER releases_delete BEFORE DELETE ON releases BEGIN SELECT RAISE(ABORT, 'rows of releases are only ever added'); END;
CREATE TRIGGER releases_realm BEFORE INSERT ON releases WHEN NEW.realm IS NOT (SELECT value FROM meta WHERE name = 'realm')
  BEGIN SELECT RAISE(ABORT, 'a row of another realm'); END;
CREATE TRIGGER said_realm BEFORE INSERT ON said WHEN NEW.realm IS NOT (SELECT value FROM meta WHERE name = 'realm')
  BEGIN SELECT RAISE(ABORT, 'a row of another realm'); END;
CREATE TRIGGER partner_objects_realm BEFORE INSERT ON partner_objects WHEN NEW.realm IS NOT (SELECT value FROM meta WHERE name = 'realm')
  BEGIN SELECT RAISE(ABORT, 'a row of another realm'); END;
"""
_TALK = """
CREATE TABLE talk (
  number INTEGER PRIMARY KEY AUTOINCREMENT, realm TEXT NOT NULL, partner TEXT NOT NULL, is_ours INTEGER NOT NULL CHECK (is_ours IN (0, 1)),
  kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, label TEXT, body TEXT, at_us INTEGER NOT NULL, who TEXT, why TEXT) STRICT;
INSERT INTO talk SELECT number, realm, partner, 1, kind, id, 1, NULL, body, at_us, who, NULL FROM said;
DROP TABLE said;
CREATE INDEX talk_by_object ON talk (partner, is_ours, kind, id);
CREATE TABLE talk_arrived (number INTEGER PRIMARY KEY REFERENCES talk, at_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER talk_update BEFORE UPDATE ON talk BEGIN SELECT RAISE(ABORT, 'rows of talk are only ever added'); END;
CREATE TRIGGER talk_delete BEFORE DELETE ON talk BEGIN SELECT RAISE(ABORT, 'rows of talk are only ever added'); END;
CREATE TRIGGER talk_realm BEFORE INSERT ON talk WHEN NEW.realm IS NOT (SELECT value FROM meta WHERE name = 'realm')
  BEGIN SELECT RAISE(ABORT, 'a row of another realm'); END;
"""
_ABOUT = """
CREATE TABLE vessel_notes (
  number INTEGER PRIMARY KEY AUTOINCREMENT, realm TEXT NOT NULL, vessel_id TEXT NOT NULL, text TEXT NOT NULL, at_us INTEGER NOT NULL,
  who TEXT NOT NULL) STRICT;
CREATE INDEX vessel_notes_by_vessel ON vessel_notes (vessel_id);
CREATE TABLE vessel_photos (
  number INTEGER PRIMARY KEY AUTOINCREMENT, realm TEXT NOT NULL, vessel_id TEXT NOT NULL, sha256 TEXT NOT NULL, kind TEXT NOT NULL,
  bytes INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, caption TEXT, at_us INTEGER NOT NULL, who TEXT NOT NULL) STRICT;
CREATE INDEX vessel_photos_by_vessel ON vessel_photos (vessel_id);
CREATE INDEX vessel_photos_by_content ON vessel_photos (sha256);
CREATE TABLE vessel_withdrawn (
  what TEXT NOT NULL CHECK (what IN ('note', 'photo')), number INTEGER NOT NULL, at_us INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (what, number)) STRICT, WITHOUT ROWID;
"""
_ABOUT_GUARDS = "".join(
    f"CREATE TRIGGER {table}_{deed.lower()} BEFORE {deed} ON {table} BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END;\n"
    for table in ("vessel_notes", "vessel_photos", "vessel_withdrawn")
    for deed in ("UPDATE", "DELETE")
) + "".join(
    f"CREATE TRIGGER {table}_realm BEFORE INSERT ON {table} WHEN NEW.realm IS NOT (SELECT value FROM meta WHERE name = 'realm')"
    " BEGIN SELECT RAISE(ABORT, 'a row of another realm'); END;\n"
    for table in ("vessel_notes", "vessel_photos")
)
_HEADS = """
CREATE TABLE partner_heads (
  origin TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, head BLOB NOT NULL, PRIMARY KEY (origin, epoch, seq)) STRICT, WITHOUT ROWID;
"""
MIGRATIONS: tuple[str, ...] = (_FIRST + _GUARDS, _EXCHANGE, _TALK, _ABOUT + _ABOUT_GUARDS, _HEADS)
"""Scripts, each from one version of the form to the next; a script that was released is never edited."""


def prepare(connection: sqlite3.Connection, name: str, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the tables to the last version, within a transaction that is open already.

    Parameters
    ----------
    connection
        In a transaction that writes.
    name
        Of the file, for messages.
    migrations
        Scripts from version 0 on.

    Raises
    ------
    StateError
        If the file is another program's, or of a later version.
    """
    mark, version = (connection.execute(f"PRAGMA {p}").fetchone()[0] for p in ("application_id", "user_version"))
    there = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if there and mark != APPLICATION_ID:
        raise StateError(f"{name} is the database of another program (its mark is {mark:#x}); name the state of a node, or a new file", "conflict")
    if version > len(migrations):
        raise StateError(f"{name} has form {version}, and this program knows forms up to {len(migrations)}; use the newer program", "newer")
    for number in range(version, len(migrations)):
        for statement in _statements(migrations[number]):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number + 1}")
    if not there:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _statements(script: str) -> Iterator[str]:
    """One after the other, as `executescript` would commit in between."""
    held = ""
    for line in script.splitlines(keepends=True):
        held += line
        if sqlite3.complete_statement(held):
            yield held
            held = ""
    if held.strip():
        raise ValueError(f"a script of the schema ends in the middle of a statement: {held.strip()[:80]}")
