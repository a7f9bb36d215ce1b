"""What the receivers could hear, as learned from positions: four small tables that add up over disjoint sets of vessels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from seaward.core.tables import AT, RECEPTION
from seaward.core.units import US_PER_S

SLOT_US: Final = 600 * US_PER_S  # ten minutes, the step in which Global Fishing Watch thins tracks
CELL_DEG: Final = 0.25  # where vessels are heard; at most 15 nm, a fraction of a coast station's reach
SLOTS_PER_HALF_HOUR: Final = 3
LON_CELLS, LAT_CELLS = round(360 / CELL_DEG), round(180 / CELL_DEG)
MAX_SILENT_SLOTS: Final = 1_008  # a vessel silent for more than a week tells nothing of reception where it was last heard
PACE_SLOTS: Final = 36  # six hours: how often a vessel was heard in them is its pace
OFTEN, SELDOM = 18, 6  # slots heard of those: pace 0 from the first, 2 below the second, 1 between; ours

_PLACE = {"cell": pl.Int32(), "feed": pl.String(), "transceiver": pl.String(), "pace": pl.Int8()}
HEARD: Final = pl.Schema({**_PLACE, "heard": pl.Int64(), "followed": pl.Int64(), "vessels": pl.Int64()})
SILENCES: Final = pl.Schema({**_PLACE, "vessel_id": pl.String(), "slot": pl.Int64(), "slots": pl.Int64()})
UNHEARD: Final = pl.Schema({"cell": pl.Int32(), "silent": pl.Int64()})
FEEDS: Final = pl.Schema({"feed": pl.String(), "slot_at": AT, "vessels": pl.Int64()})
AROUND: Final = pl.Schema({"feed": pl.String(), "degree": pl.Int32(), "half_hour": pl.Int64(), "vessel_slots": pl.Int64()})


def cell_of(lon_deg: pl.Expr, lat_deg: pl.Expr) -> pl.Expr:
    """Number of the cell of `CELL_DEG` a place lies in: column * LAT_CELLS + row, both counted from the south-west."""
    column = ((lon_deg + 180) / CELL_DEG).floor().clip(0, LON_CELLS - 1)
    return (column * LAT_CELLS + ((lat_deg + 90) / CELL_DEG).floor().clip(0, LAT_CELLS - 1)).cast(pl.Int32)


def degree_of(lon_deg: pl.Expr, lat_deg: pl.Expr) -> pl.Expr:
    """Number of the square degree a place lies in, counted as in `cell_of`."""
    return ((lon_deg + 180).floor().clip(0, 359) * 180 + (lat_deg + 90).floor().clip(0, 179)).cast(pl.Int32)


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """Where, when and how well vessels were heard.

    A vessel is heard in a slot of ten minutes if at least one fix of it lies there; cell and feed are those of the first.
    Two of these are equal only if they are one object.
    """

    heard: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HEARD))
    """Vessel-slots heard, those followed by another in the next slot, and how many vessels, by cell, feed, transceiver and pace."""
    silences: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SILENCES))
    """Each stretch of slots without the vessel: where and in which slot it was last heard, how many slots it lasted (null: to the end)."""
    unheard: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNHEARD))
    """Vessel-slots without a fix of vessels heard before and after, by the cell they passed in them."""
    feeds: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FEEDS))
    """Vessels heard by each feed in each slot; a slot without a row had none."""
    around: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=AROUND))
    """Vessel-slots by feed, square degree and half hour."""

    @staticmethod
    def add(parts: Sequence[Hearing]) -> Hearing:
        """The whole, of parts that share no vessel; rows in one order whatever that of the parts."""
        return Hearing(
            _summed([p.heard for p in parts], HEARD, ["cell", "feed", "transceiver", "pace"]),
            pl.concat([pl.DataFrame(schema=SILENCES), *(p.silences for p in parts)]).sort("vessel_id", "slot"),
            _summed([p.unheard for p in parts], UNHEARD, ["cell"]),
            _summed([p.feeds for p in parts], FEEDS, ["feed", "slot_at"]),
            _summed([p.around for p in parts], AROUND, ["feed", "degree", "half_hour"]),
        )

    def map(self, realm: str) -> pl.DataFrame:
        """How well vessels are heard, as RECEPTION."""
        heard = self.heard.group_by("cell").agg(pl.col("heard", "vessels").sum())
        rows = (
            heard.join(self.unheard, on="cell", how="full", coalesce=True)
            .with_columns(
                realm=pl.lit(realm),
                lon_deg=(pl.col("cell") // LAT_CELLS) * CELL_DEG - 180,
                lat_deg=(pl.col("cell") % LAT_CELLS) * CELL_DEG - 90,
            )
            .fill_null(0)
        )
        rows = rows.with_columns(share_heard=pl.col("heard") / (pl.col("heard") + pl.col("silent")))
        return rows.select(list(RECEPTION.schema)).cast(dict(RECEPTION.schema)).sort("lon_deg", "lat_deg")  # type: ignore[arg-type]


def _summed(parts: Sequence[pl.DataFrame], schema: pl.Schema, by: list[str]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *parts]).group_by(by).sum().select(list(schema)).sort(by)
