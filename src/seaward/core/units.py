"""The only place where one unit becomes another, and the constants that carry a unit."""

from __future__ import annotations

import math
from datetime import UTC, datetime

NM_M = 1852.0  # metres in a nautical mile (exact, International Hydrographic Conference 1929)
KN_MPS = NM_M / 3600.0  # metres per second in a knot
EARTH_RADIUS_M = 6371008.8  # mean radius R1 of GRS80 (Moritz 2000, doi:10.1007/s001900050278)
DEG_M = EARTH_RADIUS_M * math.pi / 180.0  # metres in a degree of arc on the mean sphere
FIX_ERROR_M = 10.0  # one sigma of a position marked accurate, ITU-R M.1371-5 table 48
MINUTE_S = 60.0
HOUR_S = 3600.0
US_PER_S = 1_000_000  # microseconds in a second: every `_at` column counts microseconds since 1970-01-01 UTC


def nm_to_m(distance_nm: float) -> float:
    """Nautical miles to metres."""
    return distance_nm * NM_M


def kn_to_mps(speed_kn: float) -> float:
    """Knots to metres per second."""
    return speed_kn * KN_MPS


def mps_to_kn(speed_mps: float) -> float:
    """Metres per second to knots."""
    return speed_mps / KN_MPS


def at_to_us(at: datetime) -> int:
    """An aware moment to microseconds since 1970-01-01 UTC; naive moments are refused."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; write it with one, such as {at.isoformat()}Z")
    delta = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * US_PER_S + delta.microseconds
