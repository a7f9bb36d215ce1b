"""A configuration -> the running node: feeds, watch, state and servers, started in order and stopped in order. Who has a `Node` has it all."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from seaward.alerting import Sight, offer, wake
from seaward.alerts.areas_asked import missing_areas
from seaward.alerts.read_rules import default_rules, default_text, rules_of
from seaward.alerts.rules import Rules
from seaward.core.errors import InputError, OutputError, SeawardError, UsageError
from seaward.core.tables import DETECTIONS, EVENTS, VESSELS
from seaward.core.units import HOUR_S, US_PER_S
from seaward.exchange.home import Home
from seaward.feeds.batch import ReadOptions
from seaward.feeds.cot import COT
from seaward.feeds.cot_stream import CotLines, datagram_lines
from seaward.feeds.nmea import NMEA
from seaward.feeds.read import feed_name
from seaward.given import Given
from seaward.live import Live, LiveParams, Looked
from seaward.node.aside import Aside
from seaward.node.clock import Clock, DrillClock, WallClock, moment
from seaward.node.config import Config, FeedConfig, File, Folder, Nats, Serial, Tcp, TcpServer, Udp
from seaward.node.drilled import Drilled
from seaward.node.engine import Engine, EngineParams
from seaward.node.exchanging import Exchanging
from seaward.node.from_file import FromFile
from seaward.node.from_folder import FromFolder
from seaward.node.from_nats import FromNats
from seaward.node.from_serial import FromSerial
from seaward.node.from_tcp import FromTcp, FromTcpServer
from seaward.node.from_udp import FromUdp
from seaward.node.health import BY_COT, BY_FILES, Health
from seaward.node.intake import Intake
from seaward.node.lines import Lines
from seaward.node.outlet_picture import Sighted, last_said
from seaward.node.outlets import Outlets
from seaward.node.retention import Retention
from seaward.node.source import Source, keep_going
from seaward.node.warm import warm_up
from seaward.sailing import Sailing
from seaward.store.disk import FileDisk
from seaward.store.history import History
from seaward.store.raw_journal import Journal
from seaward.store.state import State
from seaward.watch import WatchParams

log = logging.getLogger("seaward.node")
Watcher = Callable[[pl.DataFrame, int], None]  # new versions of events, and when [us]
_DEAF = {"health.disconnected", "health.silent", "health.low_rate"}  # a feed that may not hear what is there


class Node:
    """One watch floor's node. `start` returns when it watches; `stop` when all is safe.

    Parameters
    ----------
    config
        What it is told to do.
    clock
        None: the computer's, or that of the drill.
    """

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        self.config, self.realm = config, config.realm
        drill = config.drill
        self.clock = clock or (WallClock() if drill is None else DrillClock(drill.start, drill.speed))
        self._lock = _alone(config.data)
        self.disk = FileDisk(config.data / "raw")
        self.history = History(config.data / "history", config.realm)
        self.state = State.open(config.data / "state.sqlite", config.realm)
        self.rules, rule_text = _rules(config.alerts.rules)
        self.given = Given.read(config.realm, config.chart.areas, config.chart.ports)
        for warning in missing_areas(self.rules, rule_text, [a.name for a in self.given.areas.areas] if self.given.areas is not None else []):
            said = warning.text(config.language)
            log.warning("a rule asks for an area that is not there", extra={"file": self.rules.name, "line": warning.line, "why": said})
        self.health: dict[str, Health] = {}
        self.intakes: dict[str, Intake] = {}
        self.sources: dict[str, Source] = {}
        self.listeners: list[Watcher] = []
        self.started_us, self._retention = self.clock.now_us(), Retention(self.clock)
        params = self.given.applied(WatchParams.of(config.watch.behaviours), asked=False)
        if config.watch.behaviours is None or "dark_contact" in config.watch.behaviours:
            params = _with_dark_contacts(params, config)
        live = LiveParams(window_s=config.watch.window_h * HOUR_S, rows=config.watch.reports)
        since = moment(self.started_us) - timedelta(seconds=2 * live.window_s)
        known = pl.concat([self.state.latest_events(since=since), self.state.latest_events(states=["open", "revised"])])
        known = known.unique("event_id", maintain_order=True)
        self.live = Live(config.realm, params, live, known.select(list(EVENTS.schema)))
        self.engine = Engine(
            self.live, self.history, self.clock, self._publish, self.health,
            EngineParams(cadence_s=config.watch.look_s, sweep_s=config.watch.sweep_s, history_s=config.store.history_s,
                         history_days=config.store.history_days), self._now_and_then,
        )  # fmt: skip
        self.exchange: Exchanging | None = None
        if config.exchange is not None:
            self.exchange = Exchanging(config.exchange, config.realm, self.state, lambda: self.run(self.live.latest),
                                       self.live.recent, self.live.static)  # fmt: skip
            self.listeners.append(self.exchange.poke)
        self.patrol: Sailing | None = None
        if config.patrol is not None:
            self.patrol = Sailing(config.patrol.plan, config.patrol.folder, config.realm)
            self.patrol.check_realm()
        self.drilled: Drilled | None = None  # of the exercise that it takes part in, by who runs it
        self._nation = _nation(config)
        self.outlets = Outlets(config.outlet, config.realm, self._sighted, lambda: self.clock.now_us() // 1_000)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread: threading.Thread | None = None
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        for feed in config.feed:
            self._prepare(feed)

    def start(self) -> None:
        """Read back what is known, begin to watch, and open the feeds."""
        warm_up(self.live.params)
        loaded = self.engine.load(self.clock.now_us() - int(self.live.live.window_s * US_PER_S))
        log.info("node starts", extra={"realm": self.realm, "reports_loaded": loaded, "feeds": len(self.config.feed)})
        self.engine.start()
        for name, intake in self.intakes.items():
            self.health[name].started_us = self.clock.now_us()
            intake.start(self.history.manifest.kept_to.get(name, 0))
        ready = threading.Event()
        self._loop_thread = threading.Thread(target=self._serve, args=(ready,), name="sources", daemon=True)
        self._loop_thread.start()
        ready.wait(30.0)
        if self.patrol is not None:
            threading.Thread(target=self.patrol.warm, name="patrol", daemon=True).start()
        if self.exchange is not None:
            self.exchange.start()
        self.outlets.start()

    def stop(self) -> None:
        """Close the links and feeds, take what they gave, make it safe, and let go of the folder."""
        self.outlets.stop()
        if self.exchange is not None:
            self.exchange.stop()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
        if self._loop_thread is not None:
            self._loop_thread.join(30.0)
        for intake in self.intakes.values():
            intake.stop()
        self.engine.stop()
        self.state.close()
        self.disk.close()
        os.close(self._lock)
        log.info("node stopped", extra={"realm": self.realm})

    def run(self, source: Callable[[], Any]) -> Any:
        """Have something done in the thread of the watch, and wait for its answer."""
        return self.engine.ask(source).result(30.0)

    def status(self) -> dict[str, Any]:
        """How the node is, ready for JSON."""
        now_us, lag = self.clock.now_us(), self.engine.lag
        seconds = pl.Series([*lag.seconds], dtype=pl.Float64)
        return {
            "realm": self.realm, "now": moment(now_us).isoformat(), "started": moment(self.started_us).isoformat(),
            "vessels": int((self.live.attention.state["band"] >= 0).sum()), "reports_in_window": self.live.window.rows,
            "window_full_share": self.live.window.full_share, "turned_away": self.live.window.turned_away, "events": len(self.live.told),
            "latency_p50_s": seconds.quantile(0.5), "latency_p99_s": seconds.quantile(0.99), "look_s": lag.look_s, "sweep_s": lag.sweep_s,
            "last_sweep": moment(lag.sweep_at_us).isoformat() if lag.sweep_at_us else None, "vessels_waiting": lag.waiting,
            "longest_wait_s": lag.oldest_s, "history_full": self.engine.history_full, "state_full": self.engine.state_full,
            "failures": self.engine.failures, "exchange": None if self.exchange is None else self.exchange.told(),
            "outlets": self.outlets.told(),
            "feeds": [health.told(now_us) | {"queued_bytes": self.intakes[name].queued_bytes} for name, health in self.health.items()],
        }  # fmt: skip

    def _sighted(self) -> Sighted:
        """What is known, for outlets."""
        latest, said, running = self.run(self.live.latest), last_said(self.live.static()), self.exchange
        if running is None:
            return Sighted(latest, said)
        own_units = frozenset(running.config.own_units)
        partners = tuple((o, m) for o, m, _ in running.tracks())
        return Sighted(latest, said, partners, running.fusing.joined, self._nation, own_units)

    def _publish(self, looked: Looked, now_us: int) -> None:
        offer(self.state, looked.versions, self._sight(looked.known, now_us), moment(now_us))
        for listener in self.listeners:
            listener(looked.versions, now_us)

    def _keep(self, feed: str) -> tuple[int, int]:
        """Since when the bytes of a feed are kept, and up to which its reports are in the history."""
        begun_us = self.intakes[feed].journal.begun_us
        before_us = None if begun_us is None else self._retention.before_us(feed, self.config.store.raw_days, begun_us)
        return before_us if before_us is not None else 0, self.history.manifest.kept_to.get(feed, 0)

    def _now_and_then(self, now_us: int) -> None:
        wake(self.state, self._sight(VESSELS.empty(), now_us), moment(now_us))

    def _sight(self, vessels: pl.DataFrame, now_us: int) -> Sight:
        """What alerts are raised by."""
        down = frozenset(name for name, health in self.health.items() if _DEAF & set(health.told(now_us)["problems"]))
        return Sight(self.rules, vessels, self.live.context.places, down)

    def _prepare(self, feed: FeedConfig) -> None:
        is_cot = isinstance(feed, Udp | Tcp | TcpServer) and feed.form == "cot"
        health = self.health[feed.name] = Health(feed.name, BY_FILES if feed.kind == "folder" else BY_COT if is_cot else None)
        journal = Journal(self.disk, self.realm, feed.name)
        for damage in journal.damage:
            health.damaged(damage.length)
        form = COT if is_cot else NMEA if feed.kind in ("udp", "tcp", "tcp-server", "serial", "nats") else None
        self.intakes[feed.name] = Intake(
            feed.name, self.disk, journal, ReadOptions(self.realm, feed.name), form, not is_cot, self.engine.give, self.clock, health,
            self.config.store.fsync_s, self._keep,
        )  # fmt: skip
        self.sources[feed.name] = _source(feed, self.disk)

    def _serve(self, ready: threading.Event) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._tasks = [
                asyncio.create_task(keep_going(name, source, self.intakes[name], self.health[name]), name=name)
                for name, source in self.sources.items()
            ]
            if self.config.chart.detections is not None:
                self._tasks.append(asyncio.create_task(self._detections(self.config.chart.detections)))
            ready.set()
            await self._stopping.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        asyncio.run(main())

    async def _detections(self, folder: Path) -> None:
        """Take the files of contacts that are dropped, each once its size stands still; all of them again after a start."""
        taken: set[tuple[str, int, int]] = set()
        before: set[tuple[str, int, int]] = set()
        aside = Aside()
        while True:
            try:
                there = await aside(_dropped, folder)
                for name, *stamp in sorted((there & before) - taken):
                    taken.add((name, stamp[0], stamp[1]))
                    await self._detections_of(folder / name)
                before = there
            except Exception as e:  # a folder that went away or does not answer comes back, perhaps
                log.warning("the folder of detections cannot be read", extra={"why": str(e) or type(e).__name__})
            await asyncio.sleep(2.0)

    async def _detections_of(self, path: Path) -> None:
        try:
            given = await asyncio.to_thread(Given.read, self.realm, (), (), [path])
        except (UsageError, OSError) as e:
            log.warning("a file of detections was refused", extra={"file": feed_name(str(path)), "why": str(e)})
            return
        if given.detections is not None:
            rows = given.detections
            await asyncio.to_thread(self.run, lambda: self.live.detections(rows))
            self.engine.sweep_now()


def _dropped(folder: Path) -> set[tuple[str, int, int]]:
    """Name, size and time of the plain files of a folder; those that go meanwhile are left out."""
    found = set[tuple[str, int, int]]()
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            is_ = path.stat()
            if stat.S_ISREG(is_.st_mode) and not path.name.startswith("."):
                found.add((path.name, is_.st_size, is_.st_mtime_ns))
    return found


def _nation(config: Config) -> str:
    """Whose tracks ours are, as other software is told."""
    if config.exchange is not None:
        with suppress(SeawardError):
            return Home(config.exchange.home).nation.nation
    return "own"


def _rules(path: Path | None) -> tuple[Rules, bytes]:
    """The rules of a file with its bytes; those that come with the program where none is named."""
    if path is None:
        return default_rules(), default_text().encode()
    try:
        raw = path.read_bytes()
    except OSError as e:
        raise InputError(f"{path} cannot be read ({e.strerror}); name the file of rules in [alerts], or leave it out") from e
    return rules_of(raw, str(path)), raw


def _source(feed: FeedConfig, disk: FileDisk) -> Source:
    note = f"{feed.name}/source.json"
    if isinstance(feed, Udp):
        return FromUdp(feed.host, feed.port, partial(datagram_lines, units=feed.units)) if feed.form == "cot" else FromUdp(feed.host, feed.port)
    if isinstance(feed, Tcp | TcpServer):
        lines = partial(CotLines, feed.units) if feed.form == "cot" else Lines
        if isinstance(feed, Tcp):
            return FromTcp(feed.host, feed.port, feed.hello, feed.idle_s, lines)
        return FromTcpServer(feed.host, feed.port, feed.idle_s, lines)
    if isinstance(feed, Serial):
        return FromSerial(feed.device, feed.baud)
    if isinstance(feed, File):
        return FromFile(feed.path, disk, note)
    if isinstance(feed, Folder):
        return FromFolder(feed.path, disk, note)
    assert isinstance(feed, Nats)
    return FromNats(feed.server, feed.subject, feed.credentials)


def _with_dark_contacts(params: WatchParams, config: Config) -> WatchParams:
    """The watch, ready for detections that come later."""
    if config.chart.detections is None:
        return params
    everything = {b.kind: b for b in WatchParams.of(None).behaviours}
    kinds = [k for k in everything if k in {b.kind for b in params.behaviours} | {"dark_contact"}]
    return WatchParams(tuple(everything[k] for k in kinds), params.areas, params.places, DETECTIONS.empty(), params.picture, params.threads)


def _alone(data: Path) -> int:
    """Make the folder, and hold it against a second node."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(data / "node.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as e:
        raise OutputError(f"{data} cannot be written to ({e.strerror}); choose another folder for the node's data") from e
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        os.close(fd)
        raise OutputError(f"another node works in {data}; stop it, or give this one a folder of its own") from e
    return fd
