"""Legs and a list of contacts -> every rule of the list that they break; knows nothing of how the legs were made. The rest is that of `verify`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M
from seaward.patrol.read_visits import Contact
from seaward.patrol.verify import Broken
from seaward.patrol.voyage import Leg

_PLACE_NM = 0.1
_TIME_H = 1e-6


def verify_visits(legs: Sequence[Leg], contacts: Sequence[Contact], boarding: Sequence[str], start: datetime) -> list[Broken]:
    """Check visits: known contacts, each once, at its place, long enough, within its window, by who can board where that is asked for.

    Parameters
    ----------
    legs
        Of all assets.
    contacts
        To check.
    boarding
        Assets that can board.
    start
        Of the plan.

    Returns
    -------
    What is broken, by asset and leg among all legs: unknown_contact, twice, place, minutes, window, boards.
    """
    known = {c.id: c for c in contacts}
    seen: set[str] = set()
    found: list[Broken] = []
    for k, leg in enumerate(legs):
        if leg.task != "intercept":
            continue
        c = known.get(leg.target)
        if c is None:
            found.append(Broken(leg.asset, k, "unknown_contact"))
            continue
        if c.id in seen:
            found.append(Broken(leg.asset, k, "twice"))
        seen.add(c.id)
        if (nm := max(float(great_circle_m(*p, *c.place)) / NM_M for p in leg.way)) > _PLACE_NM:
            found.append(Broken(leg.asset, k, "place", nm, _PLACE_NM))
        if (leg.end_h - leg.start_h) * 60.0 < c.minutes - 60.0 * _TIME_H:
            found.append(Broken(leg.asset, k, "minutes", (leg.end_h - leg.start_h) * 60.0, c.minutes))
        for moment, side in ((c.opens, -1.0), (c.closes, 1.0)):
            if moment is not None and side * (leg.start_h - (moment - start).total_seconds() / 3600.0) > _TIME_H:
                found.append(Broken(leg.asset, k, "window", leg.start_h, (moment - start).total_seconds() / 3600.0))
        if c.board and leg.asset not in boarding:
            found.append(Broken(leg.asset, k, "boards"))
    return found
