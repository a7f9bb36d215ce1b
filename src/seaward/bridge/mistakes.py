"""What is wrong with a route file: where, what and what to do, in either language, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.core.foreign_text import one_line

_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: a code of the catalogue (`route.wrong.<code>` and `route.wrong.<code>.fix`), its values, and the line from 1."""

    line: int
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """What is wrong; and what to do."""
        said = {k: f"{v:g}" if isinstance(v, float) else one_line(v)[:80] for k, v in self.values.items()}
        return f"{render(f'route.wrong.{self.code}', said, language)}; {render(f'route.wrong.{self.code}.fix', said, language)}"


class RouteError(InputError):
    """A route file that is refused.

    Parameters
    ----------
    name
        Of the file.
    mistakes
        At least one.
    """

    def __init__(self, name: str, mistakes: Sequence[Mistake]) -> None:
        self.name, self.mistakes = one_line(name)[:120], tuple(sorted(mistakes, key=lambda m: m.line))
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """All of them, one a line: file:line: message; fix."""
        lines = [f"{self.name}:{m.line}: {m.text(language)}" for m in self.mistakes[:_MOST_SHOWN]]
        if len(self.mistakes) > _MOST_SHOWN:
            lines.append(render("route.wrong.more", {"count": len(self.mistakes) - _MOST_SHOWN}, language))
        return "\n".join(lines)
