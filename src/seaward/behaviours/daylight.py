"""time and place -> whether it is dark. Compiled."""

from __future__ import annotations

import math

from numba import njit

_DARK_SIN = math.sin(math.radians(-6.0))  # end of civil twilight
_NOON_2000_US = 946_728_000_000_000  # J2000, 2000-01-01 12:00 UTC


@njit(cache=True, nogil=True)
def is_dark(at_us, lon_deg, lat_deg):
    """Whether the sun is more than 6 degrees below the horizon.

    Limits
    ------
    Good to a degree or so of the sun's place, 5 minutes of twilight near the equator.

    Source
    ------
    Low precision formulas for the sun, Astronomical Almanac, page C5; the equation of time follows from right ascension.
    """
    days = (at_us - _NOON_2000_US) / 86_400e6
    mean = math.radians((280.460 + 0.9856474 * days) % 360.0)
    anomaly = math.radians((357.528 + 0.9856003 * days) % 360.0)
    along = mean + math.radians(1.915) * math.sin(anomaly) + math.radians(0.020) * math.sin(2.0 * anomaly)
    tilt = math.radians(23.439)
    declination = math.asin(math.sin(tilt) * math.sin(along))
    right_ascension = math.atan2(math.cos(tilt) * math.sin(along), math.cos(along))
    sidereal = math.radians((280.46062 + 360.98564737 * days + lon_deg) % 360.0)
    lat = math.radians(lat_deg)
    high = math.sin(lat) * math.sin(declination) + math.cos(lat) * math.cos(declination) * math.cos(sidereal - right_ascension)
    return high < _DARK_SIN
