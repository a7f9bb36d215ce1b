"""A small scenario off Peru with every pattern of traffic and every deed, for the tests of the simulated sea."""

from __future__ import annotations

from datetime import UTC, datetime

from seaward.drill.scenario import Actor, Clock, Exercise, Interference, Scenario, Step, Traffic, Words

HOUR_MS = 3_600_000
CALLAO, CHIMBOTE, PAITA = (-77.15, -12.05), (-78.61, -9.08), (-81.11, -5.08)
CALETAS = ((-77.42, -11.63), (-76.80, -12.48))  # near Huacho and Pucusana

TRAFFIC = (
    Traffic("lane", "cargo", 8, "lane", route=((-82.5, -5.0), (-79.5, -9.5), (-78.2, -13.5)), spread_nm=3.0),
    Traffic("tank", "tanker", 3, "lane", route=(CALLAO, PAITA), spread_nm=2.0),
    Traffic("ferry", "ferry", 2, "ferry", route=(CALLAO, CHIMBOTE)),
    Traffic("roads", "cargo", 6, "anchored", around=(-77.28, -12.02), radius_nm=3.0),
    Traffic("berth", "cargo", 4, "moored", ports=(CALLAO, CHIMBOTE)),
    Traffic("squid", "squid_jigger", 5, "ground", around=(-82.0, -12.5), radius_nm=20.0),
    Traffic("boats", "artisanal", 8, "day_fishing", ports=CALETAS, ais=(("B_CS", 0.4), ("none", 0.6))),
    Traffic("calls", "cargo", 6, "port_calls", ports=(CALLAO,), route=((-82.5, -8.0), (-80.5, -14.5))),
    Traffic("tugs", "tug", 2, "harbour_work", ports=(CALLAO,), serves=("calls",)),
    Traffic("pilots", "pilot", 2, "harbour_work", ports=(CALLAO,), serves=("calls",)),
    Traffic("barges", "bunker", 2, "harbour_work", ports=(CALLAO,), serves=("roads",)),
    Traffic("idle", "tug", 1, "harbour_work", ports=(CHIMBOTE,)),
)
ACTORS = (
    Actor(
        "jig07", "squid_jigger", (-79.4, -11.2), length_m=60.0, intent="illegal_fishing",
        plan=(
            Step(0, "sail", to=(-80.0, -11.5), speed_kn=9.0), Step(2 * HOUR_MS, "ais_off"),
            Step(5 * HOUR_MS, "work", to=(-80.0, -11.5), gear="squid_jig", radius_nm=4.0), Step(10 * HOUR_MS, "drift"), Step(14 * HOUR_MS, "ais_on"),
        ),
    ),
    Actor(
        "reef3", "reefer", (-80.6, -10.9), intent="transfer",
        plan=(Step(9 * HOUR_MS, "meet", actor="jig07", for_ms=3 * HOUR_MS), Step(13 * HOUR_MS, "sail", to=(-83.0, -8.0))),
    ),
    Actor(
        "ghost", "cargo", (-79.0, -12.5), copies="lane/2", intent="deception",
        plan=(Step(0, "steer", course_deg=300.0, speed_kn=12.0), Step(4 * HOUR_MS, "ais_on")),
    ),
    Actor(
        "fast1", "go_fast", (-81.6, -4.2), ais="none", intent="trafficking",
        plan=(Step(HOUR_MS, "steer", course_deg=290.0, speed_kn=32.0), Step(3 * HOUR_MS, "wait")),
    ),
    Actor(
        "swap", "trawler", (-80.4, -7.5),
        plan=(
            Step(0, "work"), Step(3 * HOUR_MS, "claim", actor="lane/1"), Step(6 * HOUR_MS, "claim"),
            Step(8 * HOUR_MS, "claim", mmsi=123_456_789, name="OTHER (EX)"),
        ),
    ),
    Actor(
        "ring", "tanker", (-78.5, -12.3),
        plan=(
            Step(0, "anchor"), Step(HOUR_MS, "false_place", pattern="circle", to=(-78.0, -10.5), for_ms=HOUR_MS),
            Step(3 * HOUR_MS, "false_place", pattern="offset", offset_nm=(10.0, -5.0), for_ms=HOUR_MS),
            Step(5 * HOUR_MS, "false_place", to=(-79.0, -13.0)),
        ),
    ),
    Actor(
        "boat9", "artisanal", (-77.6, -12.2), ais="none", intent="distress",
        plan=(Step(0, "work"), Step(6 * HOUR_MS, "drift"), Step(7 * HOUR_MS, "distress", persons=4)),
    ),
    Actor("home", "cargo", (-78.4, -12.6), plan=(Step(0, "moor", to=CALLAO), Step(12 * HOUR_MS, "anchor", to=(-77.3, -12.0)))),
)  # fmt: skip
INTERFERENCE = (Interference("gnss", 2 * HOUR_MS, 4 * HOUR_MS, (-77.3, -12.1), 12.0, "circle", (-77.11, -12.02)),)


def scenario(seed: int = 7, traffic: tuple[Traffic, ...] = TRAFFIC, actors: tuple[Actor, ...] = ACTORS, hours: int = 24) -> Scenario:
    """The small sea, with other traffic or actors if so wanted."""
    start = datetime(2027, 11, 4, 6, tzinfo=UTC)
    exercise = Exercise("TEST", Words("Test", "Prueba"), "ex:test")
    return Scenario(
        exercise, seed, Clock(start, hours * HOUR_MS), (-84.0, -15.0, -75.0, -3.0), traffic=traffic, actors=actors, interference=INTERFERENCE
    )
