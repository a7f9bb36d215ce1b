"""A scenario and a seed -> how Seaward and the published rules did on what its sensors handed over: one small result, kept in a folder.

The truth is what hulls of the sea were ordered to do and did (`drill.deeds`), told by no rule of a detector.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import published_rules
from seaward.api import Detection, detect
from seaward.chart.places import Places
from seaward.chart.read_places import read_places
from seaward.chart.shore import shore_m
from seaward.core.units import HOUR_S, nm_to_m
from seaward.drill.read_scenario import read_scenario, scenario_path
from seaward.evaluation.causes import DETECTION, dark_truth, why_false
from seaward.evaluation.matching import Matching, latest, match_events
from seaward.evaluation.scores import vessel_days
from seaward.exercise import run_exercise
from seaward.feeds.detections import off_the_shore, read_detections
from seaward.picture.stops import learn_stops, stopping_places

ROOT = Path(__file__).resolve().parents[1]
REPORTING = ("coastal_ais", "satellite_ais", "vms")
SEAWARD, LIKELY = "Seaward", "Seaward, chance of a half or more"
LEAST_CHANCE = 0.5  # as likely as not; an event without a chance counts
LEAST_H = {"gap": 6.0, "encounter": 2.0, "loitering": 2.0}  # a shorter truth lies outside the published definitions (and Seaward's)
LEAST_SHORE_M = {"encounter": 10_000.0, "loitering": nm_to_m(20.0)}  # so does one nearer to the shore; of encounters, for anchorages
LEAST_KN = {"drift": 1.0}  # or slower on average: AisAbnormal of the Danish Maritime Authority asks for 1 to 5 kn
_WITHOUT_END = ("port_visit.came_not_seen",)  # truth knows visits that began in the exercise alone


def code_digest() -> str:
    """SHA-256 of all that a result hangs on: the package and the code of these scores, the page aside."""
    files = [p for p in (ROOT / "src").rglob("*") if p.is_file() and p.suffix not in (".pyc", ".nbi", ".nbc") and ".egg-info" not in str(p)]
    whole = hashlib.sha256()
    for path in sorted([*files, Path(__file__), Path(published_rules.__file__)]):
        whole.update(str(path.relative_to(ROOT)).encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def kept_result(name: str, seed: int, cache: str, code: str) -> dict[str, Any]:
    """The result of a scenario and seed: read if it is there, else made and kept."""
    path = Path(cache) / f"{name}-{seed}-{code[:16]}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    made = scored_sea(name, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(made), encoding="utf-8")
    os.replace(part, path)
    return made


def scored_sea(name: str, seed: int) -> dict[str, Any]:
    """Simulate, detect, match. Keys: scenario, seed, truth_digest, vessel_days, detections, rules (by rule and kind)."""
    scenario, beside = read_scenario(name), scenario_path(name).parent
    areas, ports = [beside / file for _, file in scenario.layers], [beside / scenario.ports] if scenario.ports else []
    with tempfile.TemporaryDirectory(prefix="seaward-") as folder:
        files = run_exercise(name, Path(folder), seed=seed)
        run = json.loads(files.run.read_text(encoding="utf-8"))
        paths = {s.id: Path(folder) / run["sensors"][s.id] for s in scenario.sensors}
        feeds = [paths[s.id] for s in scenario.sensors if s.kind in REPORTING]
        looks = [paths[s.id] for s in scenario.sensors if s.kind not in REPORTING]
        found = detect(feeds, realm=files.realm, areas=areas, ports=ports, detections=looks)
        truth, tracks = pl.read_parquet(files.truth), pl.read_parquet(files.true_tracks)
        seen = [off_the_shore(read_detections(p, files.realm)[0], shore_m)[0] for p in looks]
    events = latest(found.events)
    begun = events["reasons"].list.eval(pl.element().struct.field("code").is_in(_WITHOUT_END)).list.any()
    events = events.filter(~begun.fill_null(False))
    own = pl.concat([dark_truth(s, tracks).with_columns(feed=pl.lit(str(s["feed"][0]))) for s in seen if len(s)]) if seen else None
    likely = events.filter(pl.col("probability").fill_null(1.0) >= LEAST_CHANCE)
    rules = {SEAWARD: _judged(events, truth, tracks, found, own), LIKELY: _judged(likely, truth, tracks, found, own)}
    for rule, rows in _published(found, read_places(ports[0]).places if ports else None).items():
        kind = rule.split(",")[0]
        rules[rule] = {kind: _counts(match_events(rows, truth, true_tracks=tracks), rows, truth, found.positions, kind, tracks)}
    contacts = sum(len(s) for s in seen)
    return {
        "scenario": name, "seed": seed, "truth_digest": run["truth_digest"], "scenario_sha256": run["scenario_sha256"],
        "vessel_days": vessel_days(found.positions), "detections": contacts, "rules": rules,
    }  # fmt: skip


def _published(found: Detection, ports: Places | None) -> dict[str, pl.DataFrame]:
    """The published rules on the same positions, with the same places (those given, and those learned) and the same last moment."""
    positions = found.positions
    as_of = datetime.fromisoformat(found.summary["as_of"])
    places = Places.join([ports, stopping_places(learn_stops(positions), shore_m)])
    return {
        "encounter, published": published_rules.encounters(positions, places, shore_m),
        "gap, published: over 6 h": published_rules.gaps(positions, as_of),
        "gap, published: disabling": published_rules.disabling(positions, as_of, shore_m),
        "loitering, published: 2 h": published_rules.loitering(positions, shore_m, 2.0),
        "loitering, published: 4 h": published_rules.loitering(positions, shore_m, 4.0),
    }


def _judged(events: pl.DataFrame, truth: pl.DataFrame, tracks: pl.DataFrame, found: Detection, own: pl.DataFrame | None) -> dict[str, Any]:
    """Counts by kind; contacts without a track by their names, all else by `match_events`."""
    rest = events.filter(pl.col("kind") != "dark_contact")
    judged = {}
    for kind in sorted({*rest["kind"]} | {*truth["kind"]}):
        mine = rest.filter(pl.col("kind") == kind)
        matching = match_events(mine, truth, true_tracks=tracks)
        judged[kind] = _counts(matching, mine, truth, found.positions, kind, tracks)
        judged[kind]["causes"] = _tally(why_false(matching, mine, truth, tracks, own if own is not None else _NO_LOOKS))
    if own is not None:
        judged["dark_contact"] = _contacts(events.filter(pl.col("kind") == "dark_contact"), own, truth, tracks, found.positions)
    return judged


_NO_LOOKS = pl.DataFrame(schema={"detection_id": pl.String, "actor": pl.String, "is_dark": pl.Boolean})


def _contacts(events: pl.DataFrame, own: pl.DataFrame, truth: pl.DataFrame, tracks: pl.DataFrame, positions: pl.DataFrame) -> dict[str, Any]:
    """A detection is right where the nearest hull that may have been seen sends nothing then."""
    named = {f"{DETECTION}{r['feed']}/{r['detection_id']}": r for r in own.iter_rows(named=True)}
    dark = {name for name, r in named.items() if r["is_dark"]}
    raised = events.with_columns(name=pl.col("vessel_ids").list.first())
    rows = [_event(r, "hit" if r["name"] in dark else "false") for r in raised.iter_rows(named=True)]
    hits = sum(r["hit"] for r in rows)
    sent = tracks.drop_nulls("mmsi").select(pl.col("actor").cast(pl.String), "mmsi").unique()
    heard = {*sent.filter(pl.col("mmsi").is_in(positions["mmsi"].unique().implode()))["actor"]}
    moved = truth.filter(pl.col("kind") == "position").select("start_at", "end_at", "actors").rows()
    causes = _tally({name: _why_contact(named.get(name), heard, moved) for name in raised["name"] if name not in dark})
    return {"truths": len(dark), "hits": hits, "missed": len(dark) - hits, "covered": 0, "false": len(rows) - hits, "repeats": 0,
            "unheard": 0, "outside": 0, "beyond": 0, "causes": causes, "events": rows}  # fmt: skip


def _why_contact(seen: dict[str, Any] | None, heard: set[str], moved: list[tuple[Any, ...]]) -> str:
    """No hull; one whose reports lie elsewhere; one that sends and is never heard; one that is."""
    if seen is None or seen["actor"] is None:
        return "sensor"
    if any(a <= seen["at"] <= b and seen["actor"] in who for a, b, who in moved):
        return "false_place"
    return "heard_vessel" if seen["actor"] in heard else "never_heard"


def _counts(
    matching: Matching, events: pl.DataFrame, truth: pl.DataFrame, positions: pl.DataFrame, kind: str, tracks: pl.DataFrame
) -> dict[str, Any]:
    real, said = matching.truth.filter(pl.col("kind") == kind), matching.events
    verdict = dict(said.select("event_id", "verdict").iter_rows())
    rows = [_event(r, verdict[r["event_id"]]) for r in events.iter_rows(named=True) if verdict.get(r["event_id"]) in ("hit", "false")]
    missed = truth.filter(pl.col("truth_id").is_in(real.filter(pl.col("verdict") == "missed")["truth_id"].implode()))
    near = pl.Series(shore_m(missed["lon_deg"].to_numpy(), missed["lat_deg"].to_numpy()), dtype=pl.Float64) < LEAST_SHORE_M.get(kind, 0.0)
    hours = (missed["end_at"] - missed["start_at"]).dt.total_seconds() / HOUR_S
    outside = (hours < LEAST_H.get(kind, 0.0)) | near | (_way_kn(missed, tracks) < LEAST_KN.get(kind, 0.0))
    unheard = _unheard(missed, positions, kind)
    return {
        "truths": len(real), "repeats": int((said["verdict"] == "repeat").sum()), "false": int((said["verdict"] == "false").sum()),
        "hits": int((real["verdict"] == "hit").sum()), "missed": len(missed), "covered": int((real["verdict"] == "covered").sum()),
        "unheard": int(unheard.sum()), "outside": int(outside.sum()), "beyond": int((unheard | outside).sum()), "causes": {}, "events": rows,
    }  # fmt: skip


def _way_kn(truth: pl.DataFrame, tracks: pl.DataFrame) -> pl.Series:
    """How fast the first of those who did it went meanwhile, on average."""
    ways = {str(who): rows for (who,), rows in tracks.select(pl.col("actor").cast(pl.String), "at", "sog_kn").group_by("actor")}
    spans = truth.select("start_at", "end_at", pl.col("actors").list.first()).iter_rows()
    means = [ways[who].filter(pl.col("at").is_between(a, b))["sog_kn"].mean() if who in ways else None for a, b, who in spans]
    return pl.Series(means, dtype=pl.Float64).fill_null(0.0)


def _unheard(missed: pl.DataFrame, positions: pl.DataFrame, kind: str) -> pl.Series:
    """Of which truths no accepted report says anything: not all who took part were heard in its time (of a gap: in the six hours before)."""
    heard = positions.select(who=pl.lit("mmsi:") + pl.col("mmsi").cast(pl.String).str.zfill(9), at="at")
    unheard = []
    for start, end, ids, actors in missed.select("start_at", "end_at", "vessel_ids", "actors").iter_rows():
        since, until = (pl.lit(start) - pl.duration(hours=6), pl.lit(start)) if kind == "gap" else (pl.lit(start), pl.lit(end))
        there = heard.filter(pl.col("at").is_between(since, until), pl.col("who").is_in(ids))["who"].n_unique()
        unheard.append(there < (len(actors) if kind == "encounter" else 1))
    return pl.Series(unheard, dtype=pl.Boolean)


def _event(row: dict[str, Any], verdict: str) -> dict[str, Any]:
    """What single columns say of an event: numbers of its reasons, and how long it lasts."""
    values = {f"{r['code']}.{v['name']}": v["value"] for r in row.get("reasons") or [] for v in r["values"]}
    values["duration_h"] = (row["end_at"] - row["start_at"]).total_seconds() / HOUR_S
    return {"p": row["probability"], "hit": verdict == "hit", "values": values}


def _tally(causes: dict[str, str]) -> dict[str, int]:
    return {c: sum(v == c for v in causes.values()) for c in sorted(set(causes.values()))}
