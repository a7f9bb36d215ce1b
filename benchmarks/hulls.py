"""How well hulls under one MMSI are told apart: `python -m benchmarks.hulls` prints the table of docs/scores-picture.md.

Simulated vessels, 2 to 5 of them under one MMSI, sail, turn and stop within some 5 km of each other for six hours; GPS error 10 m, one
report in ten lost, 1 % noise spikes.

ID switch: the next fix of a vessel is on another hull than its last. Purity: share of fixes that are of the vessel that most of their hull are of.
Greedy: each fix goes to the nearest hull that can reach it at 60 kn, as is common.
"""

from __future__ import annotations

import argparse
import math

import numpy as np
import polars as pl

from seaward.core.tables import REPORTS, TRANSCEIVERS
from seaward.core.units import KN_MPS, US_PER_S
from seaward.picture.positions import PictureParams, build_positions

_DEG_M = 111_195.0
_HOURS = 6
_NEAR_DEG = 0.02


def vessel(rng: np.random.Generator, every_s: float) -> dict[str, np.ndarray]:
    """One vessel second by second, reported about every `every_s`."""
    n = _HOURS * 3600
    sog, cog, lat, lon = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    y, x = rng.uniform(-_NEAR_DEG, _NEAR_DEG, 2).tolist()
    speed, course, wanted, turn_to = rng.uniform(0, 15), rng.uniform(0, 360), 10.0, 0.0
    for k in range(n):
        if k % 1200 == 0:
            wanted = 0.0 if rng.random() < 0.2 else rng.uniform(2, 15)
            home = math.degrees(math.atan2(-x, -y))  # back towards the others
            turn_to = course + (home + rng.normal(0, 60) - course + 180) % 360 - 180
        speed += min(max(wanted - speed, -0.05), 0.05)
        course += min(max(turn_to - course, -1.0), 1.0)
        y += speed * KN_MPS * math.cos(math.radians(course)) / _DEG_M
        x += speed * KN_MPS * math.sin(math.radians(course)) / _DEG_M
        sog[k], cog[k], lat[k], lon[k] = speed, course, y, x
    at = np.cumsum(rng.uniform(0.8, 1.2, int(n / every_s * 1.3)) * every_s) + rng.uniform(0, every_s)
    at = at[(at < n - 1) & (rng.random(len(at)) > 0.1)]
    k = at.astype(int)
    noise = rng.normal(0, 10 / _DEG_M, (2, len(k)))
    return {
        "at": np.round(at),
        "lon": -80 + lon[k] + noise[0],
        "lat": -10 + lat[k] + noise[1],
        "sog": np.maximum(0, sog[k] + rng.normal(0, 0.2, len(k))).round(1),
        "cog": (cog[k] + rng.normal(0, 2, len(k))).round(1) % 360,
    }


def scene(hulls: int, every_s: float, seed: int, kinds: bool) -> tuple[pl.DataFrame, np.ndarray]:
    """REPORTS of vessels under one MMSI, and who each row is of (-1: noise)."""
    rng = np.random.default_rng([seed, hulls, int(every_s), int(kinds)])
    parts = [vessel(rng, every_s) for _ in range(hulls)]
    who = np.concatenate([np.full(len(p["at"]), v) for v, p in enumerate(parts)])
    c = {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}
    spike = rng.random(len(who)) < 0.01
    c["lat"][spike] += rng.uniform(1, 20, spike.sum())
    truth = np.where(spike, -1, who)
    kind = np.where(kinds & (who % 2 == 1), "B", "A")
    at = pl.Series((1_700_000_000 + c["at"]).astype(np.int64) * US_PER_S)
    rows = pl.DataFrame({"reported_at": at, "received_at": at, "lon_deg": c["lon"], "lat_deg": c["lat"], "sog_kn": c["sog"], "cog_deg": c["cog"]})
    rows = rows.with_columns(
        realm=pl.lit("ops"), feed=pl.lit("sim"), raw_offset=pl.int_range(pl.len()), raw_length=pl.lit(0), mmsi=pl.lit(224_000_001)
    )
    rows = rows.with_columns(pl.Series("transceiver", kind.tolist(), dtype=pl.Enum(TRANSCEIVERS)), message_type=pl.lit(1))
    missing = [pl.lit(None).alias(c) for c in REPORTS.schema if c not in rows.columns]
    return rows.with_columns(missing).select(pl.col(c).cast(t) for c, t in REPORTS.schema.items()), truth


def greedy(rows: pl.DataFrame) -> np.ndarray:
    """Hull of each row: the nearest that can be reached at 60 kn."""
    at = rows["reported_at"].to_physical().to_numpy() / US_PER_S
    lon, lat = rows["lon_deg"].to_numpy() * np.cos(np.radians(10)) * _DEG_M, rows["lat_deg"].to_numpy() * _DEG_M
    given, last = np.empty(len(rows), np.int64), []
    for i in np.argsort(at, kind="stable"):
        d = [np.hypot(lon[i] - lon[j], lat[i] - lat[j]) for j in last]
        near = [h for h, j in enumerate(last) if d[h] <= 60 * KN_MPS * (at[i] - at[j]) + 200]
        h = min(near, key=d.__getitem__) if near else len(last)
        last[h : h + 1] = [i]
        given[i] = h
    return given


def score(truth: np.ndarray, given: np.ndarray, at: np.ndarray) -> tuple[int, int, int, int]:
    """ID switches, fixes on the hull mostly of their vessel, fixes on any hull, vessels' fixes refused."""
    order = np.argsort(at, kind="stable")
    truth, given = truth[order], given[order]
    switches = sum(int((np.diff(g[g >= 0]) != 0).sum()) for v in range(truth.max() + 1) for g in [given[truth == v]])
    pure = sum(int(np.bincount(truth[given == h] + 1).max()) for h in np.unique(given[given >= 0]))
    return switches, pure, int((given >= 0).sum()), int(((given < 0) & (truth >= 0)).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = parser.parse_args().seeds
    heads = ("reports every", "class", "hulls", "messages", "ID switches per 1,000", "purity", "fixes of vessels refused", "hulls found")
    print("|", " | ".join((*heads, "greedy: switches", "greedy: purity")), "|")
    print("|---" * (len(heads) + 2) + "|")
    for every_s in (10.0, 60.0, 300.0):
        for kinds in (False, True):
            for hulls in (2, 3, 4, 5):
                total, found, n = np.zeros((2, 4), np.int64), 0, 0
                for seed in range(seeds):
                    rows, truth = scene(hulls, every_s, seed, kinds)
                    at = rows["reported_at"].to_physical().to_numpy()
                    picture = build_positions(rows, PictureParams())
                    given = np.full(len(rows), -1)
                    codes = picture.positions["vessel_id"].rle_id().to_numpy()
                    given[picture.positions["raw_offset"].to_numpy()] = codes
                    total += np.array([score(truth, given, at), score(truth, greedy(rows), at)])
                    found += int(codes.max()) + 1
                    n += len(rows)
                (s, p, m, r), (gs, gp, gm, _) = total.tolist()
                mine = f"{1000 * s / n:.2f} | {p / m:.4f} | {r} | {found / seeds:.1f}"
                theirs = f"{1000 * gs / n:.1f} | {gp / gm:.3f}"
                print(f"| {every_s:.0f} s | {'A, B' if kinds else 'A'} | {hulls} | {n:,} | {mine} | {theirs} |")


if __name__ == "__main__":
    main()
