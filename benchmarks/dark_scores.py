"""How well contacts without a track are told from tracked vessels: `python -m benchmarks.dark_scores` prints the table of docs/scores-dark.md.

Simulated seas: traders that turn at waypoints, boats that wander at their grounds, at two densities of reports. One vessel in four never
transmits; of the others one in six is silent for some hours about each look. A look sees 85 % of all vessels, 200 m off (one sigma), moving ones
shifted by up to 100 s of their way across it, with a length measured to 20 %. Peer in the same run: nearest first, one to one, within 1.5 km of
the place between the fixes (or dead reckoning), as is usual; what it leaves counts as without a track.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from seaward.behaviours.behaviour import Context
from seaward.behaviours.columns import columns_of
from seaward.behaviours.dark_contact import DarkContactParams, find_dark_contacts
from seaward.behaviours.whereabouts import nearby
from seaward.core.tables import DETECTIONS, POSITIONS, VESSELS
from seaward.picture.reception import learn_hearing

_START = datetime(2027, 1, 1, tzinfo=UTC)
_KM_DEG = 1 / 111.195
_HOURS = np.arange(0, 72, 1 / 60)
_LOOKS_H = (14.3, 25.1, 37.9, 49.2, 58.6)
_WEST, _SOUTH, _SIZE_KM = -82.0, -2.0, 300.0  # near the equator: a degree of longitude is as long as one of latitude


def way(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """East and north [km] minute by minute, and length [m]: two in three wander at a ground, the others steam from waypoint to waypoint."""
    place = rng.uniform(0, _SIZE_KM, 2)
    length = np.array([rng.lognormal(np.log(28), 0.4)])
    if rng.random() < 0.67:
        speed = rng.uniform(2, 9) * 1.852 / 60 * rng.lognormal(0, 0.3, len(_HOURS) // 30 + 1).repeat(30)[: len(_HOURS)]
        course = np.cumsum(rng.normal(0, 0.25, len(_HOURS)) * (rng.random(len(_HOURS)) < 0.3))
    else:
        length = np.array([rng.lognormal(np.log(160), 0.3)])
        speed = np.full(len(_HOURS), rng.uniform(9, 16) * 1.852 / 60)
        course = np.cumsum(rng.normal(0, 0.8, len(_HOURS)) * (rng.random(len(_HOURS)) < 1 / 150)) + rng.uniform(0, 7)
    way_km = np.stack([place[0] + np.cumsum(speed * np.sin(course)), place[1] + np.cumsum(speed * np.cos(course))])
    folded = np.abs((way_km + _SIZE_KM) % (2 * _SIZE_KM) - _SIZE_KM)  # they turn back at the edge
    return folded[0], folded[1], length


def sea(vessels: int, every_min: float, seed: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, list[str]]:
    """POSITIONS, VESSELS, DETECTIONS, and of each detection whether it is `lit`, `silent` or `dark`."""
    rng = np.random.default_rng(seed)
    fixes, known, seen, truth = [], [], [], []
    for n in range(vessels):
        x, y, (length,) = way(rng)
        dark = rng.random() < 0.25
        heard = rng.random(len(_HOURS)) < 1 / every_min
        silent = np.zeros(len(_HOURS), bool)
        for look in _LOOKS_H:
            if rng.random() < 1 / 6:
                since = look - rng.uniform(1, 6)
                silent |= (since <= _HOURS) & (look + rng.uniform(1, 6) > _HOURS)
        if not dark:
            at = np.flatnonzero(heard & ~silent)
            speed = np.hypot(np.gradient(x), np.gradient(y)) * 60 / 1.852
            course = np.degrees(np.arctan2(np.gradient(x), np.gradient(y))) % 360
            name = f"mmsi:{100_000_000 + n}"
            known.append({"realm": "ops", "vessel_id": name, "mmsi": 100_000_000 + n, "length_m": length, "positions": len(at)})
            fixes.append(pl.DataFrame({
                "realm": "ops", "vessel_id": name, "mmsi": 100_000_000 + n, "track_id": name, "quality": "good", "feed": "sim", "transceiver": "A",
                "at": [_START + timedelta(hours=float(h)) for h in _HOURS[at]],
                "lon_deg": _WEST + x[at] * _KM_DEG, "lat_deg": _SOUTH + y[at] * _KM_DEG,
                "sog_kn": speed[at], "cog_deg": np.minimum(course[at], 359.9), "heading_deg": None, "nav_status": None,
                "raw_offset": np.arange(len(at)) + n * 10_000, "raw_length": 80,
            }, schema_overrides=dict(POSITIONS.schema)).select(list(POSITIONS.schema)))  # fmt: skip
        for look in _LOOKS_H:
            k = int(look * 60)
            if rng.random() < 0.85:
                shift = rng.uniform(-100, 100) / 60 * (x[k + 1] - x[k])
                e, north = x[k] + rng.normal(0, 0.2), y[k] + rng.normal(0, 0.2) + shift
                seen.append({
                    "realm": "ops", "feed": "look", "raw_offset": len(seen), "detection_id": str(len(seen)), "at": _START + timedelta(minutes=k),
                    "lon_deg": _WEST + e * _KM_DEG, "lat_deg": _SOUTH + north * _KM_DEG, "length_m": length * rng.lognormal(0, 0.2), "sensor": "sar",
                })  # fmt: skip
                truth.append("dark" if dark else "silent" if silent[k] else "lit")
    vessels_table = pl.DataFrame(known, schema_overrides={"length_m": pl.Float32}).select(c for c in VESSELS.schema if c in known[0])
    return pl.concat(fixes), vessels_table, pl.DataFrame(seen, schema=DETECTIONS.schema), truth


def nearest_first(positions: pl.DataFrame, seen: pl.DataFrame, gate_m: float = 1_500.0) -> np.ndarray:
    """Which detections stay alone when the nearest pairs are taken first."""
    c = columns_of(positions, _START + timedelta(days=9))
    assert c is not None
    rows = seen.sort("at", "raw_offset")
    near = nearby(c, rows["at"].to_physical().to_numpy(), rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy(), np.full(len(rows), gate_m),
                  12 * 3600.0, 0.3, 3600.0)  # fmt: skip
    alone, taken = np.ones(len(rows), bool), set()
    at = rows["at"].to_physical().to_numpy()
    for k in np.argsort(near.distance_m, kind="stable"):
        d, who = int(near.moment[k]), (int(near.vessel[k]), int(at[near.moment[k]]))
        if near.distance_m[k] <= gate_m and alone[d] and who not in taken:
            alone[d] = False
            taken.add(who)
    out = np.zeros(len(rows), bool)
    out[rows["raw_offset"].to_numpy()] = alone
    return out


def _share(some: np.ndarray, of: np.ndarray) -> float:
    return float(some[of].mean()) if of.any() else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--vessels", type=int, default=300)
    args = parser.parse_args()
    stated, real = [], []
    print("| reports every | method | raised | precision | recall | lit raised | silent raised |\n|---|---|---|---|---|---|---|")
    for every_min in (10.0, 90.0):
        judged: dict[str, list[np.ndarray]] = {"seaward": [], "seaward, chance >= 0.5": [], "nearest first, 1.5 km": []}
        labels: list[str] = []
        for seed in range(args.first_seed, args.first_seed + args.seeds):
            positions, vessels, seen, truth = sea(args.vessels, every_min, seed)
            context = Context(hearing=learn_hearing(positions), vessels=vessels, detections=seen)
            events = find_dark_contacts(positions, context, DarkContactParams(), _START + timedelta(hours=72))
            number = np.array([int(v.split("/")[-1]) for v in events["vessel_ids"].explode()], int)
            chance = np.array([next(v["value"] for v in r[0]["values"]) / 100 for r in events["reasons"]])
            raised, sure = np.zeros(len(truth), bool), np.zeros(len(truth), bool)
            raised[number], sure[number[chance >= 0.5]] = True, True
            judged["seaward"].append(raised)
            judged["seaward, chance >= 0.5"].append(sure)
            judged["nearest first, 1.5 km"].append(nearest_first(positions, seen))
            labels += truth
            stated += chance.tolist()
            real += [truth[n] == "dark" for n in number]
        what = np.array(labels)
        for name, parts in judged.items():
            raised = np.concatenate(parts)
            precision, recall = _share(what == "dark", raised), _share(raised, what == "dark")
            lit, silent = _share(raised, what == "lit"), _share(raised, what == "silent")
            print(f"| {every_min:.0f} min | {name} | {raised.sum()} | {precision:.3f} | {recall:.3f} | {lit:.3f} | {silent:.3f} |")
        print(
            f"| | of {len(what)} contacts: {(what == 'dark').sum()} dark, {(what == 'silent').sum()} silent, {(what == 'lit').sum()} lit | | | | | |"
        )
    chances, truths = np.array(stated), np.array(real, float)
    print(f"\nBrier score of the chance that no tracked vessel explains it, over what was raised: {((chances - truths) ** 2).mean():.3f}\n")
    print("| stated chance | contacts | mean stated | without a track |\n|---|---|---|---|")
    for low, high in ((0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.98), (0.98, 1.01)):
        within = (chances >= low) & (chances < high)
        if within.any():
            print(f"| {low} to {min(high, 1)} | {within.sum()} | {chances[within].mean():.3f} | {truths[within].mean():.3f} |")


if __name__ == "__main__":
    main()
