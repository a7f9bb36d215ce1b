"""A made-up day watched once, its events of every kind as packs, and the same day in the folder of a node."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seaward.api import detect_to_folder
from seaward.core.tables import EVENTS
from seaward.core.units import at_to_us
from seaward.evidence.build import pack
from seaward.evidence.from_node import from_node
from seaward.evidence.from_results import Case, from_results
from seaward.evidence.givens import GivenFiles
from seaward.store.disk import FileDisk
from seaward.store.raw_journal import Journal
from seaward.store.state import State
from tests.made_up_day.peru_aids import PeruAids, write_peru_aids
from tests.made_up_day.peru_day import write_peru_day

REALM = "ex:demo"
START = datetime(2027, 11, 4, tzinfo=UTC)
END = START + timedelta(days=1, minutes=1)
KINDS = ("area", "dark_contact", "drift", "encounter", "fishing", "gap", "identity", "loitering", "port_visit", "position")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def silent(stage: str, share: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Day:
    """Where the day and what was found in it lie."""

    folder: Path
    feed: Path
    aids: PeruAids
    results: Path
    events: pl.DataFrame

    @property
    def given(self) -> GivenFiles:
        return GivenFiles([self.aids.areas], [self.aids.ports], [self.aids.detections])

    def name_of(self, kind: str) -> str:
        return self.events.filter(pl.col("kind") == kind)["event_id"][0]


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("evidence")
    feed, aids = folder / "day.nmea", write_peru_aids(folder, seed=1, start=START)
    write_peru_day(feed, seed=1, start=START)
    results = folder / "out"
    detect_to_folder([str(feed)], results, realm=REALM, areas=[aids.areas], ports=[aids.ports], detections=[aids.detections], report=False)
    return Day(folder, feed, aids, results, pl.read_parquet(results / "events.parquet"))


@pytest.fixture(scope="session")
def case_of(day: Day) -> Callable[[str], Case]:
    return cache(lambda kind: from_results(day.results, day.name_of(kind), [str(day.feed)], day.given, None, silent))


@pytest.fixture(scope="session")
def pack_of(case_of: Callable[[str], Case]) -> Callable[[str], bytes]:
    def made(kind: str) -> bytes:
        case = case_of(kind)
        return pack(case.gathered, case.told, case.version, case.given, KEY, "0.1.0")

    return cache(made)


@pytest.fixture(scope="session")
def node(day: Day, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a node leaves which received the day line by line, as feed `coast`, and told its events when it was over."""
    folder = tmp_path_factory.mktemp("node")
    disk = FileDisk(folder / "raw")
    journal, at_us = Journal(disk, REALM, "coast"), at_to_us(START)
    for line in day.feed.read_bytes().splitlines(keepends=True):
        heard = re.search(rb"c:(\d+)", line)
        at_us = int(heard[1]) * 1_000_000 + 250_000 if heard else at_us
        journal.append(line, at_us)
    journal.sync()
    disk.close()
    with State.open(folder / "state.sqlite", REALM) as state:
        state.record_events(of_feed(day.events, "coast"), END)
        state.told(day.name_of("gap"), 1, "capitanía de Callao", END + timedelta(seconds=2))
    return folder


@pytest.fixture(scope="session")
def node_pack(node: Path, day: Day) -> bytes:
    """The gap of the day, from the folder of the node."""
    case = from_node(node, REALM, day.name_of("gap"), None, GivenFiles([day.aids.areas], [day.aids.ports]), silent)
    return pack(case.gathered, case.told, case.version, case.given, KEY, "0.1.0")


@pytest.fixture
def vms_feed() -> Callable[[], list[tuple[bytes, bytes]]]:
    """Two drops of a monitoring centre, each a header and its rows: nine boats every hour of two days, one of them silent for ten hours."""

    def made() -> list[tuple[bytes, bytes]]:
        drops = []
        for day in range(2):
            rows = []
            for hour in range(24):
                at = START + timedelta(days=day, hours=hour)
                for boat in range(9):
                    if not (boat == 4 and day == 0 and 8 <= hour < 18):
                        rows.append(
                            f"{760000001 + boat},{at:%Y-%m-%d %H}:{5 * boat:02d}:00,{-12 - 0.1 * boat - 0.01 * hour:.5f},-78.50000,2.0,180.0\n"
                        )
            drops.append((b"mmsi,time,lat,lon,sog,cog\n", "".join(rows).encode()))
        return drops

    return made


def of_feed(events: pl.DataFrame, feed: str) -> pl.DataFrame:
    """Events of the file as a node tells them whose feed has another name."""
    rows = events.select(pl.col(c).cast(t) for c, t in EVENTS.schema.items())
    e = pl.element().struct
    named = pl.struct(
        pl.when(e.field("feed") == "day.nmea").then(pl.lit(feed)).otherwise(e.field("feed")).alias("feed"),
        e.field("raw_offset"),
        e.field("raw_length"),
    )
    return rows.with_columns(pl.col("evidence").list.eval(named))
