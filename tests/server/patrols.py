"""A small patrol of two ships and an aircraft off Peru that is sailed right now, for the tests of the server and of its page."""

from __future__ import annotations

import functools
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from seaward.planning import plan_to_folder
from tests.server.floor import HEAD

START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
PLAN = """\
format = "plan/1"
realm = "ops"
title = "Off Callao <b>tonight</b>"
seed = 5

[horizon]
start = {start:%Y-%m-%dT%H:%M:%SZ}
days = 1.5
sea_state = 3

[area]
box = [-80.0, -14.0, -76.5, -10.5]
cell_deg = 0.5

[risk]
act_h = 36.0

[objective]
kind = "detect"
rounds = 5

[[assets]]
id = "OPV-1"
nation = "pe"
kind = "ship"
mmsi = 760000006
base = [-77.20, -12.05]
speed_kn = 16.0
sweep_day_nm = 16.0
endurance_h = 120.0
boards = true
shows = {{us = "full"}}

[[assets]]
id = "CUTTER-1"
nation = "us"
kind = "ship"
mmsi = 999000111
base = [-77.20, -12.05]
speed_kn = 16.0
sweep_day_nm = 16.0
endurance_h = 120.0
boards = true

[[assets]]
id = "MPA-1"
nation = "us"
kind = "aircraft"
base = [-77.11, -12.02]
speed_kn = 200.0
sweep_day_nm = 30.0
endurance_h = 8.0
rest_h = 10.0
depart_every_h = 3.0
tracks = true
"""


@functools.cache
def _planned() -> Path:
    folder = Path(mkdtemp())
    (folder / "night.plan.toml").write_text(PLAN.format(start=START), encoding="utf-8")
    plan_to_folder(folder / "night.plan.toml", folder / "patrol", "en")
    return folder


def patrol_in(folder: Path) -> dict[str, Any]:
    """The patrol, planned, in a folder of its own; what the configuration says of it."""
    shutil.copytree(_planned(), folder / "night")
    return {"patrol": {"plan": str(folder / "night" / "night.plan.toml"), "folder": str(folder / "night" / "patrol")}}


def report(mmsi: int, lon: float, lat: float, ago: timedelta = timedelta(minutes=1)) -> str:
    """A file of one report, as feeds are given it."""
    at = (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{HEAD}\n{mmsi},{at},{lat:.5f},{lon:.5f},14.0,270.0,270,,,,,0,60,10,,,A\n"
