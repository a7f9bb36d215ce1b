"""ships -> messages as heard: when each transmits, which station hears it, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M, mps_to_kn, nm_to_m
from tests.made_up_day.fleet import DAY_S, Ship

INTERVAL_S = {"way": 60.0, "anchor": 180.0, "class_b": 90.0, "static": 720.0}  # a feed thinned to about a sixth of what ships send
GNSS_M = 4.0  # standard deviation of a fix


@dataclass(frozen=True, slots=True)
class Station:
    """One receiver; a range of 0 is a satellite."""

    name: str
    lon_deg: float = 0.0
    lat_deg: float = 0.0
    range_nm: float = 0.0
    outage_s: tuple[float, float] = (0.0, 0.0)


STATIONS = (
    Station("EX-PAITA", -81.1, -5.1, 58),
    Station("EX-CHIMBOTE", -78.6, -9.1, 60),
    Station("EX-CALLAO", -77.15, -12.05, 62, outage_s=(14 * 3600.0, 14 * 3600.0 + 2400.0)),
    Station("EX-HUACHO", -77.65, -11.1, 50),
    Station("EX-PISCO", -76.3, -13.8, 60),
    Station("EX-ILO", -71.4, -17.6, 60),
    Station("EX-SAT"),
)


def transmissions(ship: Ship, seed: int, number: int) -> pl.DataFrame:
    """Fixes of one ship: at_s, lon_deg, lat_deg, sog_kn, cog_deg, heading_deg, nav_status."""
    rng = np.random.default_rng([seed, 100, number])
    step = INTERVAL_S["class_b" if ship.class_b else "anchor" if ship.nav_status == 1 else "way"]
    at = np.arange(rng.uniform(0, step), DAY_S, step)
    at = np.clip(at + rng.uniform(-0.1, 0.1, len(at)) * step, 0, DAY_S - 1)
    at = at[(at < ship.silent_s[0]) | (at >= ship.silent_s[1])]
    phase = rng.uniform(0, 2 * np.pi, 4)
    lon, lat = _place(ship, at, phase)
    lon1, lat1 = _place(ship, at - 20, phase)
    lon2, lat2 = _place(ship, at + 20, phase)
    east, north = (lon2 - lon1) * np.cos(np.radians(lat)) * 60 * NM_M, (lat2 - lat1) * 60 * NM_M
    sog = np.maximum(0, mps_to_kn(1.0) * np.hypot(east, north) / 40 + rng.normal(0, 0.06, len(at)))
    cog = (np.degrees(np.arctan2(east, north)) + rng.normal(0, 1, len(at)) * np.minimum(30, 4 / np.maximum(sog, 0.1))) % 360
    heading = np.round(cog + rng.normal(0, 1.5, len(at))) % 360
    if ship.nav_status == 1:
        heading = np.round(200 + 15 * np.sin(at / 9000 + phase[0])) % 360
    adrift = (at >= ship.drift_s[0]) & (at < ship.drift_s[1])
    heading = np.where(adrift, np.round(ship.drift_heading_deg + 4 * np.sin(at / 700)), heading)
    false = (at >= ship.false_s[0]) & (at < ship.false_s[1])
    lon, lat = (np.where(false, said, true) for said, true in zip(ship.false_place_deg, (lon, lat), strict=True))
    gnss = rng.normal(0, GNSS_M, (2, len(at))) / (60 * NM_M)
    return pl.DataFrame({
        "at_s": at, "lon_deg": lon + gnss[0] / np.cos(np.radians(lat)), "lat_deg": lat + gnss[1], "sog_kn": sog, "cog_deg": cog,
        "heading_deg": np.full(len(at), np.nan) if ship.class_b else heading, "nav_status": np.where(adrift, 2, ship.nav_status),
    })  # fmt: skip


def _place(ship: Ship, at_s: np.ndarray, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the ship is: on its way, with a slow wander."""
    lon, lat = np.interp(at_s, ship.way[:, 0], ship.way[:, 1]), np.interp(at_s, ship.way[:, 0], ship.way[:, 2])
    wander_deg = ship.wander_m / (60 * NM_M)
    return lon + wander_deg * np.sin(at_s / 2400 + phase[0]), lat + wander_deg * np.sin(at_s / 3100 + phase[1])


def heard(sent: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Which stations hear which transmissions.

    Parameters
    ----------
    sent
        Columns `at_s`, `lon_deg`, `lat_deg` and others.
    seed
        Of chance.

    Returns
    -------
    Rows of `sent` once per station that hears it, with `station` (index in `STATIONS`) and `received_s` (whole seconds of the day).
    """
    at, lon, lat = (sent[c].to_numpy() for c in ("at_s", "lon_deg", "lat_deg"))
    inshore = np.zeros(len(sent), bool)
    parts = []
    for n, station in enumerate(STATIONS):
        rng = np.random.default_rng([seed, 200, n])
        if station.range_nm:
            away = great_circle_m(lon, lat, station.lon_deg, station.lat_deg) / nm_to_m(station.range_nm)
            inshore |= away < 1
            chance = np.where(away < 1, 0.97 - 0.6 * away**4, 0.0)
        else:  # passes every 20 minutes, 14 minutes long; few messages survive where many ships send at once
            chance = np.where(at % 1200 < 840, np.where(inshore, 0.02, 0.42), 0.0)
        is_heard = (rng.random(len(sent)) < chance) & ~((at >= station.outage_s[0]) & (at < station.outage_s[1]))
        delay = rng.uniform(0, 0.9, len(sent)) if station.range_nm else rng.uniform(0.2, 1.9, len(sent))
        parts.append(sent.with_columns(station=pl.lit(n), received_s=pl.Series(np.floor(at + delay).astype(np.int64))).filter(is_heard))
    return pl.concat(parts)
