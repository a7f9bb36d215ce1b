"""The order of an asset as a PDF on A4 in landscape, set by Typst on this machine alone."""

from __future__ import annotations

import json
from typing import Any

import typst

from seaward.core.catalogue import render
from seaward.core.realm import is_drill
from seaward.report.document import other, own
from seaward.report.figure import alone
from seaward.report.order_view import departs_s, order_view


def render_order_pdf(order: dict[str, Any], language: str) -> bytes:
    """Set an order; of a drill with the words of an exercise on every page.

    Returns
    -------
    A tagged PDF; the same order gives the same bytes, as its date is the hour of the first departure and its fonts are those of Typst.

    Limits
    ------
    The fonts that Typst brings have no letters outside Latin, Greek and Cyrillic: others show as boxes.
    """
    said = order_view(order, language)
    for part in said["sections"]:
        for block in part["blocks"]:
            if block["type"] == "figures":
                block["items"] = [f | {"svg": alone(f["svg"], "plan.css")} for f in block["items"]]
    drill = is_drill(order["realm"])
    said |= {"language": language, "drill": drill, "mark": render("report.drill", {}, language) if drill else "",
             "mark_other": render("report.drill", {}, other(language)) if drill else ""}  # fmt: skip
    inputs = {"order": json.dumps(said, ensure_ascii=True, allow_nan=False)}
    source = own("order.typ").encode()
    return typst.compile(source, sys_inputs=inputs, ignore_system_fonts=True, format="pdf", timestamp=departs_s(order))  # pyright: ignore
