"""The tree of a log: the vectors of others, and proofs that hold where they should and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.exchange.merkle import EMPTY, Tree, consistency_proof, includes, inclusion_proof, is_consistent, leaf_hash, root

# Entries and roots of the test of certificate-transparency-go and of Python's certificate-transparency (merkletree tests), the reference of RFC 6962.
ENTRIES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]  # fmt: skip


def test_the_roots_of_the_reference() -> None:
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" == Tree().root.hex()
    assert leaf_hash(b"").hex() == ROOTS[0]
    for size, said in enumerate(ROOTS, 1):
        assert root(ENTRIES[:size]).hex() == said


@pytest.mark.parametrize("size", range(1, 34))
def test_every_entry_is_proven_and_no_other(size: int) -> None:
    entries = [bytes([n]) * 32 for n in range(size)]
    whole = root(entries)
    for n, entry in enumerate(entries):
        proof = inclusion_proof(n, entries)
        assert includes(entry, n, size, proof, whole)
        assert not includes(b"x" * 32, n, size, proof, whole) and not includes(entry, size, size, proof, whole)
        assert not includes(entry, n, size, [*proof, entry], whole)
        if size > 1:
            assert not includes(entry, (n + 1) % size, size, proof, whole)


@pytest.mark.parametrize("grown", range(1, 34))
def test_a_log_that_only_grew_is_proven_and_one_that_was_changed_is_not(grown: int) -> None:
    entries = [bytes([n]) * 32 for n in range(grown)]
    for size in range(1, grown + 1):
        proof = consistency_proof(size, entries)
        old = root(entries[:size])
        assert is_consistent(size, old, grown, root(entries), proof)
        assert not is_consistent(size, root([b"x" * 32, *entries[1:size]]), grown, root(entries), proof)
        assert not is_consistent(size, old, grown, root([*entries[:-1], b"x" * 32]), proof) or (
            size == grown and old == root([*entries[:-1], b"x" * 32])
        )
        assert not is_consistent(size, old, grown, root(entries), [*proof, old])


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40))
def test_a_tree_grown_one_by_one_is_the_tree_of_the_definition(entries: list[bytes]) -> None:
    def defined(part: list[bytes]) -> bytes:
        import hashlib

        if len(part) < 2:
            return leaf_hash(part[0]) if part else EMPTY
        half = 1
        while half * 2 < len(part):
            half *= 2
        return hashlib.sha256(b"\x01" + defined(part[:half]) + defined(part[half:])).digest()

    assert root(entries) == defined(entries)


def test_proofs_of_what_is_not_there_are_refused() -> None:
    with pytest.raises(IndexError):
        inclusion_proof(1, [b"x"])
    with pytest.raises(IndexError):
        consistency_proof(2, [b"x"])
    assert not is_consistent(0, EMPTY, 1, EMPTY, []) and not is_consistent(1, b"x", 2, b"y", [])
