"""Compile, before the feeds open, what a watch runs: half a minute when new, a second afterwards. Or the first look would wait for it."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from seaward.core.tables import REJECTED, REPORTS, STATIC
from seaward.core.units import at_to_us
from seaward.feeds.batch import Batch, Chunk, LineCounts, ReadOptions
from seaward.feeds.nmea import NMEA
from seaward.feeds.vms import VMS
from seaward.live import Live, LiveParams
from seaward.node.clock import moment
from seaward.watch import WatchParams

_REALM = "ex:warm-up"
_NMEA = b"\\c:1700000000*57\\!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23\n"
_VMS = b"mmsi,timestamp,latitude,longitude,speed,course\n1,2026-11-20T00:00:00Z,-12.5,-78.5,8,180\n"


def warm_up(params: WatchParams) -> None:
    """Run every reader and behaviour once, on a made-up sea in a realm of its own; nothing of it is kept."""
    for form, data in ((NMEA, _NMEA), (VMS, _VMS)):
        list(form.read([Chunk(0, data)], ReadOptions(_REALM, "warm-up")))
    params = WatchParams(params.behaviours, params.areas, params.places, None, params.picture, params.threads)
    live = Live(_REALM, params, LiveParams(rows=100_000))
    reports = _sea()
    live.take(Batch(reports, _said(), REJECTED.empty(), LineCounts()), at_to_us(reports["reported_at"].max()))  # type: ignore[arg-type]
    as_of = moment(at_to_us(reports["reported_at"].max())) + timedelta(hours=10)  # type: ignore[arg-type]
    for _ in range(2):
        live.look(as_of, at_to_us(as_of))
        live.sweep(as_of)()


def _sea() -> pl.DataFrame:
    """Two that meet, one that steams, one that falls silent, one that jumps, and their reports every five minutes for a day."""
    rows = []
    for k in range(288):
        still = 1e-4 * (k % 3)
        places = {1: (-79.0 + still, -12.0), 2: (-79.0 + still, -12.0 + 2e-3), 3: (-78.9 + k * 0.002, -13.0), 5: (-78.0 + 2 * (k % 50 == 7), -15.0)}
        if not 60 < k < 200:
            places[4] = (-80.0, -14.0 + k * 0.003)
        for n, (lon, lat) in places.items():
            rows.append((k, n, lon, lat, 12.0 if n > 2 else 0.4))
    at = pl.datetime(2026, 11, 20, time_zone="UTC") + pl.duration(minutes=5) * pl.col("k")
    made = pl.DataFrame(
        rows, schema={"k": pl.Int64, "mmsi": pl.UInt32, "lon_deg": pl.Float64, "lat_deg": pl.Float64, "sog_kn": pl.Float32}, orient="row"
    )
    made = made.with_columns(realm=pl.lit(_REALM), feed=pl.lit("warm-up"), raw_offset=pl.int_range(pl.len()) * 80, raw_length=80, message_type=1,
                             mmsi=pl.col("mmsi") + 760_000_000, received_at=at, reported_at=at, cog_deg=90.0)  # fmt: skip
    return made.select([(pl.col(n) if n in made.columns else pl.lit(None)).cast(t).alias(n) for n, t in REPORTS.schema.items()])


def _said() -> pl.DataFrame:
    rows = [{"realm": _REALM, "feed": "warm-up", "raw_offset": n, "raw_length": 80, "mmsi": 760_000_001, "name": f"WARM {n}"} for n in range(2)]
    return pl.DataFrame(rows, schema=STATIC.schema)
