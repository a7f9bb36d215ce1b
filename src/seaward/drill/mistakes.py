"""What is wrong with a scenario: where, what and what to do, in either language, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seaward.core.catalogue import render
from seaward.core.errors import InputError

MOST_SHOWN = 200  # a file of another kind gives one for every line


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: a code of the catalogue (`scenario.<code>` and `scenario.<code>.fix`), its values, and the line from 1."""

    line: int
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """What is wrong; and what to do."""
        shown = {name: _shown(value) for name, value in self.values.items()}
        return f"{render(f'scenario.{self.code}', shown, language)}; {render(f'scenario.{self.code}.fix', shown, language)}"


class ScenarioError(InputError):
    """A scenario with mistakes.

    Parameters
    ----------
    name
        Of the file.
    mistakes
        At least one.
    """

    def __init__(self, name: str, mistakes: list[Mistake]) -> None:
        self.name, self.mistakes = name, tuple(sorted(mistakes, key=lambda m: m.line))
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """All of them, one a line: file:line: message; fix."""
        lines = [f"{self.name}:{m.line}: {m.text(language)}" for m in self.mistakes[:MOST_SHOWN]]
        if len(self.mistakes) > MOST_SHOWN:
            lines.append(render("scenario.more", {"count": len(self.mistakes) - MOST_SHOWN}, language))
        return "\n".join(lines)


def _shown(value: Any) -> str:
    """A value as it may be printed on one line."""
    if isinstance(value, float):
        return f"{value:g}"
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(value))
    return text if len(text) <= 80 or value.__class__ is not str else f"{text[:77]}..."
