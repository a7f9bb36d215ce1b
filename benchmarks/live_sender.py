"""A busy sea sent to a node over TCP: vessels in number, and among them some that at a known moment do what a watch must tell. A process of its own.

Writes one JSON line per trigger to standard output: kind, mmsi, and when the report that completes it was sent [microseconds since 1970 UTC].
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import time

import numpy as np

from tests.made_up_day.ais_encode import position_a, sentences, voyage

STEP_S = 0.25
FIRST = 760_000_000
NM_DEG = 1 / 60
BORDER_DEG = -74.5  # west side of the reserve that `benchmarks.live` draws


class Sea:
    """Vessels by number; every one reports each `period_s`, in turn."""

    def __init__(self, vessels: int, seconds: float, seed: int) -> None:
        r = np.random.default_rng(seed)
        self.n, self.seconds = vessels, seconds
        self.lon, self.lat = r.uniform(-95, -75, vessels), r.uniform(-40, -20, vessels)
        self.cog = r.uniform(0, 360, vessels)
        self.sog = np.where(r.random(vessels) < 0.4, 0.0, r.uniform(6, 16, vessels))
        self.kind = np.full(vessels, "", object)
        self.at_s = np.full(vessels, np.inf)
        scripted = r.permutation(vessels)[: vessels // 20]
        for k, v in enumerate(scripted):
            self.kind[v] = ("area", "identity")[k % 2]
            self.at_s[v] = r.uniform(min(30.0, 0.5 * seconds), 0.9 * seconds)
        area = self.kind == "area"  # comes from the west, at 30 kn
        self.lat[area], self.cog[area], self.sog[area] = r.uniform(-14, -8, int(area.sum())), 90.0, 30.0
        self.told = np.zeros(vessels, bool)

    def state(self, v: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where vessels are, and how fast they say they go."""
        run = self.sog[v] * t / 3600 * NM_DEG
        lon = self.lon[v] + run * np.sin(np.radians(self.cog[v])) / np.cos(np.radians(self.lat[v]))
        lat = self.lat[v] + run * np.cos(np.radians(self.cog[v]))
        return lon, lat, self.sog[v]


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--port", type=int, required=True)
    a.add_argument("--vessels", type=int, default=20_000)
    a.add_argument("--rate", type=float, default=2_000)
    a.add_argument("--seconds", type=float, default=1_800)
    a.add_argument("--seed", type=int, default=1)
    o = a.parse_args()
    sea = Sea(o.vessels, o.seconds, o.seed)
    place_borders(sea)
    peer = socket.create_connection(("127.0.0.1", o.port))
    per_step = round(o.rate * STEP_S)
    turn, sent, began = 0, 0, time.time()
    names = np.array(["BENCH"] * o.vessels, object)
    while (t := time.time() - began) < o.seconds:
        v = np.arange(turn, turn + per_step) % o.vessels
        turn = int((turn + per_step) % o.vessels)
        lon, lat, sog = sea.state(v, t)
        second = np.full(len(v), int(began + t) % 60)
        lines = sentences(position_a(FIRST + v, lon, lat, sog, sea.cog[v], sea.cog[v], second, np.zeros(len(v), int)), ["A"] * len(v), [0] * len(v))
        due = v[(t >= sea.at_s[v]) & ~sea.told[v]]
        renamed = due[sea.kind[due] == "identity"]
        first = v[t < 2 * o.vessels / o.rate]
        said = np.concatenate([renamed, first[sea.kind[first] == "identity"]])
        names[renamed] = "RENAMED"
        if len(said):
            n = len(said)
            lines += sentences(voyage(FIRST + said, [f"{x} {m}" for x, m in zip(names[said], said, strict=True)], ["CALL"] * n, np.full(n, 70),
                                      np.full(n, 90), np.full(n, 15), ["LIMA"] * n), ["A"] * n, [int(m) % 10 for m in said])  # fmt: skip
        now_us = time.time_ns() // 1000
        peer.sendall("".join("".join(f"{s}\r\n" for s in group) for group in lines).encode())
        sent += len(lines)
        for m in due:
            sea.told[m] = True
            print(json.dumps({"kind": sea.kind[m], "mmsi": int(FIRST + m), "sent_us": now_us}), flush=True)
        time.sleep(max(0.0, began + t + STEP_S - time.time()))
    peer.close()
    print(json.dumps({"sent": sent, "seconds": time.time() - began}), flush=True)
    sys.exit(0)


def place_borders(sea: Sea) -> None:
    """Let each vessel of an area script stand so that it crosses the border at its moment."""
    area = sea.kind == "area"
    sea.lon[area] = BORDER_DEG - sea.sog[area] * sea.at_s[area] / 3600 * NM_DEG / np.cos(np.radians(sea.lat[area]))


if __name__ == "__main__":
    main()
