"""Proofs from the archive alone: whole, signed by both, and whatever was changed is found."""

from __future__ import annotations

import pytest

from seaward.exchange.audit import Entry, unpack_entry, verify
from seaward.exchange.journal import Accepted, Built, Closed, Receipted, unpack_record
from tests.exchange.made import EVENT, batch, item, ring
from tests.exchange.pair import Pair, Side, sealed

PER, USA = ring("PER"), ring("USA")
KINDS = {Built: "sent", Accepted: "received", Receipted: "receipt", Closed: "checkpoint"}


def archive_of(side: Side) -> list[Entry]:
    found = [e for r in side.archive.read()[0] if (e := unpack_entry(r)) is not None]
    for data in side.log.read()[0]:
        record = unpack_record(data)
        if isinstance(record, Built | Accepted | Receipted | Closed):
            found.append(Entry(KINDS[type(record)], record.epoch, record.seq, record.sealed))  # type: ignore[arg-type]
    return found


@pytest.fixture(scope="module")
def both() -> tuple[list[Entry], list[Entry]]:
    pair = Pair()
    pair.per.link.compact_bytes = pair.usa.link.compact_bytes = 3_000
    for n in range(12):
        pair.offer(item(EVENT, f"o{n}"))
        pair.step()
    pair.run()
    return archive_of(pair.per), archive_of(pair.usa)


def test_both_hold_the_same_log_and_both_have_signed_it(both: tuple[list[Entry], list[Entry]]) -> None:
    per, usa = both
    mine, theirs = verify(per, PER, USA), verify(usa, USA, PER)
    assert mine.is_whole and theirs.is_whole
    (sent,) = (e for e in mine.epochs if e.direction == "sent")
    (received,) = (e for e in theirs.epochs if e.direction == "received")
    assert sent.batches == sent.signed_by_both == received.batches == received.signed_by_both == 12
    assert sent.root == received.root


def test_the_order_of_the_archive_and_copies_in_it_do_not_matter(both: tuple[list[Entry], list[Entry]]) -> None:
    per, _ = both
    assert verify([*reversed(per), *per], PER, USA) == verify(per, PER, USA)


def changed(entries: list[Entry], kind: str, seq: int, sealed_: bytes | None) -> list[Entry]:
    return [
        Entry(e.kind, e.epoch, e.seq, sealed_) if (e.kind, e.seq) == (kind, seq) and sealed_ is not None else e
        for e in entries
        if not ((e.kind, e.seq) == (kind, seq) and sealed_ is None)
    ]


def test_a_batch_that_is_gone_changed_or_put_in_place_of_another_is_found(both: tuple[list[Entry], list[Entry]]) -> None:
    per, _ = both
    found = {e.seq: e.sealed for e in per if e.kind == "sent"}
    epoch = next(e.epoch for e in per if e.kind == "sent")
    cases = {
        "missing": changed(per, "sent", 5, None),
        "signature": changed(per, "sent", 5, found[5][:-1] + bytes([found[5][-1] ^ 1])),
        "form": changed(per, "sent", 5, found[4]),
        "chain": changed(per, "sent", 5, sealed(batch(epoch=epoch, seq=5))),
        "two": [*per, Entry("sent", epoch, 5, sealed(batch(epoch=epoch, seq=5)))],
    }
    for problem, entries in cases.items():
        (proof,) = (e for e in verify(entries, PER, USA).epochs if e.direction == "sent")
        assert (proof.problem, proof.problem_seq, proof.batches) == (problem, 5, 4), problem


def test_a_log_written_anew_with_the_owners_own_key_breaks_the_partners_signature(both: tuple[list[Entry], list[Entry]]) -> None:
    """Whoever holds a key can sign another history; not one that the partner has signed."""
    per, _ = both
    first = next(e for e in per if e.kind == "sent" and e.seq == 1)
    other = Entry("sent", first.epoch, 1, sealed(batch(epoch=first.epoch, seq=1)))
    receipts = [e for e in per if e.kind == "receipt"]
    report = verify([other, *receipts], PER, USA)
    assert not report.is_whole and report.epochs[0].problem in ("closing", "missing")
    only = [other, *(Entry("receipt", e.epoch, 1, e.sealed) for e in receipts[:1])]
    assert verify(only, PER, USA).epochs[0].problem == "closing"


def test_keys_of_others_prove_nothing(both: tuple[list[Entry], list[Entry]]) -> None:
    per, _ = both
    assert verify(per, ring("PER", 2), USA).epochs[0].problem == "key_unknown"
    assert verify(per, PER, ring("USA", 2)).epochs[0].problem == "closing"
    kid = next(iter(PER.keys))
    assert verify(per, PER.without([kid]), USA).epochs[0].problem == "key_revoked"


def test_an_empty_archive_proves_nothing_and_is_whole() -> None:
    assert verify([], PER, USA).epochs == () and unpack_entry(b"nonsense") is None
