"""One watch floor for the tests that only read, and one anew for those that change something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seaward.server.floor import Floor
from seaward.server.serving import Serving
from tests.server.floor import Browser, browser, event, open_floor


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Floor, Serving]]:
    with open_floor(tmp_path_factory.mktemp("floor")) as (floor, server):
        for n in range(7):
            floor.node.state.record_events(event(f"e{n}", kind="gap" if n % 2 else "encounter", lon_deg=-77.5 - n), floor.now())
        yield floor, server


@pytest.fixture
def officer(served: tuple[Floor, Serving]) -> Iterator[Browser]:
    with browser(served[1], "officer") as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[Floor, Serving]]:
    with open_floor(tmp_path, feeds=False) as found:
        yield found
