"""What a feed did -> whether it is well: its rate against its own history, its last report, its clock, what it was refused and what it lost."""

from __future__ import annotations

import math
import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from seaward.core.foreign_text import one_line
from seaward.core.units import US_PER_S
from seaward.feeds.batch import Batch

_MINUTE_US = 60 * US_PER_S
_HISTORY = 7 * 1440  # minutes that the usual rate is told by: a week
_MOST_REFUSED = 20  # files that are told by name; all are counted
_LONGEST_WHY = 300
_NO_AIS = 0  # message_type of what is none


@dataclass(frozen=True, slots=True)
class HealthParams:
    """When a feed is not well; all ours."""

    silent_s: float = 300.0  # longest without a report, or twice its own longest pause of late
    low_share: float = 0.3  # of its usual rate at this hour
    clock_s: float = 120.0  # its reports' times from those of reception
    late_is_wrong: bool = False  # also of what is no AIS: a position of VMS comes late by the way it goes, not by its clock
    rejected_share: float = 0.2  # of its lines in the last ten minutes
    loss_s: float = 3600.0  # so long a loss is told
    refused_s: float = 24 * 3600.0  # so long a file that was refused is a problem: until every watch of a day has seen it


BY_FILES = HealthParams(silent_s=2 * 3600.0, low_share=0.0, clock_s=math.inf)
"""For folders into which files are dropped now and then, also old ones: what VMS centres send comes by the hour."""

BY_COT = HealthParams(rejected_share=math.inf, late_is_wrong=True)
"""For Cursor on Target: most of what a TAK server sends are units ashore and chat, which are refused, and that is as it should be."""


class Health:
    """Counts of one feed; safe to use from several threads. Moments are microseconds since 1970 UTC."""

    def __init__(self, feed: str, params: HealthParams | None = None) -> None:
        self.feed, self.params = feed, params or HealthParams()
        self._lock = threading.Lock()
        self.connected: bool | None = None  # None: not a connection
        self.peer, self.why, self._failure = "", "", ""
        self.reports = self.lines = self.rejected = self.overflowed_lines = self.overflowed_bytes = self.damaged_bytes = self.reconnects = 0
        self.ahead = 0  # reports refused because they tell of the future
        self.of_drills = 0  # and because their number is one that only drills use
        self.rules: Counter[str] = Counter()
        self.last_us, self.started_us = 0, 0
        self.waiting_bytes, self.on_disk = 0, True
        self.refused: deque[dict[str, Any]] = deque(maxlen=_MOST_REFUSED)  # files, newest last
        self._minutes: deque[tuple[int, int, int, int]] = deque(maxlen=_HISTORY)  # minute, reports, lines, rejected
        self._offsets_s: deque[float] = deque(maxlen=64)
        self._pauses_us: deque[int] = deque(maxlen=64)
        self._lost_us = 0
        self._usually: tuple[int, float | None] = (-1, None)

    def counted(self, batch: Batch, received_us: int) -> None:
        """A batch was read."""
        rows, lines, rejected = len(batch.reports), batch.counts.lines, batch.counts.rejected
        with self._lock:
            self.reports, self.lines, self.rejected = self.reports + rows, self.lines + lines, self.rejected + rejected
            if rejected:
                self.rules.update(batch.rejected["rule"].to_list())
            minute = received_us // _MINUTE_US
            if self._minutes and self._minutes[-1][0] == minute:
                _, r, n, bad = self._minutes.pop()
                rows_n, lines, rejected = rows + r, lines + n, rejected + bad
            else:
                rows_n = rows
            self._minutes.append((minute, rows_n, lines, rejected))
            if rows:
                self._failure = ""
                if 0 < self.last_us <= received_us:
                    self._pauses_us.append(received_us - self.last_us)
                self.last_us = received_us
                told = batch.reports.select("message_type", at=pl.col("reported_at").to_physical()).drop_nulls("at")
                if not self.params.late_is_wrong:
                    told = told.filter((pl.col("message_type") != _NO_AIS) | (pl.col("at") > received_us))
                if len(told):
                    self._offsets_s.append((float(np.median(told["at"].to_numpy())) - received_us) / US_PER_S)

    def overflowed(self, lines: int, size: int) -> None:
        """Lines found no room and are lost."""
        with self._lock:
            self.overflowed_lines += lines
            self.overflowed_bytes += size
            self._lost_us = max(self.last_us, self.started_us)

    def damaged(self, size: int) -> None:
        """Kept bytes are no longer what they were."""
        with self._lock:
            self.damaged_bytes += size

    def from_the_future(self, reports: int) -> None:
        """Reports claim a moment that has not come."""
        with self._lock:
            self.ahead += reports

    def not_real(self, reports: int) -> None:
        """Reports bear a number that only drills use, in a watch over the real sea."""
        with self._lock:
            self.of_drills += reports

    def safe(self, on_disk: bool, waiting_bytes: int) -> None:
        """Whether what came is on disk."""
        with self._lock:
            self.on_disk, self.waiting_bytes = on_disk, waiting_bytes

    def connection(self, up: bool, peer: str = "", why: str = "") -> None:
        """The connection came or went."""
        with self._lock:
            self.reconnects += bool(up and self.connected is False)
            self.connected, self.peer, self.why = up, _shown(peer) or self.peer, _shown(why)

    def failed(self, why: str) -> None:
        """It cannot be read; told until a report comes, whatever its connection does."""
        with self._lock:
            self._failure = _shown(why)

    def refuse(self, name: str, rule: str, why: str, now_us: int, counted: bool = True) -> None:
        """A file cannot be used, or no further than to a point; `counted` where it was not counted before, as after a start."""
        with self._lock:
            self.refused.append({"name": _shown(name), "rule": rule, "why": _shown(why), "at_us": now_us})
            if counted:
                self.rejected += 1
                self.rules[rule] += 1

    def told(self, now_us: int) -> dict[str, Any]:
        """All of it, ready for JSON; `problems` are codes of the catalogues, empty where the feed is well."""
        with self._lock:
            minute = now_us // _MINUTE_US
            recent = [m for m in self._minutes if minute - 10 <= m[0] < minute or (m[0] == minute and len(self._minutes) == 1)]
            per_minute = sum(m[1] for m in recent) / max(1, min(10, minute - self.started_us // _MINUTE_US or 1))
            usual = self._usual(minute)
            lines, bad = sum(m[2] for m in recent), sum(m[3] for m in recent)
            offset = float(np.median(self._offsets_s)) if self._offsets_s else None
            problems = self._problems(now_us, per_minute, usual, bad / lines if lines else 0.0, offset)
            return {
                "feed": self.feed, "connected": self.connected, "peer": self.peer, "why": self._why(now_us),
                "reports": self.reports, "lines": self.lines,
                "rejected": self.rejected, "rejected_share": bad / lines if lines else 0.0, "rules": dict(self.rules),
                "last_us": self.last_us or None,
                "per_minute": per_minute, "usual_per_minute": usual, "clock_offset_s": offset, "overflowed_lines": self.overflowed_lines,
                "overflowed_bytes": self.overflowed_bytes, "damaged_bytes": self.damaged_bytes, "reconnects": self.reconnects,
                "ahead_of_time": self.ahead, "of_drills": self.of_drills,
                "on_disk": self.on_disk, "waiting_bytes": self.waiting_bytes, "refused": [dict(r) for r in self.refused],
                "problems": problems,
            }  # fmt: skip

    def _why(self, now_us: int) -> str:
        """Why it is not connected; else what failed last; else the last file that was refused of late."""
        if self.why or self._failure or not self._refused_of_late(now_us):
            return self.why or self._failure
        return f"{self.refused[-1]['name']}: {self.refused[-1]['why']}"

    def _refused_of_late(self, now_us: int) -> bool:
        return bool(self.refused) and now_us - self.refused[-1]["at_us"] <= self.params.refused_s * US_PER_S

    def _usual(self, minute: int) -> float | None:
        """Reports a minute at this hour of the days before, by the median day; of the last day where there is none before; None in the first hour."""
        if self._usually[0] == minute or not self._minutes:
            return self._usually[1]
        first = self._minutes[0][0]
        by_day: Counter[int] = Counter()
        for m in self._minutes:
            if minute - m[0] > 60 and abs((minute - m[0] + 720) % 1440 - 720) <= 30:
                by_day[(minute - m[0] + 720) // 1440] += m[1]
        days = [by_day[d] / 61 for d in range(1, 8) if first <= minute - 1440 * d - 30]
        since = max(first, minute - 1440)
        covered = minute - 10 - since
        usual = (
            float(np.median(days)) if days else sum(m[1] for m in self._minutes if since <= m[0] < minute - 10) / covered if covered >= 50 else None
        )
        self._usually = minute, usual
        return usual

    def _problems(self, now_us: int, per_minute: float, usual: float | None, share: float, offset_s: float | None) -> list[str]:
        p, found = self.params, list[str]()
        if self.connected is False:
            found.append("health.disconnected")
        if abs(now_us - max(self.last_us, self.started_us)) > max(p.silent_s * US_PER_S, 2 * max(self._pauses_us, default=0)):
            found.append("health.silent")
        elif usual is not None and usual >= 1.0 and per_minute < p.low_share * usual:  # of ten reports in ten minutes, three are no chance
            found.append("health.low_rate")
        if share > p.rejected_share:
            found.append("health.rejected")
        if self._refused_of_late(now_us):
            found.append("health.refused")
        if offset_s is not None and abs(offset_s) > p.clock_s:
            found.append("health.clock")
        if self.of_drills:
            found.append("health.drill")
        if self.overflowed_lines and now_us - self._lost_us <= p.loss_s * US_PER_S:
            found.append("health.overflow")
        if not self.on_disk:
            found.append("health.disk")
        return found


def _shown(said: str) -> str:
    """Text that any file and screen can take, whatever a name of a file holds."""
    return one_line(said)[:_LONGEST_WHY]
