"""Moment and place -> height of the sun. Compiled, for loops that are."""

from __future__ import annotations

import math

from numba import njit

_NOON_2000_US = 946_728_000_000_000  # J2000, 2000-01-01 12:00 UTC


@njit(cache=True, nogil=True)
def sun_elevation_deg(at_us, lon_deg, lat_deg):
    """Height of the sun above the horizon [degree].

    Parameters
    ----------
    at_us
        Microseconds since 1970 UTC.
    lon_deg, lat_deg
        Place [degree].

    Limits
    ------
    Good to half a degree between 1950 and 2050, without refraction.

    Source
    ------
    Astronomical Almanac, low precision formulas for the sun (page C5).
    """
    days = (at_us - _NOON_2000_US) / 86_400e6
    mean = math.radians((280.460 + 0.9856474 * days) % 360.0)
    anomaly = math.radians((357.528 + 0.9856003 * days) % 360.0)
    ecliptic = mean + math.radians(1.915) * math.sin(anomaly) + math.radians(0.020) * math.sin(2.0 * anomaly)
    tilt = math.radians(23.439 - 4e-7 * days)
    right_ascension = math.atan2(math.cos(tilt) * math.sin(ecliptic), math.cos(ecliptic))
    declination = math.asin(math.sin(tilt) * math.sin(ecliptic))
    hour = math.radians((280.46062 + 360.98564737 * days + lon_deg) % 360.0) - right_ascension
    lat = math.radians(lat_deg)
    return math.degrees(math.asin(math.sin(lat) * math.sin(declination) + math.cos(lat) * math.cos(declination) * math.cos(hour)))
