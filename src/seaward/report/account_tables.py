"""Vessels, positions and versions of an event -> the tables of its account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from seaward.core.catalogue import render
from seaward.core.mid import flag_of
from seaward.report import words
from seaward.report.account_words import percent
from seaward.report.blocks import Cell, table
from seaward.report.review_words import NONE, decimal

if TYPE_CHECKING:
    from seaward.report.account import Account

Row = dict[str, Any]
MAX_VESSELS, MAX_POSITIONS, MAX_RAW = 40, 60, 12
_AROUND = 0.25  # of its length before and after an event, and at least an hour, is shown; ours
_SAID = ("name", "callsign", "imo", "ship_type", "length_m")


def around(start: datetime, end: datetime) -> timedelta:
    """How long before and after an event is shown with it."""
    return max(timedelta(hours=1), _AROUND * (end - start))


def vessels_table(account: Account, language: str) -> Row:
    """What the vessels said they are, and where."""
    heads = ("vessel", "flag", "name", "callsign", "imo", "type", "length", "source")
    ids = [v for v in account.event["vessel_ids"] if v.startswith("mmsi:")]
    known = {row["vessel_id"]: row for row in account.vessels.iter_rows(named=True)}
    said = {int(row["mmsi"]): row for row in account.statements.iter_rows(named=True)}
    rows = [_vessel_row(v, known.get(v, {}), said.get(int(v[5:14])), language) for v in ids[:MAX_VESSELS]]
    more = render("evidence.who.several", {}, language) if len(account.statements) > len(said) or len(ids) > MAX_VESSELS else ""
    return table([render(f"evidence.who.{h}", {}, language) for h in heads], rows, more=more)


def _vessel_row(vessel_id: str, known: Row, said: Row | None, language: str) -> list[str | Cell]:
    mmsi = int(vessel_id[5:14])
    is_said = any(known.get(k) is not None for k in _SAID)
    proven = said is not None and is_said and all(known.get(k) is None or known[k] == said[k] for k in _SAID)
    source = {"file": said["file"], "byte": words.number(said["at_byte"], language)} if said is not None and proven else None
    length = known.get("length_m")
    return [
        (vessel_id[5:], "mono"), flag_of(mmsi) or NONE, words.shown(known.get("name") or NONE, 40), words.shown(known.get("callsign") or NONE, 20),
        str(known.get("imo") or NONE), str(known.get("ship_type") or NONE), NONE if length is None else f"{length:.0f}\u00a0m",
        render("evidence.who.in_pack", source, language) if source else render("evidence.who.known", {}, language) if is_said else NONE,
    ]  # fmt: skip


def positions_table(account: Account, language: str) -> Row:
    """The positions the event rests on, and others over its time."""
    event = account.event
    rows = account.positions.sort("at", "vessel_id", "raw_offset")
    named = {(e["feed"], e["raw_offset"]) for e in event["evidence"]}
    is_named = np.array([(f, o) in named for f, o in rows.select("feed", "raw_offset").iter_rows()], bool)
    start, end = (datetime.fromisoformat(event[k]) for k in ("start_at", "end_at"))
    inside = np.flatnonzero(rows["at"].is_between(start - around(start, end), end + around(start, end)).to_numpy())
    first = np.flatnonzero(is_named)[:MAX_POSITIONS]
    chosen = np.union1d(first, _thinned(np.setdiff1d(inside, first), MAX_POSITIONS - len(first)))
    picked = zip(chosen.tolist(), rows[chosen].iter_rows(named=True), strict=True)
    shown = [_position_row(n, row, bool(is_named[k]), language) for n, (k, row) in enumerate(picked, 1)]
    heads = ("number", "vessel", "at", "position", "sog", "cog", "error", "byte")
    right = {"number", "sog", "cog", "byte"}
    counts = {"shown": words.number(len(shown), language), "total": words.number(len(rows), language)}
    titles = [("#" if h in right else "") + render(f"evidence.p.{h}", {}, language) for h in heads]
    return table(titles, shown, more=render("evidence.p.note", counts, language), looks="small")


def _thinned(rows: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the rows, spread evenly."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int))] if most > 0 and len(rows) else rows[:0]


def _position_row(n: int, row: Row, is_named: bool, language: str) -> list[str | Cell]:
    bold = "bold" if is_named else ""
    number = "num bold" if is_named else "num"
    sog, cog = row["sog_kn"], row["cog_deg"]
    return [
        (str(n), number), (str(row["vessel_id"])[5:], bold), (words.moment(row["at"]), bold),
        (words.position(row["lon_deg"], row["lat_deg"], language), bold),
        (decimal(sog, 1, language), number), (NONE if cog is None else f"{cog:.0f}°", number),
        (render(f"evidence.p.{row['error_said']}", {}, language), bold), (words.number(row["raw_offset"], language), number),
    ]  # fmt: skip


def versions_table(account: Account, language: str) -> Row:
    """Every version, and who was told of it."""
    heads = ("version", "state", "end", "chance", "published", "whom")
    rows: list[list[str | Cell]] = []
    for told in account.story["versions"]:
        event = told["event"]
        whom = [
            f"{words.shown(w['whom'], 60)} {words.moment(datetime.fromisoformat(w['at']))}"
            for w in account.story["told"]
            if w["version"] == event["version"]
        ]
        bold = "bold" if event["version"] == account.event["version"] else ""
        published = words.moment(datetime.fromisoformat(told["published_at"])) if told["published_at"] else render("evidence.v.file", {}, language)
        rows.append([
            (str(event["version"]), bold), (_state(event["state"], language), bold), (words.moment(datetime.fromisoformat(event["end_at"])), bold),
            (NONE if event["probability"] is None else percent(event["probability"], language), bold), (published, bold),
            ("; ".join(whom) or render("evidence.v.nobody", {}, language), ""),
        ])  # fmt: skip
    return table([render(f"evidence.v.{h}", {}, language) for h in heads], rows)


def _state(state: str, language: str) -> str:
    return render("evidence.state.closed" if state == "closed" else f"report.state.{state}", {}, language)


def raw_table(account: Account, language: str) -> Row:
    """The lines that the event names, as they were received."""
    rows: list[list[str | Cell]] = []
    for raw in account.raw[:MAX_RAW]:
        at = words.moment(datetime.fromisoformat(raw["received_at"])) if raw["received_at"] else NONE
        row = {"row": words.number(raw["offset"], language)}
        line = render("evidence.raw.row", row, language) if raw["line"] is None else words.shown(raw["line"], 400)
        rows.append([f"{words.shown(raw['feed'], 40)}, {words.number(raw['offset'], language)}", at, (line, "mono")])
    more = len(account.raw) - len(rows)
    said = render("evidence.raw.more", {"count": more}, language) if more > 0 else ""
    heads = [render(f"evidence.raw.{h}", {}, language) for h in ("where", "at", "line")]
    return table(heads, rows, title=render("evidence.raw.title", {}, language), more=said)
