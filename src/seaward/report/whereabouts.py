"""Positions -> the nearest named place, how far and in which direction from it, in words: 12.4 nm WSW of Chimbote."""

from __future__ import annotations

import numpy as np
import polars as pl

from seaward.chart.gazetteer import towns
from seaward.chart.places import Places
from seaward.core.catalogue import render
from seaward.core.units import NM_M, nm_to_m
from seaward.report.words import shown, spoken

POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_USERS_OWN_M = nm_to_m(50)  # ours: the user's own names are used within it


def whereabouts(events: pl.DataFrame, places: Places | None, language: str) -> list[str]:
    """Where events are, seen from the nearest of the user's places within 50 nm, else from the nearest of these and of the towns of the gazetteer.

    Parameters
    ----------
    events
        Rows with lon_deg and lat_deg [degree].
    places
        Ports the user gave.
    language
        `en` or `es`.

    Returns
    -------
    One text for each row; distances in nautical miles, true bearings to the nearest of sixteen points.
    """
    if events.is_empty():
        return []
    lon, lat = events["lon_deg"].to_numpy(), events["lat_deg"].to_numpy()
    texts = _seen_from(towns(), lon, lat, language)
    if places is None:
        return [text for _, text in texts]
    own = _seen_from(places, lon, lat, language)
    return [mine if away_m <= max(_USERS_OWN_M, far_m) else other for (away_m, mine), (far_m, other) in zip(own, texts, strict=True)]


def compass(bearing_deg: float, language: str) -> str:
    """The nearest of the sixteen points of the compass; in Spanish west is O."""
    point = POINTS[round(bearing_deg / 22.5) % 16]
    return point.replace("W", "O") if language == "es" else point


def _seen_from(places: Places, lon: np.ndarray, lat: np.ndarray, language: str) -> list[tuple[float, str]]:
    which, away_m = places.nearest(lon, lat)
    bearings = places.bearing_deg(which, lon, lat)
    found = []
    for k, m, bearing in zip(which.tolist(), away_m.tolist(), bearings.tolist(), strict=True):
        values = {"away": spoken(f"{m / NM_M:.1f}" if m < nm_to_m(20) else f"{m / NM_M:.0f}", language), "point": compass(bearing, language)}
        found.append((m, render("report.place", values | {"name": shown(places.names[k], 60)}, language)))
    return found
