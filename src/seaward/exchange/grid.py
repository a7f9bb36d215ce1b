"""A position -> the middle of its cell: the same for every position in the cell, so that no number of updates averages to anything better."""

from __future__ import annotations

import math
from functools import lru_cache

_LAT_DEGREE_M = 110_574.0  # shortest degree of latitude, at the equator: WGS84, NGA.STND.0036 (2014)
_LON_DEGREE_M = 111_319.49  # degree of longitude at the equator on WGS84: a * pi / 180
_TURN_UDEG = 360_000_000
_HALF_UDEG = 180_000_000
_QUARTER_UDEG = 90_000_000
_USUAL_M = (18_520, 10_000, 9_260, 5_000, 2_000, 1_852, 1_000, 500, 200, 100)  # grids that people choose; ours


def snap(lon_udeg: int, lat_udeg: int, precision_m: int) -> tuple[int, int]:
    """Snap a position to the middle of its cell.

    Parameters
    ----------
    lon_udeg, lat_udeg
        WGS84 [1e-6 degree].
    precision_m
        Least width of a cell, north to south and east to west [m].

    Returns
    -------
    Longitude and latitude of the middle of the cell [1e-6 degree].

    Limits
    ------
    Cells are wider than asked for by up to a few percent, and near a pole one cell may go all round.
    """
    rows = _rows(precision_m)
    row = min((lat_udeg + _QUARTER_UDEG) * rows // _HALF_UDEG, rows - 1)
    columns = _columns(precision_m, row)
    column = (lon_udeg + _HALF_UDEG) * columns // _TURN_UDEG % columns
    return (2 * column + 1) * _HALF_UDEG // columns - _HALF_UDEG, (2 * row + 1) * _QUARTER_UDEG // rows - _QUARTER_UDEG


def error_on_grid_m(error_m: int | None, precision_m: int) -> int:
    """One sigma along an axis of a snapped position [m]: that of the position and that of an even spread over the cell, `width / sqrt(12)`."""
    return math.ceil(math.hypot(error_m or 0, precision_m / math.sqrt(12)))


@lru_cache(maxsize=1024)
def _rows(precision_m: int) -> int:
    return max(1, int(180 * _LAT_DEGREE_M / precision_m))


@lru_cache(maxsize=65_536)
def _columns(precision_m: int, row: int) -> int:
    """How many cells go round in this row: as many as are wide enough at its edge nearer to a pole."""
    rows = _rows(precision_m)
    edge_deg = max(abs(row * 180 / rows - 90), abs((row + 1) * 180 / rows - 90))
    return max(1, int(360 * _LON_DEGREE_M * math.cos(math.radians(min(edge_deg, 90))) / precision_m))


@lru_cache(maxsize=262_144)
def cell_of(lon_udeg: int, lat_udeg: int, error_m: int) -> int:
    """The grid that a position was snapped to, as it and its stated error tell.

    Parameters
    ----------
    lon_udeg, lat_udeg
        As received [1e-6 degree].
    error_m
        As stated: one sigma along each axis, the grid counted in [m].

    Returns
    -------
    Width of the cell [m]; 0 where none fits: then the error is all that is known.

    Limits
    ------
    Sensors that add an error of their own are seen through for the usual widths alone.
    """
    whole = math.sqrt(12)
    exact = range(max(1, math.floor((error_m - 1) * whole)), math.floor(error_m * whole) + 1)
    for precision_m in (*(p for p in _USUAL_M if p <= error_m * whole), *exact):
        if snap(lon_udeg, lat_udeg, precision_m) == (lon_udeg, lat_udeg):
            return precision_m
    return 0
