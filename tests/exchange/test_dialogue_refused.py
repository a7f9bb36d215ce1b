"""What a hostile or broken partner sends, and keys that change or are revoked, at one end of a link."""

from __future__ import annotations

import pytest

from seaward.exchange.frames import LIVE, NO_HASH, Receipt, pack
from seaward.exchange.items import Released
from seaward.exchange.seal import seal
from tests.exchange.made import EVENT, LABEL, NOW_MS, TRACK, batch, item, label, private_key
from tests.exchange.pair import Pair, Side, identity, sealed

# -- what a hostile or broken partner sends


def test_a_batch_that_is_replayed_or_comes_from_an_earlier_epoch_is_a_copy() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run()
    first = next(s for s in pair.sent["PER"] if s.lane == "history")
    pair.usa.link.receive(first.data, pair.now_ms)
    pair.per.link.sender.begin(pair.now_ms, "forked")
    pair.offer(item(EVENT, "e2"))
    pair.run()
    pair.usa.link.receive(first.data, pair.now_ms)
    pair.step()
    assert pair.usa.ids.count(("e1", 1)) == 1 and pair.usa.link.status().copies >= 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (sealed(batch(origin="ECU")), "origin"),
        (sealed(batch(to="ECU")), "not_for_us"),
        (sealed(batch(realm="ex:north-1")), "realm"),
        (sealed(batch(), "ECU"), "key_unknown"),
        (sealed(batch())[:-3], "shape"),
        (sealed(batch())[:-3] + b"abc", "signature"),
        (sealed(batch())[:60] + bytes([sealed(batch())[60] ^ 1]) + sealed(batch())[61:], "signature"),
        (b"x" * 100_000, "too_long"),
        (sealed(batch(labels_hash=NO_HASH)), "label_form"),
        (sealed(batch(expires_ms=NOW_MS - 1)), "expired"),
        (sealed(batch(Released("e", 1, label(owner="ECU"), EVENT))), "label_orcon"),
        (sealed(batch(Released("e", 1, label(rel=("ECU",)), EVENT))), "label_rel"),
        (sealed(batch(Released("e", 1, label(tlp="RED"), EVENT))), "label_tlp"),
        (sealed(batch(Released("mmsi:000000001", 1, label(rel=("ECU",)), TRACK), lane=LIVE)), "label_rel"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_is_not_right_is_put_in_quarantine_with_its_reason(data: bytes, reason: str) -> None:
    usa = Side("USA", "PER")
    usa.link.receive(data, NOW_MS)
    usa.pump(NOW_MS)
    assert usa.quarantined == [reason] and usa.came == [] and usa.link.status().refused == 1


def test_a_bad_message_does_not_hold_up_those_behind_it() -> None:
    usa = Side("USA", "PER")
    first = sealed(batch(Released("bad", 1, label(rel=("ECU",)), EVENT), Released("good", 1, LABEL, EVENT)))
    from seaward.exchange.frames import sealed_hash

    usa.link.receive(first, NOW_MS)
    usa.link.receive(sealed(batch(Released("next", 1, LABEL, EVENT), seq=2, prev=sealed_hash(first))), NOW_MS)
    usa.pump(NOW_MS)
    assert usa.ids == [("good", 1), ("next", 1)] and usa.link.status().received == 2


def test_a_batch_that_is_not_chained_to_the_one_before_is_refused_and_the_sender_begins_anew() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(5)
    epoch = pair.per.link.sender.chain.epoch
    pair.usa.link.receive(sealed(batch(epoch=epoch, seq=2, prev=b"x" * 32)), pair.now_ms)
    pair.run()
    assert pair.usa.quarantined == ["chain"] and pair.per.link.sender.chain.epoch > epoch
    pair.offer(item(EVENT, "e2"))
    pair.run()
    assert pair.usa.ids[-1] == ("e2", 1) and pair.usa.deliveries[-1].is_after_gap


def test_another_batch_under_a_number_that_was_taken_is_seen() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(5)
    pair.usa.link.receive(sealed(batch(epoch=pair.per.link.sender.chain.epoch)), pair.now_ms)
    pair.step()
    assert pair.usa.quarantined == ["forked"] and pair.usa.ids == [("e1", 1)]


def test_a_receipt_for_another_log_begins_a_new_epoch_and_no_oftener_than_every_few_seconds() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(5)
    epochs = {pair.per.link.sender.chain.epoch}
    for n in range(20):
        false = Receipt("USA", "PER", "ops", NOW_MS, pair.per.link.sender.chain.epoch, 1, b"h" * 32, b"r" * 32, 0, 0, 0, 0, n, 0, b"", 0, "")
        pair.per.link.receive(seal(pack(false), private_key("USA")), pair.now_ms + n)
        epochs.add(pair.per.link.sender.chain.epoch)
    assert len(epochs) == 2
    pair.run()
    assert pair.per.notices.count("epoch") == 1


def test_clocks_that_differ_by_hours_lose_nothing_and_are_told() -> None:
    pair = Pair()
    pair.offer(item(EVENT), item(TRACK, "mmsi:000000007"))
    for _ in range(30):
        pair.now_ms += 100
        for send in pair.per.pump(pair.now_ms + 3 * 3_600_000):
            pair.usa.link.receive(send.data, pair.now_ms)
        for send in pair.usa.pump(pair.now_ms):
            pair.per.link.receive(send.data, pair.now_ms + 3 * 3_600_000)
    assert {i for i, _ in pair.usa.ids} == {"e1", "mmsi:000000007"} and "clock" in pair.usa.notices
    assert pair.usa.link.status().clock_ahead_ms > 10_000_000


# -- keys


def test_a_key_is_changed_without_loss_and_the_partner_learns_it_from_its_certificate() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(3)
    pair.per.link.identify(identity("PER", 1, 2), pair.now_ms)
    pair.offer(*(item(EVENT, f"o{n}") for n in range(5)))
    pair.run(60)
    assert [i for i, _ in pair.usa.ids] == ["e1", "o0", "o1", "o2", "o3", "o4"]
    assert private_key("PER", 2).kid in pair.usa.link.receiver.verifier.ring.keys and "keys" in pair.usa.notices
    assert len({b.epoch for b in pair.batches()}) == 1
    pair.usa.start(pair.now_ms)
    assert private_key("PER", 2).kid in pair.usa.link.receiver.verifier.ring.keys  # also after a restart


def test_both_sides_may_change_their_keys_at_once() -> None:
    pair = Pair()
    for side in (pair.per, pair.usa):
        side.link.identify(identity(side.nation, 1, 2), pair.now_ms)
    pair.offer(item(EVENT))
    pair.run(60)
    assert pair.usa.ids == [("e1", 1)] and pair.per.link.status().unreceipted == 0


def test_a_revoked_key_counts_no_more_and_what_it_signed_is_signed_anew() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.step(pass_on=lambda to, send: False)
    old = private_key("PER", 1).kid
    pair.per.link.identify(identity("PER", 2, crl=b"1 " + old.hex().encode(), crl_number=1), pair.now_ms)
    pair.run(60)
    assert pair.usa.ids == [("e1", 1)] and old in pair.usa.link.receiver.verifier.ring.revoked
    pair.usa.link.receive(sealed(batch(epoch=2**50)), pair.now_ms)
    pair.step()
    assert pair.usa.quarantined[-1] == "key_revoked" and pair.usa.link.receiver.epoch < 2**50
    pair.usa.start(pair.now_ms)
    assert old in pair.usa.link.receiver.verifier.ring.revoked


def test_a_key_with_the_right_name_and_no_certificate_is_refused() -> None:
    from seaward.exchange.frames import Introduction

    usa = Side("USA", "PER")
    rogue = private_key("XXX", 9)
    for certificate in (b"PER 2", b"PER 9", b"nonsense", b""):
        said = Introduction("PER", "USA", "ops", NOW_MS, 1, (certificate,), b"")
        usa.link.receive(seal(pack(said), rogue), NOW_MS)
    usa.link.receive(seal(pack(batch()), rogue), NOW_MS)
    usa.pump(NOW_MS)
    assert usa.quarantined == ["key_unknown"] * 5 and rogue.kid not in usa.link.receiver.verifier.ring.keys
