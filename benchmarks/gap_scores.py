"""How well gaps tell a transponder switched off from poor reception: `python -m benchmarks.gap_scores` prints the table of docs/scores-gap.md.

Simulated seas: coast stations with a soft edge of reception that swings with the hour, a satellite that passes now and then, one station down for
five hours; traders along the coast, boats that sail out of reach for the night, vessels at anchor. Some switch their transponder off.
A gap is one of those if the transponder was off for at least half of it. The published rule takes every silence of six hours for one.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from seaward.behaviours.behaviour import Context
from seaward.behaviours.gap import GapParams, find_gaps
from seaward.core.tables import POSITIONS
from seaward.picture.reception import learn_hearing

_START = datetime(2027, 1, 1, tzinfo=UTC)
_STATIONS_NM = ((0.0, 45.0), (120.0, 55.0), (240.0, 40.0))  # along the coast, and reach
_DOWN_H = (100.0, 105.0)  # of the second station
_COAST = (-78.0, -14.0)  # the coast runs north from here; the sea is west
_STEP_H = 1 / 10


def vessel(rng: np.random.Generator, kind: str, hours: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Miles north along the coast, miles off it, and speed [kn]."""
    if kind == "trader":
        speed, off = rng.uniform(9, 15), rng.uniform(8, 50)
        phase = rng.uniform(0, 480)
        north = np.abs((hours * speed + phase) % 560 - 280) - 10  # up and down the coast
        return north, off + 5 * np.sin(hours / 7 + phase), np.full(len(hours), speed)
    home = rng.uniform(5, 240)
    if kind == "anchored":
        return np.full(len(hours), home), np.full(len(hours), rng.uniform(0.5, 4)), np.full(len(hours), 0.1)
    trip, reach, start = rng.uniform(30, 90), rng.uniform(10, 110), rng.uniform(0, 90)
    part = ((hours + start) % trip) / trip  # out, at the ground, back, in port
    way = np.interp(part, [0, 0.2, 0.5, 0.7, 1], [0.5, reach, reach + rng.uniform(-5, 5), 0.5, 0.5])
    return home + 6 * np.sin(hours / 5) * (way > 1), way, np.where(way > 1, 5.0, 0.1)


def heard(rng: np.random.Generator, north: np.ndarray, off: np.ndarray, hours: np.ndarray, weak: float) -> np.ndarray:
    """Name of the feed that hears each report ("" for none)."""
    feed = np.full(len(hours), "", dtype=object)
    swing = 1 + 0.15 * np.sin(2 * np.pi * (hours % 24) / 24)
    for k, (at, reach) in enumerate(_STATIONS_NM):
        gone = (k == 1) & (hours >= _DOWN_H[0]) & (hours < _DOWN_H[1])
        chance = 0.97 / (1 + np.exp((np.hypot(north - at, off) - reach * swing * weak) / 3.0))
        feed[(rng.random(len(hours)) < chance) & ~gone] = "coast"
    overhead = (hours % 1.63 < 0.2) & (hours % 12 < 7)
    feed[(feed == "") & overhead & (rng.random(len(hours)) < 0.35)] = "satellite"
    return feed


def sea(vessels: int, days: int, off_per_day: float, seed: int) -> tuple[pl.DataFrame, list[tuple[str, float, float]]]:
    """POSITIONS, and when who was off [hours since the start]."""
    rows, off = [], []
    for n in range(vessels):
        rng = np.random.default_rng([seed, n])
        hours = np.arange(rng.uniform(0, _STEP_H), days * 24, _STEP_H)
        hours = hours + rng.uniform(-0.02, 0.02, len(hours))
        kind = rng.choice(["trader", "boat", "anchored"], p=[0.4, 0.5, 0.1])
        class_b = kind == "boat" and rng.random() < 0.5
        north, away, speed = vessel(rng, kind, hours)
        feed = heard(rng, north, away, hours, 0.7 if class_b else 1.0)
        on = np.ones(len(hours), bool)
        for _ in range(rng.poisson(off_per_day * days) if kind != "anchored" else 0):
            since, lasts = rng.uniform(6, days * 24 - 6), np.exp(rng.normal(np.log(9), 0.5))
            if away[min(int(since / _STEP_H), len(away) - 1)] > 3:
                on &= (hours < since) | (hours >= since + lasts)
                off.append((f"mmsi:{200_000_000 + n}", since, since + lasts))
        keep = on & (feed != "")
        m = int(keep.sum())
        rows.append(pl.DataFrame({
            "realm": ["ops"] * m, "vessel_id": [f"mmsi:{200_000_000 + n}"] * m, "mmsi": [200_000_000 + n] * m,
            "track_id": [f"{n}"] * m, "at": [_START + timedelta(hours=float(h)) for h in hours[keep]],
            "lon_deg": _COAST[0] - away[keep] / 60 / np.cos(np.radians(_COAST[1])), "lat_deg": _COAST[1] + north[keep] / 60,
            "sog_kn": speed[keep], "cog_deg": [None] * m, "heading_deg": [None] * m, "nav_status": [None] * m, "feed": list(feed[keep]),
            "raw_offset": range(m), "quality": ["good"] * m, "raw_length": [80] * m, "transceiver": ["B" if class_b else "A"] * m,
        }, schema=POSITIONS.schema, strict=False))  # fmt: skip
    return pl.concat(rows), off


def judged(vessels: int, days: int, off_per_day: float, seed: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Probability of each gap, whether it was one, times off for more than six hours, and those of them among the gaps."""
    positions, off = sea(vessels, days, off_per_day, seed)
    shore = lambda lon, lat: np.abs(lon - _COAST[0]) * 60 * np.cos(np.radians(_COAST[1])) * 1852.0  # noqa: E731
    as_of = _START + timedelta(days=days)
    gaps = find_gaps(positions, Context(shore_m=shore, hearing=learn_hearing(positions)), GapParams(), as_of)
    since = ((gaps["start_at"] - _START).dt.total_seconds() / 3600).to_numpy()
    until = ((gaps["end_at"] - _START).dt.total_seconds() / 3600).to_numpy()
    truth, found = np.zeros(len(gaps), bool), set()
    for k, who in enumerate(gaps["vessel_ids"].list.first()):
        for j, (name, a, b) in enumerate(off):
            if name == who and min(b, until[k]) - max(a, since[k]) >= 0.5 * (until[k] - since[k]):
                truth[k] = True
                found.add(j)
    long = [j for j, (_, a, b) in enumerate(off) if min(b, days * 24) - a > 6]
    return gaps["probability"].fill_null(0.0).to_numpy(), truth, len(long), len(found & set(long))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--vessels", type=int, default=200)
    arguments.add_argument("--days", type=int, default=10)
    arguments.add_argument("--seeds", type=int, default=4)
    given = arguments.parse_args()
    heads = (
        "off per vessel-day", "gaps", "of them off", "off > 6 h", "of those found", "Brier score", "that of the base rate",
        "false alarms per 1,000 vessel-days at 90 % of the off", "of the published rule",
    )  # fmt: skip
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    whole: list[tuple[np.ndarray, np.ndarray]] = []
    for rate in (0.005, 0.016, 0.05):
        parts = [judged(given.vessels, given.days, rate, seed) for seed in range(given.seeds)]
        p, truth = np.concatenate([x[0] for x in parts]), np.concatenate([x[1] for x in parts])
        long, found = sum(x[2] for x in parts), sum(x[3] for x in parts)
        vessel_days = given.vessels * given.days * given.seeds / 1000
        need = np.quantile(p[truth], 0.1, method="lower") if truth.any() else 1.0
        figures = (
            rate, len(p), truth.sum(), long, f"{found / max(1, long):.2f}", f"{((p - truth) ** 2).mean():.3f}",
            f"{truth.mean() * (1 - truth.mean()):.3f}", f"{((p >= need) & ~truth).sum() / vessel_days:.0f}", f"{(~truth).sum() / vessel_days:.0f}",
        )  # fmt: skip
        print(f"| {' | '.join(str(f) for f in figures)} |")
        whole.append((p, truth))
    for rate, (p, truth) in zip((0.005, 0.016, 0.05), whole, strict=True):
        print(f"\n{rate} per vessel-day\n\n| probability said | gaps | mean said | share off |\n|---|---|---|---|")
        for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
            inside = (p >= low) & (p < high)
            if inside.any():
                print(f"| {low:.2f} to {min(high, 1):.2f} | {inside.sum()} | {p[inside].mean():.2f} | {truth[inside].mean():.2f} |")


if __name__ == "__main__":
    main()
