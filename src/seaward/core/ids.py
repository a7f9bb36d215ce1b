"""Names that two nations would give independently to the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def event_id(kind: str, method: str, vessel_ids: Sequence[str], start_us: int) -> str:
    """Name an event by what, by which method, who and since when (to the second).

    Parameters
    ----------
    kind, method
        Such as `gap` and `gap/1`.
    vessel_ids
        In any order.
    start_us
        Start of the event [microseconds since 1970 UTC].

    Returns
    -------
    32 hexadecimal digits: the first half of a SHA-256.
    """
    text = "\x1f".join([kind, method, *sorted(vessel_ids), str(start_us // 1_000_000)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def mmsi_of(vessel_id: str) -> int | None:
    """The MMSI in the name of a vessel, as of `mmsi:760000001#2`; None where it is named otherwise."""
    digits = vessel_id.removeprefix("mmsi:").partition("#")[0]
    return int(digits) if vessel_id.startswith("mmsi:") and digits.isascii() and digits.isdecimal() and len(digits) <= 9 else None
