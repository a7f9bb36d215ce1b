"""Results of seas -> docs/scores.md: tables by kind and rule with intervals, what the chances are worth, and where Seaward is not better."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from benchmarks.scored_seas import LIKELY, SEAWARD
from benchmarks.scores_figures import auc, best_column, false_among, pooled, precision_at
from seaward.core.intervals import Interval, wilson
from seaward.evaluation.intervals import rate

_RECALLS = (0.25, 0.5, 0.75, 0.9)
_HEAD = """# Scores

Written by `make scores` (`python -m benchmarks.scores`); do not edit. Simulated seas, not real ones: how well a watch does at a real sea these
figures do not say.

**Seas.** The packaged scenarios ([drill](drill.md)) with {seeds}; {days:,.0f} vessel-days heard. Beside them {held}, on which no
parameter was ever chosen: they were run once, for this page. Nor was any parameter chosen on the others: parameters are published values, or were
chosen on other simulations where the page of a behaviour says so. But the others were looked at while mistakes were sought, and code was changed for
them: in a drill, numbers of drills count as vessels'; matching; the scenarios themselves (meetings long enough to be found, satellites that pass
every 45 minutes, tugs and barges that meet ships). So were 901 to 903, which were held out before and are no longer.

**Truth** is what hulls were ordered to do and did (`drill/deeds.py`), told by no rule of a detector: a transmitter switched off, a ship alongside
another, gear in the water. It knows nothing of reception or of definitions. So `unheard` counts misses of which no report came (not of all that
took part; of a gap in the six hours before), `outside` those that the definitions of both sides leave out (gap under 6 h; encounter under 2 h, or
within 10 km of the shore; loitering under 2 h, or within 20 nm; drift at under 1 kn); a miss can be both, and "within reach" leaves out both. A
contact without a track is right where the hull nearest to the detection, within three of its errors and 100 m, sends nothing at that minute; where
that hull sends, even a false place, it is false. Visits to ports that began before the sea did are not judged. Matching is one to one; what `covered`
and `repeats` are says [evaluation](evaluation.md).

**Published rules** are written anew in `benchmarks/published_rules.py`, with their sources. They get the very same cleaned positions, places (given
and learned) and last moment: Global Fishing Watch's encounter (each UTC day by itself on a grid of ten minutes), its silence of over 6 h, the
disabling rule of Welch et al. 2022 (its map of reception learned from the input), its loitering for 2 h, and for 4 h as for carriers. They give no
chances. "{likely}" leaves out what Seaward itself holds to be unlikely.

Commit {commit}; sources {code}; truth {digest} (SHA-256 over the digests of all seas, below).
"""
_COLUMNS = (
    "kind", "rule", "truths", "hits", "missed (unheard, outside)", "covered", "false", "repeats", "precision", "recall", "recall within reach",
    "false / 1,000 vessel-days", "truths / 1,000 vessel-days",
)  # fmt: skip
_UNDER = """
In brackets 95 % intervals (Wilson; Garwood); * fewer than ten cases. {days:,.0f} vessel-days. Events of one sea are not independent of each
other, so the intervals are somewhat narrow. False contacts without a track are also {contacts}.
"""
_WHY = """
Facts of the sea beside a false event of Seaward, all seeds: `other_truth` something else truly happened to that vessel within an hour (a crew at its
gear, say); `transmitting` silent to the receivers, yet it sent; of contacts without a track, `sensor` no hull was there; `never_heard` the boat that
was seen sends, but no receiver ever got it; `false_place` its reports said another place; `heard_vessel` it sends and was heard that day. `lawful` is
none of these.
"""
_WORTH = """
Repeats are left out. Where one number alone tells right from false as well as the chance does, the sea is easier than it looks, or the chance adds
little. AUC says little where the right ones are rare, so precision stands beside it, at shares of all truths, unheard ones and those outside too; –
where even all events do not reach that share, or there are not both right and false ones.
"""
_RULED = """
All seeds. In bold: where Seaward is worse. "Not told apart": the intervals overlap. The last column takes only so many of Seaward's likeliest events
as find what the rule finds. No published rule is held against {without}.
"""


def page(main: list[dict[str, Any]], held: list[dict[str, Any]], commit: str, code: str) -> str:
    """The whole page."""
    both = main + held
    digest = hashlib.sha256("".join(sorted(r["truth_digest"] for r in both)).encode()).hexdigest()
    parts = [
        _HEAD.format(seeds=f"the seeds {_numbers(main)}", held=f"the seeds {_numbers(held)}" if held else "none", commit=commit,
                     code=code[:16], digest=digest[:16], days=sum(r["vessel_days"] for r in main), likely=LIKELY),
        *(f"## {title}\n\n{_table(rows)}" for title, rows in ((f"Seeds {_numbers(main)}", main), (f"Held out: {_numbers(held)}", held)) if rows),
        "## Where Seaward is not better", _ruled(both), "## By scenario", "Seaward, all seeds: hits / missed / false.", _by_scenario(both),
        "## Why events were false", _WHY, _causes(both), "## What the chances are worth", _worth(both), _curves(both),
        "## Seas", "Digest of the true sea of each run, the first 12 digits.", _digests(both),
    ]  # fmt: skip
    return "\n\n".join(p.strip() for p in parts) + "\n"


def _rules(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Kind and rule, in the order of the table; the likely ones only where a chance is given."""
    kinds = sorted(
        {k for r in rows for k in r["rules"][SEAWARD]} | {k for r in rows for rule, ks in r["rules"].items() for k in ks if rule != LIKELY}
    )
    found = []
    for kind in kinds:
        found.append((kind, SEAWARD))
        if any(e["p"] is not None for e in pooled(rows, SEAWARD, kind)["events"]):
            found.append((kind, LIKELY))
        found += [(kind, rule) for rule in sorted({rule for r in rows for rule in r["rules"]}) if rule.startswith(f"{kind}, ")]
    return found


def _table(rows: list[dict[str, Any]]) -> str:
    days, cells = sum(r["vessel_days"] for r in rows), []
    for kind, rule in _rules(rows):
        n = pooled(rows, rule, kind)
        missed = f"{n['missed']:,} ({n['unheard']:,}, {n['outside']:,})"
        counts = [f"{n[c]:,}" for c in ("truths", "hits", "covered", "false", "repeats")]
        rates = [
            _said(_precision(n)),
            _said(_recall(n)),
            _said(_within_reach(n)),
            _said(rate(n["false"], days / 1000), 1),
            f"{1000 * n['truths'] / days:,.1f}",
        ]
        cells.append([kind, rule.removeprefix(f"{kind}, "), *counts[:2], missed, *counts[2:], *rates])
    looks, false = sum(r["detections"] for r in rows), pooled(rows, SEAWARD, "dark_contact")["false"]
    contacts = f"{1000 * false / looks:,.0f} of a thousand of {looks:,} detections" if looks else "of no detections"
    return _grid(_COLUMNS, cells) + "\n" + _UNDER.format(days=days, contacts=contacts)


def _precision(n: dict[str, Any]) -> Interval:
    return wilson(n["hits"], n["hits"] + n["false"])


def _recall(n: dict[str, Any]) -> Interval:
    return wilson(n["hits"], n["hits"] + n["missed"])


def _within_reach(n: dict[str, Any]) -> Interval:
    """Recall of truths that were heard and lie within the definition."""
    return wilson(n["hits"], n["hits"] + n["missed"] - n["beyond"])


def _ruled(rows: list[dict[str, Any]]) -> str:
    """Each published rule against Seaward: what is worse, what is told apart."""
    rules, cells = _rules(rows), []
    published = [(kind, rule) for kind, rule in rules if rule not in (SEAWARD, LIKELY)]
    for kind, rule in published:
        theirs = pooled(rows, rule, kind)
        for own in [r for k, r in rules if k == kind and r in (SEAWARD, LIKELY)]:
            ours = pooled(rows, own, kind)
            word = "as many" if ours["false"] == theirs["false"] else "fewer" if ours["false"] < theirs["false"] else "**more**"
            equal = false_among(ours["events"], theirs["hits"])
            as_good = "–" if own == LIKELY else "**cannot**" if equal is None else f"{equal:,} for {theirs['false']:,}"
            verdicts = [_verdict(f(ours), f(theirs)) for f in (_precision, _recall)]
            cells.append([rule, own, *verdicts, f"{word}: {ours['false']:,} for {theirs['false']:,}", as_good])
    heads = ("published rule", "Seaward", "precision", "recall", "false alarms", "false alarms at the rule's hits")
    without = ", ".join(sorted({k for k, _ in rules} - {k for k, _ in published}))
    return _grid(heads, cells) + "\n" + _RULED.format(without=without or "nothing")


def _verdict(ours: Interval, theirs: Interval) -> str:
    if ours.value is None or theirs.value is None or ours.low is None or ours.high is None or theirs.low is None or theirs.high is None:
        return "not known"
    figures = f"{ours.value:.2f} for {theirs.value:.2f}"
    word = "equal" if ours.value == theirs.value else "better" if ours.value > theirs.value else "**worse**"
    apart = ours.low > theirs.high or ours.high < theirs.low
    return f"{word}: {figures}" + ("" if apart or word == "equal" else ", not told apart")


def _by_scenario(rows: list[dict[str, Any]]) -> str:
    names, cells = list(dict.fromkeys(r["scenario"] for r in rows)), []
    for kind in dict.fromkeys(k for k, _ in _rules(rows)):
        whole = [pooled([r for r in rows if r["scenario"] == name], SEAWARD, kind) for name in names]
        cells.append([kind, *(f"{n['hits']:,} / {n['missed']:,} / {n['false']:,}" for n in whole)])
    return _grid(("kind", *names), cells)


def _causes(rows: list[dict[str, Any]]) -> str:
    whole = {kind: pooled(rows, SEAWARD, kind) for kind in dict.fromkeys(k for k, _ in _rules(rows))}
    told = {kind: ", ".join(f"{c} {k:,}" for c, k in n["causes"].most_common()) for kind, n in whole.items()}
    return _grid(("kind", "false", "of them"), [[kind, f"{n['false']:,}", told[kind]] for kind, n in whole.items() if n["false"]])


def _with_chances(rows: list[dict[str, Any]]) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """Kind, truths, and events that have a chance."""
    whole = [(kind, pooled(rows, SEAWARD, kind)) for kind, rule in _rules(rows) if rule == LIKELY]
    return [(kind, n["hits"] + n["missed"], [e for e in n["events"] if e["p"] is not None]) for kind, n in whole]


def _worth(rows: list[dict[str, Any]]) -> str:
    """Calibration, AUC beside that of the best single number, and precision at recall."""
    heads = ("kind", "events", "share right", "Brier score", "of always saying that share", "AUC of the chance", "AUC of the best single number",
             *(f"precision at recall {r:.0%}" for r in _RECALLS))  # fmt: skip
    cells = []
    for kind, truths, events in _with_chances(rows):
        p, right = np.array([e["p"] for e in events]), np.array([e["hit"] for e in events], bool)
        base, column = float(right.mean()), best_column(events)
        figures = [f"{base:.2f}", f"{float(((p - right) ** 2).mean()):.3f}", f"{base * (1 - base):.3f}", _short(auc(p, right))]
        best = "–" if column is None else f"{column[1]:.2f} (`{column[0]}`)"
        cells.append([kind, f"{len(events):,}", *figures, best, *(_short(precision_at(events, truths, r)) for r in _RECALLS)])
    return _grid(heads, cells) + "\n" + _WORTH


def _curves(rows: list[dict[str, Any]]) -> str:
    cells = []
    for kind, _, events in _with_chances(rows):
        p, right = np.array([e["p"] for e in events]), np.array([e["hit"] for e in events], bool)
        fifth = np.clip((p * 5).astype(int), 0, 4)
        for k in np.unique(fifth).tolist():
            inside = fifth == k
            share = _said(wilson(int(right[inside].sum()), int(inside.sum())))
            cells.append([kind, f"{k / 5:.1f} to {k / 5 + 0.2:.1f}", f"{inside.sum():,}", f"{p[inside].mean():.2f}", share])
    return _grid(("kind", "chance said", "events", "mean said", "share right"), cells)


def _digests(rows: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(r["scenario"] for r in rows))
    known = {(r["seed"], r["scenario"]): r["truth_digest"][:12] for r in rows}
    seeds = dict.fromkeys(r["seed"] for r in rows)
    return _grid(("seed", *names), [[str(seed), *(known.get((seed, name), "–") for name in names)] for seed in seeds])


def _grid(heads: Iterable[str], cells: Iterable[Iterable[str]]) -> str:
    """A table of Markdown."""
    columns = [*heads]
    return "\n".join(f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *cells))


def _numbers(rows: list[dict[str, Any]]) -> str:
    seeds = sorted({r["seed"] for r in rows})
    row = len(seeds) > 2 and seeds == list(range(seeds[0], seeds[-1] + 1))
    return f"{seeds[0]} to {seeds[-1]}" if row else ", ".join(map(str, seeds))


def _said(figure: Interval, digits: int = 2) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return "–"
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]{'*' if figure.few else ''}"


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
