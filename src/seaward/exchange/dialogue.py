"""The exchange with one partner, both ways, as one pure machine: events and a given moment in, bytes and messages out.

`receive`, `offer`, `withdraw` change it; `pump` makes what must be safe safe, and only then hands out what may leave and what has come. The link
(link.py) drives it with sockets, the simulation with a made-up network and disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from seaward.core.realm import check_realm
from seaward.exchange.audit import Entry, pack_entry
from seaward.exchange.frames import Receipt
from seaward.exchange.items import Item, Key
from seaward.exchange.journal import Accepted, Built, Closed, Receipted, Whole, pack_record, unpack_record
from seaward.exchange.keys import KeyRing
from seaward.exchange.offered import Offered
from seaward.exchange.params import Effect, LinkParams, Notice
from seaward.exchange.policy import Refusal
from seaward.exchange.receiver import Receiver
from seaward.exchange.records import Log
from seaward.exchange.release import Gate, Grant, Partner
from seaward.exchange.sender import Identity, Sender
from seaward.exchange.trust import Trust
from seaward.exchange.verified import Verifier

_COMPACT_BYTES = 8 * 1024 * 1024  # of records since the last time; ours


@dataclass(slots=True)
class _Counted:
    """A log that counts what is appended to it."""

    log: Log
    appended_bytes: int = 0

    def read(self) -> Any:
        return self.log.read()

    def append(self, record: bytes) -> None:
        self.appended_bytes += len(record)
        self.log.append(record)

    def sync(self) -> None:
        self.log.sync()

    def replace(self, records: Any) -> None:
        self.appended_bytes = 0
        self.log.replace(records)


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How a link stands, for `seaward exchange status` and for the page of the watch."""

    partner: str
    epoch: int
    waiting: int
    held: int
    unreceipted: int
    lost: int
    withheld: int
    superseded: int
    thinned: int
    last_receipt_ms: int | None
    receipted: int
    their_refused: int
    their_problem: str
    received_epoch: int
    received: int
    closed: int
    their_lost: int
    refused: int
    copies: int
    late: int
    clock_ahead_ms: int
    last_heard_ms: int | None
    sent_bytes: int
    received_bytes: int


@dataclass(slots=True)
class Dialogue:
    """One nation's side of the link with one partner.

    Parameters
    ----------
    gate, partner
        What may leave to whom.
    identity
        The key to sign with.
    ring, trust
        The partner's keys, and who says so.
    log, archive
        What must not be forgotten, and what is kept for ever as proof.
    """

    gate: Gate
    partner: Partner
    identity: Identity
    ring: KeyRing
    trust: Trust
    log: Log
    archive: Log
    params: LinkParams = field(default_factory=LinkParams)
    compact_bytes: int = _COMPACT_BYTES
    sender: Sender = field(init=False)
    receiver: Receiver = field(init=False)
    sent_bytes: int = 0
    received_bytes: int = 0
    _counted: _Counted = field(init=False)
    _room: float = 0.0
    _room_ms: int | None = None

    def __post_init__(self) -> None:
        check_realm(self.gate.realm)
        self._counted = _Counted(self.log)
        self.sender = Sender(Offered(self.gate, self.partner, self.params, self._counted), self.identity, self.params, self._counted)
        self.receiver = Receiver(Verifier(self.gate.nation, self.gate.realm, self.ring, self.trust), self.params, self._counted)
        self.sender.offered.theirs = self.receiver.has

    def recover(self, now_ms: int, taken: tuple[int, int] = (0, 0)) -> None:
        """Take up where the log ends; call once, before anything else. Damage is told, mended as far as can be, and begins a new epoch.

        Parameters
        ----------
        now_ms
            Moment [ms since 1970 UTC].
        taken
            Epoch and number of the last batch that the rest of the node has taken over; it may be beyond the log (see `came`).
        """
        records, damage = self._counted.read()
        read = [unpack_record(r) for r in records]
        for record in read:
            if record is not None:
                self.sender.recover(record)
                self.receiver.recover(record)
        is_short = bool(read) and isinstance(read[0], Whole) and len(read) <= read[0].records
        is_damaged = damage.holes > 0 or None in read or is_short or self.sender.is_broken
        if damage and not is_damaged:
            self._counted.replace(records)
        if is_damaged:
            self.sender.offered.notices.append(Notice("damaged", {"partner": self.partner.nation, "holes": damage.holes}))
            self.sender.begin(now_ms, "damaged")
            self.receiver.doubt()
        if taken > (self.receiver.epoch, self.receiver.seq):
            self.receiver.forget_versions()
            is_damaged = True
        if is_damaged:
            self._compact()
        self.sender.recovered(now_ms)

    def offer(self, item: Item, now_ms: int) -> Grant | Refusal:
        """Offer an object; it leaves as far and as soon as the gate allows."""
        return self.sender.offered.offer(item, now_ms)

    def withdraw(self, key: Key) -> None:
        """Take back an object by kind and id: whoever got any of it is told."""
        self.sender.offered.withdraw(key, "withdrawn")

    def receive(self, data: bytes, now_ms: int) -> None:
        """Bytes from the partner."""
        self.received_bytes += len(data)
        receipt = self.receiver.receive(data, now_ms)
        if isinstance(receipt, Receipt):
            self.sender.receipted(receipt, data, now_ms)

    def came(self) -> list[Effect]:
        """What has come, before the log is safe: whoever keeps it safely does so while the partner still waits for the receipt.

        After a stop between the two it is handed over again, in its old place or, if the partner has begun anew, in a new one. A partner whose log
        went back at that very moment may send another batch under a number that was taken: the hash tells it (`Deliver.head`).
        """
        came, self.receiver.effects = self.receiver.effects, []
        return came

    def pump(self, now_ms: int) -> list[Effect]:
        """All that follows from what happened: what is to be sent, what has come and was not asked for yet, what the watch should see.

        Everything that what is sent rests on is safe in the log when this returns; if the log fails, nothing leaves.
        """
        room = self._refill(now_ms)
        sends = self.sender.emit(now_ms, room)
        parts = (self.sender, self.sender.offered, self.receiver)
        if any(part.is_unsafe for part in parts):
            self._counted.sync()
            for part in parts:
                part.is_unsafe = False
        sends += self.receiver.emit(now_ms, self.sender.identity.key)
        size = sum(len(s.data) for s in sends)
        self._room -= size
        self.sent_bytes += size
        came = self.came()
        notices, self.sender.offered.notices = self.sender.offered.notices, []
        if self._counted.appended_bytes > self.compact_bytes:
            self._compact()
        return [*came, *notices, *sends]

    def confirm(self, epoch: int, seq: int) -> None:
        """All messages of history up to here are safe elsewhere; they are not handed over again after a restart."""
        self.receiver.confirm(epoch, seq)

    def set_gate(self, gate: Gate) -> None:
        """Other rules, or other operations open, from now on, also for what waits."""
        self.gate = self.sender.offered.gate = replace(gate, nation=self.gate.nation, realm=self.gate.realm)

    def identify(self, identity: Identity, now_ms: int) -> None:
        """Another key of one's own, or keys of one's own revoked."""
        self.identity = identity
        self.sender.identify(identity, now_ms)

    def next_pump_ms(self, now_ms: int) -> int:
        """When to call `pump` again at the latest, if nothing happens."""
        due = [now_ms + self.params.heartbeat_ms]
        waiting = self.sender.offered
        if (held := waiting.history.next_due_ms) is not None:
            due.append(held)
        if waiting.history.has_any or waiting.live.waiting:
            due.append(now_ms + self.params.receipt_least_ms)
        return max(now_ms, min(due))

    def status(self) -> LinkStatus:
        """How the link stands."""
        s, o, r, last = self.sender, self.sender.offered, self.receiver, self.sender.last_receipt
        c = s.chain
        return LinkStatus(
            self.partner.nation, c.epoch, len(o.history), o.history.held, c.seq - c.acked, o.lost, o.withheld, o.live.superseded, o.live.thinned,
            s.last_receipt_ms, c.acked, last.refused if last else 0, last.problem if last else "", r.epoch, r.seq, r.closed, r.lost, r.refused,
            r.copies, r.late, r.ahead_ms, r.last_ms, self.sent_bytes, self.received_bytes,
        )  # fmt: skip

    def _refill(self, now_ms: int) -> int:
        """How many bytes may leave now: a budget that fills with time, up to a second of it."""
        budget = self.params.budget_bytes_per_s
        if budget is None:
            return 1 << 40
        passed_ms = 1_000 if self._room_ms is None else max(0, now_ms - self._room_ms)
        self._room_ms = now_ms
        self._room = min(float(budget), self._room + budget * passed_ms / 1000)
        return int(self._room)

    def _compact(self) -> None:
        """Put the whole state in place of the records, and what is proof into the archive first."""
        for data in self._counted.read()[0]:
            record = unpack_record(data)
            match record:
                case Built():
                    self.archive.append(pack_entry(Entry("sent", record.epoch, record.seq, record.sealed)))
                case Accepted():
                    self.archive.append(pack_entry(Entry("received", record.epoch, record.seq, record.sealed)))
                case Receipted():
                    self.archive.append(pack_entry(Entry("receipt", record.epoch, record.seq, record.sealed)))
                case Closed():
                    self.archive.append(pack_entry(Entry("checkpoint", record.epoch, record.seq, record.sealed)))
                case _:
                    pass
        self.archive.sync()
        state = [*self.sender.state(), *self.receiver.state()]
        self._counted.replace([pack_record(r) for r in (Whole(len(state)), *state)])
