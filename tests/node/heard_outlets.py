"""Outlets of a made-up picture, and what a reader hears of them, for tests."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from seaward.core.tables import REPORTS, STATIC
from seaward.feeds.cot_event import Heard, read_tak, read_xml
from seaward.feeds.cot_stream import CotLines
from seaward.node.config import config_of
from seaward.node.outlet_picture import Sighted, last_said
from seaward.node.outlets import Outlets
from tests.waiting import wait_for

NOW_MS = 1_800_000_000_000


LATEST = ("mmsi", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "transceiver", "reported_at", "received_at")


def sighted(*numbers: int, name: str = "RIO LURIN", ms: int = NOW_MS, **more: Any) -> Sighted:
    at = datetime.fromtimestamp(ms / 1000, UTC)
    rows = [dict(zip(LATEST, (n, -77.0 - n % 100 / 100, -12.0, 8.3, 123.4, None, 0, "A", at, at), strict=True)) for n in numbers]
    schema = {k: v for k, v in REPORTS.schema.items() if k in LATEST}
    said = [{"mmsi": n, "reported_at": at, "name": name, "callsign": "OA1", "imo": None, "ship_type": 30} for n in numbers]
    static = {k: STATIC.schema[k] for k in ("mmsi", "reported_at", "name", "callsign", "imo", "ship_type")}
    return Sighted(pl.DataFrame(rows, schema=schema).select(LATEST), last_said(pl.DataFrame(said, schema=static)), nation="PER", **more)


SHIP, OTHER = 760_000_001, 760_000_002


@contextlib.contextmanager
def outlets(*tables: dict[str, Any], seen: Callable[[], Sighted] = lambda: sighted(SHIP), realm: str = "ops", shift_ms: int = 0) -> Iterator[Outlets]:
    made = [{"name": f"o{n}", "every_s": 0.5, **t} for n, t in enumerate(tables)]
    out = Outlets(config_of({"realm": realm, "outlet": made}).outlet, realm, seen, lambda: NOW_MS + shift_ms)
    out.start()
    try:
        wait_for(lambda: all(o.told()["state"] != "starting" for o in out.outlets))
        yield out
    finally:
        out.stop()
        assert not out._thread.is_alive()


def read_some(port: int, size: int = 1) -> bytes:
    """What a reader gets until it has so many bytes."""
    data = b""
    with socket.create_connection(("127.0.0.1", port), 10) as reader:
        reader.settimeout(10)
        while len(data) < size:
            data += reader.recv(65536) or pytest.fail("it ended")
    return data


def listened(out: Outlets) -> int:
    return out.outlets[0].way.port  # type: ignore[attr-defined]


def heard(data: bytes) -> list[Heard]:
    """Events as our own feed reads them."""
    from base64 import b64decode

    cut = CotLines().cut(data).splitlines()
    return [h for line in cut if (h := read_tak(b64decode(line[5:])) if line.startswith(b"tak1:") else read_xml(line))]
