"""Each key of a rule file: what it takes, in which unit, between which bounds, what it means. The reader and the page of alerts are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from seaward.alerts.rules import CLASSES, KINDS
from seaward.core.tables import PRIORITIES

NEEDED = "needed"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `type`: text, id, choice, choices, patterns, flags, numbers, number, switch, hours, offset, title, repeat."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    default: str = ""  # as shown; `needed` where there is none
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


FILE_KEYS = (
    Key("format", "choice", "version of the format", default=NEEDED, choices=("alerts/1",)),
    Key("group_hours", "number", "events of one kind and vessel this close in time are one alert", "h", "6", low=0, high=168),
    Key("rule", "rules", "the rules, each under [[rule]]", default=NEEDED),
)
RULE_KEYS = (
    Key("id", "id", "its name in alerts and silences: letters, digits, - and _, at most 48", default=NEEDED),
    Key("priority", "choice", "how soon somebody must look", default="needed, but for exclude", choices=PRIORITIES),
    Key("title", "title", 'what it is called: a text, or {en = "...", es = "..."}', default="id"),
    Key("kinds", "choices", "kinds of events", default="all", choices=KINDS),
    Key("areas", "patterns", "it lies in one of these areas; * stands for any letters", default="anywhere"),
    Key("not_areas", "patterns", "it lies in none of these areas", default="none"),
    Key("flags", "flags", "the number of the vessel is of one of these flags: ISO 3166 codes such as PE", default="all"),
    Key("not_flags", "flags", "the number of the vessel is of none of these flags", default="none"),
    Key("classes", "choices", "class of the vessel by the type it declares", default="all", choices=CLASSES),
    Key("not_classes", "choices", "none of these classes", default="none", choices=CLASSES),
    Key("ship_types", "numbers", "types of ship and cargo it declares (ITU-R M.1371-5 table 53)", default="all", low=1, high=255),
    Key("min_length_m", "number", "the vessel is at least so long", "m", "0", low=0, high=1022),
    Key("min_probability", "number", "chance of the event at least; events without one do not meet it", "", "0", low=0, high=1),
    Key("min_hours", "number", "the event lasted at least so long", "h", "0", low=0, high=8760),
    Key("hours", "hours", 'it began at this time of day, such as "22:00-05:00"', default="any"),
    Key("offset", "offset", 'of that day from UTC, such as "-05:00"', default="+00:00"),
    Key("lists", "patterns", "the vessel is on one of these watch lists; * stands for any letters", default="any or none"),
    Key("not_lists", "patterns", "the vessel is on none of these watch lists", default="none"),
    Key("repeat", "repeat", "the vessel did it so often within so many days, this time included: {events = 3, days = 30}", default="once"),
    Key("in_port", "switch", "also at a port, anchorage or stopping place", default="false"),
    Key("exclude", "switch", "such events are never alerted, whatever other rules say", default="false"),
)
REPEAT_KEYS = (
    Key("events", "number", "how often", low=2, high=1000),
    Key("days", "number", "within so long", "day", low=0.01, high=3650),
)
