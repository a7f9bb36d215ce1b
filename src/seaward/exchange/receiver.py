"""The receiving side of a link: bytes -> verified messages in order, or quarantine with the reason. No clock, no socket; the log is given.

What is signed and in its place is part of the log even if its contents are refused: a bad message cannot hold up those behind it, and both sides
see it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from seaward.exchange.bodies import Withdrawal
from seaward.exchange.frames import (
    LIVE,
    NO_HASH,
    Batch,
    Checkpoint,
    Introduction,
    Receipt,
    messages_of,
    pack,
    sealed_hash,
    unpack,
)  # fmt: skip
from seaward.exchange.items import Key, Released
from seaward.exchange.journal import Accepted, Closed, Delivered, Entered, InState, Introduced, Known, Pending, Record, pack_record
from seaward.exchange.keys import SigningKey
from seaward.exchange.merkle import Tree
from seaward.exchange.params import Deliver, Effect, LinkParams, Notice, Quarantined, Send, elapsed
from seaward.exchange.records import Log
from seaward.exchange.seal import Broken, seal, shape
from seaward.exchange.verified import Verifier

_EARLY = 64  # batches kept that came before their turn; ours
_RECENT = 1_024  # hashes of batches kept to tell a copy from another batch of the same number; ours
_SEEN = (1 << 62) - 1
_AHEAD_MS = 300_000  # a batch from so far in the future is taken, and the clocks are said to differ; ours
_ROWS = 10_000


@dataclass(slots=True)
class Receiver:
    """What one nation receives from one partner. `Dialogue` drives it."""

    verifier: Verifier
    params: LinkParams
    log: Log
    epoch: int = 0
    seq: int = 0
    head: bytes = NO_HASH
    tree: Tree = field(default_factory=Tree)
    live_seq: int = 0
    live_seen: int = 0
    live_from: int = 0
    closed: int = 0
    lost: int = 0  # messages the partner said it dropped
    refused: int = 0
    copies: int = 0
    late: int = 0  # last values that came after they expired
    problem: str = ""
    is_damaged: bool = False  # our log was: nothing more of this epoch is taken
    delivered: tuple[int, int] = (0, 0)
    ahead_ms: int = 0  # by how much the partner's clock was before ours at the last batch
    last_ms: int | None = None  # when anything of the partner was last verified
    effects: list[Effect] = field(default_factory=list)  # to be handed out once the log is safe
    is_unsafe: bool = False
    _known: dict[Key, tuple[int, bool]] = field(default_factory=dict)
    _live_known: dict[Key, tuple[int, int]] = field(default_factory=dict)
    _early: dict[int, tuple[bytes, Batch]] = field(default_factory=dict)
    _recent: deque[tuple[bytes, bytes]] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _pending: list[tuple[Pending, list[Effect]]] = field(default_factory=list)
    _before: tuple[int, int] = (0, 0)  # epoch and number of the last batch that was taken
    _is_due: bool = True
    _receipt_ms: int | None = None

    @property
    def nation(self) -> str:
        """Whose bytes these are."""
        return self.verifier.ring.nation

    def has(self, key: Key) -> bool:
        """Whether the partner sent an object of this kind and id."""
        return key in self._known or key in self._live_known

    # -- bytes in

    def receive(self, data: bytes, now_ms: int) -> Receipt | None:
        """Take bytes from the partner; a receipt for what we sent comes back, verified, everything else is dealt with here."""
        found = self.verifier.open(data, now_ms)
        if isinstance(found, Broken):
            self._quarantine(found.reason, data)
            return None
        self.last_ms = now_ms
        match found:
            case Receipt():
                return found
            case Introduction():
                self._introduce(found)
            case Checkpoint():
                self._close(found, data)
            case Batch():
                self._is_due = True
                self.ahead_ms = found.created_ms - now_ms
                self._batch(found, data, now_ms)
        return None

    def _introduce(self, said: Introduction) -> None:
        record = Introduced(said.certificates, said.crl)
        if self.verifier.introduce(record):
            self._early.clear()  # what waits was verified by keys that may be revoked now
            self.log.append(pack_record(record))
            self.is_unsafe = True
            ring = self.verifier.ring
            self.effects.append(Notice("keys", {"partner": self.nation, "keys": len(ring.keys), "revoked": len(ring.revoked)}))
        self._is_due = True

    def _quarantine(self, reason: str, data: bytes) -> None:
        self.refused += 1
        self.effects.append(Quarantined(self.nation, reason, data))

    # -- batches

    def _batch(self, batch: Batch, data: bytes, now_ms: int) -> None:
        if batch.epoch < self.epoch:
            self.copies += 1
            return
        if batch.epoch > self.epoch:
            self._enter(batch)
        if batch.lane == LIVE:
            self._take_live(batch, data, now_ms)
        elif self.is_damaged:
            self.copies += 1
        elif batch.seq <= self.seq:
            self._take_copy(batch, data)
        elif batch.seq > self.seq + 1:
            if len(self._early) < _EARLY:
                self._early[batch.seq] = (data, batch)
        else:
            self._take(batch, data, now_ms)
            while (following := self._early.pop(self.seq + 1, None)) is not None:
                self._take(following[1], following[0], now_ms)

    def _enter(self, batch: Batch) -> None:
        """A new epoch: the partner could not go on where it was. Shown as a gap where we had anything of the old one."""
        if self.epoch:
            values = {"partner": self.nation, "old_epoch": self.epoch, "old_seq": self.seq, "epoch": batch.epoch}
            self.effects.append(Notice("gap.epoch", values))
        self.log.append(pack_record(Entered(batch.epoch, self.seq, self.head)))
        self.is_unsafe = True
        self._restart(batch.epoch)

    def _restart(self, epoch: int) -> None:
        if self.seq:
            self._before = self.epoch, self.seq
        self.epoch, self.seq, self.head, self.tree, self.closed, self.lost = epoch, 0, NO_HASH, Tree(), 0, 0
        self.live_seq, self.live_seen, self.live_from, self.problem, self.is_damaged = 0, 0, 0, "", False
        self._early.clear()
        self._recent.clear()

    def _take_copy(self, batch: Batch, data: bytes) -> None:
        """A number we have: the same again, or another batch under the same number, which means that the partner's log went back."""
        self.copies += 1
        back = self.seq - batch.seq
        if back < len(self._recent) and self._recent[-1 - back][0] != sealed_hash(data):
            self.problem = "forked"
            self._quarantine("forked", data)

    def _take(self, batch: Batch, data: bytes, now_ms: int) -> None:
        """The next batch in order."""
        if self.seq and batch.prev != self.head:
            self.problem = "chain"
            self._quarantine("chain", data)
            return
        refused = self._unfit(batch, now_ms)
        record = Accepted(batch.epoch, batch.seq, tuple(refused.items()), data)
        self.log.append(pack_record(record))
        self.is_unsafe = True
        if batch.lost > self.lost:
            self.effects.append(Notice("gap.lost", {"partner": self.nation, "lost": batch.lost - self.lost, "seq": batch.seq}))
        if batch.created_ms > now_ms + _AHEAD_MS:
            self.effects.append(Notice("clock", {"partner": self.nation, "ahead_s": (batch.created_ms - now_ms) // 1000}))
        self._follow(record, batch)
        self.problem = ""

    def _follow(self, record: Accepted, batch: Batch) -> None:
        """What taking a batch changes; the same when it is read from the log."""
        lost, before = max(0, batch.lost - self.lost), self._before
        self._before = batch.epoch, batch.seq
        self.seq, self.head, self.lost = batch.seq, sealed_hash(record.sealed), self.lost + lost
        self.tree = self.tree.add(self.head)
        self._recent.append((self.head, self.tree.root))
        refused = dict(record.refused)
        self.refused += len(refused)
        rows = tuple(n for n, m in enumerate(messages_of(batch)) if n not in refused and self._is_news(m))
        self._hand_over(Pending(batch.epoch, batch.seq, before, lost, rows, record.sealed, record.refused), batch)

    def _hand_over(self, pending: Pending, batch: Batch) -> None:
        messages = messages_of(batch)
        given = tuple(messages[n] for n in pending.rows)
        effects: list[Effect] = [Quarantined(self.nation, reason, pending.sealed) for reason in sorted({r for _, r in pending.refused})]
        head = sealed_hash(pending.sealed)
        effects.append(Deliver(self.nation, "history", pending.epoch, pending.seq, given, pending.before, pending.lost, head=head))
        self._pending.append((pending, effects))
        self.effects += effects

    def _unfit(self, batch: Batch, now_ms: int) -> dict[int, str]:
        """Which messages of a batch are not taken, and why. A withdrawal never comes too late."""
        if batch.expires_ms <= now_ms:
            return {n: "expired" for n, row in enumerate(batch.rows) if not isinstance(row.body, Withdrawal)}
        return {n: reason for n, m in enumerate(messages_of(batch)) if (reason := self._unfit_message(m))}

    def _unfit_message(self, message: Released) -> str:
        label = message.label
        if label.owner != self.nation and label.orcon:
            return "label_orcon"
        if self.verifier.me not in label.rel and not label.scope:
            return "label_rel"
        return "label_tlp" if label.tlp == "RED" else ""

    def _is_news(self, message: Released) -> bool:
        """Whether a message says what no earlier one said: versions only grow, and what was withdrawn may come again."""
        if isinstance(message.body, Withdrawal):
            key = message.target
            version, was_withdrawn = self._known.get(key, (0, False))
            if version > message.version or (version == message.version and was_withdrawn):
                return False
            self._known[key] = message.version, True
            return True
        version, was_withdrawn = self._known.get(message.key, (0, False))
        if message.version < version or (message.version == version and not was_withdrawn):
            return False
        self._known[message.key] = message.version, False
        return True

    def _take_live(self, batch: Batch, data: bytes, now_ms: int) -> None:
        behind = self.live_seq - batch.seq
        if behind > 61 or (behind >= 0 and self.live_seen >> behind & 1):
            self.copies += 1
            return
        if behind < 0:
            self.live_seen = (self.live_seen << min(-behind, 62) | 1) & _SEEN
            self.live_seq = batch.seq
        else:
            self.live_seen |= 1 << behind
        self.live_from = min(self.live_from or batch.seq, batch.seq)
        is_late = batch.expires_ms <= now_ms  # taken all the same: what it tells has its own time, and the clocks may differ
        self.late += len(batch.rows) if is_late else 0
        messages = []
        for message in messages_of(batch):
            if reason := self._unfit_message(message):
                self._quarantine(reason, data)
                continue
            place = batch.epoch, batch.seq  # not by the time it tells: a clock that ran ahead once would hide all that comes after
            if place >= self._live_known.get(message.target, (0, 0)):
                self._live_known[message.target] = place
                messages.append(message)
        if messages:
            self.effects.append(Deliver(self.nation, "live", batch.epoch, batch.seq, tuple(messages), is_late=is_late))

    # -- receipts out

    def emit(self, now_ms: int, key: SigningKey) -> list[Send]:
        """The receipt that is due, if one is. `log.sync` must have been called."""
        waited = self._receipt_ms is None or elapsed(now_ms, self._receipt_ms, self.params.receipt_least_ms)
        beat = self._receipt_ms is None or elapsed(now_ms, self._receipt_ms, self.params.heartbeat_ms)
        if not (beat or (self._is_due and waited)):
            return []
        self._is_due, self._receipt_ms = False, now_ms
        root = self.tree.root if self.seq else NO_HASH
        v, problem = self.verifier, "damaged" if self.is_damaged else self.problem
        said = Receipt(v.me, self.nation, v.realm, now_ms, self.epoch, self.seq, self.head, root, self.live_seq, self.live_seen,
                       self.live_from, self.lost, self.refused, self.closed, v.heard_key, v.crl_number, problem)  # fmt: skip
        sealed = seal(pack(said), key)
        return [Send("receipt", f"{v.realm}.r.{sealed_hash(sealed)[:6].hex()}", sealed)]

    def _close(self, checkpoint: Checkpoint, data: bytes) -> None:
        """The partner signed the log that we signed."""
        back = self.seq - checkpoint.seq
        if checkpoint.epoch != self.epoch or not 0 <= back < len(self._recent):
            return  # for a part of it that is long past or another; the next receipt asks again
        if (checkpoint.head, checkpoint.root) != self._recent[-1 - back]:
            self.problem = "forked"
            self._quarantine("forked", data)
            return
        if checkpoint.seq > self.closed:
            self.closed = checkpoint.seq
            self.log.append(pack_record(Closed(checkpoint.epoch, checkpoint.seq, data)))
            self.is_unsafe = True

    # -- the log

    def confirm(self, epoch: int, seq: int) -> None:
        """The rest of the node has taken over all up to here and will not ask for it again."""
        self.delivered = max(self.delivered, (epoch, seq))
        self._forget_pending()
        self.log.append(pack_record(Delivered(*self.delivered)))
        self.is_unsafe = True

    def _forget_pending(self) -> None:
        self._pending = [(p, e) for p, e in self._pending if (p.epoch, p.seq) > self.delivered]

    def recover(self, record: Record) -> None:
        """Take up one record of the log, in order."""
        match record:
            case Accepted():
                batch = _batch_of(record.sealed)
                if batch is not None and batch.epoch > self.epoch and batch.seq == 1:
                    self._restart(batch.epoch)
                if batch is not None and (batch.epoch, batch.seq) == (self.epoch, self.seq + 1):
                    self._follow(record, batch)  # what comes behind a hole in the log counts as never received
            case Pending():
                if (batch := _batch_of(record.sealed)) is not None:
                    self._hand_over(record, batch)
            case Entered():
                self._restart(record.epoch)
            case Closed() if record.epoch == self.epoch:
                self.closed = record.seq
            case Introduced():
                self.verifier.introduce(record)
            case Delivered():
                self.delivered = record.epoch, record.seq
                self._forget_pending()
                self.effects = [e for _, effects in self._pending for e in effects]
            case InState():
                self.epoch, self.seq, self.head, self.lost, self.refused = record.epoch, record.seq, record.head, record.lost, record.refused
                self.tree, self.closed = Tree(record.tree_size, record.tree_peaks), record.closed
                self._recent.extend(record.recent)
                self._before, self.is_damaged = record.before, record.is_damaged
            case Known():
                self._known.update({(kind, id): (version, withdrawn) for kind, id, version, withdrawn in record.rows})
            case _:
                pass

    def doubt(self) -> None:
        """The log was damaged: some of what it says came may never have been handed over. The partner begins anew, and sends all that is in doubt."""
        self.is_damaged = True

    def forget_versions(self) -> None:
        """The rest of the node knows more than the log: what comes again is its to pass over, and nothing that it needs is held back here."""
        self._known = dict.fromkeys(self._known, (0, True))

    def state(self) -> list[Record]:
        """Records that stand for all of it, in place of those before."""
        known = [(*key, version, withdrawn) for key, (version, withdrawn) in self._known.items()]
        state = InState(self.epoch, self.seq, self.head, self.tree.size, self.tree.peaks, tuple(self._recent), self.lost, self.refused, self.closed,
                        self._before, self.is_damaged)  # fmt: skip
        return [
            *self.verifier.introductions,
            state,
            Delivered(*self.delivered),
            *(pending for pending, _ in self._pending),
            *(Known(tuple(known[at : at + _ROWS])) for at in range(0, len(known), _ROWS)),
        ]


def _batch_of(sealed: bytes) -> Batch | None:
    """A batch of our own log, which was verified when it was taken."""
    found = shape(sealed)
    batch = None if isinstance(found, Broken) else unpack(found[1])
    return batch if isinstance(batch, Batch) else None
