"""A clock that is wrong for a while: nothing is erased for it, nothing heard under it hides what follows, and people can go on."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from seaward.core.tables import REPORTS, STATIC
from seaward.core.units import HOUR_S, US_PER_S, at_to_us
from seaward.node.clock import DrillClock, moment
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.node.retention import DAY_US, Retention
from seaward.store.history import History
from tests.node.test_alerts_live import line
from tests.store.test_history import reports
from tests.waiting import wait_for

NOW = at_to_us(datetime(2027, 3, 5, 12, tzinfo=UTC))


class Set:
    """A clock that is set by hand, and one beside it that never is."""

    speed = 1.0

    def __init__(self) -> None:
        self.wall_us, self.steady_s = NOW, 0.0

    def now_us(self) -> int:
        return self.wall_us

    def steady_us(self) -> int:
        return int(self.steady_s * US_PER_S)

    def run(self, seconds: float) -> None:
        self.wall_us += int(seconds * US_PER_S)
        self.steady_s += seconds


def test_old_days_go_one_by_one_once_the_clock_has_run_evenly_for_an_hour() -> None:
    clock = Set()
    retention = Retention(clock)
    oldest = NOW - 100 * DAY_US
    assert retention.before_us("raw", 60, oldest) is None, "just started"
    clock.run(HOUR_S + 1)
    assert [retention.before_us("raw", 60, oldest + n * DAY_US) for n in range(3)] == [oldest + DAY_US, oldest + 2 * DAY_US, None]
    assert retention.before_us("history", 60, oldest) == oldest + DAY_US, "each by itself"
    clock.run(86_400)
    assert retention.before_us("raw", 60, oldest) == oldest + DAY_US
    assert retention.before_us("raw", 60, clock.wall_us - 60 * DAY_US) is None, "not old enough"
    assert retention.before_us("raw", 60, clock.wall_us - int(60.5 * DAY_US)) == clock.wall_us - 60 * DAY_US, "no younger than asked"


@pytest.mark.parametrize("step_s", [420 * 86_400, -420 * 86_400, 90])
def test_after_a_step_of_the_clock_nothing_goes_for_an_hour(step_s: float) -> None:
    clock = Set()
    retention = Retention(clock)
    clock.run(2 * HOUR_S)
    retention.before_us("raw", 60, NOW)
    clock.wall_us += int(step_s * US_PER_S)
    for _ in range(7):
        assert retention.before_us("raw", 60, NOW - 1000 * DAY_US) is None
        clock.run(500)
    clock.run(600)
    assert retention.before_us("raw", 60, NOW - 1000 * DAY_US) is not None


def test_a_clock_of_a_drill_that_runs_at_another_speed_was_not_set(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    real_s = [0.0]
    monkeypatch.setattr("seaward.node.clock.time", SimpleNamespace(monotonic=lambda: real_s[0], time_ns=lambda: int(1e9 * real_s[0])))
    clock = DrillClock(moment(NOW), 1.0)
    retention = Retention(clock)
    for speed, for_s in ((600.0, 7.0), (1.0, 70.0), (30.0, 4.0)):
        clock.run(speed)
        real_s[0] += for_s
    assert clock.now_us() == NOW + (4_200 + 70 + 120) * US_PER_S
    assert retention.before_us("raw", 60, NOW - 1000 * DAY_US) == NOW - 999 * DAY_US and not caplog.records


def test_rows_without_a_time_stay_when_old_days_go(tmp_path: Path) -> None:
    history = History(tmp_path, "ops")
    nameless = STATIC.empty().vstack(STATIC.empty())
    rows = reports(0, 3)
    undated = rows.with_columns(reported_at=None, received_at=None).cast(dict(REPORTS.schema))
    history.add(undated, nameless, {"callao": 1})
    history.add(rows, nameless, {"callao": 2})
    assert history.oldest() == datetime(2027, 3, 5, 13, tzinfo=UTC)
    assert history.forget((datetime(2027, 3, 5, tzinfo=UTC) + timedelta(days=1)).date()) == 1
    assert history.oldest() is None and history.scan(REPORTS).collect().height == 3


class Stepped:
    """The wall clock, and by how much it is wrong."""

    speed = 1.0

    def __init__(self) -> None:
        self.wrong_s = 0.0

    def now_us(self) -> int:
        return time.time_ns() // 1000 + int(self.wrong_s * US_PER_S)

    def steady_us(self) -> int:
        return time.monotonic_ns() // 1000


def test_what_was_heard_under_a_wrong_clock_hides_nothing_that_follows(tmp_path: Path) -> None:
    clock = Stepped()
    config = config_of({"data": str(tmp_path / "data"), "feed": [{"name": "callao", "kind": "udp", "port": 0}], "chart": {"areas": []},
                        "store": {"history_s": 1.0}})  # fmt: skip
    node = Node(config, clock)
    node.engine.settled_s = 0.3
    node.start()
    try:
        wait_for(lambda: node.health["callao"].connected)
        port = node.sources["callao"].port  # type: ignore[attr-defined]

        def say(lon_deg: float, count: int) -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(line(760000001, lon_deg), ("127.0.0.1", port))
            wait_for(lambda: node.health["callao"].reports == count)

        def now_at() -> list[float]:
            return [round(x, 2) for x in node.run(node.live.latest)["lon_deg"].to_list()]

        say(-78.0, 1)
        wait_for(lambda: now_at() == [-78.0])
        clock.wrong_s = 420 * 86_400
        say(-79.0, 2)
        wait_for(lambda: now_at() == [-79.0])
        node.engine.sweep_now()
        wait_for(lambda: node.engine.lag.sweep_at_us > time.time_ns() // 1000 + DAY_US and not node.engine._sweeping)
        wait_for(lambda: node.history.manifest.kept_to.get("callao", 0) == node.intakes["callao"].journal.end)
        clock.wrong_s = 0.0
        wait_for(lambda: now_at() == [-78.0])
        say(-77.0, 3)
        wait_for(lambda: now_at() == [-77.0])
        assert node.status()["failures"] == 0 and node.status()["feeds"][0]["problems"] in ([], ["health.clock"])
        wait_for(lambda: node.history.scan(REPORTS).collect().height == 3)
    finally:
        node.stop()


def test_what_the_clock_of_a_drill_showed_at_a_moment_of_the_wall_clock() -> None:
    clock = DrillClock(moment(NOW), 1.0)
    before = datetime.now(UTC)
    clock.run(100.0)
    time.sleep(0.05)
    wall, then = datetime.now(UTC), moment(clock.now_us())
    clock.run(0.5)
    time.sleep(0.05)
    assert abs((clock.shown(wall) - then).total_seconds()) < 0.5
    assert abs((clock.shown(datetime.now(UTC)) - moment(clock.now_us())).total_seconds()) < 0.1
    assert abs((clock.shown(before - timedelta(days=1)) - moment(NOW)).total_seconds()) < 0.01, "it showed nothing before"
