"""Lines with moments -> sent again at their pace: what a live feed would have brought, from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seaward.core.errors import ParameterError
from seaward.core.units import US_PER_S
from seaward.feeds.timed import NO_TIME, Piece, later

TICK_S = 0.05  # lines that are due within so much go together
_MINUTE_US = 60 * US_PER_S


@dataclass(frozen=True, slots=True)
class Pace:
    """When a line goes.

    Parameters
    ----------
    speed
        Times real time.
    lines_per_s
        Instead of moments: so many lines each second; None: by their moments.
    longest_wait_s
        A pause that would be longer is cut to so much [s], and a step back in time begins anew: a night without reports, a receiver's wrong clock.
    """

    speed: float = 1.0
    lines_per_s: float | None = None
    longest_wait_s: float = 60.0


class Due(NamedTuple):
    """Lines that go together, how long to wait before [s], and the moment of the first [us]; `NO_TIME` where it has none."""

    wait_s: float
    lines: bytes
    count: int
    at_us: int


def due(pieces: Iterable[Piece], pace: Pace, now_s: Callable[[], float]) -> Iterator[Due]:
    """Cut pieces into what goes together.

    Parameters
    ----------
    now_s
        A clock that never goes back [s].

    Raises
    ------
    ParameterError
        If no line has a moment and no pace is given.
    """
    if pace.lines_per_s is not None:
        pieces = _numbered(pieces, pace.lines_per_s)
    tick_us = max(1, int(TICK_S * pace.speed * US_PER_S))
    anchor_s, anchor_us = now_s(), NO_TIME
    for piece in pieces:
        ticks = piece.at_us // tick_us
        cuts = np.concatenate([[0], np.flatnonzero(np.diff(ticks)) + 1, [len(ticks)]])
        ends = [*piece.starts.tolist(), len(piece.data)]
        for first, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            at_us = int(piece.at_us[first])
            wait_s = 0.0
            if at_us == NO_TIME:
                raise ParameterError("no line of the file's beginning bears a moment; say how many lines go each second with --rate")
            if anchor_us == NO_TIME:
                anchor_us = at_us
            early_s = anchor_s + (at_us - anchor_us) / US_PER_S / pace.speed - now_s()
            if early_s > pace.longest_wait_s or (at_us - anchor_us) / US_PER_S / pace.speed < -pace.longest_wait_s:
                early_s = min(max(0.0, early_s), pace.longest_wait_s)
                anchor_s, anchor_us = now_s() + early_s, at_us
            wait_s = max(0.0, early_s)
            yield Due(wait_s, piece.data[ends[first] : ends[end]], end - first, at_us)


def from_now(pieces: Iterable[Piece], now_us: int) -> Iterator[Piece]:
    """The same sea as if it began now: moments moved by whole minutes, so that the seconds within AIS messages still fit."""
    by_us = None
    for piece in pieces:
        known = piece.at_us[piece.at_us != NO_TIME]
        if by_us is None and len(known):
            by_us = (now_us - int(known[0])) // _MINUTE_US * _MINUTE_US
        yield piece if by_us is None else later(piece, by_us)


def between(pieces: Iterable[Piece], since_us: int | None, until_us: int | None, *, keep_first: bool) -> Iterator[Piece]:
    """Lines from one moment on and before another [us]; the first line of all stays where it is a header."""
    for piece in pieces:
        mine = (piece.at_us >= (since_us if since_us is not None else NO_TIME)) & (piece.at_us < (until_us if until_us is not None else 1 << 62))
        if keep_first:
            mine[0], keep_first = True, False
        if mine.all():
            yield piece
        elif mine.any():
            ends = [*piece.starts.tolist(), len(piece.data)]
            lines = [piece.data[ends[n] : ends[n + 1]] for n in np.flatnonzero(mine).tolist()]
            starts = np.cumsum([0, *map(len, lines[:-1])]).astype(np.int64)
            yield Piece(b"".join(lines), starts, piece.at_us[mine])


def _numbered(pieces: Iterable[Piece], lines_per_s: float) -> Iterator[Piece]:
    sent = 0
    for piece in pieces:
        at_us = ((sent + np.arange(len(piece.starts))) / lines_per_s * US_PER_S).astype(np.int64)
        sent += len(at_us)
        yield piece._replace(at_us=at_us)
