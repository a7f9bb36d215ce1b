"""How well fishing is told from travel: `python -m benchmarks.fishing_scores FILE` prints the tables of docs/scores-fishing.md.

FILE is algarve_gps_2017.csv of github.com/ices-eg/WKSSFGEO (MIT). Nothing is fitted to it, so no boat has to be left out. The floors are speed
thresholds picked on the same labels. Without FILE only the simulated boats of `fishing_sea` are judged.
"""

from __future__ import annotations

import argparse
import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.fishing_sea import IDLE, MODEL_OF, START, sea
from seaward.behaviours.activity import working
from seaward.behaviours.behaviour import Context
from seaward.behaviours.fishing import FishingParams, find_fishing
from seaward.behaviours.gears import NAMES, UNKNOWN, prior_of
from seaward.core.tables import POSITIONS

_FLOOR_KN = {"dredge": 4.0, "pots": 5.0}
HOW = ("any", UNKNOWN, "given")
SEED, BOATS = 1, 8


def read(path: Path) -> pl.DataFrame:
    """Fixes with `fish` true, false or null; of each vessel in time order, doubles left out."""
    rows = pl.read_csv(path, infer_schema_length=20_000)
    rows = rows.with_columns(at=pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_zone="UTC"))
    fish = pl.when(pl.col("fish.val") == "fish").then(True).when(pl.col("fish.val") == "travel").then(False)
    names = {"lon": "lon_deg", "lat": "lat_deg", "speed": "sog_kn", "gear": "kind"}
    return rows.rename(names).with_columns(fish=fish).sort("vessel_id", "at").unique(["vessel_id", "at"], maintain_order=True)


def thinned(rows: pl.DataFrame, every_s: int) -> pl.DataFrame:
    """One fix in `every_s`; 0: all."""
    if not every_s:
        return rows
    slots = rows.with_columns(_slot=pl.col("at").dt.epoch("s") // every_s)
    return slots.unique(["vessel_id", "_slot"], keep="first", maintain_order=True)


def judged(rows: pl.DataFrame, how: str) -> pl.DataFrame:
    """Rows with `p`, and `gear`, the likeliest, with its chance; speeds as recorded, as a tracking box would send them."""
    first = np.append(np.flatnonzero(np.diff(rows["vessel_id"].cast(pl.String).rle_id().to_numpy(), prepend=-1)), len(rows)).astype(np.int64)
    gears = [how if how != "given" else MODEL_OF.get(k, k if k in NAMES else "any") for k in rows["kind"].gather(first[:-1]).to_list()]
    place = rows["at"].dt.epoch("us").to_numpy(), rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy(), rows["sog_kn"].to_numpy().astype(np.float32)
    work = working(first, *place, np.array([prior_of(g) for g in gears]))
    best = [NAMES[g] for g in work.gear.argmax(1)]
    return rows.with_columns(p=pl.Series(work.chance), gear=pl.Series(best), gear_p=pl.Series(work.gear.max(1)))


def scores(truth: np.ndarray, said: np.ndarray) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    hit = (truth & said).sum()
    precision, recall = hit / max(1, said.sum()), hit / max(1, truth.sum())
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def brier(truth: np.ndarray, p: np.ndarray) -> float:
    return float(((p - truth) ** 2).mean())


def head(*names: str) -> None:
    print(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}")


def line(*cells: object) -> None:
    print("| " + " | ".join(f"{c:.3f}" if isinstance(c, float) else str(c) for c in cells) + " |")


def labelled(path: Path) -> None:
    """Tables of the labelled boats."""
    rows = read(path)
    print(f"{path.name}, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}")
    head("boats", "every", "gear", "labelled fixes", "precision", "recall", "F1", "Brier", "floor F1")
    said = {}
    for every_s in (0, 60, 600):
        for how in HOW:
            of = judged(thinned(rows, every_s), how).filter(pl.col("fish").is_not_null(), pl.col("p").is_finite())
            groups = [(gear, of.filter(pl.col("kind") == gear)) for gear in _FLOOR_KN]
            groups += [(str(boat[0]), part) for boat, part in of.group_by("vessel_id", maintain_order=True)] if not every_s else []
            for name, part in groups:
                truth, p = part["fish"].to_numpy(), part["p"].to_numpy()
                floor = scores(truth, part["sog_kn"].to_numpy() < _FLOOR_KN[part["kind"][0]])[2]
                line(name, f"{every_s} s" if every_s else "fix", how, len(part), *map(float, scores(truth, p >= 0.5)), brier(truth, p), float(floor))
            if not every_s:
                said[how] = of
    head("gear", "probability said", "fixes", "mean said", "share fishing")
    for how, of in said.items():
        p, truth = of["p"].to_numpy(), of["fish"].to_numpy()
        for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
            inside = (p >= low) & (p < high)
            if inside.any():
                line(how, f"{low:.1f} to {min(high, 1):.1f}", inside.sum(), f"{p[inside].mean():.2f}", f"{truth[inside].mean():.2f}")
    by_events(rows)
    head("boat", "works", "likeliest gear", "its chance")
    for boat, part in said[UNKNOWN].group_by("vessel_id", maintain_order=True):
        line(boat[0], part["kind"][0], part["gear"][0], f"{part['gear_p'][0]:.2f}")


def stretches(at: list[datetime]) -> list[tuple[datetime, datetime]]:
    """Of one boat, by the moments of its fixes labelled as fishing: joined within an hour, twenty minutes or more, as published."""
    found: list[tuple[datetime, datetime]] = []
    for moment in at:
        if found and moment - found[-1][1] <= timedelta(hours=1):
            found[-1] = found[-1][0], moment
        else:
            found.append((moment, moment))
    return [s for s in found if s[1] - s[0] >= timedelta(minutes=20)]


def shared(a: tuple[datetime, datetime], b: tuple[datetime, datetime]) -> float:
    """Share of the time of either that both have in common."""
    both = (min(a[1], b[1]) - max(a[0], b[0])).total_seconds()
    return max(0.0, both) / (max(a[1], b[1]) - min(a[0], b[0])).total_seconds()


def by_events(rows: pl.DataFrame) -> None:
    """Events of the labelled boats, as a watch gives them, against the stretches labelled as fishing."""
    head("boats", "every", "gear", "stretches labelled", "events", "precision", "recall", "F1", "touch: precision", "touch: recall")
    for every_s in (0, 60, 600):
        part = thinned(rows, every_s)
        for how in HOW:
            for kind in _FLOOR_KN:
                counts = np.zeros(5)  # truths, events, hits, events that touch a truth, truths touched
                for _, boat in part.filter(pl.col("kind") == kind).group_by("vessel_id", maintain_order=True):
                    truths = stretches(boat.filter(pl.col("fish"))["at"].to_list())
                    params = FishingParams(gear=MODEL_OF.get(kind, kind) if how == "given" else how)
                    found = find_fishing(positions(boat), Context(), params, boat["at"].max())  # type: ignore[arg-type]
                    known = boat.filter(pl.col("fish").is_not_null())["at"]
                    events = [(a, b) for a, b in found.select("start_at", "end_at").iter_rows() if known.is_between(a, b).any()]
                    common = np.array([[shared(e, t) for t in truths] for e in events]).reshape(len(events), len(truths))
                    counts += [len(truths), len(events), (common > 0.5).sum(), (common > 0).any(1).sum(), (common > 0).any(0).sum()]
                truths_n, events_n, hits, touching, touched = counts
                precision, recall = hits / max(1, events_n), hits / max(1, truths_n)
                f1 = 2 * precision * recall / max(1e-9, precision + recall)
                told = (int(truths_n), int(events_n), float(precision), float(recall), float(f1))
                line(kind, f"{every_s} s" if every_s else "fix", how, *told, float(touching / max(1, events_n)), float(touched / max(1, truths_n)))


def positions(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as POSITIONS of real vessels, empty where nothing is known."""
    known = {"realm": "ops", "feed": "labelled", "raw_offset": 0, "raw_length": 0}
    rows = rows.with_columns(pl.lit(v).alias(k) for k, v in known.items() if k not in rows.columns)
    missing = [pl.lit(None, dtype=t).alias(n) for n, t in POSITIONS.schema.items() if n not in rows.columns]
    return rows.with_columns(missing).select(POSITIONS.schema.names()).cast(dict(POSITIONS.schema))  # type: ignore[arg-type]


def simulated() -> None:
    """Tables of the simulated boats, at the fix and by events."""
    head("boats", "every", "gear", "precision", "recall", "F1", "Brier", "best threshold F1", "inferred right", "most inferred")
    for every_s in (60, 600):
        rows = sea(SEED, BOATS, every_s)
        for kind in (*MODEL_OF, *IDLE):
            for how in HOW if kind in MODEL_OF else HOW[:2]:
                part = judged(rows.filter(pl.col("kind") == kind), how)
                truth, p, sog = part["fish"].to_numpy(), part["p"].to_numpy(), part["sog_kn"].to_numpy()
                floor = max(float(scores(truth, sog < kn)[2]) for kn in np.arange(0.5, 8, 0.5))
                boats = part.group_by("vessel_id").agg(pl.col("gear").first())["gear"]
                most = boats.value_counts().sort("count", "gear", descending=[True, False])["gear"][0]
                told = (str((boats == MODEL_OF[kind]).sum()) if kind in MODEL_OF else "", most) if how == UNKNOWN else ("", "")
                line(kind, f"{every_s} s", how, *map(float, scores(truth, p >= 0.5)), brier(truth, p), floor, *told)
    head(
        "vessels, none declares a type",
        "gear",
        "vessels",
        "with an event",
        "events",
        "hours of events",
        "hours worked",
        "mean probability",
        "gear named",
    )
    rows = sea(SEED, BOATS, 300)
    for kind in (*MODEL_OF, *IDLE):
        part = rows.filter(pl.col("kind") == kind)
        for how in ("any", UNKNOWN):
            events = find_fishing(positions(part), Context(), FishingParams(gear=how), part["at"].max())  # type: ignore[arg-type]
            hours = ((events["end_at"] - events["start_at"]).dt.total_seconds() / 3600).sum()
            codes = [r["code"].removeprefix("fishing.gear_") for e in events["reasons"] for r in e if r["code"].startswith("fishing.gear_")]
            named = ", ".join(f"{codes.count(g)} {g}" for g in NAMES if g in codes)
            mean = "" if events.is_empty() else f"{events['probability'].mean():.2f}"
            with_event = events["vessel_ids"].list.first().n_unique() if len(events) else 0
            line(kind, how, BOATS, with_event, len(events), f"{hours:.0f}", f"{part['fish'].sum() * 300 / 3600:.0f}", mean, named)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", type=Path, nargs="?")
    given = arguments.parse_args()
    if given.file:
        labelled(given.file)
    print(f"\nSimulated from {START:%Y-%m-%d}, seed {SEED}, {BOATS} boats of each kind.")
    simulated()


if __name__ == "__main__":
    main()
