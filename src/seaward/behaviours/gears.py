"""Fishing gears -> the phases in which each is worked: at which speeds, for how long, how straight. Tables for the compiled model in `activity`.

Sources were read as excerpts, Eigaard et al. through the table named beside it; `ours` has none that we found. No figure was chosen by looking at
labelled tracks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from seaward.core.units import HOUR_S

_MIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Phase:
    """One thing a vessel does with its gear: any speed between two is as likely; left after the dwell on average."""

    low_kn: float
    high_kn: float
    dwell_s: float
    hold_s: float  # after which it has mostly lost the course it had
    is_work: bool = True
    dark: float = 0.5  # chance that it is dark then


@dataclass(frozen=True, slots=True)
class Gear:
    """What comes beside lying at rest and being under way, in the order in which it mostly comes."""

    phases: tuple[Phase, ...]


GEARS: dict[str, Gear] = {
    "any": Gear((Phase(0.025, 5.5, 2 * HOUR_S, HOUR_S),)),  # MonitorFish, detection of fishing activity: 0.025 to 5.5 kn; times ours
    "trawl": Gear((
        # 2.5 to 5.0 kn: Wang et al. 2015, J. Ocean Univ. China, single otter trawl; means of 2.5 to 4.1 kn by kind, two sigma below the lowest:
        # 1.9 kn: Eigaard et al. 2016, doi:10.1093/icesjms/fsv099, as given in github.com/frabas/FisheriesImpactTool gearCharacteristics.R; times ours
        Phase(1.9, 5.0, 2.5 * HOUR_S, 2 * HOUR_S),
        Phase(0.2, 1.9, 25 * _MIN_S, 30 * _MIN_S),  # hauls: ours
    )),
    "dredge": Gear((
        Phase(1.5, 3.5, 30 * _MIN_S, 20 * _MIN_S),  # mean of 2.5 kn: Eigaard et al. 2016 as above, DRB_MOL, 33 answers; 1 kn about it and times ours
        Phase(0.0, 1.5, 10 * _MIN_S, 10 * _MIN_S),  # hauls: ours
    )),
    "purse_seine": Gear((
        Phase(4.0, 11.0, 1.5 * HOUR_S, 10 * _MIN_S, is_work=False),  # searches: ours
        Phase(5.0, 10.0, 8 * _MIN_S, 2 * _MIN_S),  # about 8 minutes: help.starboard.nz, Identifying purse seine, after TMT and IMCS 2021; speed ours
        Phase(0.0, 1.5, 1.5 * HOUR_S, HOUR_S),  # purses and hauls, "several hours": the same; speed ours
    )),
    "longline": Gear((
        Phase(4.0, 7.0, 5 * HOUR_S, 4 * HOUR_S),  # 4 to 6 kn: map.seafdec.org Chapter7_vn_ll; about 7: pelamisgroup.com, Long-line; times ours
        Phase(0.0, 1.5, 6 * HOUR_S, 3 * HOUR_S, is_work=False),  # it soaks for 5 to 12 h: pelamisgroup.com; adrift: ours
        Phase(2.0, 4.0, 8 * HOUR_S, HOUR_S),  # hauls at 2.5 to 3.5 kn: SEAFDEC as above, half a knot about it and times ours
    )),
    "squid_jig": Gear((
        # "most often takes place at night": www.fao.org/docrep/003/t0511e/T0511E02.htm; adrift, speed, times, chances: ours
        Phase(0.1, 1.5, 9 * HOUR_S, 3 * HOUR_S, dark=0.95),
        Phase(0.0, 1.5, 9 * HOUR_S, 3 * HOUR_S, is_work=False, dark=0.05),  # sleeps by day: ours
    )),
    "pots": Gear((
        Phase(0.2, 2.5, 20 * _MIN_S, 10 * _MIN_S),  # hauls: ours
        Phase(2.5, 5.5, 8 * _MIN_S, 30 * _MIN_S),  # shoots: ours
    )),
    "gillnet": Gear((
        Phase(2.5, 4.5, HOUR_S, HOUR_S),  # sets at 3 to 4 kn: map.seafdec.org Monograph_vietnam gill_net_dgn, half a knot about it and times ours
        Phase(0.0, 1.5, 6 * HOUR_S, 3 * HOUR_S, is_work=False),  # set at 3 to 5 pm, hauled the next morning: the same; adrift: ours
        Phase(0.2, 2.0, 2 * HOUR_S, 20 * _MIN_S),  # hauls: ours
    )),
}  # fmt: skip
ANY = "any"  # no gear asked for
UNKNOWN = "unknown"  # one of them: the track has to tell which
NAMES = tuple(GEARS)
CHOICE = (UNKNOWN, *NAMES)
GIVABLE = tuple(name for name in NAMES if name != ANY)  # those a vessel can have
# The other side: a vessel that does not fish is also adrift and slow at times, and then holds its course; ours
_NOT_FISHING = Gear((Phase(0.1, 2.0, 6 * HOUR_S, 3 * HOUR_S, is_work=False), Phase(1.0, 8.0, 1.5 * HOUR_S, 3 * HOUR_S, is_work=False)))

REST_DWELL_S, WAY_DWELL_S = 4 * HOUR_S, HOUR_S  # of every vessel; ours
WAY_HOLD_S = 3 * HOUR_S  # ours
REST_SD_KN = 0.15  # speed of a vessel that lies still, by GNSS; ours
STILL_SD_KN = 0.08  # speed made good in half an hour of a vessel at berth or at anchor: it swings by some 70 m; ours
EDGE_KN = 0.5  # softness of the upper edge of a phase's speeds; ours
WAY_KN, WAY_SD_KN = 9.0, 3.0  # speed under way of fishing vessels of all sizes; ours
TOP_KN = 30.0  # speeds above are as this one
_NEXT = 0.6  # chance that a phase is followed by the next one, not by any other state; ours
_LONGEST_S = 2 * HOUR_S  # a longer silence ends a chain
STEPS_KN, STEPS = 0.02, 96  # of the tables, in speed and in the logarithm of time
FLOOR = 1e-4  # density of a speed that no model expects [1/kn]; ours


def prior_of(gear: str) -> NDArray[np.float64]:
    """Chances of the gears of a vessel before its track is seen, shape (gears,): all alike where unknown, which favours none; ours."""
    if gear == UNKNOWN:
        return np.full(len(NAMES), 1 / len(NAMES))
    return (np.arange(len(NAMES)) == NAMES.index(gear)).astype(float)


@dataclass(frozen=True, slots=True)
class Tables:
    """The models as arrays, one row each: the gears of `NAMES`, then the vessel that does not fish. States: at rest, under way, the phases."""

    states: NDArray[np.int64]  # how many
    low_kn: NDArray[np.float64]  # shape (models, states)
    high_kn: NDArray[np.float64]
    hold_s: NDArray[np.float64]
    is_work: NDArray[np.float64]
    dark: NDArray[np.float64]  # logarithm of how much likelier by day, and by night, than at any time, shape (models, states, 2)
    told: NDArray[np.float64]  # logarithm of the density of a reported speed, shape (models, states, speeds)
    step: NDArray[np.float64]  # chance to go from a state to another in a time, shape (models, times, states, states)


@cache
def tables() -> Tables:
    """Built once."""
    models = (*GEARS.values(), _NOT_FISHING)
    wide = 2 + max(len(m.phases) for m in models)
    shape = len(models), wide
    low, high, hold, work = np.zeros(shape), np.ones(shape), np.full(shape, WAY_HOLD_S), np.zeros(shape)
    speeds = np.arange(0.0, TOP_KN + STEPS_KN, STEPS_KN)
    dark = np.zeros((*shape, 2))
    told, step = np.zeros((*shape, len(speeds))), np.zeros((len(models), STEPS, wide, wide))
    for m, model in enumerate(models):
        for k, p in enumerate(model.phases, 2):
            low[m, k], high[m, k], hold[m, k], work[m, k] = p.low_kn, p.high_kn, p.hold_s, p.is_work
            dark[m, k] = math.log(2.0 * (1.0 - p.dark)), math.log(2.0 * p.dark)
        for k in range(2 + len(model.phases)):
            told[m, k] = [math.log(density(k, v, REST_SD_KN, low[m, k], high[m, k])) for v in speeds.tolist()]
        n = 2 + len(model.phases)
        rate = _rates(model)
        for t in range(STEPS):
            step[m, t, :n, :n] = _grown(rate * _LONGEST_S ** (t / (STEPS - 1)))
    return Tables(np.array([2 + len(m.phases) for m in models], np.int64), low, high, hold, work, dark, told, step)


def density(state: int, speed_kn: float, sd_kn: float, low_kn: float, high_kn: float) -> float:
    """Density of a speed in a state [1/kn]: about nothing at rest, about a cruising speed or above under way, between two in a phase."""
    if state == 0:
        z = speed_kn / sd_kn
        return math.exp(-0.5 * z * z) / sd_kn * 0.7978845608 + FLOOR
    if state == 1:
        z = min(0.0, (speed_kn - WAY_KN) / WAY_SD_KN)
        return math.exp(-0.5 * z * z) / WAY_SD_KN * 0.3989422804 + FLOOR
    rise = 0.5 * (1.0 + math.erf((speed_kn - low_kn) / sd_kn / 1.4142135623730951))
    fall = 0.5 * (1.0 + math.erf((high_kn - speed_kn) / EDGE_KN / 1.4142135623730951))
    return rise * fall / (high_kn - low_kn) + FLOOR


def _rates(model: Gear) -> NDArray[np.float64]:
    """Rates from state to state [1/s]: out of each at the rate of its dwell, mostly to what comes next."""
    n = 2 + len(model.phases)
    dwell_s = [REST_DWELL_S, WAY_DWELL_S, *(p.dwell_s for p in model.phases)]
    rate = np.zeros((n, n))
    for k in range(n):
        after = 2 if k == 1 else k + 1 if 2 <= k < n - 1 else 2 if k == n - 1 > 2 else -1  # from rest, and from a lone phase, to any
        share = np.full(n, 1.0 / (n - 1)) if after < 0 else np.where(np.arange(n) == after, _NEXT, (1 - _NEXT) / (n - 2))
        share[k] = 0.0
        rate[k] = share / dwell_s[k]
        rate[k, k] = -1.0 / dwell_s[k]
    return rate


def _grown(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrix exponential, by scaling and squaring."""
    halvings = max(0, math.ceil(math.log2(max(np.abs(power).sum(1).max(), 1e-12)))) + 4
    small = power / 2**halvings
    term = whole = np.eye(len(power))
    for k in range(1, 9):
        term = term @ small / k
        whole = whole + term
    for _ in range(halvings):
        whole = whole @ whole
    return whole
