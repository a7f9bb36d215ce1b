"""What a partner may see of a plan (`plan.<nation>.json`) -> the message that proposes it. Nothing that the file does not show is added."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from seaward.core.errors import InputError
from seaward.core.geodesy import great_circle_m
from seaward.exchange.bodies import Leg, Plan

MOST_LEGS = 1_024  # of a message (bodies.Plan)


def shown_plan(shown: Mapping[str, Any], realm: str, theirs: str, ours: str | None, text: str | None) -> tuple[str, Plan, int]:
    """The plan as it is proposed.

    Parameters
    ----------
    shown
        What `plan.<nation>.json` holds.
    realm
        Of the node; a plan of another is refused.
    theirs, ours
        How the plan file names the partner and us, such as US and PE; `ours` None: the only other nation in it.
    text
        Words to the partner.

    Returns
    -------
    Id of the plan, the message, and how many legs were left out because they are of units of a third nation.

    Raises
    ------
    InputError
        If it is none, is for somebody else, or is too long.
    """
    try:
        if shown["realm"] != realm:
            raise InputError(f"the plan is of realm {shown['realm']!r} and the node of {realm!r}; plans of drills and operations never mix")
        if shown.get("for") != theirs:
            raise InputError(f"the plan is for {shown.get('for')!r}, not for {theirs!r}; name plan.<nation>.json of the partner, never plan.json")
        others = sorted({str(a["nation"]) for a in shown["assets"]} - {theirs})
        if ours is None and len(others) > 1:
            raise InputError(f"the plan has units of {', '.join(others)}; say which are ours, such as --ours {others[0]}")
        known = {theirs, ours if ours is not None else others[0] if others else ""}
        mine = [leg for leg in shown["legs"] if leg["nation"] in known]
        legs = tuple(itertools.chain.from_iterable(_legs(leg) for leg in mine))
        plan = Plan("proposed", _ms(shown["start"]), _ms(shown["end"]), legs, text)
        name = str(shown["plan_id"])[:16]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as e:
        raise InputError(f"this is no plan that may be shown ({type(e).__name__}: {e}); name a folder that `seaward plan` wrote") from e
    if len(legs) > MOST_LEGS:
        raise InputError(f"the plan has {len(legs)} straight legs, and a message holds {MOST_LEGS}; plan a shorter time, or fewer units")
    return name, plan, len(shown["legs"]) - len(mine)


def _legs(leg: Mapping[str, Any]) -> list[Leg]:
    """One leg of a plan as straight ones, its time shared out by their lengths."""
    way, start_ms, end_ms = leg["way"], _ms(leg["start"]), _ms(leg["end"])
    pairs = [*itertools.pairwise(way)] or [(way[0], way[0])]
    lengths = [float(great_circle_m(a[0], a[1], b[0], b[1])) for a, b in pairs]
    whole, at, gone, made = sum(lengths), start_ms, 0.0, []
    for (a, b), length in zip(pairs, lengths, strict=True):
        gone += length
        until = end_ms if whole == 0 else start_ms + round((end_ms - start_ms) * gone / whole)
        made.append(Leg(str(leg["asset"]), at, until, _udeg(a[0]), _udeg(a[1]), _udeg(b[0]), _udeg(b[1]), str(leg["task"])))
        at = until
    return made


def _udeg(deg: float) -> int:
    return round(float(deg) * 1_000_000)


def _ms(text: str) -> int:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return round(at.timestamp() * 1000)
