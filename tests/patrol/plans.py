"""A small plan file off Peru, as text to be changed by tests, and the problem it makes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from seaward.patrol.coverage import Effort, Routes, plan_routes
from seaward.patrol.problem import Problem, problem_of
from seaward.patrol.read_plan import Asked, read_plan
from seaward.patrol.voyage import Leg, legs_of
from tests.patrol.small_sea import risk

PLAN = """\
format = "plan/1"
realm = "ex:small"
seed = 1

[horizon]
start = 2027-11-04T17:00:00Z
days = 3

[area]
box = [-82.0, -14.0, -76.0, -9.0]
cell_deg = 1.0

[risk]
act_h = 36.0

[objective]
kind = "detect"
rounds = 20

[[assets]]
id = "opv"
nation = "pe"
kind = "ship"
base = [-77.20, -12.05]
speed_kn = 14.0
sweep_day_nm = 20.0
sweep_night_nm = 12.0
endurance_h = 240.0
boards = true
shows = {us = "area"}

[[assets]]
id = "boat"
nation = "pe"
kind = "boat"
count = 2
base = [-77.20, -12.05]
speed_kn = 16.0
sweep_day_nm = 10.0
endurance_h = 30.0
rest_h = 10.0
fuel_t = 20.0
burn_t_h = 0.2
burn_cube = 0.0001
boards = true

[[assets]]
id = "plane"
nation = "us"
kind = "aircraft"
base = [-77.11, -12.02]
speed_kn = 200.0
sweep_day_nm = 30.0
sweep_night_nm = 20.0
endurance_h = 8.0
rest_h = 16.0
depart_every_h = 6.0
tracks = true
"""


def asked(text: str = PLAN, **files: str) -> Asked:
    """The plan file read, with files beside it by name (dots written as `__`)."""
    folder = Path(mkdtemp())
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path)


@cache
def problem() -> Problem:
    """Of the plan as it stands."""
    return problem_of(asked())


@cache
def plan() -> tuple[Problem, np.ndarray, Routes, tuple[Leg, ...]]:
    """The small problem, what its pots hold, and a plan for it: routes and legs."""
    p = problem()
    weight = risk(p.fleet.pots, 5)
    routes = plan_routes(p.fleet, weight, 5, Effort(20, 10))
    return p, weight, routes, tuple(legs_of(p, routes, weight))
