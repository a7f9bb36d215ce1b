"""How often a vessel was where `dark_contact` says it may have been: `python -m benchmarks.where_scores FOLDER` prints a table of scores-dark.md.

Seven real vessels of the folder of data made by others (not part of the project): five small boats off the Algarve, one boat in the Adriatic, one
ship on the Danube. Stretches of 1 to 6 hours of their tracks are hidden in turn. In them, at a quarter, half and three quarters, the true place is
held against the region said to hold it with 50, 90 and 99 %: with the fixes after the stretch (both ends), and as if nothing came after it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl

import seaward
from seaward.behaviours.columns import columns_of
from seaward.behaviours.dark_contact import DarkContactParams
from seaward.behaviours.whereabouts import nearby
from seaward.core.tables import AT, REPORTS
from seaward.core.units import US_PER_S

_HOURS = (1.0, 2.0, 4.0, 6.0)
_PARTS = (0.25, 0.5, 0.75)
_REGIONS = (0.5, 0.9, 0.99)
_ERROR_M = 10.0


def tracks(folder: Path) -> pl.DataFrame:
    """POSITIONS of the seven vessels."""
    at = pl.col("at").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", time_zone="UTC").alias("reported_at")
    boats = pl.read_csv(folder / "tracks_labelled" / "algarve_gps_2017.csv").rename({"time": "at", "speed": "sog_kn", "bearing": "cog_deg"})
    adriatic = pl.read_csv(folder / "tracks" / "adriatic_passive_gear_2017.csv").rename({"time_stamp": "at", "speed": "sog_kn", "course": "cog_deg"})
    said = json.loads((folder / "gaps" / "sample_messages-ssvid-243042594-10-days.json").read_text())
    ship = pl.DataFrame({
        "reported_at": pl.Series([int(m["timestamp"] * 1e6) for m in said]).cast(AT), "mmsi": [243_042_594] * len(said),
        **{to: [None if m[of] is None else float(m[of]) for m in said]
           for to, of in (("lon_deg", "lon"), ("lat_deg", "lat"), ("sog_kn", "speed_knots"), ("cog_deg", "course"))},
    })  # fmt: skip
    names = pl.col("vessel_id").rank("dense").cast(pl.Int64)
    rows = [
        boats.select(at, lon_deg="lon", lat_deg="lat", sog_kn="sog_kn", cog_deg=pl.col("cog_deg") % 360, mmsi=263_000_000 + names),
        adriatic.select(at, lon_deg="lon", lat_deg="lat", sog_kn="sog_kn", cog_deg=pl.col("cog_deg") % 360, mmsi=247_000_001),
        ship.with_columns(pl.col("cog_deg") % 360),
    ]
    reports = pl.concat([r.cast({"sog_kn": pl.Float32, "cog_deg": pl.Float32, "mmsi": pl.Int64}) for r in rows], how="diagonal")
    reports = reports.with_row_index("raw_offset").with_columns(received_at="reported_at", feed=pl.lit("tracks"), message_type=0, raw_length=0)
    missing = [pl.lit(None).alias(c) for c in REPORTS.schema if c not in reports.columns]
    reports = reports.with_columns(missing).with_columns(realm=pl.lit("ops")).select(pl.col(c).cast(t) for c, t in REPORTS.schema.items())
    return seaward.detect(reports, kinds=["gap"]).positions


def looks(track: pl.DataFrame, hours: float) -> list[tuple[int, int, list[int]]]:
    """Stretches to hide: from row, to row, and the rows to look at; none overlaps another."""
    at = track["at"].to_physical().to_numpy()
    found, i, least = [], 0, int(hours * 3600 * US_PER_S)
    while i < len(at) and at[-1] - at[i] >= least:
        j = int(np.searchsorted(at, at[i] + least))
        rows = [int(np.argmin(np.abs(at - (at[i] + (at[j] - at[i]) * part)))) for part in _PARTS]
        if at[j] - at[i] < 1.25 * least and all(i < r < j for r in rows) and np.diff(at[i : j + 1]).max() < least / 3:
            found.append((i, j, rows))
            i = j
        else:
            i += 1
    return found


def far(track: pl.DataFrame, hours: float, *, reckon: bool) -> tuple[np.ndarray, np.ndarray]:
    """Share of the distribution outside of the true place, and density there [log per m2], of each look at one vessel."""
    params, outside, density = DarkContactParams(), [], []
    last = track["at"].max()
    for i, j, rows in looks(track, hours):
        known = track[: i + 1] if reckon else pl.concat([track[: i + 1], track[j:]])
        c = columns_of(known, last)  # type: ignore[arg-type]
        assert c is not None
        for r in rows:
            place = track[r]
            near = nearby(
                c, place["at"].to_physical().to_numpy(), place["lon_deg"].to_numpy(), place["lat_deg"].to_numpy(), np.array([_ERROR_M]),
                params.max_silence_s, params.speed_spread, params.turn_s,
            )  # fmt: skip
            if len(near.moment) == 0:
                outside.append(0.0)
                density.append(-30.0)
                continue
            u, weight = float((near.distance_m[0] / near.sigma_m[0]) ** 2 / 2), float(near.weight[0])
            outside.append((1 + u / weight) ** -weight)
            density.append(-(weight + 1) * np.log1p(u / weight) - np.log(2 * np.pi * near.sigma_m[0] ** 2))
    return np.array(outside), np.array(density)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    vessels = [part.sort("at") for _, part in tracks(given.folder).group_by("vessel_id", maintain_order=True)]
    print("| hidden | known | looks | vessels | within 50 % | within 90 % | within 99 % | mean log density |\n|---|---|---|---|---|---|---|---|")
    for reckon in (False, True):
        for hours in _HOURS:
            found = [far(track, hours, reckon=reckon) for track in vessels]
            outside, density = (np.concatenate(parts) for parts in zip(*found, strict=True))
            shares = " | ".join(f"{(outside >= 1 - p).mean():.2f}" for p in _REGIONS)
            known = "before it" if reckon else "both ends"
            print(f"| {hours:.0f} h | {known} | {len(outside)} | {sum(len(o) > 0 for o, _ in found)} | {shares} | {density.mean():.2f} |")


if __name__ == "__main__":
    main()
