"""Switches and claims of a cast -> who transmits at a moment, and under which identity; what hulls say, apart from what they do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seaward.drill.hulls import Cast

Spans = list[tuple[int, int]]


class Transmitters:
    """Who is on, and who each says it is.

    Parameters
    ----------
    cast
        Transmitters are on from the start unless a switch says otherwise at 0; hulls of AIS class `none` never are.
        Of two claims at once the later holds.
    length_ms
        The exercise ends then.
    """

    def __init__(self, cast: Cast, length_ms: int) -> None:
        self._hulls, self._claims = cast.hulls, sorted(cast.claims, key=lambda c: (c.from_ms, c.hull))
        self._length_ms = length_ms
        self._changes: dict[int, list[tuple[int, bool]]] = {}
        s = cast.switches
        for k in np.lexsort((s.at_ms, s.hull)).tolist():
            self._changes.setdefault(int(s.hull[k]), []).append((int(s.at_ms[k]), bool(s.is_on[k])))
        moments = {0, *(int(t) for t in s.at_ms), *(t for c in self._claims for t in (c.from_ms, c.to_ms))}
        self._moments = np.array(sorted(moments), np.int64)  # nothing changes between them
        self._known: tuple[int, NDArray[np.int64]] = (-1, np.empty(0, np.int64))

    def on(self, hull: int) -> Spans:
        """When it transmits: [from, to) in ms."""
        if self._hulls.ais_class[hull] == 0:
            return []
        spans: Spans = []
        since: int | None = 0
        for at, is_on in self._changes.get(hull, ()):
            if is_on and since is None:
                since = at
            elif not is_on and since is not None:
                if at > since:
                    spans.append((since, at))
                since = None
        return [*spans, (since, self._length_ms)] if since is not None and since < self._length_ms else spans

    def off(self, hull: int) -> Spans:
        """When it was switched off on purpose after it had been on: [from, to) in ms."""
        on = self.on(hull)
        ends = [*(a for a, _ in on[1:]), self._length_ms]
        return [(b, c) for (_, b), c in zip(on, ends, strict=True) if b < c] if on else []

    def identities(self, hull: int, from_ms: int, to_ms: int) -> set[int]:
        """MMSIs that it sends between two moments, both included."""
        found: set[int] = set()
        cuts = [from_ms, *(int(t) for t in self._moments if from_ms < t <= to_ms)]
        on = self.on(hull)
        for t in cuts:
            if any(a <= t < b for a, b in on):
                claims = [c.mmsi for c in self._claims if c.hull == hull and c.from_ms <= t < c.to_ms]
                found.add(claims[-1] if claims else int(self._hulls.mmsi[hull]))
        return found

    def mmsi_at(self, at_ms: int) -> NDArray[np.int64]:
        """The identity that each sends at a moment, shape (n,); -1 where none."""
        span = int(np.searchsorted(self._moments, at_ms, "right"))
        if self._known[0] != span:
            since = int(self._moments[span - 1])
            sent = np.where(self._hulls.ais_class > 0, self._hulls.mmsi, -1).astype(np.int64)
            for claim in self._claims:
                if claim.from_ms <= since < claim.to_ms and sent[claim.hull] >= 0:
                    sent[claim.hull] = claim.mmsi
            for hull, changes in self._changes.items():
                last = [is_on for t, is_on in changes if t <= since]
                if last and not last[-1]:
                    sent[hull] = -1
            self._known = (span, sent)
        return self._known[1]
