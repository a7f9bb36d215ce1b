"""What is wrong with a rule file or a list: where, what and what to do, in either language, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.core.foreign_text import one_line

MOST_SHOWN = 200  # a file of another kind gives one for every line
_LONGEST = {"value": 80}  # letters; what there is to choose from is shown whole


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: a code of the catalogue (`rules.<code>` and `rules.<code>.fix`), its values, and the line from 1."""

    line: int
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """What is wrong; and what to do."""
        shown = {name: _shown(value, _LONGEST.get(name, 1000)) for name, value in self.values.items()}
        return f"{render(f'rules.{self.code}', shown, language)}; {render(f'rules.{self.code}.fix', shown, language)}"


class RulesError(InputError):
    """A rule file with mistakes.

    Parameters
    ----------
    name
        Of the file.
    mistakes
        At least one.
    """

    def __init__(self, name: str, mistakes: Iterable[Mistake]) -> None:
        self.name, self.mistakes = name, tuple(sorted(mistakes, key=lambda m: m.line))
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """All of them, one a line: file:line: message; fix."""
        lines = [f"{self.name}:{m.line}: {m.text(language)}" for m in self.mistakes[:MOST_SHOWN]]
        if len(self.mistakes) > MOST_SHOWN:
            lines.append(render("rules.more", {"count": len(self.mistakes) - MOST_SHOWN}, language))
        return "\n".join(lines)


def _shown(value: Any, longest: int) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f"{value:g}" if isinstance(value, float) else one_line(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
