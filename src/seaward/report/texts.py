"""Catalogue texts -> parts that page and browser fill with the same values in the same way."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from functools import cache
from typing import Any

from seaward.core.catalogue import catalogue, fields
from seaward.report.words import shown, spoken

Part = str | tuple[int, int | None, int, int]  # words, or: which value, decimals (None: as it is), digits at least, grouped by thousands
_SPEC = re.compile(r"(?:0(\d+))?(?:(,)?\.(\d+)f)?")


@cache
def parts(code: str, names: tuple[str, ...], language: str) -> tuple[Part, ...]:
    """Take a text apart.

    Parameters
    ----------
    code
        Of the catalogue; one it does not have is shown as itself with its values.
    names
        Of the values, in their order.
    language
        `en` or `es`.

    Returns
    -------
    Words, and places of values: index, decimals, digits at least, whether grouped.

    Raises
    ------
    ValueError
        If the text asks for a format that a browser would not know.
    """
    text = catalogue(language).get(code)
    if text is None:
        listed: list[Part] = [shown(code, 60)]
        for i, name in enumerate(names):
            listed += [f"{', ' if i else ' ('}{shown(name, 40)}=", (i, None, 0, 0)]
        return (*listed, ")") if names else tuple(listed)
    if not set(fields(text)) <= {*names}:
        return (text,)
    taken: list[Part] = []
    for words, name, spec, _ in string.Formatter().parse(text):
        if words:
            taken.append(spoken(words, language))
        if name:
            form = _SPEC.fullmatch(spec or "")
            if form is None:
                raise ValueError(f"the text {code} has the format {spec!r}; use forms such as .1f, .0f, ,.1f or 09.0f")
            width, group, decimals = form.groups()
            taken.append((names.index(name), None if decimals is None else int(decimals), int(width or 0), int(bool(group))))
    return tuple(taken)


def rounded(of: Sequence[Part], values: Sequence[float | None]) -> list[float | None]:
    """Values as precise as a text shows them, so that they are short and look the same everywhere."""
    decimals: dict[int, int] = {}
    for part in of:
        if not isinstance(part, str):
            decimals[part[0]] = max(decimals.get(part[0], 0), 4 if part[1] is None else part[1])
    return [None if v is None or v - v != 0 else (round(v, decimals[i]) if decimals[i] else round(v)) if i in decimals else 0
            for i, v in enumerate(values)]  # fmt: skip


def said(of: Sequence[Part], values: Sequence[float | None], language: str) -> str:
    """The text with its values."""
    return "".join(p if isinstance(p, str) else _numeral(values[p[0]], p, language) for p in of)


def _numeral(value: float | None, part: tuple[int, int | None, int, int], language: str) -> str:
    _, decimals, width, group = part
    if value is None:
        return "?"
    text = str(value) if decimals is None else format(value, f"{f'0{width}' if width else ''}{',' if group else ''}.{decimals}f")
    return text if language == "en" else text.translate({ord(","): "\u202f", ord("."): ","})


def places(of: Sequence[Part]) -> list[Any]:
    """Parts as JSON."""
    return [p if isinstance(p, str) else list(p) for p in of]
