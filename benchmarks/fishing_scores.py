"""How well fishing is told from travel on labelled tracks: `python -m benchmarks.fishing_scores FILE` prints the tables of docs/scores-fishing.md.

FILE is algarve_gps_2017.csv of github.com/ices-eg/WKSSFGEO (MIT). Nothing is fitted to it. The floors are speed thresholds picked on the same labels.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import polars as pl

from seaward.behaviours.activity import GEARS, working

_FLOOR_KN = {"dredge": 4.0, "pots": 5.0}


def read(path: Path) -> pl.DataFrame:
    """Fixes with `fish` true, false or null; of each vessel in time order, doubles left out."""
    rows = pl.read_csv(path, infer_schema_length=20_000)
    rows = rows.with_columns(at=pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_zone="UTC"))
    fish = pl.when(pl.col("fish.val") == "fish").then(True).when(pl.col("fish.val") == "travel").then(False)
    return rows.with_columns(fish=fish).sort("vessel_id", "at").unique(["vessel_id", "at"], maintain_order=True)


def judged(rows: pl.DataFrame, gear: str, every_s: int = 0) -> pl.DataFrame:
    """Rows (thinned to one in `every_s`) with `p`; speeds as recorded, as a tracking box would send them."""
    if every_s:
        rows = rows.with_columns(_slot=pl.col("at").dt.epoch("s") // every_s).unique(["vessel_id", "_slot"], keep="first", maintain_order=True)
    vessel = rows["vessel_id"].rle_id().to_numpy()
    first = np.append(np.flatnonzero(np.diff(vessel, prepend=-1)), len(rows)).astype(np.int64)
    place = rows["at"].dt.epoch("us").to_numpy(), rows["lon"].to_numpy(), rows["lat"].to_numpy(), rows["speed"].to_numpy().astype(np.float32)
    p = working(first, *place, GEARS[gear])
    return rows.with_columns(p=pl.Series(p))


def scores(truth: np.ndarray, said: np.ndarray) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    hit = (truth & said).sum()
    precision, recall = hit / max(1, said.sum()), hit / max(1, truth.sum())
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", type=Path)
    given = arguments.parse_args()
    rows = read(given.file)
    print(f"{given.file.name}, SHA-256 {hashlib.sha256(given.file.read_bytes()).hexdigest()[:16]}\n")
    heads = ("boats", "every", "labelled fixes", "precision", "recall", "F1", "Brier", "floor F1")
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    whole = []
    for every_s in (0, 60, 600):
        of = judged(rows, "any", every_s).filter(pl.col("fish").is_not_null(), pl.col("p").is_finite())
        groups = [(f"{gear}", of.filter(pl.col("gear") == gear)) for gear in _FLOOR_KN]
        groups += [(str(boat[0]), part) for boat, part in of.group_by("vessel_id", maintain_order=True)] if not every_s else []
        for name, part in groups:
            truth, p = part["fish"].to_numpy(), part["p"].to_numpy()
            precision, recall, f1 = scores(truth, p >= 0.5)
            floor = scores(truth, part["speed"].to_numpy() < _FLOOR_KN[part["gear"][0]])[2]
            step = "fix" if not every_s else f"{every_s} s"
            print(f"| {name} | {step} | {len(part)} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {((p - truth) ** 2).mean():.3f} | {floor:.3f} |")
        whole.append(of) if not every_s else None
    print("\n| probability said | fixes | mean said | share fishing |\n|---|---|---|---|")
    p, truth = whole[0]["p"].to_numpy(), whole[0]["fish"].to_numpy()
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        inside = (p >= low) & (p < high)
        if inside.any():
            print(f"| {low:.1f} to {min(high, 1):.1f} | {inside.sum()} | {p[inside].mean():.2f} | {truth[inside].mean():.2f} |")


if __name__ == "__main__":
    main()
