"""Three nodes: Peru shares with the USA, the USA with Ecuador; nothing of Peru comes to Ecuador but what Peru itself gives to it."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.exchange.home import Home
from seaward.exchange.label import label_json
from seaward.live import Looked
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.sharing import made_label
from tests.exchange.nations import agree, free_port, now
from tests.node.two_nations import event
from tests.waiting import wait_for

EVERYTHING = ["event", "alert", "track"]
SHARES = {"PER": [{"what": EVERYTHING, "kinds": ["gap"], "to": ["USA"]}, {"what": EVERYTHING, "kinds": ["encounter"], "to": ["ECU", "USA"]}],
          "USA": [{"what": EVERYTHING, "to": ["ECU", "PER"]}], "ECU": []}  # fmt: skip


def tell(node: Node, *events: pl.DataFrame) -> None:
    node.run(lambda: node._publish(Looked(pl.concat(events)), node.clock.now_us()))


def got(node: Node) -> set[tuple[str, str]]:
    return set(node.state.partner_objects(kind="event").select("origin", "id").rows())


def test_nothing_goes_on_to_a_third_nation(tmp_path: Path) -> None:
    homes = {n: Home(tmp_path / n / "exchange") for n in SHARES}
    for nation, home in homes.items():
        home.create(nation, "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
    for one, other in (("PER", "USA"), ("USA", "ECU"), ("PER", "ECU")):  # the USA dials and is dialled
        agree(homes[one], homes[other])
    nodes = {
        n: Node(
            config_of({"data": str(tmp_path / n / "data"), "chart": {"areas": []}, "exchange": {"home": str(homes[n].folder), "share": SHARES[n]}})
        )
        for n in SHARES
    }
    for node in nodes.values():
        node.start()
    try:
        per, usa, ecu = nodes["PER"], nodes["USA"], nodes["ECU"]
        wait_for(lambda: all([link["state"] for link in n.status()["exchange"]["links"]] == ["up", "up"] for n in nodes.values()), 60)
        tell(per, event("p-1"), event("p-2", kind="encounter"), event("p-3", kind="loitering"))
        tell(usa, event("u-1"))
        wait_for(lambda: got(usa) == {("PER", "p-1"), ("PER", "p-2")} and got(per) == {("USA", "u-1")})
        wait_for(lambda: got(ecu) == {("PER", "p-2"), ("USA", "u-1")})
        words = [
            "exchange",
            "release",
            "p-1",
            "--to",
            "ECU",
            "--who",
            "hale",
            "--dir",
            str(homes["USA"].folder),
            "--data",
            str(tmp_path / "USA/data"),
        ]
        done = CliRunner().invoke(app, words)
        assert done.exit_code != 0 and "there is no event" in str(done.exception)
        usa.state.release("event", "p-1", label_json(made_label("USA", ["ECU"])), "hale", "by another way", datetime.now(UTC))
        tell(per, event("p-1", 2, state="closed"))
        tell(usa, event("u-2"))
        wait_for(lambda: ("USA", "u-2") in got(ecu))
        threading.Event().wait(2.0)
        assert got(ecu) == {("PER", "p-2"), ("USA", "u-1"), ("USA", "u-2")} and got(per) == {("USA", "u-1"), ("USA", "u-2")}
        assert "p-1" not in str(ecu.state.changes_after(0, 10_000)), "not even its name"
        for n in nodes.values():
            assert not n.state.audit_rows().filter(pl.col("action") == "exchange.refused").height and n.engine.failures == 0
        wait_for(lambda: [link["refused"] + link["lost"] for link in ecu.status()["exchange"]["links"]] == [0, 0])
    finally:
        for node in nodes.values():
            node.stop()
