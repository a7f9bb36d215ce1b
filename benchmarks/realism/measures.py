"""Reports in windows -> measures by report, and features by vessel and window, in groups; and the pairing of two feeds."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.realism.windows import WINDOW_S
from seaward.core.units import DEG_M, KN_MPS

SPEED_CLASSES = (0.5, 3.0, 8.0, 14.0, 23.0)  # knots: at rest, and the steps of ITU-R M.1371-5 table 1 with two more between
UNDER_WAY_KN = 3.0  # below, course and heading have little to do with each other
GROUPS: dict[str, tuple[str, ...]] = {
    "speed": ("sog_mean", "sog_sd", "sog_step"),
    "turn": ("cog_step", "cog_step_most", "heading_step", "heading_step_most"),
    "heading": ("heading_null", "off", "off_sd"),
    "timing": ("reports", "interval", "interval_spread", "gap"),
    "place": ("dead_reckoning", "place_step", "same_place"),
    "status": ("status_0", "status_1", "status_5", "status_7_8", "status_null"),
    "flags": ("accuracy", "raim", "rot_null", "rot_zero", "cog_null", "sog_null"),
}
MEASURES = {
    "sog": "speed [kn]", "sog_change": "change of speed [kn/min]", "turn": "turn, course, over 3 kn [degree/min]",
    "off": "course minus heading, over 3 kn [degree]",
    "interval": "interval [s]", "gap": "longest time unheard [s]", "jitter": "place at rest about its mean [m]",
}  # fmt: skip


def _turned(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    return (a - b + 180.0) % 360.0 - 180.0


def stepped(rows: pl.DataFrame) -> pl.DataFrame:
    """Reports with what changed since the one before of the same vessel in the same window."""
    one = ["window", "mmsi"]
    rows = rows.sort("window", "mmsi", "at_s").with_columns(
        (pl.col(c) - pl.col(c).shift(1).over(one)).alias(f"d_{c}") for c in ("at_s", "sog_kn", "lon_deg", "lat_deg")
    )
    east, north = pl.col("d_lon_deg") * pl.col("lat_deg").radians().cos() * DEG_M, pl.col("d_lat_deg") * DEG_M
    dt = pl.col("d_at_s").clip(1)
    sog = (pl.col("sog_kn") + pl.col("sog_kn").shift(1).over(one)) / 2 * KN_MPS
    minutes = dt / 60.0
    moves = pl.col("sog_kn") >= UNDER_WAY_KN
    rows = rows.with_columns(
        step_m=(east**2 + north**2).sqrt(),
        d_cog=_turned(pl.col("cog_deg"), pl.col("cog_deg").shift(1).over(one)),
        d_heading=_turned(pl.col("heading_deg"), pl.col("heading_deg").shift(1).over(one)),
        off=pl.when(moves).then(_turned(pl.col("cog_deg"), pl.col("heading_deg"))),
        reckoned=sog * dt,
    )
    rest = pl.col("sog_kn").median().over(one) < SPEED_CLASSES[0]
    mean_e = (pl.col("lon_deg") - pl.col("lon_deg").mean().over(one)) * pl.col("lat_deg").radians().cos() * DEG_M
    mean_n = (pl.col("lat_deg") - pl.col("lat_deg").mean().over(one)) * DEG_M
    return rows.with_columns(
        sog=pl.col("sog_kn"), interval=pl.col("d_at_s"), sog_change=pl.col("d_sog_kn") / minutes, turn=pl.when(moves).then(pl.col("d_cog") / minutes),
        jitter=pl.when(rest).then((mean_e**2 + mean_n**2).sqrt()), short_m=(pl.col("step_m") - pl.col("reckoned")).abs(),
    )  # fmt: skip


def features(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per vessel and window with at least two reports: `mmsi`, `window`, `stratum`, and the features of `GROUPS`."""
    status = pl.col("nav_status")
    first, last = pl.col("at_s").min(), pl.col("at_s").max()
    return (
        stepped(rows).with_columns(start=pl.col("at_s").min().over("window"))
        .group_by("window", "mmsi", maintain_order=True).agg(
            pl.col("transceiver").first(), sog_mean=pl.col("sog_kn").median(), sog_sd=pl.col("sog_kn").std(),
            sog_step=pl.col("d_sog_kn").abs().mean(),
            cog_step=pl.col("d_cog").abs().median(), cog_step_most=pl.col("d_cog").abs().max(), heading_step=pl.col("d_heading").abs().mean(),
            heading_step_most=pl.col("d_heading").abs().max(), heading_null=pl.col("heading_deg").is_null().mean(), off=pl.col("off").median().abs(),
            off_sd=pl.col("off").std(), reports=pl.len(), interval=pl.col("interval").median(),
            interval_spread=(pl.col("interval").quantile(0.9) - pl.col("interval").quantile(0.1)) / pl.col("interval").median(),
            gap=pl.max_horizontal(pl.col("interval").max(), first - pl.col("start").first(), pl.col("start").first() + WINDOW_S - last),
            dead_reckoning=pl.col("short_m").median(), place_step=pl.col("step_m").median(), same_place=(pl.col("step_m") == 0).mean(),
            status_0=(status == 0).mean(), status_1=(status == 1).mean(), status_5=(status == 5).mean(), status_7_8=status.is_in([7, 8]).mean(),
            status_null=status.is_null().mean(), accuracy=pl.col("accuracy").mean(), raim=pl.col("raim").mean(),
            rot_null=pl.col("rot_deg_min").is_null().mean(), rot_zero=(pl.col("rot_deg_min") == 0).mean(),
            cog_null=pl.col("cog_deg").is_null().mean(),
            sog_null=pl.col("sog_kn").is_null().mean(),
        )
        .filter((pl.col("reports") >= 2) & pl.col("sog_mean").is_not_null())
        .with_columns(said=pl.when(pl.col("status_1") + pl.col("status_5") >= 0.5).then(pl.lit(", at rest as it says")).otherwise(pl.lit("")))
        .with_columns(stratum=pl.format("{} {}{}", "transceiver",
            pl.col("sog_mean").cut(list(SPEED_CLASSES), left_closed=True).cast(pl.String), pl.col("said")))
    )  # fmt: skip


def once(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One window of each vessel in each stratum, by chance: vessels then count alike."""
    return rows.sort("mmsi", "window").sample(fraction=1.0, shuffle=True, seed=seed).unique(["mmsi", "stratum"], keep="first", maintain_order=True)


def paired(a: pl.DataFrame, b: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """As many rows of one as of the other in each stratum: what then differs is not the mix of classes and speeds."""
    rng = np.random.default_rng(seed)
    kept: tuple[list[pl.DataFrame], list[pl.DataFrame]] = ([], [])
    for stratum in sorted({*a["stratum"]} & {*b["stratum"]}):
        sides = [side.filter(pl.col("stratum") == stratum) for side in (a, b)]
        n = min(map(len, sides))
        for side, into in zip(sides, kept, strict=True):
            into.append(side[np.sort(rng.choice(len(side), n, replace=False))])
    return pl.concat(kept[0]), pl.concat(kept[1])
