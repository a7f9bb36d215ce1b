"""How far apart in time and place an event and a truth of one kind may be and still be the same thing. None was fitted to data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from seaward.core.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Tolerance:
    """An event and a truth may be one if neither ends more than `time_s` before the other begins, and they are no more than `distance_m` apart."""

    time_s: float
    distance_m: float
    why: str

    def __post_init__(self) -> None:
        if not (self.time_s >= 0 and self.distance_m >= 0):
            raise ParameterError(f"a tolerance is {self.time_s} s and {self.distance_m} m; both must be 0 or more")


TOLERANCES: Mapping[str, Tolerance] = MappingProxyType({
    "gap": Tolerance(1800.0, 55_560.0, "stands at the last report, perhaps two hours (15 kn: 30 nm) before the switching off; the vessel tells"),
    "encounter": Tolerance(1800.0, 5556.0, "two ships under 2 kn drift up to 3 nm from the middle of three hours; one report each half hour"),
    "loitering": Tolerance(3600.0, 18_520.0, "told by whole hours; ten hours under 2 kn lead up to 10 nm from their middle"),
    "drift": Tolerance(900.0, 9260.0, "sideways fixes up to 15 min apart; two hours at under 5 kn lead up to 5 nm from their middle"),
    "fishing": Tolerance(3600.0, 18_520.0, "stretches up to an hour apart are one; a ground of 10 nm is worked in half a day"),
    "area": Tolerance(1800.0, 18_520.0, "one report each half hour; stands at the deepest fix, anywhere in the area"),
    "identity": Tolerance(10_800.0, 185_200.0, "static messages come late by satellite; the place is a fix of up to a day before; the vessel tells"),
    "position": Tolerance(3600.0, 185_200.0, "what is said and what is true lie far apart, that being the matter; the vessel tells"),
    "port_visit": Tolerance(3600.0, 5556.0, "a port counts as left beyond 4 km, seen at the next fix"),
    "dark_contact": Tolerance(600.0, 1852.0, "three sigma of 300 m, and 100 s of the way of a ship at 15 kn by which radar displaces it"),
})  # fmt: skip
