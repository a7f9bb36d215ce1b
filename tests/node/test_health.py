"""Whether a feed is well is told from its own history."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from seaward.core.tables import REJECTED, REPORTS, STATIC
from seaward.core.units import at_to_us
from seaward.feeds.batch import Batch, LineCounts
from seaward.node.health import BY_COT, BY_FILES, Health, HealthParams

START = datetime(2027, 3, 5, tzinfo=UTC)


def at(minutes: float) -> int:
    return at_to_us(START + timedelta(minutes=minutes))


def batch(rows: int, rejected: int = 0, when_us: int = 0, message_type: int = 1) -> Batch:
    said = {"realm": "ops", "feed": "f", "mmsi": 1, "message_type": message_type}
    reports = pl.DataFrame([{**said, "raw_offset": n} for n in range(rows)], schema=REPORTS.schema)
    reports = reports.with_columns(reported_at=pl.lit(when_us, pl.Int64).cast(REPORTS.schema["reported_at"]))
    refused = pl.DataFrame(
        [{"realm": "ops", "feed": "f", "raw_offset": n, "rule": "checksum", "value": "x"} for n in range(rejected)], schema=REJECTED.schema
    )
    return Batch(reports, STATIC.empty(), refused, LineCounts(accepted=rows, rejected=rejected), Counter())


def steady(minutes: int, a_minute: int = 100) -> Health:
    health = Health("f")
    health.started_us = at(0)
    for m in range(minutes):
        health.counted(batch(a_minute, when_us=at(m)), at(m))
    return health


def test_a_steady_feed_is_well_and_its_rate_is_told_beside_the_usual() -> None:
    told = steady(180).told(at(180))
    assert told["problems"] == [] and told["per_minute"] == pytest.approx(100) and told["usual_per_minute"] == 100


def test_a_feed_that_falls_to_a_tenth_of_its_own_rate_is_told() -> None:
    health = steady(180)
    for m in range(180, 195):
        health.counted(batch(10, when_us=at(m)), at(m))
    assert health.told(at(195))["problems"] == ["health.low_rate"]


def test_the_usual_rate_is_that_of_the_same_hour_on_the_days_before() -> None:
    health = Health("f")
    health.started_us = at(0)
    for m in range(2 * 1440 + 60):
        health.counted(batch(5 if 120 <= m % 1440 < 300 else 100, when_us=at(m)), at(m))
    for m in range(2 * 1440 + 60, 2 * 1440 + 200):
        health.counted(batch(5 if m % 1440 >= 120 else 100, when_us=at(m)), at(m))
    assert health.told(at(2 * 1440 + 200))["problems"] == [], "by night it is always slow"


def test_silence_a_wrong_clock_refused_lines_losses_and_a_full_disk_are_told() -> None:
    assert steady(60).told(at(66))["problems"] == ["health.silent"]
    wrong = Health("f")
    wrong.started_us = at(0)
    for m in range(20):
        wrong.counted(batch(100, when_us=at(m + 180)), at(m))
    assert wrong.told(at(20))["problems"] == ["health.clock"] and wrong.told(at(20))["clock_offset_s"] == pytest.approx(3 * 3600)
    health = steady(60)
    for m in range(60, 70):
        health.counted(batch(100, rejected=50, when_us=at(m)), at(m))
    health.overflowed(7, 700)
    health.safe(False, 4096)
    health.connection(False, why="refused")
    told = health.told(at(70))
    assert set(told["problems"]) == {"health.rejected", "health.overflow", "health.disk", "health.disconnected"}
    assert told["overflowed_lines"] == 7 and told["rules"] == {"checksum": 500} and told["why"] == "refused"


def test_a_loss_is_told_for_an_hour() -> None:
    health = steady(10)
    health.overflowed(7, 700)
    for m in range(10, 80):
        health.counted(batch(100, when_us=at(m)), at(m))
        assert ("health.overflow" in health.told(at(m))["problems"]) == (m <= 69)
    assert health.told(at(79))["overflowed_lines"] == 7, "it stays counted"


def test_a_feed_that_tells_little_is_held_to_its_own_rhythm() -> None:
    """A receiver of a small landing place: a report each ten minutes, and none for half an hour now and then."""
    health = Health("caleta")
    health.started_us = at(0)
    heard = [10 * k for k in range(1, 30) if k % 7]
    for m in heard:
        health.counted(batch(1, when_us=at(m)), at(m))
    assert health.told(at(heard[-1] + 12))["problems"] == [] and health.told(at(heard[-1] + 12))["usual_per_minute"] == pytest.approx(0.09, abs=0.02)
    assert health.told(at(heard[-1] + 45))["problems"] == ["health.silent"]


def test_files_dropped_by_the_hour_are_no_silence_and_old_times_in_them_no_wrong_clock() -> None:
    health = Health("vms", BY_FILES)
    health.started_us = at(0)
    for hour in range(60):
        health.counted(batch(500, when_us=at(60 * hour - 700)), at(60 * hour))
        assert health.told(at(60 * hour + 59))["problems"] == []
    assert health.told(at(60 * 63))["problems"] == ["health.silent"]


@pytest.mark.parametrize(
    ("params", "message_type", "late_min", "problems"),
    [(None, 0, 20, []), (None, 0, -180, ["health.clock"]), (None, 1, 20, ["health.clock"]), (BY_COT, 0, 20, ["health.clock"])],
    ids=["VMS that comes late", "VMS of the future", "AIS that comes late", "Cursor on Target that comes late"],
)
def test_a_wrong_clock_is_told_from_a_long_way(params: HealthParams | None, message_type: int, late_min: int, problems: list[str]) -> None:
    health = Health("f", params)
    health.started_us = at(0)
    for m in range(20):
        health.counted(batch(10, when_us=at(m - late_min), message_type=message_type), at(m))
    assert health.told(at(20))["problems"] == problems
