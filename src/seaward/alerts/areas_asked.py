"""Rules, and the names of the areas that a watch knows -> the names that rules ask for and no area has: such rules never alert."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from seaward.alerts.mistakes import Mistake
from seaward.alerts.rules import Rules, fits
from seaward.core.toml_lines import lines_of


def missing_areas(rules: Rules, raw: bytes, there: Iterable[str]) -> list[Mistake]:
    """What rules ask of areas in vain.

    Parameters
    ----------
    rules
        As `rules_of` read them.
    raw
        The bytes they were read from, for the lines.
    there
        Names of areas.

    Returns
    -------
    One for each name of `areas` and `not_areas` that fits no area, with its line and the names that are near to it.
    """
    known = sorted({*there})
    at = lines_of(raw.decode("utf-8-sig"))
    plain = {name.casefold(): name for name in known}
    found = []
    for number, rule in enumerate(rules.rules):
        for key in ("areas", "not_areas"):
            for name in getattr(rule, key):
                if not any(fits(name, area) for area in known):
                    near = [plain[n] for n in get_close_matches(name.casefold(), plain, 3, 0.7)]
                    values = {"rule": rule.id, "value": name, "near": ", ".join(near)}
                    found.append(Mistake(at.of("rule", number, key), "area_missing_near" if near else "area_missing", values))
    return found
