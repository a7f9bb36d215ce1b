"""Events that a running node tells become alerts by the rules; a store that takes nothing for a while loses none of them."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from seaward.core.errors import StateError
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.store.state import State
from tests.made_up_day.ais_encode import position_a, sentences
from tests.waiting import wait_for

RULES = """
format = "alerts/1"

[[rule]]
id = "reserve"
kinds = ["area"]
priority = "alarm"
title = { en = "In the reserve", es = "En la reserva" }
"""
RESERVE = """{"type": "Feature", "properties": {"name": "Reserve", "forbids": "entry"}, "geometry": {"type": "Polygon", "coordinates":
[[[-80.0, -13.0], [-79.0, -13.0], [-79.0, -11.0], [-80.0, -11.0], [-80.0, -13.0]]]}}"""


def line(mmsi: int, lon: float) -> bytes:
    second = datetime.now(UTC).second
    return sentences(position_a([mmsi], [lon], [-12.0], [9.0], [90.0], [90.0], [second], [0]), ["A"], [0])[0][0].encode()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "reserve.geojson").write_text(RESERVE)
    return Node(
        config_of({
            "data": str(tmp_path / "data"), "feed": [{"name": "callao", "kind": "udp", "port": 0}],
            "chart": {"areas": [str(tmp_path / "reserve.geojson")]}, "alerts": {"rules": str(tmp_path / "rules.toml")},
        })
    )  # fmt: skip


def sail_in(node: Node) -> None:
    wait_for(lambda: node.health["callao"].connected)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for k in range(6):
            sender.sendto(line(760000001, -80.003 + 0.001 * k), ("127.0.0.1", node.sources["callao"].port))  # type: ignore[attr-defined]
            time.sleep(1.1)


def test_a_vessel_that_enters_a_reserve_raises_an_alert_within_seconds(node: Node) -> None:
    node.start()
    try:
        sail_in(node)
        wait_for(lambda: len(node.state.alerts()) == 1, 30)
        alert = node.state.alerts().row(0, named=True)
        assert (alert["priority"], alert["state"], alert["vessel_ids"]) == ("alarm", "new", ["mmsi:760000001"])
    finally:
        node.stop()


def test_events_wait_in_order_while_the_state_takes_nothing(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.start()
    try:
        record, full = State.record_events, [True]

        def refusing(self: State, versions: pl.DataFrame, at: datetime) -> list[int]:
            if full[0]:
                raise StateError("the disk is full", "full")
            return record(self, versions, at)

        monkeypatch.setattr(State, "record_events", refusing)
        sail_in(node)
        wait_for(lambda: node.status()["state_full"])
        assert node.state.latest_events().is_empty()
        full[0] = False
        wait_for(lambda: len(node.state.alerts()) == 1, 30)
        assert not node.status()["state_full"]
    finally:
        node.stop()


def test_numbers_that_only_drills_use_never_enter_a_watch_over_the_real_sea(node: Node) -> None:
    node.start()
    try:
        wait_for(lambda: node.health["callao"].connected)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for mmsi in (100009991, 760000001, 111760001):  # of a drill, a vessel, a rescue aircraft
                sender.sendto(line(mmsi, -78.0), ("127.0.0.1", node.sources["callao"].port))  # type: ignore[attr-defined]
        wait_for(lambda: node.health["callao"].reports == 3)
        wait_for(lambda: "health.drill" in node.status()["feeds"][0]["problems"])
        wait_for(lambda: 760000001 in node.run(node.live.latest)["mmsi"].to_list())
        assert 100009991 not in node.run(node.live.latest)["mmsi"].to_list() and node.status()["feeds"][0]["of_drills"] == 1
    finally:
        node.stop()


def test_a_rule_for_an_area_that_the_layers_do_not_have_is_told_at_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = 'format = "alerts/1"\n[[rule]]\nid = "a"\npriority = "alarm"\nareas = ["Dominio maritimo del Peru", "Franja *"]\n'
    (tmp_path / "rules.toml").write_text(text)
    node = Node(config_of({"data": str(tmp_path / "data"), "alerts": {"rules": str(tmp_path / "rules.toml")}}))
    node.start()
    node.stop()
    (told,) = [r for r in caplog.records if r.message == "a rule asks for an area that is not there"]
    assert told.line == 5 and "near are: Dominio marítimo del Perú" in told.why  # type: ignore[attr-defined]
