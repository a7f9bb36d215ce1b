"""What was mended of the files of areas and ports -> lines of plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seaward.core.catalogue import catalogue, render
from seaward.core.foreign_text import one_line

MOST = 5  # lines for each file; ours


def mended_lines(given: Sequence[dict[str, Any]], language: str) -> list[str]:
    """What was mended or looks odd, with the number of the feature or row, the first `MOST` of each file.

    Parameters
    ----------
    given
        `given` of the summary: per file its name and `mended`, each a feature, rule and what.
    language
        `en` or `es`.
    """
    lines = []
    for file in given:
        name = one_line(file["name"])
        for note in file["mended"][:MOST]:
            why = catalogue(language).get(f"mended.{note['rule']}", note["rule"])
            lines.append(render("mended.line", {"name": name, "number": note["feature"], "what": note["what"], "why": why}, language))
        if len(file["mended"]) > MOST:
            lines.append(render("mended.more", {"name": name, "count": len(file["mended"]) - MOST}, language))
    return lines
