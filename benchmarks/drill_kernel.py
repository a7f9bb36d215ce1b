"""How fast the simulated sea runs, truth only, on one core: `python -m benchmarks.drill_kernel`.

Target: 10,000 vessels, 24 h, ticks of 10 s, under 60 s.

A third sail from mark to mark, a third work a gear, the rest lie moored, at anchor, drift, or meet another. Memory is that of one stretch, not of the
day: the peak is printed after one hour and after all of it.
"""

from __future__ import annotations

import argparse
import resource
import time
from datetime import UTC, datetime

import numpy as np
import shapely

from seaward.chart.areas import Area, Areas
from seaward.chart.places import Places
from seaward.chart.rules import Rule
from seaward.drill.chance import keys_of
from seaward.drill.hulls import ANCHOR, DRIFT, MEET, MOOR, SAIL, WORK, Cast, Hulls, Orders, Switches
from seaward.drill.kernel import Sea
from seaward.drill.scenario import GEARS, Clock, Weather
from seaward.drill.truth import Truth

_HOUR_MS = 3_600_000
_AREAS = Areas(tuple(Area(f"closed {k}", shapely.box(-88 + 3 * k, -15, -86 + 3 * k, -8), Rule(forbids=frozenset({"fishing"}))) for k in range(4)))
_PORTS = Places(("A", "B"), np.array([-77.0, -79.0]), np.array([-12.0, -9.0]), ("port", "port"))
_MARKS = 6


def crowd(n: int, seed: int) -> Cast:
    """Vessels at random within some 1,500 km off Peru."""
    luck = np.random.default_rng(seed)
    at = np.column_stack([luck.uniform(-90, -76, n), luck.uniform(-18, -4, n)])
    what, place, speed, other, first = [], [], [], [], [0]
    for i in range(n):
        kind = i % 12
        if kind < 4:
            marks = at[i] + np.cumsum(luck.normal(0, 1.2, (_MARKS, 2)), 0)
            what += [SAIL] * _MARKS
        else:
            marks = at[i][None]
            what.append(WORK if kind < 8 else (MOOR, ANCHOR, DRIFT, MEET)[kind - 8])
        place.append(marks)
        speed += [luck.uniform(8, 20)] * len(marks)
        other += [i - 1 if what[-1] == MEET else -1] * len(marks)
        first.append(len(what))
    marks, rows = np.concatenate(place), len(what)
    ids = tuple(f"v{i:06d}" for i in range(n))
    lengths = luck.uniform(12, 300, n)
    none = np.zeros(rows)
    hulls = Hulls(
        ids, ("cargo",) * n, keys_of(seed, ids, "hull"), 100_000_000 + np.arange(n), ids, ids, np.zeros(n, np.int64), lengths, lengths / 6,
        np.ones(n, np.uint8), np.ones(n, bool), at,
    )  # fmt: skip
    orders = Orders(
        np.array(first), np.array(what, np.uint8), np.full(rows, 1 << 50), marks[:, 0], marks[:, 1], np.array(speed), none, none + 20_000.0,
        luck.integers(0, len(GEARS), rows).astype(np.uint8), np.array(other),
    )  # fmt: skip
    empty = np.zeros(0, np.int64)
    return Cast(hulls, orders, Switches(empty, empty, empty.astype(bool)), (), ())


def peak_mb() -> float:
    """The most memory the process has held so far [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vessels", type=int, default=10_000)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--tell", action="store_true", help="also make TRUE_TRACKS every minute (not kept) and TRUTH")
    args = parser.parse_args()
    start = datetime(2027, 11, 4, tzinfo=UTC)
    weather = (Weather(0, 12 * _HOUR_MS, (-80.0, -10.0), 120, 0.6, 0.5, 90), Weather(6 * _HOUR_MS, 24 * _HOUR_MS, (-84.0, -14.0), 200, 0.7))
    list(Sea(crowd(24, 0), Clock(start, _HOUR_MS), weather).stretches())  # compiles
    begun = time.perf_counter()
    sea = Sea(crowd(args.vessels, 1), Clock(start, int(args.hours * _HOUR_MS)), weather, seed=1)
    print(f"cast of {args.vessels:,} vessels            {time.perf_counter() - begun:8.1f} s")
    truth = Truth("ex:bench", sea.cast, start, sea.clock.length_ms, areas=_AREAS, ports=_PORTS) if args.tell else None
    begun, ticks, early, rows = time.perf_counter(), 0, 0.0, 0
    for stretch in sea.stretches():
        rows += len(truth.take(stretch)) if truth else 0
        ticks += len(stretch.at_ms) - 1
        if sea.now_ms <= _HOUR_MS:
            early = peak_mb()
    told = truth.finish() if truth else None
    took = time.perf_counter() - begun
    if told is not None:
        print(f"{rows:,} rows of true tracks, {len(told):,} of truth: {dict(told['kind'].value_counts().sort('kind').iter_rows())}")
    print(f"{args.hours:g} h in {ticks:,} ticks              {took:8.1f} s   {ticks * args.vessels / took / 1e6:.1f} M vessel-ticks/s")
    print(f"peak memory after an hour          {early:8.0f} MB")
    print(f"peak memory at the end             {peak_mb():8.0f} MB")
    print(f"digest {sea.digest()}")


if __name__ == "__main__":
    main()
