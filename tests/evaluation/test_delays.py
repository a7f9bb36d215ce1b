"""Steps of the chain by hand; stages nobody plays; cells apart."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from seaward.core.errors import InputError, ParameterError
from seaward.evaluation.delays import chain_delays
from tests.evaluation.made import NOON

END = NOON + timedelta(hours=10)


def log(*rows: tuple[str, str, float, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [{"truth_id": k, "stage": s, "at": NOON + timedelta(minutes=m), "cell": c} for k, s, m, c in rows], schema_overrides={"cell": pl.String}
    )


def step(table: pl.DataFrame, begin: str, end: str, cell: str | None = None) -> dict:
    return table.filter(pl.col("cell").eq_missing(cell), from_stage=begin, to_stage=end).row(0, named=True)


BASE = [(f"t{k}", "onset", 0, None) for k in range(3)] + [("t0", "observable", 10, None), ("t1", "observable", 20, None)]


def test_steps_by_hand_with_a_miss_censored_and_stages_nobody_plays() -> None:
    table = chain_delays(log(*BASE, ("t0", "opened", 40, "peru"), ("t1", "opened", 60, "peru"), ("t1", "opened", 90, "chile")), END)
    sensed = step(table, "onset", "observable")
    assert [sensed[c] for c in ("of", "played", "n", "done", "missed", "median_s", "median_s_few")] == ["sensor", True, 3, 2, 1, 1200.0, True]
    assert step(table, "observable", "opened")["median_s"] == 1800.0
    taken = step(table, "opened", "acknowledged")
    assert [taken[c] for c in ("of", "played", "n", "missed", "median_s")] == ["people", False, 0, 0, None]
    assert [step(table, "onset", "opened", "chile")[c] for c in ("n", "done", "missed", "median_s")] == [3, 1, 2, None]


def test_a_stage_that_is_played_but_not_reached_is_missed_and_what_came_before_counts_as_no_delay() -> None:
    table = chain_delays(log(*BASE, ("t0", "opened", 5, "a"), ("t1", "opened", 30, "a"), ("t0", "acknowledged", 35, "a")), END)
    assert [step(table, "observable", "opened")[c] for c in ("early", "median_s")] == [1, 0.0]
    assert [step(table, "opened", "acknowledged")[c] for c in ("n", "done", "missed")] == [2, 1, 1]


def test_what_came_after_the_end_is_not_counted_and_bad_logs_are_refused() -> None:
    assert step(chain_delays(log(*BASE, ("t0", "opened", 700, "a")), END), "onset", "opened")["played"] is False
    assert chain_delays(log(*BASE).drop("cell"), END)["cell"].null_count() == 9
    with pytest.raises(ParameterError, match="dreamt"):
        chain_delays(log(("t0", "dreamt", 0, None)), END)
    with pytest.raises(InputError, match="lacks stage"):
        chain_delays(log(*BASE).drop("stage"), END)
