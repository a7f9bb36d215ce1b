"""Legs of a plan, as planned or as changed -> what each place has been looked at by an hour, and the acts that they are expected to meet. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seaward.patrol.coverage import found
from seaward.patrol.problem import Problem
from seaward.patrol.voyage import Leg


def looked_at(problem: Problem, asset: str, legs: Sequence[Leg], until_h: float) -> NDArray[np.float64]:
    """Coverage that an asset has given to each pot by an hour, shape (pots,); of a search across epochs, its share of the time in each."""
    cover, act_h, n = np.zeros(problem.fleet.pots), problem.asked.risk["act_h"], len(problem.cells)
    for leg in legs:
        if leg.asset != asset or leg.cell < 0 or leg.start_h >= until_h:
            continue
        edges = np.arange(math.floor(leg.start_h / act_h) + 1, math.ceil(leg.end_h / act_h)) * act_h
        for begin, end in pairwise([leg.start_h, *edges.tolist(), leg.end_h]):
            share = max(0.0, min(end, until_h) - begin) / (leg.end_h - leg.start_h)
            cover[min(problem.epochs - 1, int((begin + end) / 2 // act_h)) * n + leg.cell] += share * leg.cover
    return cover


def acts_met(problem: Problem, weight: NDArray[np.float64], legs: Sequence[Leg]) -> float:
    """Acts that the search legs are expected to meet, from the beginning of the plan to its end; meetings with targets do not count."""
    names = dict.fromkeys(leg.asset for leg in legs)
    return found(weight, sum((looked_at(problem, name, legs, problem.hours) for name in names), np.zeros(problem.fleet.pots)))
