"""Small casts by hand: hulls with their orders, for tests of the kernel."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from seaward.drill.chance import keys_of
from seaward.drill.hulls import Cast, Claim, FalsePlace, Hulls, Orders, Switches
from seaward.drill.scenario import Clock

HOUR_MS = 3_600_000
LATER = 1 << 50
START = datetime(2027, 11, 4, tzinfo=UTC)
NAN = float("nan")


def clock(hours: float = 2.0, tick_ms: int = 10_000) -> Clock:
    return Clock(START, int(hours * HOUR_MS), tick_ms)


def order(what: int, until_ms: int = LATER, **more) -> dict:
    return {"what": what, "until_ms": until_ms, **more}


def hull(name: str, at: tuple[float, float], *orders: dict, length_m: float = 60.0, kind: str = "cargo", **more) -> dict:
    return {"id": name, "at": at, "orders": orders, "length_m": length_m, "kind": kind, **more}


def cast(*hulls: dict, seed: int = 1, off: tuple = (), claims: tuple[Claim, ...] = (), false_places: tuple[FalsePlace, ...] = ()) -> Cast:
    """A cast; `off` are (name, from, to) of transmitters that are switched off, `other` in orders is a name."""
    rows = sorted(hulls, key=lambda h: h["id"])
    ids = tuple(h["id"] for h in rows)
    n = len(rows)
    who = Hulls(
        ids, tuple(h["kind"] for h in rows), keys_of(seed, ids, "hull"),
        np.array([h.get("mmsi", 100_000_000 + k) for k, h in enumerate(rows)], np.int64),
        tuple(f"{i.upper()} (EX)" for i in ids), tuple("" for _ in ids), np.zeros(n, np.int64), np.array([h["length_m"] for h in rows], float),
        np.array([h["length_m"] / 6 for h in rows], float), np.array([h.get("ais", 1) for h in rows], np.uint8),
        np.array([h.get("real", True) for h in rows], bool), np.array([h["at"] for h in rows], float).reshape(-1, 2),
    )  # fmt: skip
    flat = [o for h in rows for o in h["orders"]]
    first = np.cumsum([0, *(len(h["orders"]) for h in rows)])

    def column(name: str, default, dtype):
        return np.array([o.get(name, default) for o in flat], dtype)

    orders = Orders(
        first.astype(np.int64), column("what", 0, np.uint8), column("until_ms", LATER, np.int64),
        column("lon", NAN, float), column("lat", NAN, float),
        column("speed_kn", NAN, float), column("course_deg", 0.0, float), column("radius_m", 0.0, float), column("gear", 0, np.uint8),
        np.array([ids.index(o["other"]) if "other" in o else -1 for o in flat], np.int64),
    )  # fmt: skip
    moves = sorted((ids.index(name), at, on) for name, a, b in off for at, on in ((a, False), (b, True)))
    switches = Switches(np.array([m[0] for m in moves], np.int64), np.array([m[1] for m in moves], np.int64), np.array([m[2] for m in moves], bool))
    return Cast(who, orders, switches, claims, false_places)
