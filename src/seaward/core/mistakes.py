"""What is wrong with a file that people write: where, what and what to do, in either language, all at once. Rooms give the first part of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.core.foreign_text import one_line


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: a code of the catalogue (`<OF>.<code>` and `<OF>.<code>.fix`), its values, and the line from 1."""

    OF: ClassVar[str] = ""

    line: int
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """What is wrong; and what to do."""
        said = {name: self.shown(name, value) for name, value in self.values.items()}
        return f"{render(f'{self.OF}.{self.code}', said, language)}; {render(f'{self.OF}.{self.code}.fix', said, language)}"

    @staticmethod
    def shown(name: str, value: Any) -> str:
        """A value on one line."""
        return f"{value:g}" if isinstance(value, float) else one_line(value)[:80]


class MistakesError(InputError):
    """A file with mistakes.

    Parameters
    ----------
    name
        Of the file.
    mistakes
        At least one.
    """

    OF: ClassVar[str] = ""
    MOST_SHOWN: ClassVar[int] = 200  # a file of another kind gives one for every line

    def __init__(self, name: str, mistakes: Iterable[Mistake]) -> None:
        self.name, self.mistakes = name, tuple(sorted(mistakes, key=lambda m: m.line))
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """All of them, one a line: file:line: message; fix."""
        lines = [f"{self.name}:{m.line}: {m.text(language)}" for m in self.mistakes[: self.MOST_SHOWN]]
        if len(self.mistakes) > self.MOST_SHOWN:
            lines.append(render(f"{self.OF}.more", {"count": len(self.mistakes) - self.MOST_SHOWN}, language))
        return "\n".join(lines)
