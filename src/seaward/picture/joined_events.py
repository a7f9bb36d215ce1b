"""Events of our own, events of partners, joined tracks -> which events are one: the same kind, vessel, time and place within what is stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

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
    ours = list(own.with_columns(s=pl.col("start_at").to_physical(), e=pl.col("end_at").to_physical()).iter_rows(named=True))
    by_id = {r["event_id"]: r for r in ours}
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for r in ours:
        by_kind.setdefault(r["kind"], []).append(r)
    made: list[tuple[str, str, str]] = []
    for origin in sorted({str(t["origin"]) for t in theirs}):
        mine = sorted((t for t in theirs if t["origin"] == origin), key=lambda t: str(t["id"]))
        same = [(t, by_id[t["id"]]) for t in mine if t["id"] in by_id and by_id[t["id"]]["kind"] == t["kind"]]
        made += [(origin, str(t["id"]), str(r["event_id"])) for t, r in same]
        done = {r["event_id"] for _, r in same}
        left, right, ratio, place = [], [], [], {}
        rest = [t for t in mine if not any(t is s for s, _ in same)]
        for i, t in enumerate(rest):
            near = [(r, g) for r in by_kind.get(t["kind"], ()) if r["event_id"] not in done and (g := _likeness(t, r, origin, names)) > 0]
            if (not t["vessel_ids"] or t["kind"] in _SIGHTINGS) and len(near) > 1:
                continue
            for r, likeness in near:
                left.append(i)
                right.append(place.setdefault(r["event_id"], len(place)))
                ratio.append(1.0 + likeness)
        ids = list(place)
        if left:
            taken = best_pairs(np.array(left), np.array(right), np.array(ratio))
            made += [(origin, str(rest[left[n]]["id"]), str(ids[right[n]])) for n in np.flatnonzero(taken)]
    return sorted(made)


def _likeness(t: Mapping[str, Any], r: Mapping[str, Any], origin: str, names: Mapping[tuple[str, str], str]) -> float:
    """Share of time that both have in common, from 0 (they are not one) to 1; of sightings, how near they are."""
    if t["kind"] in _SIGHTINGS:
        return _sighted(t, r)
    theirs, ours = {_vessel(v, origin, names) for v in t["vessel_ids"]}, {_vessel(v, "", {}) for v in r["vessel_ids"]}
    if theirs and not theirs & ours:
        return 0.0
    since, until = max(t["start_us"], r["s"]), min(t["end_us"] + _STEP_US, r["e"])
    if until < since:
        return 0.0
    error_m = float(t["error_m"] or 0.0)
    apart_m = float(great_circle_m(t["lon_deg"], t["lat_deg"], r["lon_deg"], r["lat_deg"]))
    slack_s = min(24 * HOUR_S, abs(t["start_us"] - r["s"]) / US_PER_S)
    if not apart_m <= (_PLACE_M if theirs else _STRANGER_M) + _SIGMAS * error_m + (_DRIFT_MPS * slack_s if theirs else 0.0):
        return 0.0
    whole = max(t["end_us"], r["e"]) - min(t["start_us"], r["s"])
    return (1.0 + (until - since) / US_PER_S) / (1.0 + max(whole, until - since) / US_PER_S)


def _sighted(t: Mapping[str, Any], r: Mapping[str, Any]) -> float:
    apart_s = abs(t["start_us"] - r["s"]) / US_PER_S
    apart_m = float(great_circle_m(t["lon_deg"], t["lat_deg"], r["lon_deg"], r["lat_deg"]))
    most_m = _SIGHTED_M + _SIGMAS * float(t["error_m"] or 0.0) + _SIGHTED_MPS * apart_s
    return 1.0 - apart_m / (most_m + 1.0) if apart_s <= _SIGHTED_S and apart_m <= most_m else 0.0


def _vessel(name: str, origin: str, names: Mapping[tuple[str, str], str]) -> str:
    """As our own events name it, without the number of its hull."""
    name = names.get((origin, name), name)
    number = name.removeprefix("mmsi:").partition("#")[0]
    return f"mmsi:{int(number)}" if name.startswith("mmsi:") and number.isdecimal() else name
