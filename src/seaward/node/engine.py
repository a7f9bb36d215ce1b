"""batches of all feeds -> the standing watch -> versions of events, in order; settled reports to the history. One thread, one for what is slow."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from seaward.core.errors import StateError
from seaward.core.mid import drill_numbers
from seaward.core.realm import is_drill
from seaward.core.tables import REJECTED, REPORTS, STATIC
from seaward.core.units import US_PER_S, at_to_us
from seaward.feeds.batch import Batch, LineCounts
from seaward.live import Live, Looked
from seaward.node.clock import Clock, moment
from seaward.node.health import Health
from seaward.node.retention import Retention
from seaward.store.history import History
from seaward.watch import said_once

log = logging.getLogger("seaward.node")
AHEAD_S = 600.0  # a report that claims to be so much later than now is refused: it would hide all that follow it
_SETTLED_S = 35.0  # the parts of one message lie within 30 s (feeds.nmea)
_INBOX = 256  # batches of one feed that wait; its thread then waits, and its queue fills
_LATENCIES = 20_000


@dataclass(frozen=True, slots=True)
class EngineParams:
    """How often what is done [real seconds]; all ours."""

    cadence_s: float = 0.5  # looks follow each other by so much, if they do not take longer
    sweep_s: float = 600.0
    first_sweep_s: float = 60.0  # doubles until it is `sweep_s`
    sweep_share: float = 0.1  # sweeps take at most so much of all time
    history_s: float = 300.0
    history_rows: int = 2_000_000  # unsettled reports held before they are written sooner
    history_days: int = 400  # what was reported before is removed


@dataclass(slots=True)
class Lag:
    """How far detection is behind [s]: from the first report a look had not seen to the version that it told; newest last."""

    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_LATENCIES))
    look_s: float = 0.0
    sweep_s: float = 0.0
    sweep_at_us: int = 0
    waiting: int = 0
    oldest_s: float = 0.0


class Engine:
    """Runs a `Live` on what the feeds give.

    Parameters
    ----------
    live, history
        The watch and where its settled reports go.
    clock
        Of the node.
    publish
        Called with what a look or sweep has to tell and the moment [us], in this thread. What it cannot take (StateError) is offered again.
    now_and_then
        Called every ten seconds with the moment [us], in this thread.
    health
        Of each feed, by name.
    params
        How often.
    """

    def __init__(
        self, live: Live, history: History, clock: Clock, publish: Callable[[Looked, int], None], health: dict[str, Health],
        params: EngineParams | None = None, now_and_then: Callable[[int], None] = lambda now_us: None,
    ) -> None:  # fmt: skip
        self.live, self.history, self.params, self.lag = live, history, params or EngineParams(), Lag()
        self._clock, self._publish, self._health, self._now_and_then = clock, publish, health, now_and_then
        self._untold: deque[Looked] = deque()
        self._is_real = not is_drill(live.realm)
        self.state_full = False
        self._inbox: dict[str, deque[tuple[Batch, int, int]]] = {}
        self._changed, self._stop = threading.Condition(), False
        self._unsettled: list[Batch] = []
        self._unsettled_rows = 0
        self._read_to: dict[str, deque[tuple[float, int]]] = {}
        self._slow = ThreadPoolExecutor(1, "slow")
        self._sweeping: Future[Callable[[], Looked]] | None = None
        self._writing: Future[Any] | None = None
        self._jobs: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self.history_full = False
        self.settled_s = _SETTLED_S  # how long parts of one message may lie apart
        self.failures = 0
        self._retention, self._latest_us = Retention(clock), 0
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        now = time.monotonic()
        self._next_look = self._next_write = self._next_wake = now
        self._next_sweep, self._sweep_gap_s = now + self.params.first_sweep_s, self.params.first_sweep_s

    def start(self) -> None:
        self._thread.start()

    def give(self, feed: str, batch: Batch, read_to: int, received_us: int) -> None:
        """Take a batch of a feed; waits while that feed has too many here."""
        with self._changed:
            inbox = self._inbox.setdefault(feed, deque())
            while len(inbox) >= _INBOX and not self._stop:
                self._changed.wait(0.1)
            inbox.append((batch, read_to, received_us))
            self._changed.notify_all()

    def ask(self, job: Callable[[], Any]) -> Future[Any]:
        """Have something done in the thread of the watch, between two looks."""
        done: Future[Any] = Future()
        with self._changed:
            self._jobs.append((job, done))
            self._changed.notify_all()
        return done

    def sweep_now(self) -> None:
        """Ask for a sweep as soon as may be: detections came, or somebody wants all settled."""
        self._next_sweep = time.monotonic()

    def stop(self) -> None:
        """Take what is here, look once more, write what is settled, and end."""
        with self._changed:
            self._stop = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(120.0)
        self._slow.shutdown()

    def _run(self) -> None:
        while True:
            try:
                self._turn()
            except Exception:  # one look that fails must not end the watch: it is told, and the next one is tried
                self.failures += 1
                log.exception("a turn of the watch failed")
                time.sleep(0.2)
            if self._stop and not any(self._inbox.values()):
                break
        try:
            self._finish()
        except Exception:
            log.exception("the watch did not end well")

    def _turn(self) -> None:
        now_us = self._clock.now_us()
        if now_us < self._latest_us - int(AHEAD_S * US_PER_S):
            self._went_back(now_us)
        self._latest_us = now_us
        self._take()
        now = time.monotonic()
        if now >= self._next_look:
            self._look()
            self._next_look = max(time.monotonic(), now + self.params.cadence_s)
        if self._sweeping is not None and self._sweeping.done():
            self._swept()
        if self._sweeping is None and now >= self._next_sweep and not self._stop:
            self._start_sweep()
        if now >= self._next_write or self._unsettled_rows >= self.params.history_rows:
            self._write()
        if now >= self._next_wake:
            self._next_wake = now + 10.0
            self._now_and_then(self._clock.now_us())
        self._do_jobs()

    def _went_back(self, now_us: int) -> None:
        """The clock had been wrong: what was heard under it lies in the future, and would hide all that follows. Begin anew with what lies before."""
        log.error("the clock went back; the picture is built anew", extra={"by_s": round((self._latest_us - now_us) / US_PER_S)})
        self.live.begin_anew()
        self.load(now_us - int(self.live.live.window_s * US_PER_S))
        for batch in self._unsettled:
            self.live.take(replace(batch, reports=self._not_ahead("", batch.reports, now_us)), now_us)

    def _take(self) -> None:
        """Take what has come, feed by feed in turn; wait a little where nothing has."""
        with self._changed:
            if not any(self._inbox.values()) and not self._jobs and not self._stop:
                self._changed.wait(min(0.1, max(0.0, self._next_look - time.monotonic())) or 0.01)
        until = time.monotonic() + self.params.cadence_s
        while time.monotonic() < until:
            with self._changed:
                ready = [(feed, inbox.popleft()) for feed, inbox in self._inbox.items() if inbox]
                self._changed.notify_all()
            if not ready:
                return
            for feed, (batch, read_to, received_us) in ready:
                self._take_one(feed, batch, read_to, received_us)

    def _take_one(self, feed: str, batch: Batch, read_to: int, received_us: int) -> None:
        now_us = self._clock.now_us()
        kept_to = self.history.manifest.kept_to.get(feed, 0)
        fresh = batch.reports["raw_offset"] >= kept_to if kept_to and len(batch.reports) else None
        reports = batch.reports if fresh is None or fresh.all() else batch.reports.filter(fresh)
        said = batch.static if not kept_to else batch.static.filter(pl.col("raw_offset") >= kept_to)
        reports, said = self._real(feed, self._not_ahead(feed, reports, now_us)), said.filter(~drill_numbers()) if self._is_real else said
        whole = Batch(reports, said, batch.rejected, batch.counts)
        self.live.take(whole, received_us or now_us)
        if len(reports) or len(said):
            self._unsettled.append(whole)
            self._unsettled_rows += len(reports)
        self._read_to.setdefault(feed, deque()).append((time.monotonic(), read_to))

    def _not_ahead(self, feed: str, reports: pl.DataFrame, now_us: int) -> pl.DataFrame:
        at = pl.max_horizontal(pl.col("reported_at", "received_at").to_physical())
        on_time = reports.select((at <= now_us + int(AHEAD_S * US_PER_S)).fill_null(True)).to_series() if len(reports) else None
        if on_time is None or on_time.all():
            return reports
        if feed in self._health:
            self._health[feed].from_the_future(int((~on_time).sum()))
        return reports.filter(on_time)

    def _real(self, feed: str, reports: pl.DataFrame) -> pl.DataFrame:
        """Without those that bear the number of a drill, where the sea is real: nothing of a drill passes for real, whatever feed it gets into."""
        if not self._is_real or not len(reports):
            return reports
        real = reports.filter(~drill_numbers())
        if len(real) < len(reports) and feed in self._health:
            self._health[feed].not_real(len(reports) - len(real))
        return real

    def _look(self) -> None:
        began = time.monotonic()
        now_us = self._clock.now_us()
        looked = self.live.look(moment(now_us), now_us)
        self.lag.look_s = time.monotonic() - began
        self.lag.waiting, since = self.live.attention.waiting()
        self.lag.oldest_s = max(0.0, (now_us - since) / US_PER_S) if self.lag.waiting else 0.0
        self._tell(looked)

    def _tell(self, looked: Looked) -> None:
        if not looked.versions.is_empty():
            self._untold.append(looked)
        while self._untold:
            try:
                self._publish(self._untold[0], self._clock.now_us())
            except StateError as e:  # a full disk, a locked file: nothing of it was kept; it waits here, in order
                self.state_full = True
                log.error("events cannot be kept", extra={"why": str(e), "waiting": sum(len(u.versions) for u in self._untold)})
                return
            self.state_full = False
            self._note_lag(self._untold.popleft())

    def _note_lag(self, looked: Looked) -> None:
        done_us = self._clock.now_us()
        for names in looked.versions["vessel_ids"].to_list():
            since = [looked.since[m] for n in names if n.startswith("mmsi:") and (m := int(n[5:14])) in looked.since]
            if since:
                self.lag.seconds.append((done_us - min(since)) / US_PER_S / self._clock.speed)

    def _start_sweep(self) -> None:
        now_us = self._clock.now_us()
        self._sweep_began, self.lag.sweep_at_us = time.monotonic(), now_us
        self._sweeping = self._slow.submit(self.live.sweep, moment(now_us))

    def _swept(self) -> None:
        sweeping, self._sweeping = self._sweeping, None
        self.lag.sweep_s = time.monotonic() - self._sweep_began
        self._sweep_gap_s = min(self.params.sweep_s, 2 * self._sweep_gap_s)
        self._next_sweep = time.monotonic() + max(self._sweep_gap_s, self.lag.sweep_s * (1 / self.params.sweep_share - 1))
        assert sweeping is not None
        self._tell(sweeping.result()())

    def _write(self) -> None:
        """Give the history what is settled; on a full disk it stays here and is tried again."""
        if self._writing is not None:
            if not self._writing.done():
                return
            self._written()
        self._next_write = time.monotonic() + self.params.history_s
        kept_to = self._settled_to(0.0 if self._stop else self.settled_s)
        if not kept_to or not self._unsettled:
            return
        batches, self._unsettled, self._unsettled_rows = self._unsettled, [], 0
        self._writing = self._slow.submit(self._split_and_add, batches, kept_to)

    def _split_and_add(self, batches: list[Batch], kept_to: dict[str, int]) -> tuple[list[Batch], bool]:
        """Settled rows to the history; what is left comes back."""
        reports, static = pl.concat([b.reports for b in batches]), pl.concat([b.static for b in batches])
        limit = pl.col("feed").cast(pl.String).replace_strict(kept_to, default=0, return_dtype=pl.Int64)
        settled = pl.col("raw_offset") < limit
        try:
            self.history.add(reports.filter(settled), static.filter(settled), kept_to)
        except OSError as e:
            log.error("the history cannot be written", extra={"why": str(e)})
            return [Batch(reports, static, batches[0].rejected.clear(), batches[0].counts)], False
        return [Batch(reports.filter(~settled), static.filter(~settled), batches[0].rejected.clear(), batches[0].counts)], True

    def _written(self) -> None:
        writing, self._writing = self._writing, None
        assert writing is not None
        left, ok = writing.result()
        self.history_full = not ok
        self._unsettled = left + self._unsettled
        self._unsettled_rows = sum(len(b.reports) for b in self._unsettled)
        if ok:
            self._slow.submit(self._tidy, moment(self._clock.now_us()))
        else:
            self._next_write = time.monotonic() + 5.0

    def _tidy(self, now: datetime) -> None:
        try:
            self.history.compact(now - timedelta(hours=2))
            oldest = self.history.oldest()
            if oldest is not None and (before_us := self._retention.before_us("history", self.params.history_days, at_to_us(oldest))) is not None:
                self.history.forget(moment(before_us).date())
        except OSError as e:
            log.error("the history cannot be tidied", extra={"why": str(e)})

    def _settled_to(self, settled_s: float) -> dict[str, int]:
        """Up to which byte of each feed all rows are here: what was read long enough ago that no message there can still wait for its rest."""
        now, found = time.monotonic(), {}
        for feed, marks in self._read_to.items():
            while len(marks) > 1 and marks[1][0] <= now - settled_s:
                marks.popleft()
            if marks and marks[0][0] <= now - settled_s and marks[0][1] > self.history.manifest.kept_to.get(feed, 0):
                found[feed] = marks[0][1]
        return found

    def _do_jobs(self) -> None:
        while self._jobs:
            job, done = self._jobs.popleft()
            try:
                done.set_result(job())
            except Exception as e:
                done.set_exception(e)

    def _finish(self) -> None:
        self._do_jobs()
        if self._sweeping is not None:
            self._sweeping.result()
            self._swept()
        self._look()
        if self._writing is not None:
            self._writing.result()
            self._written()
        self._write()
        if self._writing is not None:
            self._writing.result()
            self._written()

    def unsettled(self) -> pl.DataFrame:
        """Reports not yet in the history; call through `ask`."""
        return pl.concat([b.reports for b in self._unsettled]) if self._unsettled else REPORTS.empty()

    def load(self, since_us: int) -> int:
        """Read back from the history what the window holds, before `start`; returns how many reports."""
        since, now_us, loaded = moment(since_us), self._clock.now_us(), 0
        until = moment(now_us + int(AHEAD_S * US_PER_S))
        for reports in self.history.newest(REPORTS, since, self.live.live.rows, until):
            loaded += len(reports)
            for part in reports.iter_slices(1_000_000):
                self.live.take(Batch(part, STATIC.empty(), REJECTED.empty(), LineCounts()), now_us)
        for said in self.history.newest(STATIC, since, None, until):
            self.live.take(Batch(REPORTS.empty(), said_once(said), REJECTED.empty(), LineCounts()), now_us)
        return loaded
