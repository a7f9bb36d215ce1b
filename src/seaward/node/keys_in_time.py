"""Our certificates, renewed in good time while the node runs; and whether a server refused one that has ended, ours or a partner's."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from seaward.core.errors import SeawardError
from seaward.exchange.home import Home
from seaward.exchange.nats_server import NatsServer
from seaward.exchange.renewal import Ends, ends_of, renew
from seaward.store.state import State

log = logging.getLogger("seaward.node")
_LOOK_S = 3_600.0  # how often it is looked whether one ends soon; ours
_TOLD_S = 30.0  # so long after a server refused one that has ended it is told; ours


class KeysInTime:
    """Of one node. Called from one thread at a time, but for `problems`."""

    def __init__(self, home: Home, state: State) -> None:
        self.home, self.state = home, state
        self.ends: Ends | None = None
        self._looked_s, self._refused_s = float("-inf"), float("-inf")
        self._said = 0  # place in what the server said

    def look(self, secret: bytes | None, is_first: bool = False) -> None:
        """Renew what ends soon, where our authority lies here and opens; where not, people are told before it ends.

        Parameters
        ----------
        secret
            Opens the authority; None where it is open.
        is_first
            Look now, whenever it was looked last.
        """
        if not is_first and time.monotonic() - self._looked_s < _LOOK_S:
            return
        self._looked_s, at = time.monotonic(), datetime.now(UTC)
        self.ends = ends_of(self.home)
        if not self.ends.is_due(at):
            return
        try:
            done = renew(self.home, self.home.authority(secret), at, os.urandom, secret)
            self.ends = ends_of(self.home)
            self.state.audit("exchange", "exchange.renewed", self.home.nation.nation, {"renewed": done}, at)
        except SeawardError as e:
            log.warning("certificates of the exchange end soon and cannot be renewed", extra={"why": str(e)[:300]})

    def listen(self, server: NatsServer | None) -> None:
        """Look whether our server refused a certificate that has ended."""
        said, self._said = server.said_since(self._said) if server is not None else (b"", 0)
        if b"certificate has expired" in said or b"expired certificate" in said:
            self._refused_s = time.monotonic()

    def problems(self, state: str) -> Sequence[str]:
        """What people should know beside a link in this state, as codes of the catalogues."""
        found = [] if self.ends is None else self.ends.problems(datetime.now(UTC))
        if state != "up" and "exchange.link.link_key_ended" not in found and time.monotonic() - self._refused_s < _TOLD_S:
            found.append("exchange.link.their_key_ended")
        return found
