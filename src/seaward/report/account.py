"""One event with its bytes, positions and versions -> the account of it: sections of words, tables and a chart, for a page and a PDF alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from seaward.chart.areas import Areas
from seaward.chart.places import Places
from seaward.core.catalogue import catalogue, render
from seaward.core.realm import is_drill
from seaward.report import words
from seaward.report.account_map import account_map
from seaward.report.account_tables import positions_table, raw_table, versions_table, vessels_table
from seaward.report.account_words import against, happened, known_lines, not_established, reason_said, sure
from seaward.report.blocks import bullets, figures, notes, section, table
from seaward.report.review_words import kind_named

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """What an account is told from.

    Attributes
    ----------
    story
        As in event.json of the pack: the event, its versions, who was told, how much was left out.
    rule
        As in parameters.json.
    seaward, signer
        Version of the program; fingerprint of the key.
    positions
        POSITIONS of the vessels, with `error_said`.
    vessels, statements, areas
        What is known of the vessels (VESSELS), what they said in the packed bytes (STATIC, with `file` and `at_byte`), and areas.
    raw
        Reports that the event names: feed, offset, received_at (None: not known), line (None: it is a row of a file of detections).
    feeds
        Of each feed: name, bytes, pieces, chained, head, head_offset, file_sha256, file_bytes.
    known
        Names of the files of what is taken as known.
    """

    story: Row
    rule: Row
    seaward: str
    signer: str
    positions: pl.DataFrame
    vessels: pl.DataFrame
    statements: pl.DataFrame
    areas: Areas | None
    raw: list[Row]
    feeds: list[Row]
    known: list[str]
    places: Places | None = None

    @property
    def event(self) -> Row:
        return self.story["event"]

    @property
    def is_drill(self) -> bool:
        return is_drill(self.event["realm"])


def view(account: Account, language: str) -> Row:
    """Put the account into words.

    Parameters
    ----------
    account
        What it is told from.
    language
        `en` or `es`.

    Returns
    -------
    JSON-ready: mark, title, facts, warnings, sections of blocks (`report.blocks`).

    Limits
    ------
    Shows at most 40 vessels and 60 positions; the tables of the pack hold all.
    """

    def t(code: str, **values: Any) -> str:
        return render(f"evidence.{code}", values, language)

    event, kind = account.event, account.event["kind"]
    is_open = event["state"] in ("open", "revised")
    explained = catalogue(language).get(f"explain.{kind}", "")
    why = [reason_said(r, language) for r in event["reasons"]]
    facts = [
        (t("fact.event"), event["event_id"]), (t("fact.version"), str(event["version"])),
        (t("fact.state"), t("state.open" if is_open else "state.closed")), (t("fact.realm"), event["realm"]),
        (t("fact.method"), f"{event['method']}, Seaward {account.seaward}"),
        (t("fact.as_of"), moment(account.rule["as_of"])), (t("fact.signer"), grouped(account.signer)),
    ]  # fmt: skip
    parts = [
        section("summary", t("s.summary"), [notes(happened(account, language), "story"), notes([explained], "soft")]),
        section("who", t("s.who"), _who(account, language)),
        section("why", t("s.why"), [bullets(why)]),
        section("sure", t("s.sure"), [notes(sure(event, language))]),
        section("against", t("s.against"), [bullets(against(event, language))]),
        section("not", t("s.not"), [bullets(not_established(account, language))]),
        section("map", t("s.map"), [_chart(account, language), notes([t("map.note")], "soft")]),
        section("positions", t("s.positions"), [positions_table(account, language), raw_table(account, language)]),
        section("versions", t("s.versions"), [versions_table(account, language), notes(_differs(account, language))]),
        section("proves", t("s.proves"), [bullets(_proves(account, language)), bullets(known_lines(account, language), t("known.title"))]),
        section("check", t("s.check"), _checks(account, language)),
        section("handed", t("s.handed"), [notes([t("handed.note")], "lead"), _to_fill(language)]),
    ]  # fmt: skip
    return {
        "language": language, "realm": event["realm"], "drill": account.is_drill,
        "mark": render("report.drill", {}, language) if account.is_drill else "",
        "mark_other": render("report.drill", {}, "es" if language == "en" else "en") if account.is_drill else "",
        "kind": t("kind"), "title": kind_named(kind, language), "facts": facts, "note": t("note"),
        "warnings": ([t("drill_note")] if account.is_drill else []) + _later(account, language), "sections": parts,
        "page_mark": f"{event['event_id'][:16]}  v{event['version']}",
    }  # fmt: skip


def moment(text: str) -> str:
    """A moment of JSON as people write it, to the second."""
    return words.moment(datetime.fromisoformat(text))


def grouped(digits: str) -> str:
    """A fingerprint in groups of four digits."""
    return " ".join(digits[k : k + 4] for k in range(0, len(digits), 4))


def _who(account: Account, language: str) -> list[Row]:
    if not any(v.startswith("mmsi:") for v in account.event["vessel_ids"]):
        return [notes([render("evidence.who.contact", {}, language)], "plain")]
    return [vessels_table(account, language), notes([render("evidence.who.note", {}, language)], "soft")]


def _chart(account: Account, language: str) -> Row | None:
    drawn = account_map(account, language)
    return figures([{"name": render("evidence.map", {}, language), "svg": drawn}]) if drawn else None


def _later(account: Account, language: str) -> list[str]:
    """That the event was withdrawn, or told anew, after the version this is of."""
    version = account.event["version"]
    later = [v for v in account.story["versions"] if v["event"]["version"] > version]
    if not later:
        return []
    last = later[-1]
    withdrawn = last["event"]["state"] == "withdrawn"
    at = moment(last["published_at"]) if last["published_at"] else "–"
    shown = version if withdrawn else last["event"]["version"]
    return [render("evidence.withdrawn" if withdrawn else "evidence.newer", {"at": at, "version": shown}, language)]


def _differs(account: Account, language: str) -> list[str]:
    said = account.story["told_differs"]
    values = {"version": account.event["version"], "what": words.shown("; ".join(said), 1000)}
    return [render("evidence.v.differs", values, language)] if said else []


def _proves(account: Account, language: str) -> list[str]:
    said = [render("evidence.proves.signature", {"signer": grouped(account.signer)}, language)]
    for feed in account.feeds:
        values = {k: words.number(v, language) if isinstance(v, int) else words.shown(v, 80) for k, v in feed.items()}
        said.append(render("evidence.proves.chain" if feed["chained"] else "evidence.proves.file", values, language))
    return [*said, render("evidence.proves.derived", {"seaward": account.seaward}, language)]


def _checks(account: Account, language: str) -> list[Row]:
    """How to check the pack, with the commands as they are typed."""
    values = {"signer": grouped(account.signer), "seaward": account.seaward}
    blocks = [bullets([render("evidence.check.fingerprint", values, language)])]
    for code in ("verify", "openssl"):
        blocks += [
            bullets([render(f"evidence.check.{code}", values, language)]),
            notes([render(f"evidence.check.{code}_command", {}, language)], "code"),
        ]
    return blocks


def _to_fill(language: str) -> Row:
    """Lines to be filled in by hand."""
    rows = [[(render(f"evidence.handed.{w}", {}, language), ""), ("", "fill")] for w in ("name", "unit", "place", "sha256", "signature")]
    return table(["", ""], rows, looks="plan")
