"""The exchange, measured: how soon an event of one node is at the other, how many tracks pass the gates, what a track costs, how a cut is caught up.

`python -m benchmarks.exchange` on this machine alone: two nodes and two servers on loopback, a proxy for the link that is cut or slow.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from seaward.exchange import bodies as b
from seaward.exchange.items import Item
from seaward.exchange.label import Label
from seaward.exchange.params import Deliver
from seaward.exchange.release import Gate
from tests.exchange.nations import POLICY, Nations, agree, clock, until
from tests.exchange.pair import Pair
from tests.node.nodes import wait_for
from tests.node.test_exchange_survival import Nation
from tests.node.two_nations import GAPS, event, two

Figure = tuple[str, float, str]
LABEL = Label("per/1", "LIMITED", "AMBER", "PER", ("USA",))
EVENTS, TRACKS, ROUNDS, CUT, KEPT = 300, 2_000, 5, 20_000, 30_000


def latency() -> list[Figure]:
    """Two whole nodes in one process: from the moment the watch tells of an event, each of another vessel, to the one at which the partner keeps it.

    The watch itself takes the first part of that time: it raises the alert and keeps both before anything is shared.
    """
    with tempfile.TemporaryDirectory() as folder, two(Path(folder), PER=GAPS) as both:
        both.up()
        both.tell(event("warm"))
        wait_for(lambda: "warm" in both.got())
        told, shared, kept = {}, {}, {}
        take_in, offer = both.usa.state.take_in, both.per.exchange.links["USA"].offer

        def taken(origin: str, place: Any, objects: Any, at: Any) -> bool:
            objects = list(objects)
            is_new = take_in(origin, place, objects, at)
            kept.update({o["id"]: time.perf_counter() for o in objects})
            return is_new

        def offered(item: Item) -> Any:
            shared.setdefault(item.id, time.perf_counter())
            return offer(item)

        both.usa.state.take_in, both.per.exchange.links["USA"].offer = taken, offered
        for n in range(EVENTS):
            rows = event(f"e{n}", vessel_ids=[f"mmsi:{760_000_000 + n}"])
            told[f"e{n}"] = time.perf_counter()
            both.tell(rows)
            time.sleep(0.03)
        wait_for(lambda: len(kept) >= EVENTS)
    whole, link = (np.array([kept[i] - began[i] for i in told]) * 1000 for began in (told, shared))
    return [
        (f"event {what}, {name}", float(np.quantile(ms, q)), "ms")
        for what, ms in (("told by the watch of one node, kept by the other", whole), ("offered to the link, kept by the other", link))
        for name, q in (("p50", 0.5), ("p99", 0.99))
    ]


def gates() -> list[Figure]:
    """Both machines in this process: gate, batch, signature, verification, receive gate; no socket, no disk."""
    draw, pair = random.Random(1), Pair()
    pair.per.link.set_gate(Gate("PER", "ops", POLICY))
    passed, spent_s = 0, 0.0
    for round_ in range(ROUNDS):
        pair.now_ms += 600_000  # a step of time of the rules: each vessel is sent again
        items = [
            Item(
                f"mmsi:{760_000_000 + n:09d}",
                1,
                "ops",
                LABEL,
                b.Track(pair.now_ms, draw.randrange(-80_000_000, -70_000_000), -12_000_000, 10, 83, 1_234),
            )
            for n in range(TRACKS)
        ]
        before = len(pair.usa.came)
        began = time.perf_counter()
        pair.offer(*items)
        while len(pair.usa.came) - before < TRACKS:
            pair.step(100)
        spent_s += time.perf_counter() - began
        passed += TRACKS
        assert round_ < ROUNDS
    size = sum(len(s.data) for s in pair.sent["PER"] if s.lane == "live") / passed
    return [
        ("tracks through gate, signature and receive gate, one core", passed / spent_s, "/s"),
        ("a track on the wire, with its share of batch and signature", size, "B"),
    ]


async def _sockets() -> list[Figure]:
    """Both machines in this process with their logs, two servers and a link by TLS between: each of many vessels once, as fast as they go."""
    with tempfile.TemporaryDirectory() as folder:
        async with Nations(Path(folder)) as both:
            await both.link()
            link, at_ms = both.per.links["USA"], clock()
            items = [Item(f"mmsi:{n:09d}", 1, "ops", LABEL, b.Track(at_ms, -77_000_000 + n, -12_000_000, 10, 83, 1_234)) for n in range(CUT)]
            began = time.perf_counter()
            for at in range(0, CUT, TRACKS):
                link.do(lambda part=items[at : at + TRACKS]: [link.dialogue.offer(i, clock()) for i in part])
            await until(lambda: len(both.usa.ids) >= CUT, 60)
            spent_s = time.perf_counter() - began
            assert {*both.usa.ids} == {i.id for i in items}
    return [("tracks through gate, signature, link and receive gate, over sockets", CUT / spent_s, "/s")]


async def _busy() -> list[Figure]:
    """Events while 1,000 tracks a second cross: from the offer on one side to the hand-over on the other; two links, no watch around them."""
    with tempfile.TemporaryDirectory() as folder:
        async with Nations(Path(folder)) as both:
            await both.link()
            link, theirs = both.per.links["USA"], both.usa.links["PER"]
            offered: dict[str, float] = {}
            came: dict[str, float] = {}
            take = theirs.take

            def taken(effects: Any) -> None:
                take(effects)
                came.update({m.id: time.perf_counter() for e in effects if isinstance(e, Deliver) for m in e.messages if m.kind == "event"})

            theirs.take = taken
            began = time.perf_counter()
            for n in range(EVENTS):
                for k in range(30):
                    track = b.Track(clock(), -77_000_000 + k, -12_000_000, 10, 83, 1_234)
                    link.offer(Item(f"mmsi:{n * 30 + k:09d}", 1, "ops", LABEL, track))
                offered[f"o{n}"] = time.perf_counter()
                body = b.Event("open", "gap", clock() - 60_000, clock(), (), -77_500_000, -12_250_000, None, 750, (), (), (), "gap/1")
                link.offer(Item(f"o{n}", 1, "ops", LABEL, body))
                await asyncio.sleep(max(0.0, began + 0.03 * (n + 1) - time.perf_counter()))
            rate = EVENTS * 30 / (time.perf_counter() - began)
            await until(lambda: len(both.usa.ids) == EVENTS * 31, 60)
            ms = np.array([came[i] - offered[i] for i in offered]) * 1000
    what = f"event offered to the link, handed over by the other, with {rate:,.0f} tracks a second"
    return [(f"{what}, {name}", float(np.quantile(ms, q)), "ms") for name, q in (("p50", 0.5), ("p99", 0.99))]


async def _cut() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        async with Nations(Path(folder)) as both:
            await both.link()
            both.proxy.cut()
            for n in range(CUT):
                body = b.Event(
                    "open",
                    "gap",
                    clock() - 7_200_000,
                    clock() - 60_000,
                    ("mmsi:760000001",),
                    -77_500_000,
                    -12_250_000,
                    None,
                    750,
                    (),
                    (),
                    (),
                    "gap/1",
                )
                both.per.links["USA"].offer(Item(f"o{n}", 1, "ops", LABEL, body))
                if n % 2_000 == 0:
                    await asyncio.sleep(1.0)
            await until(lambda: both.per.links["USA"].dialogue.sender.offered.next_number > CUT, 60)
            both.proxy.mend()
            began = time.monotonic()
            await until(lambda: len(both.usa.effects) > 0 and len(both.usa.ids) > 0, 60)
            first_s = time.monotonic() - began
            while len(both.usa.ids) < CUT:
                assert time.monotonic() - began < 120
                await asyncio.sleep(0.1)
            all_s = time.monotonic() - began
            assert both.usa.ids == [f"o{n}" for n in range(CUT)]
    return [("after a cut of 10 s: first message", first_s, "s"), (f"the same: {CUT:,} messages, all once and in order", all_s, "s")]


async def _slow() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        both = Nations(Path(folder), budget_bytes_per_s=32_000)
        both.delay_s, both.bytes_per_s = 0.3, 32_000  # type: ignore[assignment]
        async with both:
            await both.link()
            both.proxy.cut()
            for n in range(200):
                for k in range(3):
                    body = b.Track(clock() + k * 600_000, -77_000_000, -12_000_000, 10, 83, 1_234)
                    both.per.links["USA"].offer(Item(f"mmsi:{760_000_000 + n:09d}", 1, "ops", LABEL, body))
            await asyncio.sleep(10)
            both.proxy.mend()
            began = time.monotonic()
            await until(lambda: len(both.usa.ids) > 0, 60)
            first_s = time.monotonic() - began
            await until(lambda: len({*both.usa.ids}) == 200, 60)
    return [("600 ms, 32 kB/s, after a cut: first message", first_s, "s"), ("the same: 200 current tracks", time.monotonic() - began, "s")]


def backlog() -> list[Figure]:
    """Two node processes: what was kept while neither ran crosses; then one of them is killed, and starts with all of it kept and told."""
    with tempfile.TemporaryDirectory() as folder:
        per, usa = both = Nation(Path(folder), "PER", "USA"), Nation(Path(folder), "USA", "PER")
        agree(per.home, usa.home)
        try:
            for _ in range(KEPT // 1_000):
                with per.state.together():
                    per.say(1_000)
            for side in both:
                side.start()
            for side in both:
                side.await_start()
            began = time.monotonic()
            first_s = _until(usa, 1, began)
            all_s = _until(usa, KEPT, began)
            wait_for(lambda: len(per.state.rows("SELECT 1 FROM talk_arrived")) == KEPT, 60)
            per.kill()
            per.start()
            per.await_start()
            began = time.monotonic()
            per.say(1)
            next_s = _until(usa, KEPT + 1, began)
            lines = usa.state.rows("SELECT id FROM talk ORDER BY number")
            assert [name for (name,) in lines] == per.lines, "each once, in order"
        finally:
            for side in both:
                side.end()
    what = f"{KEPT:,} lines kept before the nodes start"
    return [
        (f"{what}: first one at the partner", first_s, "s"),
        ("the same: all, once and in order", all_s, "s"),
        ("the same: a second, from the first on", (KEPT - 1) / max(1e-3, all_s - first_s), "/s"),
        ("the sender killed and started again: a new line at the partner", next_s, "s"),
    ]


def _until(side: Nation, lines: int, began: float) -> float:
    """How long it takes until so many lines of the partner are kept [s]."""
    while side.state.rows("SELECT count(*) FROM talk")[0][0] < lines:
        assert time.monotonic() - began < 600
        time.sleep(0.05)
    return time.monotonic() - began


def main() -> None:
    """Measure and print."""
    for part in (
        gates,
        lambda: asyncio.run(_sockets()),
        lambda: asyncio.run(_busy()),
        latency,
        lambda: asyncio.run(_cut()),
        lambda: asyncio.run(_slow()),
        backlog,
    ):
        for what, value, unit in part():
            print(f"{what:70s} {value:12,.2f} {unit}", flush=True)


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores")
    main()
