"""Positions [degree] -> distances [m] and bearings [degree], right across 180 degrees and at the poles."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

from seaward.core.units import EARTH_RADIUS_M

_WGS84 = Geod(ellps="WGS84")
_RAD = math.pi / 180.0


@njit(cache=True, nogil=True, inline="always")
def distance_m(lon1_deg, lat1_deg, lon2_deg, lat2_deg):
    """Great-circle distance [m] on the mean sphere (haversine); for compiled loops. Off by at most 0.6 % from the ellipsoid."""
    s1 = math.sin((lat2_deg - lat1_deg) * _RAD * 0.5)
    s2 = math.sin((lon2_deg - lon1_deg) * _RAD * 0.5)
    a = s1 * s1 + math.cos(lat1_deg * _RAD) * math.cos(lat2_deg * _RAD) * s2 * s2
    return 2.0 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, a)))


@njit(cache=True, nogil=True, inline="always")
def wrap_deg(lon_deg):
    """An angle [degree] brought into [-180, 180); for compiled loops."""
    return (lon_deg + 180.0) % 360.0 - 180.0


def great_circle_m(lon1_deg: ArrayLike, lat1_deg: ArrayLike, lon2_deg: ArrayLike, lat2_deg: ArrayLike) -> NDArray[np.float64]:
    """Great-circle distances on the mean sphere.

    Parameters
    ----------
    lon1_deg, lat1_deg, lon2_deg, lat2_deg
        Positions [degree], shapes that broadcast together.

    Returns
    -------
    Distances [m]; not a number where an input is not.

    Limits
    ------
    A sphere: up to 0.6 % from the WGS84 ellipsoid; use `geodesic_m` where that matters.
    """
    lon1, lat1, lon2, lat2 = (np.radians(np.asarray(x, np.float64)) for x in (lon1_deg, lat1_deg, lon2_deg, lat2_deg))
    a = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, a)))


def geodesic_m(lon1_deg: ArrayLike, lat1_deg: ArrayLike, lon2_deg: ArrayLike, lat2_deg: ArrayLike) -> NDArray[np.float64]:
    """Exact distances [m] on the WGS84 ellipsoid (Karney 2013, doi:10.1007/s00190-012-0578-z, through PROJ)."""
    arrays = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (lon1_deg, lat1_deg, lon2_deg, lat2_deg)))
    lon1, lat1, lon2, lat2 = (np.array(a) for a in arrays)  # copies: PROJ writes into them
    return np.asarray(_WGS84.inv(lon1, lat1, lon2, lat2)[2], np.float64)


def destination_deg(
    lon_deg: ArrayLike, lat_deg: ArrayLike, bearing_deg: ArrayLike, distance_m: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where one arrives on the WGS84 ellipsoid.

    Parameters
    ----------
    lon_deg, lat_deg
        Start [degree].
    bearing_deg
        Initial true bearing [degree].
    distance_m
        Distance along the geodesic [m].

    Returns
    -------
    lon_deg, lat_deg
        End [degree], longitude in [-180, 180).
    """
    arrays = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (lon_deg, lat_deg, bearing_deg, distance_m)))
    lon, lat, bearing, distance = (np.array(a) for a in arrays)  # copies: PROJ writes into them
    lon, lat, _ = _WGS84.fwd(lon, lat, bearing, distance)
    return (np.asarray(lon) + 180.0) % 360.0 - 180.0, np.asarray(lat, np.float64)


def mean_position_deg(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[float, float]:
    """The middle of positions [degree] on the sphere: right across 180 degrees, where averaging longitudes is not."""
    lon, lat = np.radians(np.asarray(lon_deg, np.float64)), np.radians(np.asarray(lat_deg, np.float64))
    x, y, z = (np.cos(lat) * np.cos(lon)).mean(), (np.cos(lat) * np.sin(lon)).mean(), np.sin(lat).mean()
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))
