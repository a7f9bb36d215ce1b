"""What is wrong with a plan file."""

from __future__ import annotations

from seaward.core import mistakes


class Mistake(mistakes.Mistake):
    """One mistake of a plan file."""

    __slots__ = ()
    OF = "plan.wrong"


class PlanError(mistakes.MistakesError):
    """A plan file with mistakes."""

    OF = "plan.wrong"
