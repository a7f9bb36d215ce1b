"""How often the live watch takes back what it told: a made-up day off Peru, looked at and swept as a node does it. python -m benchmarks.flapping

Per kind: events told, how many by a look first, how many were withdrawn and how long after, how many versions each had, and how many of those that a
look told first the file as a whole has too.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from seaward.api import detect
from seaward.core.tables import REJECTED
from seaward.core.units import US_PER_S, at_to_us
from seaward.feeds.batch import Batch, LineCounts
from seaward.feeds.read import read
from seaward.given import Given
from seaward.live import Live
from seaward.watch import WatchParams
from tests.made_up_day.peru_aids import write_peru_aids
from tests.made_up_day.peru_day import write_peru_day

REALM, START = "ex:day", datetime(2027, 3, 5, tzinfo=UTC)


def told_of_a_day(seed: int, look_s: float, sweep_s: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every version told, with when (`told_s` after the start) and by what (`by`: look or sweep); and the events of the day's file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.nmea"
        write_peru_day(path, seed=seed, start=START)
        aids = write_peru_aids(Path(folder), seed=seed, start=START)
        batches = [*read(str(path), REALM)]
        reports, static = pl.concat(b.reports for b in batches), pl.concat(b.static for b in batches)
        watch = Live(REALM, Given.read(REALM, ["peru"], [aids.ports], []).applied(WatchParams.of(None), asked=False))
        end = at_to_us(START) + int(86_700 * US_PER_S)
        whole = detect(path, realm=REALM, as_of=datetime.fromtimestamp(end / US_PER_S, UTC), areas="peru", ports=aids.ports).events
    told, step, next_sweep = [], int(look_s * US_PER_S), at_to_us(START) + int(sweep_s * US_PER_S)
    heard, said = reports["reported_at"].to_physical(), static["reported_at"].to_physical()
    for now in range(at_to_us(START) + step, end + step, step):
        new, spoken = heard.is_between(now - step, now, closed="left"), said.is_between(now - step, now, closed="left")
        watch.take(Batch(reports.filter(new), static.filter(spoken), REJECTED.empty(), LineCounts()), now)
        moment = datetime.fromtimestamp(now / US_PER_S, UTC)
        by = {"look": watch.look(moment, now).versions}
        if now >= next_sweep:
            by["sweep"] = watch.sweep(moment)().versions
            next_sweep += int(sweep_s * US_PER_S)
        told += [v.with_columns(by=pl.lit(b), told_s=pl.lit((now - at_to_us(START)) / US_PER_S)) for b, v in by.items()]
    return pl.concat(told), whole


def counted(told: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """The table of this benchmark."""
    events = told.sort("version").group_by("event_id", maintain_order=True).agg(
        pl.col("kind").first(), by=pl.col("by").first(), versions=pl.len(), withdrawn=(pl.col("state") == "withdrawn").any(),
        ends_withdrawn=pl.col("state").last() == "withdrawn",
        stood_s=pl.col("told_s").filter(pl.col("state") == "withdrawn").first() - pl.col("told_s").first(),
    )  # fmt: skip
    events = events.with_columns(in_file=pl.col("event_id").is_in(whole["event_id"].implode()))
    by_look = pl.col("by") == "look"
    return events.group_by("kind").agg(
        told=pl.len(), by_look=by_look.sum(), withdrawn=pl.col("withdrawn").sum(), withdrawn_for_good=pl.col("ends_withdrawn").sum(),
        stood_median_s=pl.col("stood_s").median(), versions_mean=pl.col("versions").mean().round(2),
        by_look_in_file=(by_look & pl.col("in_file")).sum(),
    ).sort("kind")  # fmt: skip


def main() -> None:
    """Run and print."""
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--seeds", type=int, default=3)
    a.add_argument("--look-s", type=float, default=120.0)
    a.add_argument("--sweep-s", type=float, default=600.0)
    o = a.parse_args()
    days = [told_of_a_day(seed, o.look_s, o.sweep_s) for seed in range(1, 1 + o.seeds)]
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=160):
        print(counted(pl.concat(t for t, _ in days), pl.concat(w for _, w in days)))


if __name__ == "__main__":
    main()
