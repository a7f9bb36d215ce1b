"""What went to partners and why, what came from them, and what was refused."""

from __future__ import annotations

import json

from seaward.console.page import html
from seaward.console.reading import one_of
from seaward.server import of_exchange
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor

MOST = 60


def exchange(floor: Floor, asked: Asked) -> Raw:
    """Links, what was released and withheld, what came."""
    told = one_of(of_exchange.exchange, floor, asked)
    state = floor.node.state
    objects = [
        row | {"said": json.loads(row["body"]), "marks": json.loads(row["label"])} for row in state.partner_objects(limit=MOST).iter_rows(named=True)
    ]
    return html("exchange.html", floor, asked, told=told, objects=objects, decisions=[*state.decisions(MOST).iter_rows(named=True)],
                refused=[*state.audit_last("exchange.refused", MOST).iter_rows(named=True)])  # fmt: skip
