"""Parts of multi-part messages waiting for the rest, in bounded memory and across pieces of input. Compiled."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.feeds.nmea_time import NO_TIME

SLOTS: Final = 256  # messages waiting at once; the oldest gives way
MAX_PARTS: Final = 9  # IEC 61162-1: one digit
MAX_CHARS: Final = 200  # in one sentence; the standard allows 82 characters in all
PART_WORDS: Final = MAX_CHARS // 10 + 2
MAX_AGE: Final = 2000  # AIS sentences a part waits: sequence numbers run from 0 to 9 and soon return
MAX_SPREAD_US: Final = 30_000_000  # between the parts of one message, which leave a receiver together


class Waiting(NamedTuple):
    """One row per slot; the parts of a message lie side by side."""

    order: NDArray[np.int64]  # slots, oldest first; free ones behind
    key: NDArray[np.int64]  # talker, sentence, count, sequence number and channel in one number
    group: NDArray[np.int64]
    station: NDArray[np.int64]
    born: NDArray[np.int64]
    have: NDArray[np.int64]
    own_at: NDArray[np.int64]  # by the line itself
    at: NDArray[np.int64]  # by the line, else by the last `$PGHP`
    line: NDArray[np.int64]  # number of the line in the input, -1 where the part is missing
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    chars: NDArray[np.int64]
    fill: NDArray[np.int64]
    words: NDArray[np.int64]


def nothing_waits() -> Waiting:
    """An empty table."""
    one, parts = (lambda: np.zeros(SLOTS, np.int64)), (lambda: np.zeros((SLOTS, MAX_PARTS), np.int64))
    line = np.full((SLOTS, MAX_PARTS), -1)
    return Waiting(np.arange(SLOTS), one(), one(), one(), one(), one(), parts(), parts(), line, parts(), parts(), parts(), parts(),
                   np.zeros((SLOTS, MAX_PARTS, PART_WORDS), np.int64))  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def find(waiting, active, key, group, station, part, own_at, at):
    """Place in `order` of the youngest message that lacks this part, -1 if none."""
    for i in range(active - 1, -1, -1):
        s = waiting.order[i]
        if waiting.key[s] != key or waiting.line[s, part] >= 0:
            continue
        if (group and waiting.group[s] and group != waiting.group[s]) or (station and waiting.station[s] and station != waiting.station[s]):
            continue
        near = True
        for k in range(MAX_PARTS):  # times are compared with times of their own kind only
            if waiting.line[s, k] < 0:
                continue
            his_own, his = waiting.own_at[s, k], waiting.at[s, k]
            mine_known, his_known = own_at != NO_TIME, his_own != NO_TIME
            if mine_known and his_known:
                near = near and abs(own_at - his_own) <= MAX_SPREAD_US
            elif not mine_known and not his_known and at != NO_TIME:
                near = near and (his == NO_TIME or abs(at - his) <= MAX_SPREAD_US)
        if near:
            return i
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def release(waiting, active, i):
    """Free the slot at place `i` of `order`; the others keep their order."""
    s = waiting.order[i]
    for k in range(i, active - 1):
        waiting.order[k] = waiting.order[k + 1]
    waiting.order[active - 1] = s
    waiting.line[s, :] = -1
    waiting.have[s] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def join(waiting, s, total, words, first):
    """Write the parts of slot `s` one behind the other from `words[first]`; return the bits, without the last part's fill."""
    count, word = 0, np.int64(0)
    at = first
    for k in range(total):
        for c in range(waiting.chars[s, k]):
            word = (word << 6) | ((waiting.words[s, k, c // 10] >> (54 - 6 * (c % 10))) & 63)
            count += 1
            if count % 10 == 0:
                words[at] = word
                at += 1
                word = np.int64(0)
    words[at] = word << (6 * (10 - count % 10)) if count % 10 else np.int64(0)
    words[at + 1] = 0
    return 6 * count - waiting.fill[s, total - 1]
