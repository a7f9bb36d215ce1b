"""A node with thousands of events and lines kept: they catch up at a partner, and cost a restart of the node next to nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from seaward.exchange.bodies import Chat
from seaward.node.node import Node
from seaward.sharing import named
from seaward.store.database import Database
from tests.node.test_exchange import GAPS, Two, event
from tests.node.test_node import wait_for

MANY = 2_000


def say(node: Node, *numbers: int) -> None:
    with node.state.together():
        for n in numbers:
            line = named(Chat("watch", int(time.time() * 1000), "Ens. Hale", f"line {n}"))
            node.state.say("USA", "chat", f"line-{n:06d}", json.dumps(line), "hale", datetime.now(UTC))


@contextmanager
def counted(monkeypatch: Any) -> Iterator[dict[str, int]]:
    """How often any state is read and written meanwhile."""
    calls = {"rows": 0, "together": 0}
    with monkeypatch.context() as patch:
        for name in calls:
            real = getattr(Database, name)

            def count(*given: Any, _name: str = name, _real: Any = real) -> Any:
                calls[_name] += 1
                return _real(*given)

            patch.setattr(Database, name, count)
        yield calls


def test_what_the_partner_has_costs_a_restart_next_to_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    """Each object was read, weighed and decided again by itself, so that with some ten thousand nothing new left for minutes after each start."""
    both = Two(tmp_path, PER=GAPS)
    per, usa = both.per, both.usa
    try:
        per.state.record_events(pl.concat([event(f"e{n:06d}") for n in range(MANY)]), datetime.now(UTC))
        say(per, *range(MANY))
        for node in both.nodes.values():
            node.engine._next_sweep += 86_400.0  # no report bears these events out
            node.start()
        wait_for(lambda: len(both.got(limit=3 * MANY)) == 2 * MANY, 60)
        wait_for(lambda: len(per.state.rows("SELECT 1 FROM talk_arrived")) == MANY, 30)
        wait_for(lambda: len(per.state.everyone_told()) == MANY, 30)
        sent, decided = both.link("PER")["receipted"], per.state.audit_head()
        exchange = per.exchange
        assert exchange is not None and exchange.starts == 1
        with counted(monkeypatch) as calls:
            both.homes["PER"].write_json("nation.json", both.homes["PER"].nation)  # server and links start anew
            wait_for(lambda: exchange.starts == 2, 30)
            say(per, MANY)
            wait_for(lambda: f"line-{MANY:06d}" in both.got(kind="chat"), 30)
        assert calls["rows"] + calls["together"] < MANY / 2, calls
        assert both.link("PER")["receipted"] <= sent + 2, "nothing that the partner has was sent again"
        assert [r["subject"] for r in per.state.audit_rows(after=decided.seq).to_dicts() if r["action"] == "exchange.granted"] == [
            f"chat line-{MANY:06d}"
        ]
        lines = [t.id for t in usa.state.talk("PER", most_chat=2 * MANY)[0]]
        assert lines == [f"line-{n:06d}" for n in range(MANY + 1)]
    finally:
        for node in both.nodes.values():
            node.stop()
        both.cable.stop()
