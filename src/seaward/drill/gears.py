"""What a crew does with each gear, phase by phase: how long, how fast, how it steers. From manuals and papers, not from any detector.

Ranges are of even chance between their ends. Sources with an address were read for this file; those with a DOI alone are cited from what is known of
them and want a check; `ours` has no source we know of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seaward.core.units import KN_MPS
from seaward.drill.hulls import FISHING, HAULING, SEARCHING, SETTING, WAITING, WORKING
from seaward.drill.scenario import GEARS

STRAIGHT, WINDING, CIRCLE, BACK, FREE = range(5)  # how it steers: on a line; turning now and then; round once; back along the line; adrift
ANY, NIGHT, DAY = range(3)  # when a phase can be; it ends with the night or the day it needs
_ALL = (1440.0, 1440.0)  # [min]: on to dusk or dawn


@dataclass(frozen=True, slots=True)
class Phase:
    """One thing a crew does; then comes the next of the tuple, after the last the first."""

    activity: int
    minutes: tuple[float, float]
    speed_kn: tuple[float, float]
    way: int
    turn_every_min: float = 0.0  # WINDING: mean time between turns
    turn_deg: float = 0.0  # one sigma of a turn
    when: int = ANY
    leeway: float = 1.0  # FREE: share of the leeway of a bare hull


PHASES: dict[str, tuple[Phase, ...]] = {
    "trawl": (
        Phase(SEARCHING, (15, 60), (5, 8), WINDING, 15, 40),  # ours: to the next tow
        Phase(SETTING, (10, 20), (3, 4), STRAIGHT),  # ours: doors and warps out at towing speed
        Phase(FISHING, (90, 240), (2.4, 4.0), WINDING, 40, 12),  # 2.4 to 4 kn: Eigaard et al. 2016, doi:10.1093/icesjms/fsv099; hours ours
        Phase(HAULING, (20, 40), (0.8, 2.0), STRAIGHT),  # ours
    ),
    "purse_seine": (
        Phase(SEARCHING, (40, 180), (6, 10), WINDING, 8, 60),  # it searches: Joo et al. 2015, doi:10.1016/j.fishres.2014.12.004; figures ours
        Phase(SETTING, (4, 8), (6, 9), CIRCLE),  # encircled, then pursed, then hauled: www.issfguidebooks.org/observer-2-06; minutes ours
        Phase(HAULING, (50, 120), (0.0, 0.0), FREE, leeway=0.5),  # held by the net: the same; minutes ours
    ),
    "longline": (
        Phase(SETTING, (240, 360), (4, 6), WINDING, 60, 8),  # 4 to 6 kn: map.seafdec.org/Monograph_project/Chapter7_vn_ll.php; hours ours
        Phase(WAITING, (180, 360), (0.0, 0.0), FREE),  # it soaks, the ship adrift by it: www.bmis-bycatch.org, Soak duration; hours ours
        Phase(HAULING, (420, 600), (2.5, 3.5), BACK),  # 2.5 to 3.5 kn along the line: SEAFDEC as above; hours from line length and speed
        Phase(SEARCHING, (40, 120), (6, 9), WINDING, 30, 20),  # ours: to the next set
    ),
    "squid_jig": (
        Phase(FISHING, _ALL, (0.0, 0.0), FREE, when=NIGHT, leeway=0.3),  # by night: www.fao.org/4/t0511e/T0511E02.htm; sea anchor ours
        Phase(SEARCHING, (60, 180), (5, 9), WINDING, 25, 30),  # ours: to better water in the morning
        Phase(WAITING, _ALL, (0.0, 0.0), FREE, when=DAY, leeway=0.6),  # ours: adrift by day, as the crew sleeps
    ),
    "pots": (
        Phase(SEARCHING, (5, 15), (5, 8), STRAIGHT),  # in rows with a buoy at the end: www.fao.org/3/x2590e/x2590e09.htm; from row to row: ours
        Phase(HAULING, (15, 40), (0.5, 2.0), STRAIGHT),  # along the row: FAO as above; speed and minutes ours
        Phase(SETTING, (5, 12), (3, 6), BACK),  # shot again where it lay: FAO as above; speed and minutes ours
    ),
    "artisanal": (
        Phase(SETTING, (40, 90), (2.5, 5.0), STRAIGHT),  # lines set at 5 kn off Mancora: community.rspb.org.uk (Parra Rivera); nets slower: ours
        Phase(WAITING, (90, 300), (0.0, 0.0), FREE, leeway=0.7),  # nets: Alfaro-Shigueto et al. 2010, doi:10.1016/j.fishres.2010.06.004; hours ours
        Phase(HAULING, (60, 150), (0.5, 1.5), BACK),  # by hand: the same; speed and minutes ours
        Phase(SEARCHING, (20, 60), (4, 6), WINDING, 10, 30),  # ours
    ),
}
assert tuple(PHASES) == GEARS

P_ACTIVITY, P_FROM_MS, P_TO_MS, P_SLOW_MPS, P_FAST_MPS, P_WAY, P_TURN_MS, P_TURN_DEG, P_WHEN, P_LEEWAY = range(10)
PHASE_COUNT: NDArray[np.int64] = np.array([len(PHASES[g]) for g in GEARS], np.int64)


def _table() -> NDArray[np.float64]:
    table = np.zeros((len(GEARS), int(PHASE_COUNT.max()), 10))
    for g, gear in enumerate(GEARS):
        for p, phase in enumerate(PHASES[gear]):
            minutes, speeds = (60_000.0 * m for m in phase.minutes), (KN_MPS * v for v in phase.speed_kn)
            row = (phase.activity, *minutes, *speeds, phase.way, 60_000.0 * phase.turn_every_min, phase.turn_deg, phase.when, phase.leeway)
            table[g, p] = row
    return table


PHASE_TABLE = _table()  # shape (gears, phases, 10): PHASES for compiled loops


def longest_pause_ms(gear: str) -> int:
    """The longest that a crew at work pauses between one cycle of its gear and the next; the days of a night fishery are no pauses."""
    idle = [p.minutes[1] for p in PHASES[gear] if p.activity not in WORKING and p.when == ANY]
    return int(max(idle) * 60_000)
