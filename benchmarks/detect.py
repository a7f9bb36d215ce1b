"""The whole job, file to all outputs but the report, beside a bare scan of the same file."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import polars as pl
import psutil

from benchmarks.coastal_csv import write

FIRST_FOUR = ("gap", "encounter", "loitering", "drift")
EIGHT = ("MMSI", "BaseDateTime", "LAT", "LON", "SOG", "COG", "Heading", "Status")


def median_s(work: Callable[[], object], runs: int) -> float:
    """Median wall time [s] of some runs, after one that is not counted."""
    work()
    took = []
    for _ in range(runs):
        since = time.perf_counter()
        work()
        took.append(time.perf_counter() - since)
    return statistics.median(took)


def duckdb_scan(csv: Path) -> None:
    """Read eight columns of every row, as bare as DuckDB can: one aggregate of each."""
    with duckdb.connect() as db:
        db.execute("set enable_progress_bar = false")
        db.execute(f"set threads = {os.cpu_count()}")
        db.execute(
            "select count(MMSI), max(BaseDateTime), sum(LAT), sum(LON), sum(SOG), sum(COG), sum(Heading), count(Status) from read_csv(?)", [str(csv)]
        ).fetchall()


def polars_scan(parquet: Path, columns: tuple[str, ...] | None) -> None:
    """Read columns (all when None) of every row: their hash, which no statistics can answer."""
    rows = pl.scan_parquet(parquet)
    (rows if columns is None else rows.select(columns)).select(pl.all().null_count(), pl.all().last().name.suffix("_last")).collect(
        engine="streaming"
    )


def detect(source: Path, kinds: Sequence[str] | None = None) -> tuple[float, float, float]:
    """The job in a process of its own, with all behaviours or some: wall of the job [s], wall of the process [s], peak memory [bytes]."""
    with tempfile.TemporaryDirectory() as out:
        code = (
            "import sys, time; from pathlib import Path; from seaward.api import detect_to_folder; t = time.perf_counter();"
            "detect_to_folder([sys.argv[1]], Path(sys.argv[2]), report=False, kinds=sys.argv[3:] or None); print(time.perf_counter() - t)"
        )
        since, peak = time.perf_counter(), 0
        process = subprocess.Popen([sys.executable, "-c", code, str(source), out, *(kinds or ())], stdout=subprocess.PIPE)
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.02)
        said, _ = process.communicate()
        if process.returncode:
            raise RuntimeError("the job failed")
        return float(said), time.perf_counter() - since, peak


def run(rows: int, runs: int = 3) -> list[tuple[str, float, str]]:
    """Figures as (what, value, unit)."""
    with tempfile.TemporaryDirectory() as folder:
        csv, parquet = Path(folder) / "coast.csv", Path(folder) / "coast.parquet"
        since = time.perf_counter()
        write(csv, rows)
        made_s = time.perf_counter() - since
        pl.scan_csv(csv, try_parse_dates=True).sink_parquet(parquet, compression="zstd")
        figures = [("rows", float(rows), "rows"), ("CSV size", csv.stat().st_size / 1e9, "GB"), ("making the CSV", made_s, "s")]
        for name, source, scans in (
            ("CSV", csv, {"DuckDB scan of 8 columns": lambda: duckdb_scan(csv)}),
            (
                "Parquet",
                parquet,
                {"Polars scan of 8 columns": lambda: polars_scan(parquet, EIGHT), "Polars scan of all columns": lambda: polars_scan(parquet, None)},
            ),
        ):
            first = detect(source)
            figures.append((f"{name}: first run, compiling if nothing was kept", first[1], "s"))
            ours = [detect(source) for _ in range(runs)]
            job_s = statistics.median(o[0] for o in ours)
            figures += [
                (f"{name}: whole job", job_s, "s"),
                (f"{name}: whole process", statistics.median(o[1] for o in ours), "s"),
                (f"{name}: peak memory", max(o[2] for o in ours) / 1e9, "GB"),
                (f"{name}: whole job with {', '.join(FIRST_FOUR)}", statistics.median(detect(source, FIRST_FOUR)[0] for _ in range(runs)), "s"),
            ]
            for peer, scan in scans.items():
                peer_s = median_s(scan, runs)
                figures += [(f"{name}: {peer}", peer_s, "s"), (f"{name}: whole job / {peer}", job_s / peer_s, "x")]
        return figures
