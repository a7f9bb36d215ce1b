"""A feed that sends garbage, floods, or tells of the future is told as such, and disturbs no other."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seaward.node import intake
from seaward.node.config import config_of
from seaward.node.node import Node
from tests.made_up_day.ais_encode import checksum, position_a, sentences
from tests.waiting import wait_for


def line(mmsi: int, at: datetime | None = None) -> bytes:
    bare = sentences(position_a([mmsi], [-80.0], [-12.0], [9.0], [90.0], [90.0], [7], [0]), ["A"], [0])[0][0]
    if at is None:
        return bare.encode() + b"\r\n"
    tag = f"c:{int(at.timestamp())}"
    return f"\\{tag}*{checksum(tag)}\\{bare}\r\n".encode()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    feeds = [{"name": "bad", "kind": "tcp-server", "port": 0}, {"name": "good", "kind": "udp", "port": 0}]
    made = Node(config_of({"data": str(tmp_path), "feed": feeds, "chart": {"areas": []}}))
    made.start()
    wait_for(lambda: made.health["bad"].connected and made.health["good"].connected)
    yield made
    made.stop()


def send(node: Node, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", node.sources["bad"].port)) as peer:  # type: ignore[attr-defined]
        peer.sendall(data)


def good_one_arrives(node: Node, mmsi: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(line(mmsi), ("127.0.0.1", node.sources["good"].port))  # type: ignore[attr-defined]
    wait_for(lambda: mmsi in node.run(node.live.latest)["mmsi"].to_list())


def test_garbage_is_counted_by_rule_and_what_is_good_between_it_is_kept(node: Node) -> None:
    chance = random.Random(1)
    noise = [chance.randbytes(300).replace(b"\n", b" ") + b"\n" for _ in range(200)]
    noise += [b"\x00" * 500 + b"\n", line(760000003)[:20] + b"\n", b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*99\n", b"\n\n\n", b"\\c:1*00\\x\n"]
    send(node, b"".join(noise) + line(760000001))
    wait_for(lambda: node.health["bad"].reports == 1)
    told = node.health["bad"].told(node.clock.now_us())
    assert told["rejected"] >= 200 and sum(told["rules"].values()) == told["rejected"] and "health.rejected" in told["problems"]
    good_one_arrives(node, 760000002)


def test_a_line_that_never_ends_is_left_out_and_what_follows_is_read(node: Node) -> None:
    send(node, b"x" * 10_000_000 + b"\n" + line(760000001))
    wait_for(lambda: node.health["bad"].reports == 1)
    good_one_arrives(node, 760000002)


def test_a_flood_beyond_the_queue_is_counted_and_the_other_feed_goes_on(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "QUEUE_BYTES", 50_000)
    send(node, b"".join(line(760000000 + n) for n in range(1, 40_000)))
    wait_for(lambda: node.health["bad"].overflowed_lines > 0)
    good_one_arrives(node, 760999998)
    wait_for(lambda: node.health["bad"].reports + node.health["bad"].overflowed_lines == 39_999)
    assert "health.overflow" in node.status()["feeds"][0]["problems"]


def test_reports_of_the_future_are_refused_and_hide_nothing_that_follows(node: Node) -> None:
    now = datetime.now(UTC)
    send(node, line(760000001, now + timedelta(days=1)) + line(760000001, now))
    wait_for(lambda: node.health["bad"].ahead == 1)
    wait_for(lambda: node.run(node.live.latest).height == 1)
    assert abs(node.run(node.live.latest)["reported_at"][0] - now) < timedelta(seconds=2)
    assert node.health["bad"].told(node.clock.now_us())["ahead_of_time"] == 1


def test_senders_that_come_and_go_by_the_hundred_leave_the_node_well(node: Node) -> None:
    for n in range(200):
        with socket.create_connection(("127.0.0.1", node.sources["bad"].port)) as peer:  # type: ignore[attr-defined]
            if n % 2:
                peer.sendall(line(760000001)[: n % 60])
    send(node, line(760000005))
    wait_for(lambda: 760000005 in node.run(node.live.latest)["mmsi"].to_list())
    good_one_arrives(node, 760000002)
