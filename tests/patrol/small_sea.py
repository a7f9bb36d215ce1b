"""A square sea on a plane, a port at its corner, ships and boats: small enough to try everything."""

from __future__ import annotations

import numpy as np

from seaward.patrol.fleet import Fleet, Group
from seaward.patrol.lattice import Lattice, Reach, Start, lattice_of

SIDE_NM = 60.0


def sea(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Ways between cells and from the port [nm]."""
    y, x = (SIDE_NM * a.ravel() for a in np.mgrid[0:side, 0:side])
    return np.hypot(x[:, None] - x, y[:, None] - y), np.hypot(x + SIDE_NM, y)


def lattice(side: int, steps: int, reach: Reach | None = None, epochs: int = 1, levels: int = 1) -> Lattice:
    """Steps of six hours."""
    between, port = sea(side)
    reach = reach or Reach(13.0, (20.0, 10.0)[:levels], 24.0 * 30, 0.0)
    level = np.arange(steps) // 2 % levels
    return lattice_of(reach, 6.0, between, port, np.full(side * side, 3_600.0), SIDE_NM, level, np.arange(steps) * epochs // steps)


def fleet(side: int = 4, steps: int = 10, ships: int = 2, boats: int = 1, epochs: int = 1) -> Fleet:
    """Ships that stay out, and boats that are out for a day and a half and rest for half a day."""
    n = side * side
    groups = [Group(lattice(side, steps, epochs=epochs), Start(n), ships)]
    if boats:
        groups.append(Group(lattice(side, steps, Reach(15.0, (12.0,), 36.0, 12.0), epochs), Start(n), boats))
    return Fleet(tuple(groups), n * epochs)


def risk(pots: int, seed: int = 0) -> np.ndarray:
    """What pots hold."""
    return np.random.default_rng(seed).gamma(0.5, 1.0, pots)
