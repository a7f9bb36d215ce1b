"""Questions are answered from the folder of a node that is running and writing."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.units import at_to_us
from seaward.node.config import config_of
from seaward.node.node import Node
from tests.cli.logbook_node import NORTH, aivdm


class Still:
    """A clock that stands still."""

    speed = 1.0

    def now_us(self) -> int:
        return at_to_us(datetime(2027, 11, 4, 8, tzinfo=UTC))

    steady_us = now_us


def asked(data: Path) -> int:
    done = CliRunner().invoke(
        app, ["query", "sql", "select count(distinct raw_offset) n, count(*) m from reports", "--format", "json", "--data", str(data)]
    )
    assert done.exit_code == 0, done.output + repr(done.exception)
    (row,) = json.loads(done.stdout)
    assert row["n"] == row["m"], "none twice"
    return row["n"]


def test_every_report_is_there_once_whether_it_is_settled_or_not(tmp_path: Path) -> None:
    log, data = tmp_path / "ais.log", tmp_path / "data"
    log.write_bytes(b"")
    store = {"history_s": 1.0, "fsync_s": 0.1}
    node = Node(
        config_of({"data": str(data), "feed": [{"name": "log", "kind": "file", "path": str(log)}], "chart": {"areas": []}, "store": store}), Still()
    )
    node.engine.settled_s = 0.5
    node.start()
    try:
        seen = [asked(data)]
        for k in range(5):
            with log.open("ab") as file:
                file.write(b"".join(aivdm(NORTH, -77.5, -12.5 + 0.001 * (20 * k + n), n) for n in range(20)))
            time.sleep(0.7)
            seen.append(asked(data))
        until = time.monotonic() + 30
        while seen[-1] < 100 and time.monotonic() < until:
            seen.append(asked(data))
        settled = sum(node.engine.history.manifest.parts.values())
        assert seen == sorted(seen) and seen[-1] == 100 and settled > 0
        track = CliRunner().invoke(app, ["query", "track", str(NORTH), "--data", str(data)])
        assert track.exit_code == 0 and f"mmsi:{NORTH}" in track.stdout
    finally:
        node.stop()
    assert asked(data) == 100
