"""How often a transmitter sends: ITU-R M.1371-5, annex 1, tables 1 and 2; how it notices a turn: annex 2, 4.3. For compiled loops."""

from __future__ import annotations

import math

from numba import njit

from seaward.core.geodesy import wrap_deg

STATIC_MS = 360_000  # static data every 6 minutes: M.1371-5 annex 1, 4.2.1
TURN_DEG = 5.0  # heading off its mean of 30 s by more: a turn (annex 2, 4.3)
TURN_HOLD_MS = 20_000  # the higher rate lasts until so long after (same)
_MEAN_MS = 15_000.0  # an exponential mean lags behind a steady turn as that over 30 s does: by its half
JITTER = 0.2  # the slot is chosen within so much of the interval: annex 2, selection interval
AT_ANCHOR, MOORED = 1, 5  # navigational status, M.1371-5 table 48


@njit(cache=True, nogil=True)
def interval_ms(ais_class, sog_kn, status, is_turning):
    """Between two position reports [ms], by class (index in scenario.AIS_CLASSES), speed, navigational status and whether the course changes."""
    if ais_class == 2:  # class B SOTDMA
        if sog_kn <= 2.0:
            return 180_000
        if sog_kn <= 14.0:
            return 30_000
        return 15_000 if sog_kn <= 23.0 else 5_000
    if ais_class == 3:  # class B carrier sense
        return 180_000 if sog_kn <= 2.0 else 30_000
    if status in (AT_ANCHOR, MOORED):
        return 180_000 if sog_kn <= 3.0 else 10_000
    if sog_kn <= 14.0:
        return 3_333 if is_turning else 10_000
    if sog_kn <= 23.0:
        return 2_000 if is_turning else 6_000
    return 2_000


@njit(cache=True, nogil=True)
def mean_heading_deg(mean_deg, heading_deg, passed_ms):
    """The mean heading after some time at another."""
    return mean_deg + wrap_deg(heading_deg - mean_deg) * (1.0 - math.exp(-passed_ms / _MEAN_MS))
