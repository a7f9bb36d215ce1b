"""How fast the sensors are: AIS of many vessels through a coastal network, written as NMEA: `python -m benchmarks.drill_ais`.

Target: 10,000 vessels, 24 h, ticks of 10 s, under 5 minutes.

The vessels sail to and fro on straight tracks within 25 nm of ten stations, so that most of what they send is heard: a third at 8 to 20 kn, a third
at 2 to 4 kn, a third moored or at anchor; three quarters are of class A. Memory is that of two minutes and the hold-back, not of the day: the peak is
printed after one hour and after all of it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.drill_kernel import peak_mb
from seaward.core.units import DEG_M, KN_MPS, NM_M
from seaward.drill.chance import keys_of
from seaward.drill.hulls import ANCHOR, ANCHORED, FISHING, MOOR, MOORED, SAIL, UNDER_WAY, WORK, Cast, Hulls, Orders, Stretch, Switches
from seaward.drill.kernel import Sea
from seaward.drill.observe import observe
from seaward.drill.scenario import GEARS, Clock, Sensor, Station

TICK_MS, TICKS = 10_000, 60
LEG_S = 3_600.0  # to and fro
STATIONS = tuple(
    Station(f"EX-{n:02d}", place, 60.0)
    for n, place in enumerate([
        (-81.1, -5.1), (-79.9, -6.8), (-79.1, -8.2), (-78.6, -9.1), (-77.65, -11.1), (-77.15, -12.05), (-76.3, -13.8), (-75.2, -15.4), (-72.1, -17.0),
        (-71.4, -17.6),
    ])
)  # fmt: skip


def crowd(n: int, seed: int) -> tuple[Cast, dict[str, np.ndarray]]:
    """Vessels around the stations, and how each moves."""
    luck = np.random.default_rng(seed)
    station = np.array([s.at for s in STATIONS])[luck.integers(0, len(STATIONS), n)]
    away_deg = NM_M / DEG_M * 25.0 * np.sqrt(luck.random(n))
    bearing = luck.uniform(0, 2 * np.pi, n)
    at = station + np.column_stack([away_deg * np.sin(bearing), away_deg * np.cos(bearing)])
    third = np.arange(n) % 3
    ids = tuple(f"v{i:06d}" for i in range(n))
    length = luck.uniform(12, 300, n)
    hulls = Hulls(
        ids, ("cargo",) * n, keys_of(seed, ids, "hull"), 100_000_000 + np.arange(n), tuple(f"{i.upper()} (EX)" for i in ids), ids,
        np.full(n, 70), length, length / 6, luck.choice([1, 1, 1, 1, 1, 1, 2, 3], n).astype(np.uint8), np.ones(n, bool), at,
    )  # fmt: skip
    i, f = np.zeros(0, np.int64), np.zeros(0)
    orders = Orders(np.zeros(n + 1, np.int64), i.astype(np.uint8), i, f, f, f, f, f, i.astype(np.uint8), i)
    motion = {
        "at": at, "course": luck.uniform(0, 360, n),
        "knots": np.select([third == 0, third == 1], [luck.uniform(8, 20, n), luck.uniform(2, 4, n)], 0.1),
        "activity": np.select([third == 0, third == 1, np.arange(n) % 2 == 0], [UNDER_WAY, FISHING, MOORED], ANCHORED).astype(np.uint8),
    }  # fmt: skip
    return Cast(hulls, orders, Switches(i, i, i.astype(bool)), (), ()), motion


def tracks(motion: dict[str, np.ndarray], hours: float) -> Iterator[Stretch]:
    """The sea in stretches of ten minutes."""
    n, end = len(motion["knots"]), round(hours * 3_600_000)
    for since in range(0, end, TICKS * TICK_MS):
        at = np.arange(since, min(end, since + TICKS * TICK_MS) + 1, TICK_MS, dtype=np.int64)
        seconds = (at / 1000.0)[:, None]
        back = (seconds // LEG_S) % 2
        run_m = motion["knots"] * KN_MPS * np.where(back == 1, LEG_S - seconds % LEG_S, seconds % LEG_S)
        course = np.radians(motion["course"])
        lat = motion["at"][:, 1] + run_m * np.cos(course) / DEG_M
        lon = motion["at"][:, 0] + run_m * np.sin(course) / DEG_M / np.cos(np.radians(motion["at"][:, 1]))
        heading = (motion["course"] + 180.0 * back) % 360.0
        yield Stretch(at, lon, lat, np.tile(motion["knots"], (len(at), 1)), heading, heading, np.tile(motion["activity"], (len(at), n and 1)))


def sailed(cast: Cast, motion: dict[str, np.ndarray], hours: float, start: datetime) -> Iterator[Stretch]:
    """The same crowd as the kernel sails it: to and fro between two marks, at work with a gear, moored or at anchor."""
    at, third, legs = motion["at"], np.arange(len(motion["knots"])) % 3, int(hours) + 2
    count = np.where(third == 0, legs, 1)
    first = np.append(0, np.cumsum(count))
    hull = np.repeat(np.arange(len(third)), count)
    turn, course = (np.arange(first[-1]) - first[hull]) % 2, np.radians(motion["course"])[hull]
    away_deg = np.where(third[hull] == 0, 1 - turn, 0) * motion["knots"][hull] * KN_MPS * LEG_S / DEG_M
    lon, lat = at[hull, 0] + away_deg * np.sin(course), at[hull, 1] + away_deg * np.cos(course)
    what = np.select([third == 0, third == 1, np.arange(len(third)) % 2 == 0], [SAIL, WORK, MOOR], ANCHOR).astype(np.uint8)[hull]
    zero = np.zeros(len(hull))
    gear = (hull % len(GEARS)).astype(np.uint8)
    orders = Orders(
        first, what, np.full(len(hull), 1 << 50), lon, lat, motion["knots"][hull], zero, zero + 5_000.0, gear, np.full(len(hull), -1)
    )  # fmt: skip
    yield from Sea(replace(cast, orders=orders), Clock(start, round(hours * 3_600_000)), (), 1).stretches()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vessels", type=int, default=10_000)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--kernel", action="store_true", help="let the kernel sail them")
    args = parser.parse_args()
    start, network = datetime(2027, 11, 4, tzinfo=UTC), (Sensor("coast", "coastal_ais", STATIONS),)
    with tempfile.TemporaryDirectory() as folder:
        few, how = crowd(16, 0)

        def sea_of(cast: Cast, motion: dict[str, np.ndarray], hours: float) -> Iterator[Stretch]:
            return sailed(cast, motion, hours, start) if args.kernel else tracks(motion, hours)

        observe(few, sea_of(few, how, 0.1), network, start, folder, "ex:bench", seed=1)  # compiles
        begun = time.perf_counter()
        cast, motion = crowd(args.vessels, 1)
        print(f"cast of {args.vessels:,} vessels            {time.perf_counter() - begun:8.1f} s")
        begun = time.perf_counter()
        for _ in sea_of(cast, motion, args.hours):
            pass
        made = time.perf_counter() - begun
        early = 0.0

        def watched() -> Iterator[Stretch]:
            nonlocal early
            for sea in sea_of(cast, motion, args.hours):
                yield sea
                early = peak_mb() if sea.at_ms[-1] <= 3_600_000 else early

        begun, spent = time.perf_counter(), time.process_time()
        done = observe(cast, watched(), network, start, folder, "ex:bench", seed=1)["coast"]
        took, spent, size = time.perf_counter() - begun, time.process_time() - spent, Path(done.path).stat().st_size
    print(f"{args.hours:g} h of AIS, tracks and all       {took:8.1f} s   processor {spent:.1f} s, of it the tracks {made:.1f} s")
    print(f"lines                              {done.rows / 1e6:8.1f} M   {size / 1e9:.2f} GB, {done.rows / took / 1e6:.2f} M lines/s")
    print(f"peak memory after an hour          {early:8.0f} MB")
    print(f"peak memory at the end             {peak_mb():8.0f} MB")


if __name__ == "__main__":
    main()
