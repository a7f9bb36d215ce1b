"""The exercise: its clock, what this cell was handed, and for control the pace of it all."""

from __future__ import annotations

from typing import Final

from seaward.console.page import html
from seaward.server import of_drill
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.roles import SUPERVISOR, may

SPEEDS: Final = (0, 1, 10, 30, 60, 120)  # times real time


def drill(floor: Floor, asked: Asked) -> Raw:
    """The view."""
    told = of_drill.told(floor, asked.language)
    is_master = told["is_control"] and may(asked.caller.role, SUPERVISOR)
    done = None
    if told["start"] is not None:
        done = min(1.0, max(0.0, (told["now"] - told["start"]) / (told["end"] - told["start"])))
    return html("drill.html", floor, asked, told=told, speeds=SPEEDS, is_master=is_master, done=done)
