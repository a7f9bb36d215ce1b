"""`seaward query track`, `area` and `closest`: the questions of a watch to a node's log book."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import polars as pl
import typer

from seaward.cli.asked_area import area_named
from seaward.cli.detect import Language, moment
from seaward.cli.node_data import FOLDER, REALM_DEFAULT, Data, Realm, Spoken, length_ms
from seaward.cli.progress import Shown
from seaward.cli.shown_tables import Asked, Form, Out, form_of, give, json_bytes, say_realm, show, write
from seaward.cli.track_geojson import as_geojson
from seaward.cli.track_mf_json import as_mf_json
from seaward.core.catalogue import render
from seaward.core.errors import ParameterError
from seaward.core.units import NM_M
from seaward.logbook.book import Logbook, answered
from seaward.logbook.questions import Story, closest_to, story_of, who_was_in
from seaward.picture.closest import ClosestParams
from seaward.report.words import duration, position, spoken
from seaward.report.words import moment as moment_text

T = TypeVar("T")
Mmsi = Annotated[str, typer.Argument(metavar="MMSI", help="The vessel, such as 760000001.", show_default=False)]
From = Annotated[str | None, typer.Option("--from", metavar="T", help="From this moment (UTC).", show_default="all that is kept")]
Until = Annotated[str | None, typer.Option("--until", metavar="T", help="Up to this moment (UTC).", show_default="all that is kept")]
Gap = Annotated[str, typer.Option("--most-gap", metavar="TIME", help="Between reports farther apart nothing is reckoned.")]


class TrackForm(StrEnum):
    """Forms of a vessel's history."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"
    arrow = "arrow"
    geojson = "geojson"
    mfjson = "mfjson"


def track(
    mmsi: Mmsi,
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    since: From = None,
    until: Until = None,
    form: Annotated[
        TrackForm,
        typer.Option("--format", help="Form of the answer; geojson gives lines, mfjson moving points, csv, parquet and arrow the positions."),
    ] = TrackForm.table,
    out: Out = None,
    lang: Spoken = Language.en,
) -> None:
    """Tell the history of a vessel: its tracks after cleaning, the names it bore, events, alerts and cases about it.

    Positions are those that `detect` and the live watch would use: reports heard twice, impossible places and wrong clocks are left out.
    """
    number, between = _mmsi(mmsi), _between(since, until)
    if form is TrackForm.table and out and out.suffix in (".geojson", ".mfjson"):
        form = TrackForm(out.suffix[1:])
    book, story = _ask(data, realm, lang.value, lambda book, tell: story_of(book, number, *between, tell))
    plain = None if form in (TrackForm.geojson, TrackForm.mfjson) else form_of(Form(form.value), out)
    _told(book, plain is not Form.table, lang.value)
    if story.positions.is_empty() and story.vessels.is_empty() and story.events.is_empty():
        print(render("cli.query.none", {"mmsi": f"{number:09d}"}, lang.value), file=sys.stderr)
    if form is TrackForm.geojson:
        write(as_geojson(story.positions, realm), out, realm)
    elif form is TrackForm.mfjson:
        write(as_mf_json(story.positions, realm), out, realm)
    elif plain is Form.json:
        parts = {name: getattr(story, name).to_dicts() for name in ("vessels", "positions", "events", "alerts", "cases")}
        write(json_bytes({"realm": realm, "mmsi": number, **parts}), out, realm)
    elif plain is Form.table:
        _show_story(story, lang.value)
    else:
        give(story.positions, plain or Form.csv, out, realm)


def area(
    where: Annotated[
        str, typer.Argument(metavar="AREA", help="An area of a layer, a GeoJSON file, or a box W,S,E,N in degrees.", show_default=False)
    ],
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    since: From = None,
    until: Until = None,
    areas: Annotated[list[str] | None, typer.Option(metavar="FILE", help="Layers whose areas can be named (default: peru).")] = None,
    most_gap: Gap = "2h",
    form: Asked = Form.table,
    out: Out = None,
    lang: Spoken = Language.en,
) -> None:
    """Tell who was in an area: first and last in, reports inside, longest stay, and who only passed between two reports.

    The layers of a node are not kept in its folder: give them with --areas. A box with W above E crosses 180 degrees.
    """
    between, gap_s = _between(since, until), _gap(most_gap, 86_400)
    name, shape = area_named(where, areas or ["peru"], lang.value)
    book, rows = _ask(data, realm, lang.value, lambda book, tell: who_was_in(book, shape, *between, gap_s, tell))
    form = form_of(form, out)
    _told(book, form is not Form.table, lang.value)
    if form is not Form.table:
        give(rows.select(pl.lit(realm).alias("realm"), pl.all()), form, out, realm)
        return
    if rows.is_empty():
        print(render("cli.query.nobody", {"area": name}, lang.value))
        return
    lines = [
        (r["vessel_id"], render(f"cli.query.seen.{r['seen']}", {}, lang.value), moment_text(r["first_in_at"]), moment_text(r["last_in_at"]),
         r["reports"], r["stays"], duration(r["longest_stay_s"]))
        for r in rows.iter_rows(named=True)
    ]  # fmt: skip
    _show(lines, ("vessel", "seen", "first_in", "last_in", "reports", "stays", "longest"), lang.value)
    print(render("cli.query.note_area", {"gap": duration(gap_s)}, lang.value))


def closest(
    mmsi: Mmsi,
    data: Data = FOLDER,
    realm: Realm = REALM_DEFAULT,
    other: Annotated[str | None, typer.Option(metavar="MMSI", help="Only with this vessel.", show_default=False)] = None,
    since: From = None,
    until: Until = None,
    within_nm: Annotated[float, typer.Option("--within-nm", metavar="NM", help="Only approaches nearer than this [nm].")] = ClosestParams().within_nm,
    most_gap: Gap = "30m",
    form: Asked = Form.table,
    out: Out = None,
    lang: Spoken = Language.en,
) -> None:
    """Tell the closest approaches of a vessel to others: when, where, how near, and how far that may be wrong."""
    number, between, gap_s = _mmsi(mmsi), _between(since, until), _gap(most_gap, 21_600)
    params, second = ClosestParams(within_nm, gap_s), None if other is None else _mmsi(other)
    if second == number:
        raise ParameterError(f"--other is {mmsi} itself; name another vessel")
    book, rows = _ask(data, realm, lang.value, lambda book, tell: closest_to(book, number, second, *between, params, tell))
    form = form_of(form, out)
    _told(book, form is not Form.table, lang.value)
    if form is not Form.table:
        give(rows.select(pl.lit(realm).alias("realm"), pl.all()), form, out, realm)
        return
    if rows.is_empty():
        print(render("cli.query.no_approach", {"within": within_nm, "mmsi": f"{number:09d}"}, lang.value))
        return
    lines = [
        (r["vessel_id"], r["other_id"], moment_text(r["at"]) + ("*" if r["at_edge"] else ""), _length(r["distance_m"], lang.value),
         _length(r["error_m"], lang.value), position(r["lon_deg"], r["lat_deg"], lang.value),
         position(r["other_lon_deg"], r["other_lat_deg"], lang.value))
        for r in rows.iter_rows(named=True)
    ]  # fmt: skip
    _show(lines, ("vessel", "other", "at", "distance", "error", "only_place", "other_place"), lang.value)
    print(render("cli.query.note_closest", {"gap": duration(gap_s)}, lang.value))


def _show_story(story: Story, language: str) -> None:
    """Tracks, names, and what was told of it, each under its own title."""
    ways = story.positions.group_by("vessel_id", "track_id", maintain_order=True).agg(
        pl.len(), pl.col("at").first(), pl.col("at").last().alias("last"), first_place=pl.struct("lon_deg", "lat_deg").first(),
        last_place=pl.struct("lon_deg", "lat_deg").last(),
    )  # fmt: skip
    if len(ways):
        print(render("cli.query.ways", {}, language))
        lines = [
            (str(r["vessel_id"]), r["len"], moment_text(r["at"]), position(**r["first_place"], language=language), moment_text(r["last"]),
             position(**r["last_place"], language=language))
            for r in ways.iter_rows(named=True)
        ]  # fmt: skip
        _show(lines, ("vessel", "positions", "since", "from_place", "until", "to_place"), language)
    said = [(v["vessel_id"], moment_text(i["since_at"]), i["name"], i["callsign"], i["imo"], i["length_m"])
            for v in story.vessels.iter_rows(named=True) for i in v["identity"]]  # fmt: skip
    if said:
        print(render("cli.query.names", {}, language))
        _show(said, ("vessel", "since", "name", "callsign", "imo", "length"), language)
    told = [_line("event", r, r["state"], language) for r in story.events.iter_rows(named=True)]
    told += [_line("alert", r, render(f"alert.state.{r['state']}", {}, language), language) for r in story.alerts.iter_rows(named=True)]
    told += [_line("case", r | {"lon_deg": None, "end_at": None}, r["state"], language) for r in story.cases.iter_rows(named=True)]
    if told:
        print(render("cli.query.told", {}, language))
        _show(sorted(told, key=lambda line: line[0]), ("since", "until", "what", "state", "place"), language)


def _line(what: str, row: dict[str, Any], state: str, language: str) -> tuple[str, ...]:
    words = {"kind": render(f"kind.{row['kind']}", {}, language)}
    if what == "alert":
        words["priority"] = render(f"alert.priority.{row['priority']}", {}, language)
    place = "" if row["lon_deg"] is None else position(row["lon_deg"], row["lat_deg"], language)
    end = "" if row["end_at"] is None else moment_text(row["end_at"])
    return moment_text(row["start_at"]), end, render(f"cli.query.{what}", words, language), state, place


def _show(lines: list[tuple[Any, ...]], titles: tuple[str, ...], language: str) -> None:
    show(pl.DataFrame(lines, [*titles], orient="row", infer_schema_length=None), [render(f"cli.query.{t}", {}, language) for t in titles])


def _ask(data: Path, realm: str, language: str, question: Callable[[Logbook, Shown], T]) -> tuple[Logbook, T]:
    with Shown(language) as shown:
        return answered(data, realm, lambda book: (book, question(book, shown)))


def _told(book: Logbook, apart: bool, language: str) -> None:
    say_realm(book.realm, language, apart=apart)
    for why in book.unread:
        print(render("cli.query.unread", {"why": why}, language), file=sys.stderr)


def _mmsi(text: str) -> int:
    """The number of a vessel, also from its `vessel_id`."""
    form = re.fullmatch(r"(?:mmsi:)?(\d{1,9})(?:#\d+)?", text.strip())
    if form is None or int(form[1]) == 0:
        raise ParameterError(f"{text[:40]!r} is no MMSI; write its nine digits, such as 760000001")
    return int(form[1])


def _between(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    one, other = (None if t is None else moment(t) for t in (since, until))
    if one is not None and other is not None and one > other:
        raise ParameterError(f"--from is {since}, which is after --until, {until}; exchange them")
    return one, other


def _gap(text: str, most_s: int) -> float:
    gap_s = length_ms("--most-gap", text) / 1000
    if gap_s > most_s:
        raise ParameterError(f"--most-gap is {text}; it must be at most {duration(most_s)}: nobody knows what a vessel does in longer")
    return gap_s


def _length(metres: float, language: str) -> str:
    text = f"{metres:.0f} m" if metres < NM_M / 4 else f"{metres / NM_M:.2f} {'nm' if language == 'en' else 'mn'}"
    return spoken(text, language)
