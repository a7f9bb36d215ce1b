"""Moment and place -> whether it is night; for compiled loops."""

from __future__ import annotations

import math

from numba import njit

NIGHT_BELOW_DEG = -6.0  # the sun is that low at the end of civil twilight (US Naval Observatory, Rise, Set, and Twilight Definitions)
_RAD = math.pi / 180.0
_DAY_MS = 86_400_000


@njit(cache=True, nogil=True)
def sun_elevation_deg(utc_ms, lon_deg, lat_deg):
    """Height of the sun [degree] at `utc_ms` [ms since 1970 UTC], by local mean solar time.

    Limits
    ------
    Off by up to 4 degrees of hour angle (equation of time) and half a degree of declination: a quarter of an hour at dusk.

    Source
    ------
    Cooper 1969, doi:10.1016/0038-092X(69)90047-4 (declination).
    """
    day = utc_ms / _DAY_MS
    declination = 23.45 * _RAD * math.sin(2.0 * math.pi * (284.0 + (day % 365.2425) + 1.0) / 365.0)
    hour_angle = (day % 1.0) * 2.0 * math.pi + lon_deg * _RAD - math.pi
    lat = lat_deg * _RAD
    return math.asin(math.sin(lat) * math.sin(declination) + math.cos(lat) * math.cos(declination) * math.cos(hour_angle)) / _RAD


@njit(cache=True, nogil=True)
def is_night(utc_ms, lon_deg, lat_deg):
    """True between the end of civil twilight and its begin."""
    return sun_elevation_deg(utc_ms, lon_deg, lat_deg) < NIGHT_BELOW_DEG
