"""How well places that cannot be are told from true ones: `python -m benchmarks.position_scores` prints the tables of docs/scores-position.md.

Simulated seas off Peru of three days, heard by one feed on the coast: traders, boats, vessels at anchor, ferries, and what is easily mistaken
(`ODD`); one fix in a thousand is off by 5 to 500 km. Injected: false circles, jumps there and back, areas of interference, lone vessels
far out of reach. The reports go the whole way, through `seaward.detect`. An event is right if it names a vessel in trouble at that time.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import polars as pl

import seaward
from seaward.core.tables import REPORTS
from seaward.core.units import DEG_M, KN_MPS, US_PER_S

START_US = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()) * US_PER_S
DAYS = 3
WEST, EAST, SOUTH, NORTH = -80.0, -77.4, -15.0, -9.0
STEEL = {"trader": 60, "boat": 60, "anchored": 40}  # vessels of each seed
ODD = {"ferry": 8, "by turns": 8, "at once": 8, "search circles": 8, "clock": 8, "late": 8}
AREAS = (3, 5, 10, 30)
PATTERNS = {"area": "area", "circle": "circle", "jumps": "jumps", "beyond_alone": "beyond"}  # the first code that an event has says what it is
Z = 1.96  # of a two-sided interval of 95 %


@dataclass(frozen=True, slots=True)
class Truth:
    """Something wrong: whose, when [s since the start], what."""

    pattern: str
    numbers: frozenset[int]
    start_s: float
    end_s: float


@dataclass(slots=True)
class Sea:
    """Reports and what is true of them."""

    rng: np.random.Generator
    rows: list[pl.DataFrame] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    kind: dict[int, str] = field(default_factory=dict)

    def number(self, kind: str) -> int:
        self.kind[760_000_001 + len(self.kind)] = kind
        return 760_000_000 + len(self.kind)

    def say(self, number: int, at_s: np.ndarray, x: np.ndarray, y: np.ndarray, motion: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
        """Reports at places [m east and north of 80 W 12 S]; one in ten is lost, one in a thousand a spike, all are off by some 10 m."""
        rng = self.rng
        heard = (rng.random(len(at_s)) > 0.1) & (at_s < DAYS * 86_400)
        at_s, x, y, sog, cog, heading = (a[heard] for a in (at_s, x, y, *motion))
        spike = (rng.random(len(at_s)) < 1e-3) * np.exp(rng.uniform(np.log(5e3), np.log(5e5), len(at_s)))
        angle = rng.uniform(0, 2 * math.pi, len(at_s))
        x, y = x + rng.normal(0, 10, len(x)) + spike * np.sin(angle), y + rng.normal(0, 10, len(y)) + spike * np.cos(angle)
        lon, lat = degrees(x, y)
        self.rows.append(pl.DataFrame({
            "mmsi": np.full(len(at_s), number), "reported_at": START_US + (at_s * 1e6).astype(np.int64), "lon_deg": lon, "lat_deg": lat,
            "sog_kn": np.maximum(0, sog + rng.normal(0, 0.1, len(sog))), "cog_deg": (cog + rng.normal(0, 2, len(cog))) % 360,
            "heading_deg": (heading + rng.normal(0, 1, len(heading))) % 360,
        }))  # fmt: skip

    def reports(self) -> pl.DataFrame:
        """All of them as REPORTS of one feed."""
        rows = pl.concat(self.rows).sort("reported_at", "mmsi").with_row_index("raw_offset").with_columns(received_at="reported_at")
        plain = {"realm": "ops", "feed": "coast", "raw_length": 80, "message_type": 1}
        rows = rows.with_columns(pl.lit(v).alias(k) for k, v in plain.items())
        return rows.with_columns(pl.lit(None).alias(c) for c in REPORTS.schema if c not in rows.columns).select(
            pl.col(c).cast(t) for c, t in REPORTS.schema.items()
        )


def degrees(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    lat = -12 + y / DEG_M
    return -80 + x / DEG_M / np.cos(np.radians(lat)), lat


def somewhere(rng: np.random.Generator) -> tuple[float, float]:
    """Within the traffic, 25 km and more from its edges [m]."""
    lat = rng.uniform(SOUTH, NORTH)
    return (rng.uniform(WEST, EAST) + 80) * DEG_M * math.cos(math.radians(lat)), (lat + 12) * DEG_M


def times(rng: np.random.Generator, since_s: float = 0.0, until_s: float = DAYS * 86_400) -> np.ndarray:
    """Moments of reports, every one to six minutes by vessel."""
    every = rng.uniform(60, 360)
    at = since_s + np.cumsum(every * rng.uniform(0.8, 1.2, int((until_s - since_s) / every * 1.3) + 1))
    return at[at < until_s]


def sails(rng: np.random.Generator, at_s: np.ndarray, low_kn: float, high_kn: float, turn: float) -> tuple[np.ndarray, np.ndarray]:
    """East and north [m] of a vessel that keeps a speed and turns by some radians each ten minutes, back where it leaves the traffic."""
    step, (x, y) = 60.0, somewhere(rng)
    n = int(DAYS * 86_400 / step) + 1
    speed, course = rng.uniform(low_kn, high_kn) * KN_MPS, rng.uniform(0, 2 * math.pi)
    xs, ys = np.empty(n), np.empty(n)
    for k in range(n):
        if k % 10 == 0:
            course += rng.normal(0, turn)
        lon, lat = degrees(np.array([x]), np.array([y]))
        if not (WEST < lon[0] < EAST and SOUTH < lat[0] < NORTH):
            aim = math.atan2((WEST + EAST) / 2 - lon[0], -12 - lat[0])
            course += 0.2 * math.sin(aim - course)
        x, y = x + speed * step * math.sin(course), y + speed * step * math.cos(course)
        xs[k], ys[k] = x, y
    minute = np.arange(n) * step
    return np.interp(at_s, minute, xs), np.interp(at_s, minute, ys)


def swings(rng: np.random.Generator, at_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At anchor, with the wind and the tide."""
    x, y = somewhere(rng)
    angle = rng.uniform(0, 6) + 2 * math.pi * at_s / (12.42 * 3600) + rng.uniform(0.2, 1.2) * np.sin(at_s / rng.uniform(300, 900))
    radius = rng.uniform(40, 350)
    return x + radius * np.sin(angle), y + radius * np.cos(angle)


def motion(at_s: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Speed [kn], course and heading [degree] as the way has them."""
    dx, dy = np.gradient(x, at_s), np.gradient(y, at_s)
    course = np.degrees(np.arctan2(dx, dy)) % 360
    return np.hypot(dx, dy) / KN_MPS, course, course


def circling(at_s: np.ndarray, x: float, y: float, radius_m: float, period_s: float, phase: float) -> tuple[np.ndarray, ...]:
    """Places on a circle, and speed and course along it."""
    angle = phase + 2 * math.pi * at_s / period_s
    course = np.degrees(angle + math.pi / 2) % 360
    speed = np.full(len(at_s), 2 * math.pi * radius_m / period_s / KN_MPS)
    return x + radius_m * np.sin(angle), y + radius_m * np.cos(angle), speed, course


def traffic(sea: Sea) -> None:
    """What sails as it says."""
    ways: dict[str, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
        "trader": lambda at: sails(sea.rng, at, 9, 17, 0.02), "boat": lambda at: sails(sea.rng, at, 2, 8, 0.6),
        "anchored": lambda at: swings(sea.rng, at), "ferry": lambda at: sails(sea.rng, at, 35, 45, 0.05),
    }  # fmt: skip
    for kind, count in (STEEL | {"ferry": ODD["ferry"]}).items():
        for _ in range(count):
            at = times(sea.rng)
            x, y = ways[kind](at)
            sea.say(sea.number(kind), at, x, y, motion(at, x, y))


def odd(sea: Sea) -> None:
    """What looks wrong and is not, or is another matter than place."""
    rng = sea.rng
    for _ in range(ODD["by turns"]):  # two vessels of one number, each off while the other is on
        number, turn = sea.number("by turns"), np.cumsum(rng.uniform(1, 8, 60) * 3600)
        for who in (0, 1):
            at = times(rng)
            x, y = sails(rng, at, 2, 14, 0.2)
            on = np.searchsorted(turn, at + rng.uniform(0, 1800)) % 2 == who
            sea.say(number, at[on], x[on], y[on], tuple(m[on] for m in motion(at, x, y)))
    for _ in range(ODD["at once"]):
        number = sea.number("at once")
        for _ in (0, 1):
            at = times(rng)
            x, y = sails(rng, at, 2, 14, 0.2)
            sea.say(number, at, x, y, motion(at, x, y))
    for _ in range(ODD["search circles"]):  # really sailed, for three to ten hours
        number, at, hours = sea.number("search circles"), times(rng), rng.uniform(3, 10)
        x, y = swings(rng, at)
        during = (at > 86_400) & (at < 86_400 + hours * 3600)
        radius, knots = rng.uniform(200, 2_000), rng.uniform(4, 12)
        ring = circling(at, float(x.mean()), float(y.mean()), radius, 2 * math.pi * radius / (knots * KN_MPS), 0.0)
        sog, cog, heading = motion(at, x, y)
        x, y, sog, cog, heading = (np.where(during, a, b) for a, b in zip((*ring, ring[3]), (x, y, sog, cog, heading), strict=True))
        sea.say(number, at, x, y, (sog, cog, heading))
    for _ in range(ODD["clock"]):  # reports some hours late or early, for an hour or two
        at = times(rng)
        x, y = sails(rng, at, 9, 17, 0.02)
        since = rng.uniform(0.5, 2) * 86_400
        wrong = (at > since) & (at < since + rng.uniform(1, 2) * 3600)
        sea.say(sea.number("clock"), at + wrong * rng.choice([-4, -2, 1, 3]) * 3600.0, x, y, motion(at, x, y))
    for _ in range(ODD["late"]):  # heard from the middle of the time on
        at = times(rng, rng.uniform(0.5, 2) * 86_400)
        x, y = sails(rng, at, 2, 14, 0.2)
        sea.say(sea.number("late"), at, x, y, motion(at, x, y))


def wrong(sea: Sea) -> None:
    """What is to be found: of each a vessel that is otherwise one of the traffic."""
    rng = sea.rng
    for k in range(10):
        at = times(rng)
        x, y = swings(rng, at) if k % 2 else sails(rng, at, 2, 12, 0.2)
        since, hours = rng.uniform(0.3, 2) * 86_400, rng.uniform(3, 10)
        _circle(sea, "circle", at, x, y, since, since + hours * 3600, _ring(rng), lies=k % 3 == 0)
    for _ in range(10):
        at = times(rng)
        x, y = sails(rng, at, 2, 14, 0.2)
        since, far, angle = rng.uniform(0.3, 1.5) * 86_400, np.exp(rng.uniform(np.log(6e3), np.log(3e5))), rng.uniform(0, 2 * math.pi)
        stays, here = [], since
        for _ in range(rng.integers(1, 4)):
            stays.append((here, here + np.exp(rng.uniform(np.log(600), np.log(3 * 3600)))))
            here = stays[-1][1] + rng.uniform(0.5, 3) * 3600
        _jump(sea, "jumps", at, x, y, stays, lambda at, far=far, angle=angle: (far * math.sin(angle), far * math.cos(angle)), absolute=False)
    for k, size in enumerate(AREAS):
        middle, since, hours = somewhere(rng), rng.uniform(0.3, 2) * 86_400, rng.uniform(1, 6)
        spot = middle[0] + rng.uniform(3e4, 1.5e5), middle[1] + rng.uniform(-1e5, 1e5)
        numbers, circles = set(), (k + rng.integers(2)) % 2 == 0
        for _ in range(size):
            at = times(rng)
            x, y = sails(rng, at, 1, 10, 0.3)
            k_since = int(np.searchsorted(at, since))
            x, y = x - x[k_since] + middle[0] + rng.normal(0, 1e4), y - y[k_since] + middle[1] + rng.normal(0, 1e4)
            start = since + rng.uniform(0, 2400)
            end = start + hours * 3600 * rng.uniform(0.7, 1)
            if circles:
                numbers.add(_circle(sea, "", at, x, y, start, end + 2 * 3600, (*spot, rng.uniform(200, 3_000), rng.uniform(5, 40) * 60), lies=False))
            else:
                numbers.add(_jump(sea, "", at, x, y, [(start, end)], lambda at, spot=spot: spot, absolute=True))
        sea.truths.append(Truth(f"area of {size}", frozenset(numbers), since, since + (hours + 2) * 3600))
    since, hours = rng.uniform(0.3, 2) * 86_400, rng.uniform(1, 6)
    at = times(rng, since, since + hours * 3600)
    x, y = sails(rng, at, 0, 12, 0.1)
    x, y = x - x[0] + rng.uniform(-12, -8) * DEG_M, y - y[0] + rng.uniform(-3, 3) * DEG_M
    number = sea.number("beyond")
    sea.say(number, at, x, y, motion(at, x, y))
    sea.truths.append(Truth("beyond", frozenset((number,)), since, since + hours * 3600))


def _ring(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Middle of a false circle [m from 80 W 12 S], its radius [m] and the time of a turn [s]."""
    return *somewhere(rng), float(np.exp(rng.uniform(np.log(150), np.log(5_000)))), rng.uniform(5, 50) * 60


def _circle(
    sea: Sea, pattern: str, at: np.ndarray, x: np.ndarray, y: np.ndarray, since: float, until: float, ring: tuple[float, ...], *, lies: bool
) -> int:
    """A vessel said to be on a circle for some hours; its speed and course are its own, or those of the circle (`lies`)."""
    number, during = sea.number(pattern or "area"), (at >= since) & (at < until)
    sog, cog, heading = motion(at, x, y)
    cx, cy, speed, course = circling(at, *ring, sea.rng.uniform(0, 6))
    if lies:
        sog, cog, heading = (np.where(during, a, b) for a, b in ((speed, sog), (course, cog), (course, heading)))
    sea.say(number, at, np.where(during, cx, x), np.where(during, cy, y), (sog, cog, heading))
    if pattern:
        sea.truths.append(Truth(f"{pattern}, speed too" if lies else pattern, frozenset((number,)), since, until))
    return number


def _jump(
    sea: Sea, pattern: str, at: np.ndarray, x: np.ndarray, y: np.ndarray, stays: list[tuple[float, float]],
    to: Callable[[np.ndarray], tuple[float, float]], *, absolute: bool,
) -> int:  # fmt: skip
    """A vessel said to be elsewhere in some stays."""
    number = sea.number(pattern or "area")
    during = np.zeros(len(at), bool)
    for since, until in stays:
        during |= (at >= since) & (at < until)
    dx, dy = to(at)
    there = (np.full(len(at), dx), np.full(len(at), dy)) if absolute else (x + dx, y + dy)
    sea.say(number, at, np.where(during, there[0], x), np.where(during, there[1], y), motion(at, x, y))
    if pattern:
        far = "20 km and more" if np.hypot(dx, dy) >= 20_000 else "nearer"
        length = "half an hour and more" if max(b - a for a, b in stays) >= 1800 else "shorter"
        sea.truths.append(Truth(f"{pattern}, {far}, {length}", frozenset((number,)), stays[0][0], stays[-1][1]))
    return number


def scene(seed: int) -> Sea:
    sea = Sea(np.random.default_rng([seed, 7]))
    traffic(sea)
    odd(sea)
    wrong(sea)
    return sea


def wilson(hits: int, of: int) -> str:
    """Share and its 95 % interval (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    if not of:
        return "none"
    p = hits / of
    middle, half = (p + Z**2 / (2 * of)) / (1 + Z**2 / of), Z / (1 + Z**2 / of) * math.sqrt(p * (1 - p) / of + Z**2 / (4 * of**2))
    return f"{p:.2f} ({max(0.0, middle - half):.2f} to {min(1.0, middle + half):.2f})"


def judge(sea: Sea, tally: dict[str, Counter[str]]) -> None:
    """Add one sea to the counts."""
    events = seaward.detect(sea.reports(), kinds=["position"]).events
    seconds = ((pl.col(c).to_physical() - START_US) / US_PER_S for c in ("start_at", "end_at"))
    spans = events.select(*seconds).rows()
    found = [
        (
            next(name for code, name in PATTERNS.items() if f"position.{code}" in {r["code"] for r in reasons}),
            {int(v.split(":")[1].split("#")[0]) for v in who},
            *span,
        )
        for reasons, who, span in zip(events["reasons"], events["vessel_ids"], spans, strict=True)
    ]
    for truth in sea.truths:
        tally["truths"][truth.pattern] += 1
        hits = [f for f in found if f[1] & truth.numbers and f[2] <= truth.end_s and truth.start_s <= f[3]]
        tally["found"][truth.pattern] += bool(hits)
        best = max(hits, key=lambda f: len(f[1] & truth.numbers), default=None)
        if truth.pattern.startswith("area"):
            tally["vessels"][truth.pattern] += len(truth.numbers)
            areas = [f for f in hits if f[0] == "area"]
            tally["as said"][truth.pattern] += bool(areas)
            tally["named"][truth.pattern] += max((len(f[1] & truth.numbers) for f in areas), default=0)
            tally["others named"][truth.pattern] += sum(len(f[1] - truth.numbers) for f in areas)
        elif best is not None:
            tally["as said"][truth.pattern] += best[0] == truth.pattern.split(",")[0]
    for pattern, who, since, until in found:
        right = any(who & t.numbers and since <= t.end_s and t.start_s <= until for t in sea.truths)
        tally["events"][pattern] += 1
        tally["right"][pattern] += right
        tally["by turns"][pattern] += not right and {sea.kind[n] for n in who} == {"by turns"}
        if not right:
            for kind in {sea.kind[n] for n in who}:
                tally["false"][kind] += 1
    in_trouble = {n for t in sea.truths for n in t.numbers}
    tally["of kind"].update(k for n, k in sea.kind.items() if n not in in_trouble)


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    heads = list(heads)
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(str(x) for x in row)} |")
    print()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--first", type=int, default=30)
    arguments.add_argument("--seeds", type=int, default=20)
    given = arguments.parse_args()
    names = ("truths", "found", "as said", "vessels", "named", "others named", "events", "right", "false", "of kind", "by turns")
    tally: dict[str, Counter[str]] = {name: Counter() for name in names}
    for seed in range(given.first, given.first + given.seeds):
        judge(scene(seed), tally)
    table(
        ("injected", "times", "found (recall, 95 %)", "as what it is", "vessels named", "others named"),
        (
            (what, n, wilson(tally["found"][what], n), tally["as said"][what],
             f"{tally['named'][what]} of {tally['vessels'][what]}" if tally["vessels"][what] else "", tally["others named"][what] or "")
            for what, n in sorted(tally["truths"].items(), key=lambda item: (item[0].split(" of ")[0], len(item[0]), item[0]))
        ),
    )  # fmt: skip
    right = ((p, n, wilson(tally["right"][p], n), wilson(tally["right"][p], n - tally["by turns"][p])) for p, n in sorted(tally["events"].items()))
    table(("raised as", "events", "right (precision, 95 %)", "but for numbers used by turns"), right)
    kinds = [(k, n, tally["false"][k]) for k, n in tally["of kind"].items()]
    kinds.append(("all", sum(n for _, n, _ in kinds), sum(tally["events"].values()) - sum(tally["right"].values())))
    table(("vessels without trouble", "vessel-days", "false alarms", "per 1,000 vessel-days"),
          ((k, n * DAYS, f, f"{f / (n * DAYS) * 1000:.1f}") for k, n, f in kinds))  # fmt: skip


if __name__ == "__main__":
    main()
