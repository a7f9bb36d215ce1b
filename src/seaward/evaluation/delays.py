"""A log of stages -> how long each step from onset to on scene took, what sensors took apart from what people took."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from seaward.core.errors import InputError, ParameterError
from seaward.core.tables import AT
from seaward.evaluation.intervals import quantile

STAGES = ("onset", "observable", "opened", "acknowledged", "shared", "tasked", "on_scene")
_SENSOR, _PEOPLE, _ALL = "sensor", "people", "all"
STEPS = (  # who the delay belongs to, from, to
    (_SENSOR, "onset", "observable"), (_SENSOR, "observable", "opened"), (_PEOPLE, "opened", "acknowledged"), (_PEOPLE, "acknowledged", "shared"),
    (_PEOPLE, "shared", "tasked"), (_PEOPLE, "tasked", "on_scene"),
    (_SENSOR, "onset", "opened"), (_PEOPLE, "opened", "on_scene"), (_ALL, "onset", "on_scene"),
)  # fmt: skip


def chain_delays(log: pl.DataFrame, until: datetime, key: str = "truth_id") -> pl.DataFrame:
    """Median and nine tenths of each step, over all truths; what did not happen waited until the end.

    Parameters
    ----------
    log
        Columns `key`, stage (of `STAGES`), at, cell (null, or no such column, where it is of no cell, as onset and observable are).
        Of several rows of one stage the earliest counts.
    until
        End of the exercise; later rows are left out.

    Returns
    -------
    cell (null: whichever cell was first), of (sensor, people, all), from_stage, to_stage, played (false: nobody logged that stage, so nothing is
    missed), n (truths that came to `from_stage`), done, missed, early (came before; counted as 0), median_s and p90_s with `_low`, `_high`, `_few`.

    Raises
    ------
    InputError, ParameterError
        If a column is missing, or a stage unknown.

    Limits
    ------
    A stage that was skipped counts as not come to by the end. Cells that share one truth are not independent of each other.
    """
    if missing := [c for c in (key, "stage", "at") if c not in log.columns]:
        raise InputError(f"the log of stages lacks {', '.join(missing)}; it needs {key}, stage, at and, if there are cells, cell")
    if strange := sorted({*log["stage"].cast(pl.String).drop_nulls()} - {*STAGES}):
        raise ParameterError(f"the log has the stage {strange[0]!r}; known are {', '.join(STAGES)}")
    cell = pl.col("cell").cast(pl.String) if "cell" in log.columns else pl.lit(None, pl.String).alias("cell")
    rows = log.select(pl.col(key).cast(pl.String).alias("key"), pl.col("stage").cast(pl.String), pl.col("at").cast(AT), cell).filter(
        pl.col("at") <= until
    )
    played = {*rows["stage"]}
    made = []
    for who in (None, *sorted({*rows["cell"].drop_nulls()})):
        seen = rows if who is None else rows.filter(pl.col("cell").is_null() | (pl.col("cell") == who))
        first = {(k, s): at for k, s, at in seen.group_by("key", "stage").agg(pl.col("at").min()).iter_rows()}
        made += [{"cell": who, **_step(first, *step, until, step[2] in played)} for step in STEPS]
    names = [f"{q}{end}" for q in ("median_s", "p90_s") for end in ("", "_low", "_high")]
    return pl.DataFrame(made, schema_overrides={"cell": pl.String} | dict.fromkeys(names, pl.Float64))


def _step(first: dict[tuple[str, str], datetime], of: str, begin: str, end: str, until: datetime, is_played: bool) -> dict[str, object]:
    waits: list[tuple[float, bool]] = []
    for key in sorted(k for k, stage in first if stage == begin) if is_played else []:
        then = first.get((key, end))
        waits.append((((then or until) - first[key, begin]).total_seconds(), then is not None))
    delay_s, done = np.array([max(0.0, w) for w, _ in waits]), [d for _, d in waits]
    row: dict[str, object] = {"of": of, "from_stage": begin, "to_stage": end, "played": is_played, "n": len(waits), "done": sum(done)}
    row |= {"missed": len(waits) - sum(done), "early": sum(w < 0 for w, _ in waits)}
    for name, share in (("median_s", 0.5), ("p90_s", 0.9)):
        figure = quantile(delay_s, done, share)
        row |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high, f"{name}_few": figure.few}
    return row
