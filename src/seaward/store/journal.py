"""What was done -> two journals that only grow: `audit`, chained by hashes, of who did what; `changes`, numbered, for those who follow along."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from seaward.core.json_rows import encode
from seaward.core.tables import AT
from seaward.core.units import at_to_us
from seaward.store.codec import digest, table_of
from seaward.store.database import Database, moment

AUDIT = pl.Schema({"seq": pl.Int64, "at": AT, "who": pl.String, "action": pl.String, "subject": pl.String, "body": pl.String, "previous": pl.String,
                   "hash": pl.String})  # fmt: skip
_SELECT = "SELECT seq, at_us, who, action, subject, body, previous, hash FROM audit"


class Change(NamedTuple):
    """One row of the journal of changes; `body` is JSON."""

    seq: int
    at: datetime
    topic: str
    id: str
    body: str


class Head(NamedTuple):
    """The last row of the audit: its number, 0 while there is none, and its hash."""

    seq: int
    hash: str


class Verdict(NamedTuple):
    """How far a journal is proven: rows from the first one on; where it breaks, the number of the first broken row and what is wrong there.

    `problem` is null or one of: altered, missing, torn (does not follow from the row before), cut (shorter than a head noted before), forked (another
    row than one noted before), unreadable.
    """

    rows: int
    broken_at: int | None = None
    problem: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


class Journal(Database):
    """The journals; see `State`."""

    def note(self, topic: str, name: str, body: Mapping[str, Any], at: datetime) -> int:
        """Add one row to the journal of changes; its number comes back, one more than that of the row before."""
        with self.together() as c:
            values = (at_to_us(at), topic, name, encode(body))
            return int(c.execute("INSERT INTO changes (at_us, topic, id, body) VALUES (?, ?, ?, ?)", values).lastrowid or 0)

    def changes_after(self, seq: int, limit: int = 1000) -> list[Change]:
        """Rows after number `seq` in their order, at most `limit`; whoever asks on from the last one misses none and gets none twice."""
        found = self.rows("SELECT seq, at_us, topic, id, body FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
        return [Change(n, moment(at), topic, name, body) for n, at, topic, name, body in found]  # type: ignore[arg-type]

    def last_seq(self) -> int:
        """Number of the last row of the journal of changes; 0 while there is none."""
        return int(self.rows("SELECT coalesce(max(seq), 0) FROM changes")[0][0])

    def audit(self, who: str, action: str, subject: str, body: Mapping[str, Any], at: datetime) -> Head:
        """Add to the audit log that somebody did, or was refused, something.

        Parameters
        ----------
        who
            A person, or a part of the node.
        action
            A word with a dot, such as `alert.dismissed` or `signin.refused`.
        subject
            What it was done to.
        body
            All the rest; never a password or token.
        at
            When.

        Returns
        -------
        The row's number and hash. A partner who keeps it can show later that nothing before it was changed.
        """
        with self.together() as c:
            before = self.audit_head()
            values = (before.seq + 1, at_to_us(at), who, action, subject, encode(body), before.hash)
            row_hash = self._row_hash(*values)
            c.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, row_hash))
            return Head(before.seq + 1, row_hash)

    def audit_head(self) -> Head:
        """The last row of the audit; before the first, the hash that the first one carries on from."""
        found = self.rows("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        return Head(*found[0]) if found else Head(0, self._origin())

    def audit_rows(self, *, subject: str | None = None, who: str | None = None, after: int = 0, limit: int = 1000) -> pl.DataFrame:
        """Rows of the audit in their order; of one subject or person where one is given."""
        wanted = [("seq > ?", after), ("subject = ?", subject), ("who = ?", who)]
        where = [(text, value) for text, value in wanted if value is not None]
        query = f"{_SELECT} WHERE {' AND '.join(text for text, _ in where)} ORDER BY seq LIMIT ?"
        found = self.rows(query, (*(value for _, value in where), limit))
        return table_of(found, AUDIT)

    def audit_last(self, action: str, limit: int) -> pl.DataFrame:
        """The last rows of the audit with an action, the newest first."""
        return table_of(self.rows(f"{_SELECT} WHERE action = ? ORDER BY seq DESC LIMIT ?", (action, limit)), AUDIT)

    def verify_audit(self, noted: Head | None = None) -> Verdict:
        """Follow the chain from its beginning.

        Parameters
        ----------
        noted
            A head kept elsewhere: without it, rows cut off at the end, or a chain written anew as a whole, cannot be told.
        """
        previous, count = self._origin(), 0
        with self.reading() as c:
            for seq, *rest in c.execute(f"{_SELECT} ORDER BY seq"):
                if seq != count + 1:
                    return Verdict(count, count + 1, "missing")
                if rest[-2] != previous:
                    return Verdict(count, seq, "torn")
                if self._row_hash(seq, *rest[:-1]) != rest[-1]:
                    return Verdict(count, seq, "altered")
                if noted is not None and noted.seq == seq and noted.hash != rest[-1]:
                    return Verdict(count, seq, "forked")
                previous, count = rest[-1], seq
        if noted is not None and noted.seq > count:
            return Verdict(count, count + 1, "cut")
        return Verdict(count)

    def _origin(self) -> str:
        return digest("seaward audit/1", self.realm)

    def _row_hash(self, *values: Any) -> str:
        return digest("seaward audit/1", self.realm, *(str(v) for v in values))
