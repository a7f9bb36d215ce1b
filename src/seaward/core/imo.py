"""The number a hull keeps for life (IMO number): whether it can be one."""

from __future__ import annotations


def imo_is_valid(imo: int) -> bool:
    """Whether the last of seven digits is the check digit of the six before it (IMO resolution A.1117(30))."""
    digits = [int(d) for d in str(imo)]
    return len(digits) == 7 and sum(d * w for d, w in zip(digits, range(7, 1, -1), strict=False)) % 10 == digits[6]
