"""Watch lists and silences -> kept with who gave them and when they ended, read back as tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from seaward.core.errors import InputError, StateError
from seaward.core.json_rows import encode
from seaward.core.split import split
from seaward.core.tables import AT, SILENCES, WATCH_LIST
from seaward.core.units import at_to_us
from seaward.store.codec import digest, table_of
from seaward.store.journal import Journal

LISTS = pl.Schema({"list": pl.String, "source": pl.String, "digest": pl.String, "entries": pl.Int64, "added_at": AT, "added_by": pl.String})
_SILENCE = ("alert_id", "vessel_id", "rule", "area", "kind", "priority", "since_at", "until_at", "made_by", "why")


class KeptLists(Journal):
    """Watch lists and silences; see `State`."""

    def keep_list(self, name: str, source: str, entries: pl.DataFrame, who: str, at: datetime) -> None:
        """Keep a watch list; one of that name that is in use is ended, not erased.

        Parameters
        ----------
        name
            Of the list.
        source
            Where it came from, such as the name of the file.
        entries
            WATCH_LIST, all of this name.
        who, at
            Who gave it, when.

        Raises
        ------
        RealmError, InputError, StateError
            As for events.
        """
        self.of_realm(entries["realm"].cast(pl.String).to_list())
        good, bad = split(entries, WATCH_LIST)
        if not bad.is_empty() or good.is_empty() or good["list"].unique().to_list() != [name]:
            raise InputError(f"the list {name!r} has {len(bad)} rows that break its rules, or rows of another list, or none; nothing was kept")
        rows = good.select("row", "mmsi", "imo", "name", "callsign", "note").rows()
        with self.together() as c:
            c.execute("UPDATE lists SET removed_us = ?, removed_by = ? WHERE name = ? AND removed_us IS NULL", (at_to_us(at), who, name))
            values = (name, source, digest(encode({"rows": rows})), at_to_us(at), who)
            number = c.execute("INSERT INTO lists (name, source, digest, added_us, added_by) VALUES (?, ?, ?, ?, ?)", values).lastrowid
            c.executemany("INSERT INTO list_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [(number, n, *row) for n, row in enumerate(rows)])
            self.audit(who, "list.added", name, {"source": source, "digest": values[2], "entries": len(rows)}, at)
            self.note("list", name, {"entries": len(rows)}, at)

    def remove_list(self, name: str, who: str, at: datetime) -> bool:
        """End a watch list; False where none of that name is in use."""
        with self.together() as c:
            values = (at_to_us(at), who, name)
            if not c.execute("UPDATE lists SET removed_us = ?, removed_by = ? WHERE name = ? AND removed_us IS NULL", values).rowcount:
                return False
            self.audit(who, "list.removed", name, {}, at)
            self.note("list", name, {"entries": 0}, at)
            return True

    def lists(self) -> pl.DataFrame:
        """The lists in use: list, source, digest, entries, added_at, added_by."""
        query = """SELECT name, source, digest, (SELECT count(*) FROM list_entries e WHERE e.list_no = l.list_no), added_us, added_by
            FROM lists l WHERE removed_us IS NULL ORDER BY name"""
        return table_of(self.rows(query), LISTS)

    def list_entries(self, name: str | None = None) -> pl.DataFrame:
        """Entries of the lists in use, or of one of them, as WATCH_LIST."""
        query = """SELECT ?, l.name, e.row, e.mmsi, e.imo, e.name, e.callsign, e.note FROM list_entries e JOIN lists l USING (list_no)
            WHERE l.removed_us IS NULL AND l.name = coalesce(?, l.name) ORDER BY l.name, e.entry"""
        return table_of(self.rows(query, (self.realm, name)), WATCH_LIST.schema)

    def keep_silence(self, silence: dict[str, Any], at: datetime) -> int:
        """Keep a silence and return its number.

        Parameters
        ----------
        silence
            A row of SILENCES without number and lifting: what it is for, the highest priority it holds for, from when to when, by whom and why.
        at
            When it is made.

        Raises
        ------
        StateError
            If it names nothing it is for, or no end and no alert (`conflict`), or for a reason of the disk.
        """
        self.of_realm([silence["realm"]])
        with self.together() as c:
            values = [at_to_us(v) if isinstance(v, datetime) else v for v in (silence[name] for name in _SILENCE)]
            columns = ", ".join(name.replace("_at", "_us") for name in _SILENCE)
            number = int(c.execute(f"INSERT INTO silences ({columns}) VALUES ({', '.join('?' * len(values))})", values).lastrowid or 0)
            self.audit(silence["made_by"], "silence.made", str(number), {name: silence[name] for name in _SILENCE}, at)
            self.note("silence", str(number), {"made": True}, at)
            return number

    def lift_silence(self, silence_id: int, who: str, at: datetime) -> None:
        """End a silence before its time; StateError (`conflict`) where there is none of that number that still holds."""
        with self.together() as c:
            values = (at_to_us(at), who, silence_id)
            if not c.execute("UPDATE silences SET lifted_us = ?, lifted_by = ? WHERE silence_id = ? AND lifted_us IS NULL", values).rowcount:
                raise StateError(f"there is no silence {silence_id} that could be lifted; see which there are", "conflict")
            self.audit(who, "silence.lifted", str(silence_id), {}, at)
            self.note("silence", str(silence_id), {"made": False}, at)

    def silences(self, at: datetime | None = None) -> pl.DataFrame:
        """Silences as SILENCES: all, or those that hold at a moment."""
        columns = ", ".join(name.replace("_at", "_us") for name in (*_SILENCE, "lifted_at"))
        query = f"SELECT ?1, silence_id, {columns}, lifted_by FROM silences ORDER BY silence_id"
        found = table_of(self.rows(query, (self.realm,)), SILENCES.schema)
        if at is None:
            return found
        return found.filter(
            pl.col("since_at") <= at,
            pl.col("until_at").is_null() | (pl.col("until_at") > at),
            pl.col("lifted_at").is_null() | (pl.col("lifted_at") > at),
        )
