"""What goes to other nations and what comes from them -> kept: who released what, what the gate said, what partners sent and how far it was taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from seaward.core.tables import AT, PARTNER_OBJECTS
from seaward.core.units import at_to_us
from seaward.store.codec import AMONG, listed, table_of
from seaward.store.database import moment
from seaward.store.kept_talk import KeptTalk, is_said

_DECISIONS = pl.Schema(
    {"partner": pl.String, "kind": pl.String, "id": pl.String, "version": pl.UInt32, "rule": pl.String, "allowed": pl.Int8, "at": AT}
)
_HEADS = 1_024  # hashes of batches kept of a partner: as many as the receiver itself keeps
_AT_PLACE = "INSERT INTO partner_places VALUES (?, ?, ?) ON CONFLICT (origin) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq"
_FORGET_HEADS = """DELETE FROM partner_heads WHERE origin = ? AND (epoch, seq) IN
    (SELECT epoch, seq FROM partner_heads WHERE origin = ? ORDER BY epoch DESC, seq DESC LIMIT -1 OFFSET ?)"""
Place = tuple[int, int, bytes]  # epoch, number and hash of a batch
Decision = tuple[str, str, str, int, str, bool]  # partner, kind, id, version, rule, and whether it may go


class Release(NamedTuple):
    """What a person decided about an object: its label as JSON, None where it was taken back."""

    kind: str
    id: str
    label: str | None
    at: datetime
    who: str
    why: str | None


class KeptExchange(KeptTalk):
    """The exchange; see `State`."""

    # -- out

    def release(self, kind: str, name: str, label: str | None, who: str, why: str | None, at: datetime) -> None:
        """Keep that somebody released an object under a label, or (None) took it back; the audit and the journal of changes (`release`) say so.

        Parameters
        ----------
        kind, name
            What it is, such as `event`, and its id.
        label
            JSON, as `label.schema.json`.
        who, why, at
            Of the decision.
        """
        with self.together() as c:
            values = (self.realm, kind, name, label, at_to_us(at), who, why)
            c.execute("INSERT INTO releases (realm, kind, id, label, at_us, who, why) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            self.audit(who, "exchange.released" if label else "exchange.taken_back", f"{kind} {name}", {"label": label, "why": why}, at)
            self.note("release", name, {"kind": kind, "released": label is not None}, at)

    def release_of(self, kind: str, name: str) -> Release | None:
        """What was decided last about an object; None where nobody decided anything."""
        found = self.rows(
            "SELECT kind, id, label, at_us, who, why FROM releases WHERE kind = ? AND id = ? ORDER BY number DESC LIMIT 1", (kind, name)
        )
        return Release(*found[0][:3], moment(found[0][3]), *found[0][4:]) if found else None  # type: ignore[arg-type]

    def labels_of(self, kind: str, names: Iterable[str]) -> dict[str, str | None]:
        """The label, as JSON, that was given last to each object of a kind; None: it was taken back. Of what nobody decided about, nothing."""
        query = f"SELECT id, label FROM releases WHERE kind = ? AND id {AMONG} ORDER BY number"
        return dict(self.rows(query, (kind, listed(names))))

    def not_decided(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Of what the gate says now, what it did not say last of that object: `decided` is to keep it."""
        query = f"SELECT partner, kind, id, version, rule, allowed FROM release_decisions WHERE partner = ? AND kind = ? AND id {AMONG}"
        objects: dict[tuple[str, str], list[str]] = {}
        for partner, kind, name, *_ in decisions:
            objects.setdefault((partner, kind), []).append(name)
        kept = {(*row[:5], bool(row[5])) for key, names in objects.items() for row in self.rows(query, (*key, listed(names)))}
        return [d for d in decisions if d not in kept]

    def decided(self, partner: str, kind: str, name: str, version: int, rule: str, allowed: bool, at: datetime) -> bool:
        """Keep, and audit, what the gate said of an object for a partner; False where it said the same of that version before."""
        with self.together() as c:
            row = (partner, kind, name, version, rule, int(allowed), at_to_us(at))
            query = """INSERT INTO release_decisions VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (partner, kind, id) DO UPDATE SET
                version = excluded.version, rule = excluded.rule, allowed = excluded.allowed, at_us = excluded.at_us
                WHERE (version, rule, allowed) IS NOT (excluded.version, excluded.rule, excluded.allowed)"""
            if not c.execute(query, row).rowcount:
                return False
            body = {"partner": partner, "version": version, "rule": rule}
            self.audit("exchange", "exchange.granted" if allowed else "exchange.withheld", f"{kind} {name}", body, at)
            return True

    def decisions(self, limit: int) -> pl.DataFrame:
        """What the gate said last of each object for each partner, the newest first: partner, kind, id, version, rule, allowed, at."""
        rows = self.rows("SELECT partner, kind, id, version, rule, allowed, at_us FROM release_decisions ORDER BY at_us DESC, id LIMIT ?", (limit,))
        return table_of(rows, _DECISIONS)

    def decision_of(self, partner: str, kind: str, name: str) -> tuple[int, str, bool] | None:
        """What the gate said last of an object for a partner: version, rule, and whether it may go; None where it was not asked."""
        query = "SELECT version, rule, allowed FROM release_decisions WHERE partner = ? AND kind = ? AND id = ?"
        found = self.rows(query, (partner, kind, name))
        return (int(found[0][0]), str(found[0][1]), bool(found[0][2])) if found else None

    # -- in

    def take_in(self, origin: str, place: Place | None, objects: Iterable[Mapping[str, Any]], at: datetime) -> bool:
        """Keep what a partner sent, all of it or nothing, each once; the journal of changes (`partner`) tells of it.

        Parameters
        ----------
        origin
            The partner.
        place
            Epoch, number and hash of the batch; one that was taken before is passed over, another one of the same number (the sender's log went
            back) is not. None: it has no place.
        objects
            Kind, id, version, state, label and body (both JSON; no body where it was taken back) of each.
        at
            Now.

        Returns
        -------
        Whether it is new.
        """
        with self.together() as c:
            if place is not None:
                epoch, seq, head = place
                taken = self.taken_to(origin)
                if (epoch, seq) > taken:
                    c.execute(_AT_PLACE, (origin, epoch, seq))
                elif epoch < taken[0] or self._head_of(origin, epoch, seq) in (None, head):
                    return False  # of an earlier epoch: what of it was not taken is sent again in the later one, with all that was said since
                c.execute("INSERT OR REPLACE INTO partner_heads VALUES (?, ?, ?, ?)", (origin, epoch, seq, head))
                c.execute(_FORGET_HEADS, (origin, origin, _HEADS))
            for o in objects:
                if self._is_kept(origin, o):
                    continue
                self.hear(origin, o, at)
                if not is_said(o):
                    done = c.execute(
                        "UPDATE partner_objects SET state = 'withdrawn', received_us = ? WHERE origin = ? AND kind = ? AND id = ?",
                        (at_to_us(at), origin, o["kind"], o["id"]),
                    ).rowcount
                    if not done:
                        continue
                else:
                    c.execute(
                        "INSERT OR REPLACE INTO partner_objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (origin, o["kind"], o["id"], self.realm, o["version"], o["state"], o["label"], o["body"], at_to_us(at)),
                    )
                self.note("partner", o["id"], {"origin": origin, "kind": o["kind"], "version": o["version"], "state": o["state"]}, at)
            return True

    def _is_kept(self, origin: str, o: Mapping[str, Any]) -> bool:
        """Whether this, or what came after it, is kept already: what a partner sends anew after a stop or damage of either node tells nothing new."""
        which = (origin, o["kind"], o["id"])
        there = self.rows("SELECT version, state, body FROM partner_objects WHERE origin = ? AND kind = ? AND id = ?", which)
        if not there:
            return False
        version, state, body = there[0]
        if not is_said(o):
            return state == "withdrawn" and o["kind"] != "plan"  # a plan may be said to be withdrawn, and then be taken back
        return (version, state, body) == (o["version"], o["state"], o["body"]) or (version > o["version"] and state != "withdrawn")

    def _head_of(self, origin: str, epoch: int, seq: int) -> bytes | None:
        """Hash of the batch that was taken under this number; None where none was, or long ago."""
        found = self.rows("SELECT head FROM partner_heads WHERE origin = ? AND epoch = ? AND seq = ?", (origin, epoch, seq))
        return bytes(found[0][0]) if found else None

    def taken_to(self, origin: str) -> tuple[int, int]:
        """Epoch and number of the last batch of a partner that is kept; (0, 0) before the first."""
        found = self.rows("SELECT epoch, seq FROM partner_places WHERE origin = ?", (origin,))
        return (found[0][0], found[0][1]) if found else (0, 0)

    def partner_objects(self, *, origin: str | None = None, kind: str | None = None, name: str | None = None, limit: int = 1000) -> pl.DataFrame:
        """What partners sent, as PARTNER_OBJECTS, the last to come first."""
        query = """SELECT ?1, origin, kind, id, version, state, label, body, received_us FROM partner_objects
            WHERE origin = coalesce(?2, origin) AND kind = coalesce(?3, kind) AND id = coalesce(?4, id) ORDER BY received_us DESC, id LIMIT ?5"""
        return table_of(self.rows(query, (self.realm, origin, kind, name, limit)), PARTNER_OBJECTS.schema)
