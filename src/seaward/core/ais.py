"""Numbers of AIS and what they stand for, where more than one room asks."""

from __future__ import annotations

from typing import Final

AT_ANCHOR, MOORED = 1, 5  # navigational status, ITU-R M.1371-5 table 48
SHIP_CLASSES: Final[dict[str, tuple[int, ...]]] = {  # types of ship, ITU-R M.1371-5 table 53
    "fishing": (30,), "towing": (31, 32, 52), "pleasure": (36, 37), "pilot": (50,), "passenger": tuple(range(60, 70)),
    "cargo": tuple(range(70, 80)), "tanker": tuple(range(80, 90)),
}  # fmt: skip
