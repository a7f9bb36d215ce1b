"""Mercator with the coast that comes along: the frame, the land and the net of a chart, for all that is drawn on one."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from seaward.chart.coast import coastline
from seaward.core.geodesy import mean_position_deg
from seaward.report.figure import Figure, Point
from seaward.report.review_words import NONE
from seaward.report.words import position

WIDTH_PX = 1_000
_LEAST_DEG = 0.2  # of a chart's height: less shows a berth, not a sea
LOW_PX, HIGH_PX = 380, 460  # with its key and its title it stands on one landscape page of A4
_MAX_LAT_DEG = 84.0  # Mercator grows without bound
_STEPS_DEG = (1 / 60, 2 / 60, 5 / 60, 10 / 60, 20 / 60, 0.5, 1, 2, 5, 10, 20, 30)


class Frame:
    """Mercator between bounds, longitudes counted on from the middle, so that 180 degrees is no edge."""

    def __init__(self, lon: NDArray[np.float64], lat: NDArray[np.float64], high_px: float = HIGH_PX) -> None:
        self.mid = mean_position_deg(lon, lat)[0]
        x, y = self.mid + (lon - self.mid + 180.0) % 360.0 - 180.0, np.clip(lat, -_MAX_LAT_DEG, _MAX_LAT_DEG)
        tall = max(_LEAST_DEG, y.max() - y.min())
        wide = max(_LEAST_DEG * 1.6, x.max() - x.min())
        margin = 0.06 * max(tall, wide)
        west, east = (x.min() + x.max() - wide) / 2 - margin, (x.min() + x.max() + wide) / 2 + margin
        south, north = (y.min() + y.max() - tall) / 2 - margin, (y.min() + y.max() + tall) / 2 + margin
        south, north = max(south, -_MAX_LAT_DEG), min(north, _MAX_LAT_DEG)
        low, high = _stretched(south), _stretched(north)
        self.height = min(high_px, max(LOW_PX, WIDTH_PX * (high - low) / math.radians(east - west)))
        self.scale = min(WIDTH_PX / math.radians(east - west), self.height / (high - low))  # px per radian
        spare_x = (WIDTH_PX / self.scale - math.radians(east - west)) / 2
        spare_y = (self.height / self.scale - (high - low)) / 2
        self.west = west - math.degrees(spare_x)
        self.east = east + math.degrees(spare_x)
        self.top = high + spare_y
        self.south, self.north = _unstretched(low - spare_y), _unstretched(self.top)

    def at(self, lon: float, lat: float) -> Point:
        """Where a place is drawn."""
        turned = self.mid + (lon - self.mid + 180.0) % 360.0 - 180.0
        return self.along(turned, lat)

    def along(self, x: float, lat: float) -> Point:
        """The same for a longitude that is counted on already."""
        y = _stretched(min(_MAX_LAT_DEG, max(-_MAX_LAT_DEG, lat)))
        return (math.radians(x - self.west) * self.scale, (self.top - y) * self.scale)


def draw_land(figure: Figure, frame: Frame) -> None:
    """The land in the frame."""
    more_deg = 0.02 * (frame.east - frame.west)  # cut outside the frame, so that the cut is not drawn as a shore
    box = (frame.west - more_deg, frame.south - more_deg, frame.east + more_deg, frame.north + more_deg)
    finest_deg = (frame.east - frame.west) / WIDTH_PX
    for polygon in coastline():
        low, high = polygon[0].min(axis=0), polygon[0].max(axis=0)
        for turn in (-360.0, 0.0, 360.0):
            if low[0] + turn > box[2] or high[0] + turn < box[0] or low[1] > box[3] or high[1] < box[1]:
                continue
            outer, *holes = (ring + np.array([turn, 0.0]) for ring in polygon)
            whole = shapely.Polygon(outer, holes)
            within = shapely.simplify(shapely.clip_by_rect(whole, *box), finest_deg)
            for part in shapely.get_parts(within):
                if isinstance(part, shapely.Polygon) and not part.is_empty:
                    rings = [[frame.along(*c) for c in shapely.get_coordinates(ring).tolist()] for ring in (part.exterior, *part.interiors)]
                    path = "".join("M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in ring) + "Z" for ring in rings)
                    figure.shape(path, 0, 0, "f-land")


def draw_net(figure: Figure, frame: Frame, language: str) -> None:
    """Meridians and parallels with their degrees and minutes."""
    step = next((s for s in _STEPS_DEG if (frame.east - frame.west) / s <= 8), _STEPS_DEG[-1])
    for k in range(math.ceil(frame.west / step), math.floor(frame.east / step) + 1):
        x, _ = frame.along(k * step, 0.0)
        figure.line([(x, 0), (x, frame.height)], "f-lat")
        figure.text(x + 3, frame.height - 5, _whole(position(k * step, 0.0, language).split(" ")[1]), "f-mono")
    for k in range(math.ceil(frame.south / step), math.floor(frame.north / step) + 1):
        _, y = frame.along(frame.west, k * step)
        figure.line([(0, y), (WIDTH_PX, y)], "f-lat")
        if y > 14:
            figure.text(3, y - 3, _whole(position(0.0, k * step, language).split(" ")[0]), "f-mono")


def _whole(said: str) -> str:
    """Degrees and whole minutes: lines of the net lie on them."""
    for decimals in (".000", ",000"):
        said = said.replace(decimals, "")
    return said or NONE


def unwrapped(frame: Frame, points: list[list[float]]) -> list[Point]:
    """A line of places as it is drawn, whole across 180 degrees."""
    lon = np.array([p[0] for p in points], np.float64)
    first = frame.mid + (lon[0] - frame.mid + 180.0) % 360.0 - 180.0
    x = first + np.concatenate([[0.0], np.cumsum((np.diff(lon) + 180.0) % 360.0 - 180.0)])
    return [frame.along(float(a), p[1]) for a, p in zip(x, points, strict=True)]


def _stretched(lat_deg: float) -> float:
    return math.asinh(math.tan(math.radians(lat_deg)))


def _unstretched(y: float) -> float:
    return math.degrees(math.atan(math.sinh(y)))
