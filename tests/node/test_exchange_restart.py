"""A node with thousands of events and lines kept: they catch up at a partner, and cost a restart of the node next to nothing."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

from seaward.exchange.bodies import Chat
from seaward.exchange.home import Home
from seaward.exchange.journal import ToldRow
from seaward.exchange.release import Gate
from seaward.node.node import Node
from seaward.node.partner_link import PartnerLink
from seaward.sharing import Labeller, Share, event_item, named
from seaward.store.database import Database
from seaward.store.state import State
from tests.exchange.nations import POLICY, agree, free_port, now
from tests.node.two_nations import GAPS, Two, event
from tests.waiting import wait_for

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


def test_however_many_events_wait_it_is_kept_of_each_that_the_partner_was_told(tmp_path: Path) -> None:
    """Of more than 10,000 that waited, the first were forgotten before they left; what the gate refuses need not be remembered."""
    per, usa = Home(tmp_path / "PER"), Home(tmp_path / "USA")
    for home, nation in ((per, "PER"), (usa, "USA")):
        home.create(nation, "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
    agree(per, usa)
    with State.open(tmp_path / "state.sqlite", "ops") as state:
        link = PartnerLink(per, "USA", Gate("PER", "ops", POLICY), per.identity(None), "nats://127.0.0.1:1", state)
        told = dict[tuple[str, str], ToldRow]()
        link.link = SimpleNamespace(offer=lambda item: None, dialogue=SimpleNamespace(sender=SimpleNamespace(offered=SimpleNamespace(told=told))))  # type: ignore[assignment]
        link.is_offered = True
        mine = pl.concat([event("e")] * 10_500).with_columns(event_id=pl.format("e{}", pl.int_range(pl.len())))
        state.record_events(mine, datetime.now(UTC))
        for n, row in enumerate(mine.iter_rows(named=True)):
            for share in ([Share(("event",), ("USA",))], [Share(("event",), ("ECU",))]):
                item = event_item(
                    row | {"event_id": row["event_id"] if share[0].to == ("USA",) else f"other{n}"}, Labeller("PER", "ops", tuple(share))
                )
                assert item is not None
                link.offer(item)
        link.keep_told()
        assert state.everyone_told().is_empty()
        told.update({("event", name): ToldRow("event", name, name, 1) for name in mine["event_id"]})
        link.keep_told()
        assert sorted(state.everyone_told()["event_id"]) == sorted(mine["event_id"])
        assert link._open == {}


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
        wait_for(lambda: len(per.state.rows("SELECT 1 FROM talk_arrived")) == MANY)
        wait_for(lambda: len(per.state.everyone_told()) == MANY)
        sent, decided = both.link("PER")["receipted"], per.state.audit_head()
        exchange = per.exchange
        assert exchange is not None and exchange.starts == 1
        with counted(monkeypatch) as calls:
            both.homes["PER"].write_json("nation.json", both.homes["PER"].nation)  # server and links start anew
            wait_for(lambda: exchange.starts == 2)
            say(per, MANY)
            wait_for(lambda: f"line-{MANY:06d}" in both.got(kind="chat"))
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
