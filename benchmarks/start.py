"""How long a node's start takes with a long history: the newest hours are read back, a first look, a first sweep. python -m benchmarks.start

A history of made-up reports is written first (`--reports` of 20,000 vessels over two days, with their names ten times an hour); that is not timed.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from seaward.core.tables import REPORTS, STATIC, Table
from seaward.core.units import US_PER_S
from seaward.live import Live, LiveParams
from seaward.node.clock import WallClock, moment
from seaward.node.engine import Engine
from seaward.node.warm import warm_up
from seaward.store.history import History
from seaward.watch import WatchParams

VESSELS, HOURS, HOUR_US = 20_000, 48, 3600 * US_PER_S


def write(root: Path, reports: int) -> None:
    """Two days that end now."""
    chance, history = np.random.default_rng(1), History(root, "ops")
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS)
    lon, lat = chance.uniform(-95, -75, VESSELS), chance.uniform(-40, -20, VESSELS)
    offset = 0
    for hour in range(HOURS):
        begin = start + timedelta(hours=hour)
        n = reports // HOURS
        who = np.arange(n) % VESSELS
        heard = pl.DataFrame({"who": who, "after_us": np.sort(chance.integers(0, HOUR_US, n)), "raw_offset": offset + 80 * np.arange(n),
                              "lon_deg": lon[who] + hour * 0.05, "lat_deg": lat[who] + chance.normal(0, 1e-4, n)})  # fmt: skip
        offset += 80 * n
        said = pl.DataFrame({"who": np.repeat(np.arange(VESSELS), 10), "after_us": np.tile(np.arange(10) * HOUR_US // 10, VESSELS),
                             "raw_offset": offset + 80 * np.arange(10 * VESSELS)})  # fmt: skip
        offset += 80 * len(said)
        history.add(_filled(REPORTS, heard, begin), _filled(STATIC, said.with_columns(name=pl.format("SHIP {}", "who")), begin), {"coast": offset})


def _filled(table: Table, rows: pl.DataFrame, begin: datetime) -> pl.DataFrame:
    at = pl.lit(begin).cast(pl.Datetime("us", "UTC")) + pl.duration(microseconds="after_us")
    rows = rows.with_columns(realm=pl.lit("ops"), feed=pl.lit("coast"), raw_length=80, message_type=1, mmsi=760_000_000 + pl.col("who"), sog_kn=10.0,
                             cog_deg=90.0, received_at=at, reported_at=at)  # fmt: skip
    return rows.select([(pl.col(n) if n in rows.columns else pl.lit(None)).cast(t).alias(n) for n, t in table.schema.items()])


def timed(what: str, job: Callable[[], Any]) -> Any:
    """Do it and print how long it took, and the most memory so far."""
    begin = time.perf_counter()
    done = job()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{what:24} {time.perf_counter() - begin:6.1f} s, {peak_mb:,.0f} MB at most so far", flush=True)
    return done


def main() -> None:
    """Run and print."""
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--reports", type=int, default=40_000_000)
    o = a.parse_args()
    params, clock = WatchParams.of(None), WallClock()
    warm_up(params)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), o.reports)
        live = Live("ops", params, LiveParams())
        history = timed("open the history", lambda: History(Path(folder), "ops"))
        engine = Engine(live, history, clock, lambda looked, now_us: None, {})
        loaded = timed("read it back", lambda: engine.load(clock.now_us() - int(live.live.window_s * US_PER_S)))
        print(f"                         {loaded:,} reports of {o.reports:,}, {live.window.rows:,} held")
        timed("first look", lambda: live.look(moment(clock.now_us()), clock.now_us()))
        timed("sweep over all", lambda: live.sweep(moment(clock.now_us())))


if __name__ == "__main__":
    main()
