"""How soon 100 pages are told of a change, and what that costs, while vessels move: `python -m benchmarks.streams`.

The node hears `--rate` reports/s of `--vessels` vessels from another process. Pages are `--pages` streams of a third process, half of them with the
positions of all vessels, half with those of a part of the sea. A change a second is noted; each page says how late it came and how many bytes it got.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil

from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.server import serve

PART = "-79,-14,-77,-12"


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--pages", type=int, default=100)
    a.add_argument("--rate", type=float, default=2_000)
    a.add_argument("--vessels", type=int, default=20_000)
    a.add_argument("--seconds", type=float, default=60)
    a.add_argument("--listen-to", type=int, help="of the process that has the pages: port of the server")
    a.add_argument("--token", default="")
    o = a.parse_args()
    if o.listen_to:
        print(json.dumps(asyncio.run(listen(o))))
        return
    with tempfile.TemporaryDirectory() as folder:
        run(o, Path(folder))


def run(o: argparse.Namespace, folder: Path) -> None:
    node = Node(config_of({"data": str(folder / "data"), "feed": [{"name": "bench", "kind": "tcp-server", "port": 0}], "listen": {"port": 0}}))
    node.start()
    server = serve(node)
    try:
        people = [f"page{n}" for n in range(1 + o.pages // 20)]
        for person in people:
            node.state.add_person(person, person, "observer", None, "benchmark", datetime.now(UTC))
        tokens = [server.floor.sign_in.make_token(node.state.person(p), "observer", "b", 36_000, "benchmark")[0] for p in people]  # type: ignore[arg-type]
        while not node.health["bench"].connected:
            time.sleep(0.05)
        common = ["--rate", str(o.rate), "--vessels", str(o.vessels), "--seconds"]
        port = str(node.sources["bench"].port)  # type: ignore[attr-defined]
        sender = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.live_sender", "--port", port, *common, str(o.seconds + 30)], stdout=subprocess.DEVNULL
        )
        time.sleep(20)  # until most vessels were heard
        pages = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.streams", "--pages", str(o.pages), *common, str(o.seconds), "--listen-to", str(server.port), "--token",
             ",".join(tokens)], stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        mine = psutil.Process()
        before, began = sum(mine.cpu_times()[:2]), time.monotonic()
        while pages.poll() is None:
            node.state.note("benchmark", "t", {"us": time.time_ns() // 1000}, datetime.now(UTC))
            time.sleep(1)
        cpu = (sum(mine.cpu_times()[:2]) - before) / (time.monotonic() - began)
        told = json.loads(pages.communicate()[0])
        status = node.status()
        load = f"load {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores"
        print(f"{status['vessels']:,} vessels, {told['pages']} pages, {told['changes']:,} changes told; {load}")
        print(f"a change is there after {told['p50_s']:.3f} s (p50), {told['p99_s']:.3f} s (p99), {told['worst_s']:.3f} s (worst)")
        print(f"all vessels: {told['first_bytes'] / 1e6:.2f} MB at first, then {told['whole_bytes_s'] / 1e3:,.0f} kB/s a page")
        print(f"a part of the sea: {told['part_bytes_s'] / 1e3:,.1f} kB/s a page")
        print(f"the whole node: {cpu:.2f} cores, {mine.memory_info().rss / 1e6:,.0f} MB; streams ended {dict(server.floor.counts.streams_ended)}")
        sender.terminate()
        sender.wait()
    finally:
        server.stop()
        node.stop()


async def listen(o: argparse.Namespace) -> dict[str, float]:
    late_s: list[float] = []
    sizes: dict[bool, list[float]] = {True: [], False: []}
    first: list[int] = []
    tokens = o.token.split(",")
    until = time.monotonic() + o.seconds

    async def page(number: int) -> None:
        whole = number % 2 == 0
        query = "positions=true" if whole else f"positions=true&bbox={PART}"
        reader, writer = await asyncio.open_connection("127.0.0.1", o.listen_to, limit=64 << 20)
        head = f"GET /api/v1/changes?{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {tokens[number % len(tokens)]}\r\n\r\n"
        writer.write(head.encode())
        size, began = 0, 0.0
        while (left := until - time.monotonic()) > 0:
            try:
                line = await asyncio.wait_for(reader.readline(), left)
            except TimeoutError:
                break
            assert line, "the stream ended"
            if line.startswith(b"data: ") and b'"us":' in line:
                late_s.append(time.time() - json.loads(line[6:])["body"]["us"] / 1e6)
            if b'"whole":true' in line:
                first.append(len(line) if whole else 0)
                size, began = 0, time.monotonic()
            elif began:
                size += len(line)
        sizes[whole].append(size / max(1e-9, time.monotonic() - began))
        writer.close()

    await asyncio.gather(*(page(n) for n in range(o.pages)))
    p50, p99 = np.quantile(late_s, [0.5, 0.99]).tolist()
    return {"pages": o.pages, "changes": len(late_s), "p50_s": p50, "p99_s": p99, "worst_s": max(late_s), "first_bytes": max(first),
            "whole_bytes_s": float(np.mean(sizes[True])), "part_bytes_s": float(np.mean(sizes[False]))}  # fmt: skip


if __name__ == "__main__":
    main()
