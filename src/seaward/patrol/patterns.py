"""An area and a track spacing -> the turning points of a search as the IAMSAR manual draws it, in nautical miles east and north of a corner or datum.

Source: IAMSAR Manual volume II, chapter 5, and volume III, section on search patterns. PS and CS begin half a spacing inside a corner and keep half a
spacing off every side; SS grows its legs by one spacing every second leg; VS turns 120 degrees to the right after legs of one radius.
"""

from __future__ import annotations

import math
from itertools import pairwise

from seaward.core.errors import ParameterError

Point = tuple[float, float]


def parallel(wide_nm: float, high_nm: float, tracks: int) -> list[Point]:
    """PS: tracks along the longer side of a rectangle whose south-west corner is (0, 0).

    Parameters
    ----------
    wide_nm, high_nm
        Sides to the east and to the north.
    tracks
        How many; the spacing S is the shorter side divided by it, and the way is area / S - S long. One alone runs from side to side.

    Returns
    -------
    Turning points, the commence search point first.
    """
    return _sweeps(wide_nm, high_nm, tracks, wide_nm >= high_nm)


def creeping(wide_nm: float, high_nm: float, tracks: int) -> list[Point]:
    """CS: as `parallel`, the tracks along the shorter side, advancing along the longer."""
    return _sweeps(wide_nm, high_nm, tracks, wide_nm < high_nm)


def _sweeps(wide: float, high: float, tracks: int, eastward: bool) -> list[Point]:
    _positive(wide_nm=wide, high_nm=high, tracks=tracks)
    along, across = (wide, high) if eastward else (high, wide)
    spacing = across / tracks
    inside = min(spacing, along) / 2 if tracks > 1 else 0.0
    points = []
    for k in range(tracks):
        ends = [(inside, (k + 0.5) * spacing), (along - inside, (k + 0.5) * spacing)]
        points += ends if k % 2 == 0 else ends[::-1]
    return points if eastward else [(y, x) for x, y in points]


def expanding_square(spacing_nm: float, legs: int, first_deg: float = 0.0) -> list[Point]:
    """SS: from the datum (0, 0), legs of S, S, 2S, 2S, 3S, ..., each turned 90 degrees to the right.

    Parameters
    ----------
    spacing_nm
        S.
    legs
        How many; 2 n of them are n (n + 1) S long.
    first_deg
        Course of the first, usually down-drift or into the wind.
    """
    _positive(spacing_nm=spacing_nm, legs=legs)
    return _walked([(spacing_nm * (k // 2 + 1), first_deg + 90.0 * k) for k in range(legs)])


def sector(radius_nm: float, first_deg: float = 0.0, rounds: int = 1) -> list[Point]:
    """VS: three equilateral triangles through the datum (0, 0): nine legs of one radius; each further round is turned 30 degrees to the right.

    Parameters
    ----------
    radius_nm
        Of the circle, and of each leg: 9 radii a round.
    first_deg
        Course of the first leg.
    rounds
        1 or 2.
    """
    _positive(radius_nm=radius_nm, rounds=rounds)
    legs, course = [], first_deg
    for n in range(rounds):
        course = first_deg + 30.0 * n
        for _ in range(3):  # out, across, back through the datum, on along the same course
            legs += [(radius_nm, course), (radius_nm, course + 120.0), (radius_nm, course + 240.0)]
            course += 240.0
    return _walked(legs)


def _walked(legs: list[tuple[float, float]]) -> list[Point]:
    x = y = 0.0
    points = [(x, y)]
    for length, course in legs:
        x, y = x + length * math.sin(math.radians(course)), y + length * math.cos(math.radians(course))
        points.append((x, y))
    return points


def length_of(points: list[Point]) -> float:
    """Length of the way [nm]."""
    return sum(math.dist(a, b) for a, b in pairwise(points))


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not (value > 0 and math.isfinite(value)):
            raise ParameterError(f"expected {name} above 0, got {value}")
