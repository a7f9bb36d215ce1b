"""A node of a nation as a process of its own, to be killed: python -m tests.node.exchange_process FOLDER PARTNER [MOMENT CALLS].

With MOMENT it kills itself at that moment of the exchange, the so-manieth time it comes by: a parent that kills from outside seldom meets those.
Prints a line when it watches.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from seaward.exchange.dialogue import Dialogue
from seaward.exchange.log_file import FileLog
from seaward.exchange.release import Gate
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.store.state import State

MOMENTS: dict[str, tuple[type, str]] = {
    "the gate has let an object pass": (Gate, "released"),
    "the gate has decided": (Gate, "decide"),
    "the log is on disk": (FileLog, "sync"),
    "what follows is known, and nothing of it has left": (Dialogue, "pump"),
    "a batch is kept, and its log does not know": (State, "take_in"),
    "the log knows that a batch is kept": (Dialogue, "confirm"),
    "it is kept that a partner was told": (State, "told"),
}


def config(folder: Path, partner: str, **exchange: Any) -> Any:
    shared = {"home": str(folder / "exchange"), "share": [{"what": ["event", "alert"], "to": [partner]}], **exchange}
    return config_of({"data": str(folder / "data"), "chart": {"areas": []}, "exchange": shared})


def die_after(moment: str, calls: int) -> None:
    """Kill this process once that has happened so many times."""
    owner, name = MOMENTS[moment]
    real, left = getattr(owner, name), [calls]

    def counted(*args: Any, **named: Any) -> Any:
        found = real(*args, **named)
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, counted)


def main(folder: Path, partner: str, moment: str = "", calls: str = "0") -> None:
    if moment:
        die_after(moment, int(calls))
    node, done = Node(config(folder, partner)), threading.Event()
    # events are kept by the parent: a sweep would withdraw them, as no report of this node bears them out
    node.engine._next_sweep += 86_400.0
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    node.start()
    sys.stdout.write("watches\n")
    sys.stdout.flush()
    done.wait()
    node.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
