"""What each field of each message tells: the table by which degrading works. A field that is not in it cannot be sent."""

from __future__ import annotations

from enum import Enum, auto

from seaward.exchange import bodies as b


class Tells(Enum):
    """What a field gives away."""

    PLAIN = auto()  # neither where, when nor who
    LON = auto()  # where: snapped to the grid, with the LAT that follows it
    LAT = auto()
    ERROR = auto()  # how exact that is: raised with the grid
    TIME = auto()  # when: rounded down
    SPEED = auto()  # tenths of a knot: whole knots where there is a grid
    BEARING_DDEG = auto()  # tenths of a degree: eighths of the circle where there is a grid
    BEARING_DEG = auto()  # degrees: as above
    PLACES = auto()  # names of places: none where there is a grid
    REASONS = auto()  # codes with measured values: codes alone where there is a grid
    IDENTITY = auto()  # who a vessel is
    EVIDENCE = auto()  # where the reports lie
    PERSON = auto()  # which person did something
    TEXT = auto()  # free words, which may tell anything: none where there is a grid
    REFERENCE = auto()  # the id of another object: the id it was released under
    LEGS = auto()  # where own units will be


GROUPS = {"identity": {Tells.IDENTITY}, "motion": {Tells.SPEED, Tells.BEARING_DDEG, Tells.BEARING_DEG}, "reasons": {Tells.REASONS},
          "evidence": {Tells.EVIDENCE}, "places": {Tells.PLACES}, "persons": {Tells.PERSON}, "text": {Tells.TEXT}}  # fmt: skip
"""What a rule may leave out, by name."""

_POSITION = {"lon_udeg": Tells.LON, "lat_udeg": Tells.LAT, "error_m": Tells.ERROR}
_AT = {"at_ms": Tells.TIME}
_STATE = {"state": Tells.PLAIN}
_TEXT = {"text": Tells.TEXT}
_ABOUT = {"about_kind": Tells.PLAIN, "about_id": Tells.REFERENCE}

FIELDS: dict[type[b.Body], dict[str, Tells]] = {
    b.Track: {**_AT, **_POSITION, "sog_dkn": Tells.SPEED, "cog_ddeg": Tells.BEARING_DDEG, "heading_deg": Tells.BEARING_DEG,
              "nav_status": Tells.PLAIN, "source": Tells.PLAIN},
    b.Vessel: {**_AT, **dict.fromkeys(("mmsi", "imo", "name", "callsign", "ship_type", "length_m", "flag"), Tells.IDENTITY)},
    b.Event: {**_STATE, "kind": Tells.PLAIN, "start_ms": Tells.TIME, "end_ms": Tells.TIME, "vessel_ids": Tells.IDENTITY, **_POSITION,
              "probability_pm": Tells.PLAIN, "areas": Tells.PLACES, "reasons": Tells.REASONS, "evidence": Tells.EVIDENCE, "method": Tells.PLAIN},
    b.Alert: {"event_id": Tells.REFERENCE, "kind": Tells.PLAIN, "priority": Tells.PLAIN, **_STATE, **_AT, **_POSITION,
              "by": Tells.PERSON, "why": Tells.TEXT},
    b.Case: {**_STATE, **_AT, "title": Tells.TEXT, "vessel_ids": Tells.IDENTITY, "event_ids": Tells.REFERENCE, **_TEXT},
    b.Request: {"what": Tells.PLAIN, **_ABOUT, "from_ms": Tells.TIME, "to_ms": Tells.TIME, "due_ms": Tells.TIME, **_TEXT},
    b.Answer: {"request_id": Tells.REFERENCE, **_STATE, **_AT, "found": Tells.REFERENCE, **_TEXT},
    b.Plan: {**_STATE, "start_ms": Tells.TIME, "end_ms": Tells.TIME, "legs": Tells.LEGS, **_TEXT},
    b.Task: {"what": Tells.PLAIN, "unit": Tells.TEXT, **_ABOUT, **_POSITION, "from_ms": Tells.TIME, "to_ms": Tells.TIME, **_TEXT},
    b.TaskReply: {"task_id": Tells.REFERENCE, **_STATE, **_AT, **_TEXT},
    b.Rescue: {"phase": Tells.PLAIN, **_AT, **_POSITION, "persons": Tells.PLAIN, "coordinator": Tells.PERSON, **_TEXT},
    b.Chat: {"room": Tells.PLAIN, **_AT, "by": Tells.PERSON, **_TEXT},
    b.Ack: {"about_kind": Tells.PLAIN, "about_id": Tells.REFERENCE, "about_version": Tells.PLAIN, **_AT, "by": Tells.PERSON},
    b.Drill: {"control": Tells.PLAIN, **_AT, **_TEXT},
    b.Leg: {"unit": Tells.TEXT, "start_ms": Tells.TIME, "end_ms": Tells.TIME, "from_lon_udeg": Tells.LON, "from_lat_udeg": Tells.LAT,
            "to_lon_udeg": Tells.LON, "to_lat_udeg": Tells.LAT, "task": Tells.PLAIN},
}  # fmt: skip

REFERS_TO = {"event_id": "event", "event_ids": "event", "request_id": "request", "task_id": "task"}
"""The kind of object a field of ids refers to; `about_id` says it in `about_kind`; `found` are events."""
