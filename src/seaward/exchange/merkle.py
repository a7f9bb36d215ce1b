"""A log of entries -> one hash for all of it (RFC 6962 tree), and short proofs that an entry is in it or that it only grew.

Entries here are the SHA-256 of sealed batches, so that a log can be shown without what it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

EMPTY = hashlib.sha256(b"").digest()  # RFC 6962, 2.1


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962, 2.1: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A log that only grows, by as little as must be known of it: the roots of its whole subtrees, from the largest to the smallest."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def add(self, entry: bytes) -> Tree:
        """With one more entry."""
        peaks, size, node = list(self.peaks), self.size, leaf_hash(entry)
        while size & 1:
            node = _node(peaks.pop(), node)
            size >>= 1
        return Tree(self.size + 1, (*peaks, node))

    @property
    def root(self) -> bytes:
        """The hash of all of it."""
        if not self.peaks:
            return EMPTY
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = _node(peak, node)
        return node


def root(entries: Sequence[bytes]) -> bytes:
    """The hash of all entries (MTH of RFC 6962, 2.1)."""
    tree = Tree()
    for entry in entries:
        tree = tree.add(entry)
    return tree.root


def inclusion_proof(index: int, entries: Sequence[bytes]) -> list[bytes]:
    """The hashes that lead from entry `index`, from 0, to the root (PATH of RFC 6962, 2.1.1)."""
    if not 0 <= index < len(entries):
        raise IndexError(f"entry {index} of a log of {len(entries)}")
    if len(entries) == 1:
        return []
    half = _split(len(entries))
    if index < half:
        return [*inclusion_proof(index, entries[:half]), root(entries[half:])]
    return [*inclusion_proof(index - half, entries[half:]), root(entries[:half])]


def includes(entry: bytes, index: int, size: int, proof: Sequence[bytes], of: bytes) -> bool:
    """Whether a proof shows that `entry` is number `index` in the log of that size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, node = index, size - 1, leaf_hash(entry)
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = _node(other, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = _node(node, other)
        at, last = at >> 1, last >> 1
    return last == 0 and node == of


def consistency_proof(size: int, entries: Sequence[bytes]) -> list[bytes]:
    """The hashes that show that the log of the first `size` entries became that of all (PROOF of RFC 6962, 2.1.2)."""
    if not 1 <= size <= len(entries):
        raise IndexError(f"the first {size} of a log of {len(entries)}")
    return _subproof(size, entries, True)


def _subproof(size: int, entries: Sequence[bytes], is_whole: bool) -> list[bytes]:
    if size == len(entries):
        return [] if is_whole else [root(entries)]
    half = _split(len(entries))
    if size <= half:
        return [*_subproof(size, entries[:half], is_whole), root(entries[half:])]
    return [*_subproof(size - half, entries[half:], False), root(entries[:half])]


def is_consistent(size: int, old: bytes, grown: int, new: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the log of `size` and root `old` became that of `grown` and `new` (RFC 9162, 2.1.4.2)."""
    if not 1 <= size <= grown:
        return False
    if size == grown:
        return not proof and old == new
    rest = list(proof) if size & (size - 1) else [old, *proof]
    if not rest:
        return False
    at, last = size - 1, grown - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = rest[0]
    for other in rest[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = _node(other, first), _node(other, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = _node(second, other)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old and second == new


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
