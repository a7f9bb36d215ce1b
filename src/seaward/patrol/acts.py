"""Events, cases and contacts of sensors -> acts that risk is learned from, each with the chance that it was one; the same act counts once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from seaward.core.geodesy import great_circle_m
from seaward.core.tables import AT
from seaward.core.units import NM_M

CASE = 1.0  # an alert that an officer validated: somebody looked, and it was so
EVENT = 1.0  # of an event whose behaviour gives no probability; ours
DARK = 0.2  # of a contact that no tracked vessel explains, where no probability is said; ours, no published number. Untracked is no proof: 72-76 %
# of industrial fishing vessels are not publicly tracked (Paolo et al. 2024, doi:10.1038/s41586-023-06825-8)
SAME_H, SAME_NM = 1.0, 2.0  # within which a contact is the one that an event stands for; ours
_FAR_S = int(SAME_H * 3600)

ACTS = pl.Schema({"at": AT, "lon_deg": pl.Float64, "lat_deg": pl.Float64, "weight": pl.Float64})
_KINDS: Any = dict(ACTS)
EVENT_COLUMNS = ("realm", "event_id", "version", "state", "kind", "start_at", "lon_deg", "lat_deg", "probability")
CASE_COLUMNS = ("realm", "alert_id", "state", "kind", "start_at", "lon_deg", "lat_deg")
DETECTION_COLUMNS = ("realm", "at", "lon_deg", "lat_deg", "state")


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What a node knows."""

    events: pl.DataFrame  # with EVENT_COLUMNS, the last version of each
    cases: pl.DataFrame  # with CASE_COLUMNS and `event_ids`, the events that each is made of
    dismissed: frozenset[str]  # events of alerts that an officer dismissed


def acts_of(
    events: pl.DataFrame, cases: pl.DataFrame, detections: pl.DataFrame, dismissed: frozenset[str], kinds: tuple[str, ...], refused: Counter[str]
) -> pl.DataFrame:  # fmt: skip
    """Acts, as ACTS.

    Parameters
    ----------
    events
        EVENT_COLUMNS; of an event the last version counts, none that was withdrawn.
    cases
        CASE_COLUMNS, and `event_ids` where known; none that was withdrawn. The events of a case do not count beside it.
    detections
        DETECTION_COLUMNS, `probability` where known; only those `without_track`, and none that an event, or a case, stands for.
    dismissed
        Events that do not count.
    kinds
        Kinds of events and cases that count; none for all.
    refused
        Where rows without a place or a moment are counted, and contacts that nobody has judged.

    Limits
    ------
    Rows without an id are each an act of its own: their versions cannot be told.
    """
    events, cases = _named(events, "event_id"), _named(cases, "alert_id")
    latest = events.sort("version").group_by("event_id", maintain_order=True).last().filter(pl.col("state") != "withdrawn")
    stands = cases.sort("alert_id").filter(pl.col("state") != "withdrawn").unique("alert_id", keep="last", maintain_order=True)
    if kinds:
        latest, stands = (rows.filter(pl.col("kind").is_in(list(kinds))) for rows in (latest, stands))
    in_cases = set[str]() if "event_ids" not in stands.columns else {e for ids in stands["event_ids"].to_list() for e in ids or ()}
    refused["risk.event_dismissed"] += len(latest.filter(pl.col("event_id").is_in(list(dismissed))))
    latest = latest.filter(~pl.col("event_id").is_in([*dismissed, *in_cases]))
    unsaid = pl.when(pl.col("kind") == "dark_contact").then(DARK).otherwise(EVENT)
    of_events = latest.select(at="start_at", lon_deg="lon_deg", lat_deg="lat_deg", weight=pl.col("probability").fill_null(unsaid))
    of_cases = stands.select(at="start_at", lon_deg="lon_deg", lat_deg="lat_deg", weight=pl.lit(CASE))
    found = _placed(pl.concat([of_events.cast(_KINDS), of_cases.cast(_KINDS)]), "risk.event_without_place", refused)
    refused["risk.detection_not_judged"] += len(detections.filter(~pl.col("state").is_in(["with_track", "without_track"]).fill_null(False)))
    dark = detections.filter(pl.col("state") == "without_track")
    said = pl.col("probability") if "probability" in dark.columns else pl.lit(None, pl.Float64)
    dark = dark.select("at", "lon_deg", "lat_deg", weight=said.cast(pl.Float64, strict=False).fill_nan(None).fill_null(DARK).clip(0.0, 1.0))
    dark = _placed(dark.cast(_KINDS), "risk.detection_without_place", refused)
    return pl.concat([found, _unexplained(dark, found)])


def _named(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Each row without an id has one of its own."""
    return rows.with_columns(pl.coalesce(pl.col(key).cast(pl.String).replace("", None), pl.format("\0{}", pl.int_range(pl.len()))))


def _placed(rows: pl.DataFrame, reason: str, refused: Counter[str]) -> pl.DataFrame:
    fits = pl.col("at").is_not_null() & pl.col("lon_deg").is_between(-180, 180) & pl.col("lat_deg").is_between(-90, 90)
    good = rows.filter(fits & pl.col("weight").is_between(0, 1))
    refused[reason] += len(rows) - len(good)
    return good


def _unexplained(dark: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Contacts near which no act is known already."""
    if dark.is_empty() or found.is_empty():
        return dark
    order = found.sort("at")
    at, lon, lat = order["at"].dt.epoch("s").to_numpy(), order["lon_deg"].to_numpy(), order["lat_deg"].to_numpy()
    first = np.searchsorted(at, dark["at"].dt.epoch("s").to_numpy() - _FAR_S, "left")
    last = np.searchsorted(at, dark["at"].dt.epoch("s").to_numpy() + _FAR_S, "right")
    keep = [
        not bool((great_circle_m(x, y, lon[i:j], lat[i:j]) <= SAME_NM * NM_M).any())
        for x, y, i, j in zip(dark["lon_deg"].to_list(), dark["lat_deg"].to_list(), first.tolist(), last.tolist(), strict=True)
    ]
    return dark.filter(pl.Series(keep, dtype=pl.Boolean))
