"""Over real servers: batches of a partner that has its own true key and means harm; clocks hours off; a full outbox; a partner that never reads."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import msgspec

from seaward.exchange.frames import Batch, pack, sealed_hash
from seaward.exchange.items import Released
from seaward.exchange.keys import signing_key
from seaward.exchange.label import Label
from seaward.exchange.seal import MOST_BYTES, seal
from tests.exchange import made
from tests.exchange.made import EVENT, item
from tests.exchange.nations import Nations, clock, events, hostile, run, their_label, until

LABEL = made.label(owner="USA", rel=("PER",))


def batch(seq: int, prev: bytes, name: str, given: Label = LABEL, **changes: Any) -> Batch:
    now = clock()
    said = made.batch(Released(name, 1, given, EVENT), seq=seq, prev=prev)
    return msgspec.structs.replace(said, **({"origin": "USA", "to": "PER", "created_ms": now, "expires_ms": now + 600_000} | changes))


def test_whatever_a_partner_signs_or_bends_is_refused_with_its_reason_and_good_batches_still_come(tmp_path: Path) -> None:
    async def attacking() -> None:
        async with Nations(tmp_path) as both:
            both.per.link("USA")
            enemy = await hostile(both.usa, "PER")
            asked = await enemy.subscribe("link.USA.USA_PER_ops_history")
            inbox = (await asked.next_msg(timeout=20)).reply
            key = both.usa.home.identity(None).key

            async def send(data: bytes) -> None:
                await enemy.publish(inbox, data)
                await enemy.flush()

            first = seal(pack(batch(1, bytes(32), "good-1")), key)
            second = seal(pack(batch(2, sealed_hash(first), "good-2")), key)
            third = seal(pack(batch(3, sealed_hash(second), "good-3")), key)
            await send(third)  # out of its turn: waits for those before
            await send(first)
            await until(lambda: both.per.ids == ["good-1"])
            for _ in range(3):
                await send(first)  # replayed
            await until(lambda: both.per.links["USA"].dialogue.status().copies >= 3)
            assert both.per.ids == ["good-1"] and both.per.quarantined == []
            rogue = signing_key("USA", os.urandom(32))
            tampered = bytearray(second)
            tampered[len(second) // 2] ^= 1
            head = sealed_hash(third)
            bad = {
                "too_short": second[:40],
                "signature": bytes(tampered),
                "too_long": second + bytes(MOST_BYTES),
                "realm": seal(pack(batch(9, head, "x", realm="ex:north-1")), key),
                "not_for_us": seal(pack(batch(9, head, "x", to="ECU")), key),
                "origin": seal(pack(batch(9, head, "x", origin="ECU")), key),
                "key_unknown": seal(pack(batch(9, head, "x")), rogue),
                "forked": seal(pack(batch(1, bytes(32), "another-1")), key),
            }
            for reason, data in bad.items():
                await send(data)
                await until(lambda reason=reason: reason in both.per.quarantined)  # type: ignore[misc]
            await send(second[:-5])  # truncated
            await until(lambda: len(both.per.quarantined) >= 8)
            assert both.per.ids == ["good-1"], "nothing of all that was taken"
            await send(second)
            await until(lambda: both.per.ids == ["good-1", "good-2", "good-3"])
            expired = seal(pack(batch(4, head, "expired", created_ms=clock() - 9_000_000, expires_ms=clock() - 60_000)), key)
            labels = {"label_rel": made.label(owner="USA", rel=("ECU",)), "label_orcon": made.label(owner="ECU", rel=("PER",)),
                      "label_tlp": made.label(owner="USA", rel=("PER",), tlp="RED")}  # fmt: skip
            await send(expired)
            await until(lambda: "expired" in both.per.quarantined)
            head = sealed_hash(expired)
            for seq, (reason, given) in enumerate(labels.items(), 5):
                data = seal(pack(batch(seq, head, reason, given)), key)
                await send(data)
                await until(lambda reason=reason: reason in both.per.quarantined)  # type: ignore[misc]
                head = sealed_hash(data)
            await send(seal(pack(batch(8, head, "good-8")), key))
            await until(lambda: both.per.ids == ["good-1", "good-2", "good-3", "good-8"])
            await send(seal(pack(batch(9, bytes(32), "unchained")), key))
            await until(lambda: "chain" in both.per.quarantined)
            assert both.per.ids[-1] == "good-8"
            await asyncio.wait_for(both.per.unlink("USA"), 20)
            await enemy.close()

    run(attacking())


def test_clocks_that_are_hours_off_lose_nothing_and_are_told(tmp_path: Path) -> None:
    async def apart() -> None:
        async with Nations(tmp_path) as both:
            both.per.link("USA")
            both.usa.link("PER").clock = lambda: clock() + 5 * 3_600_000
            for event in events(0, 20):
                both.per.links["USA"].offer(event)
            both.usa.links["PER"].offer(item(EVENT, "back", label=their_label()))
            await until(lambda: len(both.usa.ids) == 20 and both.per.ids == ["back"], 40)
            assert both.usa.ids == [f"o{n}" for n in range(20)] and not both.usa.quarantined and not both.per.quarantined
            await until(lambda: both.per.links["USA"].dialogue.status().clock_ahead_ms > 4 * 3_600_000)
            assert both.usa.links["PER"].dialogue.status().clock_ahead_ms < -4 * 3_600_000

    run(apart())


def test_what_a_full_outbox_drops_in_a_long_cut_is_a_gap_that_both_sides_see(tmp_path: Path) -> None:
    async def filling() -> None:
        async with Nations(tmp_path, queue_messages=500) as both:
            await both.link()
            both.per.links["USA"].offer(events(0, 1)[0])
            await until(lambda: both.usa.ids == ["o0"])
            both.proxy.cut()
            for n in range(1, 2_001):
                both.per.links["USA"].offer(events(n, n + 1)[0])
            await until(lambda: both.per.links["USA"].dialogue.status().lost > 0)
            both.proxy.mend()
            await until(lambda: "o2000" in both.usa.ids, 60)
            mine, theirs = both.per.links["USA"].dialogue.status(), both.usa.links["PER"].dialogue.status()
            assert mine.lost > 0 and theirs.their_lost == mine.lost and len(both.usa.ids) == 2_001 - mine.lost
            numbers = [int(i[1:]) for i in both.usa.ids]
            assert numbers == sorted({*numbers}) and numbers[-1] == 2_000, "what comes is in order, each once"
            gaps = [e for e in both.usa.effects if getattr(e, "is_after_gap", False)]
            assert sum(g.lost for g in gaps) == mine.lost  # type: ignore[union-attr]

    run(filling())


def test_a_partner_that_never_reads_costs_a_bounded_outbox_and_stream(tmp_path: Path) -> None:
    async def silent() -> None:
        async with Nations(tmp_path, queue_messages=500) as both:
            link = both.per.link("USA")
            for n in range(3_000):
                link.offer(events(n, n + 1)[0])
            await until(lambda: link.dialogue.status().lost >= 2_000, 40)
            assert link.dialogue.status().waiting + link.dialogue.status().unreceipted <= 500 + 1
            stored = sum(p.stat().st_size for p in (both.per.home.folder / "server" / "store").rglob("*") if p.is_file())
            assert stored < 1 << 26 and (both.per.home.folder / "logs" / "USA.log").stat().st_size < 1 << 26
            both.usa.link("PER")  # and when it reads at last, the newest come, and the gap is told
            await until(lambda: "o2999" in both.usa.ids, 60)
            assert both.usa.links["PER"].dialogue.status().their_lost == link.dialogue.status().lost
            await asyncio.wait_for(both.per.unlink("USA"), 20)
            both.per.link("USA")

    run(silent())
