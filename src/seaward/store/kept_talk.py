"""What people of two nations say to each other -> kept in one order, both sides, each version, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from seaward.core.units import at_to_us
from seaward.store.database import moment
from seaward.store.journal import Journal

_OF_THE_WATCH = ("event", "alert", "track", "vessel")  # kinds that nobody says: they are kept as objects alone
_COLUMNS = "t.number, partner, is_ours, kind, id, version, label, body, t.at_us, who, why, a.at_us"


class Talk(NamedTuple):
    """One message between us and a partner."""

    number: int
    partner: str
    is_ours: bool
    kind: str
    id: str
    version: int
    label: str | None  # JSON; of ours, None: as the exchange labels what nobody labelled
    body: str | None  # JSON; None: taken back
    at: datetime  # said or taken
    who: str | None  # of ours
    why: str | None
    arrived_at: datetime | None  # of ours: when the partner's receipt was seen


class KeptTalk(Journal):
    """Talk; see `State`."""

    def say(
        self, partner: str, kind: str, name: str, body: str | None, who: str, at: datetime, *, version: int = 1, label: str | None = None,
        why: str | None = None,
    ) -> int:  # fmt: skip
        """Keep something to be said to a partner; audited, and noted in the journal of changes (`said`).

        Parameters
        ----------
        partner, kind, name, version
            To whom, and under which kind, id and version of a message.
        body
            JSON; None takes back what was said under that kind and id.
        who, why, at
            Of the deed.
        label
            JSON, as `label.schema.json`; None: the usual one.

        Returns
        -------
        Its number.
        """
        with self.together() as c:
            values = (self.realm, partner, 1, kind, name, version, label, body, at_to_us(at), who, why)
            number = int(c.execute(_INSERT, values).lastrowid or 0)
            told = {"partner": partner, "version": version} | ({"why": why} if why else {})
            self.audit(who, "exchange.said" if body is not None else "exchange.unsaid", f"{kind} {name}", told, at)
            self.note("said", name, {"partner": partner, "kind": kind, "version": version, "taken_back": body is None}, at)
            return number

    def hear(self, origin: str, message: Mapping[str, Any], at: datetime) -> None:
        """Keep what a partner said, as it stands in `State.take_in`; what nobody says is passed over."""
        if message["kind"] in _OF_THE_WATCH:
            return
        with self.together() as c:
            body = message["body"] if is_said(message) else None
            c.execute(
                _INSERT, (self.realm, origin, 0, message["kind"], message["id"], message["version"], message["label"], body, at_to_us(at), None, None)
            )

    def said(self, partner: str, names: Iterable[tuple[str, str]] | None = None) -> list[Talk]:
        """What was said to a partner, in order; of some kinds and ids alone where these are named."""
        if names is None:
            return self._talk("partner = ? AND is_ours = 1", (partner,))
        return [t for name in names for t in self._talk("partner = ? AND is_ours = 1 AND kind = ? AND id = ?", (partner, *name))]

    def talk(self, partner: str, most: int = 20_000, most_chat: int = 2_000) -> tuple[list[Talk], bool]:
        """All that was said with a partner, in order, and whether older messages were left out.

        Parameters
        ----------
        partner
            With whom.
        most, most_chat
            Of the partner's messages that are no chat, and of lines of chat of both: the newest so many, so that no partner fills a desk.
        """
        ours = self._talk("partner = ? AND is_ours = 1 AND kind <> 'chat'", (partner,))
        theirs = self._talk("partner = ? AND is_ours = 0 AND kind <> 'chat'", (partner,), most + 1)
        chat = self._talk("partner = ? AND kind = 'chat'", (partner,), most_chat + 1)
        is_cut = len(theirs) > most or len(chat) > most_chat
        return sorted(ours + theirs[-most:] + chat[-most_chat:], key=lambda t: t.number), is_cut

    def arrived(self, numbers: Iterable[int], at: datetime) -> None:
        """Keep that a partner has these, once each; the journal of changes (`arrived`) tells of it."""
        with self.together() as c:
            for number in numbers:
                if c.execute("INSERT OR IGNORE INTO talk_arrived VALUES (?, ?)", (number, at_to_us(at))).rowcount:
                    row = c.execute("SELECT partner, kind, id, version FROM talk WHERE number = ?", (number,)).fetchone()
                    self.note("arrived", row[2], {"partner": row[0], "kind": row[1], "version": row[3]}, at)

    def talked_with(self) -> list[str]:
        """With whom anything was said, in alphabetical order."""
        return [str(row[0]) for row in self.rows("SELECT DISTINCT partner FROM talk ORDER BY partner")]

    def _talk(self, where: str, values: tuple[Any, ...], most: int | None = None) -> list[Talk]:
        query = f"SELECT {_COLUMNS} FROM talk t LEFT JOIN talk_arrived a USING (number) WHERE {where} ORDER BY t.number"
        found = self.rows(query, values) if most is None else self.rows(f"{query} DESC LIMIT ?", (*values, most))[::-1]
        return [
            Talk(n, partner, bool(ours), kind, name, version, label, body, moment(at), who, why, moment(there))  # type: ignore[arg-type]
            for n, partner, ours, kind, name, version, label, body, at, who, why, there in found
        ]  # fmt: skip


def is_said(message: Mapping[str, Any]) -> bool:
    """Whether a message says something, and does not take back what was said before under its name; a plan may be said to be withdrawn."""
    return bool(message.get("is_said", message["state"] != "withdrawn"))


_INSERT = """INSERT INTO talk (realm, partner, is_ours, kind, id, version, label, body, at_us, who, why)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
