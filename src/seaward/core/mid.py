"""The number a station calls itself by (MMSI): what kind of station it is of, and which flag gave it."""

from __future__ import annotations

from typing import Final

import polars as pl
from pyais.constants import COUNTRY_MAPPING

FLAGS: Final[dict[int, str]] = {mid: iso for mid, (iso, _) in COUNTRY_MAPPING.items()}
"""Maritime identification digits -> ISO 3166 code (ITU, table of maritime identification digits, as pyais keeps it)."""
_WITHOUT_FLAG: Final = {970: "beacon", 972: "beacon", 974: "beacon"}


def kind_of(mmsi: int) -> str:
    """Kind of station by the form of its number: vessel, coast, group, aircraft, aid, craft, handheld, beacon; else unknown (ITU-R M.585-9)."""
    return _read(mmsi)[0]


def flag_of(mmsi: int) -> str | None:
    """ISO 3166 code of the flag that gave the number; None where the form or the digits are not assigned."""
    return FLAGS.get(_read(mmsi)[1])


def is_assigned(mmsi: int) -> bool:
    """Whether a station can have the number: a known form, digits of a flag, and not all the rest zeros or nines."""
    kind, mid = _read(mmsi)
    if kind == "beacon":
        return True
    return kind != "unknown" and mid in FLAGS and not (kind == "vessel" and mmsi % 1_000_000 in (0, 999_999))


def is_exercise(mmsi: int) -> bool:
    """Whether it is a number of a drill: nine digits that start with 1 but not 111, which no station can have."""
    return 100_000_000 <= mmsi < 200_000_000 and mmsi // 1_000_000 != 111


def drill_numbers() -> pl.Expr:
    """Of the column `mmsi`: whether it is a number of a drill; see `is_exercise`."""
    return pl.col("mmsi").is_between(100_000_000, 199_999_999) & (pl.col("mmsi") // 1_000_000 != 111)


def _read(mmsi: int) -> tuple[str, int]:
    """Kind and identification digits of a number of up to nine digits."""
    head = mmsi // 1_000_000
    if head in _WITHOUT_FLAG:
        return "beacon", 0
    if 200 <= head < 800:
        return "vessel", head
    if head == 111:
        return "aircraft", mmsi // 1_000 % 1_000
    if head // 10 == 99:
        return "aid", mmsi // 10_000 % 1_000
    if head // 10 == 98:
        return "craft", mmsi // 10_000 % 1_000
    if head // 100 == 8:
        return "handheld", mmsi // 100_000 % 1_000
    if 10_000_000 <= mmsi < 100_000_000:
        return "group", mmsi // 100_000
    if 1_000_000 <= mmsi < 10_000_000:
        return "coast", mmsi // 10_000
    return "unknown", 0
