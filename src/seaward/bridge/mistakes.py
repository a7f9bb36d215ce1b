"""What is wrong with a route file."""

from __future__ import annotations

from collections.abc import Iterable

from seaward.core import mistakes
from seaward.core.foreign_text import one_line


class Mistake(mistakes.Mistake):
    """One mistake of a route file."""

    __slots__ = ()
    OF = "route.wrong"


class RouteError(mistakes.MistakesError):
    """A route file that is refused; its name may come from others, as that of a file in an archive."""

    OF, MOST_SHOWN = "route.wrong", 50

    def __init__(self, name: str, found: Iterable[mistakes.Mistake]) -> None:
        super().__init__(one_line(name)[:120], found)
