"""What the cells of a drill made of it -> the review, ready for JSON: objectives, truths with their chains, events, scores, picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from seaward.core.catalogue import LANGUAGES, render
from seaward.core.units import US_PER_S
from seaward.drill.recording import Ending, read_recording
from seaward.drill.scenario import Cell, Inject, Objective, Scenario, Words
from seaward.evaluation.delays import STAGES
from seaward.evaluation.matching import Matching
from seaward.evaluation.objectives import Reached, of_share, of_times, rating
from seaward.evaluation.played import Outcome, about, first_done, outcome, stages
from seaward.evaluation.scores import calibration, detection_delays, scores, vessel_days
from seaward.exercise import Files

BY_PEOPLE = {"time_to_share": "shared", "time_to_task": "tasked"}  # measures of what nobody does in a drill that the watch software plays alone
_UNITS = ("patrol",)  # kinds of hulls that are sent
NOT_SIMULATED = ("radio", "land_radar_shadow", "weather_sensors", "people", "own_units", "distress_beacons")
_BY_FLOORS = ("people", "own_units")  # of these, what a drill that is played at floors has
_POINT_S = 300  # between points of a track drawn


@dataclass(slots=True)
class Watched:
    """What one cell made of what it was given."""

    cell: Cell
    events: pl.DataFrame
    positions: pl.DataFrame
    truth: pl.DataFrame  # that of all, and its own contacts without a track
    matching: Matching
    opened_at: dict[str, datetime]
    withdrawn: int  # raised at some hour and gone at the end
    observable: dict[str, dict[str, datetime]]  # by truth_id and sensor
    false_why: dict[str, str]
    missed_why: dict[str, str]
    picture: pl.DataFrame


def review_of(
    files: Files, scenario: Scenario, run: dict[str, Any], watched: list[Watched], truth: pl.DataFrame, tracks: pl.DataFrame, cadence_s: float,
    deeds: pl.DataFrame,
) -> dict[str, Any]:  # fmt: skip
    """Put the review together; `docs/review.md` says what its parts mean. `deeds`: DEEDS of the cells that people played; no rows where none did."""
    start = scenario.clock.start
    end = start + timedelta(milliseconds=scenario.clock.length_ms)
    whole, handed = _recorded(files)
    every = pl.concat([truth, *(w.truth for w in watched)]).unique("truth_id", maintain_order=True).sort("start_at", "truth_id")
    actors = {a.id: a.kind for a in scenario.actors}
    told = about(deeds.filter(pl.col("at") <= end), every, tracks, actors)
    played = _Played(told, tracks, [who for who, kind in actors.items() if kind in _UNITS])
    return {
        "realm": files.realm,
        "exercise": {"id": scenario.exercise.id, "title": _words(scenario.exercise.title)},
        "seaward": run["seaward"], "seed": run["seed"], "scenario_sha256": run["scenario_sha256"], "truth_digest": run["truth_digest"],
        "recording": {"file": files.recording.name, "records": whole.records, "is_whole": whole.is_whole, "problem": whole.problem},
        "clock": {"start": _at(start), "end": _at(end), "cadence_s": cadence_s},
        "cells": [{"id": c.id, "role": c.role, "lang": c.lang, "sees": list(c.sees)} for c in scenario.cells],
        "played": sorted({*played.deeds["cell"].cast(pl.String)}),
        "objectives": [row for o in scenario.objectives for row in _objective(o, watched, scenario, played)],
        "truths": [_truth(row, scenario, watched, played) for row in every.iter_rows(named=True)],
        "events": [row for w in watched for row in _events(w)],
        "scores": [row for w in watched for row in _scores(w, tracks, end)],
        "picture": [row for w in watched for row in _picture(w)],
        "withdrawn": {w.cell.id: w.withdrawn for w in watched},
        "tracks": [_track(a.id, a.kind, tracks, start) for a in scenario.actors],
        "injects": [_inject(i, start, handed.get(i.id, i.at_ms), played.deeds) for i in scenario.injects],
        "outages": [
            {"sensor": s.id, "station": st.id, "from": _at(start + timedelta(milliseconds=st.outage_ms[0])),
             "to": _at(start + timedelta(milliseconds=st.outage_ms[1]))}
            for s in scenario.sensors for st in s.stations if st.outage_ms[1] > st.outage_ms[0]
        ],
        "improvements": _improvements(watched),
        "not_simulated": [
            f"review.not_simulated.{code}" for code in NOT_SIMULATED if played.deeds.is_empty() or code not in _BY_FLOORS
        ],
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Played:
    """What people did, about whom (`about`), where hulls truly were, and which of them may be sent."""

    deeds: pl.DataFrame
    tracks: pl.DataFrame
    units: list[str]

    def stages(self, cell: str, truth: dict[str, Any]) -> dict[str, datetime]:
        return stages(self.deeds, cell, truth, self.tracks, self.units)


def _objective(o: Objective, watched: list[Watched], scenario: Scenario, played: _Played) -> list[dict[str, Any]]:
    """An objective as each player's cell met it."""
    start = scenario.clock.start
    end = start + timedelta(milliseconds=scenario.clock.length_ms)
    unit = "s" if o.measure.startswith("time_") else "per_day" if o.measure.endswith("_per_day") else "share"
    rows = []
    for w in watched:
        reached = _by_people(o, w, scenario, played, end) if o.measure in BY_PEOPLE else _reached(o, w, played.tracks, start, end)
        rows.append({
            "id": o.id, "text": _words(o.text), "measure": o.measure, "of": list(o.of), "unit": unit, "target": o.target, "limit": o.limit,
            "result": reached.result, "n": reached.n, "censored": reached.censored, "interval": reached.interval and list(reached.interval),
            "rating": rating(o.measure, reached, o.target, o.limit), "why": f"review.why.{reached.why}" if reached.why else "", "cell": w.cell.id,
        })  # fmt: skip
    return rows


def _by_people(o: Objective, w: Watched, scenario: Scenario, played: _Played, end: datetime) -> Reached:
    """How long people took: to share, from when the cell's watch raised it; to send a unit, from the inject about it, or from when it began."""
    if w.cell.id not in set(played.deeds["cell"].cast(pl.String)):
        return Reached(None, 0, 0, None, "not_played")
    delays, done = [], []
    for actor in o.of:
        since = _raised(w, actor, played) if o.measure == "time_to_share" else _asked(scenario, w, actor)
        if since is not None:
            at = first_done(played.deeds, w.cell.id, actor, BY_PEOPLE[o.measure])
            delays.append(max(0.0, ((at or end) - since).total_seconds()))
            done.append(at is not None)
    return of_times(delays, done)


def _raised(w: Watched, actor: str, played: _Played) -> datetime | None:
    """When the cell's watch first raised something that a hull did: the live one, or else the one that was run again."""
    if (live := first_done(played.deeds, w.cell.id, actor, "raised")) is not None:
        return live
    of_actor = w.truth.filter(pl.col("actors").list.contains(actor))["truth_id"]
    hits = w.matching.truth.filter(pl.col("truth_id").is_in(of_actor.implode()) & (pl.col("verdict") == "hit"))["event_id"]
    return min((w.opened_at[e] for e in hits if e in w.opened_at), default=None)


def _asked(scenario: Scenario, w: Watched, actor: str) -> datetime | None:
    """When an inject first told the cell of a hull; else when what it did began."""
    told = [i.at_ms for i in scenario.injects if i.actor == actor and i.at_ms is not None and not i.hold and w.cell.id in i.to]
    if told:
        return scenario.clock.start + timedelta(milliseconds=min(told))
    began = w.truth.filter(pl.col("actors").list.contains(actor) & (pl.col("intent") != "none"))["start_at"].min()
    return began if isinstance(began, datetime) else None


def _reached(o: Objective, w: Watched, tracks: pl.DataFrame, start: datetime, end: datetime) -> Reached:
    real = w.matching.truth
    if o.measure == "time_to_detect":
        delays, seen = [], []
        for actor in o.of:
            of_actor = w.truth.filter(pl.col("actors").list.contains(actor) & (pl.col("intent") != "none"))
            first = of_actor["start_at"].min()
            hits = real.filter(pl.col("truth_id").is_in(of_actor["truth_id"].implode()) & (pl.col("verdict") == "hit"))
            raised = [w.opened_at[e] for e in hits["event_id"] if e in w.opened_at]
            if isinstance(first, datetime):
                delays.append(max(0.0, ((min(raised) if raised else end) - first).total_seconds()))
                seen.append(bool(raised))
        return of_times(delays, seen)
    if o.measure == "false_cases_per_day":
        days = (end - start).total_seconds() / 86_400
        said = _of_kinds(w.matching.events, o)
        n = int((said["verdict"] == "false").sum()) + (w.withdrawn if not o.of else 0)
        return Reached(n / days, n, 0, None)
    if o.measure == "track_completeness":
        return _completeness(o.of, w, tracks)
    if o.measure == "precision":
        said = _of_kinds(w.matching.events, o)["verdict"].to_list()
        return of_share(said.count("hit"), said.count("hit") + said.count("false"))
    meant = _of_kinds(w.truth, o)
    if (meant["intent"] != "none").any():  # what the exercise is about, not the barges beside it
        meant = meant.filter(pl.col("intent") != "none")
    happened = real.filter(pl.col("truth_id").is_in(meant["truth_id"].implode()))["verdict"].to_list()
    return of_share(happened.count("hit"), happened.count("hit") + happened.count("missed"))


def _of_kinds(rows: pl.DataFrame, o: Objective) -> pl.DataFrame:
    return rows.filter(pl.col("kind").is_in(o.of)) if o.of else rows


def _completeness(of: tuple[str, ...], w: Watched, tracks: pl.DataFrame) -> Reached:
    """Of the minutes of these hulls, the share in which the cell had heard them within half an hour."""
    mine = (tracks.filter(pl.col("actor").cast(pl.String).is_in(of)) if of else tracks).select("at", mmsi=pl.col("mmsi").cast(pl.UInt32)).sort("at")
    if mine.is_empty():
        return Reached(None, 0, 0, None, "nothing_to_measure")
    heard = w.positions.select("at", "mmsi", heard_at="at").filter(pl.col("mmsi").is_in(mine["mmsi"].unique().drop_nulls().implode())).sort("at")
    joined = mine.join_asof(heard, on="at", by="mmsi", tolerance="30m", check_sortedness=False)
    return Reached(float(joined["heard_at"].is_not_null().mean() or 0.0), len(of) or tracks["actor"].n_unique(), 0, None)  # type: ignore[arg-type]


def _truth(row: dict[str, Any], scenario: Scenario, watched: list[Watched], played: _Played) -> dict[str, Any]:
    names = {a.id: a.name or a.id for a in scenario.actors}
    name = row["truth_id"]
    observable: dict[str, str | None] = {}
    found: dict[str, Any] = {}
    missed: dict[str, str] = {}
    chains: dict[str, Any] = {}
    for w in watched:
        if name not in set(w.truth["truth_id"]):
            continue
        observable |= {s: _at(at) for s, at in w.observable.get(name, {}).items()}
        hit = w.matching.truth.filter((pl.col("truth_id") == name) & pl.col("verdict").is_in(["hit", "covered"]))["event_id"].to_list()
        found[w.cell.id] = _found(w, hit[0], row, w.observable.get(name, {}), played) if hit else None
        if not hit:
            chains[w.cell.id] = _chain(w, None, row, w.observable.get(name, {}), played)
        if name in w.missed_why:
            missed[w.cell.id] = f"review.missed.{w.missed_why[name]}"
    return {
        "id": name, "kind": row["kind"], "start": _at(row["start_at"]), "end": _at(row["end_at"]), "actors": row["actors"],
        "names": [names.get(a, a) for a in row["actors"]], "intent": row["intent"], "lon_deg": row["lon_deg"], "lat_deg": row["lat_deg"],
        "areas": row["areas"], "observable": observable, "found": found, "missed_why": missed,
        "missed_chain": chains,
    }  # fmt: skip


def _found(w: Watched, event: str, truth: dict[str, Any], observable: dict[str, datetime], played: _Played) -> dict[str, Any]:
    opened = w.opened_at.get(event)
    chance = w.events.filter(pl.col("event_id") == event)["probability"][0]
    return {"event_id": event, "opened_at": _at(opened), "probability": chance, "chain": _chain(w, opened, truth, observable, played)}


def _chain(w: Watched, opened: datetime | None, truth: dict[str, Any], observable: dict[str, datetime], played: _Played) -> list[dict[str, Any]]:
    """Every stage with its moment, those of people too: they may act on what the watch software did not find."""
    at = {"onset": truth["start_at"], "observable": min(observable.values(), default=None), "opened": opened}
    at |= played.stages(w.cell.id, truth)
    return [{"stage": s, "at": _at(at.get(s))} for s in STAGES]


def _events(w: Watched) -> list[dict[str, Any]]:
    verdicts = {e: (v, t) for e, v, t in w.matching.events.select("event_id", "verdict", "truth_id").iter_rows()}
    names = {a: n for a, n in w.truth.select("truth_id", "actors").iter_rows()}
    rows = []
    for row in w.events.sort("start_at", "event_id").iter_rows(named=True):
        verdict, truth = verdicts.get(row["event_id"], ("", None))
        rows.append({
            "cell": w.cell.id, "event_id": row["event_id"], "kind": row["kind"], "start": _at(row["start_at"]), "end": _at(row["end_at"]),
            "opened_at": _at(w.opened_at.get(row["event_id"])), "names": names.get(truth, []) if truth else [], "vessel_ids": row["vessel_ids"],
            "lon_deg": row["lon_deg"], "lat_deg": row["lat_deg"], "probability": row["probability"],
            "truth": truth if verdict != "false" else None, "is_repeat": verdict == "repeat",
            "false_why": f"review.false.{w.false_why[row['event_id']]}" if row["event_id"] in w.false_why else None,
        })  # fmt: skip
    return rows


def _scores(w: Watched, tracks: pl.DataFrame, end: datetime) -> list[dict[str, Any]]:
    first = {t: min(of.values()) for t, of in w.observable.items()}
    waits = detection_delays(w.matching, w.opened_at, first, end)
    delays = {r["kind"]: r for r in waits.iter_rows(named=True) if r["since"] == "onset"}
    brier = {r["kind"]: r.get("brier") for r in calibration(w.matching).iter_rows(named=True)}
    rows = []
    for r in scores(w.matching, vessel_days(w.positions)).iter_rows(named=True):
        d = delays.get(r["kind"], {})
        rows.append({
            "cell": w.cell.id, **{k: r[k] for k in ("kind", "truths", "events", "hits", "missed", "covered", "repeats", "false")},
            **{k: r[k] for k in ("precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high")},
            "false_per_1000_vessel_days": r["false_per_1000_vessel_days"],
            "delay_median_s": d.get("median_s"), "delay_low_s": d.get("median_s_low"), "delay_high_s": d.get("median_s_high"),
            "brier": brier.get(r["kind"]), "few": bool(r["recall_few"]),
        })  # fmt: skip
    return rows


def _picture(w: Watched) -> list[dict[str, Any]]:
    keys = ("gospa_m", "localisation", "completeness", "ambiguity", "spuriousness", "id_switches", "truths", "tracks")
    return [
        {"cell": w.cell.id, "at": _at(r["at"]), "missed": r["truths"] - r["paired"], "false": r["tracks"] - r["paired"], **{k: r[k] for k in keys}}
        for r in w.picture.iter_rows(named=True)
    ]


def _track(actor: str, kind: str, tracks: pl.DataFrame, start: datetime) -> dict[str, Any]:
    rows = tracks.filter(pl.col("actor").cast(pl.String) == actor).select(
        pl.col("lon_deg").round(4), pl.col("lat_deg").round(4), s=(pl.col("at") - start).dt.total_microseconds() // US_PER_S
    )
    return {"actor": actor, "kind": kind, "points": [list(r) for r in rows.filter(pl.col("s") % _POINT_S == 0).iter_rows()]}


def _recorded(files: Files) -> tuple[Ending, dict[str, int]]:
    """How the recording ends, and when each inject was handed over [ms of the exercise]."""
    whole, handed = Ending(0, False), dict[str, int]()
    for record in read_recording(files.recording):
        if isinstance(record, Ending):
            whole = record
        elif record.kind == "inject":
            handed.setdefault(record.body["id"], record.at_ms)
    return whole, handed


def _inject(i: Inject, start: datetime, at_ms: int | None, deeds: pl.DataFrame) -> dict[str, Any]:
    """What was handed over and when, what was asked, and what became of it."""
    done, at = Outcome("held" if i.hold else "no_player"), None if at_ms is None else start + timedelta(milliseconds=at_ms)
    if at is not None:
        done = outcome(deeds, i.to, i.expect.action, i.actor, at, timedelta(milliseconds=i.expect.within_ms))
    return {
        "id": i.id, "at": _at(at), "to": list(i.to), "by": i.by,
        "text": _words(i.text), "expect": {"action": i.expect.action, "within_s": i.expect.within_ms / 1000}, "objective": i.objective,
        "outcome": done.code, "done_at": _at(done.at), "done_by": done.who, "done_in": done.cell,
    }  # fmt: skip


def _improvements(watched: list[Watched]) -> list[dict[str, Any]]:
    """A row for each cause of misses and of false cases, the most frequent first; who and by when is for people to fill in."""
    causes = Counter((of, cause) for w in watched for of, found in (("missed", w.missed_why), ("false", w.false_why)) for cause in found.values())

    def finding(of: str, cause: str, count: int, language: str) -> str:
        return render(f"review.finding.{of}", {"count": count, "why": render(f"review.{of}.{cause}", {}, language)}, language)

    return [
        {"finding": {language: finding(of, cause, n, language) for language in LANGUAGES}, "owner": "", "due": ""}
        for (of, cause), n in sorted(causes.items(), key=lambda c: (-c[1], c[0]))
    ]


def _words(words: Words) -> dict[str, str]:
    return {"en": words.en, "es": words.es}


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")
