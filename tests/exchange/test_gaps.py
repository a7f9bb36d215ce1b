"""What may be missing is shown, and what was taken back is taken back, whatever had no room, came too late or lay on a damaged disk."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import msgspec

from seaward.exchange import bodies as b
from seaward.exchange.frames import pack
from seaward.exchange.label import Handling, Scope
from seaward.exchange.release import Gate
from seaward.exchange.seal import seal
from tests.exchange.made import EVENT, NOW, NOW_MS, TRACK, item, label, operation, private_key
from tests.exchange.pair import POLICY, Pair, again


def test_a_withdrawal_is_never_dropped_for_want_of_room() -> None:
    pair = Pair(queue_messages=3)
    pair.offer(item(EVENT, "told"))
    pair.run(5)
    pair.per.link.withdraw(("event", "told"))
    pair.offer(*(item(EVENT, f"o{n}") for n in range(8)))
    pair.run()
    assert [m.id for m in pair.usa.came if isinstance(m.body, b.Withdrawal)] == ["told"] and pair.usa.link.status().their_lost == 6


def test_a_withdrawal_counts_however_late_it_comes_and_a_message_does_not() -> None:
    pair = Pair(history_expiry_s=60)
    pair.offer(item(EVENT, "told"))
    pair.run(5)
    pair.per.link.withdraw(("event", "told"))
    pair.offer(item(EVENT, "late"))
    sent = pair.per.pump(pair.now_ms)
    for send in sent:
        pair.usa.link.receive(send.data, pair.now_ms + 61_000)
    pair.usa.pump(pair.now_ms + 61_000)
    assert [m.id for m in pair.usa.came if isinstance(m.body, b.Withdrawal)] == ["told"]
    assert "expired" in pair.usa.quarantined and "late" not in {m.id for m in pair.usa.came}


def test_what_expired_before_it_came_is_signed_anew() -> None:
    pair = Pair(history_expiry_s=60)
    pair.offer(item(EVENT, "first"))
    pair.run(5)
    pair.offer(item(EVENT, "waits"))
    for _ in range(70):
        pair.step(1_000, pass_on=lambda to, send: False)
    pair.run(40)
    assert [i for i, _ in pair.usa.ids] == ["first", "waits"] and not pair.usa.quarantined


def test_a_gap_is_told_even_if_nothing_else_is_left_to_say() -> None:
    pair = Pair(queue_messages=2)
    pair.offer(*(item(EVENT, f"o{n}") for n in range(5)))
    pair.per.link.withdraw(("event", "o3"))
    pair.per.link.withdraw(("event", "o4"))
    pair.run()
    assert pair.usa.link.status().their_lost == 3 and "gap.lost" in pair.usa.notices
    assert all(isinstance(m.body, b.Withdrawal) and m.id.startswith("~") for m in pair.usa.came)


def test_an_old_version_that_may_no_longer_leave_takes_nothing_of_a_newer_one_with_it() -> None:
    pair = Pair()
    scoped = label(rel=(), scope=(Scope("op-1", NOW + timedelta(hours=2)),))
    pair.per.link.set_gate(Gate("PER", "ops", POLICY, (operation(hours=1),)))
    pair.offer(item(EVENT, label=scoped), again(item(EVENT), 2))
    pair.step(pass_on=lambda to, send: False)
    pair.per.link.set_gate(Gate("PER", "ops", POLICY, ()))
    pair.per.link.sender.begin(pair.now_ms, "keys")
    pair.run()
    assert pair.usa.ids[-1] == ("e1", 2) and not any(isinstance(m.body, b.Withdrawal) for m in pair.usa.came)


def test_a_name_that_holds_again_is_not_withdrawn_by_what_still_waits() -> None:
    pair = Pair()
    exact = replace(item(EVENT), label=label(handling=Handling()))
    coarse = replace(again(item(EVENT), 2), label=label(handling=Handling(precision_m=5_000)))
    pair.offer(exact)
    pair.step(pass_on=lambda to, send: False)
    pair.offer(coarse)
    pair.step(pass_on=lambda to, send: False)
    pair.offer(replace(exact, version=3))
    pair.run(60)
    held: dict[str, bool] = {}
    for m in pair.usa.came:
        held[m.id] = not isinstance(m.body, b.Withdrawal)
    assert held.pop("e1") and not any(held.values())


def test_a_log_whose_end_is_gone_is_known_to_be_damaged_and_what_it_held_comes_again() -> None:
    for seed in range(20):
        pair = Pair(queue_messages=50)
        pair.usa.link.compact_bytes = 1
        pair.offer(*(item(EVENT, f"o{n}") for n in range(5)))
        pair.step()
        for send in pair.sent["USA"]:
            pair.per.link.receive(send.data, pair.now_ms)
        pair.usa.link.pump(pair.now_ms + 1_000)  # taken, written as a whole, and handed to nobody
        pair.usa.log.cut(random.Random(seed))
        pair.usa.start(pair.now_ms)
        for n in range(5):
            pair.offer(item(EVENT, f"o{n}"))
        for _ in range(30):
            pair.step(1_000)
            if "epoch" in pair.per.notices and pair.per.effects:
                pair.offer(*(item(EVENT, f"o{n}") for n in range(5)))
        assert {i for i, _ in pair.usa.ids} == {f"o{n}" for n in range(5)}, seed


def test_a_node_that_knows_more_than_the_log_is_given_again_what_comes_again() -> None:
    for ahead, times in ((0, 1), (1, 2)):
        pair = Pair()
        pair.offer(item(EVENT))
        pair.run(5)
        place = pair.usa.deliveries[-1]
        pair.usa.start(pair.now_ms, taken=(place.epoch, place.seq + ahead))  # what came then may have taken the event back
        pair.per.link.sender.begin(pair.now_ms, "went_back")
        pair.offer(item(EVENT))
        pair.run(30)
        assert pair.usa.ids.count(("e1", 1)) == times + 1 and pair.usa.link.receiver.has(("event", "e1"))


def test_a_withdrawal_is_of_the_newest_version_told_even_while_older_ones_are_sent_again() -> None:
    pair = Pair(batch_bytes=1_024, window_bytes=600)
    pair.offer(item(EVENT), again(item(EVENT), 2))
    for send in pair.per.pump(pair.now_ms):
        pair.usa.link.receive(send.data, pair.now_ms)
    for _ in range(40):  # both versions come, and no receipt of the second does
        pair.step(pass_on=lambda to, send: to is pair.usa or len(pair.usa.ids) < 2)
    assert pair.usa.ids == [("e1", 1), ("e1", 2)]
    pair.per.link.sender.begin(pair.now_ms, "keys")
    offered = pair.per.link.sender.offered
    first = next(iter(offered.history.items))
    released = offered.release(first, pair.now_ms)
    assert released is not None and offered.leaves(first, released) is not None
    assert offered.told["event", "e1"].version == 2
    pair.per.link.withdraw(("event", "e1"))
    pair.run(60)
    assert isinstance(pair.usa.came[-1].body, b.Withdrawal)


def test_an_older_version_that_is_sent_again_says_nothing_of_the_newest_one_that_is_in_doubt() -> None:
    """The log lost the newest version after saying that it was told: it is sent again when it is offered again."""
    pair = Pair(batch_bytes=1_024, window_bytes=600)
    newest = again(item(EVENT), 2)
    pair.offer(item(EVENT), newest)
    for _ in range(3):  # both leave, and nothing comes back
        pair.step(pass_on=lambda to, send: to is pair.usa)
    offered = pair.per.link.sender.offered
    assert offered.told["event", "e1"].version == 2
    pair.per.link.sender.begin(pair.now_ms, "damaged")
    first, second = offered.history.items
    offered.history.drop(second)
    for moment in ("before the older one leaves", "after it"):
        offered.offer(newest, pair.now_ms)
        (number,) = set(offered.history.items) - {first}
        assert offered.release(number, pair.now_ms) is not None, moment
        offered.history.drop(number)
        released = offered.release(first, pair.now_ms)
        assert released is not None and offered.leaves(first, released) is not None
    assert offered.told["event", "e1"].version == 2


def test_last_values_come_also_when_a_log_that_was_lost_whole_begins_anew_within_the_same_second() -> None:
    pair = Pair()
    for came in (1, 2, 3):
        pair.offer(item(TRACK))
        pair.run(3, ms=50)
        assert len(pair.usa.came) == came
        if came == 2:
            pair.per.log.replace([])
        pair.per.start(pair.now_ms)


def test_last_values_come_also_when_the_log_was_lost_while_the_clock_was_behind() -> None:
    """The partner's receipt says which numbers were used: what is sent goes on behind them."""
    pair = Pair()
    pair.offer(item(TRACK))
    pair.run(3, ms=50)
    sender = pair.per.link.sender
    assert len(pair.usa.came) == 1
    sender.live_seq -= 10_000_000  # as after a start from a log without its end, by a clock that is hours behind
    pair.offer(again(item(msgspec.structs.replace(TRACK, at_ms=NOW_MS + 3_600_000)), 1))
    pair.run(90)
    assert len(pair.usa.came) == 2 and pair.per.link.status().unreceipted == 0 and not sender.offered.live.flying


def test_no_number_that_a_partner_says_it_has_seen_stops_last_values_for_good() -> None:
    pair = Pair()
    pair.offer(item(TRACK))
    pair.run(3, ms=50)
    sender, at = pair.per.link.sender, pair.per.link.sender.live_seq
    last = pair.receipts[-1]
    for seen in (2**53, 2**52, at):
        pair.per.link.receive(seal(pack(msgspec.structs.replace(last, live_seq=seen)), private_key("USA")), pair.now_ms)
        assert sender.live_seq == at
    pair.per.link.receive(seal(pack(msgspec.structs.replace(last, live_seq=2**52 - 1)), private_key("USA")), pair.now_ms)
    pair.offer(item(msgspec.structs.replace(TRACK, at_ms=NOW_MS + 3_600_000)))
    pair.run(5)
    assert len(pair.usa.came) == 2
