"""Where hulls truly are at moments between ticks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seaward.drill.hulls import F64, I64, U8, Stretch


class Moment(NamedTuple):
    """Place and motion; shape (n,) each."""

    lon_deg: F64
    lat_deg: F64
    sog_kn: F64
    cog_deg: F64
    activity: U8


def moments(sea: Stretch, hull: I64, at_ms: I64) -> Moment:
    """Of hulls at moments within a stretch, straight between two ticks; the activity is that of the later."""
    i = np.clip(np.searchsorted(sea.at_ms, at_ms) - 1, 0, len(sea.at_ms) - 2)
    share = (at_ms - sea.at_ms[i]) / (sea.at_ms[i + 1] - sea.at_ms[i])
    lon, lat, sog, cog = (x[i, hull] for x in (sea.lon_deg, sea.lat_deg, sea.sog_kn, sea.cog_deg))
    lon = lon + share * ((sea.lon_deg[i + 1, hull] - lon + 180.0) % 360.0 - 180.0)
    cog = cog + share * ((sea.cog_deg[i + 1, hull] - cog + 180.0) % 360.0 - 180.0)
    return Moment(
        (lon + 180.0) % 360.0 - 180.0, lat + share * (sea.lat_deg[i + 1, hull] - lat), sog + share * (sea.sog_kn[i + 1, hull] - sog), cog % 360.0,
        sea.activity[i + 1, hull],
    )  # fmt: skip
