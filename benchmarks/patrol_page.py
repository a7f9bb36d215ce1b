"""The page docs/scores-patrol.md, of what `benchmarks.patrol` has kept in out/; rows of any benchmark that goes on where it was broken off."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from statistics import mean, median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT, PAGE = ROOT / "out" / "scores-patrol.jsonl", ROOT / "docs" / "scores-patrol.md"
_SIZES = ("1", "0.5")

_HEAD = """# Scores: patrol plans

Written by `python -m benchmarks.patrol`; not to be edited by hand. Beside it: [on the simulated sea](scores-at-sea.md),
[sea distances](scores-sea-distance.md), [visit lists](scores-orienteering.md).
{code}
Seeds run of the ten wanted: {seeds}. Widths and rounds were chosen on other seeds, 100 and above.
Two cores shared with much other work, at times ten programs on each: times are upper bounds, and processor times, where they stand, nearer to what
an idle machine takes.

## In short

| what a planner may ask | aim | measured |
|---|---|---|
{aims}

Where an aim is missed, part is the plan's and part the bound's or the floor's; how much of each is not known.
"""
_VALUE = """
## How good is the plan?

Eight ships of four bases (three and one of 13 kn and 20 nm sweep width that stay out ten days; two and two of 15 kn and 12 nm, out five days
at most, then a day in port, leaving every twelve hours), ten days, all home at the end. Made-up risk: four clusters, a band along the 200 mile
line, times a gamma variable by cell, drawn from the seed. Value: the share of the risk that is met, sum p (1 - exp(-z)). No plan on these cells and
steps exceeds the bound; it says nothing of how well they stand for the sea, or of how well the risk is known. Means over seeds, lowest and
highest in brackets.

| cells | seeds | plan | bound | gap | linear prizes | nearest first | random |
|---|---|---|---|---|---|---|---|"""
_TIMES = """
| cells | first plan, its value | its time | time of the bound | time of the plan |
|---|---|---|---|---|"""
_GAME = """
## Can it be read?

Worth of a cell to an adversary: 1 to 10, by its risk. He knows all plans and their chances, and chooses the best cell. The floor is proven: no
strategy, however it mixes plans, leaves him less.

| cells | no patrol | best plan, known | mixture | floor | mixture / floor | plans drawn from | mixture time | floor time |
|---|---|---|---|---|---|---|---|---|"""


def kept_rows(path: Path) -> list[dict[str, Any]]:
    """Rows of earlier runs; a last line that was cut when a run was stopped is left out."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = []
    for n, line in enumerate(lines):
        try:
            rows.append(json.loads(line))
        except ValueError:
            if n + 1 < len(lines):
                raise SystemExit(f"{path}, line {n + 1}, is not a row; take it out") from None
            path.write_text("".join(f"{x}\n" for x in lines[:-1]), encoding="utf-8")
    return rows


def commit() -> str:
    """What is measured, and whether it was changed since."""
    asked = ["git", "rev-parse", "--short=12", "HEAD"]
    named = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    asked = ["git", "diff", "--quiet", "HEAD", "--", "src", "benchmarks"]  # not the pages that are written
    changed = subprocess.run(asked, cwd=ROOT, check=False).returncode
    return f"{named}-dirty" if changed == 1 else named


def write_page() -> None:
    """Write it, of the code that most cases were measured with."""
    rows = kept_rows(KEPT)
    code = max((r["code"] for r in rows), key=lambda c: (sum(r["code"] == c for r in rows), c), default="")
    PAGE.write_text(page([r for r in rows if r["code"] == code or r["size"] not in _SIZES]), encoding="utf-8")


def page(rows: list[dict[str, Any]]) -> str:
    """The whole page."""
    by = {s: [r for r in rows if r["size"] == s] for s in _SIZES}
    cases = [r for own in by.values() for r in own]
    answers, grown = ([r for r in rows if r["size"] == s][-1:] for s in ("answers", "grown"))
    told = [a for r in answers for a in r["told"]]
    seeds = "; ".join(f"cells of {s} degree: {', '.join(str(r['seed']) for r in sorted(own, key=lambda r: r['seed']))}" for s, own in by.items())
    code = f"Code {cases[-1]['code']}, commit {cases[-1]['commit']}." if cases else "Nothing was measured yet."
    parts = [_HEAD.format(code=code, seeds=seeds, aims="\n".join(_aims(by, told)))]
    parts += [_VALUE, *(_value(own) for own in by.values() if own), _TIMES, *(_times(own) for own in by.values() if own)]
    parts += [
        _GAME,
        *(_game(own) for own in by.values() if own),
        "\n## How long does an answer to an alert take?\n\n| case | time | of the processor |\n|---|---|---|",
    ]
    for a in told:
        what = f"{a['assets']} assets, {a['cells']} cells, {a['targets']} target{'s' if a['targets'] > 1 else ''}"
        parts.append(f"| {what} | {_three(a['s'], 2)} s | {_three(a['cpu_s'], 2)} s |")
    for r in grown:
        parts.append(
            f"\n## Grown\n\n{r['assets']} assets, {r['cells']:,} cells of a degree, ten days: {r['problem_s']:.0f} s for ways and steps, "
            f"{r['plan_s']:.0f} s for a plan of value {r['plan']:.3f}, {r['bound_s']:.0f} s for a bound of {r['bound']:.3f} "
            f"(gap {100 * r['gap']:.0f} %)."
        )
    return "\n".join(parts).strip() + "\n"


def _value(own: list[dict[str, Any]]) -> str:
    others = " | ".join(f"{mean(r[k] for r in own):.3f}" for k in ("linear", "nearest", "random"))
    gap, bound = _three([100 * r["gap"] for r in own], 1), f"{mean(r['bound'] for r in own):.3f}"
    return f"| {own[0]['cells']} | {len(own)} | {_three([r['plan'] for r in own], 3)} | {bound} | {gap} % | {others} |"


def _times(own: list[dict[str, Any]]) -> str:
    times = " | ".join(f"{median(r[k] for r in own):.1f} s" for k in ("first_s", "bound_s", "plan_s"))
    return f"| {own[0]['cells']} | {mean(r['first'] for r in own):.3f} | {times} |"


def _game(own: list[dict[str, Any]]) -> str:
    values = " | ".join(f"{mean(r[k] for r in own):.2f}" for k in ("no_patrol", "known_plan", "risk", "floor"))
    times = " | ".join(f"{median(r[k] for r in own):.0f} s" for k in ("mixture_s", "floor_s"))
    return f"| {own[0]['cells']} | {values} | {_three([r['ratio'] for r in own], 2)} | {mean(r['plans'] for r in own):.0f} | {times} |"


def _aims(by: dict[str, Any], told: list[dict[str, Any]]) -> list[str]:
    def line(asked: str, values: list[float], most: float, unit: str, digits: int) -> str:
        if not values:
            return f"| {asked} | at most {most:g}{unit} | not run |"
        word = "met" if mean(values) <= most else "**missed**"
        count = f", by {sum(v <= most for v in values)} of {len(values)}" if len(values) > 1 else ""
        return f"| {asked} | at most {most:g}{unit} | {word}: {mean(values):.{digits}f}{unit}{' in the mean' if count else ''}{count} |"

    eight, thirty = ([t for a in told if (a["assets"], a["targets"]) in which for t in a["cpu_s"]] for which in (((8, 1),), ((30, 3),)))
    return [
        line("how far may the plan be from the best there is, cells of 1 degree", [100 * r["gap"] for r in by["1"]], 5, " %", 1),
        line("the same, cells of half a degree", [100 * r["gap"] for r in by["0.5"]], 8, " %", 1),
        line("what the best place is worth to one who knows all plans, over the floor; cells of 1 degree", [r["ratio"] for r in by["1"]], 1.2, "", 2),
        line("the same, cells of half a degree", [r["ratio"] for r in by["0.5"]], 1.4, "", 2),
        line("an answer to an alert, eight ships: processor time", eight, 1, " s", 2),
        line("the same for three targets, thirty assets, cells of half a degree", thirty, 5, " s", 1),
    ]  # fmt: skip


def _three(values: list[float], digits: int) -> str:
    if not values:
        return "not measured"
    return f"{mean(values):.{digits}f} [{min(values):.{digits}f}, {max(values):.{digits}f}]"


if __name__ == "__main__":
    write_page()
