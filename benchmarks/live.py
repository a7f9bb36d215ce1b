"""How long after a report its event is told, and whether anything is lost, on a node under load: `python -m benchmarks.live`.

The sender is another process, and notes when it sent each report that must make an event; the node's state says when each event was told. Beside it
the memory of the node, minute by minute, and its count of reports against those sent. `--minutes 30 --rate 2000 --vessels 20000` are the defaults.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil

from benchmarks.live_sender import BORDER_DEG
from seaward.core.units import at_to_us
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.store.window import ROW

KINDS = ("area", "identity")
RESERVE = {"type": "Feature", "properties": {"name": "Reserve", "forbids": "entry"}, "geometry": {"type": "Polygon", "coordinates": [
    [[BORDER_DEG, -20.0], [-73.5, -20.0], [-73.5, -5.0], [BORDER_DEG, -5.0], [BORDER_DEG, -20.0]]]}}  # fmt: skip


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--minutes", type=float, default=30)
    a.add_argument("--rate", type=float, default=2_000)
    a.add_argument("--vessels", type=int, default=20_000)
    a.add_argument("--sweep-s", type=float, default=600)
    a.add_argument("--reports", type=int, default=20_000_000, help="held in the window at most")
    o = a.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(o, Path(folder))


def run(o: argparse.Namespace, folder: Path) -> None:
    feed = {"name": "bench", "kind": "tcp-server", "port": 0}
    (folder / "reserve.geojson").write_text(json.dumps(RESERVE))
    chart = {"areas": ["peru", str(folder / "reserve.geojson")]}
    node = Node(config_of({"data": str(folder / "data"), "feed": [feed], "chart": chart, "watch": {"sweep_s": o.sweep_s, "reports": o.reports}}))
    node.start()
    try:
        while not node.health["bench"].connected:
            time.sleep(0.05)
        port = node.sources["bench"].port  # type: ignore[attr-defined]
        sender = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.live_sender", "--port", str(port), "--rate", str(o.rate), "--vessels", str(o.vessels), "--seconds",
             str(60 * o.minutes)], stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        lines: list[str] = []
        reading = threading.Thread(target=lambda: lines.extend(sender.stdout or []))
        reading.start()
        memory = watch_memory(node, sender)
        reading.join()
        time.sleep(8)
        tell(o, node, [json.loads(line) for line in lines], memory)
    finally:
        node.stop()


def watch_memory(node: Node, sender: subprocess.Popen[str]) -> list[tuple[float, float]]:
    """Megabytes of the node, and those of its window alone, each half minute."""
    process, found = psutil.Process(), []
    while sender.poll() is None:
        time.sleep(30 if found else 5)
        found.append((process.memory_info().rss / 1e6, node.live.window.full_share * node.live.live.rows * ROW.itemsize / 1e6))
        status = node.status()
        print(f"{found[-1][0]:6.0f} MB, of these {found[-1][1]:4.0f} MB of window, "
              f"{status['reports_in_window']:>9,} reports, look {status['look_s']:.2f} s, sweep {status['sweep_s']:.1f} s, "
              f"waiting {status['vessels_waiting']}, longest {status['longest_wait_s']:.1f} s, own p50 {status['latency_p50_s'] or 0:.2f} p99 "
              f"{status['latency_p99_s'] or 0:.2f} s, cpu {sum(process.cpu_times()[:2]):.0f} s", flush=True)  # fmt: skip
    return found


def tell(o: argparse.Namespace, node: Node, said: list[dict[str, object]], memory: list[tuple[float, float]]) -> None:
    sent = next(line for line in said if "sent" in line)
    triggers = [line for line in said if "mmsi" in line]
    first = {}
    for row in node.state.latest_events().iter_rows(named=True):
        versions = node.state.event_versions(row["event_id"])
        for v in versions.iter_rows(named=True):
            for name in v["vessel_ids"]:
                first.setdefault((v["kind"], int(name[5:14])), []).append(at_to_us(v["published_at"]))
    health = node.status()["feeds"][0]
    print(f"\nsent {sent['sent']:,} lines in {sent['seconds']:.0f} s; read {health['lines']:,}, lost {health['overflowed_lines']:,}, "
          f"refused {health['rejected']:,}; positions {health['reports']:,}")  # fmt: skip
    together = []
    for kind in KINDS:
        of = [t for t in triggers if t["kind"] == kind]
        late = [min((p for p in first.get((kind, t["mmsi"]), []) if p >= t["sent_us"]), default=None) for t in of]
        seconds = [(p - t["sent_us"]) / 1e6 for t, p in zip(of, late, strict=True) if p is not None]
        together += seconds
        missing = sum(p is None for p in late)
        if of:
            p50, p99 = np.quantile(seconds or [np.nan], [0.5, 0.99])
            longest = max(seconds, default=np.nan)
            print(f"{kind:10} {len(of):4} triggers, {missing} not told; p50 {p50:.2f} s, p99 {p99:.2f} s, longest {longest:.2f} s")
    seconds = np.array(together)
    print(f"all        p50 {np.median(seconds):.2f} s, p99 {np.quantile(seconds, 0.99):.2f} s of {len(seconds)}")
    for what, at in (("a third", len(memory) // 3), ("two thirds", 2 * len(memory) // 3), ("all", -1)):
        whole, window = memory[at]
        print(f"memory     {whole:.0f} MB after {what} of the time, {window:.0f} MB of them the reports in the window")


if __name__ == "__main__":
    main()
