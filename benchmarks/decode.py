"""Speed of the AIS reader as ratios to pyais and libais, each turning the same lines into rows, in the same run."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import ais
import nmea_lines
import polars as pl
import pyais

from seaward.feeds.batch import Chunk, ReadOptions
from seaward.feeds.nmea import NMEA

PEER_LINES = 60_000  # the peers take seconds for what takes us milliseconds; their speed per line does not depend on the count
CHUNK_BYTES = 8 << 20
COLUMNS = ("mmsi", "lon", "lat", "speed", "course")


def _seconds(work: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def _seaward(data: bytes, messages: bool) -> int:
    def pieces():
        offset = 0
        while offset < len(data):
            end = data.rfind(b"\n", offset, offset + CHUNK_BYTES) + 1
            yield Chunk(offset, data[offset:end])
            offset = end

    return sum(sum(b.message_types.values()) for b in NMEA.read(pieces(), ReadOptions("ops", "bench", messages=messages)))


def _pyais(data: bytes) -> pl.DataFrame:
    rows = []
    for message in pyais.IterMessages(data.splitlines()):
        if not message.is_valid:
            continue
        d = message.decode()
        rows.append((d.msg_type, d.mmsi, *(getattr(d, c, None) for c in COLUMNS[1:])))
    return pl.DataFrame(rows, schema=["type", *COLUMNS], orient="row")


def _libais(data: bytes) -> pl.DataFrame:
    rows, waiting = [], {}
    for line in data.decode("ascii").splitlines():
        fields = line[line.rindex("!") : line.rindex("*")].split(",")
        x = 0
        for c in fields and line[line.rindex("!") + 1 : line.rindex("*")].encode():
            x ^= c
        if x != int(line[-2:], 16):
            continue
        payload = fields[5]
        if fields[1] == "2":
            key = (fields[3], fields[4])
            if fields[2] == "1":
                waiting[key] = payload
                continue
            payload = waiting.pop(key) + payload
        try:
            d = ais.decode(payload, int(fields[6]))
        except ais.DecodeError:
            continue
        rows.append((d["id"], d["mmsi"], d.get("x"), d.get("y"), d.get("sog"), d.get("cog")))
    return pl.DataFrame(rows, schema=["type", *COLUMNS], orient="row", infer_schema_length=None)


def run(n_lines: int = 1_000_000) -> list[tuple[str, float, str]]:
    """Name, figure and unit of each measurement."""
    figures: list[tuple[str, float, str]] = []
    for name, tagged in (("bare", False), ("tag blocks", True)):
        data = nmea_lines.lines(n_lines, tagged=tagged)
        few = b"".join(data.splitlines(keepends=True)[:PEER_LINES])
        n, n_few = data.count(b"\n"), few.count(b"\n")
        start = time.perf_counter()
        _seaward(few, True)
        warm = time.perf_counter() - start
        _seaward(few, False)
        ours, every = (n / _seconds(partial(_seaward, data, m), 5) for m in (False, True))
        peers = {"pyais": n_few / _seconds(partial(_pyais, few), 3), "libais": n_few / _seconds(partial(_libais, few), 3)}
        figures += [(f"{name}: warm-up", warm, "s"), (f"{name}: lines to reports and static", ours / 1e6, "M lines/s"),
                    (f"{name}: lines to every message with every field", every / 1e6, "M lines/s")]  # fmt: skip
        figures += [(f"{name}: {peer}", speed / 1e3, "k lines/s") for peer, speed in peers.items()]
        best = max(peers.values())
        figures += [(f"{name}: tables, times the fastest peer", ours / best, "x")]
        figures += [(f"{name}: every field, times the fastest peer", every / best, "x")]
    return figures


if __name__ == "__main__":
    for name, value, unit in run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000):
        print(f"{name:55s} {value:10.2f} {unit}")
