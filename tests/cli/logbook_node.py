"""The folder of a small node: settled hours in the history, the last minutes only in the journal of bytes, and a state."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from seaward.alerting import Sight, offer
from seaward.core.tables import REPORTS, STATIC
from seaward.core.units import at_to_us
from seaward.store.disk import FileDisk
from seaward.store.history import History
from seaward.store.raw_journal import Journal
from seaward.store.state import State
from tests.alerts.floor import RULES, at, event, table
from tests.made_up_day import ais_encode

START = datetime(2027, 11, 4, 8, tzinfo=UTC)
NORTH, EAST, MOORED = 760_000_001, 760_000_002, 760_000_003


def way(mmsi: int, lon: float, lat: float, course_deg: float, sog_kn: float, hours: float, step_s: float = 60.0) -> pl.DataFrame:
    """Reports of a straight way from START on, due north or due east."""
    n = int(hours * 3600 / step_s) + 1
    rows = []
    for k in range(n):
        nm = sog_kn * k * step_s / 3600
        y = lat + nm / 60 * math.cos(math.radians(course_deg))
        x = lon + nm / 60 * math.sin(math.radians(course_deg)) / math.cos(math.radians(lat))
        when = START + timedelta(seconds=k * step_s)
        rows.append((when, mmsi, (x + 180) % 360 - 180, y, sog_kn, course_deg))
    frame = pl.DataFrame(rows, ["reported_at", "mmsi", "lon_deg", "lat_deg", "sog_kn", "cog_deg"], orient="row")
    return frame.with_columns(realm=pl.lit("ops"), feed=pl.lit("coast"), received_at=pl.col("reported_at"), message_type=1, raw_length=70,
                              transceiver=pl.lit("A"))  # fmt: skip


def reports(*ways: pl.DataFrame, realm: str = "ops") -> pl.DataFrame:
    """Ways as REPORTS, in the order of time."""
    rows = pl.concat(ways).sort("reported_at", "mmsi").with_row_index("k")
    rows = rows.with_columns(raw_offset=pl.col("k").cast(pl.Int64) * 80, realm=pl.lit(realm))
    rows = rows.with_columns(pl.lit(None).alias(c) for c in REPORTS.schema if c not in rows.columns)
    return rows.select(pl.col(c).cast(t) for c, t in REPORTS.schema.items())


def statement(mmsi: int, name: str, when: datetime, realm: str = "ops") -> pl.DataFrame:
    """One identity statement."""
    row = {"realm": realm, "feed": "coast", "raw_offset": 7, "raw_length": 70, "reported_at": when, "mmsi": mmsi, "name": name, "callsign": "OA1234",
           "ship_type": 30, "length_m": 40.0, "transceiver": "A"}  # fmt: skip
    return pl.DataFrame([row], STATIC.schema)


def aivdm(mmsi: int, lon: float, lat: float, second: int) -> bytes:
    """One position report as a receiver hands it over."""
    payload = ais_encode.position_a([mmsi], [lon], [lat], [0.0], [0.0], [float("nan")], [second], [5])
    return (ais_encode.sentences(payload, ["A"], [1])[0][0] + "\r\n").encode()


def make_node(folder: Path, realm: str = "ops") -> Path:
    """Two vessels that pass 1 nm off each other at about 09:00, one moored; the moored one's last report is only in the journal."""
    ways = (way(NORTH, -77.5, -12.5, 0.0, 10.0, 2.0), way(EAST, -77.6, -12.35, 90.0, 6.0, 2.0), way(MOORED, -77.15, -12.05, 0.0, 0.0, 2.0, 180.0))
    rows = reports(*ways, realm=realm)
    said = pl.concat([statement(NORTH, "RED ONE", START, realm), statement(NORTH, "=BLUE[bold]", START + timedelta(hours=1), realm)])
    folder.mkdir(parents=True, exist_ok=True)
    disk = FileDisk(folder / "raw")
    journal = Journal(disk, realm, "coast")
    journal.append(b"# what is settled\r\n" * 10, at_to_us(START))
    settled = journal.end
    last = START + timedelta(hours=2, minutes=3)
    journal.append(aivdm(MOORED, -77.15, -12.05, last.second), at_to_us(last))
    journal.sync()
    disk.close()
    History(folder / "history", realm).add(rows, said, {"coast": settled})
    if realm == "ops":
        with State.open(folder / "state.sqlite", realm) as state:
            gap = event("e1", vessel_ids=[f"mmsi:{NORTH}"], probability=0.95)
            offer(state, table(gap), Sight(RULES), at(1))
            state.record_events(table(gap), at(1))
            state.add_person("vega", "Tte. Vega", "officer", "hash-of-a-password", "vega", at(1))
    return folder
