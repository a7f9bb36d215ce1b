"""reports -> positions on tracks, and what was refused. The face of the room for one bucket of whole identities (MMSI)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.arrays import array_of
from seaward.core.errors import ParameterError, RealmError
from seaward.core.realm import check_realm
from seaward.core.tables import AT, NAME, POSITIONS, QUALITIES, REJECTED
from seaward.core.units import HOUR_S, US_PER_S
from seaward.picture import order
from seaward.picture.duplicates import COPY, DUPLICATE, WRONG_SPEED, WRONG_TIME
from seaward.picture.tracks import lay_out, mark_rows

RULES = {WRONG_SPEED: "impossible_speed", WRONG_TIME: "clock_jump"}


@dataclass(frozen=True, slots=True)
class PictureParams:
    """Limits of what one hull can do."""

    max_speed_kn: float = 60.0  # ours: faster than any ship in service; GFW gpsdio-segment allows 25 kn of discrepancy
    slack_m: float = 200.0  # ours: GPS error, antenna and time rounding; allowed beyond the speed
    max_silence_s: float = 8 * HOUR_S  # Global Fishing Watch gpsdio-segment: a longer silence ends a stretch

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("max_speed_kn", self.max_speed_kn, 10.0, 1_000.0),
            ("slack_m", self.slack_m, 0.0, 100_000.0),
            ("max_silence_s", self.max_silence_s, 60.0, 366 * 86_400.0),
        ):
            if not low <= value <= high:
                raise ParameterError(f"{name} is {value}; it must be from {low:g} to {high:g}")


@dataclass(frozen=True, slots=True)
class Picture:
    """What became of the reports: each is a position, a rejected row, or counted in `dropped` by reason.

    Reasons: `unplaced` (no time or no place), `not_vessels` (base stations, aids to navigation), `duplicates` (heard by several receivers),
    `clock_copies` (a moving fix said again at a wrong time).
    """

    positions: pl.DataFrame
    rejected: pl.DataFrame
    dropped: dict[str, int]

    @property
    def duplicates(self) -> int:
        return self.dropped["duplicates"] + self.dropped["clock_copies"]


def build_positions(reports: pl.DataFrame, params: PictureParams) -> Picture:
    """Clean reports, tell hulls under one MMSI apart, cut tracks into stretches.

    Parameters
    ----------
    reports
        REPORTS of one realm in any order: all those of each MMSI in it.
    params
        Limits.

    Returns
    -------
    The picture; positions lie MMSI by MMSI, hull by hull, in time order, ties by content.

    Raises
    ------
    RealmError
        If the reports are of more than one realm.

    Limits
    ------
    Hulls that stay within 200 m and the reach of a margin of 10 kn of each other are one. Noise that a hull could just reach at 60 kn is kept.

    Source
    ------
    Global Fishing Watch gpsdio-segment for what a stretch is; Millefiori et al. 2016, doi:10.1109/TAES.2016.150596 for the motion.
    """
    if reports.is_empty():
        return Picture(POSITIONS.empty(), REJECTED.empty(), dict.fromkeys(("unplaced", "not_vessels", "duplicates", "clock_copies"), 0))
    realm = reports["realm"].to_physical()
    if realm.min() != realm.max():
        raise RealmError(f"reports are of the realms {', '.join(sorted(reports['realm'].unique().cast(pl.String)))}; give one at a time")
    check_realm(str(reports["realm"][0]))
    at = _at_us(reports)
    lon, lat, sog, cog, heading = (array_of(reports[c]) for c in ("lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg"))
    nav, second, kind = (array_of(reports[c].to_physical().fill_null(255)) for c in ("nav_status", "second", "transceiver"))
    feed, offset = _feed_rank(reports["feed"]), array_of(reports["raw_offset"])
    code = np.empty(len(reports), np.int32)
    found, kinds = order.sift(array_of(reports["mmsi"]), at, lon, lat, kind, code)
    ranked, first, row, t, x, y, s = order.by_vessel(code, found, at, lon, lat, sog)
    order.settle(first, row, t, x, y, s, lon, lat, sog, cog, heading, nav, feed, offset)
    mark, recovered = mark_rows(first, kinds[ranked], row, t, x, y, s, cog, heading, nav, second, kind, feed, params.max_speed_kn, params.slack_m)
    kept, stretch, quality, of, hull, start = lay_out(first, row, t, mark, recovered, int(params.max_silence_s * US_PER_S))
    positions = _positions(reports, row[kept], t[kept], x[kept], y[kept], stretch, quality, found[ranked][of], hull, start)
    refused = {"impossible_position": np.sort(np.nonzero(code == order.IMPOSSIBLE)[0])} | {rule: row[mark == m] for m, rule in RULES.items()}
    dropped = {
        "unplaced": int((code == order.UNPLACED).sum()),
        "not_vessels": int((code == order.NOT_VESSEL).sum()),
        "duplicates": int((mark == DUPLICATE).sum()),
        "clock_copies": int((mark == COPY).sum()),
    }
    return Picture(positions, _rejected(reports, refused), dropped)


def vessel_name(mmsi: int, hull: int) -> str:
    """The `vessel_id` of a hull, numbered from 0, under an MMSI."""
    return f"mmsi:{mmsi:09d}" if hull == 0 else f"mmsi:{mmsi:09d}#{hull + 1}"


def _at_us(reports: pl.DataFrame) -> NDArray[np.int64]:
    """When the vessel was there: as reported, else as received [microsecond]."""
    at = reports["reported_at"]
    if at.null_count():
        at = reports.select(pl.coalesce("reported_at", "received_at")).to_series()
    return array_of(at.to_physical().fill_null(order.NO_TIME))


def _feed_rank(feed: pl.Series) -> NDArray[np.int16]:
    """Each row's feed as its place among the feeds' names, which no other data changes."""
    codes = feed.to_physical().to_numpy()
    names = sorted(feed.unique().cast(pl.String).to_list())
    rank = np.zeros(int(codes.max()) + 1, np.int16)
    rank[pl.Series(names, dtype=pl.String).cast(NAME).to_physical().to_numpy()] = np.arange(len(names))
    return rank[codes]


def _positions(
    reports: pl.DataFrame,
    rows: NDArray[np.uint32],
    at: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    stretch: NDArray[np.uint32],
    quality: NDArray[np.uint8],
    mmsi: NDArray[np.uint32],
    hull: NDArray[np.int64],
    start: NDArray[np.int64],
) -> pl.DataFrame:
    """The rows as POSITIONS; names are made per stretch and spread by number."""
    vessels = [vessel_name(m, h) for m, h in zip(mmsi.tolist(), hull.tolist(), strict=True)]
    since = np.datetime_as_string(start.astype("datetime64[us]"), unit="s").tolist()
    tracks = [f"{v}@{s}Z" for v, s in zip(vessels, since, strict=True)]
    spread = pl.Series(stretch, dtype=pl.UInt32)
    made: dict[str, Any] = {
        "vessel_id": pl.Series(vessels, dtype=pl.String).cast(NAME).gather(spread),
        "track_id": pl.Series(tracks, dtype=pl.String).cast(NAME).gather(spread),
        "at": pl.Series(at, dtype=pl.Int64).cast(AT),
        "mmsi": pl.Series(mmsi[stretch], dtype=pl.UInt32),
        "lon_deg": pl.Series(lon, dtype=pl.Float64),
        "lat_deg": pl.Series(lat, dtype=pl.Float64),
        "quality": pl.Series(QUALITIES, dtype=pl.Enum(QUALITIES)).gather(pl.Series(quality, dtype=pl.UInt8)),
    }
    once = [c for c in ("realm", "feed", "transceiver") if reports[c].null_count() in (0, len(reports)) and _same(reports[c])]
    made |= {c: reports[c].new_from_index(0, len(rows)) for c in once}
    carried = reports.select(c for c in POSITIONS.schema if c not in made)[rows]
    return pl.DataFrame({c.name: made[c.name] if c.name in made else carried[c.name] for c in POSITIONS.columns})


def _same(column: pl.Series) -> bool:
    """Whether a coded column holds one value throughout."""
    codes = column.to_physical()
    return codes.min() == codes.max()


def _rejected(reports: pl.DataFrame, refused: dict[str, NDArray[Any]]) -> pl.DataFrame:
    """Refused rows by rule, with the time and place they claim, in order of feed and place in it."""
    at = pl.coalesce("reported_at", "received_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    value = pl.format("{} {} {}", at, pl.col("lat_deg").round(5), pl.col("lon_deg").round(5)).alias("value")
    parts = [reports[rows].select("realm", "feed", "raw_offset", pl.lit(rule).alias("rule"), value) for rule, rows in refused.items() if len(rows)]
    return pl.concat(parts).sort(pl.col("feed").cast(pl.String), "raw_offset", "rule", "value") if parts else REJECTED.empty()
