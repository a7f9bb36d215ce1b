"""Batches that were signed, in their chain and tree, until the partner has signed for them. Plain bookkeeping: no keys, no clock, no disk."""

from __future__ import annotations

from dataclasses import dataclass, field

from seaward.exchange.frames import NO_HASH, sealed_hash
from seaward.exchange.merkle import Tree


@dataclass(slots=True)
class Sealed:
    """A batch that has no receipt yet."""

    data: bytes
    numbers: tuple[int, ...]  # of the messages in it
    kid: bytes  # of the key that signed it
    head: bytes  # its hash
    root: bytes  # of the tree up to it
    lost: int  # messages it says were dropped so far
    sent_ms: int | None = None
    gate: object = None  # by which all in it may leave as it stands,
    from_ms: int = 0  # from this moment
    until_ms: int | None = None  # until this one, at the least


@dataclass(slots=True)
class Chain:
    """One epoch of what was sent to one partner."""

    epoch: int = 0
    prev: bytes = NO_HASH  # named by the first batch of the epoch
    seq: int = 0
    head: bytes = NO_HASH
    tree: Tree = field(default_factory=Tree)
    acked: int = 0  # the last batch with a receipt
    acked_head: bytes = NO_HASH
    acked_tree: Tree = field(default_factory=Tree)
    acked_lost: int = 0
    window: dict[int, Sealed] = field(default_factory=dict)  # by number, in order
    window_bytes: int = 0

    @property
    def before(self) -> bytes:
        """What the next batch names as the one before it."""
        return self.head if self.seq else self.prev

    @property
    def lost(self) -> int:
        """How many messages the newest batch says were dropped."""
        return self.window[self.seq].lost if self.seq in self.window else self.acked_lost

    def add(self, data: bytes, numbers: tuple[int, ...], kid: bytes, lost: int) -> Sealed:
        """One more batch."""
        self.seq, self.head = self.seq + 1, sealed_hash(data)
        self.tree = self.tree.add(self.head)
        sealed = self.window[self.seq] = Sealed(data, numbers, kid, self.head, self.tree.root, lost)
        self.window_bytes += len(data)
        return sealed

    def signed(self, seq: int) -> tuple[bytes, bytes]:
        """Hash and root that a receipt for this batch must show; `seq` from `acked` to `seq`."""
        if seq == self.acked:
            return self.acked_head, self.acked_tree.root if seq else NO_HASH
        sealed = self.window[seq]
        return sealed.head, sealed.root

    def forget_to(self, seq: int) -> list[int]:
        """The partner has signed for all up to here; gives the numbers of their messages."""
        done: list[int] = []
        for number in range(self.acked + 1, seq + 1):
            sealed = self.window.pop(number, None)
            if sealed is None:
                continue  # the log had a hole; this epoch ends as soon as all of it is read
            self.window_bytes -= len(sealed.data)
            self.acked_head, self.acked_tree, self.acked_lost = sealed.head, self.acked_tree.add(sealed.head), sealed.lost
            done += sealed.numbers
        self.acked = seq
        return done

    def unreceipted(self) -> list[int]:
        """Numbers of the messages in batches without a receipt, in order."""
        return [n for _, sealed in sorted(self.window.items()) for n in sealed.numbers]

    def restart(self, epoch: int, prev: bytes) -> None:
        """Another epoch."""
        self.epoch, self.prev, self.seq, self.head, self.tree = epoch, prev, 0, NO_HASH, Tree()
        self.acked, self.acked_head, self.acked_tree, self.acked_lost = 0, NO_HASH, Tree(), 0
        self.window, self.window_bytes = {}, 0

    def restore(self, epoch: int, prev: bytes, acked: int, head: bytes, tree: Tree, lost: int) -> None:
        """As it was when all up to `acked` had its receipt and nothing lay behind it."""
        self.restart(epoch, prev)
        self.seq = self.acked = acked
        self.head = self.acked_head = head
        self.tree = self.acked_tree = tree
        self.acked_lost = lost
