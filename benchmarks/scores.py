"""Every behaviour on the packaged scenarios, beside the published rules on the same positions: `python -m benchmarks.scores` writes docs/scores.md.

A run that was broken off goes on: one small result per scenario and seed is kept in `--cache`, for the code that made it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.scored_seas import ROOT, code_digest, kept_result
from benchmarks.scores_page import page

SCENARIOS = ("quiet-day", "joint-drill", "interference-day", "port-approach")
SEEDS = tuple(range(101, 111))
HELD_OUT = (911, 912, 913)  # no parameter was chosen on these; to be replaced once code is changed for what they show


def results(scenarios: list[str], seeds: list[int], cache: str, workers: int) -> list[dict[str, Any]]:
    """Of each scenario and seed, in that order; told on the way."""
    code, made = code_digest(), {}
    asked = list(product(scenarios, seeds))
    with ProcessPoolExecutor(workers, initializer=os.nice, initargs=(10,)) as pool:
        waiting = {pool.submit(kept_result, name, seed, cache, code): (name, seed) for seed in seeds for name in scenarios}
        for done in as_completed(waiting):
            made[waiting[done]] = done.result()
            name, seed = waiting[done]
            print(f"\r{len(made)} of {len(asked)} seas ({name}, seed {seed})", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return [made[key] for key in asked]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", nargs="+", default=list(SCENARIOS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[*SEEDS, *HELD_OUT])
    parser.add_argument("--cache", default=str(ROOT / "out" / "scores"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "scores.md")
    given = parser.parse_args()
    made = results(given.scenarios, given.seeds, given.cache, given.workers)
    text = page([r for r in made if r["seed"] not in HELD_OUT], [r for r in made if r["seed"] in HELD_OUT], _commit(), code_digest())
    given.out.write_text(text, encoding="utf-8")
    print(f"{given.out}: {len(made)} seas")


def _commit() -> str:
    """The commit, and whether sources differ from it."""
    said = [subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
            for command in (("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain", "src", "benchmarks"))]  # fmt: skip
    return (said[0] or "unknown") + (" with changes" if said[1] else "")


if __name__ == "__main__":
    main()
