"""Named places - ports, anchorages, landing places - and which of them is nearest, how far and in which direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from seaward.core.geodesy import great_circle_m

LEARNED = "learned"  # kind of a place without a name, learned from where vessels stop


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Points on the sphere with their names and kinds; at least one.

    Parameters
    ----------
    names, kinds
        Texts, of length n; both may be empty.
    lon_deg, lat_deg
        Positions [degree], shape (n,).
    """

    names: tuple[str, ...]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    kinds: tuple[str, ...]
    _tree: KDTree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not len(self.names) == len(self.kinds) == len(self.lon_deg) == len(self.lat_deg) > 0:
            raise ValueError("places need as many names, kinds, longitudes and latitudes, at least one")
        object.__setattr__(self, "_tree", KDTree(_on_sphere(self.lon_deg, self.lat_deg)))

    def __len__(self) -> int:
        return len(self.names)

    @staticmethod
    def join(parts: Sequence[Places | None]) -> Places | None:
        """All places of several; None where there is none."""
        given = [p for p in parts if p is not None]
        if len(given) < 2:
            return given[0] if given else None
        lon, lat = np.concatenate([p.lon_deg for p in given]), np.concatenate([p.lat_deg for p in given])
        return Places(tuple(n for p in given for n in p.names), lon, lat, tuple(k for p in given for k in p.kinds))

    def nearest(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The nearest place to each position.

        Parameters
        ----------
        lon_deg, lat_deg
            Positions [degree], shape (n,), finite; any longitude.

        Returns
        -------
        Number of the place, and great-circle distance to it [m].

        Limits
        ------
        On the mean sphere: distances are up to 0.6 % off. Land between is not looked at.
        """
        lon, lat = np.atleast_1d(np.asarray(lon_deg, np.float64)), np.atleast_1d(np.asarray(lat_deg, np.float64))
        which = np.asarray(self._tree.query(_on_sphere(lon, lat))[1], np.int64)
        return which, great_circle_m(self.lon_deg[which], self.lat_deg[which], lon, lat)

    def bearing_deg(self, which: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.float64]:
        """True bearing [degree, 0 to 360) under which positions lie as seen from these places, on the mean sphere."""
        at = np.asarray(which, np.int64)
        south, north = np.radians(self.lat_deg[at]), np.radians(np.asarray(lat_deg, np.float64))
        east = np.radians(np.asarray(lon_deg, np.float64) - self.lon_deg[at])
        y = np.sin(east) * np.cos(north)
        x = np.cos(south) * np.sin(north) - np.sin(south) * np.cos(north) * np.cos(east)
        return np.degrees(np.arctan2(y, x)) % 360.0


def _on_sphere(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
