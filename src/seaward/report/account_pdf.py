"""The account of an event as a PDF on A4 upright, set by Typst on this machine alone."""

from __future__ import annotations

import json
from datetime import datetime

import typst

from seaward.report.account import Account, view
from seaward.report.document import own
from seaward.report.figure import alone


def render_account_pdf(account: Account, language: str) -> bytes:
    """Set the account of an event; of a drill with the words of an exercise on every page.

    Parameters
    ----------
    account
        What it is told from.
    language
        `en` or `es`.

    Returns
    -------
    A tagged PDF; the same account gives the same bytes, as its date is the moment up to which the event was judged and its fonts are those of Typst.

    Limits
    ------
    Those of `account.view`. The fonts that Typst brings have no letters outside Latin, Greek and Cyrillic: others show as boxes.
    """
    at_s = int(datetime.fromisoformat(account.rule["as_of"]).timestamp())
    return typst.compile(
        own("account.typ").encode(), sys_inputs=typeset_inputs(account, language), ignore_system_fonts=True, format="pdf", timestamp=at_s
    )  # pyright: ignore


def typeset_inputs(account: Account, language: str) -> dict[str, str]:
    """What the template reads: the account in words as JSON, drawings with their own style."""
    said = view(account, language)
    for part in said["sections"]:
        for block in part["blocks"]:
            if block["type"] == "figures":
                block["items"] = [f | {"svg": alone(f["svg"])} for f in block["items"]]
    return {"account": json.dumps(said, ensure_ascii=True, allow_nan=False)}
