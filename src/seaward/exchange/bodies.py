"""What can be said between nations: one packed row per kind of message, each with its bounds.

A row is an array whose first element is the number of its kind. Units: `_ms` milliseconds since 1970-01-01 UTC, `_udeg` millionths of a degree
(WGS84), `_dkn` tenths of a knot, `_ddeg` tenths of a degree, `_pm` thousandths, `_m` metres, `_s` seconds. Unknown is nil, never a number.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Ms = Annotated[int, Meta(ge=0, le=253_402_300_799_000)]  # to the year 9999, as far as timestamps of other formats reach
LonUdeg = Annotated[int, Meta(ge=-180_000_000, le=180_000_000)]
LatUdeg = Annotated[int, Meta(ge=-90_000_000, le=90_000_000)]
ErrorM = Annotated[int, Meta(ge=0, le=10_000_000)]
Dkn = Annotated[int, Meta(ge=0, le=1_022)]  # ITU-R M.1371-5 table 48
Ddeg = Annotated[int, Meta(ge=0, le=3_599)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(max_length=128)]
Text = Annotated[str, Meta(max_length=4_000)]
Codes = Annotated[tuple[Code, ...], Meta(max_length=256)]


class Reason(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One reason of an event: a code of the catalogues and its values."""

    code: Code
    values: Annotated[tuple[tuple[Code, float], ...], Meta(max_length=32)] = ()


class Evidence(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a report lies in a feed."""

    feed: Name
    raw_offset: Annotated[int, Meta(ge=0, le=2**62)]
    raw_length: Annotated[int, Meta(ge=0, le=2**31)]


class Body(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of all kinds."""


class Leg(Body, frozen=True):
    """One leg of a patrol: from here to there in this time, doing this."""

    unit: Name
    start_ms: Ms
    end_ms: Ms
    from_lon_udeg: LonUdeg
    from_lat_udeg: LatUdeg
    to_lon_udeg: LonUdeg
    to_lat_udeg: LatUdeg
    task: Code


class Track(Body, frozen=True, tag=1):
    """Where a vessel is; the newest counts, the id of the message says which vessel."""

    at_ms: Ms
    lon_udeg: LonUdeg
    lat_udeg: LatUdeg
    error_m: ErrorM | None = None  # one sigma along each axis
    sog_dkn: Dkn | None = None
    cog_ddeg: Ddeg | None = None
    heading_deg: Annotated[int, Meta(ge=0, le=359)] | None = None
    nav_status: Annotated[int, Meta(ge=0, le=14)] | None = None
    source: Literal["a", "v", "r", "s", "f", "o"] = "o"  # AIS, VMS, radar, satellite, fused, other


class Vessel(Body, frozen=True, tag=2):
    """Who a vessel is, as its owner of the track believes; the newest counts."""

    at_ms: Ms
    mmsi: Annotated[int, Meta(ge=0, le=999_999_999)] | None = None
    imo: Annotated[int, Meta(ge=1, le=9_999_999)] | None = None
    name: Name | None = None
    callsign: Name | None = None
    ship_type: Annotated[int, Meta(ge=0, le=255)] | None = None
    length_m: Annotated[int, Meta(ge=0, le=1_022)] | None = None
    flag: Name | None = None


class Event(Body, frozen=True, tag=3):
    """One behaviour in one version; the id of the message is the event's."""

    state: Literal["open", "revised", "closed", "withdrawn"]
    kind: Code
    start_ms: Ms
    end_ms: Ms
    vessel_ids: Codes
    lon_udeg: LonUdeg
    lat_udeg: LatUdeg
    error_m: ErrorM | None
    probability_pm: Annotated[int, Meta(ge=0, le=1_000)] | None
    areas: Codes
    reasons: Annotated[tuple[Reason, ...], Meta(max_length=64)]
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=512)]
    method: Code


class Alert(Body, frozen=True, tag=4):
    """Something someone must look at, and how far that is. States after IMO MSC.302(87)."""

    event_id: Code | None
    kind: Code
    priority: Literal["emergency", "alarm", "warning", "caution"]
    state: Literal["new", "acknowledged", "validated", "dismissed", "silenced"]
    at_ms: Ms
    lon_udeg: LonUdeg | None
    lat_udeg: LatUdeg | None
    error_m: ErrorM | None
    by: Name | None
    why: Text | None


class Case(Body, frozen=True, tag=5):
    """What belongs together in the eyes of an officer."""

    state: Literal["open", "closed"]
    at_ms: Ms
    title: Text | None
    vessel_ids: Codes
    event_ids: Codes
    text: Text | None


class Request(Body, frozen=True, tag=6):
    """A request for information."""

    what: Code
    about_kind: Code | None
    about_id: Code | None
    from_ms: Ms | None
    to_ms: Ms | None
    due_ms: Ms | None
    text: Text | None


class Answer(Body, frozen=True, tag=7):
    """The answer to one; what was found comes as messages of its own."""

    request_id: Code
    state: Literal["answered", "partial", "refused", "nothing"]
    at_ms: Ms
    found: Codes
    text: Text | None


class Plan(Body, frozen=True, tag=8):
    """Patrols of one's own units."""

    state: Literal["proposed", "agreed", "withdrawn"]
    start_ms: Ms
    end_ms: Ms
    legs: Annotated[tuple[Leg, ...], Meta(max_length=1_024)]
    text: Text | None


class Task(Body, frozen=True, tag=9):
    """Something one nation asks of a unit of another."""

    what: Code
    unit: Name | None
    about_kind: Code | None
    about_id: Code | None
    lon_udeg: LonUdeg | None
    lat_udeg: LatUdeg | None
    error_m: ErrorM | None
    from_ms: Ms
    to_ms: Ms
    text: Text | None


class TaskReply(Body, frozen=True, tag=10):
    """What became of a task."""

    task_id: Code
    state: Literal["accepted", "declined", "complete"]
    at_ms: Ms
    text: Text | None


class Rescue(Body, frozen=True, tag=11):
    """Coordination of a search and rescue; phases after the IAMSAR Manual, volume II."""

    phase: Literal["uncertainty", "alert", "distress", "ended"]
    at_ms: Ms
    lon_udeg: LonUdeg | None
    lat_udeg: LatUdeg | None
    error_m: ErrorM | None
    persons: Annotated[int, Meta(ge=0, le=100_000)] | None
    coordinator: Name | None
    text: Text | None


class Chat(Body, frozen=True, tag=12):
    """A line that someone wrote."""

    room: Code
    at_ms: Ms
    by: Name | None
    text: Text | None


class Ack(Body, frozen=True, tag=13):
    """A person has seen it."""

    about_kind: Code
    about_id: Code
    about_version: Annotated[int, Meta(ge=1, le=2**32 - 1)]
    at_ms: Ms
    by: Name | None


class Drill(Body, frozen=True, tag=14):
    """Control of a drill; only ever in the realm of that drill."""

    control: Literal["start", "pause", "resume", "stop", "inject", "note"]
    at_ms: Ms
    text: Text | None


class Withdrawal(Body, frozen=True, tag=15):
    """What was sent under this kind and id counts no more. Tells nothing else; follows every release."""

    kind: Code
    reason: Literal["withdrawn", "recalled", "renamed"]  # untrue or over; no longer shared; now under another id


AnyBody = Track | Vessel | Event | Alert | Case | Request | Answer | Plan | Task | TaskReply | Rescue | Chat | Ack | Drill | Withdrawal

KINDS: dict[type[Body], str] = {
    Track: "track", Vessel: "vessel", Event: "event", Alert: "alert", Case: "case", Request: "request", Answer: "answer", Plan: "plan", Task: "task",
    TaskReply: "task_reply", Rescue: "rescue", Chat: "chat", Ack: "ack", Drill: "drill", Withdrawal: "withdrawal",
}  # fmt: skip
LAST_VALUE = frozenset({"track", "vessel"})  # kinds of which only the newest counts
URGENT = frozenset({"alert", "rescue", "withdrawal", "ack"})  # kinds that go before all others
OF_THE_LINK = frozenset({"withdrawal"})  # kinds the exchange itself says; no rule of release is asked
