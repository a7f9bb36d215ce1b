"""Boats of every gear of the drill and vessels that do not fish, with what each was doing: simulated tracks for `benchmarks.fishing_scores`.

The drill's gears were written by others than the detector's, from other sources in part. Every boat sails to its ground, works there for two days
and sails home. Fixes err by 10 m, speeds by 0.1 kn.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from seaward.core.tables import POSITIONS
from seaward.core.units import DEG_M, US_PER_S
from seaward.drill.chance import keys_of
from seaward.drill.hulls import DRIFT, SAIL, WORK, WORKING, Cast, Hulls, Orders, Switches
from seaward.drill.kernel import Sea
from seaward.drill.scenario import GEARS, Clock

START = datetime(2027, 3, 1, tzinfo=UTC)
HOURS, TICK_MS, HOUR_MS = 60, 10_000, 3_600_000
GROUND = (-80.0, -12.0)
MODEL_OF = {g: "gillnet" if g == "artisanal" else g for g in GEARS}  # the artisanal boats of the drill set nets and lines
IDLE = ("trader", "adrift", "slow tow")  # vessels that do not fish: at 11 kn, without way, at 4 kn; each on a straight way


def sea(seed: int, boats: int = 8, every_s: int = 60) -> pl.DataFrame:
    """POSITIONS of `boats` of each gear and of each kind that does not fish, with `kind` and `fish` (true while gear is set, worked or hauled)."""
    kinds = [k for k in (*GEARS, *IDLE) for _ in range(boats)]
    ids = tuple(f"{k:04d}" for k in range(len(kinds)))
    rng = np.random.default_rng([seed, boats])
    starts = np.column_stack([rng.uniform(-80.6, -79.4, len(kinds)), rng.uniform(-12.6, -11.4, len(kinds))])
    far = int(1e9)
    orders: list[list[tuple[int, int, float, float, float, int]]] = []  # what, until, lon, lat, speed, gear
    for kind, (lon, lat) in zip(kinds, starts.tolist(), strict=True):
        if kind in GEARS:
            ground = (SAIL, far, *GROUND, 9.0, 0), (WORK, (HOURS - 6) * HOUR_MS, *GROUND, 9.0, GEARS.index(kind)), (SAIL, far, lon, lat, 9.0, 0)
            orders.append(list(ground))
        elif kind == "adrift":
            orders.append([(DRIFT, far, np.nan, np.nan, np.nan, 0)])
        else:
            orders.append([(SAIL, far, lon - 8, lat - 8, 11.0 if kind == "trader" else 4.0, 0)])
    rows = np.array([o for own in orders for o in own])
    n, m = len(ids), len(rows)
    none = np.empty(0, np.int64)
    cast = Cast(
        Hulls(
            ids, tuple("trawler" if k in GEARS else "cargo" for k in kinds), keys_of(seed, ids, "hull"), np.arange(100_000_000, 100_000_000 + n),
            tuple(f"{i} (EX)" for i in ids), ("",) * n, np.full(n, 30), np.where(np.isin(kinds, GEARS), 30.0, 120.0), np.full(n, 8.0),
            np.ones(n, np.uint8), np.ones(n, bool), starts,
        ),
        Orders(
            np.cumsum([0, *(len(o) for o in orders)]), rows[:, 0].astype(np.uint8), rows[:, 1].astype(np.int64), rows[:, 2], rows[:, 3],
            rows[:, 4], np.zeros(m), np.full(m, 30_000.0), rows[:, 5].astype(np.uint8), np.full(m, -1),
        ),
        Switches(none, none, none.astype(bool)), (), (),
    )  # fmt: skip
    s = Sea(cast, Clock(START, HOURS * HOUR_MS, TICK_MS), seed=seed).advance(1_000_000)
    k = np.arange(1, len(s.at_ms), every_s * 1000 // TICK_MS)
    shape = len(k), n
    at = int(START.timestamp()) * US_PER_S + s.at_ms[k] * 1000
    east, north = rng.normal(0, 10 / DEG_M, (2, *shape))
    columns = {
        "vessel_id": np.broadcast_to(np.array([f"mmsi:{100_000_000 + i}" for i in range(n)]), shape),
        "kind": np.broadcast_to(np.array(kinds), shape), "at": np.broadcast_to(at[:, None], shape),
        "lon_deg": s.lon_deg[k] + east / np.cos(np.radians(12)), "lat_deg": s.lat_deg[k] + north,
        "sog_kn": np.maximum(0.0, s.sog_kn[k] + rng.normal(0, 0.1, shape)).round(1), "fish": np.isin(s.activity[k], WORKING),
    }  # fmt: skip
    rows_ = pl.DataFrame({name: c.T.ravel() for name, c in columns.items()})
    rows_ = rows_.with_columns(realm=pl.lit("ex:fishing"), feed=pl.lit("sim"), raw_offset=pl.int_range(pl.len()), raw_length=pl.lit(1))
    schema = {name: t for name, t in POSITIONS.schema.items() if name in rows_.columns}
    return rows_.with_columns(pl.col(name).cast(t) for name, t in schema.items())
