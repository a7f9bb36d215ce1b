"""rejected rows -> counts by rule, each with its meaning and first examples."""

from __future__ import annotations

from typing import Any

import polars as pl

from seaward.core.catalogue import catalogue, render
from seaward.report.words import number, shown

EXAMPLES = 3
MAX_RULES = 60


def refused(rejected: pl.DataFrame, language: str) -> list[dict[str, Any]]:
    """What was refused.

    Parameters
    ----------
    rejected
        Table REJECTED, in any order.
    language
        `en` or `es`.

    Returns
    -------
    Per rule, the most frequent first: rule, meaning, count, examples (feed, place in it in words, value).
    """
    rows = rejected.with_columns(pl.col("feed").cast(pl.String)).sort("feed", "raw_offset")
    groups = rows.group_by("rule", maintain_order=True).agg(
        pl.len().alias("count"), pl.struct("feed", "raw_offset", "value").head(EXAMPLES).alias("examples")
    )
    return [
        {
            "rule": shown(row["rule"], 60),
            "meaning": meaning(row["rule"], language),
            "count": row["count"],
            "examples": [
                {"feed": shown(e["feed"]), "place": _place(row["rule"], e["raw_offset"], language), "value": shown(e["value"] or "", 120)}
                for e in row["examples"]
            ],
        }
        for row in groups.sort(["count", "rule"], descending=[True, False]).head(MAX_RULES).iter_rows(named=True)
    ]


def _place(rule: str, offset: int, language: str) -> str:
    """The byte in a feed; of files of areas, ports, detections and gears the number of the feature or row."""
    code = "report.given_number" if rule.startswith(("area.", "port.", "detection.", "gear.")) else "report.byte"
    return render(code, {"offset": number(offset, language)}, language)


def meaning(rule: str, language: str) -> str:
    """What breaking a rule means; the rule itself where no catalogue says."""
    text = catalogue(language).get(f"rule.{rule}")
    if text is not None:
        return text
    column, _, test = rule.rpartition(".")
    if column and f"report.rule_{test}" in catalogue(language):
        return render(f"report.rule_{test}", {"column": shown(column, 40)}, language)
    return shown(rule, 60)
