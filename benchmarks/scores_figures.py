"""Results of seas -> figures over all of them: counts, how well a chance sorts right from false, and how well a single number would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.stats import rankdata

_COUNTS = ("truths", "hits", "missed", "covered", "false", "repeats", "unheard", "outside", "beyond")
_ENOUGH = 0.9  # of events of a kind that must have a number for it to be tried


def pooled(rows: Iterable[dict[str, Any]], rule: str, kind: str) -> dict[str, Any]:
    """Counts of a rule and kind over seas, its events, its causes, and whether it was ever judged."""
    whole: dict[str, Any] = dict.fromkeys(_COUNTS, 0) | {"events": [], "causes": Counter()}
    for r in rows:
        one = r["rules"].get(rule, {}).get(kind)
        if one:
            whole |= {c: whole[c] + one[c] for c in _COUNTS}
            whole["events"] += one["events"]
            whole["causes"] += Counter(one["causes"])
    return whole


def auc(score: np.ndarray, right: np.ndarray) -> float | None:
    """Chance that a right event has the higher score, ties counting half; None unless there are both."""
    n, m = int(right.sum()), int((~right).sum())
    return None if not n or not m else float((rankdata(score)[right].sum() - n * (n + 1) / 2) / (n * m))


def best_column(events: list[dict[str, Any]]) -> tuple[str, float] | None:
    """The single number of the reasons, or the duration, that alone tells right from false best, either way round."""
    names = Counter(k for e in events for k in e["values"])
    found = []
    for name, n in sorted(names.items()):
        if n >= _ENOUGH * len(events):
            having = [e for e in events if name in e["values"]]
            area = auc(np.array([e["values"][name] for e in having], np.float64), np.array([e["hit"] for e in having]))
            if area is not None:
                found.append((max(area, 1 - area), name))
    return None if not found else (max(found)[1], max(found)[0])


def precision_at(events: list[dict[str, Any]], truths: int, recall: float) -> float | None:
    """Precision of so many of the likeliest events as find this share of truths; None where all of them do not."""
    return next((n / k for n, k in _likeliest(events) if n >= recall * truths), None) if truths else None


def false_among(events: list[dict[str, Any]], hits: int) -> int | None:
    """False events among the likeliest that hold so many hits; those without a chance count as certain; None where there are not so many hits."""
    taken = _likeliest(events)
    return next((k - n for n, k in taken if n >= hits), None) if hits else 0


def _likeliest(events: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Hits, and events, from each chance upwards; no cut runs between equals."""
    order = sorted(((1.0 if e["p"] is None else e["p"], e["hit"]) for e in events), reverse=True)
    sums = np.cumsum([hit for _, hit in order])
    return [(int(sums[k]), k + 1) for k in range(len(order)) if k + 1 == len(order) or order[k + 1][0] < order[k][0]]
