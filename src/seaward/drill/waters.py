"""The chart as the cast uses it: ways, berths and places at sea, of which none depends on what else a scenario holds."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from seaward.chart.sea_grid import SeaGrid, sea_grid
from seaward.chart.sea_way import is_free, sea_way
from seaward.core.units import NM_M
from seaward.drill.itinerary import bearing_deg, moved
from seaward.drill.scenario import Box, Place

_MARGIN_DEG = 1.0  # around the area of a scenario: ways that leave it for a little
_GROW_DEG = 5.0  # areas of ways that lie beyond grow in steps of this, so that they are shared
_TRIES = 60  # draws for a free place before a crowded one is taken


class Waters:
    """Ways and places at sea in and around the area of one scenario."""

    def __init__(self, bbox: Box) -> None:
        west, south, east, north = bbox
        self.width_deg = (east - west) % 360.0 or 360.0
        self.box = (west - _MARGIN_DEG, max(-89.0, south - _MARGIN_DEG), west + self.width_deg + _MARGIN_DEG, min(89.0, north + _MARGIN_DEG))

    def grid(self, *places: Place) -> SeaGrid:
        """The grid of the area, grown for those places that lie outside; of the others it knows nothing."""
        west, south, east, north = self.box
        for lon, lat in places:
            right = (lon - west) % 360.0
            if right > east - west:
                left = 360.0 - right
                beyond = right - (east - west)
                if beyond <= left:
                    east += _GROW_DEG * math.ceil(beyond / _GROW_DEG)
                else:
                    west -= _GROW_DEG * math.ceil(left / _GROW_DEG)
            south -= max(0.0, _GROW_DEG * math.ceil((south - lat) / _GROW_DEG))
            north += max(0.0, _GROW_DEG * math.ceil((lat - north) / _GROW_DEG))
        return sea_grid((west, max(-90.0, south), min(east, west + 360.0), min(90.0, north)))

    def at_sea(self, place: Place) -> Place:
        """The place, or the nearest at sea."""
        lon, lat, _ = self.grid(place).to_sea(*place)
        return lon, lat

    def way(self, start: Place, end: Place, keep_off_nm: float = 0.0) -> list[Place]:
        """Points of the way from start to end, both at sea; the first is the start."""
        found = sea_way(self.grid(start, end), start, end, keep_off_nm)
        return list(zip(found.lon_deg.tolist(), found.lat_deg.tolist(), strict=True))

    def along(self, places: tuple[Place, ...], keep_off_nm: float = 0.0) -> list[Place]:
        """Points of the way by all places."""
        points = [self.at_sea(places[0])]
        for one, two in pairwise(places):
            points += self.way(one, two, keep_off_nm)[1:]
        return points

    def beside(self, points: list[Place], right_m: float) -> list[Place]:
        """A way to the right of another (to the left when negative), as far off as land allows."""
        out: list[Place] = []
        for k, here in enumerate(points):
            before, after = points[max(0, k - 1)], points[min(len(points) - 1, k + 1)]
            across = bearing_deg(before, after) + 90.0
            for share in (1.0, 0.5, 0.25, 0.0):
                there = moved(here, across, share * right_m)
                grid = self.grid(there, here)
                if grid.is_sea(*there) and (not out or is_free(grid, out[-1], there)):
                    out.append(there)
                    break
            else:
                out += self.way(out[-1], here)[1:] if out else [self.at_sea(here)]
        return out

    def somewhere(self, rng: np.random.Generator, around: Place, radius_nm: float, others: list[Place], spacing_m: float) -> Place:
        """A place at sea within a circle (around the nearest sea, where its middle is on land), off the others if there is room."""
        centre = self.at_sea(around)
        found = centre
        for _ in range(_TRIES):
            there = moved(centre, float(rng.uniform(0, 360)), radius_nm * NM_M * math.sqrt(float(rng.uniform())))
            grid = self.grid(there, centre)
            if not grid.is_sea(*there):
                continue
            found = there
            if all(_near_m(there, o) >= spacing_m for o in others):
                return there
        return found


def _near_m(one: Place, two: Place) -> float:
    """Distance [m] on a plane: for places near to each other."""
    east = ((two[0] - one[0] + 180.0) % 360.0 - 180.0) * math.cos(math.radians(one[1]))
    return math.hypot(east, two[1] - one[1]) * 111_195.0
