"""Killed at any moment, a node has every report that it accepted, once, and every decision of a person; after a day it says what detect says."""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from seaward.alerting import Sight, act, offer
from seaward.api import detect
from seaward.core.tables import REPORTS
from seaward.core.units import at_to_us
from seaward.feeds.read import read
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.store.disk import FileDisk
from seaward.store.history import History
from seaward.store.raw_journal import Journal
from seaward.store.state import State
from tests.alerts.floor import RULES, event, table
from tests.made_up_day.ais_encode import position_a, sentences
from tests.made_up_day.peru_aids import write_peru_aids
from tests.made_up_day.peru_day import write_peru_day
from tests.waiting import wait_for

START = datetime(2027, 3, 5, tzinfo=UTC)
END = START + timedelta(days=1, minutes=5)


class Fixed:
    """A clock that stands still."""

    speed = 1.0

    def __init__(self, at: datetime) -> None:
        self._us = at_to_us(at)

    def now_us(self) -> int:
        return self._us

    steady_us = now_us


def test_after_a_day_the_node_says_what_detect_says_of_the_days_file(tmp_path: Path) -> None:
    path = tmp_path / "ex-day.nmea"
    write_peru_day(path, seed=7, start=START)
    aids = write_peru_aids(tmp_path, seed=7, start=START)
    feed = {"name": "callao", "kind": "file", "path": str(path)}
    chart = {"areas": ["peru"], "ports": [str(aids.ports)], "detections": str(tmp_path / "drops")}
    (tmp_path / "drops").mkdir()
    node = Node(config_of({"realm": "ex:day", "data": str(tmp_path / "data"), "feed": [feed], "chart": chart}), Fixed(END))
    reports = sum(len(b.reports) for b in read(str(path), "ex:day"))
    node.start()
    try:
        wait_for(lambda: node.run(lambda: node.live.window.rows) == reports)
        aids.detections.rename(tmp_path / "drops" / aids.detections.name)
        wait_for(lambda: not node.live.params.detections.is_empty())
        told = node.engine.ask(lambda: swept(node)).result(120)
    finally:
        node.stop()
    found = detect(path, realm="ex:day", as_of=END, areas="peru", ports=aids.ports, detections=tmp_path / "drops" / aids.detections.name).events
    assert_frame_equal(_alike(told), _alike(found))
    with State.open(tmp_path / "data/state.sqlite", "ex:day") as state:
        kept = state.latest_events()
        assert set(kept.filter(pl.col("state") != "withdrawn")["event_id"]) >= set(told.head(50)["event_id"])


def swept(node: Node) -> pl.DataFrame:
    """What the watch tells after a sweep of all there is; in its own thread, so that no look comes in between."""
    node.live.sweep(END, exact=True)()
    return node.live.told.table()


def _alike(events: pl.DataFrame) -> pl.DataFrame:
    """Without how an event came to be known, and without the names of feeds."""
    state = pl.col("state").cast(pl.String).replace("revised", "open")
    offsets = pl.col("evidence").list.eval(pl.element().struct.field("raw_offset"))
    events = events.filter(pl.col("state") != "withdrawn").with_columns(state=state, version=1, evidence=offsets)
    return events.sort("start_at", "kind", "event_id")


def start(folder: Path, fsync_s: float = 0.2) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.node.node_process", str(folder), str(fsync_s)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the node did not start"
    return process, int(json.loads(line)["port"])


def end(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    process.stdout.close()
    return process.wait(60)


def line_of(number: int) -> bytes:
    """A report that no other equals."""
    mmsi = 760_000_000 + number % 1000
    lon, lat = -80.0 - number % 1000 / 100 + number * 1e-5, -12.0 + number * 1e-6
    return sentences(position_a([mmsi], [lon], [lat], [8.0], [90.0], [90.0], [number % 60], [0]), ["A"], [0])[0][0].encode() + b"\n"


def judge(state: State, number: int) -> dict[str, str]:
    """Raise an alert of a vessel of its own and decide on it, just before the kill; its name and state."""
    now, who = datetime.now(UTC), f"mmsi:{412_000_001 + number}"
    long_ago = {"start_at": now - timedelta(days=300), "end_at": now - timedelta(days=299)}
    offer(state, table(event(f"e{number}", vessel_ids=[who], state="closed") | long_ago), Sight(RULES), now)
    [raised] = state.alerts().filter(pl.col("vessel_ids").list.contains(who))["alert_id"].to_list()
    return {raised: act(state, raised, ("acknowledge", "validate", "comment")[number % 3], "ana", now, "seen").state}


def survive(folder: Path, times: int, seed: int) -> None:
    """Two feeds at 1,000 lines a second each; the node is killed so many times at random moments."""
    chance = random.Random(seed)
    (folder / "ais.log").write_bytes(b"")
    stop, lock = threading.Event(), threading.Lock()
    target: list[int] = [0]
    written = [0]

    def send() -> None:
        peer, port, number, tick_s = None, 0, 10_000_000, time.monotonic()
        with (folder / "ais.log").open("ab") as log:
            while not stop.is_set():
                for _ in range(50):
                    log.write(line_of(written[0]))
                    written[0] += 1
                log.flush()
                with lock:
                    wanted = target[0]
                try:
                    if wanted and wanted != port:
                        if peer is not None:
                            peer.close()
                        peer, port = socket.create_connection(("127.0.0.1", wanted), 1.0), wanted
                    if peer is not None and port:
                        peer.sendall(b"".join(line_of(number + k) for k in range(50)))
                        number += 50
                except OSError:
                    if peer is not None:
                        peer.close()
                    peer, port = None, 0
                tick_s += 0.05
                time.sleep(max(0.0, tick_s - time.monotonic()))
        if peer is not None:
            peer.close()

    sender = threading.Thread(target=send)
    sender.start()
    decided: dict[str, int] = {}
    judged: dict[str, str] = {}
    try:
        for n in range(times):
            process, port = start(folder)
            with lock:
                target[0] = port
            time.sleep(chance.uniform(0.1, 2.5))
            with State.open(folder / "data/state.sqlite", "ops") as state:
                decided[f"deed {n}"] = state.audit("ana", "noted", f"deed {n}", {}, datetime.now(UTC)).seq
                judged |= judge(state, n)
            process.send_signal(signal.SIGKILL)
            end(process)
            with lock:
                target[0] = 0
    finally:
        stop.set()
        sender.join()
    process, _ = start(folder)
    with State.open(folder / "data/state.sqlite", "ops") as state:
        wait_for(lambda: _lines(folder, "log") >= written[0], 90)
        rows = state.audit_rows()
        assert {r["subject"]: r["seq"] for r in rows.iter_rows(named=True) if r["action"] == "noted"} == decided
        assert dict(state.alerts().select("alert_id", "state").iter_rows()) == judged
        assert state.problems() == []
    process.send_signal(signal.SIGTERM)
    assert end(process) == 0
    history = History(folder / "data/history", "ops").scan(REPORTS).collect()
    for feed in ("log", "tcp"):
        mine = history.filter(pl.col("feed").cast(pl.String) == feed)
        lines = _lines(folder, feed)
        assert len(mine) == lines > 0 and mine["raw_offset"].is_unique().all(), f"{feed}: each accepted line once"
        assert mine.select("mmsi", "lon_deg").is_unique().all(), f"{feed}: nothing doubled"
    assert _lines(folder, "log") == written[0], "of a file that was there all the time, nothing is lost at all"


def _lines(folder: Path, feed: str) -> int:
    disk = FileDisk(folder / "data/raw")
    base = [n for n in disk.names(feed) if n.endswith(".raw")]
    return sum(disk.read(n, 0, disk.size(n)).count(b"\n") for n in base)


def test_killed_at_random_moments_it_has_each_accepted_report_once_and_every_decision(tmp_path: Path) -> None:
    survive(tmp_path, 3, 1)


@pytest.mark.soak
def test_killed_fifty_times_it_has_each_accepted_report_once_and_every_decision(tmp_path: Path) -> None:
    survive(tmp_path, 50, 2)


def test_a_journal_that_no_history_has_is_read_again_at_the_start(tmp_path: Path) -> None:
    """As after a kill before the first part was written."""
    journal = Journal(FileDisk(tmp_path / "data/raw"), "ops", "log")
    now_us = at_to_us(datetime.now(UTC))
    journal.append(b"".join(line_of(n) for n in range(10)), now_us)
    journal.sync()
    node = Node(config_of({"data": str(tmp_path / "data"), "feed": [{"name": "log", "kind": "udp", "port": 0}], "chart": {"areas": []}}))
    node.start()
    try:
        wait_for(lambda: node.run(lambda: len(node.engine.unsettled())) == 10)
    finally:
        node.stop()
