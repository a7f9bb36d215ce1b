"""The sending side of a link: what may leave -> batches, chained and kept until the partner has signed for them. No clock, no socket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from seaward.exchange.chain import Chain, Sealed
from seaward.exchange.frames import (
    HISTORY,
    LIVE,
    NO_HASH,
    Batch,
    Checkpoint,
    Introduction,
    Receipt,
    messages_of,
    pack,
    row_bytes,
    rows_of,
    sealed_hash,
    unpack,
)
from seaward.exchange.items import Released
from seaward.exchange.journal import Began, Built, LiveReserved, OutState, Receipted, Record, ToldRow, pack_record
from seaward.exchange.keys import SigningKey
from seaward.exchange.merkle import Tree
from seaward.exchange.offered import Offered
from seaward.exchange.outbox import Flight
from seaward.exchange.params import LinkParams, Notice, Send, elapsed
from seaward.exchange.records import Log
from seaward.exchange.seal import MOST_BYTES, OVERHEAD_BYTES, Broken, key_named, seal, shape

_HEADER_BYTES = 400  # of a batch with a label, at most about; ours
_LABEL_BYTES = 100  # of a further label, at most about; ours
_MOST_ROWS, _MOST_LABELS = 1_024, 60  # of a batch; a little below what a receiver takes
_MOST_LIVE_SEQ = 2**52  # far below what a batch may bear, whatever a partner says it has seen
_RESERVE = 1_024  # numbers of live batches reserved at a time
_LATE_RECEIPTS = 3  # ours
_BEGIN_PAUSE_MS = 5_000  # ours: a partner that signs for another log again and again moves us on no oftener than this


@dataclass(slots=True)
class Identity:
    """Who one is on this link: the key to sign with, and what introduces it and those before it that may have signed what still waits."""

    key: SigningKey
    certificates: dict[bytes, bytes] = field(default_factory=dict)  # by name of key, DER, the newest first, at most 4
    crl: bytes = b""
    crl_number: int = 0


@dataclass(slots=True)
class Sender:
    """What one nation sends to one partner. `Dialogue` drives it."""

    offered: Offered
    identity: Identity
    params: LinkParams
    log: Log
    chain: Chain = field(default_factory=Chain)
    live_seq: int = 0
    is_unsafe: bool = False  # something was appended that must be safe before anything leaves
    is_broken: bool = False  # the log had batches out of their order, so some are gone
    last_receipt: Receipt | None = None
    last_receipt_ms: int | None = None
    _sent: int = 0  # the last batch of the window that left
    _live_reserved: int = 0
    _live_from: int = 0
    _lean: int = 0  # bytes that last values are ahead of messages
    _began_ms: int | None = None
    _is_checkpoint_due: bool = False
    _behind: int = 0  # receipts in a row for less than one before
    _behind_ms: int = 0
    _introduced_ms: int | None = None

    # -- bytes out

    def emit(self, now_ms: int, room_bytes: int) -> list[Send]:
        """What may leave now, within so many bytes (the last of it may go beyond). The log must be synced before it does.

        First what says who we are, then what is sent again, then urgent messages, then last values and other messages by turns.
        """
        self.offered.wake(now_ms)
        sends = self._introduction(now_ms) + self._checkpoint(now_ms)
        room_bytes -= sum(len(s.data) for s in sends)
        while room_bytes > 0:
            send = self._again(now_ms) if self._sent < self.chain.seq else self._next(now_ms)
            if send is None:
                break
            sends.append(send)
            room_bytes -= len(send.data)
        return sends

    def _next(self, now_ms: int) -> Send | None:
        history, live, most = self.offered.history, self.offered.live, self.params.window_most_bytes
        if self.offered.lost > self.chain.lost and not len(history):
            self.offered.tell_gap()
        while history.has_urgent and self.chain.window_bytes < 2 * most:  # urgent messages do not wait for receipts of others
            if self._build_history(now_ms, only_urgent=True):
                return self._send_history(self.chain.seq, now_ms)
        history_open, live_open = self.chain.window_bytes < most, live.flying_bytes < most
        while True:
            wants_history, wants_live = history_open and history.has_any, live_open and bool(live.waiting)
            if not (wants_history or wants_live):
                return None
            if wants_live and (self._lean <= 0 or not wants_history):
                if (send := self._build_live(now_ms)) is not None:
                    self._lean += len(send.data) if wants_history else 0
                    return send
            elif self._build_history(now_ms, only_urgent=False):
                send = self._send_history(self.chain.seq, now_ms)
                self._lean -= len(send.data) if wants_live else 0
                return send

    def _again(self, now_ms: int) -> Send | None:
        """The next batch that left before and has no receipt, if all in it may still leave as it stands; else all of it is built anew."""
        sealed, gate = self.chain.window[self._sent + 1], self.offered.gate
        holds = sealed.gate is gate and sealed.from_ms <= now_ms and (sealed.until_ms is None or now_ms < sealed.until_ms)
        if not holds:
            limits = self._may_still_leave(sealed, now_ms)
            if limits is None:
                self.begin(now_ms, "closed")
                return None
            sealed.gate, sealed.from_ms, sealed.until_ms = gate, now_ms, _earliest(limits)
        return self._send_history(self._sent + 1, now_ms)

    def _may_still_leave(self, sealed: Sealed, now_ms: int) -> list[int | None] | None:
        """Until when a batch and each message of it may leave as they stand; None if one may not."""
        found = shape(sealed.data)
        batch = None if isinstance(found, Broken) else unpack(found[1])
        if not isinstance(batch, Batch) or batch.expires_ms <= now_ms or any(n not in self.offered.history.items for n in sealed.numbers):
            return None
        limits = []
        for number, message in zip(sealed.numbers, messages_of(batch), strict=True):
            holds, until_ms = self.offered.may_still_leave(number, message, now_ms)
            if not holds:
                return None
            limits.append(until_ms)
        return [*limits, batch.expires_ms]

    def _send_history(self, seq: int, now_ms: int) -> Send:
        sealed = self.chain.window[seq]
        sealed.sent_ms, self._sent = now_ms, seq
        return self._send("history", f"{self.chain.epoch}.h{seq}", sealed.data)

    def _send(self, lane: Literal["history", "live", "checkpoint", "introduction"], place: str, data: bytes) -> Send:
        return Send(lane, f"{self.offered.gate.realm}.{place}.{sealed_hash(data)[:6].hex()}", data)

    def _build_history(self, now_ms: int, only_urgent: bool) -> bool:
        """One batch of messages, chained to the one before; False where the gate leaves nothing of what waited."""
        numbers: list[int] = []
        messages: list[Released] = []
        told: list[ToldRow] = []
        labels, size = set(), _HEADER_BYTES
        while (number := self.offered.history.take(only_urgent)) is not None:
            released = self.offered.release(number, now_ms)
            if released is None:
                continue
            length = row_bytes(released) + (0 if released.label in labels else _LABEL_BYTES)
            if length + _HEADER_BYTES + OVERHEAD_BYTES > MOST_BYTES:
                self.offered.drop((number,), is_lost=True)
                continue
            if messages and (size + length > self.params.batch_most_bytes or len(messages) >= _MOST_ROWS or len(labels) >= _MOST_LABELS):
                self.offered.history.put_back(number)
                break
            numbers.append(number)
            messages.append(released)
            labels.add(released.label)
            size += length
            if (row := self.offered.leaves(number, released)) is not None:
                told.append(row)
        if not messages:
            return False
        self._ensure_epoch(now_ms)
        chain, lost = self.chain, self.offered.lost
        sealed = seal(pack(self._batch(messages, HISTORY, chain.seq + 1, chain.before, now_ms)), self.identity.key)
        added = chain.add(sealed, tuple(numbers), self.identity.key.kid, lost)
        expires_ms = now_ms + 1000 * self.params.history_expiry_s
        added.gate, added.from_ms, added.until_ms = self.offered.gate, now_ms, _earliest([expires_ms, *map(self.offered.until_ms, numbers)])
        self._keep(Built(chain.epoch, chain.seq, tuple(numbers), tuple(told), lost, sealed))
        return True

    def _build_live(self, now_ms: int) -> Send | None:
        """One batch of last values; None where the gate leaves nothing of what waited."""
        live, seq, flight = self.offered.live, self.live_seq + 1, Flight(now_ms, 0)
        messages: list[Released] = []
        labels, size = set(), _HEADER_BYTES
        while live.waiting and size < self.params.batch_most_bytes and len(messages) < _MOST_ROWS and len(labels) < _MOST_LABELS:
            key = next(iter(live.waiting))
            waiting = live.waiting.pop(key)
            released = self.offered.release_live(key, waiting, seq, now_ms)
            if released is None:
                continue
            messages.append(released)
            flight.items[key] = waiting
            size += row_bytes(released) + (0 if released.label in labels else _LABEL_BYTES)
            labels.add(released.label)
        if not messages:
            return None
        self._ensure_epoch(now_ms)
        self.live_seq = seq
        if seq > self._live_reserved:
            self._live_reserved = seq + _RESERVE
            self._keep(LiveReserved(self.chain.epoch, self._live_reserved))
        sealed = seal(pack(self._batch(messages, LIVE, seq, NO_HASH, now_ms)), self.identity.key)
        flight.size = len(sealed)
        live.sent(seq, flight)
        return self._send("live", f"{self.chain.epoch}.l{seq}", sealed)

    def _batch(self, messages: Sequence[Released], lane: Literal[0, 1], seq: int, prev: bytes, now_ms: int) -> Batch:
        gate, live, history = self.offered.gate, self.offered.live, self.offered.history
        labels, rows, labels_hash = rows_of(messages)
        expires_ms = now_ms + 1000 * (self.params.history_expiry_s if lane == HISTORY else self.params.live_expiry_s)
        lost, held = (self.offered.lost, len(history)) if lane == HISTORY else (live.superseded, len(live.waiting))
        return Batch(gate.nation, self.offered.partner.nation, gate.realm, now_ms, self.chain.epoch, lane, seq, prev, labels_hash, expires_ms, lost,
                     held, labels, rows)  # fmt: skip

    def _introduction(self, now_ms: int) -> list[Send]:
        """Who we are, again and again until the partner shows that it knows."""
        me, last, gate = self.identity, self.last_receipt, self.offered.gate
        is_known = last is not None and last.key == me.key.kid and last.crl >= me.crl_number
        if is_known or not me.certificates or not (self._introduced_ms is None or elapsed(now_ms, self._introduced_ms, self.params.retry_ms)):
            return []
        self._introduced_ms = now_ms
        said = Introduction(gate.nation, self.offered.partner.nation, gate.realm, now_ms, self.chain.epoch, tuple(me.certificates.values()), me.crl)
        return [self._send("introduction", "i", seal(pack(said), me.key))]

    def _checkpoint(self, now_ms: int) -> list[Send]:
        """Our own signature under the log that the partner signed."""
        if not self._is_checkpoint_due:
            return []
        self._is_checkpoint_due, chain, gate = False, self.chain, self.offered.gate
        head, root = chain.signed(chain.acked)
        said = Checkpoint(gate.nation, self.offered.partner.nation, gate.realm, now_ms, chain.epoch, chain.acked, head, root)
        return [self._send("checkpoint", f"{chain.epoch}.k{chain.acked}", seal(pack(said), self.identity.key))]

    # -- receipts in

    def receipted(self, receipt: Receipt, sealed: bytes, now_ms: int) -> None:
        """A receipt of the partner, verified: forget what it signs for, send again what is missing, or begin anew if it is of another log."""
        chain = self.chain
        self.last_receipt, self.last_receipt_ms = receipt, now_ms
        if receipt.epoch > chain.epoch:
            self.begin(now_ms, "behind", receipt.epoch + 1)
        elif receipt.epoch < chain.epoch:
            self._retry(now_ms)
            self._live_missed(now_ms)
            if chain.acked:
                self._went_back(now_ms)
        elif receipt.seq > chain.seq or receipt.problem in ("forked", "chain", "damaged"):
            self.begin(now_ms, "forked")
        elif receipt.seq < chain.acked:
            self._went_back(now_ms)
        elif (receipt.head, receipt.root) != chain.signed(receipt.seq):
            self.begin(now_ms, "forked")
        elif chain.epoch:
            self._behind = 0
            if receipt.seq > chain.acked:
                for number in chain.forget_to(receipt.seq):
                    self.offered.history.drop(number)
                self._sent = max(self._sent, chain.acked)
                self.log.append(pack_record(Receipted(chain.epoch, chain.acked, sealed)))
            self._live_arrived(receipt, now_ms)
            self._retry(now_ms)
            self._is_checkpoint_due = receipt.seq > receipt.closed

    def _went_back(self, now_ms: int) -> None:
        """A receipt for less than one before: one that came late, or, if nothing else comes for long, a partner that lost what it had signed for."""
        if self._behind == 0:
            self._behind_ms = now_ms
        self._behind += 1
        if self._behind > _LATE_RECEIPTS and elapsed(now_ms, self._behind_ms, 4 * self.params.heartbeat_ms):
            self.begin(now_ms, "went_back")

    def _live_arrived(self, receipt: Receipt, now_ms: int) -> None:
        live = self.offered.live
        if self.live_seq < receipt.live_seq < _MOST_LIVE_SEQ:  # used before, and forgotten with the log while the clock was behind
            self.live_seq = receipt.live_seq
        if receipt.live_from != self._live_from:
            self._live_from = receipt.live_from
            live.again_before(receipt.live_from)
        for seq in list(live.flying):
            behind = receipt.live_seq - seq
            if 0 <= behind <= 61 and receipt.live_seen >> behind & 1:
                live.arrived(seq)
        self._live_missed(now_ms)

    def _live_missed(self, now_ms: int) -> None:
        """The partner is heard: last values that left long ago and have no receipt wait again, unless overtaken."""
        for seq, flight in list(self.offered.live.flying.items()):
            if elapsed(now_ms, flight.sent_ms, self.params.retry_ms):
                self.offered.live.missed(seq)

    def _retry(self, now_ms: int) -> None:
        """The partner is heard: what left long ago and has no receipt is sent again."""
        first = self.chain.window.get(self.chain.acked + 1)
        if first is not None and first.sent_ms is not None and elapsed(now_ms, first.sent_ms, self.params.retry_ms):
            self._sent = self.chain.acked

    # -- epochs and keys

    def _ensure_epoch(self, now_ms: int) -> None:
        """Numbered by the millisecond: a log that was lost whole does not begin once more an epoch that the partner knows."""
        if self.chain.epoch == 0:
            self._begin(Began(max(1, now_ms), NO_HASH, self.offered.lost, ()))

    def begin(self, now_ms: int, why: str, at_least: int = 0) -> None:
        """A new epoch: what has no receipt is sent again in it. Both sides show that something may be missing.

        Where either log may have lost something, what was told is no longer sure, and is sent again when it is offered again.
        """
        if self._began_ms is not None and not elapsed(now_ms, self._began_ms, _BEGIN_PAUSE_MS):
            return
        self._began_ms = now_ms
        offered, chain = self.offered, self.chain
        again = tuple(n for n in chain.unreceipted() if n in offered.history.items)
        offered.notices.append(Notice("epoch", {"partner": offered.partner.nation, "why": f"exchange.epoch.{why}", "again": len(again)}))
        epoch = max(chain.epoch + 1, at_least, now_ms)
        self._begin(Began(epoch, chain.acked_head, offered.lost - chain.acked_lost, again))
        if why not in ("keys", "closed"):
            self._keep(offered.doubt())

    def _begin(self, began: Began) -> None:
        self.offered.live.restart()
        self._restart(began)
        self._keep(began)

    def _restart(self, began: Began) -> None:
        self.chain.restart(began.epoch, began.prev)
        self.live_seq = self._live_reserved = self._live_from = self._sent = self._behind = 0
        self._is_checkpoint_due = False
        self.offered.lost = began.lost
        self.offered.history.again(began.again)

    def identify(self, identity: Identity, now_ms: int) -> None:
        """Sign with another key from now on, or tell of revoked ones. What a revoked key signed is signed anew, in a new epoch."""
        self.identity, self._introduced_ms = identity, None
        if any(s.kid not in identity.certificates and s.kid != identity.key.kid for s in self.chain.window.values()):
            self._began_ms = None
            self.begin(now_ms, "keys")

    # -- the log

    def _keep(self, record: Record) -> None:
        self.log.append(pack_record(record))
        self.is_unsafe = True

    def recover(self, record: Record) -> None:
        """Take up one record of the log, in order."""
        self.offered.recover(record)
        match record:
            case Built():
                for number in record.numbers:
                    self.offered.history.sent(number)
                self.is_broken = self.is_broken or (record.epoch, record.seq) != (self.chain.epoch, self.chain.seq + 1)
                self.chain.seq = record.seq - 1
                self.chain.add(record.sealed, record.numbers, key_named(record.sealed), record.lost)
                self.offered.are_told(record.told, record.numbers)
            case Began():
                self._restart(record)
            case Receipted() if record.epoch == self.chain.epoch and record.seq in self.chain.window:
                for number in self.chain.forget_to(record.seq):
                    self.offered.history.drop(number)
            case LiveReserved() if record.epoch == self.chain.epoch:
                self.live_seq = self._live_reserved = record.seq
            case OutState():
                tree = Tree(record.tree_size, record.tree_peaks)
                self.chain.restore(record.epoch, record.prev, record.acked, record.acked_head, tree, record.acked_lost)
                self.offered.restore(record.lost, record.next_number)
            case _:
                pass
        self._sent = self.chain.acked

    def recovered(self, now_ms: int) -> None:
        """The log has been read. Batches of last values go on behind any number that may have been used, even if the end of the log is gone."""
        self.live_seq = max(self.live_seq, now_ms)
        self.offered.recovered(now_ms)

    def state(self) -> list[Record]:
        """Records that stand for all of it, in place of those before."""
        c, offered = self.chain, self.offered
        tree = c.acked_tree
        return [
            OutState(c.epoch, c.acked, c.prev, c.acked_head, tree.size, tree.peaks, c.acked_lost, offered.lost, offered.next_number),
            LiveReserved(c.epoch, self._live_reserved),
            *offered.waiting_records(),
            *(Built(c.epoch, seq, s.numbers, (), s.lost, s.data) for seq, s in sorted(c.window.items())),
            *offered.told_records(),
        ]


def _earliest(limits: Iterable[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
