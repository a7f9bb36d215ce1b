"""A plan that is sailed, a moment, where vessels are heard -> where each asset is, and how that is known; and what another plan changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M
from seaward.patrol.assets import Asset
from seaward.patrol.voyage import Leg, Place, along

FRESH_H = 0.25  # a place heard so long ago is where the asset is; at 15 kn it has gone 4 nm since; ours
HARBOUR_NM = 5.0  # who is heard so near its base, and is in port by the plan, is in port; ours
_SAME_H = 1.0 / 60.0  # by which a leg may move and still be the same
SOURCES = ("picture", "stale", "unheard", "plan")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an asset is at a moment.

    `source` is picture (heard just now), stale (heard, but too long ago: as planned), unheard (has a number, not heard at all: as planned), plan
    (has no number: as planned).
    """

    asset: str
    source: str
    place: Place
    planned: Place
    off_nm: float | None  # from where the plan has it; None where it was not heard just now
    heard_h: float | None  # since the plan begins
    task: str
    leg: int  # of its legs, from 0

    @property
    def is_elsewhere(self) -> bool:
        """Whether its place is to be taken from the picture, and not from the plan."""
        return self.source == "picture" and not (self.task == "port" and (self.off_nm or 0.0) <= HARBOUR_NM)


@dataclass(frozen=True, slots=True)
class Change:
    """What a new plan means for one asset, from a moment on."""

    asset: str
    nation: str
    is_changed: bool
    sent_to: tuple[str, ...]  # targets that it is sent to and was not before
    freed_from: tuple[str, ...]  # targets that it was sent to and is not any more
    searches: int  # still to be sailed
    searches_before: int
    home_h: float | None  # next in port; None: it is in port until the end
    home_before_h: float | None


def spots(assets: Sequence[Asset], legs: Sequence[Leg], now_h: float, heard: Mapping[int, tuple[float, Place]]) -> list[Spot]:
    """Where the assets are that have legs.

    Parameters
    ----------
    assets
        Of the plan.
    legs
        As they are sailed.
    now_h
        Since the plan begins.
    heard
        When [h since the plan begins] and where vessels were heard last, by MMSI.
    """
    found = []
    for a in assets:
        own = [leg for leg in legs if leg.asset == a.id]
        if not own:
            continue
        k = next((k for k, leg in enumerate(own) if leg.end_h > now_h), len(own) - 1)
        leg = own[k]
        planned = along(leg.way, (now_h - leg.start_h) / max(leg.end_h - leg.start_h, 1e-9))
        last = None if a.mmsi is None else heard.get(a.mmsi)
        if last is None:
            found.append(Spot(a.id, "plan" if a.mmsi is None else "unheard", planned, planned, None, None, leg.task, k))
        elif now_h - last[0] > FRESH_H:
            found.append(Spot(a.id, "stale", planned, planned, None, last[0], leg.task, k))
        else:
            off_nm = float(great_circle_m(*last[1], *planned)) / NM_M
            found.append(Spot(a.id, "picture", last[1], planned, off_nm, last[0], leg.task, k))
    return found


def changes(old: Sequence[Leg], new: Sequence[Leg], now_h: float) -> list[Change]:
    """What each asset does differently from a moment on; assets in the order of their names."""
    return [_change(name, [leg for leg in old if leg.asset == name], [leg for leg in new if leg.asset == name], now_h)
            for name in sorted({leg.asset for leg in (*old, *new)})]  # fmt: skip


def _change(name: str, old: list[Leg], new: list[Leg], now_h: float) -> Change:
    before, after = ([leg for leg in legs if leg.end_h > now_h + _SAME_H] for legs in (old, new))
    same = len(before) == len(after) and all(_is_same(a, b, now_h) for a, b in zip(before, after, strict=True))
    was, is_now = ({leg.target for leg in legs if leg.target} for legs in (before, after))
    count = [sum(leg.task == "search" for leg in legs) for legs in (after, before)]
    return Change(name, (new or old)[0].nation, not same, tuple(sorted(is_now - was)), tuple(sorted(was - is_now)), count[0], count[1],
                  _home_h(after), _home_h(before))  # fmt: skip


def _is_same(one: Leg, other: Leg, now_h: float) -> bool:
    starts = abs(max(one.start_h, now_h) - max(other.start_h, now_h))
    return (one.task, one.cell, one.target) == (other.task, other.cell, other.target) and max(starts, abs(one.end_h - other.end_h)) <= _SAME_H


def _home_h(legs: list[Leg]) -> float | None:
    at_sea = next((k for k, leg in enumerate(legs) if leg.task != "port"), None)
    return None if at_sea is None else next((leg.start_h for leg in legs[at_sea:] if leg.task == "port"), None)
