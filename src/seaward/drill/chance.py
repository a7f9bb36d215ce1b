"""Streams of chance: one for each (seed, who, what for), so that a new actor changes nobody else's luck.

The numbers are those of SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195): the k-th number of a stream follows from its key and k
alone, the same on every machine and for every version of NumPy, and compiled loops can draw them.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1, _MIX2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


def key_of(seed: int, *who: str) -> np.uint64:
    """The key of a stream, from the seed of the scenario and what it is for."""
    text = "\x1f".join((str(seed), *who)).encode()
    return np.uint64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little"))


def keys_of(seed: int, whos: list[str] | tuple[str, ...], purpose: str) -> NDArray[np.uint64]:
    """The keys of many, for one purpose."""
    return np.array([key_of(seed, who, purpose) for who in whos], np.uint64)


def generator(seed: int, *who: str) -> np.random.Generator:
    """A NumPy generator of its own, for what is drawn once, when the cast is made."""
    return np.random.Generator(np.random.Philox(key=int(key_of(seed, *who))))


@njit(uint64(uint64, uint64), cache=True, nogil=True)
def draw(key, k):
    """The k-th 64 bits of a stream."""
    z = key + (k + uint64(1)) * _GOLDEN
    z = (z ^ (z >> _S30)) * _MIX1
    z = (z ^ (z >> _S27)) * _MIX2
    return z ^ (z >> _S31)


@njit(cache=True, nogil=True)
def uniform(key, k):
    """The k-th number of a stream, in [0, 1)."""
    return np.float64(draw(key, uint64(k)) >> _S11) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)
def normal(key, k):
    """The k-th standard normal number of a stream (Box and Muller 1958); uses numbers 2 k and 2 k + 1."""
    u, v = uniform(key, 2 * k), uniform(key, 2 * k + 1)
    return math.sqrt(-2.0 * math.log(1.0 - u)) * math.cos(2.0 * math.pi * v)


def branch(key: np.uint64, k: int) -> np.uint64:
    """The key of the k-th stream within a stream; outside compiled loops, where `draw` gives a number too great for them."""
    return np.uint64(draw(key, k))
