"""The words the rooms share: each table once, each column with its unit, range and meaning. `split` checks them at the edges."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

AT = pl.Datetime("us", "UTC")
NAME = pl.Categorical()  # few values repeated over many rows
TRANSCEIVERS = ("A", "B", "base", "aid", "sar", "other")
QUALITIES = ("good", "single", "time_recovered")
EVENT_STATES = ("open", "revised", "closed", "withdrawn")
ACTIVITIES = ("moored", "anchored", "under_way", "adrift", "setting", "fishing", "hauling", "searching", "alongside", "waiting", "stopped")
JOINS = ("identity", "track", "elsewhere")
TASKS = ("port", "transit", "search", "intercept", "track")
REASON = pl.Struct({"code": pl.String(), "values": pl.List(pl.Struct({"name": pl.String(), "value": pl.Float64()}))})
PRIORITIES = ("alarm", "warning", "caution")  # from the highest; IMO MSC.302(87), 4.2: emergency alarms are for what endangers the own ship
ALERT_STATES = ("new", "acknowledged", "validated", "dismissed", "silenced")
ALERT_MARKS = ("withdrawn", "lapsed", "merged")
CASE_STATES = ("open", "withdrawn", "closed")
ALERT_REASON = pl.Struct({"code": pl.String(), "values": pl.List(pl.Struct({"name": pl.String(), "value": pl.String()}))})
MEMBER = pl.Struct({
    "event_id": pl.String(), "version": pl.UInt32(), "state": pl.Enum(EVENT_STATES), "kind": pl.String(), "start_at": AT, "end_at": AT,
    "vessel_ids": pl.List(pl.String()), "lon_deg": pl.Float64(), "lat_deg": pl.Float64(), "probability": pl.Float64(), "areas": pl.List(pl.String()),
    "rule": pl.String(), "priority": pl.Enum(PRIORITIES), "reasons": pl.List(ALERT_REASON), "mark": pl.Enum(ALERT_MARKS),
})  # fmt: skip
EVIDENCE = pl.Struct({"feed": pl.String(), "raw_offset": pl.Int64(), "raw_length": pl.Int64()})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds, in which unit, between which bounds (both included)."""

    name: str
    dtype: pl.DataType
    meaning: str
    unit: str = ""
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of row, exchanged between rooms."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pl.Schema:
        return pl.Schema({c.name: c.dtype for c in self.columns})

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.schema)


_REALM = Column("realm", NAME, "ops, or ex:<drill id>")
_FEED = Column("feed", NAME, "name of the input it came from")
_OFFSET = Column("raw_offset", pl.Int64(), "where its line starts in the (uncompressed) input; in Parquet the row", "byte", low=0)
_LENGTH = Column("raw_length", pl.Int32(), "length of that line without its end; multi-part: up to the end of the last part", "byte", low=0)
_MMSI = Column("mmsi", pl.UInt32(), "identity the transponder claims", low=0, high=999_999_999, source="ITU-R M.585-9")
_LON = Column("lon_deg", pl.Float64(), "longitude, WGS84, east positive", "degree", low=-180, high=180)
_LAT = Column("lat_deg", pl.Float64(), "latitude, WGS84, north positive", "degree", low=-90, high=90)
_PLACE_OR_NONE = tuple(replace(c, nullable=True) for c in (_LON, _LAT))
_SOG = Column("sog_kn", pl.Float32(), "speed over ground as reported", "knot", True, 0, 102.2, "ITU-R M.1371-5 table 48")
_COG = Column("cog_deg", pl.Float32(), "course over ground as reported, from true north", "degree", True, 0, 359.95)
_HEADING = Column("heading_deg", pl.Float32(), "true heading as reported", "degree", True, 0, 359)
_NAV = Column("nav_status", pl.UInt8(), "navigational status as reported; 15 (undefined) is null", "", True, 0, 14)
_TRANSCEIVER = Column("transceiver", pl.Enum(TRANSCEIVERS), "kind of station that sent it", nullable=True)

REPORTS = Table("reports", "one position as received", (
    _REALM, _FEED, _OFFSET, _LENGTH,
    Column("received_at", AT, "when the receiver heard it; null when the input has no time", nullable=True),
    Column("reported_at", AT, "when the vessel says it was there; equals received_at where the feed has one time", nullable=True),
    Column("message_type", pl.UInt8(), "AIS message type; 0 for what is not AIS", low=0, high=27),
    _MMSI, *_PLACE_OR_NONE, _SOG, _COG, _HEADING, _NAV,
    Column("second", pl.UInt8(), "second of the UTC minute in which the position was fixed; 60 and above are null", "s", True, 0, 59),
    _TRANSCEIVER,
))  # fmt: skip

STATIC = Table("static", "one identity statement as received", (
    _REALM, _FEED, _OFFSET, _LENGTH,
    Column("reported_at", AT, "when it was said", nullable=True),
    _MMSI,
    Column("imo", pl.UInt32(), "IMO number; 0 is null", nullable=True),
    Column("name", pl.String(), "name; empty is null", nullable=True),
    Column("callsign", pl.String(), "call sign; empty is null", nullable=True),
    Column("ship_type", pl.UInt8(), "type of ship and cargo; 0 is null", nullable=True, low=1, high=255),
    Column("length_m", pl.Float32(), "length over all; 0 is null", "m", True, 0, 1022),
    Column("beam_m", pl.Float32(), "beam; 0 is null", "m", True, 0, 126),
    Column("destination", pl.String(), "destination as typed; empty is null", nullable=True),
    _TRANSCEIVER,
))  # fmt: skip

POSITIONS = Table("positions", "one accepted fix on a track", (
    _REALM,
    Column("vessel_id", NAME, "mmsi:NNN, or mmsi:NNN#2 and on for further hulls under one MMSI"),
    _MMSI,
    Column("track_id", NAME, "vessel_id@start: one stretch without a break in reception"),
    Column("at", AT, "when the vessel was there"),
    _LON, _LAT, _SOG, _COG, _HEADING, _NAV, _FEED, _OFFSET,
    Column("quality", pl.Enum(QUALITIES), "good; single: no neighbour confirms it; time_recovered: a clock jump was undone"),
    _LENGTH, _TRANSCEIVER,
))  # fmt: skip

VESSELS = Table("vessels", "one vessel as believed", (
    _REALM,
    Column("vessel_id", pl.String(), "as in positions"),
    _MMSI,
    Column("imo", pl.UInt32(), "latest IMO number said", nullable=True),
    Column("name", pl.String(), "latest name said", nullable=True),
    Column("callsign", pl.String(), "latest call sign said", nullable=True),
    Column("ship_type", pl.UInt8(), "latest type said", nullable=True),
    Column("length_m", pl.Float32(), "latest length said", "m", True),
    Column("beam_m", pl.Float32(), "latest beam said", "m", True),
    _TRANSCEIVER,
    Column("first_at", AT, "first fix", nullable=True),
    Column("last_at", AT, "last fix", nullable=True),
    Column("positions", pl.UInt32(), "accepted fixes"),
    Column("identity", pl.List(pl.Struct({"since_at": AT, "imo": pl.UInt32(), "name": pl.String(), "callsign": pl.String(), "ship_type": pl.UInt8(),
                                          "length_m": pl.Float32()})), "every identity said, in time order"),
))  # fmt: skip

EVENTS = Table("events", "one behaviour, in one version", (
    _REALM,
    Column("event_id", pl.String(), "hash of kind, method, vessels and start"),
    Column("version", pl.UInt32(), "1, then one more per revision", low=1),
    Column("state", pl.Enum(EVENT_STATES), "open, revised, closed, withdrawn"),
    Column("kind", pl.String(), "gap, encounter, loitering, drift, fishing, area, identity, position, port_visit, dark_contact"),
    Column("start_at", AT, "start"),
    Column("end_at", AT, "end, or the last moment known while open"),
    Column("vessel_ids", pl.List(pl.String()), "who, sorted"),
    _LON, _LAT,
    Column("probability", pl.Float64(), "chance that it is what it says; null where not known", nullable=True, low=0, high=1),
    Column("areas", pl.List(pl.String()), "areas it lies in; the port of a visit"),
    Column("reasons", pl.List(REASON), "codes with values, shown through the catalogues"),
    Column("evidence", pl.List(EVIDENCE), "the reports it rests on"),
    Column("method", pl.String(), "which definition, in which version"),
))  # fmt: skip

REJECTED = Table("rejected", "what was refused, and why", (
    _REALM, _FEED, _OFFSET,
    Column("rule", pl.String(), "the rule it broke"),
    Column("value", pl.String(), "the offending text, at most 200 characters"),
))  # fmt: skip

RECEPTION = Table("reception", "how well vessels are heard in one cell", (
    _REALM,
    Column("lon_deg", pl.Float64(), "west side of the cell of a quarter degree", "degree", low=-180, high=180),
    Column("lat_deg", pl.Float64(), "south side of the cell", "degree", low=-90, high=90),
    Column("vessels", pl.Int64(), "vessels heard there; one heard by two feeds, or now often, now seldom, counts more than once", low=0),
    Column("heard", pl.Int64(), "ten minutes in which a vessel was heard there", low=0),
    Column("silent", pl.Int64(), "ten minutes in which a vessel, heard before and within a week after, passed unheard", low=0),
    Column("share_heard", pl.Float64(), "heard / (heard + silent)", low=0, high=1),
))  # fmt: skip

DETECTIONS = Table("detections", "one contact seen by a sensor that asks for no transponder: radar, optical, night lights", (
    _REALM, _FEED,
    Column("raw_offset", pl.Int64(), "number of its row or feature in the file, from 0", low=0),
    Column("detection_id", pl.String(), "its name in that file; the number of the row where it has none"),
    Column("at", AT, "when it was seen"),
    _LON, _LAT,
    Column("error_m", pl.Float64(), "one sigma of the position along each axis", "m", True, 0, 100_000),
    Column("length_m", pl.Float64(), "length over all as measured", "m", True, 0, 1022),
    Column("length_error_m", pl.Float64(), "one sigma of that length", "m", True, 0, 1022),
    Column("sensor", NAME, "what saw it, as the file says", nullable=True),
    Column("score", pl.Float64(), "how sure the sensor is of it, on its own scale", nullable=True),
))  # fmt: skip

TRUTH = Table("truth", "one thing that really happened in a simulated sea, for scoring only", (
    _REALM,
    Column("truth_id", pl.String(), "hash of kind, actors and start"),
    Column("kind", pl.String(), "as in events"),
    Column("start_at", AT, "when it really began"),
    Column("end_at", AT, "when it really ended, or the end of the exercise"),
    Column("actors", pl.List(pl.String()), "hulls of the scenario that did it, sorted"),
    Column("vessel_ids", pl.List(pl.String()), "mmsi:NNN of every identity they sent or suffered in that time, sorted; empty where they sent none"),
    _LON, _LAT,
    Column("intent", pl.String(), "none, illegal_fishing, transfer, trafficking, deception, distress"),
    Column("areas", pl.List(pl.String()), "areas it lay in"),
))  # fmt: skip

TRUE_TRACKS = Table("true_tracks", "where one hull of a simulated sea really was", (
    _REALM,
    Column("actor", NAME, "hull of the scenario"),
    Column("at", AT, "moment of the simulation"),
    _LON, _LAT,
    Column("sog_kn", pl.Float32(), "speed over ground", "knot", low=0, high=102.2),
    Column("cog_deg", pl.Float32(), "course over ground, from true north", "degree", low=0, high=360),
    Column("activity", pl.Enum(ACTIVITIES), "what it was doing"),
    Column("mmsi", pl.UInt32(), "identity it sent then; null where it sent none", nullable=True, low=0, high=999_999_999),
))  # fmt: skip

DEEDS_DONE = ("raised", "acknowledged", "validated", "dismissed", "shared", "answered", "tasked")
DEEDS = Table("deeds", "one thing that people of a cell did in a drill", (
    _REALM,
    Column("cell", NAME, "cell of the scenario"),
    Column("at", AT, "when, by the clock of the exercise"),
    Column("deed", pl.Enum(DEEDS_DONE),
           "what: an alert raised (by the watch), acknowledged, validated, dismissed; told to a partner; a request answered; a unit sent"),
    Column("who", pl.String(), "person; null where the watch or a rule did it", nullable=True),
    Column("partner", pl.String(), "nation told or asked", nullable=True),
    Column("event_id", pl.String(), "event it is about, as the cell's own watch had it", nullable=True),
    Column("kind", pl.String(), "kind of that event", nullable=True),
    Column("vessel_ids", pl.List(pl.String()), "who it is about, sorted"),
    Column("start_at", AT, "begin of that event", nullable=True),
    Column("end_at", AT, "end of that event", nullable=True),
    *_PLACE_OR_NONE,
))  # fmt: skip

_ALERT_ID = Column("alert_id", pl.String(), "name of the alert: hash of the event it was first raised for, and of those it followed")
_REVISION = Column("revision", pl.UInt32(), "1 when raised, then one more per change", low=1)
_PRIORITY = Column("priority", pl.Enum(PRIORITIES), "how soon it must be looked at", source="IMO MSC.302(87)")
_ALERT_STATE = Column("state", pl.Enum(ALERT_STATES), "new, acknowledged, validated (a case), dismissed, silenced")
_WHY = Column("why", pl.String(), "as the person who did it wrote", nullable=True)

ALERTS = Table("alerts", "one situation that someone must look at, as it stands", (
    _REALM, _ALERT_ID, _REVISION, _ALERT_STATE, _PRIORITY,
    Column("mark", pl.Enum(ALERT_MARKS), "its events were withdrawn, meet no rule any more, or went to another alert", nullable=True),
    Column("rule", pl.String(), "the rule that gives its priority"),
    Column("kind", pl.String(), "kind of the event that gives its priority"),
    Column("vessel_ids", pl.List(pl.String()), "who, sorted"),
    Column("start_at", AT, "first start of its events"),
    Column("end_at", AT, "last end of its events, or the last moment known while one is open"),
    Column("ongoing", pl.Boolean(), "whether one of its events has not ended"),
    _LON, _LAT,
    Column("probability", pl.Float64(), "highest of its events; null where not known", nullable=True, low=0, high=1),
    Column("areas", pl.List(pl.String()), "areas its events lie in, sorted"),
    Column("reasons", pl.List(ALERT_REASON), "what of the rule was met, codes with values as text, shown through the catalogues"),
    Column("members", pl.List(MEMBER), "its events, in the version known to it, with the rule and the reasons of each"),
    Column("raised_at", AT, "when it was raised"),
    Column("alarmed_at", AT, "when it last became new"),
    Column("changed_at", AT, "when it was last changed"),
    Column("changed_by", pl.String(), "by whom; the watch itself is `watch`"),
    Column("answered_at", AT, "when a person first acted on it since it last became new", nullable=True),
    Column("answered_by", pl.String(), "who that was", nullable=True),
    Column("dismissal", pl.String(), "class of a dismissed alert, such as false_sensor", nullable=True),
    Column("silenced_until", AT, "end of the silence; null while silenced: for this occurrence", nullable=True),
    Column("silenced_priority", pl.Enum(PRIORITIES), "the highest priority the silence holds for", nullable=True),
    Column("merged_into", pl.String(), "the alert that holds its events now", nullable=True),
    Column("follows", pl.String(), "the alert it carries on from, after that one was dismissed or divided", nullable=True),
    Column("assigned_to", pl.String(), "the person who deals with it", nullable=True),
))  # fmt: skip

ALERT_CHANGES = Table("alert_changes", "one change of an alert, never changed itself", (
    _REALM, _ALERT_ID, _REVISION,
    Column("at", AT, "when"),
    Column("who", pl.String(), "by whom; the watch itself is `watch`"),
    Column("verb", pl.String(), "what was done: raised, updated, escalated, acknowledged, validated, ..."),
    _ALERT_STATE, _PRIORITY, _WHY,
    Column("body", pl.String(), "the fields of the alert that it changed, as JSON"),
))  # fmt: skip

CASES = Table("cases", "one validated alert, kept in the history of its vessels", (
    _REALM, _ALERT_ID,
    Column("state", pl.Enum(CASE_STATES), "open; withdrawn: the alert was dismissed later or its events withdrawn; closed"),
    Column("kind", pl.String(), "kind of event"),
    Column("vessel_ids", pl.List(pl.String()), "who, sorted"),
    Column("start_at", AT, "first start of its events"),
    Column("opened_at", AT, "when it was validated"),
    Column("opened_by", pl.String(), "by whom"),
    Column("changed_at", AT, "when its state was last changed"),
    Column("changed_by", pl.String(), "by whom"),
    _WHY,
))  # fmt: skip

PARTNER_OBJECTS = Table("partner_objects", "one object as a partner sent it, in its last version; never mixed with one's own", (
    _REALM,
    Column("origin", pl.String(), "the nation that sent it, ISO 3166-1 alpha-3"),
    Column("kind", pl.String(), "event, alert, case, request, answer, plan, task, task_reply, rescue, chat, ack, drill"),
    Column("id", pl.String(), "as the partner names it; a name that begins with ~ is a pseudonym"),
    Column("version", pl.UInt32(), "as the partner counts", low=1),
    Column("state", pl.String(), "as its body says; withdrawn: the partner took it back"),
    Column("label", pl.String(), "what may be done with it, JSON (label.schema.json)"),
    Column("body", pl.String(), "what it says, JSON (docs/wire.md)"),
    Column("received_at", AT, "when it was taken"),
))  # fmt: skip

PARTNER_FIXES = Table("partner_fixes", "one place of one vessel as a partner let us know it", (
    _REALM,
    Column("origin", pl.String(), "the nation that sees it, ISO 3166-1 alpha-3"),
    Column("track_id", pl.String(), "as the partner names it; a name that begins with ~ is a pseudonym"),
    Column("at", AT, "when it was there, or the step of time in which"),
    Column("step_s", pl.Float64(), "how long after `at` that may have been", "s", low=0),
    _LON, _LAT,
    Column("error_m", pl.Float64(), "one sigma along each axis, the grid counted in; null where not said", "m", nullable=True, low=0),
    Column("cell_m", pl.Float64(), "width of the cell of a grid whose middle this is; 0: none known", "m", low=0),
    Column("received_at", AT, "when it was taken"),
))  # fmt: skip

PARTNER_VESSELS = Table("partner_vessels", "who a vessel is, as a partner says", (
    _REALM,
    Column("origin", pl.String(), "the nation that says so"),
    Column("track_id", pl.String(), "as in partner_fixes"),
    Column("at", AT, "when it said so", nullable=True),
    Column("mmsi", pl.UInt32(), "MMSI", nullable=True),
    Column("imo", pl.UInt32(), "IMO number", nullable=True),
    Column("name", pl.String(), "name", nullable=True),
    Column("callsign", pl.String(), "call sign", nullable=True),
))  # fmt: skip

JOINED = Table("joined", "one track of a partner that is thought to be a vessel of our own; our inference, which never leaves the node", (
    _REALM,
    Column("origin", pl.String(), "the partner"),
    Column("track_id", pl.String(), "as the partner names it"),
    Column("own_vessel_id", pl.String(), "as in positions"),
    Column("how", pl.Enum(JOINS), "identity; track: by where both were; elsewhere: the same number where ours cannot be, so not joined"),
    Column("probability", pl.Float64(), "that they are one vessel", low=0, high=1),
    Column("times", pl.UInt32(), "moments at which both were compared", low=0),
    Column("apart_m", pl.Float64(), "how far apart they were then, root of the mean square", "m", nullable=True, low=0),
    Column("span_s", pl.Float64(), "from the first to the last of these moments", "s", low=0),
    Column("log_ratio", pl.Float64(), "natural logarithm of how much likelier the places are for one vessel than for two"),
))  # fmt: skip

SILENCES = Table("silences", "one silence: alerts that meet all of what it names are raised without asking for attention", (
    _REALM,
    Column("silence_id", pl.Int64(), "its number", low=1),
    Column("alert_id", pl.String(), "for this alert", nullable=True),
    Column("vessel_id", pl.String(), "for this vessel", nullable=True),
    Column("rule", pl.String(), "for this rule", nullable=True),
    Column("area", pl.String(), "for events in this area", nullable=True),
    Column("kind", pl.String(), "for this kind of event", nullable=True),
    Column("priority", pl.Enum(PRIORITIES), "the highest priority it holds for"),
    Column("since_at", AT, "from when"),
    Column("until_at", AT, "to when; null: while this alert lasts", nullable=True),
    Column("made_by", pl.String(), "by whom"),
    _WHY,
    Column("lifted_at", AT, "when it was lifted before its end", nullable=True),
    Column("lifted_by", pl.String(), "by whom", nullable=True),
))  # fmt: skip

WATCH_LIST = Table("watch_list", "one vessel, or pattern of names, on a watch list", (
    _REALM,
    Column("list", pl.String(), "name of the list"),
    Column("row", pl.Int64(), "row of the file, the header being 1", low=1),
    Column("mmsi", pl.UInt32(), "MMSI", nullable=True, low=0, high=999_999_999),
    Column("imo", pl.UInt32(), "IMO number, with a right check digit", nullable=True),
    Column("name", pl.String(), "name in capitals, where * stands for any letters", nullable=True),
    Column("callsign", pl.String(), "call sign in capitals", nullable=True),
    Column("note", pl.String(), "what the list says of it", nullable=True),
))  # fmt: skip

PLAN = Table("plan", "one leg of a patrol: what an asset does from when to when", (
    _REALM,
    Column("plan_id", pl.String(), "hash of what was asked and drawn"),
    Column("asset", NAME, "as in the plan file"),
    Column("nation", NAME, "whose it is, ISO 3166"),
    Column("leg", pl.Int32(), "number within the asset's legs, from 0", low=0),
    Column("task", pl.Enum(TASKS), "port, transit, search, intercept, track"),
    Column("start_at", AT, "when it begins"),
    Column("end_at", AT, "when it ends"),
    _LON, _LAT,
    Column("way", pl.List(pl.Struct({"lon_deg": pl.Float64(), "lat_deg": pl.Float64()})), "its points; one where it stays"),
    Column("speed_kn", pl.Float64(), "over the way; 0 where it stays or searches", "knot", low=0, high=600),
    Column("cell", pl.Int32(), "that is searched, as in risk", nullable=True, low=0),
    Column("coverage", pl.Float64(), "sweep width x speed x time / area that the search gives to the cell", low=0),
    Column("worth", pl.Float64(), "acts that would not be met without this leg, in the mean", low=0),
    Column("target", pl.String(), "of an alert that it answers", nullable=True),
))  # fmt: skip

RISK = Table("risk", "acts thought to be in one cell during one epoch of a plan", (
    _REALM,
    Column("cell", pl.Int32(), "number of the cell", low=0),
    Column("start_at", AT, "beginning of the epoch"),
    Column("end_at", AT, "its end"),
    Column("lon_deg", pl.Float64(), "west side of the cell", "degree", low=-180, high=180),
    Column("lat_deg", pl.Float64(), "south side of the cell", "degree", low=-90, high=90),
    Column("cell_deg", pl.Float64(), "its side", "degree", low=0, high=10),
    Column("acts", pl.Float64(), "expected there in this epoch, past looks and season counted in", low=0),
    Column("low", pl.Float64(), "usual number there: 5 % of the chance lies below", low=0),
    Column("high", pl.Float64(), "usual number there: 5 % of the chance lies above", low=0),
    Column("looks", pl.Float64(), "past looks that tell of it, old ones less", low=0),
    Column("is_known", pl.Boolean(), "whether anybody has looked there"),
))  # fmt: skip

TABLES = (
    PARTNER_OBJECTS, PARTNER_FIXES, PARTNER_VESSELS, JOINED, REPORTS, STATIC, POSITIONS, VESSELS,
    EVENTS, REJECTED, RECEPTION, DETECTIONS, TRUTH, TRUE_TRACKS, DEEDS, ALERTS,
    ALERT_CHANGES, CASES, SILENCES, WATCH_LIST, PLAN, RISK,
)  # fmt: skip
