"""What patrols met on the simulated sea, as tables: cases of `benchmarks.interdictions` in, Markdown out."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.patrol_page import ROOT, kept_rows

SCENARIOS = {"joint-drill": 1.0, "interference-day": 0.5, "port-approach": 0.5, "quiet-day": 1.0, "two-floors": 0.5}  # side of a cell [degree]
ARMS = ("planner", "plan + nearest unit", "nearest first", "random", "in port", "none")

FEW = 10  # of fewer no share is told; ours
KEPT, PAGE = ROOT / "out" / "interdictions.jsonl", ROOT / "docs" / "scores-at-sea.md"

_HEAD = """# Scores: patrols on the simulated sea

Written by `python -m benchmarks.interdictions`; not to be edited by hand. Commit {commits}.

The packaged drills over {seeds} seeds. Each seed moves the offenders by up to a degree and three hours and
redraws all traffic. The patrol is that of `scenarios/joint-patrol.toml`, out for three days when the drill begins; the risk is learned from thirty
other draws, so the planner knows where such offenders tend to be (so does nearest first, among equals). Alerts do not come from the watch
itself: an act is noticed with chance 0.7, told half an hour and a further 1.5 h (mean) after it begins, with a fix half an hour old and a mile off,
renewed every three hours in the mean; three alerts a day are about innocents. Met: a unit that boards comes alongside while the offender is still
at it. Vessels do not flee. `planner` plans and answers; `plan + nearest unit` sails the same plan and sends the nearest free unit to the last
fix; so do nearest first and random; `in port` stays in port and answers as the planner does. Brackets: 95 % by bootstrap over seeds; of fewer
than ten no share is told.
"""


def write_page() -> None:
    """Write it, of what is kept."""
    PAGE.write_text(page(kept_rows(KEPT)), encoding="utf-8")


def page(rows: list[dict[str, Any]]) -> str:
    """The whole page."""
    seeds = len({r["seed"] for r in rows})
    out = [_HEAD.format(seeds=seeds, commits=", ".join(sorted({r["commit"] for r in rows})))]
    for name in SCENARIOS:
        own = [r for r in rows if r["scenario"] == name]
        if not own:
            continue
        one = [r for r in own if r["arm"] == "none"]
        offenders, alerts, false = (sum(r[k] for r in one) for k in ("offenders", "alerts", "false_alerts"))
        out.append(f"\n**{name}**, {len(one)} seeds: {offenders} offenders, {alerts} of them noticed, {false} false alerts.\n")
        out.append(
            "| patrol | met at it, % | boarded at all, % | noticed but not met, % | hours from alert | hours from act | unnoticed met | innocents |"
        )
        out.append("|---|---|---|---|---|---|---|---|")
        for arm in ARMS:
            mine = [r for r in own if r["arm"] == arm]
            shares = [_ratio(mine, *k) for k in (("met", "offenders"), ("boarded", "offenders"), ("unmet", "alerts"))]
            hours = [_median([h for r in mine for h in r[k]]) for k in ("after_alert_h", "after_start_h")]
            counts = [str(sum(r[k] for r in mine)) for k in ("unalerted_met", "innocents_boarded")]
            out.append("| " + " | ".join([arm, *shares, *hours, *counts]) + " |")
        pair = _paired(own, "planner", "nearest first")
        if pair and offenders >= FEW:
            out.append(f"\nPlanner less nearest first, offenders met by seed: {pair}.")
    return "\n".join(out) + "\n"


def _ratio(rows: list[dict[str, Any]], top: str, bottom: str) -> str:
    pairs = np.array([(r[top], r[bottom]) for r in rows], np.float64)
    if not len(pairs) or pairs[:, 1].sum() < FEW:
        return "-"
    draws = pairs[np.random.default_rng(0).integers(len(pairs), size=(2_000, len(pairs)))].sum(axis=1)
    low, high = np.quantile(draws[:, 0] / np.maximum(draws[:, 1], 1), (0.025, 0.975))
    return f"{100 * pairs[:, 0].sum() / pairs[:, 1].sum():.0f} [{100 * low:.0f}, {100 * high:.0f}]"


def _median(values: list[float]) -> str:
    if len(values) < 3:
        return "-" if not values else f"{np.median(values):.1f} (n {len(values)})"
    draws = np.median(np.random.default_rng(0).choice(values, (2_000, len(values))), axis=1)
    low, high = np.quantile(draws, (0.025, 0.975))
    return f"{np.median(values):.1f} [{low:.1f}, {high:.1f}] (n {len(values)})"


def _paired(rows: list[dict[str, Any]], one: str, two: str) -> str:
    by = {(r["seed"], r["arm"]): r["met"] for r in rows if r["offenders"]}
    less = np.array([by[s, one] - by[s, two] for s, a in by if a == one and (s, two) in by], np.float64)
    if not len(less):
        return ""
    draws = less[np.random.default_rng(0).integers(len(less), size=(2_000, len(less)))].mean(axis=1)
    low, high = np.quantile(draws, (0.025, 0.975))
    return f"{less.mean():+.2f} [{low:+.2f}, {high:+.2f}]"
