"""Real servers, real sockets: what one nation offers comes to the other, whatever happens to the link, the servers and the processes between."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nats
import pytest
from nats.js.api import StorageType, StreamConfig

from seaward.core.errors import ExchangeError
from seaward.exchange import bodies as b
from seaward.exchange.nats_names import out_subject, stream_name
from seaward.exchange.nats_server import NatsServer, server_program
from tests.exchange.made import EVENT, item
from tests.exchange.nations import Nations, clock, events, free_port, manager_of, run, their_label, until


def track(n: int, at_ms: int) -> b.Track:
    return b.Track(at_ms, -77_000_000, -12_000_000, 10, 83, 1_234, None, 0, "a")


def test_messages_cross_both_ways_and_both_sign_for_them(tmp_path: Path) -> None:
    async def crossing() -> None:
        async with Nations(tmp_path) as both:
            await both.link()
            for event in events(0, 5):
                both.per.links["USA"].offer(event)
            both.usa.links["PER"].offer(item(b.Chat("watch", clock(), "Ens. Hale", "copy"), "c1", label=their_label()))
            await until(lambda: len(both.usa.ids) == 5 and both.per.ids == ["c1"])
            await until(lambda: both.usa.links["PER"].dialogue.status().closed == both.per.links["USA"].dialogue.status().receipted > 0)
            assert both.usa.ids == [f"o{n}" for n in range(5)] and not both.usa.quarantined and not both.per.quarantined
            assert not both.per.links["USA"].health.last_error

    run(crossing())


@pytest.mark.parametrize("how", ["cut", "hole"])
def test_after_a_cut_or_a_black_hole_all_comes_once_in_order(tmp_path: Path, how: str) -> None:
    async def breaking() -> None:
        async with Nations(tmp_path) as both:
            await both.link()
            for event in events(0, 20):
                both.per.links["USA"].offer(event)
            await until(lambda: len(both.usa.ids) == 20)
            (both.proxy.cut if how == "cut" else both.proxy.hole)()
            for n in range(20):
                for event in events(20 + 20 * n, 40 + 20 * n):
                    both.per.links["USA"].offer(event)
                both.per.links["USA"].offer(item(track(1, clock() + n * 600_000), "mmsi:000000001"))
                await asyncio.sleep(0.1)
            both.proxy.mend()
            await until(lambda: len(both.usa.ids) >= 421, 40)
            found = [i for i in both.usa.ids if i.startswith("o")]
            assert found == [f"o{n}" for n in range(420)] and len({*found}) == 420
            assert both.usa.ids.count("mmsi:000000001") < 20

    run(breaking())


def test_after_a_server_or_a_node_is_killed_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    async def killing() -> None:
        async with Nations(tmp_path) as both:
            await both.link()
            sent = 0
            for victim in ("server of PER", "node of PER", "server of USA", "node of USA"):
                for event in events(sent, sent + 40):
                    both.per.links["USA"].offer(event)
                sent += 40
                side, other = (both.per, "USA") if victim.endswith("PER") else (both.usa, "PER")
                await asyncio.sleep(0.02)
                if victim.startswith("server"):
                    assert side.server is not None
                    side.server.kill()
                    await side.server.wait()
                    await asyncio.sleep(0.3)
                    await side.server.start()
                else:
                    await side.unlink(other)
                    side.link(other)
                    for event in events(0, sent):  # a node offers again what it has
                        both.per.links["USA"].offer(event)
                await until(lambda sent=sent: len({*both.usa.ids}) == sent, 40)  # type: ignore[misc]
            assert both.usa.ids == [f"o{n}" for n in range(sent)]

    run(killing())


def test_a_stream_that_was_taken_away_is_made_again_and_what_was_in_it_is_sent_again(tmp_path: Path) -> None:
    async def recreating() -> None:
        async with Nations(tmp_path) as both:
            await both.link()
            both.proxy.cut()
            for event in events(0, 30):
                both.per.links["USA"].offer(event)
            await until(lambda: both.per.links["USA"].health.published > 0)
            await asyncio.sleep(0.3)
            manager = await manager_of(both)
            for name in await manager[1].streams_info():
                await manager[1].delete_stream(name.config.name)
            await manager[0].close()
            both.proxy.mend()
            await until(lambda: len({*both.usa.ids}) == 30, 60)
            assert both.usa.ids == [f"o{n}" for n in range(30)]

    run(recreating())


def test_a_link_of_few_bytes_and_long_ways_carries_alerts_and_current_tracks_first(tmp_path: Path) -> None:
    """600 ms there and back, 32 kB/s: what the issue asks for, in small."""

    async def slow() -> None:
        both = Nations(tmp_path, budget_bytes_per_s=32_000)
        both.delay_s, both.bytes_per_s = 0.3, 32_000  # type: ignore[assignment]
        async with both:
            await both.link()
            both.proxy.cut()
            for event in events(0, 300):
                both.per.links["USA"].offer(event)
            for n in range(200):
                for k in range(3):
                    both.per.links["USA"].offer(item(track(n, clock() + k * 600_000), f"mmsi:{n:09d}"))
            await asyncio.sleep(2)
            both.per.links["USA"].offer(item(b.Alert(None, "gap", "alarm", "new", clock(), None, None, None, None, None), "a1"))
            began = asyncio.get_running_loop().time()
            both.proxy.mend()
            await until(lambda: len(both.usa.ids) > 0)
            first_s = asyncio.get_running_loop().time() - began
            await until(lambda: len({m.id for m in both.usa.came if isinstance(m.body, b.Track)}) == 200 and "a1" in both.usa.ids)
            tracks_s = asyncio.get_running_loop().time() - began
            print(f"first {first_s:.1f} s, tracks {tracks_s:.1f} s")  # noqa: T201
            assert first_s < 12 and tracks_s < 20  # the benchmark holds the figures; here a busy machine may take longer
            assert len([m for m in both.usa.came if isinstance(m.body, b.Track)]) < 600

    run(slow())


def test_a_stream_of_an_earlier_version_is_laid_out_anew_and_nothing_is_missing(tmp_path: Path) -> None:
    async def older() -> None:
        async with Nations(tmp_path) as both:
            await both.link()
            link, name = both.per.links["USA"], stream_name("PER", "USA", "ops", "history")
            out = await nats.connect(link.places.url, user_credentials=str(link.places.out_credentials))
            manager = out.jetstream()
            await manager.delete_stream(name)
            await manager.add_stream(StreamConfig(name=name, subjects=[out_subject("USA", "ops", "history", "*")], storage=StorageType.FILE))
            assert await link._lay_out(out)
            assert (await manager.stream_info(name)).config.storage == StorageType.MEMORY
            await out.close()
            link.offer(item(EVENT, "o1"))
            await until(lambda: both.usa.ids == ["o1"])

    run(older())


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    async def wrong() -> None:
        config = tmp_path / "nats.conf"
        config.write_text("listen: [nonsense", encoding="utf-8")
        with pytest.raises(ExchangeError, match="ended at once"):
            await NatsServer(config, free_port()).start()

    run(wrong())
    assert server_program().name == "nats-server"


def test_a_server_that_a_killed_node_left_behind_is_ended_before_another_starts(tmp_path: Path) -> None:
    async def twice() -> None:
        port, config = free_port(), tmp_path / "nats.conf"
        config.write_text(f'listen: "127.0.0.1:{port}"\n', encoding="utf-8")
        left, other = NatsServer(config, port), NatsServer(config, port)
        await left.start()
        await other.start()
        assert other.is_running and other.pid != left.pid
        assert await asyncio.wait_for(left.wait(), 5) is not None and not left.is_running
        await other.stop()

    run(twice())
