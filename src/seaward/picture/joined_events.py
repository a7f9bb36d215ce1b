"""Events of our own, events of partners, joined tracks -> which events are one: the same kind, vessel, time and place within what is stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.geodesy import great_circle_m
from seaward.core.matching import best_pairs
from seaward.core.units import HOUR_S, US_PER_S, kn_to_mps

_SIGMAS = 4.0
_PLACE_M = 20_000.0  # two detectors put the place of one event so far apart, on the same vessel; ours
_STRANGER_M = 5_000.0  # and where the partner does not say whose it is; ours
_STEP_US = 3_600 * US_PER_S  # times of partners may be rounded down by so much; ours
_DRIFT_MPS = kn_to_mps(20.0)  # an event that begins earlier lies on the vessel's way; ours
_SIGHTINGS = frozenset({"dark_contact"})  # one look of one sensor at a vessel that nobody knows: its name says nothing to anybody else
_SIGHTED_S = 1_800.0  # looks so far apart may be at one vessel; ours
_SIGHTED_M = 1_000.0  # errors of sensors, and displacement of moving ships in radar images; ours
_SIGHTED_MPS = kn_to_mps(12.0)  # as fast as it may have gone between them; ours

_MOST_LIKE = 16  # of ours that are weighed for one of a partner, the likest; ours


def join_events(own: pl.DataFrame, theirs: Sequence[Mapping[str, Any]], names: Mapping[tuple[str, str], str]) -> list[tuple[str, str, str]]:
    """Join events.

    Parameters
    ----------
    own
        Of EVENTS, each in its last version: event_id, kind, start_at, end_at, vessel_ids, lon_deg, lat_deg.
    theirs
        Of partners: origin, id, kind, start_us, end_us, vessel_ids, lon_deg, lat_deg, error_m.
    names
        By partner and track the vessel of ours that it is joined with; numbers are known without.

    Returns
    -------
    Origin, id of the partner's event, and our event_id: each at most once for a partner.

    Limits
    ------
    A partner's event without vessels, or a sighting of one that nobody knows, is joined only where one event of ours of that kind alone is near.
    A sighting more than half an hour from the other, or of a vessel faster than 12 knots, is not joined.
    """
    kinds = {str(k): _Ours(rows) for (k,), rows in own.group_by("kind", maintain_order=True)}
    made: list[tuple[str, str, str]] = []
    for origin in sorted({str(t["origin"]) for t in theirs}):
        mine = sorted((t for t in theirs if t["origin"] == origin and t["kind"] in kinds), key=lambda t: str(t["id"]))
        same = [t for t in mine if t["id"] in kinds[t["kind"]].at]
        made += [(origin, str(t["id"]), str(t["id"])) for t in same]
        rest = [t for t in mine if t["id"] not in kinds[t["kind"]].at]
        left, right, ratio, place = [], [], [], {}
        for ours in kinds.values():
            ours.is_free[:] = True
        for t in same:
            kinds[t["kind"]].is_free[kinds[t["kind"]].at[t["id"]]] = False
        for i, t in enumerate(rest):
            near, like = kinds[t["kind"]].like(t, origin, names)
            if (not t["vessel_ids"] or t["kind"] in _SIGHTINGS) and len(near) > 1:
                continue
            for n in np.argsort(-like, kind="stable")[:_MOST_LIKE]:
                left.append(i)
                right.append(place.setdefault(kinds[t["kind"]].ids[near[n]], len(place)))
                ratio.append(1.0 + like[n])
        ids = list(place)
        if left:
            taken = best_pairs(np.array(left), np.array(right), np.array(ratio))
            made += [(origin, str(rest[left[n]]["id"]), str(ids[right[n]])) for n in np.flatnonzero(taken)]
    return sorted(made)


class _Ours:
    """Our events of one kind as columns: of tens of thousands, those that may be one with a partner's are found by vessel and time."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self.ids: list[str] = rows["event_id"].to_list()
        self.at = {name: n for n, name in enumerate(self.ids)}
        self.is_free = np.ones(len(self.ids), np.bool_)  # not yet the one with an event of the partner that is looked at
        self._start_us, self._end_us = (rows[c].to_physical().to_numpy() for c in ("start_at", "end_at"))
        self._lon_deg, self._lat_deg = (rows[c].cast(pl.Float64).to_numpy() for c in ("lon_deg", "lat_deg"))
        of: dict[str, list[int]] = {}
        for n, vessels in enumerate(rows["vessel_ids"].to_list()):
            for v in {_vessel(v, "", {}) for v in vessels}:
                of.setdefault(v, []).append(n)
        self._of = {v: np.array(n, np.int64) for v, n in of.items()}

    def like(self, t: Mapping[str, Any], origin: str, names: Mapping[tuple[str, str], str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Which free ones may be one with a partner's event, and how like it: the share of time in common, up to 1; of sightings, how near."""
        sighted, vessels = t["kind"] in _SIGHTINGS, {_vessel(v, origin, names) for v in t["vessel_ids"]}
        rows = np.arange(len(self.ids))
        if vessels and not sighted:
            of = [self._of[v] for v in vessels if v in self._of]
            rows = of[0] if len(of) == 1 else np.unique(np.concatenate([np.empty(0, np.int64), *of]))
        start_us, end_us = self._start_us[rows], self._end_us[rows]
        since_us, until_us = np.maximum(t["start_us"], start_us), np.minimum(t["end_us"] + _STEP_US, end_us)
        apart_s = np.abs(t["start_us"] - start_us) / US_PER_S
        near = np.flatnonzero(apart_s <= _SIGHTED_S if sighted else since_us <= until_us)
        start_us, end_us, since_us, until_us, apart_s = start_us[near], end_us[near], since_us[near], until_us[near], apart_s[near]
        found = rows[near]
        apart_m = great_circle_m(t["lon_deg"], t["lat_deg"], self._lon_deg[found], self._lat_deg[found])
        error_m = _SIGMAS * float(t["error_m"] or 0.0)
        if sighted:
            most_m = _SIGHTED_M + error_m + _SIGHTED_MPS * apart_s
            like = 1.0 - apart_m / (most_m + 1.0)
        else:
            drift_m = _DRIFT_MPS * np.minimum(24 * HOUR_S, apart_s) if vessels else 0.0
            most_m = (_PLACE_M if vessels else _STRANGER_M) + error_m + drift_m
            common_us = until_us - since_us
            whole_us = np.maximum(np.maximum(t["end_us"], end_us) - np.minimum(t["start_us"], start_us), common_us)
            like = (1.0 + common_us / US_PER_S) / (1.0 + whole_us / US_PER_S)
        fits = (apart_m <= most_m) & self.is_free[found]
        return found[fits], like[fits]


def _vessel(name: str, origin: str, names: Mapping[tuple[str, str], str]) -> str:
    """As our own events name it, without the number of its hull."""
    name = names.get((origin, name), name)
    number = name.removeprefix("mmsi:").partition("#")[0]
    return f"mmsi:{int(number)}" if name.startswith("mmsi:") and number.isdecimal() else name
