"""A visit list (TOML) -> assets, where they are, and contacts to check; or every mistake at once, with its line and what to write instead."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from seaward.core.errors import RealmError
from seaward.core.realm import check_realm
from seaward.core.whole_file import whole_file
from seaward.patrol.assets import Asset
from seaward.patrol.keys import CONTACT, VISIT_AREA, VISIT_ASSET, VISIT_HORIZON, VISIT_SEARCH, VISITS
from seaward.patrol.read_plan import Asked, area_known, areas_told, asset_fits
from seaward.patrol.told import Told

MOST_CONTACTS = 1_000  # as many as in the largest published instances that the search is measured on


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact to check."""

    id: str
    place: tuple[float, float]  # longitude, latitude [degree]
    prize: float
    minutes: float
    opens: datetime | None
    closes: datetime | None
    board: bool


@dataclass(frozen=True, slots=True, eq=False)
class VisitList:
    """What a visit list asks for."""

    asked: Asked
    contacts: tuple[Contact, ...]
    contact_lines: dict[str, int]
    places: dict[str, tuple[float, float]]  # of assets that are not at their base
    out_h: dict[str, float]
    search: dict[str, Any]


def read_visits(path: Path, more: str = "", is_whole: bool = True, takes_more: bool = False) -> VisitList:
    """Read a visit list; files it names are as seen from its folder.

    Parameters
    ----------
    path
        TOML.
    more
        Tables to be read after it, as of contacts found elsewhere.
    is_whole
        Whether a list without contacts is a mistake.
    takes_more
        Whether one to which none can be added is a mistake.

    Raises
    ------
    PlanError
        With every mistake, its line and what to write instead.
    """
    raw = whole_file(path, "name a visit list (TOML)")
    told = Told(path.name, raw + more.encode())
    told.known((*(k.name for k in VISITS), "horizon", "area", "search", "assets", "contacts"))
    root = told.table(VISITS)
    realm = ""
    try:
        realm = check_realm(root["realm"]) if root["realm"] is not None else ""
    except RealmError:
        told.wrong(("realm",), "realm", said=root["realm"])
    horizon, area, search = told.table(VISIT_HORIZON, "horizon"), told.table(VISIT_AREA, "area"), told.table(VISIT_SEARCH, "search")
    areas = areas_told(told, path.parent, area["layers"] or ())
    assets, lines, places, out_h = list[Asset](), dict[str, int](), dict[str, tuple[float, float]](), dict[str, float]()
    if not told.tables("assets"):
        told.wrong(("assets",), "no_assets")
    for k in range(len(told.tables("assets"))):
        before = len(told.mistakes)
        v = told.table(VISIT_ASSET, "assets", k)
        for key in ("only", "closed"):
            for name in v[key] or ():
                area_known(told, ("assets", k, key), name, areas)
        asset_fits(told, k, v)
        if v["id"] in lines:
            told.wrong(("assets", k, "id"), "id_twice", id=v["id"], first=lines[v["id"]])
        if len(told.mistakes) > before:
            continue
        place, out = v.pop("place"), v.pop("out_h")
        if place is not None:
            places[v["id"]] = place
        out_h[v["id"]] = out
        v["sweep_night_nm"] = v["sweep_day_nm"] if v["sweep_night_nm"] is None else v["sweep_night_nm"]
        lines[v["id"]] = told.lines.of("assets", k)
        assets.append(Asset(**v))
    if takes_more and isinstance(told.root.get("contacts", []), list) and not _takes_more(raw):
        told.wrong(("contacts",), "contacts_closed")
    contacts, contact_lines = _contacts(told, horizon, is_whole)
    told.raise_mistakes()
    asked = Asked(
        path.name, path.parent, realm, root["title"], root["seed"], horizon["start"], horizon, area, {}, {}, tuple(assets), lines, areas
    )  # fmt: skip
    return VisitList(asked, tuple(contacts), contact_lines, places, out_h, search)


def _takes_more(raw: bytes) -> bool:
    """Whether tables of contacts may follow: not where they are written in brackets."""
    try:
        tomllib.loads(raw.decode("utf-8-sig").replace("\r\n", "\n") + "\n[[contacts]]\n")
    except tomllib.TOMLDecodeError:
        return False
    return True


def _contacts(told: Told, horizon: dict[str, Any], is_whole: bool) -> tuple[list[Contact], dict[str, int]]:
    contacts, lines = list[Contact](), dict[str, int]()
    if is_whole and not told.tables("contacts"):
        told.wrong(("contacts",), "no_contacts")
    if len(told.tables("contacts")) > MOST_CONTACTS:
        told.wrong(("contacts",), "many_contacts", n=len(told.tables("contacts")), most=MOST_CONTACTS)
        return [], {}
    for k in range(len(told.tables("contacts"))):
        v = told.table(CONTACT, "contacts", k)
        if v["id"] in lines:
            told.wrong(("contacts", k, "id"), "id_twice", id=v["id"], first=lines[v["id"]])
        start = horizon["start"]
        if v["closes"] is not None and start is not None and v["closes"] < start:
            told.wrong(("contacts", k, "closes"), "window_past", id=v["id"], start=start.strftime("%Y-%m-%dT%H:%M:%SZ"))
        days = horizon["days"]
        if v["opens"] is not None and start is not None and days is not None and v["opens"] > start + timedelta(days=days):
            told.wrong(("contacts", k, "opens"), "window_late", id=v["id"], end=(start + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        if v["closes"] is not None and v["opens"] is not None and v["opens"] > v["closes"]:
            told.wrong(("contacts", k, "opens"), "window_order", id=v["id"])
        lines[v["id"]] = told.lines.of("contacts", k)
        contacts.append(Contact(**v))
    return contacts, lines
