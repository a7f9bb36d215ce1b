"""Feeds -> position reports of vessels, cut to windows of one length, each message once, times in whole seconds."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl

from seaward.core.units import at_to_us
from seaward.drill.cast import cast_of
from seaward.drill.kernel import Sea
from seaward.drill.observe import Sensors, pieces
from seaward.drill.read_scenario import read_scenario
from seaward.feeds.read import read

WINDOW_S = 300
ECHO_S = 15  # the same words again within so long are the same message heard by another station
SAID = ("message_type", "mmsi", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "second")
KEPT = ("nav_status", "rot_deg_min", "accuracy", "raim", "transceiver")
REAL_MMSI = (200_000_000, 799_999_999)  # ships: ITU-R M.585-9


def half_of(mmsi: int) -> str:
    """Which half a real vessel belongs to for ever: `seen` while the simulation is mended, or `held` for the final figure."""
    return "held" if hashlib.sha256(str(mmsi).encode()).digest()[0] & 1 else "seen"


def reports_of(path: str, realm: str) -> pl.DataFrame:
    """Position reports of classes A and B, each message once: `SAID`, `KEPT`, `at_s` (whole seconds since 1970)."""
    rows = pl.concat([b.messages for b in read(path, realm, messages=True) if b.messages is not None])
    rows = rows.filter(pl.col("message_type").is_in([1, 2, 3, 18]) & (pl.col("repeat") == 0) & pl.col("lon_deg").is_not_null())
    rows = rows.with_columns(at_s=pl.col("received_at").dt.epoch("us") // 1_000_000, transceiver=pl.col("transceiver").cast(pl.String))
    rows = rows.filter(pl.col("at_s").is_not_null()).sort("at_s", "raw_offset")
    before = pl.col("at_s").shift(1).over(SAID)
    return rows.filter((pl.col("at_s") - before).fill_null(ECHO_S + 1) > ECHO_S).select(*SAID, *KEPT, "at_s")


def real_windows(path: str) -> pl.DataFrame:
    """The windows of a real feed from its first report on; what is left at the end is not used unless it is nearly a window."""
    rows = reports_of(path, "ops").filter(pl.col("mmsi").is_between(*REAL_MMSI))
    number = (pl.col("at_s") - pl.col("at_s").min()) // WINDOW_S
    rows = rows.with_columns(window=pl.format("{}/{}", pl.lit(Path(path).name), number))
    span = rows.group_by("window").agg(span=pl.col("at_s").max() - pl.col("at_s").min())
    return rows.join(span.filter(pl.col("span") > 0.95 * WINDOW_S), on="window").drop("span")


def simulated_windows(scenario_path: Path, seed: int, times: int, every_s: int = 5_400) -> pl.DataFrame:
    """Windows of the coastal feed of a scenario, its traffic multiplied, one window every so often."""
    scenario = read_scenario(scenario_path)
    scenario = replace(scenario, seed=seed, traffic=tuple(replace(t, count=times * t.count) for t in scenario.traffic))
    coast = tuple(s for s in scenario.sensors if s.kind == "coastal_ais")
    cast, realm = cast_of(scenario), scenario.exercise.realm
    sea = Sea(cast, scenario.clock, scenario.weather, scenario.seed)
    rig = Sensors(cast, coast, scenario.clock.start, realm, seed=seed, bbox=scenario.bbox)
    start_s = at_to_us(scenario.clock.start) // 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / rig.names[coast[0].id]
        with path.open("wb") as file:
            file.write(rig.heads[coast[0].id])
            for piece in (p for s in sea.stretches() for p in pieces(s)):
                text, _ = rig.take(piece)[coast[0].id]
                if piece.at_ms[-1] / 1000 % every_s <= WINDOW_S + 300:
                    file.write(text)
        rows = reports_of(str(path), realm)
    into = pl.col("at_s") - start_s
    rows = rows.filter((into >= every_s) & (into % every_s < WINDOW_S))
    return rows.with_columns(window=pl.format("{}/{}/{}", pl.lit(scenario.exercise.id), pl.lit(seed), into // every_s))
