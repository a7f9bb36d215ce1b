"""review.json -> the after-action review of a drill as a PDF, set by Typst on this machine alone."""

from __future__ import annotations

import json
from typing import Any

import typst

from seaward.report.document import own
from seaward.report.figure import alone
from seaward.report.review_view import view
from seaward.report.review_words import at_s


def render_review_pdf(review: dict[str, Any], language: str) -> bytes:
    """Set the review of a drill on A4 in landscape, with the words of an exercise on every page.

    Parameters
    ----------
    review
        As in review.json: what an exercise hands over.
    language
        `en` or `es`.

    Returns
    -------
    A tagged PDF; the same review gives the same bytes, as its date is the end of the exercise and its fonts are those of Typst.

    Raises
    ------
    RealmError
        If the realm is not that of a drill.

    Limits
    ------
    Those of `review_view.view`. The fonts that Typst brings have no letters outside Latin, Greek and Cyrillic: others show as boxes.
    """
    inputs = typeset_inputs(review, language)
    return typst.compile(own("review.typ").encode(), sys_inputs=inputs, ignore_system_fonts=True, format="pdf", timestamp=_date_s(review))  # pyright: ignore[reportReturnType, reportArgumentType]


def typeset_inputs(review: dict[str, Any], language: str) -> dict[str, str]:
    """What the template reads: the review in words as JSON, drawings with their own style."""
    said = view(review, language)
    for part in said["sections"]:
        for block in part["blocks"]:
            if block["type"] == "figures":
                block["items"] = [f | {"svg": alone(f["svg"])} for f in block["items"]]
    return {"review": json.dumps(said, ensure_ascii=True, allow_nan=False)}


def _date_s(review: dict[str, Any]) -> int:
    return int(at_s(review["clock"]["end"]) or 0)
