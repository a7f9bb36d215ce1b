"""What a scenario says, as plain data: made by `read_scenario` from YAML, checked there, and never changed afterwards.

Times are milliseconds since the start of the exercise, places (longitude, latitude) in degrees, speeds knots, lengths of hulls metres.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

Place = tuple[float, float]  # longitude, latitude [degree]
Box = tuple[float, float, float, float]  # west, south, east, north [degree]

HULL_KINDS = (
    "cargo", "tanker", "reefer", "bunker", "tug", "pilot", "ferry", "trawler", "purse_seiner", "longliner", "squid_jigger", "potter",
    "artisanal", "go_fast", "sailing", "patrol",
)  # fmt: skip
AIS_CLASSES = ("none", "A", "B_SO", "B_CS")  # ITU-R M.1371-5: class A, class B SOTDMA, class B carrier sense
SENSOR_KINDS = ("coastal_ais", "satellite_ais", "vms", "sar", "optical", "night_light", "coastal_radar")
CELL_ROLES = ("player", "role_player", "control", "evaluator")
DEEDS = (  # what a step of a plan can ask for
    "moor", "anchor", "sail", "steer", "drift", "work", "meet", "wait",  # of the hull
    "ais_off", "ais_on", "claim", "false_place", "distress",  # of what it says
)  # fmt: skip
GEARS = ("trawl", "purse_seine", "longline", "squid_jig", "pots", "artisanal")
FALSE_PATTERNS = ("offset", "circle", "jump")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    en: str
    es: str


@dataclass(frozen=True, slots=True)
class Exercise:
    id: str
    title: Words
    realm: str  # ex:<id in lower case>


@dataclass(frozen=True, slots=True)
class Clock:
    start: datetime  # UTC
    length_ms: int
    tick_ms: int = 10_000
    rate: float = 1.0  # of exercise time to that of the wall
    max_rate: float = 60.0
    when_late: str = "slow_down"


@dataclass(frozen=True, slots=True)
class Cell:
    """Who takes part, and what they are given to see: names of sensors, `truth`, `logs`."""

    id: str
    role: str
    lang: str = "en"
    sees: tuple[str, ...] = ()
    plays: tuple[str, ...] = ()
    nation: str = ""  # ISO 3166-1 alpha-3


@dataclass(frozen=True, slots=True)
class Station:
    """A receiver or radar ashore."""

    id: str
    at: Place
    height_m: float = 50.0  # of the antenna above the sea: line of sight
    outage_ms: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Sensor:
    """One source of reports or detections; which fields count depends on its kind."""

    id: str
    kind: str
    stations: tuple[Station, ...] = ()  # coastal_ais, coastal_radar
    every_ms: int = 0  # satellite_ais: from pass to pass; vms: between polls; coastal_radar: between plots handed over
    first_ms: int = 0  # satellite_ais: start of the first pass
    pass_ms: int = 0  # satellite_ais: how long a pass lasts
    passes_ms: tuple[int, ...] = ()  # sar, optical, night_light: when it looks
    footprint: Box | None = None  # of a look; the whole area when None
    receive: float = 0.6  # satellite_ais: chance that a message comes through where few ships send
    loss: float = 0.03  # coastal_ais: share lost within range
    detect: float = 0.9  # chance that a large ship is detected
    min_length_m: float = 15.0  # length detected with half that chance
    error_m: float = 100.0  # one sigma of a detection along each axis
    false_per_1000_km2: float = 0.0  # false alarms of a look
    delay_ms: int = 0  # until it is handed over
    carriers: tuple[str, ...] = ()  # vms: kinds of hulls that carry a transponder


@dataclass(frozen=True, slots=True)
class Traffic:
    """Ships that are there anyway; ids of its hulls are <id>/<n>."""

    id: str
    kind: str
    count: int
    pattern: str  # lane, ferry, anchored, moored, ground, day_fishing, port_calls, harbour_work
    route: tuple[Place, ...] = ()  # lane, ferry, port_calls
    ports: tuple[Place, ...] = ()  # day_fishing, port_calls, harbour_work, moored
    around: Place | None = None  # anchored, ground
    radius_nm: float = 5.0
    spread_nm: float = 2.0  # across a lane
    speed_kn: tuple[float, float] | None = None  # between; that of the kind when None
    length_m: tuple[float, float] | None = None
    ais: tuple[tuple[str, float], ...] = (("A", 1.0),)  # classes and their shares
    serves: tuple[str, ...] = ()  # harbour_work: ids of the traffic whose ships it meets


@dataclass(frozen=True, slots=True)
class Step:
    """One thing an actor does from a moment on; which fields count depends on the deed."""

    at_ms: int
    do: str
    to: Place | None = None  # sail, moor, anchor, work (centre of the ground), false_place (jump to)
    speed_kn: float | None = None
    course_deg: float | None = None  # steer
    gear: str | None = None  # work
    radius_nm: float | None = None  # work, false_place circle
    actor: str | None = None  # meet, claim (whose identity)
    for_ms: int | None = None  # meet, wait, false_place
    pattern: str | None = None  # false_place
    offset_nm: tuple[float, float] | None = None  # false_place offset: east, north
    mmsi: int | None = None  # claim
    name: str | None = None  # claim
    persons: int | None = None  # distress
    line: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """A hull with a plan. One with `copies` has no hull: a transmitter that says it is another."""

    id: str
    kind: str
    start: Place
    plan: tuple[Step, ...] = ()
    length_m: float | None = None
    ais: str = "A"
    name: str | None = None  # ends in (EX)
    mmsi: int | None = None  # starts with 1, not 111
    copies: str | None = None  # id of the actor or hull whose identity it sends
    intent: str = "none"  # what the review says it was: none, illegal_fishing, transfer, trafficking, deception, distress
    line: int = 0


@dataclass(frozen=True, slots=True)
class Interference:
    """Where and when satellite navigation is disturbed: all receivers inside say they are elsewhere."""

    id: str
    from_ms: int
    to_ms: int
    around: Place
    radius_nm: float
    pattern: str  # circle, jump
    to: Place | None = None


@dataclass(frozen=True, slots=True)
class Weather:
    """A patch of bad weather: ships inside sail at `slow` of their speed, small ones fish no more."""

    from_ms: int
    to_ms: int
    around: Place
    radius_nm: float
    slow: float
    drift_kn: float = 0.0
    drift_deg: float = 0.0  # direction that it goes to


@dataclass(frozen=True, slots=True)
class Expectation:
    action: str
    within_ms: int


@dataclass(frozen=True, slots=True)
class Inject:
    """Something handed to cells from outside the sensors."""

    id: str
    to: tuple[str, ...]
    by: str
    objective: str
    text: Words
    expect: Expectation
    at_ms: int | None = None
    after: str | None = None  # id of an actor: once a case on it is open
    delay_ms: int = 0
    hold: bool = False  # only when control releases it
    actor: str | None = None  # whom it is about
    line: int = 0


@dataclass(frozen=True, slots=True)
class Objective:
    """What is measured, of whom, and how good is good: at `target` it is met, past `limit` it is not."""

    id: str
    text: Words
    measure: str  # time_to_detect, false_cases_per_day, recall, precision, track_completeness, time_to_share, time_to_task
    target: float  # [s] for times, else a number
    limit: float
    of: tuple[str, ...] = ()  # actors, or kinds of events for recall and precision
    line: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """All of it."""

    exercise: Exercise
    seed: int
    clock: Clock
    bbox: Box
    cells: tuple[Cell, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    actors: tuple[Actor, ...] = ()
    interference: tuple[Interference, ...] = ()
    weather: tuple[Weather, ...] = ()
    injects: tuple[Inject, ...] = ()
    objectives: tuple[Objective, ...] = ()
    layers: tuple[tuple[str, str], ...] = ()  # name and file of areas, beside the scenario
    ports: str | None = None  # CSV of ports, beside the scenario
    sources: tuple[str, ...] = field(default_factory=tuple)
