"""A node as a process of its own, to be killed: python -m tests.node.node_process FOLDER FSYNC_S. Prints a line when it watches, with its ports."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from pathlib import Path

from seaward.node.config import config_of
from seaward.node.node import Node


def main(folder: Path, fsync_s: float) -> None:
    feeds = [{"name": "log", "kind": "file", "path": str(folder / "ais.log")}, {"name": "tcp", "kind": "tcp-server", "port": 0}]
    store = {"fsync_s": fsync_s, "history_s": 1.0}
    node = Node(config_of({"data": str(folder / "data"), "feed": feeds, "chart": {"areas": []}, "store": store, "watch": {"sweep_s": 2.0}}))
    node.engine.settled_s = 1.0  # the lines here are whole messages, each complete at once
    node.start()
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    while not getattr(node.sources["tcp"], "port", 0):
        time.sleep(0.01)
    print(json.dumps({"port": node.sources["tcp"].port}), flush=True)  # type: ignore[attr-defined]
    done.wait()
    node.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
