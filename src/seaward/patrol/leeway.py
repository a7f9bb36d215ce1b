"""What floats -> how the wind moves it through the water: speed, angle off downwind, and the error of both.

Source: Allen and Plourde 1999, Review of Leeway: Field Experiments and Implementation, USCG R&D Center CG-D-08-99 (DTIC ADA366414), as adapted in the
National Search and Rescue Manual of Australia, 2026, appendix D-5, table D-5:1.
"""

from __future__ import annotations

from dataclasses import dataclass

PROBABLE_TO_SIGMA = 1 / 1.1774  # a circle of one probable error holds half: sigma along each axis = PE / sqrt(2 ln 2)
_ERROR_KN = 0.3  # probable error where the class has none of its own: the default of IAMSAR volume II, appendix K
JIBES_PER_H = 0.04  # how often a craft changes side; usual in models after Allen 2005, CG-D-05-05; measured for few classes


@dataclass(frozen=True, slots=True)
class Leeway:
    """Leeway of one class: speed = slope x wind at 10 m + offset, at an angle to the right or to the left of downwind."""

    id: str
    slope: float  # of the wind speed
    offset_kn: float
    off_deg: float  # off downwind, either side
    error_kn: float = _ERROR_KN  # probable error of the velocity


LEEWAY = (
    Leeway("piw", 0.011, 0.07, 30),  # person in the water, state unknown
    Leeway("piw-vertical", 0.005, 0.07, 18),
    Leeway("piw-sitting", 0.012, 0.0, 18),
    Leeway("piw-survival-suit", 0.014, 0.10, 30),
    Leeway("piw-scuba-suit", 0.007, 0.08, 30),
    Leeway("piw-deceased", 0.015, 0.08, 30),
    Leeway("raft", 0.042, 0.03, 28, 0.35),  # no ballast, mean; errors of rafts: IAMSAR volume II, figure N-2, after the same report
    Leeway("raft-open", 0.057, 0.21, 24, 0.25),  # no ballast, no canopy, no drogue
    Leeway("raft-open-drogue", 0.044, -0.20, 28, 0.35),
    Leeway("raft-canopy", 0.037, 0.11, 24, 0.25),
    Leeway("raft-canopy-drogue", 0.030, 0.0, 28, 0.35),
    Leeway("raft-shallow", 0.029, 0.0, 22, 0.1),  # shallow ballast and canopy
    Leeway("raft-shallow-no-drogue", 0.032, -0.02, 22, 0.1),
    Leeway("raft-shallow-drogue", 0.025, 0.01, 22, 0.1),
    Leeway("raft-shallow-capsized", 0.017, -0.10, 8, 0.1),
    Leeway("raft-deep", 0.030, 0.02, 13, 0.2),  # deep ballast and canopy
    Leeway("raft-deep-no-drogue", 0.038, -0.04, 15, 0.2),
    Leeway("raft-deep-drogue", 0.018, 0.03, 12, 0.2),
    Leeway("raft-deep-large", 0.036, -0.09, 10, 0.2),  # 15 to 25 persons
    Leeway("raft-deep-capsized", 0.009, 0.0, 12, 0.2),
    Leeway("life-capsule", 0.038, -0.08, 22),
    Leeway("evacuation-slide", 0.028, -0.01, 15),
    Leeway("sea-kayak", 0.011, 0.24, 15),
    Leeway("surfboard", 0.020, 0.0, 15),
    Leeway("windsurfer", 0.023, 0.10, 12),
    Leeway("sailboat-full-keel", 0.030, 0.0, 48),
    Leeway("sailboat-fin-keel", 0.040, 0.0, 48),
    Leeway("skiff", 0.034, 0.04, 22),  # flat bottom
    Leeway("skiff-v-hull", 0.030, 0.08, 15),
    Leeway("skiff-swamped", 0.017, 0.0, 15),
    Leeway("sport-boat", 0.069, -0.08, 19),
    Leeway("sport-fisher", 0.060, -0.09, 22),
    Leeway("fishing-vessel", 0.037, 0.02, 48),  # mean
    Leeway("fishing-sampan", 0.040, 0.0, 48),
    Leeway("fishing-trawler", 0.042, 0.0, 48),
    Leeway("fishing-longliner", 0.037, 0.0, 48),
    Leeway("fishing-gill-netter", 0.040, 0.01, 33),
    Leeway("coastal-freighter", 0.028, 0.0, 48),
    Leeway("debris", 0.020, 0.0, 10),  # of a fishing vessel
    Leeway("bait-box", 0.013, 0.27, 31),
)
BY_ID = {leeway.id: leeway for leeway in LEEWAY}
