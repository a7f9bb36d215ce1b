"""How each feed is -> the journal of changes, when its problems or its connection change; a flapping feed is told at most so often."""

from __future__ import annotations

from typing import Any

from seaward.core.units import US_PER_S
from seaward.node.clock import moment
from seaward.node.node import Node

LOOK_S = 1.0
QUIET_S = 10.0  # between two changes of one feed; ours
Said = tuple[Any, ...]


class FeedChanges:
    """Notes changes of feeds (topic `feed`); the first look tells of all.

    Parameters
    ----------
    node
        Whose feeds.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._said: dict[str, tuple[Said, int]] = {}
        self._looked_us = 0

    def note(self) -> None:
        """Look, if it is time, and note what changed."""
        now_us = self._node.clock.now_us()
        step_us = int(LOOK_S * US_PER_S * self._node.clock.speed)
        if now_us - self._looked_us < step_us:
            return
        self._looked_us = now_us
        for name, health in self._node.health.items():
            told = health.told(now_us)
            said: Said = (told["connected"], tuple(told["problems"]))
            before, at_us = self._said.get(name, (None, 0))
            if said != before and now_us - at_us >= QUIET_S * US_PER_S * self._node.clock.speed:
                self._said[name] = (said, now_us)
                body = {k: told[k] for k in ("connected", "problems", "why", "per_minute", "rejected_share", "clock_offset_s", "on_disk")}
                self._node.state.note("feed", name, body, moment(now_us))
