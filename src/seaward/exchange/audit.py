"""What both sides keep as proof -> whether it is whole, and whether both signed for it. Needs no network, no node, only the files and the keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec

from seaward.exchange.frames import NO_HASH, Batch, Checkpoint, Receipt, sealed_hash, unpack
from seaward.exchange.keys import KeyRing
from seaward.exchange.merkle import Tree
from seaward.exchange.seal import Broken, shape, unseal

Direction = Literal["sent", "received"]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One sealed thing of the archive: batches sent and received, receipts for those sent, checkpoints for those received."""

    kind: Literal["sent", "received", "receipt", "checkpoint"]
    epoch: int
    seq: int
    sealed: bytes


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Entry)


def pack_entry(entry: Entry) -> bytes:
    """An entry as a record."""
    return _ENCODER.encode(entry)


def unpack_entry(data: bytes) -> Entry | None:
    """An entry from a record; None where it is none."""
    try:
        return _DECODER.decode(data)
    except msgspec.DecodeError:
        return None


@dataclass(frozen=True, slots=True)
class EpochProof:
    """What is proven of one epoch in one direction."""

    direction: Direction
    epoch: int
    batches: int  # in order and chained, from the first on
    signed_by_both: int  # of them, up to here, both nations signed the same log
    root: bytes
    problem: str = ""  # of `exchange.audit.*`; empty when all is whole
    problem_seq: int = 0


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What is proven of an archive."""

    epochs: tuple[EpochProof, ...]

    @property
    def is_whole(self) -> bool:
        return not any(e.problem for e in self.epochs)


def verify(entries: Iterable[Entry], mine: KeyRing, theirs: KeyRing, at_ms: Callable[[int], int] = lambda created_ms: created_ms) -> AuditReport:
    """Prove an archive, or say from where on it cannot be.

    Parameters
    ----------
    entries
        Of one partner, in any order, perhaps twice.
    mine, theirs
        Keys of both nations; a revoked key proves nothing.
    at_ms
        The moment at which a key must have been good for something signed at `created_ms`; by default that moment.
    """
    kept: dict[tuple[str, int, int], list[bytes]] = {}
    for e in entries:
        found = kept.setdefault((e.kind, e.epoch, e.seq), [])
        if e.sealed not in found:
            found.append(e.sealed)
    proofs = []
    directions: tuple[tuple[Direction, str, KeyRing, KeyRing], ...] = (("sent", "receipt", mine, theirs), ("received", "checkpoint", theirs, theirs))
    for direction, closing, author, other in directions:
        for epoch in sorted({key[1] for key in kept if key[0] == direction}):
            proofs.append(_epoch(direction, epoch, closing, kept, author, other, at_ms))
    return AuditReport(tuple(proofs))


def _epoch(
    direction: Direction, epoch: int, closing: str, kept: dict[tuple[str, int, int], list[bytes]], author: KeyRing, other: KeyRing,
    at_ms: Callable[[int], int],
) -> EpochProof:  # fmt: skip
    tree, head, both = Tree(), NO_HASH, 0
    last = max(key[2] for key in kept if key[:2] == (direction, epoch))
    for seq in range(1, last + 1):
        copies = kept.get((direction, epoch, seq), [])
        if len(copies) != 1:
            return EpochProof(direction, epoch, seq - 1, both, tree.root, "missing" if not copies else "two", seq)
        batch = _opened(copies[0], author, at_ms)
        if not isinstance(batch, Batch) or (batch.epoch, batch.seq) != (epoch, seq):
            return EpochProof(direction, epoch, seq - 1, both, tree.root, batch.reason if isinstance(batch, Broken) else "form", seq)
        if seq > 1 and batch.prev != head:
            return EpochProof(direction, epoch, seq - 1, both, tree.root, "chain", seq)
        head = sealed_hash(copies[0])
        tree = tree.add(head)
        for sealed in kept.get((closing, epoch, seq), []):
            signed = _opened(sealed, other, at_ms)
            if not isinstance(signed, Receipt | Checkpoint) or (signed.epoch, signed.seq, signed.head, signed.root) != (epoch, seq, head, tree.root):
                return EpochProof(direction, epoch, seq, both, tree.root, "closing", seq)
            both = seq
    return EpochProof(direction, epoch, last, both, tree.root)


def _opened(sealed: bytes, ring: KeyRing, at_ms: Callable[[int], int]) -> object:
    """What was signed, if its key was good when it says it was signed."""
    shaped = shape(sealed)
    claimed = shaped if isinstance(shaped, Broken) else unpack(shaped[1])
    if isinstance(claimed, Broken):
        return claimed
    payload = unseal(sealed, ring, at_ms(claimed.created_ms))
    return payload if isinstance(payload, Broken) else unpack(payload)
