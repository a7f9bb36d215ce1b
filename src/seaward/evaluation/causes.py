"""Events that are false, truths that were missed -> why, as far as the truth can tell: codes of the catalogue (`review.false`, `review.missed`).

No detector is asked: a cause here is a fact of the simulated sea beside the event, not an excuse.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from seaward.core.geodesy import great_circle_m
from seaward.core.units import US_PER_S
from seaward.evaluation.matching import Matching

_BESIDE_S = 3600.0  # ours: a truth of another kind that ends or begins within an hour of an event is the likelier reason for it
DETECTION = "detection:"  # what an event on a contact without a track calls it


def dark_truth(detections: pl.DataFrame, true_tracks: pl.DataFrame, sigmas: float = 3.0, more_m: float = 100.0) -> pl.DataFrame:
    """Which detections are of a hull that sends nothing then, of one that does, or of none.

    Parameters
    ----------
    detections
        Rows of DETECTIONS; those without an error count as 300 m.
    true_tracks
        Rows of TRUE_TRACKS, at most a few minutes apart.
    sigmas, more_m
        A hull within `sigmas` errors and `more_m` of a detection may be what was seen; the nearest is taken to be.

    Returns
    -------
    detection_id, at, lon_deg, lat_deg, actor (null: no hull is near: a false alarm of the sensor), is_dark (null where there is no actor).
    """
    rows = detections.select("detection_id", "at", "lon_deg", "lat_deg", pl.col("error_m").fill_null(300.0)).sort("at", "detection_id")
    actors: list[str | None] = []
    dark: list[bool | None] = []
    tracks = true_tracks.select("at", pl.col("actor").cast(pl.String), "lon_deg", "lat_deg", "mmsi").sort("at")
    stamps = tracks["at"].unique().sort()
    moments = stamps.to_physical().to_numpy()
    starts = np.searchsorted(tracks["at"].to_physical().to_numpy(), np.append(moments, moments[-1:] + 1))
    for at, lon, lat, error_m in rows.select(pl.col("at").to_physical(), "lon_deg", "lat_deg", "error_m").iter_rows():
        k = int(np.argmin(np.abs(moments - at))) if len(moments) else -1
        actor, sends = None, None
        if k >= 0:
            there = tracks[int(starts[k]) : int(starts[k + 1])]
            drift_m = abs(int(moments[k]) - at) / US_PER_S * 15.0  # a ship of 30 knots meanwhile
            away = great_circle_m(lon, lat, there["lon_deg"].to_numpy(), there["lat_deg"].to_numpy())
            if len(away) and away.min() <= sigmas * error_m + more_m + drift_m:
                actor, sends = there["actor"][int(away.argmin())], there["mmsi"][int(away.argmin())] is not None
        actors.append(actor)
        dark.append(None if sends is None else not sends)
    return rows.drop("error_m").with_columns(actor=pl.Series(actors, dtype=pl.String), is_dark=pl.Series(dark, dtype=pl.Boolean))


def why_false(matching: Matching, events: pl.DataFrame, truth: pl.DataFrame, true_tracks: pl.DataFrame, seen: pl.DataFrame) -> dict[str, str]:
    """By event_id, why an event that matched nothing was raised.

    Parameters
    ----------
    events
        The rows of EVENTS that were matched.
    seen
        From `dark_truth`, of all detections of the cell.

    Returns
    -------
    Codes: `other_truth` (something else happened to that vessel then), `transmitting` (silent to the receivers, yet it sent all the time),
    `sensor` (the sensor saw what is no hull), `heard_vessel` (what it saw was a ship that sends), `lawful` (the ship did what it seemed, and nothing
    of it was on the list of truths), `unknown`.
    """
    false = matching.events.filter(pl.col("verdict") == "false")["event_id"].implode()
    who = {d: (a, dark) for d, a, dark in seen.select("detection_id", "actor", "is_dark").iter_rows()}
    sent = true_tracks.filter(pl.col("mmsi").is_not_null()).group_by("mmsi").agg(pl.col("at").min().alias("first"), pl.col("at").max().alias("last"))
    spans = {m: (a, b) for m, a, b in sent.iter_rows()}
    causes: dict[str, str] = {}
    for event, kind, start, end, ids in events.filter(pl.col("event_id").is_in(false)).select(
        "event_id", "kind", "start_at", "end_at", "vessel_ids"
    ).iter_rows():  # fmt: skip
        if kind == "dark_contact":
            contact = next((i.rpartition("/")[2] for i in ids if i.startswith(DETECTION)), "")
            actor, is_dark = who.get(contact, (None, None))
            causes[event] = "sensor" if actor is None else "unknown" if is_dark else "heard_vessel"
            continue
        numbers = {i.partition("#")[0] for i in ids}
        beside = truth.filter(
            (pl.col("vessel_ids").list.set_intersection(sorted(numbers)).list.len() > 0)
            & (pl.col("start_at") <= end + pl.duration(seconds=_BESIDE_S))
            & (pl.col("end_at") >= start - pl.duration(seconds=_BESIDE_S))
            & ((pl.col("kind") != kind) | (pl.col("kind") == "gap"))
        )
        first = next((spans[int(n[5:])] for n in sorted(numbers) if n[5:].isdigit() and int(n[5:]) in spans), None)
        if len(beside):
            causes[event] = "other_truth"
        elif kind == "gap" and first is not None and first[0] <= start and first[1] >= end:
            causes[event] = "transmitting"
        else:
            causes[event] = "lawful" if first is not None else "unknown"
    return causes


def why_missed(matching: Matching, events: pl.DataFrame, truth: pl.DataFrame, observable: Mapping[str, object], has_areas: bool) -> dict[str, str]:
    """By truth_id, why a truth was not found.

    Parameters
    ----------
    observable
        By truth_id and sensor of the cell, when it first got anything of it; absent where it got nothing.
    has_areas
        Whether the cell was given areas.

    Returns
    -------
    Codes: `not_seen` (none of its sensors got anything of it), `no_areas`, `one_sided` (of two that met only one was ever heard), `found_as`
    (an event of another kind names the vessel then), `not_raised` (it was there to be seen, and no rule raised it).
    """
    missed = matching.truth.filter(pl.col("verdict") == "missed")["truth_id"].implode()
    causes: dict[str, str] = {}
    for name, kind, start, end, ids, actors in truth.filter(pl.col("truth_id").is_in(missed)).select(
        "truth_id", "kind", "start_at", "end_at", "vessel_ids", "actors"
    ).iter_rows():  # fmt: skip
        said = events.filter(
            (pl.col("kind") != kind) & (pl.col("start_at") <= end) & (pl.col("end_at") >= start)
            & (pl.col("vessel_ids").list.eval(pl.element().str.split("#").list.first()).list.set_intersection(list(ids)).list.len() > 0)
        )  # fmt: skip
        if kind == "area" and not has_areas:
            causes[name] = "no_areas"
        elif not observable.get(name):
            causes[name] = "not_seen"
        elif kind == "encounter" and len(ids) < len(actors):
            causes[name] = "one_sided"
        else:
            causes[name] = "found_as" if len(said) else "not_raised"
    return causes
