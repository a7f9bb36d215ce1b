"""A watch floor with 20,000 vessels that each report once a second: `python -m benchmarks.console`.

Bytes a second that a page is sent, what a hundred officers cost the node, how soon a page shows something and is ready, and how long it takes from a
key or click to the next paint. Sender, officers and browser are processes of their own. Without a graphics card the browser draws by software:
its paints are later than an officer's, and so is all that waits for them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from seaward.console.routes import FLOOR_ROUTES
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.server import serve
from seaward.server.app import make_floor
from seaward.server.passwords import Passwords
from tests.browsers import DRAWN_BY_SOFTWARE, launched

VIEWS = {  # what a page asks for, half a screen on each side more than it shows
    "every report of all": "",
    "the whole sea": "&bbox=-180.00000,-90.00000,180.00000,90.00000&step_deg=0.0625",
    "zoom 8": "&bbox=-88.83057,-33.30000,-81.16943,-26.70000&step_deg=0.001953125&turn_deg=10",
}
PERSONS, PASSWORD = 10, "cuatro gaviotas miran el faro"
EVENTS = """() => {
    globalThis.slow = [];
    const watch = new PerformanceObserver((list) => { for (const e of list.getEntries()) if (e.interactionId) slow.push(e.duration); });
    watch.observe({ type: "event", durationThreshold: 16 }); }"""


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--vessels", type=int, default=20_000)
    a.add_argument("--officers", type=int, default=100)
    a.add_argument("--seconds", type=float, default=30.0, help="of each measurement")
    a.add_argument("--streams", metavar="URL", help=argparse.SUPPRESS)  # the process of the officers
    a.add_argument("--view", help=argparse.SUPPRESS)
    o = a.parse_args()
    if o.streams:
        print(json.dumps(asyncio.run(listen(o.streams, o.officers, o.view, o.seconds))))
        return
    with tempfile.TemporaryDirectory() as folder, busy_floor(Path(folder), o.vessels) as (node, url):
        print(f"{o.vessels:,} vessels, one report of each a second; load {psutil.getloadavg()[0]:.1f}, {psutil.cpu_count()} processors")
        tell_streams(node, url, 0, "", o.seconds)
        for view in VIEWS:
            for officers in (1, o.officers):
                tell_streams(node, url, officers, view, o.seconds)
        tell_browser(url, o.seconds)


@contextlib.contextmanager
def busy_floor(folder: Path, vessels: int) -> Iterator[tuple[Node, str]]:
    """A node that hears them all, its people, and the sender."""
    feed = {"name": "bench", "kind": "tcp-server", "port": 0}
    node = Node(config_of({"data": str(folder / "data"), "feed": [feed], "listen": {"port": 0}, "watch": {"reports": 20_000_000}}))
    node.start()
    sender = None
    try:
        for n in range(PERSONS):
            node.state.add_person(f"officer{n}", f"Officer {n}", "officer", Passwords().hash(PASSWORD), "bench", datetime.now(UTC))
        server = serve(node, make_floor(node, routes=FLOOR_ROUTES))
        try:
            while not node.health["bench"].connected:
                time.sleep(0.05)
            port = node.sources["bench"].port  # type: ignore[attr-defined]
            words = ["--port", str(port), "--rate", str(vessels), "--vessels", str(vessels), "--seconds", "3600"]
            sender = subprocess.Popen([sys.executable, "-m", "benchmarks.live_sender", *words], stdout=subprocess.DEVNULL)
            while node.status()["vessels"] < vessels:
                time.sleep(0.2)
            time.sleep(15)
            yield node, server.url
        finally:
            server.stop()
    finally:
        if sender is not None:
            sender.kill()
        node.stop()


def tell_streams(node: Node, url: str, officers: int, view: str, seconds: float) -> None:
    """What so many officers are sent, and what the node spends meanwhile."""
    process = psutil.Process()
    before, began, heard = sum(process.cpu_times()[:2]), time.monotonic(), node.health["bench"].reports
    told: dict[str, Any] = {}
    if officers:
        words = [sys.executable, "-m", "benchmarks.console", "--streams", url, "--officers", str(officers), "--view", view,
                 "--seconds", str(seconds)]  # fmt: skip
        told = json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
    else:
        time.sleep(seconds)
    took_s = time.monotonic() - began
    cpu, rate = (sum(process.cpu_times()[:2]) - before) / took_s, (node.health["bench"].reports - heard) / took_s
    line = f"{officers:4} officers ({view or '-'}): node {100 * cpu:4.0f} % of a processor, {process.memory_info().rss / 1e6:5.0f} MB, "
    line += f"{rate:7,.0f} reports/s taken"
    if told:
        line += f"; each is sent {told['bytes_s'] / 1e3:.0f} kB/s ({told['first'] / 1e3:.0f} kB at first), a moment each {told['every_s']:.2f} s"
        line += f" (p99 {told['every_p99_s']:.2f} s); the queue in {1e3 * told['queue_p50_s']:.0f} ms (p99 {1e3 * told['queue_p99_s']:.0f} ms)"
    print(line, flush=True)


async def listen(url: str, officers: int, view: str, seconds: float) -> dict[str, float]:
    """Officers with a stream each; one asks for the queue twice a second meanwhile."""
    cookies = []
    for n in range(min(officers, PERSONS)):
        with httpx.Client(base_url=url, timeout=60) as person:
            person.post("/api/v1/session", json={"person": f"officer{n}", "password": PASSWORD}).raise_for_status()
            cookies.append(dict(person.cookies))
    until = time.monotonic() + seconds
    heard = await asyncio.gather(
        *(_follow(url, VIEWS[view], cookies[n % len(cookies)], until) for n in range(officers)), _ask(url, cookies[0], until)
    )
    waits, followed = np.array(heard[-1]), heard[:-1]
    gaps = np.concatenate([np.diff(f["moments"]) for f in followed])  # type: ignore[call-overload]
    return {"bytes_s": float(np.mean([f["bytes"] / seconds for f in followed])), "first": float(np.mean([f["first"] for f in followed])),  # type: ignore[call-overload]
            "every_s": float(np.median(gaps)), "every_p99_s": float(np.quantile(gaps, 0.99)), "queue_p50_s": float(np.median(waits)),
            "queue_p99_s": float(np.quantile(waits, 0.99))}  # fmt: skip


async def _follow(url: str, view: str, cookies: dict[str, str], until: float) -> dict[str, Any]:
    """Bytes after the first message, that message's own, and when each moment came."""
    first, size, moments, rest = 0, 0, [], b""
    async with (
        httpx.AsyncClient(base_url=url, cookies=cookies, timeout=60) as page,
        page.stream("GET", f"/api/v1/changes?positions=true{view}") as answer,
    ):
        async for part in answer.aiter_raw():
            rest += part
            *whole, rest = rest.split(b"\n\n")
            for message in whole:
                if b"event: positions" in message:
                    first, size = (len(message), size) if not first else (first, size + len(message) + 2)
                    moments.append(time.monotonic())
            if time.monotonic() > until:
                return {"bytes": size, "first": first, "moments": moments}
    raise RuntimeError("the stream ended before its time")


async def _ask(url: str, cookies: dict[str, str], until: float) -> list[float]:
    waits = []
    async with httpx.AsyncClient(base_url=url, cookies=cookies, timeout=60) as page:
        while time.monotonic() < until:
            began = time.monotonic()
            (await page.get("/console/queue")).raise_for_status()
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.5)
    return waits


def tell_browser(url: str, seconds: float) -> None:
    """First paint, ready, and from a key or click to the next paint."""
    with launched(*DRAWN_BY_SOFTWARE) as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 860})
        page.goto(url)
        page.fill("#person", "officer0")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector('body[data-ready="1"]', timeout=120_000)
        began = time.monotonic()
        page.reload()
        page.wait_for_selector("#queue h2")
        queue_s = time.monotonic() - began
        page.wait_for_function("() => seaward.vessels.held.size > 0", timeout=120_000)
        ready_s = time.monotonic() - began
        paint_ms = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN")
        print(f"page: painted after {paint_ms:.0f} ms, the queue there after {queue_s:.2f} s, vessels on the chart after {ready_s:.2f} s")
        for zoom in (4.4, 8.0):
            page.evaluate("(zoom) => seaward.map.jumpTo({ center: [-85, -30], zoom })", zoom)
            page.wait_for_timeout(3_000)
            page.evaluate(EVENTS)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                for view in ("exchange", "feeds", "record", "watch"):
                    page.click(f'[data-view="{view}"]')
                page.keyboard.press("n")
                page.click("#tools summary")
            waits = np.array(page.evaluate("() => slow") or [0.0])
            p50, p98 = np.quantile(waits, [0.5, 0.98])
            print(f"zoom {zoom}: {len(waits)} interactions of 16 ms or more: p50 {p50:.0f}, p98 {p98:.0f}, most {waits.max():.0f} ms",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
