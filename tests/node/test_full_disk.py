"""A disk that is really full: the watch goes on, says so, and once there is room everything that came meanwhile is kept, once."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.store.disk import FileDisk
from seaward.store.raw_journal import Journal
from tests.node.nodes import kept
from tests.node.test_alerts_live import RESERVE, RULES, line
from tests.waiting import wait_for

ROOM_MB = 24


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, with little room."""
    place = tmp_path / "small"
    place.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_MB}m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(made, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can make a file system for it, and not in every container")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_stops_nothing_and_loses_nothing(tmp_path: Path, small: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "reserve.geojson").write_text(RESERVE)
    feed = {"name": "callao", "kind": "udp", "port": 0}
    store = {"fsync_s": 0.2, "history_s": 1.0}
    config = config_of({
        "data": str(small), "feed": [feed], "chart": {"areas": [str(tmp_path / "reserve.geojson")]}, "store": store,
        "alerts": {"rules": str(tmp_path / "rules.toml")},
    })  # fmt: skip
    node = Node(config)
    node.engine.settled_s = 0.5
    node.start()
    try:
        wait_for(lambda: node.health["callao"].connected)
        port = node.sources["callao"].port  # type: ignore[attr-defined]
        ballast = small / "ballast"
        with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(1 << 12))
        mine = [760000002 + n for n in range(40)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for mmsi in mine:
                for k in range(25):
                    sender.sendto(line(mmsi, -81.0 + 0.001 * k), ("127.0.0.1", port))
                wait_for(lambda upto=mmsi: node.health["callao"].reports >= (mine.index(upto) + 1) * 25)
            for k in range(30):
                sender.sendto(line(760000001, -80.003 + 0.001 * k), ("127.0.0.1", port))
        sent = 25 * len(mine) + 30
        wait_for(lambda: node.health["callao"].reports == sent)
        wait_for(lambda: "health.disk" in node.status()["feeds"][0]["problems"])
        wait_for(lambda: node.status()["history_full"])
        wait_for(lambda: len(node.run(node.live.latest)) == len(mine) + 1)
        assert node.status()["feeds"][0]["waiting_bytes"] > 0 and node.status()["feeds"][0]["overflowed_lines"] == 0
        ballast.unlink()
        wait_for(lambda: node.status()["feeds"][0]["waiting_bytes"] == 0)
        wait_for(lambda: not node.status()["history_full"])
        wait_for(lambda: "health.disk" not in node.status()["feeds"][0]["problems"])
        wait_for(lambda: not node.status()["state_full"])
        wait_for(lambda: node.history.manifest.kept_to.get("callao", 0) == node.intakes["callao"].journal.end)
        rows = kept(node)
        assert len(rows) == sent and rows["raw_offset"].is_unique().all()
        wait_for(lambda: len(node.state.alerts()) == 1)
    finally:
        node.stop()
    journal = Journal(FileDisk(small / "raw"), "ops", "callao")
    assert sum(data.count(b"\n") for _, data in journal.pieces() if data is not None) == sent and not [*journal.check()]
