"""Event versions, who was told of which, and what the alert rules made of each -> kept, and read back as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from seaward.core.errors import InputError, StateError
from seaward.core.json_rows import encode
from seaward.core.split import split
from seaward.core.tables import AT, EVENTS
from seaward.core.units import at_to_us
from seaward.store.codec import AMONG, decode, digest, listed, table_of
from seaward.store.journal import Journal

TOLD = pl.Schema({"event_id": pl.String, "version": pl.UInt32, "whom": pl.String, "at": AT})
VERDICTS = pl.Schema({"event_id": pl.String, "version": pl.UInt32, "verdict": pl.String, "rule": pl.String, "at": AT})
_SHOWN = ("version", "state", "kind", "start_at", "end_at", "vessel_ids", "lon_deg", "lat_deg", "probability", "areas")
_LATEST = "NOT EXISTS (SELECT 1 FROM event_versions n WHERE n.event_id = e.event_id AND n.version > e.version)"


class KeptEvents(Journal):
    """Events; see `State`."""

    def record_events(self, versions: pl.DataFrame, at: datetime) -> list[int]:
        """Keep event versions, all or none; one that is kept already, the same in every field, is passed over.

        Parameters
        ----------
        versions
            EVENTS.
        at
            When they are published.

        Returns
        -------
        The numbers of the changes that tell of them (topic `event`), one for each version that is new, in the order of the rows.

        Raises
        ------
        RealmError
            If a row is of another realm.
        InputError
            If a row breaks the rules of the table.
        StateError
            If another content is kept under that name and version (`conflict`), or for a reason of the disk.
        """
        self.of_realm(versions["realm"].cast(pl.String).to_list() if "realm" in versions.columns else [None])
        good, bad = split(versions, EVENTS)
        if not bad.is_empty():
            raise InputError(f"{len(bad)} events break the rules of their table, the first {bad['rule'][0]} ({bad['value'][0]}); none was kept")
        with self.together():
            kept = [self._record(row, at) for row in good.with_columns(pl.col("realm").cast(pl.String)).iter_rows(named=True)]
        return [seq for seq in kept if seq is not None]

    def _record(self, row: dict[str, Any], at: datetime) -> int | None:
        payload = encode(row)
        with self.together() as c:
            there = c.execute("SELECT payload FROM event_versions WHERE event_id = ? AND version = ?", (row["event_id"], row["version"])).fetchone()
            if there:
                if there[0] != payload:
                    what = f"version {row['version']} of event {row['event_id']}"
                    raise StateError(
                        f"{what} is kept with another content; what was published is never overwritten: give it the next version", "conflict"
                    )
                return None
            c.execute(
                "INSERT INTO event_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (row["event_id"], row["version"], row["realm"], row["state"], row["kind"], at_to_us(row["start_at"]), at_to_us(row["end_at"]),
                 payload, digest(payload), at_to_us(at)),
            )  # fmt: skip
            c.executemany("INSERT OR IGNORE INTO event_vessels VALUES (?, ?)", [(v, row["event_id"]) for v in row["vessel_ids"]])
        return self.note("event", row["event_id"], {name: row[name] for name in _SHOWN}, at)

    def event_versions(self, event_id: str) -> pl.DataFrame:
        """All versions of one event, the first one first, as EVENTS with `published_at`; empty where there is none."""
        found = self.rows("SELECT payload, published_us FROM event_versions WHERE event_id = ? ORDER BY version", (event_id,))
        return _published(found)

    def latest_events(
        self,
        *,
        event_ids: Iterable[str] | None = None,
        vessel_ids: Iterable[str] | None = None,
        kinds: Iterable[str] | None = None,
        states: Iterable[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> pl.DataFrame:
        """The last version of each event, as EVENTS with `published_at`, by start and name.

        Parameters
        ----------
        event_ids, vessel_ids, kinds, states
            Only of these.
        since, until
            Only those that ended after `since` and began before `until`.
        limit
            At most so many, the last to end first.
        """
        parts: list[tuple[str, list[Any]]] = [(_LATEST, [])]
        for column, wanted in (("event_id", event_ids), ("kind", kinds), ("state", states)):
            if wanted is not None:
                parts.append((f"e.{column} {AMONG}", [listed(wanted)]))
        if vessel_ids is not None:
            parts.append((f"e.event_id IN (SELECT event_id FROM event_vessels WHERE vessel_id {AMONG})", [listed(vessel_ids)]))
        if since is not None:
            parts.append(("e.end_us >= ?", [at_to_us(since)]))
        if until is not None:
            parts.append(("e.start_us <= ?", [at_to_us(until)]))
        query = f"SELECT payload, published_us FROM event_versions e WHERE {' AND '.join(p for p, _ in parts)} ORDER BY end_us DESC, event_id LIMIT ?"
        found = self.rows(query, [*(v for _, values in parts for v in values), -1 if limit is None else limit])
        return _published(found).sort("start_at", "event_id")

    def events_then(
        self, at: datetime, *, vessel_ids: Iterable[str] | None = None, since: datetime | None = None, alerted: bool | None = None, limit: int = -1
    ) -> pl.DataFrame:
        """The last version of each event that had been published by a moment, as EVENTS with `published_at`, by start and name.

        Parameters
        ----------
        at
            The moment.
        vessel_ids
            Only of these.
        since
            Only those that ended after it.
        alerted
            True: only those of alerts that had been raised by then; False: only the others.
        limit
            At most so many, the last to end first.
        """
        at_us = at_to_us(at)
        later = "SELECT 1 FROM event_versions n WHERE n.event_id = e.event_id AND n.version > e.version AND n.published_us <= ?"
        parts: list[tuple[str, list[Any]]] = [("e.published_us <= ?", [at_us]), (f"NOT EXISTS ({later})", [at_us])]
        if vessel_ids is not None:
            parts.append((f"e.event_id IN (SELECT event_id FROM event_vessels WHERE vessel_id {AMONG})", [listed(vessel_ids)]))
        if since is not None:
            parts.append(("e.end_us >= ?", [at_to_us(since)]))
        if alerted is not None:
            told = "SELECT 1 FROM alert_events a JOIN alerts l USING (alert_id) WHERE a.event_id = e.event_id AND l.raised_us <= ?"
            parts.append((f"{'' if alerted else 'NOT '}EXISTS ({told})", [at_us]))
        query = f"SELECT payload, published_us FROM event_versions e WHERE {' AND '.join(p for p, _ in parts)} ORDER BY end_us DESC, event_id LIMIT ?"
        return _published(self.rows(query, [*(v for _, values in parts for v in values), limit])).sort("start_at", "event_id")

    def event_names(self, since: datetime) -> list[str]:
        """Events that ended after a moment, by start and name."""
        query = f"SELECT event_id FROM event_versions e WHERE {_LATEST} AND e.end_us >= ? ORDER BY start_us, event_id"
        return [row[0] for row in self.rows(query, (at_to_us(since),))]

    def told(self, event_id: str, version: int, whom: str, at: datetime) -> bool:
        """Keep that somebody was told of a version; False where that was kept before."""
        with self.together() as c:
            return c.execute("INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?)", (event_id, version, whom, at_to_us(at))).rowcount > 0

    def not_told(self, versions: Sequence[tuple[str, int]], whom: str) -> set[tuple[str, int]]:
        """Of event versions, those of which it is not kept that somebody was told."""
        query = f"SELECT event_id, version FROM told WHERE whom = ? AND event_id {AMONG}"
        return set(versions) - set(self.rows(query, (whom, listed(name for name, _ in versions))))

    def who_was_told(self, event_id: str) -> pl.DataFrame:
        """Who was told of which version of an event, and when."""
        found = self.rows("SELECT event_id, version, whom, at_us FROM told WHERE event_id = ? ORDER BY at_us, whom, version", (event_id,))
        return table_of(found, TOLD)

    def everyone_told(self) -> pl.DataFrame:
        """Who was told of which version of which event, the first one first."""
        return table_of(self.rows("SELECT event_id, version, whom, at_us FROM told ORDER BY at_us, event_id, whom, version"), TOLD)

    def keep_verdicts(self, verdicts: Iterable[tuple[str, int, str, str | None]], at: datetime) -> None:
        """Keep what the rules made of event versions: event_id, version, verdict, rule; the last of each event stands."""
        with self.together() as c:
            c.executemany(
                "INSERT INTO verdicts VALUES (?, ?, ?, ?, ?) ON CONFLICT (event_id) DO UPDATE SET version = excluded.version,"
                " verdict = excluded.verdict, rule = excluded.rule, at_us = excluded.at_us"
                " WHERE (version, verdict, rule) IS NOT (excluded.version, excluded.verdict, excluded.rule)",
                [(event_id, version, verdict, rule, at_to_us(at)) for event_id, version, verdict, rule in verdicts],
            )

    def verdicts(self, *, verdict: str | None = None, event_id: str | None = None) -> pl.DataFrame:
        """What the rules made of events: raised, or why not."""
        query = (
            "SELECT event_id, version, verdict, rule, at_us FROM verdicts WHERE verdict = coalesce(?, verdict) AND event_id = coalesce(?, event_id)"
        )
        return table_of(self.rows(f"{query} ORDER BY at_us, event_id", (verdict, event_id)), VERDICTS)


def _published(found: Sequence[tuple[str, int]]) -> pl.DataFrame:
    rows = decode([payload for payload, _ in found], EVENTS)
    return rows.with_columns(pl.Series("published_at", [at for _, at in found], pl.Int64).cast(AT))
