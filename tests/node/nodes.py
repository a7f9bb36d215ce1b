"""Nodes on loopback, for tests: made, run, waited for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from seaward.core.tables import REPORTS
from seaward.node.config import config_of
from seaward.node.node import Node
from tests.waiting import wait_for


def node_at(folder: Path, *feeds: dict[str, object], **more: object) -> Node:
    return Node(config_of({"data": str(folder / "data"), "feed": list(feeds), "chart": {"areas": []}, **more}))


@contextlib.contextmanager
def running(node: Node) -> Iterator[Node]:
    node.start()
    try:
        yield node
    finally:
        node.stop()


def kept(node: Node) -> pl.DataFrame:
    """All reports that the node has, in its history and not yet there."""
    return pl.concat([node.history.scan(REPORTS).collect(), node.run(node.engine.unsettled)])


def port_of(node: Node, feed: str) -> int:
    wait_for(lambda: getattr(node.sources[feed], "port", 0))
    wait_for(lambda: node.health[feed].connected)
    return int(node.sources[feed].port)  # type: ignore[attr-defined]
