"""Sea distances: `python -m benchmarks.sea_distance` measures five voyages beside searoute, on the land of Natural Earth 1:10 million.

Length [nm] of each way from place to place, over the shortest there is (an exact search around the corners of that land), how much of it lies on
land, and how long a field from the first place to everywhere takes: median of nine. Needs ../shared/data. Written into docs/scores-sea-distance.md.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

from benchmarks.patrol_page import ROOT, commit
from benchmarks.sea_routes import PACIFIC, PERU, PLACES, ROUTES, exact_land, land_nm, shortest_nm, way_of
from seaward.chart.sea_field import field_grid, sea_field
from seaward.core.geodesy import great_circle_m

DATA, PAGE = ROOT.parent / "shared" / "data", ROOT / "docs" / "scores-sea-distance.md"


def main() -> None:
    """Measure, print a table, write the page."""
    kept: list[dict[str, object]] = []
    land = exact_land(DATA)
    try:
        import searoute  # noqa: PLC0415 - of the bench group
    except ImportError as e:
        searoute, why = None, f"not installed ({e}): uv sync --group bench"
    else:
        why = ""
    print(f"{'voyage':22s} {'shortest':>9s} {'seaward':>9s} {'ratio':>7s} {'on land':>8s} | {'searoute':>9s} {'ratio':>7s} {'on land':>8s}")
    for one, two in ROUTES:
        way, nm = way_of(one, two)
        exact = shortest_nm(PLACES[one], PLACES[two], land, way)
        theirs = f"{why}"
        row: dict[str, object] = {"voyage": f"{one} - {two}", "exact_nm": exact, "nm": nm}
        if searoute is not None:
            xy = np.array(searoute.searoute(list(PLACES[one]), list(PLACES[two]), append_orig_dest=True)["geometry"]["coordinates"], np.float64)
            length = float(great_circle_m(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1]).sum()) / 1852.0
            row |= {"their_nm": length, "their_land_nm": land_nm(xy[:, 0], xy[:, 1], land)}
            theirs = f"{length:9.1f} {length / exact:7.4f} {row['their_land_nm']:8.1f}"
        ours = land_nm(way.lon_deg, way.lat_deg, land)
        kept.append(row | {"land_nm": ours})
        print(f"{f'{one} - {two}':22s} {exact:9.1f} {nm:9.1f} {nm / exact:7.4f} {ours:8.1f} | {theirs}")
    for name, box in (("Peru", PERU), ("eastern Pacific", PACIFIC)):
        grid = field_grid(box)
        took_ms, busy_ms = [], []
        for _ in range(10):
            began, busy = time.perf_counter(), time.process_time()
            sea_field(grid, PLACES["Callao"])
            took_ms.append(1000 * (time.perf_counter() - began))
            busy_ms.append(1000 * (time.process_time() - busy))
        cells, ms, cpu_ms = int((~grid.land).sum()), statistics.median(took_ms[1:]), statistics.median(busy_ms[1:])
        print(f"field from Callao, {name}: {cells:,} sea cells of {grid.cell_deg} degrees, {ms:.0f} ms, of the processor {cpu_ms:.0f}")
        kept.append({"field": name, "cells": cells, "cell_deg": grid.cell_deg, "ms": ms, "cpu_ms": cpu_ms})
    PAGE.write_text(page(kept), encoding="utf-8")


def page(rows: list[dict[str, Any]]) -> str:
    """The whole page."""
    head = """# Scores: sea distances

Written by `python -m benchmarks.sea_distance`; not to be edited by hand. Commit {commit}. Aims: within 1 % of the shortest way,
none of it on land, and distances to everywhere within 100 ms of one processor.

Five voyages [nm] beside searoute. Shortest: an exact search around the corners of the land of Natural Earth 1:10 million. On land: how much of the
way crosses that land [nm].

| voyage | shortest | Seaward | ratio | on land | searoute | ratio | on land |
|---|---|---|---|---|---|---|---|"""
    lines = [head.format(commit=commit())]
    for r in rows:
        if "voyage" in r:
            theirs = f"{r['their_nm']:,.1f} | {r['their_nm'] / r['exact_nm']:.4f} | {r['their_land_nm']:.1f}" if "their_nm" in r else "not run | |"
            lines.append(f"| {r['voyage']} | {r['exact_nm']:,.1f} | {r['nm']:,.1f} | {r['nm'] / r['exact_nm']:.4f} | {r['land_nm']:.1f} | {theirs} |")
    lines += ["\n| distance from Callao to everywhere | sea cells | time, median of nine | of the processor |\n|---|---|---|---|"]
    lines += [f"| {r['field']} | {r['cells']:,} of {r['cell_deg']} degrees | {r['ms']:.0f} ms | {r['cpu_ms']:.0f} ms |" for r in rows if "field" in r]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
