"""How far the simulated sea is from a real feed: `python -m benchmarks.realism REAL_FILES... [--half seen|held] [--svg FOLDER]`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.realism import classifier, drawing
from benchmarks.realism.distances import Distance, distances
from benchmarks.realism.measures import GROUPS, MEASURES, features, once, paired, stepped
from benchmarks.realism.windows import half_of, real_windows, simulated_windows

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
ALL = tuple(f for fs in GROUPS.values() for f in fs)
TABLES = tuple(f for g, fs in GROUPS.items() if g != "flags" for f in fs)  # what the table of reports holds


def told(a: pl.DataFrame, b: pl.DataFrame, names: tuple[str, ...], seed: int, draws: int = 1000) -> classifier.Told:
    """How well two feeds are told apart by some features."""
    x = pl.concat([a, b]).select(pl.col(n).cast(pl.Float64) for n in names).fill_null(np.nan).to_numpy()
    y = np.repeat([0.0, 1.0], [len(a), len(b)])
    return classifier.tell_apart(x, y, np.concatenate([a["mmsi"].to_numpy(), b["mmsi"].to_numpy()]).astype(np.int64), seed=seed, draws=draws)


def by_vessel(rows: pl.DataFrame, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """Values of a measure and the number of the vessel of each."""
    got = rows.filter(pl.col(measure).is_not_null() & pl.col(measure).cast(pl.Float64).is_finite())
    return got[measure].cast(pl.Float64).to_numpy(), np.unique(got["mmsi"].to_numpy(), return_inverse=True)[1].astype(np.int64)


def measured(windows: pl.DataFrame, of: pl.DataFrame) -> pl.DataFrame:
    """Reports of the vessels and windows of some features, `gap` once each."""
    rows = stepped(windows.join(of.select("window", "mmsi"), on=["window", "mmsi"], how="semi"))
    gap = of.select("window", "mmsi", "gap")
    is_first = pl.int_range(pl.len()).over("window", "mmsi") == 0
    return rows.join(gap, on=["window", "mmsi"], maintain_order="left").with_columns(gap=pl.when(is_first).then("gap"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("real", nargs="+", help="real feeds of AIS as NMEA with times; windows of 5 minutes are used")
    parser.add_argument("--half", choices=["seen", "held"], default="seen", help="which half of the real vessels (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the simulated sea (default: %(default)s)")
    parser.add_argument("--times", type=int, default=5, help="traffic of the scenarios times this (default: %(default)s)")
    parser.add_argument("--svg", type=Path, help="folder for the drawings")
    parser.add_argument("--json", type=Path, help="file for the figures")
    args = parser.parse_args()
    real = pl.concat([real_windows(p) for p in args.real])
    real = real.filter(pl.col("mmsi").map_elements(half_of, return_dtype=pl.String) == args.half)
    sim = pl.concat([simulated_windows(SCENARIOS / f"{n}.yaml", args.seed, args.times) for n in ("port-approach", "quiet-day")])
    real_all, sim_all = once(features(real), 0), once(features(sim), 0)
    a, b = paired(real_all, sim_all, 0)
    out: dict[str, object] = {"half": args.half, "real vessels": real_all["mmsi"].n_unique(), "simulated hulls": sim_all["mmsi"].n_unique()}
    strata = sorted({*real_all["stratum"]} | {*sim_all["stratum"]})
    out["mix"] = {s: [int((f["stratum"] == s).sum()) for f in (real_all, sim_all, a)] for s in strata}
    sides = {"all": (measured(real, real_all), measured(sim, sim_all)), "paired": (measured(real, a), measured(sim, b))}
    halves = np.random.default_rng(0).permutation(len(a)) % 2 == 0
    sides["control"] = measured(real, a.filter(halves)), measured(real, a.filter(~halves))
    out["distances"] = {m: {s: distances(by_vessel(x, m), by_vessel(y, m)) for s, (x, y) in sides.items()} for m in MEASURES}
    out["told"] = {"all features": told(a, b, ALL, 0), "without flags": told(a, b, TABLES, 0)}
    out["told"] |= {g: told(a, b, fs, 0) for g, fs in GROUPS.items()}
    controls = []
    for seed in range(20):
        is_one = np.random.default_rng(seed).permutation(len(real_all)) % 2 == 0
        controls.append(told(*paired(real_all.filter(is_one), real_all.filter(~is_one), seed), ALL, seed, draws=2)[:4:3])
    out["control"] = np.array(controls).mean(axis=0).tolist(), np.percentile(controls, [2.5, 97.5], axis=0).T.tolist()
    out["means"] = {f: [float(s[f].cast(pl.Float64).fill_nan(None).mean() or 0.0) for s in (a, b)] for f in ALL}
    say(out)
    if args.json:
        args.json.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    if args.svg:
        args.svg.mkdir(parents=True, exist_ok=True)
        for m, title in MEASURES.items():
            curves = {}
            for name, rows in zip(("real", "simulated"), sides["paired"], strict=True):
                value, of = by_vessel(rows, m)
                curves[name] = value, 1.0 / np.bincount(of)[of]
            (args.svg / f"{m.replace('_', '-')}.svg").write_text(drawing.svg(title, curves), encoding="utf-8")


def say(out: dict) -> None:
    """Print the figures as Markdown."""

    def d(x: Distance) -> str:
        return f"{x.value:.2f} ({x.low:.2f} to {x.high:.2f})" if x.value < 10 else f"{x.value:.0f} ({x.low:.0f} to {x.high:.0f})"

    print(f"{out['half']} half: {out['real vessels']} real vessels, {out['simulated hulls']} simulated hulls\n")
    print("| class and speed [kn] | real | simulated | of each, paired |\n|---|---|---|---|")
    for s, n in out["mix"].items():
        print(f"| {s} | {n[0]} | {n[1]} | {n[2]} |")
    print("\n| measure | KS, as they are | KS, paired | KS, real against real | Wasserstein, paired | real against real |\n|---|---|---|---|---|---|")
    for m, of in out["distances"].items():
        print(f"| {MEASURES[m]} | {d(of['all'][0])} | {d(of['paired'][0])} | {d(of['control'][0])} | {d(of['paired'][1])} | {d(of['control'][1])} |")
    print("\n| features | AUC | accuracy | n |\n|---|---|---|---|")
    for name, t in out["told"].items():
        print(
            f"| {name} | {t.auc:.3f} ({t.auc_low:.3f} to {t.auc_high:.3f}) | "
            f"{t.accuracy:.3f} ({t.accuracy_low:.3f} to {t.accuracy_high:.3f}) | {t.n} |"
        )
    (auc, accuracy), ((a_low, a_high), (low, high)) = out["control"]
    print(f"| real against real, 20 halvings | {auc:.3f} ({a_low:.3f} to {a_high:.3f}) | {accuracy:.3f} ({low:.3f} to {high:.3f}) | |")
    print("\n| mean of a feature, paired | real | simulated |\n|---|---|---|")
    for f, (x, y) in out["means"].items():
        print(f"| {f} | {x:.3g} | {y:.3g} |")


main()
