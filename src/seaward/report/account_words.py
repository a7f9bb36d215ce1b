"""An event -> sentences: what happened, how sure it is, what speaks against it, what was not established, what is taken as known."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from seaward.core.catalogue import catalogue, render
from seaward.report import words
from seaward.report.texts import parts, rounded, said
from seaward.report.whereabouts import whereabouts

if TYPE_CHECKING:
    from seaward.report.account import Account

Row = dict[str, Any]
_NAMED = 4  # vessels named in a sentence; more are counted
_ALWAYS = ("identity", "persons", "position", "time", "complete", "law")
_AGAINST = frozenset((
    "gap.moored", "gap.feed_outage", "gap.feed_health_unknown", "gap.reception_unknown", "encounter.shore_unknown", "loitering.shore_unknown",
    "drift.length_unknown", "fishing.straight", "fishing.type_other", "fishing.type_unlikely", "fishing.type_unknown", "area.passage",
    "area.entry_not_seen", "area.type_unknown", "area.length_unknown", "area.flag_unknown", "identity.imo_check_digit",
    "identity.one_after_the_other", "position.area_doubt", "position.jumps_doubt", "position.circle_doubt", "position.circle_agrees",
    "position.beyond_doubt", "port_visit.learned", "port_visit.gap", "port_visit.came_not_seen", "dark_contact.receivers_down",
    "dark_contact.reception_unknown", "dark_contact.error_assumed", "dark_contact.structure", "dark_contact.could_be",
))  # fmt: skip
"""Reasons that weaken what they stand with, in the words of the catalogues."""


def reason_said(reason: Row, language: str) -> str:
    """A reason with its values."""
    values = reason["values"] or []
    of = parts(reason["code"], tuple(v["name"] for v in values), language)
    return said(of, rounded(of, [v["value"] for v in values]), language)


def happened(account: Account, language: str) -> list[str]:
    """The event in one sentence, and the areas it lies in."""
    event = account.event
    kind = event["kind"] + ("_open" if event["kind"] == "gap" and event["state"] != "closed" else "")
    code = f"evidence.what.{kind}" if f"evidence.what.{kind}" in catalogue(language) else "evidence.what.other"
    start, end = (datetime.fromisoformat(event[k]) for k in ("start_at", "end_at"))
    areas = ", ".join(words.shown(a, 60) for a in event["areas"]) or "–"
    text = render(code, {
        "who": named(account, language), "start": words.moment(start), "end": words.moment(end),
        "lasting": words.duration((end - start).total_seconds()), "place": _place(account, language), "areas": areas,
    }, language)  # fmt: skip
    told = [text[:1].upper() + text[1:]]
    return [*told, render("evidence.areas", {"areas": areas}, language)] if event["areas"] and event["kind"] != "area" else told


def named(account: Account, language: str) -> str:
    """The vessels of an event as they stand in a sentence."""
    ids = account.event["vessel_ids"]
    if len(ids) > _NAMED:
        return render("evidence.many", {"count": len(ids)}, language)
    each = [_vessel(v, account.vessels, language) for v in ids]
    text = each[0] if each else "–"
    for k, other in enumerate(each[1:], 2):
        text = render("evidence.and", {"one": text, "other": other}, language) if k == len(each) else f"{text}, {other}"
    return text


def sure(event: Row, language: str) -> list[str]:
    """What the probability means, or that there is none."""
    if event["probability"] is None:
        return [render("evidence.sure.none", {}, language)]
    code = f"evidence.sure.{event['kind']}"
    return [render(code if code in catalogue(language) else "evidence.sure.other", {"percent": percent(event["probability"], language)}, language)]


def percent(chance: float, language: str) -> str:
    """A probability in percent: never all, never nothing."""
    if chance > 0.999:
        return words.spoken("> 99.9\u00a0%", language)
    return words.spoken("< 0.1\u00a0%", language) if chance < 0.001 else words.spoken(f"{100 * chance:.1f}\u00a0%", language)


def against(event: Row, language: str) -> list[str]:
    """Reasons of the event that weaken it, then other causes that look the same."""
    weak = [reason_said(r, language) for r in event["reasons"] if r["code"] in _AGAINST]
    return [s[:1].upper() + s[1:] for s in weak] + (
        _numbered("evidence.against", event["kind"], language) or _numbered("evidence.against", "other", language)
    )


def not_established(account: Account, language: str) -> list[str]:
    """What the event leaves open: of its kind first, then what every event does."""
    left_out = words.number(account.story["reports_left_out"], language)
    always = [render(f"evidence.not.{code}", {"left_out": left_out}, language) for code in _ALWAYS]
    return _numbered("evidence.not", account.event["kind"], language) + always


def known_lines(account: Account, language: str) -> list[str]:
    """What is taken as known, file by file."""
    names = [name.removeprefix("known/").partition(".")[0] for name in account.known]
    lines = [render(f"evidence.known.{n}", {}, language) for n in (*names, "coast", "clocks")]
    for given in account.story["given"]:
        holds = render(f"evidence.known.holds.{given['holds']}", {}, language)
        values = {"holds": holds, "name": words.shown(given["name"], 80), "sha256": given["sha256"] or "–"}
        lines.append(render("evidence.known.file", values, language))
    return [line[:1].upper() + line[1:] for line in lines]


def _vessel(vessel_id: str, vessels: pl.DataFrame, language: str) -> str:
    if not vessel_id.startswith("mmsi:"):
        return render("evidence.contact", {"name": words.shown(vessel_id.removeprefix("detection:"), 60)}, language)
    mmsi, _, hull = vessel_id[5:].partition("#")
    found = vessels.filter(pl.col("vessel_id") == vessel_id)["name"].to_list()
    if hull and not (found and found[0]):
        return render("evidence.hull", {"mmsi": mmsi}, language)
    if found and found[0]:
        return render("evidence.vessel", {"name": words.shown(found[0], 40), "mmsi": mmsi}, language)
    return render("evidence.vessel_unnamed", {"mmsi": mmsi}, language)


def _place(account: Account, language: str) -> str:
    event = account.event
    at = pl.DataFrame({"lon_deg": [float(event["lon_deg"])], "lat_deg": [float(event["lat_deg"])]})
    near = whereabouts(at, account.places, language)[0]
    values = {"position": words.position(event["lon_deg"], event["lat_deg"], language), "near": near[:1].lower() + near[1:]}
    return render("evidence.place", values, language)


def _numbered(family: str, kind: str, language: str) -> list[str]:
    texts = catalogue(language)
    return [texts[code] for n in range(1, 10) if (code := f"{family}.{kind}.{n}") in texts]
