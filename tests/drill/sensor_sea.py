"""A few hulls on straight tracks off Callao, for the tests of the sensors."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from seaward.core.units import DEG_M, KN_MPS
from seaward.drill.chance import keys_of
from seaward.drill.hulls import UNDER_WAY, Cast, Claim, FalsePlace, Hulls, Orders, Stretch, Switches
from seaward.drill.scenario import AIS_CLASSES, Sensor, Station

SEED, REALM, START = 7, "ex:pacifico-27", datetime(2027, 11, 4, tzinfo=UTC)
CALLAO = Station("EX-CALLAO", (-77.15, -12.05), 60.0)
HUACHO = Station("EX-HUACHO", (-77.65, -11.1), 60.0)
BBOX = (-79.0, -13.0, -77.0, -11.0)
COAST = Sensor("coast", "coastal_ais", (CALLAO, HUACHO))
SENSORS = (
    COAST,
    Sensor("space", "satellite_ais", every_ms=1_200_000, first_ms=60_000, pass_ms=600_000, delay_ms=300_000, receive=0.9),
    Sensor("centre", "vms", every_ms=900_000, delay_ms=120_000, carriers=("cargo", "squid_jigger")),
    Sensor("sar", "sar", passes_ms=(600_000,), footprint=BBOX, false_per_1000_km2=0.5, delay_ms=60_000),
    Sensor("lamps", "night_light", passes_ms=(1_200_000,), error_m=400.0),
    Sensor("radar", "coastal_radar", (CALLAO,), every_ms=120_000, error_m=50.0),
)


def cast(
    n: int = 8, *, kind: str = "cargo", ais_class: str = "A", length_m: float = 150.0, switches: tuple[tuple[int, int, bool], ...] = (),
    claims: tuple[Claim, ...] = (), false_places: tuple[FalsePlace, ...] = (), is_real: bool = True, seed: int = SEED,
) -> Cast:  # fmt: skip
    ids = tuple(f"ship/{i:04d}" for i in range(n))
    hulls = Hulls(
        ids, (kind,) * n, keys_of(seed, ids, "hull"), 100_000_000 + np.arange(n), tuple(f"SHIP {i} (EX)" for i in range(n)),
        tuple(f"EX{i:05d}" for i in range(n)), np.full(n, 70), np.full(n, length_m), np.full(n, round(length_m / 6)),
        np.full(n, AIS_CLASSES.index(ais_class), np.uint8), np.full(n, is_real), np.zeros((n, 2)),
    )  # fmt: skip
    none_f, none_i = np.empty(0), np.empty(0, np.int64)
    orders = Orders(
        np.zeros(n + 1, np.int64), none_i.astype(np.uint8), none_i, none_f, none_f, none_f, none_f, none_f, none_i.astype(np.uint8), none_i
    )
    hull, at, on = zip(*switches, strict=True) if switches else ((), (), ())
    return Cast(hulls, orders, Switches(np.array(hull, np.int64), np.array(at, np.int64), np.array(on, bool)), claims, false_places)


def sea(
    n: int = 8, minutes: float = 30.0, *, sog_kn: float = 9.0, turn_deg_s: float = 0.0, activity: int = UNDER_WAY, away_m: float = 15_000.0,
    tick_ms: int = 10_000,
) -> Stretch:  # fmt: skip
    """Ships in a row from north to south, `away_m` west of Callao, that go south."""
    at = np.arange(int(minutes * 60_000) // tick_ms + 1, dtype=np.int64) * tick_ms
    seconds = at / 1000.0
    place = CALLAO.at
    lon = np.full((len(at), n), place[0] - away_m / DEG_M / np.cos(np.radians(place[1])))
    lat = place[1] - np.arange(n) * 0.01 - (seconds * sog_kn * KN_MPS / DEG_M)[:, None]
    heading = np.repeat(((180.0 + turn_deg_s * seconds) % 360.0)[:, None], n, 1)
    full = np.full(lon.shape, float(sog_kn))
    return Stretch(at, lon, lat, full, np.full(lon.shape, 180.0), heading, np.full(lon.shape, activity, np.uint8))


def cut(whole: Stretch, ticks: int) -> list[Stretch]:
    """The same sea in stretches of some ticks."""
    return [
        Stretch(*(getattr(whole, f)[i : i + ticks + 1] for f in ("at_ms", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "activity")))
        for i in range(0, len(whole.at_ms) - 1, ticks)
    ]
