"""The keys of a plan file and of an alert file: their kinds, bounds and defaults; one place for reading, checking and the docs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from seaward.patrol.assets import KINDS


@dataclass(frozen=True, slots=True)
class Key:
    """One key."""

    name: str
    kind: str  # text, id, nation, number, whole, flag, moment, place, box, texts, speeds, shows, choice
    required: bool = False
    default: Any = None
    low: float = float("-inf")
    high: float = float("inf")
    unit: str = ""
    choices: tuple[str, ...] = ()
    meaning: str = ""


PLAN = (
    Key("format", "choice", True, choices=("plan/1",), meaning="of the file"),
    Key("realm", "text", True, meaning="ops, or ex:<drill id>"),
    Key("title", "text", default="", meaning="shown on the page"),
    Key("seed", "whole", True, low=0, high=2**53, meaning="of every choice by chance; kept secret, it draws the plan"),
)
HORIZON = (
    Key("start", "moment", True, meaning="when the plan begins"),
    Key("days", "number", True, low=0.25, high=60, unit="d", meaning="how long it lasts; every asset is home by then"),
    Key("step_h", "number", low=0.1, high=24, unit="h", meaning="length of a step; by default the shortest in which an asset crosses a cell"),
    Key("sea_state", "whole", default=3, low=0, high=9, meaning="Douglas scale, for the whole time"),
)
AREA = (
    Key("box", "box", True, meaning="west, south, east, north [degree]; east below west across 180 degrees"),
    Key("cell_deg", "number", default=1.0, low=0.05, high=5, unit="degree", meaning="side of a cell"),
    Key("off_nm", "number", low=1, high=5_000, unit="nm", meaning="cells farther from the shore are left out"),
    Key("least_sea", "number", default=0.3, low=0.01, high=1, meaning="share of a cell that must be sea"),
    Key("layers", "texts", default=(), meaning="files of areas (GeoJSON), or peru: their names are used below"),
    Key("within", "texts", default=(), meaning="areas outside of which nothing is patrolled"),
)
RISK = (
    Key("act_h", "number", default=48.0, low=1, high=24 * 60, unit="h", meaning="how long an act lasts: the sea renews itself in this time; ours"),
    Key("events", "texts", default=(), meaning="event files of detect (Parquet), or their folders"),
    Key("node", "text", meaning="folder of a node, running or not: its events and cases; what its officers dismissed does not count"),
    Key("cases", "texts", default=(), meaning="validated alerts: CSV or Parquet with realm, alert_id, state, kind, start_at, lon_deg, lat_deg"),
    Key(
        "detections",
        "texts",
        default=(),
        meaning="contacts of sensors: CSV or Parquet with realm, at, lon_deg, lat_deg, state; without_track counts",
    ),
    Key(
        "effort",
        "texts",
        default=(),
        meaning="past looks: CSV or Parquet (at, lon_deg, lat_deg, hours, sweep_nm, speed_kn), or plans that were sailed",
    ),
    Key("priors", "texts", default=(), meaning="areas with acts_per_1000_nm2 [acts present] as users expect them (GeoJSON)"),
    Key("kinds", "texts", default=(), meaning="kinds of events that count; all by default"),
    Key("half_life_days", "number", default=180.0, low=1, high=36_500, unit="d", meaning="age at which an event, and a look, counts half; ours"),
    Key("smooth_nm", "number", default=30.0, low=0, high=600, unit="nm", meaning="width of the kernel that spreads events and looks; ours"),
    Key("drift_kn", "number", default=0.5, low=0, high=15, unit="kn", meaning="how fast acts wander; ours"),
    Key(
        "watched",
        "number",
        default=0.0,
        low=0,
        high=1,
        meaning="share of acts that feeds saw where events were found, without other effort; 0: not known",
    ),
)
OBJECTIVE = (
    Key("kind", "choice", default="detect", choices=("detect", "deter", "cover", "blend"), meaning="what is wanted"),
    Key("give_up", "number", default=0.05, low=0, high=5, meaning="blend: share of the least risk that may be given up for detections"),
    Key("least_find", "number", default=0.1, low=0, high=0.99, meaning="cover: chance of being met in every cell at least"),
    Key("width", "whole", default=40, low=1, high=2_000, meaning="routes kept in a beam"),
    Key("rounds", "whole", default=300, low=0, high=100_000, meaning="times that assets are sent anew"),
    Key("mixture_rounds", "whole", default=600, low=1, high=20_000, meaning="deter, blend: answers to the adversary"),
)
ASSET = (
    Key("id", "id", True, meaning="its name in the plan"),
    Key("nation", "nation", True, meaning="two letters, ISO 3166"),
    Key("kind", "choice", True, choices=KINDS, meaning="what it is"),
    Key("base", "place", True, meaning="longitude, latitude [degree]"),
    Key("count", "whole", default=1, low=1, high=50, meaning="of the same: id-1, id-2, ..."),
    Key("mmsi", "whole", low=1, high=999_999_999, meaning="its number in AIS: a node takes its place from its own picture, where it is heard"),
    Key("speed_kn", "number", True, low=0.5, high=500, unit="kn", meaning="on patrol, in a calm sea"),
    Key("sweep_day_nm", "number", True, low=0, high=200, unit="nm", meaning="sweep width by day"),
    Key("sweep_night_nm", "number", low=0, high=200, unit="nm", meaning="by night; by default as by day"),
    Key("endurance_h", "number", True, low=0.5, high=24 * 90, unit="h", meaning="from port to port at most"),
    Key("rest_h", "number", default=0.0, low=0, high=24 * 30, unit="h", meaning="crew rest in port after each sortie"),
    Key("fuel_t", "number", low=0, high=50_000, unit="t", meaning="fuel it leaves port with; without it endurance alone counts"),
    Key("burn_t_h", "number", default=0.0, low=0, high=100, unit="t/h", meaning="a of fuel an hour a + b v^3"),
    Key("burn_cube", "number", default=0.0, low=0, high=1, unit="t/h/kn3", meaning="b of it"),
    Key("reserve", "number", default=0.1, low=0, high=0.9, meaning="share of the fuel that is kept; ours"),
    Key("max_sea_state", "whole", default=9, low=0, high=9, meaning="in which it may still sail or fly"),
    Key("slows", "speeds", default=(), meaning="speed from a sea state on, as {4 = 12, 6 = 8} [kn]"),
    Key("only", "texts", default=(), meaning="areas it may not leave"),
    Key("closed", "texts", default=(), meaning="areas it may not enter"),
    Key("boats", "whole", default=0, low=0, high=20, meaning="boats it carries"),
    Key("boards", "flag", default=False, meaning="whether it can board"),
    Key("tracks", "flag", default=False, meaning="whether it can stay with a vessel and say where it is"),
    Key("depart_every_h", "number", default=0.0, low=0, high=240, unit="h", meaning="leaves port at these hours only; 0: at any step"),
    Key("shows", "shows", default=(), meaning="what other nations see of it, as {us = \"area\"}: full, area or none (none by default)"),
)  # fmt: skip
TARGET = (
    Key("id", "id", True, meaning="its name in the answer"),
    Key("at", "moment", True, meaning="of the last fix"),
    Key("place", "place", True, meaning="longitude, latitude [degree] of the last fix"),
    Key("error_nm", "number", default=1.0, low=0, high=200, unit="nm", meaning="one sigma of that place along each axis"),
    Key("sog_kn", "number", low=0, high=60, unit="kn", meaning="speed at the last fix; without it anything up to max_kn"),
    Key("cog_deg", "number", low=0, high=360, unit="degree", meaning="course at the last fix; without it any"),
    Key("max_kn", "number", default=12.0, low=0.1, high=80, unit="kn", meaning="fastest it can go"),
    Key("turns_h", "number", default=6.0, low=0.1, high=500, unit="h", meaning="time after which its course is forgotten; ours"),
    Key("worth", "number", default=1.0, low=0.001, high=1_000, meaning="of meeting it, beside the others"),
)
ALERT = (
    Key("format", "choice", True, choices=("alert/1",), meaning="of the file"),
    Key("realm", "text", True, meaning="as in the plan"),
    Key("now", "moment", True, meaning="when it is answered: what was sailed before stays"),
    Key("within_h", "number", default=24.0, low=0.5, high=240, unit="h", meaning="how far ahead meetings are looked for"),
    Key("seed", "whole", default=0, low=0, high=2**53, meaning="of the target's possible ways"),
)
HELD = (
    Key("id", "id", True, meaning="of the asset in the plan"),
    Key("place", "place", meaning="where it is now, when not where the plan says"),
    Key("leaves_at", "moment", meaning="by when it must be home, when earlier than its endurance says; it may go out again once it has rested"),
    Key("ready_at", "moment", meaning="when it can take off or sail, when in port"),
    Key("out", "flag", default=False, meaning="whether it cannot take part at all"),
)
VISITS = tuple(replace(k, choices=("visits/1",)) if k.name == "format" else k for k in PLAN)
VISIT_HORIZON = tuple(k for k in HORIZON if k.name != "step_h")
VISIT_AREA = tuple(k for k in AREA if k.name in ("box", "layers"))
VISIT_SEARCH = (
    Key("rounds", "whole", default=20_000, low=64, high=10_000_000, meaning="of the search; the same number finds the same tours"),
    Key("bound_steps", "whole", default=1_000, low=0, high=20_000, meaning="parts of the longest tour in the proof of the bound; 0: no bound"),
)
VISIT_ASSET = (
    *(replace(k, required=False, default=0.0) if k.name == "sweep_day_nm" else k for k in ASSET if k.name not in ("count", "depart_every_h", "mmsi")),
    Key("place", "place", meaning="where it is when the plan begins, when not at its base"),
    Key("out_h", "number", default=0.0, low=0, high=24 * 90, unit="h", meaning="how long it has been out of port then"),
)
CONTACT = (
    Key("id", "id", True, meaning="its name in the plan"),
    Key("place", "place", True, meaning="longitude, latitude [degree]"),
    Key("prize", "number", default=1.0, low=0.001, high=1e6, meaning="of checking it, beside the others"),
    Key("minutes", "number", default=60.0, low=0, high=24 * 60, unit="min", meaning="that the check takes; no published number, yours to set"),
    Key("opens", "moment", meaning="earliest beginning of the check"),
    Key("closes", "moment", meaning="latest beginning"),
    Key("board", "flag", default=False, meaning="whether it must be boarded, not only looked at"),
)
