"""positions, identity statements -> vessels as believed, each with everything it ever said it was."""

from __future__ import annotations

import numpy as np
import polars as pl
from numba import njit

from seaward.core.tables import AT, STATIC, TRANSCEIVERS, VESSELS

_SAID = ("imo", "name", "callsign", "ship_type", "length_m")
_SHOWN = (*_SAID, "beam_m")
_MANY_FIELDS = ("imo", "name", "callsign", "length_m")  # what tells one hull from another
_NEAR = "5m"  # ours: a class A says who it is every 6 minutes (ITU-R M.1371-5 table 1): a fix this close speaks of the same passage
_FAR_S = 30 * 86_400.0  # counts as far in time where nothing is known


def build_vessels(positions: pl.DataFrame, static: pl.DataFrame) -> pl.DataFrame:
    """Describe each hull: how long it was seen, what it says it is now, and what it said before.

    Parameters
    ----------
    positions
        POSITIONS of whole MMSIs, in any order.
    static
        STATIC of the same MMSIs, in any order; statements of others are left out unless they have no position at all.

    Returns
    -------
    vessels
        VESSELS, one row per hull, by `vessel_id`; an MMSI with statements but no position has one row with `positions` 0.

    Limits
    ------
    Where several hulls share an MMSI, each identity goes as a whole to the hull that was heard nearest in time to its statements, by the same kind of
    transponder and the same feed; two hulls heard together by one feed with one kind of transponder can be taken for each other.
    """
    seen = _seen(positions)
    said = _attributed(positions, static, seen).sort("reported_at", *_SHOWN, "destination", "transceiver", nulls_last=False)
    changes = (
        said.filter(pl.any_horizontal(pl.col(c).is_not_null() for c in _SAID))
        .with_columns(since_at=pl.col("reported_at"))
        .with_columns(pl.col(c).forward_fill().over("vessel_id") for c in _SAID)
        .with_columns(_run=pl.struct(_SAID).rle_id().over("vessel_id"))
        .group_by("vessel_id", "_run", maintain_order=True)
        .first()
        .filter(pl.col("since_at").is_not_null())
        .group_by("vessel_id", maintain_order=True)
        .agg(pl.struct("since_at", *_SAID).alias("identity"))
    )
    latest = said.group_by("vessel_id").agg(
        pl.col("realm").first(),
        pl.col("mmsi").first(),
        pl.col("transceiver").drop_nulls().last().alias("_said_by"),
        *(pl.col(c).drop_nulls().last() for c in _SHOWN),
    )
    whole = seen.join(latest, on="vessel_id", how="full", coalesce=True)
    whole = whole.with_columns(
        pl.coalesce("realm", "realm_right").alias("realm"),
        pl.coalesce("mmsi", "mmsi_right").alias("mmsi"),
        pl.coalesce("transceiver", "_said_by").alias("transceiver"),
        pl.col("positions").fill_null(0),
    ).join(changes, on="vessel_id", how="left")
    identity = VESSELS.schema["identity"]
    whole = whole.with_columns(pl.col("identity").fill_null(pl.lit([], dtype=identity)))
    return whole.select(pl.col(c).cast(t) for c, t in VESSELS.schema.items()).sort("vessel_id")


def _seen(positions: pl.DataFrame) -> pl.DataFrame:
    """Each hull with the transceiver it mostly used, its first and last fix, and how many it has."""
    vessel = positions["vessel_id"].to_physical().to_numpy()
    kind = positions["transceiver"].to_physical().fill_null(len(TRANSCEIVERS)).to_numpy()
    row, count, first_at, last_at, by_kind = _tally(vessel, positions["at"].to_physical().to_numpy(), kind, len(TRANSCEIVERS))
    used = np.where(by_kind.any(axis=1), by_kind.argmax(axis=1), -1)
    return positions.select("realm", pl.col("vessel_id"), "mmsi")[row].with_columns(
        pl.col("vessel_id").cast(pl.String),
        pl.Series("transceiver", [TRANSCEIVERS[k] if k >= 0 else None for k in used.tolist()], pl.Enum(TRANSCEIVERS)),
        pl.Series("first_at", first_at).cast(AT),
        pl.Series("last_at", last_at).cast(AT),
        pl.Series("positions", count.astype(np.uint32)),
    )


@njit(cache=True, nogil=True)
def _tally(vessel, at, kind, kinds):
    """Per vessel: a row of it, rows, first and last time, and rows by kind of transceiver."""
    low, high = np.int64(1 << 62), np.int64(-1)
    for v in vessel:
        low, high = min(low, np.int64(v)), max(high, np.int64(v))
    number = np.full(max(0, high - low + 1), -1, np.int64)
    n, last = 0, np.int64(-1)
    for v in vessel:
        if np.int64(v) != last:
            last = np.int64(v)
            if number[last - low] < 0:
                number[last - low] = n
                n += 1
    row, count, by_kind = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros((n, kinds), np.int64)
    first_at, last_at = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for i in range(vessel.size):
        k = number[np.int64(vessel[i]) - low]
        if count[k] == 0:
            row[k], first_at[k], last_at[k] = i, at[i], at[i]
        count[k] += 1
        first_at[k], last_at[k] = min(first_at[k], at[i]), max(last_at[k], at[i])
        if kind[i] < kinds:
            by_kind[k, kind[i]] += 1
    return row, count, first_at, last_at, by_kind


def _attributed(positions: pl.DataFrame, static: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Each statement with the `vessel_id` of its hull."""
    static = static.select(STATIC.schema.names())
    hulls = seen.group_by("mmsi").agg(pl.len().alias("hulls"), pl.col("vessel_id").sort_by("first_at").first())
    placed = static.join(hulls, on="mmsi", how="left")
    one = placed.filter(pl.col("hulls").fill_null(0) <= 1).with_columns(
        pl.coalesce("vessel_id", pl.format("mmsi:{}", pl.col("mmsi").cast(pl.String).str.zfill(9))).alias("vessel_id")
    )
    shared = placed.filter(pl.col("hulls") > 1).drop("vessel_id")
    if shared.is_empty():
        return one.drop("hulls")
    return pl.concat([one, _to_nearest(positions, shared, seen)], how="diagonal_relaxed").drop("hulls")


def _to_nearest(positions: pl.DataFrame, shared: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Whole identities to hulls: the hull whose fixes are nearest in time to the statements, of the same transceiver and feed."""
    mine = positions.filter(pl.col("mmsi").is_in(shared["mmsi"].unique().implode()))
    fixes = mine.select("mmsi", pl.col("vessel_id").cast(pl.String), "at", "feed").sort("at")
    who = ["mmsi", *_MANY_FIELDS]
    dated = shared.with_row_index("_n").sort("reported_at", nulls_last=True)
    pairs = dated.join(seen.select("mmsi", "vessel_id", pl.col("transceiver").alias("_kind")), on="mmsi").sort("reported_at", nulls_last=True)
    timed = pairs.filter(pl.col("reported_at").is_not_null())
    near = timed.join_asof(
        fixes.with_columns(_fix_at=pl.col("at"), _fix_feed=pl.col("feed")).drop("feed"),
        left_on="reported_at",
        right_on="at",
        by=["mmsi", "vessel_id"],
        strategy="nearest",
        check_sortedness=False,
    )
    away_s = (pl.col("reported_at") - pl.col("_fix_at")).abs().dt.total_seconds().cast(pl.Float64).fill_null(_FAR_S)
    unlike = (pl.col("transceiver") != pl.col("_kind")).fill_null(False).cast(pl.Float64)
    elsewhere = (pl.col("feed") != pl.col("_fix_feed")).fill_null(True).cast(pl.Float64)
    cost = (away_s + 60.0).log() + 5.0 * unlike + 1.0 * elsewhere
    votes = near.with_columns(_cost=cost).group_by(*who, "vessel_id").agg(pl.col("_cost").mean(), pl.col("_cost").len().alias("_said"))
    best = votes.sort("_cost", "vessel_id").group_by(who, maintain_order=True).first().select(*who, "vessel_id")
    fallback = seen.sort("first_at").group_by("mmsi", maintain_order=True).first().select("mmsi", pl.col("vessel_id").alias("_first"))
    got = shared.join(best, on=who, how="left", nulls_equal=True).join(fallback, on="mmsi", how="left")
    return got.with_columns(pl.coalesce("vessel_id", "_first").alias("vessel_id")).drop("_first")
