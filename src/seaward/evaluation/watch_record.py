"""ALERTS of a watch, what people did with them, who was told of them -> what became of them by kind and time, and how long answers took.

Not against a truth, which a watch at sea does not have: `held` and `false` are what its officers decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from seaward.core.errors import ParameterError
from seaward.core.intervals import Interval, wilson
from seaward.core.tables import AT
from seaward.evaluation.intervals import quantile

VERDICTS = ("held", "false", "other", "withdrawn", "undecided")
STEPS = (("start", "raised"), ("raised", "answered"), ("raised", "decided"), ("raised", "told"))
_HOURLY = timedelta(days=3)  # up to so long a period is told by hours, longer ones by days; ours
MOST_PERIOD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class WatchRecord:
    """What a watch did in a period.

    Parameters
    ----------
    kinds
        One row per kind, most alerts first: kind, alerts, one column per verdict, and the share that held of those judged true or false, with its
        interval: `share`, `low`, `high`, `few`.
    classes
        Dismissals: dismissal, alerts.
    times
        One row per hour or day: at, one column per verdict.
    step_s
        Width of those [s].
    steps
        One row per step of `STEPS`: begin, end, alerts, done, `median_s` and `p90_s` with `_low`, `_high` and `_few`.
    """

    kinds: pl.DataFrame
    classes: pl.DataFrame
    times: pl.DataFrame
    step_s: int
    steps: pl.DataFrame


def watch_record(alerts: pl.DataFrame, deeds: pl.DataFrame, told: pl.DataFrame, since: datetime, until: datetime) -> WatchRecord:
    """What became of the alerts raised in a period.

    Parameters
    ----------
    alerts
        Rows of ALERTS as they stand; those raised outside the period are left out, and those whose events another alert took over.
    deeds
        Rows of ALERT_CHANGES that people made.
    told
        Columns event_id and at: when a partner was told of an event.
    since, until
        The period; a step that did not happen waited until its end.

    Raises
    ------
    ParameterError
        If the period is empty or longer than 400 days.

    Limits
    ------
    An alert that was answered, became new and was answered again counts by its first answer and its last decision. To one that was withdrawn
    nobody owed an answer: it waits until its last change. Delays do not say how busy the watch was.
    """
    if not timedelta(0) < until - since <= MOST_PERIOD:
        raise ParameterError("the period must be longer than nothing and no longer than 400 days; give since before until")
    rows = alerts.filter(pl.col("raised_at").is_between(since, until, closed="left"), pl.col("mark").is_null() | (pl.col("mark") != "merged"))
    rows = rows.with_columns(_verdict().alias("verdict"), _told_at(rows, told).alias("told_at")).join(_deeds(deeds), on="alert_id", how="left")
    every = timedelta(hours=1) if until - since <= _HOURLY else timedelta(days=1)
    return WatchRecord(_by_kind(rows), _by_class(rows), _by_time(rows, since, until, every), int(every.total_seconds()), _steps(rows, until))


def _verdict() -> pl.Expr:
    """What people held of it goes before what became of its events."""
    of_class = pl.col("dismissal").fill_null("")
    return (
        pl.when((pl.col("state") == "validated") | of_class.str.starts_with("true_")).then(pl.lit("held"))
        .when(of_class.str.starts_with("false_")).then(pl.lit("false"))
        .when(pl.col("state") == "dismissed").then(pl.lit("other"))
        .when(pl.col("mark").is_not_null()).then(pl.lit("withdrawn"))
        .otherwise(pl.lit("undecided")).cast(pl.Enum(VERDICTS))
    )  # fmt: skip


def _deeds(deeds: pl.DataFrame) -> pl.DataFrame:
    """When people first acted on each alert, and when they last decided."""
    decision = pl.col("verb").is_in(["validated", "dismissed"])
    return deeds.group_by("alert_id").agg(pl.col("at").min().alias("first_at"), pl.col("at").filter(decision).max().alias("decided_at"))


def _told_at(rows: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    """When a partner was first told of one of its events; null where none was."""
    first = told.group_by("event_id").agg(pl.col("at").min().alias("told_at"))
    events = rows.select("alert_id", pl.col("members").list.eval(pl.element().struct.field("event_id")).alias("event_id")).explode("event_id")
    found = events.join(first, on="event_id").group_by("alert_id").agg(pl.col("told_at").min())
    return rows.select("alert_id").join(found, on="alert_id", how="left", maintain_order="left")["told_at"].cast(AT)


def _counts() -> list[pl.Expr]:
    return [(pl.col("verdict") == v).sum().cast(pl.Int64).alias(v) for v in VERDICTS]


def _by_kind(rows: pl.DataFrame) -> pl.DataFrame:
    made = rows.group_by("kind").agg(pl.len().cast(pl.Int64).alias("alerts"), *_counts()).sort(["alerts", "kind"], descending=[True, False])
    shares = [wilson(held, held + false) for held, false in made.select("held", "false").iter_rows()]
    return made.with_columns(
        *(pl.Series(name, [getattr(s, of) for s in shares], pl.Float64) for name, of in (("share", "value"), ("low", "low"), ("high", "high"))),
        pl.Series("few", [s.few for s in shares], pl.Boolean),
    )


def _by_class(rows: pl.DataFrame) -> pl.DataFrame:
    named = rows.filter(pl.col("dismissal").is_not_null())
    return named.group_by("dismissal").agg(pl.len().cast(pl.Int64).alias("alerts")).sort(["alerts", "dismissal"], descending=[True, False])


def _by_time(rows: pl.DataFrame, since: datetime, until: datetime, every: timedelta) -> pl.DataFrame:
    step = f"{int(every.total_seconds())}s"
    first = pl.Series([since], dtype=AT).dt.truncate(step)[0]
    grid = pl.DataFrame({"at": pl.datetime_range(first, until, step, time_unit="us", time_zone="UTC", eager=True, closed="left")})
    found = rows.group_by(pl.col("raised_at").dt.truncate(step).alias("at")).agg(*_counts())
    return grid.join(found, on="at", how="left", maintain_order="left").with_columns(pl.col(VERDICTS).fill_null(0))


def _steps(rows: pl.DataFrame, until: datetime) -> pl.DataFrame:
    decided = pl.when(pl.col("state").is_in(["validated", "dismissed"])).then(pl.col("decided_at"))
    over = pl.when(pl.col("mark").is_not_null()).then(pl.col("changed_at")).otherwise(until).cast(AT)
    at = rows.select(start="start_at", raised="raised_at", answered="first_at", decided=decided, told="told_at", over=over)
    return pl.DataFrame([_step(at, begin, end) for begin, end in STEPS])


def _step(at: pl.DataFrame, begin: str, end: str) -> dict[str, object]:
    done = at[end].is_not_null()
    wait_s = (at[end].fill_null(at["over"]) - at[begin]).dt.total_microseconds() / 1e6
    row: dict[str, object] = {"begin": begin, "end": end, "alerts": len(at), "done": int(done.sum())}
    for name, share in (("median_s", 0.5), ("p90_s", 0.9)):
        figure = quantile(wait_s.clip(lower_bound=0.0).to_numpy(), done.to_numpy(), share) if len(at) else Interval(None, None, None, few=True)
        row |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high, f"{name}_few": figure.few}
    return row
