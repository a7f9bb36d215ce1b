"""What was gathered of an event -> the pack: its files, the account of it in two languages, the manifest, the signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seaward.core.catalogue import LANGUAGES, render
from seaward.core.json_rows import encode
from seaward.core.realm import is_drill
from seaward.evidence.derivation import Row
from seaward.evidence.gathering import Gathered
from seaward.evidence.tables import accuracies, placed, positions_csv, reports_csv, statements_csv, with_errors
from seaward.proof import feeds as feed_files
from seaward.proof import known as known_files
from seaward.proof.container import seal
from seaward.proof.feeds import CutFeed
from seaward.proof.manifest import MARK, as_json, fingerprint, from_json, signed
from seaward.report.account import Account
from seaward.report.account_map import account_map
from seaward.report.account_page import render_account
from seaward.report.account_pdf import render_account_pdf


@dataclass(frozen=True, slots=True)
class Told:
    """The versions of an event, each with when it was published (None: `detect` found it in a file), and who was told of which, when."""

    versions: list[Row]
    published: list[datetime | None]
    whom: list[tuple[str, int, datetime]]


def pack(gathered: Gathered, told: Told, version: int, given: Sequence[Mapping[str, Any]], key: Ed25519PrivateKey, seaward: str) -> bytes:
    """The bytes of a pack; the same event, told to the same people, signed by the same key, gives the same bytes.

    Parameters
    ----------
    gathered
        What it is made of.
    told
        Versions, and who was told.
    version
        Which of them is told of here.
    given
        Files of areas, ports and detections that the watch was given: name, holds, sha256.
    key
        Of the node.
    seaward
        Version of the program that writes it.
    """
    event, realm = gathered.event | {"version": version}, str(gathered.event["realm"])
    known = known_files.as_files(gathered.known)
    used = {"areas", *(["ports"] if "known/places.json" in known else []), *(["detections"] if "known/detections.json" in known else [])}
    used |= {"gears"} if event["kind"] in ("fishing", "area") else set()
    feeds, feed_list = feed_files.as_files(gathered.feeds)
    accuracy = accuracies(gathered.feeds)
    window = gathered.window
    mark = {"realm": realm, "mark": MARK if is_drill(realm) else ""}
    story = {
        **mark, "event": _row(event), "told_differs": gathered.told_differs,
        "versions": [{"event": _row(v), "published_at": _iso(at)} for v, at in zip(told.versions, told.published, strict=True)],
        "told": [{"whom": whom, "version": n, "at": _iso(at)} for whom, n, at in told.whom],
        "window": None if window is None else [_iso(window[0]), _iso(window[1])], "reports_left_out": gathered.others,
        "given": [dict(g) for g in given if g["holds"] in used],
    }  # fmt: skip
    files = {
        "event.json": as_json(story),
        "parameters.json": as_json(gathered.rule.said() | {"seaward": seaward, **mark}),
        "feeds.json": as_json({"feeds": feed_list, **mark}),
        "reports.csv": reports_csv(gathered.reports, gathered.feeds),
        "statements.csv": statements_csv(gathered.statements, gathered.feeds),
        "positions.csv": positions_csv(gathered.positions, gathered.feeds, accuracy),
        **feeds,
        **known,
    }
    account = account_of(story, gathered, accuracy, gathered.feeds, fingerprint(key.public_key()), seaward)
    files["readme.txt"] = _readme(event, account).encode()
    for language in LANGUAGES:
        files[f"account.{language}.html"] = render_account(account, language).encode()
        files[f"account.{language}.pdf"] = render_account_pdf(account, language)
        files[f"map.{language}.svg"] = account_map(account, language, alone_in_file=True).encode()
    every = signed(files, key, realm=realm, event_id=str(event["event_id"]), version=version, seaward=seaward)
    return seal(every)


def account_of(story: Row, gathered: Gathered, accuracy: pl.DataFrame, feeds: Sequence[CutFeed], signer: str, seaward: str) -> Account:
    """What the account is told from."""
    return Account(
        raw=_named_lines(gathered.event, gathered.reports, feeds),
        story=story, rule=gathered.rule.said(), seaward=seaward, signer=signer, positions=with_errors(gathered.positions, accuracy),
        vessels=gathered.known.vessels, statements=placed(gathered.statements, feeds), areas=gathered.known.areas,
        feeds=[{"name": f.name, "format": f.format, "bytes": len(f.raw), "pieces": len(f.pieces), "chained": f.is_chained, "head": f.head.hex(),
                "head_offset": f.head_offset, "records": len(f.records) // 52, "file_sha256": f.file_sha256, "file_bytes": f.file_bytes}
               for f in feeds],
        known=sorted(known_files.as_files(gathered.known)),
    )  # fmt: skip


def _named_lines(event: Row, reports: pl.DataFrame, feeds: Sequence[CutFeed]) -> list[Row]:
    """The lines that an event names as its evidence, as they were received."""
    cut = {f.name: f for f in feeds}
    received = {(f, o): at for f, o, at in reports.select(pl.col("feed").cast(pl.String), "raw_offset", "received_at").iter_rows()}
    lines = []
    for e in event["evidence"]:
        feed, line = cut.get(e["feed"]), None
        if feed is not None and (e["feed"], e["raw_offset"]) in received:
            start = feed.place(e["raw_offset"])
            line = feed.raw[start : start + e["raw_length"]].decode("ascii", "backslashreplace")
        at = received.get((e["feed"], e["raw_offset"]))
        lines.append({"feed": e["feed"], "offset": e["raw_offset"], "received_at": _iso(at), "line": line})
    return lines


def _readme(event: Row, account: Account) -> str:
    """What the pack is, for whoever opens it: in English, then in Spanish."""
    parts = []
    for language in LANGUAGES:
        values = {
            "event_id": event["event_id"],
            "version": event["version"],
            "seaward": account.seaward,
            "signer": account.signer,
            "realm": event["realm"],
        }
        mark = f"{render('report.drill', {}, language)}\r\n" if is_drill(event["realm"]) else ""
        parts.append(mark + render("evidence.readme", values, language).replace("\n", "\r\n"))
    return "\r\n\r\n".join(parts) + "\r\n"


def _row(row: Row) -> Row:
    return from_json("event", encode(row).encode())


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
