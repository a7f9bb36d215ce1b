"""The exchange with one partner, case by case: order, budget, gaps, withdrawal, keys, and whatever a hostile partner sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from seaward.core.errors import ParameterError
from seaward.exchange import bodies as b
from seaward.exchange.items import Released
from seaward.exchange.label import Handling, Scope
from seaward.exchange.params import Deliver, LinkParams, Send
from seaward.exchange.release import Gate
from tests.exchange.made import BODIES, EVENT, NOW, NOW_MS, item, label, operation
from tests.exchange.pair import POLICY, Pair, Side, again, opened

ALERT = b.Alert("e1", "gap", "alarm", "new", NOW_MS, None, None, None, None, None)


def track(n: int, at_ms: int = NOW_MS, lon_udeg: int = -77_000_000) -> b.Track:
    return b.Track(at_ms, lon_udeg, -12_000_000, 10, 83, 1_234, None, 0, "a")


# -- what is sent arrives, once, in order


def test_every_version_of_an_event_arrives_once_and_in_order() -> None:
    pair = Pair()
    for version in (1, 2, 3):
        pair.offer(again(item(EVENT), version))
    pair.offer(again(item(EVENT), 2))  # said again
    pair.run()
    assert pair.usa.ids == [("e1", 1), ("e1", 2), ("e1", 3)]
    assert pair.per.link.status().unreceipted == 0 and pair.usa.link.status().closed == pair.per.link.status().receipted


def test_alerts_go_before_what_waited_longer() -> None:
    pair = Pair(batch_bytes=1_024)
    pair.offer(*(item(EVENT, f"o{n}") for n in range(20)), item(ALERT, "a1"))
    pair.run()
    assert pair.usa.ids[0] == ("a1", 1) and [i for i, _ in pair.usa.ids[1:]] == [f"o{n}" for n in range(20)]


def test_only_the_newest_value_of_a_track_crosses_after_a_cut() -> None:
    pair = Pair(window_bytes=600)
    for n in range(50):
        pair.offer(item(track(0, NOW_MS + n * 600_000), "mmsi:000000007"))
        pair.step(pass_on=lambda to, send: False)
    before = len(pair.messages("live"))
    pair.run(60)
    assert [m.body.at_ms for m in pair.usa.came if isinstance(m.body, b.Track)][-1] == NOW_MS + 49 * 600_000
    assert before < 10 and len(pair.messages("live")) < 12 and pair.per.link.status().superseded > 35


def test_a_value_within_a_step_of_time_that_was_sent_does_not_leave() -> None:
    """Or the moment of an update would tell when the vessel crossed from one cell into the next."""
    pair = Pair()
    start_ms = NOW_MS // 600_000 * 600_000
    for n in range(120):
        pair.offer(item(track(0, start_ms + n * 10_000, -77_000_000 + n * 1_000), "mmsi:000000007"))
        pair.step()
    shown = [m.body.at_ms for m in pair.messages("live") if isinstance(m.body, b.Track)]
    assert shown == [start_ms, start_ms + 600_000] and pair.per.link.status().thinned == 118


def test_what_is_lost_on_the_way_is_sent_again_and_what_comes_twice_counts_once() -> None:
    pair = Pair(batch_bytes=1_024)
    pair.offer(*(item(EVENT, f"o{n}") for n in range(30)))
    count = 0

    def every_third(to: Side, send: Send) -> bool:
        nonlocal count
        count += 1
        if count % 3 == 0:
            to.link.receive(send.data, pair.now_ms)
        return count % 3 != 1

    for _ in range(300):
        pair.step(pass_on=every_third)
    pair.run(100)
    assert [i for i, _ in pair.usa.ids] == [f"o{n}" for n in range(30)]
    assert pair.usa.link.status().copies > 0 and not pair.usa.quarantined


def test_after_a_restart_on_either_side_nothing_is_lost_or_doubled() -> None:
    pair = Pair()
    pair.offer(*(item(EVENT, f"o{n}") for n in range(5)))
    pair.run(3)
    for side in (pair.per, pair.usa):
        side.start(pair.now_ms)
    pair.usa.link.confirm(pair.usa.deliveries[-1].epoch, pair.usa.deliveries[-1].seq)
    pair.usa.effects.clear()
    pair.usa.link.receiver.effects.clear()
    pair.offer(*(item(EVENT, f"o{n}") for n in range(8)))
    pair.run()
    assert [i for i, _ in pair.usa.ids] == ["o5", "o6", "o7"]


def test_what_was_not_taken_over_is_handed_over_again_after_a_restart() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(5)
    assert pair.usa.ids == [("e1", 1)]
    pair.usa.effects.clear()
    pair.usa.start(pair.now_ms)
    pair.run(1)
    assert pair.usa.ids == [("e1", 1)]
    pair.usa.link.confirm(pair.usa.deliveries[-1].epoch, pair.usa.deliveries[-1].seq)
    pair.usa.log.sync()
    pair.usa.effects.clear()
    pair.usa.start(pair.now_ms)
    pair.run(1)
    assert pair.usa.ids == []


def test_a_log_that_fails_lets_nothing_leave() -> None:
    pair = Pair()
    pair.offer(item(EVENT))

    def broken() -> None:
        raise OSError("no space")

    pair.per.log.sync = broken  # type: ignore[method-assign]
    with pytest.raises(OSError):
        pair.per.pump(pair.now_ms)


def test_compacting_the_log_changes_nothing() -> None:
    pair = Pair()
    for side in (pair.per, pair.usa):
        side.link.compact_bytes = 1
    for n in range(20):
        pair.offer(item(EVENT, f"o{n}"), again(item(EVENT, "x"), n + 1))
        pair.step()
        if n % 5 == 0:
            for side in (pair.per, pair.usa):
                side.start(pair.now_ms)
                side.link.compact_bytes = 1
    pair.run()
    once = dict.fromkeys(pair.usa.ids)
    assert list(once)[-1] == ("x", 20) and {i for i, _ in once} == {*(f"o{n}" for n in range(20)), "x"}
    assert pair.per.link.sender.chain.epoch == pair.usa.link.receiver.epoch and not pair.usa.quarantined
    assert len(pair.per.log.read()[0]) < 30


# -- budget and room


def test_a_link_of_few_bytes_is_never_flooded_and_alerts_and_tracks_share_it() -> None:
    pair = Pair(budget_bytes_per_s=4_000)
    pair.offer(*(item(EVENT, f"o{n}") for n in range(400)), *(item(track(n), f"mmsi:{n:09d}") for n in range(200)))
    began_ms, size = pair.now_ms, 0
    for _ in range(100):
        pair.step()
        size = sum(len(s.data) for s in pair.sent["PER"])
        assert size <= 4_000 * (pair.now_ms - began_ms) / 1_000 + 4_000 + 1_500
    assert size > 20_000
    tracks, events = len(pair.messages("live")), len(pair.messages())
    assert tracks == 200 and 20 < events < 400
    pair.offer(item(ALERT, "a1"))
    before = len(pair.sent["PER"])
    pair.run(6)
    assert any(m.id == "a1" for s in pair.sent["PER"][before:] if s.lane == "history" for m in _messages(s))


def _messages(send: Send) -> list[Released]:
    from seaward.exchange.frames import messages_of

    return messages_of(opened(send.data))


def test_what_a_full_outbox_drops_is_a_gap_that_both_sides_see() -> None:
    pair = Pair(queue_messages=10)
    pair.offer(item(ALERT, "a1"), *(item(EVENT, f"o{n}") for n in range(30)))
    pair.run()
    assert pair.usa.ids[0] == ("a1", 1) and [i for i, _ in pair.usa.ids[1:]] == [f"o{n}" for n in range(21, 30)]
    assert pair.per.link.status().lost == 21 == pair.usa.link.status().their_lost == sum(d.lost for d in pair.usa.deliveries)
    assert pair.usa.deliveries[0].is_after_gap and "overflow" in pair.per.notices and "gap.lost" in pair.usa.notices


def test_what_was_dropped_and_not_yet_told_is_told_in_the_next_epoch() -> None:
    pair = Pair(queue_messages=5)
    pair.offer(item(EVENT, "first"))
    pair.run(5)
    pair.offer(*(item(EVENT, f"o{n}") for n in range(8)))
    pair.per.link.sender.begin(pair.now_ms, "keys")
    pair.run()
    assert sum(d.lost for d in pair.usa.deliveries) == 3


def test_a_partner_that_never_reads_costs_a_bounded_outbox() -> None:
    pair = Pair(queue_messages=50, window_bytes=2_000)
    for n in range(300):
        pair.offer(item(EVENT, f"o{n}"))
        pair.step(pass_on=lambda to, send: False)
    status = pair.per.link.status()
    assert status.waiting == 50 and status.lost + status.unreceipted >= 240
    assert sum(len(s.data) for s in pair.sent["PER"] if s.lane == "history") < 4_000


def test_a_message_too_long_for_any_batch_is_dropped_and_told() -> None:
    pair = Pair()
    many = tuple(f"{n:060d}" for n in range(256))
    reasons = tuple(b.Reason("x" * 64, tuple(("y" * 60, 1.0) for _ in range(32))) for _ in range(64))
    endless = msgspec.structs.replace(EVENT, evidence=(), areas=many, vessel_ids=many, reasons=reasons)
    pair.offer(item(endless, "long"), item(EVENT, "short"))
    pair.run()
    assert pair.usa.ids == [("short", 1)] and pair.usa.link.status().their_lost == 1


# -- the gate, when it comes and when it goes


def test_what_waits_is_asked_again_when_it_leaves() -> None:
    pair = Pair()
    scoped = label(rel=(), scope=(Scope("op-1", NOW + timedelta(hours=2)),))
    rescue = operation(hours=1)  # until nine o'clock
    pair.per.link.set_gate(Gate("PER", "ops", POLICY, (rescue,)))
    pair.offer(item(EVENT, label=scoped))
    assert pair.per.link.status().waiting == 1
    pair.now_ms = NOW_MS + 3_600_000
    pair.run()
    assert pair.messages() == [] and pair.per.link.status().withheld == 1


def test_what_left_and_did_not_arrive_does_not_leave_again_once_its_time_is_over() -> None:
    pair = Pair()
    pair.per.link.set_gate(Gate("PER", "ops", POLICY, (operation(hours=1),)))
    pair.offer(item(EVENT, label=label(rel=(), scope=(Scope("op-1", NOW + timedelta(hours=2)),))), item(EVENT, "e2"))
    pair.step(pass_on=lambda to, send: False)
    pair.now_ms = NOW_MS + 3_600_000
    sent = len(pair.sent["PER"])
    pair.run()
    later = {m.id for s in pair.sent["PER"][sent:] if s.lane == "history" for m in _messages(s)}
    assert "e1" not in {m.id for s in pair.sent["PER"][sent:] if s.lane == "history" for m in _messages(s) if isinstance(m.body, b.Event)}
    assert later >= {"e2"} and ("e2", 1) in pair.usa.ids


def test_what_is_held_leaves_when_its_time_has_come() -> None:
    pair = Pair()
    held = label(handling=Handling(hold_until=NOW + timedelta(seconds=5)))
    pair.offer(item(EVENT, label=held), item(track(0), "mmsi:000000007", label=held))
    pair.run(40)
    assert pair.usa.came == [] and pair.per.link.status().held == 1
    pair.run(30)
    assert sorted(pair.usa.ids) == [("e1", 1), ("mmsi:000000007", 1)]


def test_whoever_was_told_is_told_when_it_is_withdrawn_and_nobody_else() -> None:
    pair = Pair()
    pair.offer(item(EVENT, "told"), item(EVENT, "denied", label=label(rel=("ECU",))))
    pair.run(5)
    pair.offer(item(EVENT, "waits"))
    for id in ("told", "denied", "waits"):
        pair.per.link.withdraw(("event", id))
    pair.run()
    assert [(m.id, type(m.body).__name__) for m in pair.usa.came] == [("told", "Event"), ("told", "Withdrawal")]
    assert b"denied" not in b"".join(s.data for s in pair.sent["PER"])


def test_a_withdrawn_version_withdraws_and_a_later_one_comes_again() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(5)
    pair.offer(again(item(msgspec.structs.replace(EVENT, state="withdrawn")), 2))
    pair.run(5)
    pair.offer(again(item(EVENT), 3))
    pair.run()
    assert [(type(m.body).__name__, m.version) for m in pair.usa.came] == [("Event", 1), ("Withdrawal", 1), ("Event", 3)]


def test_an_object_that_may_no_longer_be_shared_is_recalled() -> None:
    pair = Pair()
    pair.offer(item(EVENT), item(track(0), "mmsi:000000007"))
    pair.run(5)
    pair.offer(again(item(EVENT, label=label(rel=("ECU",))), 2), item(track(0, NOW_MS + 700_000), "mmsi:000000007", label=label(rel=("ECU",))))
    pair.run()
    recalled = [m for m in pair.usa.came if isinstance(m.body, b.Withdrawal)]
    assert sorted((m.body.kind, m.id, m.body.reason) for m in recalled) == [("event", "e1", "recalled"), ("track", "mmsi:000000007", "recalled")]  # type: ignore[union-attr]


def test_an_object_released_under_another_name_takes_the_old_one_back() -> None:
    pair = Pair()
    coarse = label(handling=Handling(precision_m=5_000), scope=(Scope("op-1", NOW + timedelta(hours=2)),))
    pair.offer(item(EVENT, label=coarse))
    pair.run(5)
    name = pair.usa.came[0].id
    assert name.startswith("~")
    pair.per.link.set_gate(Gate("PER", "ops", POLICY, (operation(),)))
    pair.offer(again(item(EVENT, label=coarse), 2))
    pair.run()
    assert sorted((m.id, type(m.body).__name__) for m in pair.usa.came[1:]) == [("e1", "Event"), (name, "Withdrawal")]


def test_an_alert_names_its_event_as_the_partner_knows_it() -> None:
    pair = Pair()
    coarse = label(handling=Handling(precision_m=5_000))
    pair.offer(item(EVENT, label=coarse), item(ALERT, "a1"), item(msgspec.structs.replace(ALERT, event_id="unknown"), "a2"))
    pair.run()
    found = {m.id: m.body for m in pair.usa.came}
    named = next(m.id for m in pair.usa.came if m.kind == "event")
    assert found["a1"].event_id == named and found["a2"].event_id.startswith("~") and found["a2"].event_id != named  # type: ignore[union-attr]


# -- damage


def test_a_log_with_a_hole_begins_a_new_epoch_that_both_see_and_sends_again_what_is_offered_again() -> None:
    pair = Pair()
    events = [item(EVENT, f"o{n}") for n in range(6)]
    pair.offer(*events[:3])
    pair.run(5)
    pair.offer(*events[3:])
    pair.step(pass_on=lambda to, send: False)
    damaged = bytearray(pair.per.log.safe)
    damaged[len(damaged) // 8] ^= 1
    pair.per.log.safe = bytes(damaged)
    pair.per.start(pair.now_ms)
    pair.offer(*events)
    pair.run(60)
    assert {i for i, _ in pair.usa.ids} == {f"o{n}" for n in range(6)} and len(pair.usa.ids) == 6
    assert {"damaged", "epoch"} <= set(pair.per.notices) and any(d.is_after_gap for d in pair.usa.deliveries)


def test_a_partner_that_lost_its_log_is_told_everything_again_once_it_is_offered() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(5)
    pair.usa.log.safe = b""
    pair.usa.start(pair.now_ms)
    pair.usa.effects.clear()
    for _ in range(200):
        pair.step()
        if "epoch" in pair.per.notices:
            break
    pair.offer(item(EVENT))
    pair.run(60)
    assert pair.usa.ids == [("e1", 1)] and "epoch" in pair.per.notices


def test_a_partner_that_started_again_gets_the_last_values_again() -> None:
    pair = Pair()
    pair.offer(item(track(0), "mmsi:000000007"))
    pair.run(5)
    pair.usa.start(pair.now_ms)
    pair.usa.effects.clear()
    pair.run(40)
    assert pair.usa.ids == [("mmsi:000000007", 1)]


def test_a_sender_that_lost_its_whole_log_goes_on_in_a_later_epoch() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(5)
    epoch = pair.per.link.sender.chain.epoch
    pair.per.log.safe = b""
    pair.per.start(pair.now_ms - 86_400_000)  # and its clock went back
    pair.now_ms -= 86_400_000
    pair.offer(item(EVENT), item(EVENT, "e2"))
    pair.run(60)
    assert pair.usa.ids == [("e1", 1), ("e2", 1)] and pair.per.link.sender.chain.epoch > epoch


def test_receipts_that_come_late_change_nothing() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(5)
    old = [s.data for s in pair.sent["USA"] if s.lane == "receipt"]
    pair.offer(*(item(EVENT, f"o{n}") for n in range(5)))
    pair.run(5)
    epoch = pair.per.link.sender.chain.epoch
    for data in old:
        pair.per.link.receive(data, pair.now_ms)
    pair.run(5)
    assert pair.per.link.sender.chain.epoch == epoch and pair.per.link.status().unreceipted == 0


# -- parameters


@pytest.mark.parametrize("wrong", [{"budget_bytes_per_s": 10}, {"batch_bytes": 10}, {"batch_bytes": 60_000}, {"retry_ms": 0}])
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ParameterError):
        LinkParams(**wrong)


def test_the_next_moment_to_look_is_that_of_a_heartbeat_or_of_what_is_held() -> None:
    pair = Pair()
    assert pair.per.link.next_pump_ms(NOW_MS) == NOW_MS + 2_000
    pair.offer(item(EVENT, label=label(handling=Handling(hold_until=NOW + timedelta(seconds=1)))))
    assert pair.per.link.next_pump_ms(NOW_MS) == NOW_MS + 1_000


def test_every_kind_of_message_crosses() -> None:
    pair = Pair()
    for n, body in enumerate(BODIES):
        if not isinstance(body, b.Drill):
            pair.offer(item(body, f"k{n}"))
    pair.run()
    assert len(pair.usa.came) == len(BODIES) - 1 and not pair.usa.quarantined
    assert all(isinstance(d, Deliver) and d.origin == "PER" for d in pair.usa.deliveries)


def test_a_drill_crosses_in_its_own_realm_alone() -> None:
    per, usa = Side("PER", "USA", "ex:north-1"), Side("USA", "PER", "ex:north-1")
    per.link.offer(item(BODIES[13]), NOW_MS)
    for send in per.pump(NOW_MS):
        usa.link.receive(send.data, NOW_MS)
    usa.pump(NOW_MS)
    assert len(usa.came) == 1
    assert replace(per.link.gate, realm="ex:north-1") == per.link.gate


def test_an_answer_names_what_the_partner_sent_as_the_partner_does_and_nothing_else() -> None:
    pair = Pair()
    pair.offer(item(EVENT))
    pair.run(5)
    ours = label(owner="USA", rel=("PER",))
    pair.usa.link.offer(item(b.Ack("event", "e1", 1, pair.now_ms, "Ens. Hale"), "k1", label=ours), pair.now_ms)
    pair.usa.link.offer(item(b.Ack("event", "e2", 1, pair.now_ms, "Ens. Hale"), "k2", label=ours), pair.now_ms)
    pair.run(5)
    about = {m.id: m.body.about_id for m in pair.per.came}  # type: ignore[union-attr]
    assert about["k1"] == "e1" and about["k2"].startswith("~")
