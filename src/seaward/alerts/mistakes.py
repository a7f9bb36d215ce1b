"""What is wrong with a rule file or a list."""

from __future__ import annotations

from typing import Any

from seaward.core import mistakes
from seaward.core.foreign_text import one_line

_LONGEST = {"value": 80}  # letters; what there is to choose from is shown whole


class Mistake(mistakes.Mistake):
    """One mistake of a rule file or a list."""

    __slots__ = ()
    OF = "rules"

    @staticmethod
    def shown(name: str, value: Any) -> str:
        """A value on one line."""
        if isinstance(value, bool):
            return str(value).lower()
        text, longest = f"{value:g}" if isinstance(value, float) else one_line(value), _LONGEST.get(name, 1000)
        return text if len(text) <= longest else f"{text[: longest - 3]}..."


class RulesError(mistakes.MistakesError):
    """A rule file with mistakes."""

    OF = "rules"
