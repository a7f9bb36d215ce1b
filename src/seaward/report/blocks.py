"""The pieces of a document that a page and a PDF lay out alike: JSON-ready tables, figures, notes and lists, with nothing but words in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

# words, and how they look: "", num, mono, hash, soft, bold, fill (to be filled in), truth, home (where a truth is told), rate-P to rate-U
Cell = tuple[str, str]


def table(head: list[str], rows: Iterable[Sequence[str | Cell]], title: str = "", more: str = "", looks: str = "") -> dict[str, Any]:
    """A table.

    Parameters
    ----------
    head
        Of the columns; one that starts with `#` holds figures and is set right.
    rows
        Cells, as words or as words with their looks.
    title, more
        Above it, and below it: how much was left out.
    looks
        `front` for the table that is read first.
    """
    right = [h.startswith("#") for h in head]
    plain = [[(c, "num" if right[n] else "") if isinstance(c, str) else c for n, c in enumerate(row)] for row in rows]
    return {
        "type": "table",
        "title": title,
        "head": [(h.removeprefix("#"), "num" if r else "") for h, r in zip(head, right, strict=True)],
        "rows": plain,
        "more": more,
        "looks": looks,
    }


def figures(items: list[dict[str, str]], columns: int = 1, title: str = "", looks: str = "") -> dict[str, Any]:
    """Drawings with their names, side by side in so many columns."""
    return {"type": "figures", "items": items, "columns": columns, "title": title, "looks": looks}


def notes(said: Iterable[str], looks: str = "", title: str = "") -> dict[str, Any]:
    """Paragraphs.

    Parameters
    ----------
    looks
        `soft` for remarks, `lead` for those that stay with what follows, `screen` for those that paper does without.
    """
    return {"type": "notes", "items": [s for s in said if s], "title": title, "looks": looks}


def bullets(said: Iterable[str], title: str = "") -> dict[str, Any]:
    """A list."""
    return {"type": "list", "items": list(said), "title": title, "looks": ""}


def section(key: str, title: str, blocks: Iterable[dict[str, Any] | None], small: str = "") -> dict[str, Any]:
    """A part of the document under its title."""
    return {"key": key, "title": title, "small": small, "blocks": [b for b in blocks if b]}
