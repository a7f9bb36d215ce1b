"""Tables and objects of the API as JSON Schema (2020-12): from the columns that `core.tables` declares, and what the routes give beside them."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from seaward.core.tables import ALERT_CHANGES, ALERTS, CASES, EVENTS, VESSELS, Column, Table
from seaward.evaluation.watch_record import VERDICTS
from seaward.server.of_events import EVENTS_LISTED
from seaward.server.sight import VESSELS_NOW
from seaward.store.journal import AUDIT
from seaward.store.kept_lists import LISTS
from seaward.store.kept_people import ROLES

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string"}
WHOLE: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
FLAG: Final[Schema] = {"type": "boolean"}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
WORDS: Final[Schema] = {"words": {"type": "array", "items": TEXT, "description": "reasons as sentences"}}


def of_type(dtype: Any) -> Schema:
    """A dtype of a table as a schema."""
    if isinstance(dtype, pl.List):
        return {"type": "array", "items": of_type(dtype.inner)}
    if isinstance(dtype, pl.Struct):
        return {"type": "object", "properties": {f.name: or_null(of_type(f.dtype)) for f in dtype.fields}}
    if isinstance(dtype, pl.Enum):
        return {"type": "string", "enum": dtype.categories.to_list()}
    if isinstance(dtype, pl.Datetime):
        return MOMENT
    if dtype.is_integer():
        return WHOLE
    if dtype.is_float():
        return NUMBER
    return FLAG if dtype == pl.Boolean else TEXT


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    if "enum" in schema:
        return schema | {"type": [schema["type"], "null"], "enum": [*schema["enum"], None]}
    return schema | {"type": [schema["type"], "null"]} if isinstance(schema.get("type"), str) else schema


def of_column(column: Column) -> Schema:
    """A column with its meaning, unit and range."""
    schema = of_type(column.dtype) | {"description": column.meaning + (f" [{column.unit}]" if column.unit else "")}
    if schema.get("type") in ("integer", "number"):
        schema |= {k: v for k, v in (("minimum", column.low), ("maximum", column.high)) if v is not None}
    return or_null(schema) if column.nullable else schema


def of_table(table: Table, more: Schema | None = None) -> Schema:
    """A row of a table."""
    properties = {c.name: of_column(c) for c in table.columns} | (more or {})
    return {"type": "object", "description": table.meaning, "properties": properties, "required": [*properties], "additionalProperties": False}


def an_object(description: str, /, **properties: Schema) -> Schema:
    """An object with these properties, all there; others may be."""
    return {"type": "object", "description": description, "properties": properties, "required": [*properties]}


def a_list(of: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": of}


def _plain_table(name: str, meaning: str, schema: pl.Schema) -> Table:
    return Table(name, meaning, tuple(Column(n, t, n.replace("_", " ")) for n, t in schema.items()))  # type: ignore[arg-type]


LISTS_ROWS: Final = _plain_table("watch_lists", "one watch list in use", LISTS)
AUDIT_ROWS: Final = _plain_table("audit", "one row of the audit, chained to the one before by its hash", AUDIT)

_REFUSED = an_object(
    "A file that could not be used, or no further than to a point; words say its rule.", name=TEXT, rule=TEXT, why=TEXT, at_us=WHOLE, words=TEXT
)
_FEED = an_object(
    "How one feed is; problems are codes, words say them in the language asked for.", feed=TEXT, connected=or_null(FLAG), peer=TEXT, why=TEXT,
    reports=WHOLE, lines=WHOLE, rejected=WHOLE, rejected_share=NUMBER, last_us=or_null(WHOLE), per_minute=NUMBER, usual_per_minute=or_null(NUMBER),
    clock_offset_s=or_null(NUMBER), overflowed_lines=WHOLE, damaged_bytes=WHOLE, reconnects=WHOLE, on_disk=FLAG, queued_bytes=WHOLE,
    refused=a_list(_REFUSED), problems=a_list(TEXT), words=a_list(TEXT),
)  # fmt: skip
_VERSION = of_table(
    Table("event_version", "one version of an event", tuple(c for c in EVENTS.columns if c.name != "evidence")), WORDS | {"published_at": MOMENT}
)
_TOLD = an_object("Who was told of which version.", event_id=TEXT, version=WHOLE, whom=TEXT, at=MOMENT)
_VERDICT = an_object("What the rules made of it.", verdict=TEXT, rule=or_null(TEXT), version=WHOLE, at=MOMENT)
_PERSON = an_object("Somebody who may sign in.", person=TEXT, name=TEXT, role={"type": "string", "enum": [*ROLES]}, by_password=FLAG, made_at=MOMENT,
                    disabled_at=or_null(MOMENT))  # fmt: skip
_TOKEN = an_object("A token or session, named by the beginning of its hash.", token=TEXT, kind=TEXT, label=TEXT, role=or_null(TEXT), made_at=MOMENT,
                   expires_at=MOMENT, used_at=or_null(MOMENT), revoked_at=or_null(MOMENT))  # fmt: skip
_WHO = {"person": TEXT, "name": TEXT, "role": TEXT, "by": TEXT}

ALIVE: Final = an_object("That the node answers.", alive=FLAG)
STREAM: Final = an_object("A stream of changes that is open.", stream=TEXT)
_OUTLET = an_object(
    "What one outlet does; held_back, left_out and withheld are of its last turn: tracks that wait, that its form cannot say, that labels forbid.",
    outlet=TEXT, kind=TEXT, form=TEXT, state={"type": "string", "enum": ["starting", "up", "down"]}, why=TEXT, readers=WHOLE, tracks=WHOLE,
    bytes=WHOLE, skipped=WHOLE, reconnects=WHOLE, held_back=WHOLE, left_out=WHOLE, withheld=WHOLE, problems=a_list(TEXT), words=a_list(TEXT),
)  # fmt: skip
HEALTH: Final = an_object(
    "How the node is.", realm=TEXT, now=MOMENT, started=MOMENT, vessels=WHOLE, reports_in_window=WHOLE, events=WHOLE, version=TEXT,
    latency_p50_s=or_null(NUMBER), latency_p99_s=or_null(NUMBER), history_full=FLAG, failures=WHOLE, feeds=a_list(_FEED),
    exchange={"type": ["object", "null"]}, outlets=a_list(_OUTLET),
)  # fmt: skip
_SPAN = {f"{q}{end}": or_null(NUMBER) for q in ("median_s", "p90_s") for end in ("", "_low", "_high")}
_VERDICTS = dict.fromkeys(VERDICTS, WHOLE)
RECORD: Final = an_object(
    "What became of the alerts raised in a period, as the officers of the watch decided; words say each in the language asked for.", realm=TEXT,
    since=MOMENT, until=MOMENT, step_s=WHOLE, words=a_list(TEXT),
    kinds=a_list(an_object("By kind, and the share that held with its interval.", kind=TEXT, word=TEXT, alerts=WHOLE, share=or_null(NUMBER),
                           low=or_null(NUMBER), high=or_null(NUMBER), few=FLAG, **_VERDICTS)),
    classes=a_list(an_object("Dismissals by class.", dismissal=TEXT, word=TEXT, alerts=WHOLE)),
    times=a_list(an_object("By hour or day.", at=MOMENT, **_VERDICTS)),
    steps=a_list(an_object("How long a step took.", begin=TEXT, end=TEXT, word=TEXT, alerts=WHOLE, done=WHOLE, **_SPAN)),
)  # fmt: skip
DRILL: Final = an_object(
    "The exercise as this cell may know it.",
    realm=TEXT,
    is_drill=FLAG,
    is_known=FLAG,
    now=MOMENT,
    speed=NUMBER,
    cell=TEXT,
    title=TEXT,
    start=or_null(MOMENT),
    end=or_null(MOMENT),
    is_control=FLAG,
    has_review=FLAG,
    injects=a_list(
        an_object("What cells are handed.", id=TEXT, at=or_null(MOMENT), by=TEXT, to=a_list(TEXT), text=TEXT, is_given=FLAG, is_held=FLAG)
    ),
)
_LINK = an_object(
    "How one link is; problems are codes, words say them in the language asked for.", partner=TEXT,
    state={"type": "string", "enum": ["starting", "never", "up", "down"]}, lag_s=or_null(NUMBER), why=TEXT, tracks=WHOLE, problems=a_list(TEXT),
    words=a_list(TEXT),
)  # fmt: skip
EXCHANGE: Final = an_object("How the exchange is.", nation=TEXT, realm=TEXT, serving=FLAG, why=TEXT, links=a_list(_LINK))
_SAID = an_object(
    "One message of a thread; wrong: why it changed nothing; delivery, of ours: waiting, arrived or withheld (by rule).", number=WHOLE, kind=TEXT,
    id=TEXT, version=WHOLE, at_us=WHOLE, who=or_null(TEXT), why=or_null(TEXT), body={"type": ["object", "null"]}, text=or_null(TEXT), level=TEXT,
    tlp=TEXT, wrong=or_null(TEXT), wrong_words=or_null(TEXT), is_taken_back=FLAG, delivery=or_null(TEXT), arrived_us=or_null(WHOLE),
    rule=or_null(TEXT), **{"from": TEXT},
)  # fmt: skip
_THREAD_OF = {
    "thread": TEXT, "kind": TEXT, "partner": TEXT, "owner": or_null(TEXT), "id": TEXT, "state": TEXT, "words": TEXT, "is_over": FLAG,
    "turn": or_null(TEXT), "due_us": or_null(WHOLE), "is_overdue": FLAG, "opened_us": WHOLE, "changed_us": WHOLE,
    "about": {"type": ["object", "null"]}, "verbs": a_list(TEXT), "body": {"type": ["object", "null"]}, "messages": a_list(_SAID),
}  # fmt: skip
_THREAD_MEANS = "What belongs together; turn: the nation that is waited for, until due_us; verbs: what we may do now."
EXPLAINED: Final = an_object(
    "What a partner would get; nothing leaves by asking.", allowed=FLAG, rule=TEXT, words=a_list(TEXT), gets={"type": ["object", "null"]}
)
RELEASED: Final = an_object(
    "What the gate says of each partner; allowed null: nothing is agreed with it yet.",
    decisions=a_list(an_object("One decision.", kind=TEXT, id=TEXT, partner=TEXT, allowed={"type": ["boolean", "null"]}, rule=TEXT, words=TEXT)),
)  # fmt: skip
THREAD: Final = an_object(_THREAD_MEANS, **_THREAD_OF, rule=or_null(TEXT), notes=a_list({"type": "object"}))
THREADS: Final = an_object(
    "The desk; strays are messages of partners that belong to nothing.", nation=TEXT, realm=TEXT, why=TEXT, is_cut=FLAG,
    threads=a_list(an_object(_THREAD_MEANS, **_THREAD_OF)), strays=a_list({"type": "object"}),
)  # fmt: skip
_ANY: Final[Schema] = {"type": ["object", "null"]}
PATROL_PROPOSAL: Final = an_object(
    "A change of the patrol; state: proposed, accepted, overtaken (the plan has changed since), late (older than an hour); base: the number of the "
    "plan that it changes, 0 as planned; places: where assets were taken to be, and how that is known; changes: for whom it means what.",
    realm=TEXT, n=WHOLE, kind={"enum": ["answer", "take_out", "postpone", "move"]}, state=TEXT, plan_id=TEXT, base=WHOLE, at=MOMENT, by=TEXT,
    why=or_null(TEXT), targets=a_list({"type": "object"}), places=a_list({"type": "object"}), changes=a_list({"type": "object"}), accepted=_ANY,
    words=a_list(TEXT), place_words=a_list(TEXT), change_words=a_list(TEXT),
)  # fmt: skip
PATROL: Final = an_object(
    "The patrol; why: what is wrong, in words, where there is no plan; assets: each with its place, how that is known, and its legs, each with why.",
    realm=TEXT, is_configured=FLAG, why=TEXT, plan=_ANY, words=a_list(TEXT), assets=a_list({"type": "object"}), answer=_ANY,
    proposals=a_list(PATROL_PROPOSAL),
)  # fmt: skip
FEED: Final = _FEED
FEEDS: Final = an_object("All feeds.", realm=TEXT, items=a_list(_FEED))
EVENT: Final = an_object("An event and all that is known of it.", event=of_table(EVENTS, WORDS | {"published_at": MOMENT}), versions=a_list(_VERSION),
                         told=a_list(_TOLD), told_by=a_list({"type": "object"}), verdict={"anyOf": [_VERDICT, {"type": "null"}]})  # fmt: skip
VESSEL: Final = an_object(
    "A vessel and all that is known of it.", realm=TEXT, vessel_id=TEXT, now={"anyOf": [of_table(VESSELS_NOW), {"type": "null"}]},
    hulls=a_list(of_table(VESSELS)), cases=a_list(of_table(CASES)), events=a_list(of_table(EVENTS_LISTED, WORDS)), seen_by=a_list({"type": "object"}),
    risk=a_list(an_object("How much it deserves a look, by hull: three parts, their product, why.", vessel_id=TEXT, risk=NUMBER, level=TEXT,
                          likelihood=NUMBER, impact=NUMBER, hidden=NUMBER, word=TEXT, words=a_list(TEXT))),
)  # fmt: skip
_WITHDRAWN = {"withdrawn_at": or_null(MOMENT), "withdrawn_by": or_null(TEXT), "withdrawn_why": or_null(TEXT)}
ABOUT: Final = an_object(
    "Notes and photos of a vessel, the newest first; withdrawn_at: since when one is withdrawn.", realm=TEXT, vessel_id=TEXT,
    notes=a_list(an_object("One note.", number=WHOLE, text=TEXT, at=MOMENT, who=TEXT, **_WITHDRAWN)),
    photos=a_list(an_object("One photo.", number=WHOLE, sha256=TEXT, kind=TEXT, bytes=WHOLE, width=WHOLE, height=WHOLE, caption=or_null(TEXT),
                            at=MOMENT, who=TEXT, **_WITHDRAWN)),
)  # fmt: skip
ALERT: Final = an_object(
    "An alert, its changes, and what may be done with it.", alert=of_table(ALERTS, WORDS), changes=a_list(of_table(ALERT_CHANGES)), verbs=a_list(TEXT)
)
CASE: Final = of_table(CASES)
NEW_LIST: Final = an_object("A list in use; refused are the rows that cannot be used.", list=TEXT, entries=WHOLE, refused=a_list({"type": "object"}))
SILENCED: Final = an_object("A silence holds.", silenced=a_list(TEXT), notes=a_list(TEXT))
SESSION: Final = an_object("Who asks; csrf is given where it was asked by the cookie.", **_WHO)
SIGNED_IN: Final = an_object("A session has begun; its cookie is set.", **_WHO, csrf=TEXT, expires_at=MOMENT)
PERSON: Final = _PERSON
PEOPLE: Final = an_object("All people.", items=a_list(_PERSON))
TOKENS: Final = an_object("Tokens and sessions.", items=a_list(_TOKEN))
TOKEN: Final = an_object("A token, shown this once.", token=TEXT, role=TEXT, expires_at=MOMENT)
PROBLEM: Final = an_object("A refusal (RFC 9457).", type=TEXT, title=TEXT, status=WHOLE, detail=TEXT, code=TEXT)
