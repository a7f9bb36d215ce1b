"""A standing watch says in the end what `detect` says of the same reports, in whatever order and however late they came."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from seaward.api import detect
from seaward.core.errors import RealmError
from seaward.core.tables import EVENTS, REJECTED, REPORTS, STATIC
from seaward.core.units import at_to_us
from seaward.feeds.batch import Batch, LineCounts
from seaward.feeds.read import read
from seaward.given import Given
from seaward.live import Live, LiveParams
from seaward.watch import WatchParams, said_once
from tests.made_up_day.peru_aids import PeruAids, write_peru_aids
from tests.made_up_day.peru_day import write_peru_day

REALM = "ex:day"
START = datetime(2027, 3, 5, tzinfo=UTC)
END = START + timedelta(days=1, minutes=5)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PeruAids]:
    folder = tmp_path_factory.mktemp("day")
    write_peru_day(folder / "day.nmea", seed=7, start=START)
    return folder / "day.nmea", write_peru_aids(folder, seed=7, start=START)


@cache
def given_of(aids: PeruAids) -> Given:
    return Given.read(REALM, ["peru"], [aids.ports], [aids.detections])


def batch_of(reports: pl.DataFrame, static: pl.DataFrame) -> Batch:
    return Batch(reports, static, REJECTED.empty(), LineCounts(), Counter())


def rows_of(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    batches = [*read(str(path), REALM)]
    return pl.concat(b.reports for b in batches), pl.concat(b.static for b in batches)


def standing(aids: PeruAids, live: LiveParams | None = None) -> Live:
    watch = Live(REALM, given_of(aids).applied(WatchParams.of(None), asked=False), live)
    return watch


def now_part(events: pl.DataFrame) -> pl.DataFrame:
    """What is known of each event, without how it came to be known."""
    state = pl.col("state").cast(pl.String).replace("revised", "open")
    return events.filter(pl.col("state") != "withdrawn").with_columns(state=state, version=1).sort("start_at", "kind", "event_id")


@pytest.fixture(scope="module")
def of_the_file(day: tuple[Path, PeruAids]) -> pl.DataFrame:
    path, aids = day
    found = detect(path, realm=REALM, as_of=END, areas="peru", ports=aids.ports, detections=aids.detections).events
    assert set(found["kind"]) >= {"gap", "encounter", "loitering", "fishing", "area", "identity", "port_visit", "dark_contact"}
    return now_part(found)


def day_long(watch: Live, reports: pl.DataFrame, static: pl.DataFrame, heard_us: np.ndarray, step_s: float) -> list[pl.DataFrame]:
    """Feed the day as it is heard, look after each step; the versions told."""
    told, step_us = [], int(step_s * 1e6)
    said_us = static["reported_at"].to_physical().to_numpy()
    for now in range(at_to_us(START) + step_us, at_to_us(END) + step_us, step_us):
        new, said = (heard_us >= now - step_us) & (heard_us < now), (said_us >= now - step_us) & (said_us < now)
        watch.take(batch_of(reports.filter(new), static.filter(said)), now)
        moment = datetime.fromtimestamp(now / 1e6, UTC)
        told.append(watch.look(moment, now).versions)
    late = heard_us >= now
    watch.take(batch_of(reports.filter(late), STATIC.empty()), now)
    return told


@pytest.mark.parametrize("how", ["in order", "shuffled", "hours late"])
def test_after_a_day_it_says_what_detect_says_of_the_file(how: str, day: tuple[Path, PeruAids], of_the_file: pl.DataFrame) -> None:
    path, aids = day
    reports, static = rows_of(path)
    rng = np.random.default_rng(3)
    at_us = reports["reported_at"].to_physical().to_numpy()
    heard_us = {
        "in order": at_us,
        "shuffled": rng.permutation(at_us),
        "hours late": at_us + (rng.random(len(at_us)) < 0.3) * rng.integers(0, 6 * 3600, len(at_us)) * 1_000_000,
    }[how]
    watch = standing(aids)
    told = day_long(watch, reports, static, heard_us, 1800.0)
    told.append(watch.sweep(END, exact=True)().versions)
    assert_frame_equal(now_part(watch.told.table()), of_the_file)
    versions = pl.concat(told)
    assert versions.select(pl.struct("event_id", "version").is_unique().all()).item()
    steps = versions.sort("version").group_by("event_id", maintain_order=True).agg(pl.col("version"))
    assert all(v == [*range(1, len(v) + 1)] for v in steps["version"].to_list()), "each event is told version by version"
    if how == "in order":
        early = versions.filter(pl.col("version") == 1, pl.col("kind") != "dark_contact")["event_id"]
        before_the_sweep = pl.concat(told[:-1])["event_id"].unique()
        assert len(before_the_sweep) > 0.8 * len(early), "most is told by looks, not by the sweep at the end"


def test_late_reports_withdraw_a_silence_that_was_none(day: tuple[Path, PeruAids]) -> None:
    path, aids = day
    reports, static = rows_of(path)
    watch = standing(aids)
    found = detect(path, realm=REALM, as_of=END).events.filter(pl.col("kind") == "gap", pl.col("state") == "closed")
    gap = found.row(0, named=True)
    number = int(gap["vessel_ids"][0][5:14])
    heard = reports.filter(pl.col("reported_at") <= gap["end_at"])
    watch.take(batch_of(heard, static), at_to_us(gap["end_at"]))
    watch.sweep(gap["end_at"])()
    assert gap["event_id"] in now_part(watch.told.table())["event_id"]
    mine = heard.filter(pl.col("mmsi") == number).sort("reported_at")
    before = mine.filter(pl.col("reported_at") <= gap["start_at"]).tail(1)
    steps = [gap["start_at"] + timedelta(minutes=10 * k) for k in range(1, int((gap["end_at"] - gap["start_at"]).total_seconds() / 600) + 1)]
    after = mine.filter(pl.col("reported_at") > gap["start_at"]).head(1)
    share = [(t - gap["start_at"]) / (gap["end_at"] - gap["start_at"]) for t in steps]
    (x0, y0), (x1, y1) = before.select("lon_deg", "lat_deg").row(0), after.select("lon_deg", "lat_deg").row(0)
    late = pl.concat([before] * len(steps)).with_columns(
        reported_at=pl.Series(steps), received_at=pl.Series(steps), lon_deg=pl.Series([x0 + s * (x1 - x0) for s in share]),
        lat_deg=pl.Series([y0 + s * (y1 - y0) for s in share]), raw_offset=pl.int_range(10**9, 10**9 + len(steps)),
    )  # fmt: skip
    moment = gap["end_at"] + timedelta(seconds=2)
    watch.take(batch_of(late, STATIC.empty()), at_to_us(moment))
    versions = watch.look(moment, at_to_us(moment)).versions
    assert versions.filter(pl.col("event_id") == gap["event_id"])["state"].to_list() == ["withdrawn"]


def test_an_event_is_told_by_the_look_after_the_report_that_completes_it(day: tuple[Path, PeruAids], of_the_file: pl.DataFrame) -> None:
    """A border crossed, once the node knows the vessel, is told at the next look."""
    path, aids = day
    reports, static = rows_of(path)
    entry = of_the_file.filter(pl.col("kind") == "area", pl.col("start_at") > START + timedelta(hours=3)).row(0, named=True)
    until = entry["start_at"] + timedelta(minutes=30)
    watch = standing(aids)
    for moment in (START + timedelta(hours=2), until):
        watch.take(
            batch_of(reports.filter(pl.col("reported_at") <= moment).filter(pl.col("reported_at") > moment - timedelta(days=1)), static),
            at_to_us(moment),
        )
    versions = watch.look(until, at_to_us(until)).versions
    assert entry["event_id"] in versions["event_id"]


def test_reports_of_another_realm_are_refused(day: tuple[Path, PeruAids]) -> None:
    reports, _ = rows_of(day[0])
    watch = Live("ex:alfa", WatchParams.of(None))
    with pytest.raises(RealmError, match="ex:day"):
        watch.take(batch_of(reports.head(5), STATIC.empty()), 0)


def test_a_window_of_bounded_rows_forgets_the_oldest_and_withdraws_nothing_for_that(day: tuple[Path, PeruAids]) -> None:
    path, aids = day
    reports, static = rows_of(path)
    room = int(0.8 * len(reports))
    watch = standing(aids, replace(LiveParams(), rows=room))
    noon = START + timedelta(hours=12)
    watch.take(batch_of(reports.filter(pl.col("reported_at") <= noon), static), at_to_us(noon))
    before = watch.sweep(noon)().versions
    assert len(before) > 20 and watch.window.since_us < at_to_us(START)
    watch.take(batch_of(reports.filter(pl.col("reported_at") > noon), STATIC.empty()), at_to_us(END))
    assert watch.window.since_us > at_to_us(START) and watch.window.rows <= room
    gone = watch.sweep(END)().versions.filter(pl.col("state") == "withdrawn")
    since = datetime.fromtimestamp(watch.window.since_us / 1e6, UTC)
    assert (gone["start_at"] >= since + timedelta(hours=6)).all(), "what the window no longer shows whole is left as it was told"
    assert set(before["event_id"]) <= set(watch.told.table()["event_id"])


def test_of_nothing_it_says_nothing() -> None:
    watch = Live(REALM, WatchParams.of(None))
    watch.take(batch_of(REPORTS.empty(), STATIC.empty()), 0)
    assert_frame_equal(watch.look(START, at_to_us(START)).versions, EVENTS.empty())
    assert_frame_equal(watch.sweep(START)().versions, EVENTS.empty())
    assert watch.latest().is_empty()


def test_identities_said_again_and_again_in_one_batch_are_kept_once(day: tuple[Path, PeruAids]) -> None:
    """A node that reads a day at once gets them so."""
    _, static = rows_of(day[0])
    watch = Live(REALM, WatchParams.of(None))
    watch.take(batch_of(REPORTS.empty(), static), at_to_us(END))
    assert 0 < len(watch.static()) < len(static) / 10
    assert_frame_equal(watch.static(), said_once(static))


def test_over_months_it_holds_what_was_said_lately_and_each_vessels_last_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.live._SAID_MOST", 40)
    watch = Live(REALM, WatchParams.of(None))
    for day in range(60):
        at = START + timedelta(days=day)
        rows = [{"realm": REALM, "feed": "f", "raw_offset": day * 10 + n, "raw_length": 80, "reported_at": at, "mmsi": 760_000_000 + n,
                 "name": f"NAVE {n}" if day == n else None, "destination": f"PORT {day}"} for n in range(3)]  # fmt: skip
        watch.take(batch_of(REPORTS.empty(), pl.DataFrame(rows, schema=STATIC.schema)), at_to_us(at))
        watch.sweep(at)()
    assert len(watch.static()) <= 80 and len(watch._said_at) == len(watch.static())
    assert watch.static()["name"].drop_nulls().sort().to_list() == ["NAVE 0", "NAVE 1", "NAVE 2"]
    lately = START + timedelta(days=59) - timedelta(seconds=2 * watch.live.window_s)
    assert watch.static().filter(pl.col("reported_at") >= lately)["destination"].n_unique() >= 8


def test_a_vessel_asks_for_a_look_where_it_crosses_a_border_and_not_at_each_report(day: tuple[Path, PeruAids]) -> None:
    _, aids = day
    watch = standing(aids)
    flagged = []
    for k in range(80):  # 3 nm in four minutes, from 290 nm off Callao eastward: into the domain, and on within it
        at = START + timedelta(minutes=4 * k)
        rows = [{"realm": REALM, "feed": "f", "raw_offset": 80 * k, "raw_length": 80, "message_type": 1, "mmsi": 760_000_001, "transceiver": "A",
                 "received_at": at, "reported_at": at, "lon_deg": -82.0 + k / 20, "lat_deg": -12.0, "sog_kn": 44.0, "cog_deg": 90.0}]  # fmt: skip
        watch.take(batch_of(pl.DataFrame(rows, schema=REPORTS.schema), STATIC.empty()), at_to_us(at))
        flagged.append(watch.attention.waiting()[0])
        watch.attention._state["flagged"][:] = np.iinfo(np.int64).max
    assert flagged[0] == 1, "never heard before"
    assert 1 <= sum(flagged[1:]) <= 3


def test_vessels_that_said_a_name_and_no_position_disturb_no_sweep() -> None:
    watch = Live(REALM, WatchParams.of(None))
    rows = [{"realm": REALM, "feed": "f", "raw_offset": 80 * n, "raw_length": 80, "reported_at": START, "mmsi": 760_000_000 + n, "name": f"NAVE {n}"}
            for n in range(3000)]  # fmt: skip
    watch.take(batch_of(REPORTS.empty(), pl.DataFrame(rows, schema=STATIC.schema)), at_to_us(START))
    assert watch.window.of(np.arange(watch.window.slots.count)).is_empty()
    assert_frame_equal(watch.sweep(START)().versions, EVENTS.empty())
