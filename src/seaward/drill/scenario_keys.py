"""Every key that a scenario may have, with unit and default: the one place where the format is written down."""

from __future__ import annotations

from dataclasses import fields

from seaward.core.catalogue import LANGUAGES
from seaward.drill import scenario as s
from seaward.drill.keys import NEEDED, Key, Part

FORMAT = "drill/1"
MOST_SEED = 2**53  # exact in every number type
SECRET = ("truth", "logs")  # what only control and evaluators may see
LOOKS = ("sar", "optical", "night_light")
RANGED = ("coastal_ais", "coastal_radar")
FISHERS = ("trawler", "purse_seiner", "longliner", "squid_jigger", "potter", "artisanal")
INTENTS = ("none", "illegal_fishing", "transfer", "trafficking", "deception", "distress")
MEASURES = ("time_to_detect", "time_to_share", "time_to_task", "false_cases_per_day", "recall", "precision", "track_completeness")
TIMES = MEASURES[:3]
EVENT_KINDS = ("gap", "encounter", "loitering", "drift", "fishing", "area", "identity", "position", "port_visit", "dark_contact")
PATTERNS = ("lane", "ferry", "anchored", "moored", "ground", "day_fishing", "port_calls", "harbour_work")
MEANS = ("phone", "radio", "chat", "message", "distress", "notice")
ACTIONS = ("open_case", "close_case", "share", "acknowledge", "answer", "task_unit")
_DEFAULTS = {
    part: {f.name: f.default for f in fields(part)} for part in (s.Clock, s.Cell, s.Station, s.Sensor, s.Traffic, s.Actor, s.Weather, s.Inject)
}
_SENSOR, _TRAFFIC, _CLOCK, _ACTOR = (_DEFAULTS[p] for p in (s.Sensor, s.Traffic, s.Clock, s.Actor))
_ONE, _SOME, _TWO = (0, 1000), (1, 1000), (2, 1000)
_KN, _LENGTH = 70.0, 450.0  # ours: no hull is faster [kn] or longer [m]; the longest ship ever was 458 m

EXERCISE = Part(
    "exercise",
    "What the drill is called.",
    (
        Key("id", "id", "short name; the realm follows from it"),
        Key("title", "words", "title"),
        Key("realm", "text", "`ex:` and the id in lower case; marks every record, file and page"),
    ),
)

CLOCK = Part(
    "clock",
    "When it is, and how fast time goes.",
    (
        Key("start", "moment", "first moment, with a zone, in quotes; the only calendar time of a scenario"),
        Key("length", "duration", "how long the exercise lasts", unit="duration", low=60_000, high=14 * 86_400_000),
        Key("tick", "duration", "step of the simulation", _CLOCK["tick_ms"], low=1000, high=60_000),
        Key("rate", "number", "exercise time to that of the wall", _CLOCK["rate"], low=0.1, high=1000),
        Key("max_rate", "number", "the fastest that control may choose", _CLOCK["max_rate"], low=0.1, high=1000),
        Key("when_late", "choice", "what happens when the machine cannot keep up", _CLOCK["when_late"], choices=("slow_down",)),
    ),
)

AREA = Part(
    "area",
    "Where it takes place.",
    (
        Key("bbox", "box", "west, south, east, north; every place lies in it", unit="degree"),
        Key("layers", "files", "names and files of areas with rules, beside the scenario", ()),
        Key("ports", "file", "CSV of ports, beside the scenario", None),
    ),
)

CELL = Part(
    "cell",
    "Who takes part.",
    (
        Key("id", "id", "name"),
        Key("role", "choice", "what they do in the drill", choices=s.CELL_ROLES),
        Key("lang", "choice", "language of their texts", "en", choices=LANGUAGES),
        Key("sees", "id", "sensors they are given; `truth` and `logs` for control and evaluators only", (), many=_ONE),
        Key("plays", "text", "whom they play", (), many=_ONE, counts=("role_player",)),
        Key("nation", "text", "whose watch it is, as three letters (ISO 3166-1); needed where people play the drill", "", counts=("player",)),
    ),
    switch="role",
)

STATION = Part(
    "station",
    "A receiver or radar ashore.",
    (
        Key("id", "id", "name"),
        Key("at", "place", "where", unit="degree"),
        Key("height_m", "number", "of the antenna above the sea", _DEFAULTS[s.Station]["height_m"], low=1, high=5000, unit="m"),
        Key("outage", "duration", "from when to when it is down", (0, 0), field="outage_ms", many=(2, 2)),
    ),
)

SENSOR = Part(
    "sensor",
    "One source of reports or detections.",
    (
        Key("id", "id", "name"),
        Key("kind", "choice", "what it is", choices=s.SENSOR_KINDS),
        Key("stations", "part", "where it stands", (), of="station", many=_SOME, counts=RANGED, needed=RANGED),
        Key(
            "every",
            "duration",
            "from pass to pass, between polls, or between plots handed over",
            0,
            low=1000,
            counts=("satellite_ais", "vms", "coastal_radar"),
            needed=("satellite_ais", "vms", "coastal_radar"),
        ),
        Key("first", "duration", "start of the first pass", 0, counts=("satellite_ais",)),
        Key("pass", "duration", "how long a pass lasts", 0, low=1000, counts=("satellite_ais",), needed=("satellite_ais",)),
        Key("passes", "duration", "when it looks", (), field="passes_ms", many=_SOME, counts=LOOKS, needed=LOOKS),
        Key("footprint", "box", "what a look covers; the whole area when left out", None, unit="degree", counts=LOOKS),
        Key(
            "receive",
            "number",
            "chance that a message comes through where few ships send",
            _SENSOR["receive"],
            low=0,
            high=1,
            counts=("satellite_ais",),
        ),
        Key("loss", "number", "share lost within range", _SENSOR["loss"], low=0, high=1, counts=("coastal_ais",)),
        Key("detect", "number", "chance that a large ship is detected", _SENSOR["detect"], low=0, high=1, counts=(*LOOKS, "coastal_radar")),
        Key(
            "min_length_m",
            "number",
            "length detected with half that chance",
            _SENSOR["min_length_m"],
            low=0,
            high=_LENGTH,
            unit="m",
            counts=(*LOOKS, "coastal_radar"),
        ),
        Key(
            "error_m",
            "number",
            "one sigma of a detection along each axis",
            _SENSOR["error_m"],
            low=0,
            high=20_000,
            unit="m",
            counts=(*LOOKS, "coastal_radar"),
        ),
        Key("false_per_1000_km2", "number", "false alarms of a look", _SENSOR["false_per_1000_km2"], low=0, high=100, counts=LOOKS),
        Key("delay", "duration", "until it is handed over", 0),
        Key("carriers", "choice", "kinds of hulls that carry a transponder", (), many=_SOME, choices=s.HULL_KINDS, counts=("vms",), needed=("vms",)),
    ),
    switch="kind",
)

TRAFFIC = Part(
    "traffic",
    "Ships that are there anyway; their hulls are `<id>/1` to `<id>/<count>`.",
    (
        Key("id", "id", "name"),
        Key("kind", "choice", "what they are", choices=s.HULL_KINDS),
        Key("count", "integer", "how many", low=1, high=50_000),
        Key("pattern", "choice", "what they do", choices=PATTERNS),
        Key(
            "route",
            "place",
            "from where, by where, to where",
            (),
            many=_TWO,
            unit="degree",
            counts=("lane", "ferry", "port_calls"),
            needed=("lane", "ferry"),
        ),
        Key(
            "ports",
            "place",
            "where they lie, start from or call",
            (),
            many=_SOME,
            unit="degree",
            counts=("day_fishing", "port_calls", "harbour_work", "moored"),
            needed=("day_fishing", "port_calls", "harbour_work", "moored"),
        ),
        Key(
            "around",
            "place",
            "middle of the roads or of the ground",
            None,
            unit="degree",
            counts=("anchored", "ground"),
            needed=("anchored", "ground"),
        ),
        Key(
            "radius_nm",
            "number",
            "how far from there, or from the port",
            _TRAFFIC["radius_nm"],
            low=0.1,
            high=500,
            unit="nm",
            counts=("anchored", "ground", "day_fishing", "harbour_work"),
        ),
        Key("spread_nm", "number", "across the way", _TRAFFIC["spread_nm"], low=0, high=100, unit="nm", counts=("lane", "ferry", "port_calls")),
        Key("speed_kn", "number", "between; that of the kind when left out", None, many=(2, 2), low=0, high=_KN, unit="kn"),
        Key("length_m", "number", "between; that of the kind when left out", None, many=(2, 2), low=2, high=_LENGTH, unit="m"),
        Key("ais", "shares", "class of AIS, or classes with their shares", _TRAFFIC["ais"], choices=s.AIS_CLASSES),
        Key("serves", "id", "traffic whose ships it goes out to; it goes its rounds when left out", (), many=_SOME, counts=("harbour_work",)),
    ),
    switch="pattern",
)

_TO = ("sail", "moor", "anchor", "work", "false_place")
STEP = Part(
    "step",
    "What an actor does from a moment on.",
    (
        Key("at", "duration", "when"),
        Key("do", "choice", "what", choices=s.DEEDS),
        Key("to", "place", "where to; middle of the ground; where a false place is or goes round", None, unit="degree", counts=_TO, needed=("sail",)),
        Key(
            "speed_kn",
            "number",
            "how fast; that of the kind when left out",
            None,
            low=0,
            high=_KN,
            unit="kn",
            counts=("sail", "steer", "moor", "anchor", "work", "meet", "drift"),
        ),
        Key("course_deg", "number", "true course", None, low=0, high=360, unit="degree", counts=("steer",), needed=("steer",)),
        Key("gear", "choice", "what it fishes with; that of the kind when left out", None, choices=s.GEARS, counts=("work",)),
        Key("radius_nm", "number", "of the ground, or of a false circle", None, low=0.05, high=200, unit="nm", counts=("work", "false_place")),
        Key("actor", "hull", "whom it meets, or whose identity it claims", None, counts=("meet", "claim"), needed=("meet",)),
        Key("for", "duration", "how long", None, low=1000, counts=("meet", "wait", "false_place"), needed=("meet", "wait")),
        Key("pattern", "choice", "how a false place moves", None, choices=s.FALSE_PATTERNS, counts=("false_place",), needed=("false_place",)),
        Key("offset_nm", "number", "of a false place: east, north", None, many=(2, 2), low=-5000, high=5000, unit="nm", counts=("false_place",)),
        Key("mmsi", "mmsi", "number it claims", None, counts=("claim",)),
        Key("name", "ship_name", "name it claims", None, counts=("claim",)),
        Key("persons", "integer", "on board", None, low=1, high=10_000, counts=("distress",)),
    ),
    switch="do",
)

ACTOR = Part(
    "actor",
    "A hull with a plan; with `copies` only a transmitter that says it is another.",
    (
        Key("id", "id", "name"),
        Key("kind", "choice", "what it is", choices=s.HULL_KINDS),
        Key("start", "place", "where it is at the start", unit="degree"),
        Key("plan", "part", "what it does, in order of time", (), of="step", many=(0, 1000)),
        Key("length_m", "number", "length; that of the kind when left out", None, low=2, high=_LENGTH, unit="m"),
        Key("ais", "choice", "class of its AIS", _ACTOR["ais"], choices=s.AIS_CLASSES),
        Key("name", "ship_name", "name; made up when left out", None),
        Key("mmsi", "mmsi", "number in the place of an MMSI; made up when left out", None),
        Key("copies", "hull", "whose identity it sends; there is no hull then", None),
        Key("intent", "choice", "what the review says it was", _ACTOR["intent"], choices=INTENTS),
    ),
)

INTERFERENCE = Part(
    "interference",
    "Where and when satellite navigation is disturbed.",
    (
        Key("id", "id", "name"),
        Key("from", "duration", "since when"),
        Key("until", "duration", "until when", field="to_ms"),
        Key("around", "place", "middle", unit="degree"),
        Key("radius_nm", "number", "how far from there", low=0.1, high=500, unit="nm"),
        Key("pattern", "choice", "what receivers say instead", choices=("circle", "jump")),
        Key("to", "place", "where they say they are", None, unit="degree", needed=("jump",)),
    ),
    switch="pattern",
)

_WEATHER = _DEFAULTS[s.Weather]
WEATHER = Part(
    "weather",
    "A patch of bad weather.",
    (
        Key("from", "duration", "since when"),
        Key("until", "duration", "until when", field="to_ms"),
        Key("around", "place", "middle", unit="degree"),
        Key("radius_nm", "number", "how far from there", low=0.1, high=2000, unit="nm"),
        Key("slow", "number", "share of their speed that ships keep", low=0.05, high=1),
        Key("drift_kn", "number", "drift of what has no way", _WEATHER["drift_kn"], low=0, high=10, unit="kn"),
        Key("drift_deg", "number", "direction that the drift goes to", _WEATHER["drift_deg"], low=0, high=360, unit="degree"),
    ),
)

EXPECTATION = Part(
    "expectation",
    "What the cells should do on an inject.",
    (
        Key("action", "choice", "what", choices=ACTIONS),
        Key("within", "duration", "how soon", low=1000),
    ),
)

INJECT = Part(
    "inject",
    "Something handed to cells from outside the sensors; exactly one of `at`, `after` and `hold`.",
    (
        Key("id", "id", "name"),
        Key("to", "id", "cells that get it", many=_SOME),
        Key("by", "choice", "how it comes", choices=MEANS),
        Key("objective", "id", "objective it serves"),
        Key("text", "words", "what it says"),
        Key("expect", "part", "what should follow", of="expectation"),
        Key("at", "duration", "when", None),
        Key("after", "id", "actor: once a case on it is open", None),
        Key("delay", "duration", "how long after that", 0),
        Key("hold", "switch", "only when control releases it", False),
        Key("actor", "hull", "whom it is about", None),
    ),
)

OBJECTIVE = Part(
    "objective",
    "What is measured, of whom, and how good is good.",
    (
        Key("id", "id", "name"),
        Key("text", "words", "what it is about"),
        Key("measure", "choice", "what is measured", choices=MEASURES),
        Key("target", "measure", "met up to here: a duration for times, else a number", low=0),
        Key("limit", "measure", "failed beyond: a duration for times, else a number", low=0),
        Key(
            "of",
            "hull",
            "actors; kinds of events for recall (with an intent, where any have one) and precision; all when left out",
            (),
            many=_SOME,
            needed=TIMES,
        ),
    ),
    switch="measure",
)

SCENARIO = Part(
    "scenario",
    "All of it.",
    (
        Key("format", "choice", "version of the format", choices=(FORMAT,), field="-"),
        Key("exercise", "part", "what the drill is called", of="exercise"),
        Key("seed", "integer", "root of all chance", low=0, high=MOST_SEED),
        Key("clock", "part", "when it is", of="clock"),
        Key("area", "part", "where it is", of="area", field="-"),
        Key("cells", "part", "who takes part", of="cell", many=_SOME),
        Key("sensors", "part", "what is seen by what", (), of="sensor", many=_ONE),
        Key("traffic", "part", "ships that are there anyway", (), of="traffic", many=_ONE),
        Key("actors", "part", "hulls with plans", (), of="actor", many=_ONE),
        Key("interference", "part", "disturbed satellite navigation", (), of="interference", many=_ONE),
        Key("weather", "part", "bad weather", (), of="weather", many=_ONE),
        Key("injects", "part", "what is handed to cells", (), of="inject", many=_ONE),
        Key("objectives", "part", "what is measured", (), of="objective", many=_ONE),
        Key("sources", "text", "where its figures come from", (), many=_ONE),
    ),
)

PARTS = {
    p.name: p
    for p in (SCENARIO, EXERCISE, CLOCK, AREA, CELL, SENSOR, STATION, TRAFFIC, ACTOR, STEP, INTERFERENCE, WEATHER, INJECT, EXPECTATION, OBJECTIVE)
}
KINDS = {
    "exercise": s.Exercise,
    "clock": s.Clock,
    "cell": s.Cell,
    "station": s.Station,
    "sensor": s.Sensor,
    "traffic": s.Traffic,
    "actor": s.Actor,
    "step": s.Step,
    "interference": s.Interference,
    "weather": s.Weather,
    "inject": s.Inject,
    "expectation": s.Expectation,
    "objective": s.Objective,
}
__all__ = ["FORMAT", "KINDS", "NEEDED", "PARTS"]
