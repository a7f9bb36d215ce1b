"""Alerts with every change of them, and the cases that validated ones become -> kept with their audit rows, read back as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from seaward.core.errors import StateError
from seaward.core.json_rows import encode
from seaward.core.tables import ALERT_CHANGES, ALERTS, CASES
from seaward.core.units import at_to_us
from seaward.store.codec import AMONG, decode, digest, listed, table_of
from seaward.store.journal import Journal

_SHOWN = ("revision", "state", "priority", "mark", "rule", "kind", "vessel_ids", "start_at", "end_at", "ongoing", "lon_deg", "lat_deg", "probability",
          "areas", "raised_at", "changed_at", "changed_by", "merged_into", "assigned_to")  # fmt: skip
_CHANGE = "realm, alert_id, revision, at_us, who, verb, state, priority, why, body"
_CASE = """realm, alert_id, state, kind, (SELECT json_group_array(vessel_id) FROM (SELECT vessel_id FROM case_vessels v
    WHERE v.alert_id = c.alert_id ORDER BY vessel_id)), start_us, opened_us, opened_by, changed_us, changed_by, why"""


class KeptAlerts(Journal):
    """Alerts and cases; see `State`."""

    def keep_alert(self, alert: Mapping[str, Any], change: Mapping[str, Any]) -> int:
        """Keep an alert as a change leaves it, the change itself, its row in the audit and its row in the changes, all or none.

        Parameters
        ----------
        alert
            A row of ALERTS; its revision is one more than the kept one, or 1.
        change
            The row of ALERT_CHANGES that led to it.

        Returns
        -------
        The number of the change (topic `alert`).

        Raises
        ------
        RealmError
            If it is of another realm.
        StateError
            If somebody else changed it meanwhile (`conflict`), or for a reason of the disk.
        """
        self.of_realm([alert["realm"], change["realm"]])
        alert_id, revision, payload = alert["alert_id"], alert["revision"], encode(alert)
        with self.together() as c:
            there = c.execute("SELECT revision FROM alerts WHERE alert_id = ?", (alert_id,)).fetchone()
            if (there[0] if there else 0) != revision - 1 or (change["alert_id"], change["revision"]) != (alert_id, revision):
                kept = f"its revision is {there[0]}" if there else "there is none"
                raise StateError(f"alert {alert_id} was changed meanwhile ({kept}, and {revision} was to follow it); look at it again", "conflict")
            values = (alert_id, alert["realm"], revision, alert["state"], alert["mark"], alert["rule"], alert["priority"],
                      *(at_to_us(alert[name]) for name in ("start_at", "end_at", "raised_at")), payload, digest(payload))  # fmt: skip
            if there:
                c.execute(
                    "UPDATE alerts SET realm = ?2, revision = ?3, state = ?4, mark = ?5, rule = ?6, priority = ?7, start_us = ?8, end_us = ?9,"
                    " raised_us = ?10, payload = ?11, digest = ?12 WHERE alert_id = ?1",
                    values,
                )
            else:
                c.execute("INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            for table, names in (("alert_vessels", alert["vessel_ids"]), ("alert_events", [m["event_id"] for m in alert["members"]])):
                c.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", [(name, alert_id) for name in names])
            row = {name: change[name] for name in ALERT_CHANGES.schema}
            c.execute(f"INSERT INTO alert_changes ({_CHANGE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [*(row | {"at": at_to_us(row["at"])}).values()])
            said = {"revision": revision, "state": row["state"], "priority": row["priority"], "why": row["why"], "digest": digest(encode(row))}
            self.audit(change["who"], f"alert.{change['verb']}", alert_id, said, change["at"])
            return self.note("alert", alert_id, {name: alert[name] for name in _SHOWN} | {"verb": change["verb"]}, change["at"])

    def alert(self, alert_id: str) -> dict[str, Any] | None:
        """One alert as a row of ALERTS; None where there is none of that name."""
        found = self.rows("SELECT payload FROM alerts WHERE alert_id = ?", (alert_id,))
        return _alerts([r[0] for r in found]).row(0, named=True) if found else None

    def alert_names(self, beginning: str, limit: int = 6) -> list[str]:
        """Names of alerts that begin so, in their order."""
        query = "SELECT alert_id FROM alerts WHERE alert_id >= ? AND alert_id < ? ORDER BY alert_id LIMIT ?"
        return [r[0] for r in self.rows(query, (beginning, beginning + "\U0010ffff", limit))]

    def alerts(
        self,
        *,
        alert_ids: Iterable[str] | None = None,
        states: Iterable[str] | None = None,
        priorities: Iterable[str] | None = None,
        rules: Iterable[str] | None = None,
        vessel_ids: Iterable[str] | None = None,
        event_ids: Iterable[str] | None = None,
        marked: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        raised: tuple[datetime, datetime] | None = None,
        limit: int | None = None,
    ) -> pl.DataFrame:
        """Alerts as they stand, as ALERTS, the last raised first.

        Parameters
        ----------
        alert_ids, states, priorities, rules
            Only of these.
        vessel_ids, event_ids
            Only those that have, or had, one of these vessels or events.
        marked
            False: only those that still ask for something (none that was withdrawn, lapsed or merged); True: only the others; None: all.
        since, until
            Only those whose events ended after `since` and began before `until`.
        raised
            Only those raised from the first moment until before the second.
        limit
            At most so many.
        """
        parts: list[tuple[str, list[Any]]] = [("1", [])]
        for column, wanted in (("alert_id", alert_ids), ("state", states), ("priority", priorities), ("rule", rules)):
            if wanted is not None:
                parts.append((f"{column} {AMONG}", [listed(wanted)]))
        for table, column, wanted in (("alert_vessels", "vessel_id", vessel_ids), ("alert_events", "event_id", event_ids)):
            if wanted is not None:
                parts.append((f"alert_id IN (SELECT alert_id FROM {table} WHERE {column} {AMONG})", [listed(wanted)]))
        if marked is not None:
            parts.append((f"mark IS {'NOT ' if marked else ''}NULL", []))
        if since is not None:
            parts.append(("end_us >= ?", [at_to_us(since)]))
        if until is not None:
            parts.append(("start_us <= ?", [at_to_us(until)]))
        if raised is not None:
            parts.append(("raised_us >= ? AND raised_us < ?", [at_to_us(t) for t in raised]))
        query = f"SELECT payload FROM alerts WHERE {' AND '.join(p for p, _ in parts)} ORDER BY raised_us DESC, alert_id LIMIT ?"
        found = self.rows(query, [*(v for _, values in parts for v in values), -1 if limit is None else limit])
        return _alerts([r[0] for r in found])

    def alert_changes(
        self, *, alert_id: str | None = None, since: datetime | None = None, until: datetime | None = None, by_people: bool = False,
        limit: int | None = None,
    ) -> pl.DataFrame:  # fmt: skip
        """Changes as ALERT_CHANGES, the first one first: of one alert, or of all from `since` until before `until`; perhaps only by people."""
        query = f"""SELECT {_CHANGE} FROM alert_changes WHERE alert_id = coalesce(?, alert_id) AND at_us >= coalesce(?, at_us)
            AND at_us < coalesce(?, at_us + 1) {"AND who != 'watch'" if by_people else ""}
            ORDER BY {"revision" if alert_id else "at_us, alert_id, revision"} LIMIT ?"""
        bounds = [None if t is None else at_to_us(t) for t in (since, until)]
        return table_of(self.rows(query, (alert_id, *bounds, -1 if limit is None else limit)), ALERT_CHANGES.schema)

    def changes_then(self, at: datetime, states: Iterable[str] | None = None, alert_id: str | None = None) -> pl.DataFrame:
        """All changes until a moment, as ALERT_CHANGES by alert and revision, of the alerts that were then in one of these states."""
        among = "" if states is None else f"AND l.state {AMONG}"
        query = f"""SELECT {_CHANGE} FROM alert_changes WHERE at_us <= ?1 AND alert_id IN (SELECT l.alert_id FROM alert_changes l WHERE l.at_us <= ?1
            AND l.alert_id = coalesce(?2, l.alert_id) {among.replace("?", "?3")} AND NOT EXISTS (SELECT 1 FROM alert_changes n
            WHERE n.alert_id = l.alert_id AND n.revision > l.revision AND n.at_us <= ?1)) ORDER BY alert_id, revision"""
        values = (at_to_us(at), alert_id, *(() if states is None else (listed(states),)))
        return table_of(self.rows(query, values), ALERT_CHANGES.schema)

    def open_case(self, alert: Mapping[str, Any], who: str, why: str | None, at: datetime) -> None:
        """Keep a validated alert as a case in the history of its vessels; a case that was withdrawn or closed is opened again."""
        self.of_realm([alert["realm"]])
        with self.together() as c:
            values = (alert["alert_id"], alert["realm"], alert["kind"], at_to_us(alert["start_at"]), at_to_us(at), who, at_to_us(at), who, why)
            c.execute(
                "INSERT INTO cases VALUES (?, ?, 'open', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (alert_id) DO UPDATE SET state = 'open',"
                " changed_us = excluded.changed_us, changed_by = excluded.changed_by, why = excluded.why",
                values,
            )
            c.executemany("INSERT OR IGNORE INTO case_vessels VALUES (?, ?)", [(v, alert["alert_id"]) for v in alert["vessel_ids"]])
            self._case_told(alert["alert_id"], "open", who, why, at)

    def change_case(self, alert_id: str, state: str, who: str, why: str | None, at: datetime) -> None:
        """Withdraw or close the case of an alert, or open it again; where there is none, nothing happens."""
        with self.together() as c:
            values = (state, at_to_us(at), who, why, alert_id)
            changed = c.execute("UPDATE cases SET state = ?, changed_us = ?, changed_by = ?, why = ? WHERE alert_id = ?", values).rowcount
            if changed:
                self._case_told(alert_id, state, who, why, at)

    def _case_told(self, alert_id: str, state: str, who: str, why: str | None, at: datetime) -> None:
        self.audit(who, f"case.{state}", alert_id, {"why": why}, at)
        self.note("case", alert_id, {"state": state}, at)

    def cases(self, *, vessel_ids: Iterable[str] | None = None, states: Iterable[str] | None = None) -> pl.DataFrame:
        """Cases as CASES, the last opened first."""
        parts: list[tuple[str, list[Any]]] = [("1", [])]
        if vessel_ids is not None:
            parts.append((f"alert_id IN (SELECT alert_id FROM case_vessels WHERE vessel_id {AMONG})", [listed(vessel_ids)]))
        if states is not None:
            parts.append((f"state {AMONG}", [listed(states)]))
        query = f"SELECT {_CASE} FROM cases c WHERE {' AND '.join(p for p, _ in parts)} ORDER BY opened_us DESC, alert_id"
        return table_of(self.rows(query, [v for _, values in parts for v in values]), CASES.schema)


def _alerts(payloads: list[str]) -> pl.DataFrame:
    return decode(payloads, ALERTS)
