"""All that the routes stand on: the node, who is who, what is seen and what changes. Made once, handed to every route."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seaward.node.clock import moment
from seaward.node.node import Node
from seaward.server.changes import Changes
from seaward.server.counts import Counts
from seaward.server.moving import Moving
from seaward.server.refusals import Refusals
from seaward.server.route import Route
from seaward.server.sight import Sight
from seaward.server.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class Floor:
    """The watch floor behind the API."""

    node: Node
    sign_in: SignIn
    refusals: Refusals
    sight: Sight
    changes: Changes
    counts: Counts
    moving: Moving
    routes: tuple[Route, ...]

    def now(self) -> datetime:
        """What time it is for the node."""
        return moment(self.node.clock.now_us())
