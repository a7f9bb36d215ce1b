"""numbers of vessels -> small numbers from 0 in the order in which they were first seen: an index for arrays that grow. Compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.core.errors import ParameterError

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: spreads consecutive numbers (Knuth, TAOCP vol. 3, 6.4)
_LEAST = 1 << 10


@njit(cache=True, nogil=True)
def _place(numbers, keys, values, known, count, limit, into):
    """Slots of `numbers`; new ones get the next while there are fewer than `limit`, else -1. Returns how many are known then."""
    mask = np.uint64(len(keys) - 1)
    for i in range(len(numbers)):
        at = (np.uint64(numbers[i]) * _GOLDEN >> np.uint64(20)) & mask
        while values[at] >= 0 and keys[at] != numbers[i]:
            at = (at + np.uint64(1)) & mask
        if values[at] < 0:
            if count >= limit:
                into[i] = -1
                continue
            keys[at], values[at] = numbers[i], count
            known[count] = numbers[i]
            count += 1
        into[i] = values[at]
    return count


class Slots:
    """Which slot each number has.

    Parameters
    ----------
    most
        Numbers held at most, from 1 to 100 million.
    """

    def __init__(self, most: int) -> None:
        if not 1 <= most <= 100_000_000:
            raise ParameterError(f"at most {most} vessels are asked for; give a number from 1 to 100 million")
        self.most, self.count = most, 0
        self._known = np.zeros(_LEAST, np.uint32)
        self._table(2 * _LEAST)

    def _table(self, size: int) -> None:
        self._keys, self._values = np.zeros(size, np.uint32), np.full(size, -1, np.int32)
        _place(self.numbers, self._keys, self._values, self._known.copy(), 0, self.count, np.empty(self.count, np.int32))

    @property
    def numbers(self) -> NDArray[np.uint32]:
        """The number of each slot, shape (count,)."""
        return self._known[: self.count]

    def of(self, numbers: NDArray[np.uint32]) -> NDArray[np.int32]:
        """The slot of each number, shape (n,); -1 for a new one where no more are held."""
        room = self.count + len(numbers)
        if room > len(self._known):
            self._known = np.concatenate([self._known, np.zeros(max(room, 2 * len(self._known)) - len(self._known), np.uint32)])
        if 2 * room > len(self._keys):
            self._table(1 << int(2 * room - 1).bit_length() + 1)
        into = np.empty(len(numbers), np.int32)
        self.count = int(_place(numbers, self._keys, self._values, self._known, self.count, self.most, into))
        return into
