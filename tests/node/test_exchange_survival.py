"""Two nations, each a node process with its own server, both giving and taking; one of these processes is killed again and again, with SIGKILL.

Whatever was killed and when: everything that was kept to be shared arrives, once, in its order, and the logs of both prove it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.exchange.bodies import Chat
from seaward.exchange.home import Home
from seaward.sharing import named
from seaward.store.state import State
from tests.exchange.nations import agree, free_port, now
from tests.node.exchange_process import MOMENTS
from tests.store import kept as made
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=12)


class Nation:
    """A node process, what its watch and its people keep to be shared, and what came of the partner's."""

    def __init__(self, folder: Path, name: str, partner: str) -> None:
        self.folder, self.name, self.partner = folder / name, name, partner
        self.home = Home(self.folder / "exchange")
        self.home.create(name, "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
        self.process: subprocess.Popen[str] | None = None
        (self.folder / "data").mkdir(mode=0o700)
        self.state = State.open(self.folder / "data" / "state.sqlite", "ops")
        self.events: dict[str, tuple[int, str]] = {}  # version and state as kept last
        self.lines: list[str] = []
        self._number = 0

    def start(self, *moment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.node.exchange_process", str(self.folder), self.partner, *moment],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def await_start(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        assert self.process.stdout.readline() or self.process.wait(30) == -signal.SIGKILL, "the node did not start"

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.reap()

    def end(self) -> None:
        """Leave nothing behind, whatever failed."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.kill_server()
        self.state.close()

    def reap(self) -> int:
        assert self.process is not None and self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(60)

    def kill_server(self) -> bool:
        """The server, of a node that runs or of one that was killed; False where there is none."""
        with suppress(OSError, ValueError):
            pid = int((self.folder / "exchange/server/nats.pid").read_text())
            if str(self.folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    def work(self, chance: random.Random) -> None:
        """The watch tells of new events and of new versions, and somebody writes a line."""
        n, self._number = self._number, self._number + 1
        rows = [self._event(f"{self.name}-{n:06d}", 1, "open", n)]
        old = f"{self.name}-{chance.randrange(max(1, n)):06d}"
        if n and self.events[old][1] != "withdrawn":
            rows.append(self._event(old, self.events[old][0] + 1, chance.choice(("revised", "closed", "withdrawn")), int(old[4:])))
        self.state.record_events(pl.concat(rows), datetime.now(UTC))
        self.events |= {r["event_id"]: (r["version"], r["state"]) for r in pl.concat(rows).iter_rows(named=True)}
        self.say()

    def say(self, lines: int = 1) -> None:
        """Somebody writes."""
        for n in range(len(self.lines), len(self.lines) + lines):
            body = json.dumps(named(Chat("watch", int(time.time() * 1000), "Ens. Hale", f"line {n}")))
            self.state.say(self.partner, "chat", f"{self.name}-line-{n:06d}", body, "hale", datetime.now(UTC))
            self.lines.append(f"{self.name}-line-{n:06d}")

    def _event(self, name: str, version: int, state: str, n: int) -> pl.DataFrame:
        start = BEGAN + timedelta(seconds=n)
        return made.event(name, version, state=state, start_at=start, end_at=start + timedelta(seconds=1))

    # -- what came

    def missing(self, other: Nation) -> list[str]:
        """What the other kept and that is not here as it stands there."""
        came = {r["id"]: r for r in self.state.partner_objects(origin=other.name, limit=1_000_000).iter_rows(named=True)}
        lines = [n for n in other.lines if n not in came]
        for name, (version, state) in other.events.items():
            row = came.get(name)
            if state == "withdrawn":
                lines += [name] if row is not None and row["state"] != "withdrawn" else []
            elif row is None or (row["version"], row["state"]) != (version, state):
                lines.append(name)
        return lines

    def told(self, kind: str) -> list[tuple[str, int, str]]:
        """What the journal of changes told of the partner's objects of a kind, in order."""
        rows, after = list[Any](), 0
        while page := self.state.changes_after(after, 10_000):
            rows, after = rows + page, page[-1].seq
        said = [(c.id, json.loads(c.body)) for c in rows if c.topic == "partner"]
        return [(name, s["version"], s["state"]) for name, s in said if s["kind"] == kind]


def survive(folder: Path, times: int, seed: int, victims: Sequence[str] = ()) -> dict[str, int]:
    """Kill one process after another while both nations share; gives what was shared and what was killed."""
    chance = random.Random(seed)
    chosen = victims or tuple(chance.choice((*VICTIMS, *MOMENTS)) for _ in range(times))
    per, usa = both = Nation(folder, "PER", "USA"), Nation(folder, "USA", "PER")
    agree(per.home, usa.home)
    stop = threading.Event()

    def work() -> None:
        at_work = random.Random(seed + 1)
        while not stop.wait(0.05):
            for side in both:
                side.work(at_work)

    worker = threading.Thread(target=work)
    try:
        for side in both:
            side.start()
        for side in both:
            side.await_start()
        worker.start()
        killed = Counter[str]()
        for victim in chosen:
            killed[_kill(victim, both, chance)] += 1
            (folder / "killed.json").write_text(json.dumps(killed))  # of a long run that is broken off, something is known
        time.sleep(1.0)
        stop.set()
        worker.join()
        wait_for(lambda: not usa.missing(per) and not per.missing(usa), 120)
        wait_for(lambda: all(len(s.state.rows("SELECT 1 FROM talk_arrived")) == len(s.lines) for s in both), 60)
        for side in both:
            assert side.process is not None
            side.process.send_signal(signal.SIGTERM)
        assert [side.reap() for side in both] == [0, 0]
        for side, other in ((per, usa), (usa, per)):
            _judge(side, other)
    finally:
        stop.set()
        if worker.is_alive():
            worker.join()
        for side in both:
            side.end()
    return {**killed, "events and lines shared": sum(len(s.events) + len(s.lines) for s in both)}


def _kill(victim: str, both: Sequence[Nation], chance: random.Random) -> str:
    """Kill a victim and bring it up again; gives what was killed."""
    side = chance.choice(both)
    if victim in MOMENTS:
        side.kill()
        side.start(victim, str(chance.randrange(1, 60)))
        assert side.process is not None
        with suppress(subprocess.TimeoutExpired):
            side.process.wait(60.0)
        came = side.process.poll() is not None
        side.process.kill()
        side.reap()
        side.start()
        side.await_start()
        return victim if came else "node, at a moment that did not come"
    time.sleep(chance.uniform(0.0, 4.0))
    dead = [s for s in both if victim == "both nodes" or (s is side and victim.startswith("node"))]
    for s in dead:
        s.kill()
    if victim in ("server", "node and server"):
        wait_for(side.kill_server, 30)
    for s in dead:
        s.start()
    for s in dead:
        s.await_start()
    return victim


VICTIMS = ("node", "server", "node and server", "both nodes")


def _judge(side: Nation, other: Nation) -> None:
    assert side.state.problems() == []
    chat = [name for name, *_ in side.told("chat")]
    assert chat == other.lines, "every line once, in the order they were written"
    events = side.told("event")
    assert len(events) == len({*events}), "nothing twice"
    first = list(dict.fromkeys(name for name, *_ in events))
    assert first == sorted(first), "in the order they were kept"
    last: dict[str, int] = {}
    for name, version, _ in events:
        assert version >= last.get(name, 0), "no version after a later one"
        last[name] = version
    audit = {*side.state.audit_rows(limit=1_000_000)["action"]}
    assert not audit & {"exchange.refused", "exchange.gap.epoch", "exchange.damaged", "exchange.overflow"}, audit
    done = CliRunner().invoke(app, ["exchange", "audit", "verify", other.name, "--dir", str(side.home.folder), "--json"])
    assert done.exit_code == 0, done.output
    proof = json.loads(done.output)
    assert proof["whole"] and {e["direction"] for e in proof["epochs"]} == {"sent", "received"} and len(proof["epochs"]) == 2
    assert all(e["signed_by_both"] > 0 for e in proof["epochs"])


def test_killed_at_three_moments_two_nations_lose_and_double_nothing(tmp_path: Path) -> None:
    victims = ("both nodes", "server", "a batch is kept, and its log does not know")
    killed = survive(tmp_path, 3, 1, victims)
    assert killed.keys() >= {*victims} and killed["events and lines shared"] > 100


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2])
def test_killed_fifty_times_two_nations_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    print(survive(tmp_path, 50, seed))  # noqa: T201
