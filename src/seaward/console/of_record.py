"""What the watch did: alerts by hour and by kind, which held, which were false and why, and how long each answer took."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from seaward.console.page import html
from seaward.evaluation.watch_record import VERDICTS
from seaward.server import of_record
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.route import Param

HOURS: Final = ("8", "24", "168", "720")
RECORD_PARAMS: Final = (Param("hours", "choice", "how long back [hour]", choices=HOURS, otherwise=HOURS[1]),)


def record(floor: Floor, asked: Asked) -> Raw:
    """The view."""
    hours, now = asked.query["hours"], floor.now()
    told = of_record.told(floor, asked.language, now - timedelta(hours=int(hours)), now)
    return html("record.html", floor, asked, told=told, hours=hours, choices=HOURS, verdicts=VERDICTS, chart=_chart(told))


def _chart(told: dict[str, Any]) -> dict[str, Any]:
    """Columns for the script that draws them: seconds since 1970, then one count per verdict."""
    return {"at_s": [int(t["at"].timestamp()) for t in told["times"]], "step_s": told["step_s"],
            "counts": {v: [t[v] for t in told["times"]] for v in VERDICTS}}  # fmt: skip
