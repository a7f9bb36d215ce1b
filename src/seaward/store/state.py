"""The state of a node in one SQLite file: events in all versions, alerts with every change, cases, lists, silences, people, audit, changes.

schema      the tables and their versions            database     connections, transactions, errors
codec       rows <-> JSON                            journal      audit (chained by hashes) and changes (numbered)
kept_events, kept_alerts, kept_lists, kept_people, kept_exchange, kept_talk, kept_about    what is kept, by subject;
kept_pages  a page of it                             photos       pictures that are safe, and their files
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from seaward.core.json_rows import encode
from seaward.store.codec import digest
from seaward.store.kept_about import KeptAbout
from seaward.store.kept_alerts import KeptAlerts
from seaward.store.kept_events import KeptEvents
from seaward.store.kept_exchange import KeptExchange
from seaward.store.kept_lists import KeptLists
from seaward.store.kept_pages import KeptPages
from seaward.store.kept_people import KeptPeople


class State(KeptEvents, KeptAlerts, KeptLists, KeptPeople, KeptExchange, KeptAbout, KeptPages):
    """What a node knows that must not be lost; `State.open(path, realm)`, a context manager.

    Every write waits for the disk and is whole or not there. `with state.together():` makes several of them one. Reads see what was committed,
    from any thread. The moment (`at`) of everything is given: nothing here looks at a clock.

    Limits
    ------
    Journals are never cut: some 1 kB an event version and 3 kB an alert change. Who can write the file can write the audit anew as a whole: keep
    `audit_head()` elsewhere too. Rows of people, lists, silences and cases carry no hash of their own; the audit holds what was done to them.
    """

    def problems(self) -> list[str]:
        """What is wrong with what is kept, in words; empty where all is well. Reads everything: seconds to minutes."""
        found = [f"SQLite: {row[0]}" for row in self.rows("PRAGMA integrity_check(20)") if row[0] != "ok"]
        found += [f"table {row[0]}, row {row[1]}: it refers to a row of {row[2]} that is not there" for row in self.rows("PRAGMA foreign_key_check")]
        verdict = self.verify_audit()
        if not verdict.is_whole:
            found.append(f"audit, row {verdict.broken_at}: {verdict.problem}")
        for what, query in (
            ("version {1} of event {0}", "SELECT event_id, version, digest, payload FROM event_versions ORDER BY 1, 2"),
            ("alert {0} in revision {1}", "SELECT alert_id, revision, digest, payload FROM alerts ORDER BY 1"),
        ):
            with self.reading() as c:
                found += [what.format(*row) + ": altered" for *row, kept, payload in c.execute(query) if digest(payload) != kept]
        return found + self._altered_changes() + self._about_problems()

    def _altered_changes(self) -> list[str]:
        """Changes of alerts that are not what the audit says of them, and alerts that are not what their changes make of them."""
        said = {(alert, body.get("revision")): body.get("digest") for alert, body in self._audited()}
        found, grown = [], dict[str, dict[str, Any]]()
        for row in self.alert_changes().with_columns(pl.col("realm").cast(pl.String)).iter_rows(named=True):
            if said.pop((row["alert_id"], row["revision"]), None) != digest(encode(row)):
                found.append(f"change {row['revision']} of alert {row['alert_id']}: altered")
            grown.setdefault(row["alert_id"], {}).update(_parsed(row["body"]))
        found += [f"change {revision} of alert {alert}: missing" for alert, revision in said]
        kept = dict(self.rows("SELECT alert_id, payload FROM alerts"))
        return found + [f"alert {a}: not what its changes say" for a in sorted(kept.keys() | grown) if _parsed(kept.get(a, "{}")) != grown.get(a)]

    def _audited(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for subject, body in self.rows("SELECT subject, body FROM audit WHERE action GLOB 'alert.*' ORDER BY seq"):
            yield subject, _parsed(body)


def _parsed(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
