"""rows, seed -> a MarineCadastre-like CSV file in time order, made fast enough to be part of a benchmark run.

Vessels by habit: 42 % moored, 40 % under way, 14 % fishing slowly, 4 % meeting in pairs. Included on purpose: sentinels
(heading 511, course 360, speed 102.3), outlying positions, silences of half a day, quoted names, empty fields.
Run: python benchmarks/coastal_csv.py OUT.csv [ROWS]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numba import njit

HEADER = b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass\n"
START = np.datetime64("2023-01-01T00:00:00")
MOORED, UNDER_WAY, FISHING, MEETING = 0, 1, 2, 3
ROW_BYTES_MAX = 200
MEAN_INTERVAL_S = 62.0  # 5,000 vessels give 20 million rows in 69 hours


@njit(cache=True)
def _decimal(out, p, value, places):
    """Write `value` with `places` decimals at `out[p:]`; return the next free place."""
    scale = 10**places
    n = np.int64(np.round(value * scale))
    if n < 0:
        out[p] = 45
        p += 1
        n = -n
    whole, frac = n // scale, n % scale
    digits = 1
    w = whole
    while w >= 10:
        w //= 10
        digits += 1
    for k in range(digits - 1, -1, -1):
        out[p + k] = 48 + whole % 10
        whole //= 10
    p += digits
    if places:
        out[p] = 46
        for k in range(places, 0, -1):
            out[p + k] = 48 + frac % 10
            frac //= 10
        p += places + 1
    return p


@njit(cache=True)
def _rows(second, days, state, head, tail, head_len, tail_len, out, rng):
    """Write the rows of one second; return the bytes written and the number of rows."""
    next_s, habit, lon, lat, course, speed, until, slow, meet_s, meet_lon, meet_lat, silent_s, silent_for_s = state
    p = 0
    rows = 0
    day, clock = second // 86400, second % 86400
    for v in range(next_s.size):
        if next_s[v] != second:
            continue
        step = 55 + rng.integers(0, 15)
        if silent_s[v] >= 0 and second > silent_s[v]:
            step += silent_for_s[v]
            silent_s[v] = -1
        next_s[v] = second + step
        x, y, s, h = lon[v], lat[v], 0.0, course[v]
        if habit[v] == 0:
            s = 0.0 if rng.random() < 0.9 else 0.1 * rng.integers(1, 4)
            x += rng.normal(0, 3e-5)
            y += rng.normal(0, 3e-5)
            h = rng.uniform(0, 360)
        elif habit[v] == 3 and meet_s[v] <= second < meet_s[v] + 10800:
            turn = (second - meet_s[v]) / 36000.0
            x = meet_lon[v] + 0.01 * turn + rng.normal(0, 5e-5)
            y = meet_lat[v] + 0.008 * turn + rng.normal(0, 5e-5)
            s = rng.uniform(0.2, 1.5)
        elif habit[v] == 3:
            tau = second - meet_s[v] if second < meet_s[v] else second - meet_s[v] - 10800
            along = 10.0 * tau / 216000.0
            x = meet_lon[v] + along * np.sin(np.radians(h)) / np.cos(np.radians(meet_lat[v]))
            y = meet_lat[v] + along * np.cos(np.radians(h))
            s = 10.0 + rng.normal(0, 0.2)
        else:
            if second > until[v]:
                slow[v] = rng.random() < (0.5 if habit[v] == 2 else 0.04)
                until[v] = second + rng.integers(1800, 14400)
            course[v] += rng.normal(0, 15 if habit[v] == 2 else 0.8)
            s = rng.uniform(0, 1.5) if slow[v] else abs(speed[v] + rng.normal(0, 0.2))
            along = s * step / 216000.0
            h = course[v]
            x += along * np.sin(np.radians(h)) / np.cos(np.radians(y))
            y += along * np.cos(np.radians(h))
            if x < -129 or x > -61 or y < 21 or y > 49:
                course[v] += 180
                x = min(max(x, -129.0), -61.0)
                y = min(max(y, 21.0), 49.0)
            lon[v], lat[v] = x, y
        chance = rng.random()
        if chance < 0.0003:
            x += rng.uniform(-8, 8)
            y += rng.uniform(-4, 4)
        elif chance < 0.003:
            s = 102.3
        for k in range(head_len[v]):
            out[p + k] = head[v, k]
        p += head_len[v]
        for k in range(11):
            out[p + k] = days[day, k]
        p += 11
        for part in (clock // 3600, clock % 3600 // 60, clock % 60):
            out[p] = 48 + part // 10
            out[p + 1] = 48 + part % 10
            out[p + 2] = 58
            p += 3
        out[p - 1] = 44
        p = _decimal(out, p, y, 5)
        out[p] = 44
        p = _decimal(out, p + 1, x, 5)
        out[p] = 44
        p = _decimal(out, p + 1, s, 1)
        out[p] = 44
        p = _decimal(out, p + 1, h % 360.0 if chance < 0.98 else 360.0, 1)
        out[p] = 44
        p = _decimal(out, p + 1, np.floor(h % 360.0) if chance < 0.8 else 511.0, 1)
        for k in range(tail_len[v]):
            out[p + k] = tail[v, k]
        p += tail_len[v]
        rows += 1
    return p, rows


def _padded(texts: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    lengths = np.array([len(t) for t in texts])
    table = np.zeros((len(texts), lengths.max()), np.uint8)
    for i, text in enumerate(texts):
        table[i, : len(text)] = np.frombuffer(text, np.uint8)
    return table, lengths


def write(path: Path, rows: int = 20_000_000, *, vessels: int = 5_000, seed: int = 7) -> None:
    """Write at least `rows` rows (to the end of the second in which they are reached)."""
    rng = np.random.default_rng(seed)
    length_s = int(rows / vessels * MEAN_INTERVAL_S)
    habit = rng.choice(4, vessels, p=[0.42, 0.40, 0.14, 0.04])
    meeting = np.flatnonzero(habit == MEETING)[: np.count_nonzero(habit == MEETING) // 2 * 2]
    habit[habit == MEETING] = UNDER_WAY
    habit[meeting] = MEETING
    meet_s, meet_lon, meet_lat = np.zeros(vessels, np.int64), np.zeros(vessels), np.zeros(vessels)
    for a, b in meeting.reshape(-1, 2):
        meet_s[[a, b]] = rng.integers(length_s // 8, max(length_s // 2, length_s // 8 + 1))
        meet_lon[a], meet_lat[a] = rng.uniform(-125, -65), rng.uniform(24, 46)
        meet_lon[b], meet_lat[b] = meet_lon[a] + 0.001, meet_lat[a]
    ports = np.c_[rng.uniform(-128, -62, 60), rng.uniform(22, 48, 60)][rng.integers(0, 60, vessels)]
    at_sea = np.c_[rng.uniform(-128, -62, vessels), rng.uniform(22, 48, vessels)]
    place = np.where((habit == MOORED)[:, None], ports + rng.normal(0, 0.02, (vessels, 2)), at_sea)
    silent_s = np.where(rng.random(vessels) < 0.05, rng.integers(length_s // 10, length_s // 2 + 1, vessels), -1)
    state = (
        rng.integers(0, 60, vessels), habit.astype(np.int64), place[:, 0].copy(), place[:, 1].copy(), rng.uniform(0, 360, vessels),
        np.where(habit == FISHING, rng.uniform(2, 5, vessels), rng.uniform(8, 20, vessels)), np.zeros(vessels, np.int64),
        np.zeros(vessels, np.bool_), meet_s, meet_lon, meet_lat, silent_s.astype(np.int64), rng.integers(43_200, 86_400, vessels),
    )  # fmt: skip
    mmsi = rng.choice(np.arange(201_000_000, 775_000_000), vessels, replace=False)
    first = rng.choice(["MSC", "EVER", "PACIFIC", "OCEAN", "ST", "LADY", "CAPT", "NORTHERN", "ATLANTIC", "CMA CGM"], vessels)
    second = rng.choice(["STAR", "GRACE", "VOYAGER", "ISABELLA", "TRADER", "HAWK", "DAWN", "SPIRIT", "PIONEER", "JADE"], vessels)
    kind, length_m = rng.choice([30, 31, 37, 52, 60, 70, 71, 80, 89, 90], vessels), rng.integers(10, 366, vessels)
    tails = [
        f',"{first[v]} {second[v]} {v % 97}",{f"IMO{9_000_000 + v}" if v % 3 else ""},C{v:05d},{kind[v]},'
        f"{5 if habit[v] == MOORED else 0},{length_m[v]}.0,{max(4, length_m[v] // 7)}.0,{2 + v % 140 / 10},{kind[v]}.0,"
        f"{'B' if v % 5 == 0 else 'A'}\n".encode()
        for v in range(vessels)
    ]
    head, head_len = _padded([b"%d," % m for m in mmsi])
    tail, tail_len = _padded(tails)
    days = np.array([np.frombuffer(f"{START.astype('M8[D]') + d}T".encode(), np.uint8) for d in range(length_s // 86400 + 3)])
    out = np.empty(vessels * ROW_BYTES_MAX, np.uint8)
    written, at_s = 0, 0
    with path.open("wb") as file:
        file.write(HEADER)
        while written < rows:
            size, n = _rows(at_s, days, state, head, tail, head_len, tail_len, out, rng)
            file.write(out[:size])
            written += n
            at_s += 1
            if at_s // 86400 >= len(days):
                break


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20_000_000)
