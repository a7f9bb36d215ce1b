"""What is wrong with a scenario."""

from __future__ import annotations

from typing import Any

from seaward.core import mistakes


class Mistake(mistakes.Mistake):
    """One mistake of a scenario."""

    __slots__ = ()
    OF = "scenario"

    @staticmethod
    def shown(name: str, value: Any) -> str:
        """A value as it may be printed on one line."""
        if isinstance(value, float):
            return f"{value:g}"
        text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(value))
        return text if len(text) <= 80 or value.__class__ is not str else f"{text[:77]}..."


class ScenarioError(mistakes.MistakesError):
    """A scenario with mistakes."""

    OF = "scenario"
