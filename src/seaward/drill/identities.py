"""Ids of hulls -> identities that cannot be real: numbers that start with 1 but not 111, and names that end in (EX)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from seaward.drill.chance import generator, key_of
from seaward.drill.kinds import FIRST_WORDS, KINDS, SECOND_WORDS

_FIRST, _LAST = 100_000_000, 199_999_999
_AIRCRAFT = 111_000_000  # to 111,999,999: search and rescue aircraft, ITU-R M.585
_BLOCK = 1_000_000
MARK = " (EX)"
_NAME_LETTERS = 20  # ITU-R M.1371-5 table 49
_ANY_SEED = 0  # an identity follows from the id alone, so that one actor keeps its number from seed to seed


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a hull before it has an identity."""

    id: str
    kind: str
    mmsi: int | None = None
    name: str | None = None
    length_m: float | None = None
    between_m: tuple[float, float] | None = None


def is_made_up(mmsi: int) -> bool:
    """Whether a number in the place of an MMSI can belong to nothing at sea or in the air."""
    return _FIRST <= mmsi <= _LAST and not _AIRCRAFT <= mmsi < _AIRCRAFT + _BLOCK


def numbers_of(asked: Sequence[Asked], taken: Iterable[int] = ()) -> dict[str, int]:
    """Numbers in the place of an MMSI, one for each id.

    Parameters
    ----------
    asked
        In order of the scenario: where two ids lead to one number, the later one moves on to its next.
    taken
        Numbers that are given away already.

    Returns
    -------
    The number of each id; those asked for as they are, even twice.

    Limits
    ------
    Of 10,000 hulls two lead to the same number in about two scenarios of five (birthdays, 10^8 / 2 pairs over 9.9 10^7 numbers).
    A new hull changes the number of another only if it comes before it and leads to the same number, or asks for that very number.
    """
    given = {a.id: a.mmsi for a in asked if a.mmsi is not None}
    used = set(given.values()) | set(taken)
    for a in asked:
        if a.id in given:
            continue
        k = 0
        while (number := _choice(a.id, k)) in used:
            k += 1
        used.add(number)
        given[a.id] = number
    return given


def _choice(who: str, k: int) -> int:
    number = _FIRST + int(key_of(_ANY_SEED, who, "mmsi", str(k))) % (_LAST - _FIRST + 1 - _BLOCK)
    return number if number < _AIRCRAFT else number + _BLOCK


def name_of(who: str, is_actor: bool) -> str:
    """A name that ends in (EX): an actor's says its id, so that those who run the exercise find it; others have two words."""
    if is_actor:
        letters = "".join(c if c.isascii() and c.isalnum() else " " for c in who.upper())
        return " ".join(letters.split())[: _NAME_LETTERS - len(MARK)].strip() + MARK
    one, two = (int(key_of(_ANY_SEED, who, "name", w)) for w in ("first", "second"))
    return f"{FIRST_WORDS[one % len(FIRST_WORDS)]} {SECOND_WORDS[two % len(SECOND_WORDS)]}"[: _NAME_LETTERS - len(MARK)].strip() + MARK


def callsign_of(mmsi: int) -> str:
    """A call sign that no state gives: seven characters from EX on, as the last five digits of the number say."""
    return f"EX{mmsi % 100_000:05d}"


def size_m(asked: Asked) -> tuple[float, float]:
    """Length and beam [m], whole metres as AIS says them; what is asked for, else by kind, most of them near the most frequent length."""
    kind = KINDS[asked.kind]
    rng = generator(_ANY_SEED, asked.id, "size")
    low, mode, high = kind.length_m
    length = float(rng.triangular(low, mode, high)) if asked.between_m is None else float(rng.uniform(*asked.between_m))
    length = length if asked.length_m is None else asked.length_m
    beam = length / (kind.slender * math.exp(rng.normal(0.0, 0.06)))
    return float(max(1.0, np.round(length))), float(max(1.0, np.round(beam)))
