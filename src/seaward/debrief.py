"""A run of a drill becomes its review: each cell watches what it was given, hour by hour, and what it raised is held against the truth.

The watch is the real one (`api`), on the bytes that had been handed to the cell by then; only the truth knows more.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from seaward.api import detect, detect_to_folder
from seaward.chart.shore import shore_m
from seaward.core.errors import InputError, ParameterError, RealmError
from seaward.core.ids import event_id
from seaward.core.tables import AT, DEEDS, DETECTIONS, EVENTS, POSITIONS, TRUTH
from seaward.core.units import at_to_us
from seaward.drill.read_scenario import scenario_path
from seaward.drill.scenario import Cell, Scenario
from seaward.evaluation.causes import dark_truth, why_false, why_missed
from seaward.evaluation.matching import latest, match_events
from seaward.evaluation.picture_quality import picture_quality
from seaward.exercise import Files, run_of
from seaward.feeds.detections import off_the_shore, read_detections
from seaward.feeds.read import read
from seaward.review import Watched, review_of
from seaward.store.outputs import Folder
from seaward.watch import Tell

_REPORTING = ("coastal_ais", "satellite_ais", "vms")
CADENCE_S = 3600.0  # ours: as often a cell's watch is run again; when an event was raised is known to this
LEAST_CHANCE = 0.5  # of an event that counts as raised


def debrief(files: Files, scenario: Scenario, *, cadence_s: float = CADENCE_S, tell: Tell = lambda stage, share: None) -> dict[str, Any]:
    """Have every player's cell watch, and review it.

    Parameters
    ----------
    files
        Of `run_exercise`.
    scenario
        That was run.
    cadence_s
        How often each watch is run again on what had been handed over.
    tell
        Called with a stage and the share of it that is done.

    Returns
    -------
    The review, ready for JSON and for `report.review_page`. Each cell's own results, with `report.html`, lie in a folder of its name; the truth that
    it is held against, with the contacts without a track that its sensors saw, in `truth.<cell>.parquet`.

    Raises
    ------
    InputError
        If the run is damaged, or the scenario is no longer the one that was run.
    ParameterError
        If the cadence is none.
    """
    if not (math.isfinite(cadence_s) and cadence_s > 0):
        raise ParameterError(f"cadence_s is {cadence_s}; give a time of more than 0 s")
    run = run_of(files)
    told = scenario_path(run["scenario"]).read_text(encoding="utf-8")
    if hashlib.sha256(told.encode()).hexdigest() != run["scenario_sha256"]:
        raise InputError(f"{run['scenario']} was changed since it was run into {files.folder}; run it again into another folder with --out")
    truth, tracks = pl.read_parquet(files.truth), pl.read_parquet(files.true_tracks)
    players = [c for c in scenario.cells if c.role == "player"]
    watched = []
    for n, cell in enumerate(players):

        def share(stage: str, done: float, before: int = n) -> None:
            tell(stage, (before + done) / len(players))

        watched.append(_watch_cell(files, scenario, run, cell, truth, tracks, cadence_s, share))
    return review_of(files, scenario, run, watched, truth, tracks, cadence_s, _deeds(files))


def _deeds(files: Files) -> pl.DataFrame:
    """What people did at the floors of the run, where it was played at floors."""
    if not files.deeds.exists():
        return DEEDS.empty()
    try:
        found = pl.read_parquet(files.deeds)
    except (pl.exceptions.PolarsError, OSError) as e:
        raise InputError(f"{files.deeds} cannot be read ({str(e)[:200]}); remove it, or play the drill again into another folder") from e
    if found.schema != DEEDS.schema:
        raise InputError(f"{files.deeds} is no table of deeds; remove it, or play the drill again into another folder")
    if strange := sorted({*found["realm"]} - {files.realm}):
        raise RealmError(f"{files.deeds} tells of the realm {strange[0]!r}, and the run is of {files.realm!r}; remove it")
    return found


def _watch_cell(
    files: Files, scenario: Scenario, run: dict[str, Any], cell: Cell, truth: pl.DataFrame, tracks: pl.DataFrame, cadence_s: float, tell: Tell
) -> Watched:
    start, length_s = scenario.clock.start, scenario.clock.length_ms / 1000
    beside = scenario_path(run["scenario"]).parent
    chart: dict[str, Any] = {"areas": [beside / file for _, file in scenario.layers], "ports": [beside / scenario.ports] if scenario.ports else []}
    sensors = [s for s in scenario.sensors if s.id in cell.sees]
    final: pl.DataFrame = EVENTS.empty()
    positions = POSITIONS.empty()
    opened: dict[str, datetime] = {}
    steps = [*(min(length_s, cadence_s * (k + 1)) for k in range(int(-(-length_s // cadence_s))))]
    with tempfile.TemporaryDirectory(prefix="seaward-") as place:
        for n, at_s in enumerate(steps):
            feeds, contacts = _handed_over(files, run, [(s.id, s.kind) for s in sensors], at_s, Path(place))
            as_of = start + timedelta(seconds=at_s)
            if feeds and at_s < length_s:
                found = detect(feeds, realm=files.realm, as_of=as_of, detections=contacts, **chart)
                for event in _claimed(latest(found.events))["event_id"]:
                    opened.setdefault(event, as_of)
            elif feeds:
                folder = files.folder / cell.id
                detect_to_folder(feeds, folder, realm=files.realm, language=cell.lang, as_of=as_of, detections=contacts, **chart)
                final, positions = _claimed(latest(pl.read_parquet(folder / "events.parquet"))), pl.read_parquet(folder / "positions.parquet")
                for event in final["event_id"]:
                    opened.setdefault(event, as_of)
            tell("watch", (n + 1) / len(steps))
        seen = _contacts(contacts, files.realm)
    own = dark_truth(seen, tracks)
    mine = pl.concat([truth, _dark(own, files.realm, {a.id: a.intent for a in scenario.actors})])
    with Folder(files.folder, files.realm, {"truth": files.of(f"truth.{cell.id}.parquet").name}) as folder:
        folder.add(TRUTH, mine)
    matching = match_events(final, mine, true_tracks=tracks, realm=files.realm)
    observable = _observable(files, run, [(s.id, s.kind) for s in sensors], mine, tracks, own, seen)
    moments = [start + timedelta(seconds=s) for s in steps]
    return Watched(
        cell, final, positions, mine, matching, opened, len([e for e in opened if e not in set(final["event_id"])]), observable,
        why_false(matching, final, mine, tracks, own), why_missed(matching, final, mine, observable, bool(chart["areas"])),
        picture_quality(positions, tracks, moments),
    )  # fmt: skip


def _claimed(events: pl.DataFrame) -> pl.DataFrame:
    """Events that the watch itself holds to be as likely as not, or gives no chance for: what an officer is asked to look at."""
    return events.filter(pl.col("probability").fill_null(1.0) >= LEAST_CHANCE)


def _handed_over(files: Files, run: dict[str, Any], sensors: list[tuple[str, str]], at_s: float, place: Path) -> tuple[list[Path], list[Path]]:
    """The feeds and detections that had been handed over by then, as files of the same names; those with nothing in them are left out."""
    feeds: list[Path] = []
    contacts: list[Path] = []
    for sensor, kind in sensors:
        handed = run["handed"][sensor]
        size = max(n for at_ms, n in handed if at_ms <= at_s * 1000)
        if size <= handed[0][1]:
            continue
        path = place / run["sensors"][sensor]
        with (files.folder / path.name).open("rb") as whole:
            path.write_bytes(whole.read(size))
        (feeds if kind in _REPORTING else contacts).append(path)
    return feeds, contacts


def _contacts(paths: list[Path], realm: str) -> pl.DataFrame:
    """All detections that the cell was given and that are judged."""
    read_in = [off_the_shore(read_detections(p, realm)[0], shore_m)[0] for p in paths]
    return pl.concat(read_in) if read_in else DETECTIONS.empty()


def _dark(own: pl.DataFrame, realm: str, intents: dict[str, str]) -> pl.DataFrame:
    """Each detection of a ship that sent nothing then, as a truth of its own."""
    rows = [
        (realm, event_id("dark_contact", name, [actor], at_to_us(at)), "dark_contact", at, at, [actor], [], lon, lat, intents.get(actor, "none"), [])
        for name, at, lon, lat, actor in own.filter(pl.col("is_dark")).select("detection_id", "at", "lon_deg", "lat_deg", "actor").iter_rows()
    ]
    return pl.DataFrame(rows, schema=TRUTH.schema, orient="row").unique("truth_id", maintain_order=True)


def _observable(
    files: Files,
    run: dict[str, Any],
    sensors: list[tuple[str, str]],
    truth: pl.DataFrame,
    tracks: pl.DataFrame,
    own: pl.DataFrame,
    seen: pl.DataFrame,
) -> dict[str, dict[str, datetime]]:
    """When each sensor first got something of those who did it, while they did it: a report of theirs, or a detection."""
    by_sensor = seen.select("detection_id", pl.col("sensor").cast(pl.String))
    looks = own.filter(pl.col("actor").is_not_null()).join(by_sensor, "detection_id").select(who="actor", at="at", sensor="sensor")
    numbers = tracks.filter(pl.col("mmsi").is_not_null()).select(pl.col("actor").cast(pl.String), pl.col("mmsi").cast(pl.UInt32)).unique()
    heard = [pl.DataFrame(schema={"who": pl.String, "at": AT, "sensor": pl.String}), looks]
    for sensor, kind in sensors:
        if kind in _REPORTING and run["handed"][sensor][-1][1] > run["handed"][sensor][0][1]:  # a file with a head alone is no feed
            for batch in read(str(files.folder / run["sensors"][sensor]), files.realm):
                rows = batch.reports.select("mmsi", at=pl.coalesce("received_at", "reported_at")).join(numbers, "mmsi")
                heard.append(rows.select(who="actor", at="at", sensor=pl.lit(sensor)))
    spans = truth.select("truth_id", "start_at", "end_at", who="actors").explode("who")
    first = (
        spans.join(pl.concat(heard), "who")
        .filter(pl.col("at").is_between("start_at", "end_at"))
        .group_by("truth_id", "sensor")
        .agg(pl.col("at").min())
    )
    found: dict[str, dict[str, datetime]] = {}
    for name, sensor, at in first.sort("truth_id", "sensor").iter_rows():
        found.setdefault(name, {})[sensor] = at
    return found
