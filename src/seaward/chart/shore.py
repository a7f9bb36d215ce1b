"""positions -> distance to the nearest shore, from a raster in the wheel.

The raster holds the signed distance (negative on land) at every tenth of a degree in 256 uneven steps, fine near the
shore; between its nodes it is interpolated, so the shore line itself is finer than a cell. Made by tools/make_coast.py.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

CELL_DEG = 0.1
ROWS, COLUMNS = 1801, 3600  # both poles have a row; column 0 is 180 W
INLAND = 36  # codes below it lie on land
_STEP_M = 450.0  # between codes at the shore; cells are 11 km, interpolation is off by more
_GROWTH = 0.0225  # per code: the last stands for more than 2,690 km, the greatest distance from any shore (48.9 S 123.4 W)


def decode_m(code: ArrayLike) -> NDArray[np.float64]:
    """Signed distances [m] for codes 0 to 255 of the raster, negative on land; code 0 means at least that far inland."""
    k = np.asarray(code, np.float64) - INLAND + 0.5
    return np.sign(k) * _STEP_M * np.expm1(_GROWTH * np.abs(k)) / _GROWTH


def shore_m(lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.float64]:
    """Distance to the nearest shore of sea, island or land.

    Parameters
    ----------
    lon_deg, lat_deg
        Positions [degree], shapes that broadcast together; any longitude, latitude from -90 to 90.

    Returns
    -------
    Distances [m], 0 on land; not a number where an input is not, or where there is no such latitude.

    Limits
    ------
    Against Natural Earth 1:10 million, at 40,000 random places of the seas: at 20 nm from the shore 0.3 km in the median and 2 km in 99 of 100;
    beyond 5 km the larger of 2.5 km and 3 % in 99 of 100. Nearer, 0.5 km in the median and up to 5 km: bays and islands under 10 km blur, and a berth
    may be taken for land. Islets which that map leaves out do not count as shore; lakes count as land.

    Source
    ------
    Natural Earth 4.1, 1:10 million land, public domain (naturalearthdata.com), through npm world-atlas 2.0.2.
    """
    return np.maximum(_signed_m(lon_deg, lat_deg), 0.0)


def inland_m(lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.float64]:
    """How far from the sea a place on land lies.

    Parameters
    ----------
    lon_deg, lat_deg
        As in `shore_m`.

    Returns
    -------
    Distances [m] up to 24,455, 0 at sea; not a number where an input is not, or where there is no such latitude.

    Limits
    ------
    Those of `shore_m`: up to 5 km off near the shore; lakes, rivers and the ports on them count as land. Whatever lies more than 24.4 km inland
    counts as 24.4 km.
    """
    return np.maximum(-_signed_m(lon_deg, lat_deg), 0.0)


def _signed_m(lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.float64]:
    lon, lat = np.broadcast_arrays(np.asarray(lon_deg, np.float64), np.asarray(lat_deg, np.float64))
    codes, metres = _raster()
    return _look_up(np.ascontiguousarray(lon).ravel(), np.ascontiguousarray(lat).ravel(), codes, metres).reshape(lon.shape)


@cache
def _raster() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    with np.load(BytesIO(files("seaward.chart").joinpath("shore.npz").read_bytes())) as packed:
        steps = packed["steps"]
    codes = np.cumsum(np.cumsum(steps, axis=0, dtype=np.uint8), axis=1, dtype=np.uint8)
    return codes, decode_m(np.arange(256)).astype(np.float32)


@njit(cache=True, nogil=True)
def _look_up(lon_deg, lat_deg, codes, metres):
    out = np.empty(lon_deg.shape[0], np.float64)
    rows, columns = codes.shape
    for i in range(out.shape[0]):
        x, y = ((lon_deg[i] + 180.0) % 360.0) * 10.0, (lat_deg[i] + 90.0) * 10.0
        if not (0.0 <= y <= 1800.0 and x >= 0.0):  # also true of what is not a number
            out[i] = np.nan
            continue
        c, r = min(int(x), columns - 1), min(int(y), rows - 2)
        fx, fy, e = x - c, y - r, c + 1 if c + 1 < columns else 0
        south = metres[codes[r, c]] * (1.0 - fx) + metres[codes[r, e]] * fx
        north = metres[codes[r + 1, c]] * (1.0 - fx) + metres[codes[r + 1, e]] * fx
        out[i] = south * (1.0 - fy) + north * fy
    return out
