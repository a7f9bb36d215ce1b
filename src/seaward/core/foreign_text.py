"""Text as others wrote it -> text that any file and screen can take; and a sign that its commas mean two things."""

from __future__ import annotations

import re

_DIGITS_PAIR = re.compile(r"(?:^|,)\s*-?\d{1,3},\d+(?:,|$)")  # as -12,05 unquoted


def one_line(said: object) -> str:
    """Foreign text on one line, without control characters, direction marks and half characters, which no file can hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(said)).split())


def decimal_commas(text: str) -> bool:
    """Whether a table separated by commas seems to have decimal commas: most of its rows have two cells more than its header, and such pairs.

    Limits
    ------
    Rows with quotes are not looked at.
    """
    header, *rows = [line for line in text.splitlines() if line.strip()] or [""]
    looked = [row for row in rows if '"' not in row]
    split = sum(row.count(",") >= header.count(",") + 2 and _DIGITS_PAIR.search(row) is not None for row in looked)
    return 2 * split > len(looked)
