"""The memory of a live watch: what goes in comes out, vessel by vessel, in bounded room; the oldest leave first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from seaward.core.errors import ParameterError, RealmError
from seaward.core.tables import REPORTS
from seaward.core.units import at_to_us
from seaward.store.window import Window

START = datetime(2027, 3, 5, tzinfo=UTC)


def table(rows: list[tuple[int, int]], realm: str = "ops") -> pl.DataFrame:
    """Reports of (vessel, second)."""
    return pl.DataFrame(
        [
            {"realm": realm, "feed": f"feed {m % 3}", "raw_offset": 80 * n, "raw_length": 79, "reported_at": START + timedelta(seconds=s),
             "received_at": None if s % 5 == 0 else START + timedelta(seconds=s + 1), "message_type": 1, "mmsi": m, "lon_deg": s / 1e5,
             "lat_deg": None if s % 7 == 0 else -12.0, "sog_kn": None if m % 2 else 3.5, "nav_status": None if s % 3 else 0,
             "transceiver": "A" if m % 2 else None}
            for n, (m, s) in enumerate(rows)
        ],
        schema=REPORTS.schema,
    )  # fmt: skip


def alike(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("realm", "feed").cast(pl.String)).sort("mmsi", "reported_at", "raw_offset")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 100_000)), max_size=300), st.integers(1, 70))
def test_every_row_comes_back_as_it_went_in_however_it_was_cut(rows: list[tuple[int, int]], cut: int) -> None:
    window, given_rows = Window("ops", 100_000), table(rows)
    for start in range(0, len(rows), cut):
        window.add(given_rows.slice(start, cut))
    assert_frame_equal(alike(window.of(np.arange(window.slots.count))), alike(given_rows))
    for slot, number in enumerate(window.slots.numbers):
        assert window.of(np.array([slot])).height == sum(m == number for m, _ in rows)


def test_only_what_was_heard_by_then_comes_out() -> None:
    window = Window("ops", 10_000)
    window.add(table([(1, 11), (1, 21), (1, 31)]))
    until = at_to_us(START + timedelta(seconds=22))  # each was received a second after it was reported
    assert window.of(np.array([0]), until)["raw_offset"].to_list() == [0, 80]


@pytest.mark.parametrize("seed", range(12))
def test_in_bounded_room_the_oldest_leave_and_all_from_a_moment_on_are_there(seed: int) -> None:
    r = np.random.default_rng(seed)
    n, room = int(r.integers(600, 1_500)), int(r.integers(600, 1_500))
    rows = list(zip(r.integers(1, 40, n).tolist(), r.integers(0, 5_000, n).tolist(), strict=True))
    window, given_rows = Window("ops", room), table(rows)
    for start in range(0, len(rows), 50):
        window.add(given_rows.slice(start, 50))
    assert window.rows <= room + 32
    held = window.of(np.arange(window.slots.count))
    at = pl.coalesce("reported_at", "received_at")
    expected = given_rows.filter(at.dt.timestamp("us") >= window.since_us)
    kept = alike(held).height + window.turned_away
    assert alike(held).join(alike(expected), on=["mmsi", "raw_offset"], how="anti").is_empty()
    assert kept >= expected.height, "what is missing came when it was already older than the window, and is counted"


def test_forgetting_frees_room_and_keeps_the_rest() -> None:
    window = Window("ops", 1_024)
    window.add(table([(m, s) for s in range(0, 1000, 2) for m in (1, 2)]))
    before = window.full_share
    window.forget(at_to_us(START + timedelta(seconds=900)))
    assert window.full_share < before and window.of(np.arange(2))["reported_at"].min() >= START + timedelta(seconds=900)  # type: ignore[operator]
    window.add(table([(3, 5)]))
    assert window.turned_away == 1


def test_another_realm_and_no_room_at_all_are_refused() -> None:
    with pytest.raises(RealmError, match="ex:alfa"):
        Window("ex:alfa", 1_000).add(table([(1, 1)]))
    with pytest.raises(ParameterError, match="at least"):
        Window("ops", 10)
    window = Window("ops", 1_000, most_vessels=2)
    window.add(table([(m, 1) for m in range(5)]))
    assert (window.rows, window.turned_away) == (2, 3)
