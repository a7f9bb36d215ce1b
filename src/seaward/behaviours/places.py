"""Doubts about the places of single vessels -> groups of them at one time and place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seaward.core.geodesy import great_circle_m


@dataclass(frozen=True, slots=True)
class Doubt:
    """One pattern of one vessel."""

    mmsi: int
    who: tuple[str, ...]  # its hulls
    start_us: int
    end_us: int
    here: tuple[float, float]  # last place before the trouble: lon, lat [degree]
    there: tuple[float, float]  # first place in it
    lasting: bool  # enough to be told of the vessel alone
    pattern: str
    reasons: list[dict[str, Any]]
    rows: tuple[int, ...]  # that show it


def groups(doubts: Sequence[Doubt], max_apart_m: float, max_pause_us: int) -> list[list[Doubt]]:
    """Bring together what overlaps in time, give or take a pause, and is of one vessel, or near each other and at one time.

    Near: where they were or where they say they are. At one time: they begin or end no more than a pause apart, or overlap for half of the longer
    one (a vessel in trouble for days is not in that of all others who pass). Groups are as chains: the ends of one may lie farther apart. They come
    in the order of their start, and so do the doubts in them.
    """
    ordered = sorted(doubts, key=lambda d: (d.start_us, d.mmsi, d.who, d.pattern, d.end_us))
    group = list(range(len(ordered)))

    def root(k: int) -> int:
        while group[k] != k:
            group[k] = group[group[k]]
            k = group[k]
        return k

    place = np.array([[*d.here, *d.there] for d in ordered]).reshape(-1, 4)
    running: list[int] = []
    for k, doubt in enumerate(ordered):
        running = [j for j in running if ordered[j].end_us + max_pause_us >= doubt.start_us]
        if running:
            near = np.minimum(
                great_circle_m(place[running, 0], place[running, 1], place[k, 0], place[k, 1]),
                great_circle_m(place[running, 2], place[running, 3], place[k, 2], place[k, 3]),
            )
            for j, apart_m in zip(running, near.tolist(), strict=True):
                if ordered[j].mmsi == doubt.mmsi or (apart_m <= max_apart_m and _at_one_time(ordered[j], doubt, max_pause_us)):
                    low, high = sorted((root(j), root(k)))
                    group[high] = low
        running.append(k)
    members: dict[int, list[Doubt]] = {}
    for k, doubt in enumerate(ordered):
        members.setdefault(root(k), []).append(doubt)
    return list(members.values())


def _at_one_time(one: Doubt, other: Doubt, max_pause_us: int) -> bool:
    both = min(one.end_us, other.end_us) - max(one.start_us, other.start_us)
    longer = max(one.end_us - one.start_us, other.end_us - other.start_us)
    return min(abs(one.start_us - other.start_us), abs(one.end_us - other.end_us)) <= max_pause_us or 2 * both >= longer
