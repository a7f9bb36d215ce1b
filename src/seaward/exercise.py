"""A scenario becomes a folder: what its sensors handed over, the truth kept apart, and the recording of it all. One page: how the drill's rooms join.

Every file's name begins with the realm. Nothing here judges: `debrief` has the cells watch what they were given, and scores them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from seaward import __version__
from seaward.chart.areas import Areas
from seaward.chart.places import Places
from seaward.chart.read_areas import read_areas
from seaward.chart.read_places import read_places
from seaward.core.errors import InputError, OutputError
from seaward.core.tables import TRUE_TRACKS, TRUTH
from seaward.drill.cast import cast_of
from seaward.drill.kernel import STRETCH_TICKS, Action, Sea
from seaward.drill.observe import Sensors, pieces
from seaward.drill.read_scenario import read_scenario, scenario_path
from seaward.drill.recording import Recorder
from seaward.drill.scenario import Inject, Scenario
from seaward.drill.truth import Truth
from seaward.store.outputs import Folder
from seaward.watch import Tell


@dataclass(frozen=True, slots=True)
class Release:
    """An inject that control held back is handed over now."""

    inject: str


Beat = Callable[[int, Mapping[str, bytes], pl.DataFrame], Sequence[Action | Release]]
"""Told a moment [ms from the start], what sensors handed over up to it, and the truth (TRUE_TRACKS) for control alone; comes back when the sea
may go on, with orders for what is to come."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where the parts of a run lie."""

    folder: Path
    realm: str

    def of(self, part: str) -> Path:
        """A part such as `truth.parquet`, under the realm's name."""
        return self.folder / f"{self.realm.replace(':', '-')}.{part}"

    @property
    def truth(self) -> Path:
        return self.of("truth.parquet")

    @property
    def true_tracks(self) -> Path:
        return self.of("true_tracks.parquet")

    @property
    def recording(self) -> Path:
        return self.of("recording.jsonl.zst")

    @property
    def run(self) -> Path:
        return self.of("run.json")

    @property
    def deeds(self) -> Path:
        """What people did, where the drill was played at floors."""
        return self.of("deeds.parquet")


def run_exercise(
    name: str | Path, out: Path, *, seed: int | None = None, tell: Tell = lambda stage, share: None, beat: Beat | None = None, beat_ticks: int = 3
) -> Files:
    """Simulate a scenario and write what its sensors hand over.

    Parameters
    ----------
    name
        Of a packaged scenario, or the path of a YAML file.
    out
        Folder; must not hold another run, as a recording is never overwritten.
    seed
        Another seed than the scenario's.
    tell
        Called with a stage and the share of it that is done.
    beat
        Where the sea is watched while it runs: called after every `beat_ticks` ticks, when the files hold what was handed over by then. Its orders
        are carried out and recorded; None runs as fast as it goes.

    Returns
    -------
    The files: one per sensor, `truth.parquet`, `true_tracks.parquet`, the recording, and `run.json`, which says what was run and how many bytes
    each sensor had handed over by each minute.

    Raises
    ------
    InputError, ScenarioError, OutputError
    """
    scenario = read_scenario(name)
    scenario = scenario if seed is None else replace(scenario, seed=seed)
    path, realm = scenario_path(name), scenario.exercise.realm
    files = Files(out, realm)
    out.mkdir(parents=True, exist_ok=True)
    if files.recording.exists() and not files.run.exists():
        raise OutputError(f"{out} holds a run of {realm} that was broken off: `drill verify` says how far it goes; choose another with --out")
    if files.recording.exists():
        raise OutputError(f"{out} holds a run of {realm} already; a recording is never overwritten: choose another folder with --out")
    areas, ports = layers_of(scenario, path)
    cast = cast_of(scenario)
    sea = Sea(cast, scenario.clock, scenario.weather, scenario.seed)
    clock = scenario.clock
    truth = Truth(realm, cast, clock.start, clock.length_ms, {a.id: a.intent for a in scenario.actors}, areas, ports)
    rig = Sensors(cast, scenario.sensors, clock.start, realm, seed=scenario.seed, bbox=scenario.bbox)
    header = {"scenario": path.read_text(encoding="utf-8"), "seed": scenario.seed, "seaward": __version__, "start": clock.start.isoformat(),
              "cells": {c.id: list(c.sees) for c in scenario.cells}, "sensors": rig.names, "hulls": list(cast.hulls.id)}  # fmt: skip
    handed: dict[str, list[tuple[int, int]]] = {s: [(0, len(head))] for s, head in rig.heads.items()}
    injects = sorted((i for i in scenario.injects if i.at_ms is not None and not i.hold), key=lambda i: (i.at_ms, i.id), reverse=True)
    held = {i.id: i for i in scenario.injects if i.hold}
    with ExitStack() as stack:
        recorder = stack.enter_context(Recorder(files.recording, realm, header))
        feeds = {s: stack.enter_context((out / file).open("wb")) for s, file in rig.names.items()}
        tracks = stack.enter_context(pq.ParquetWriter(files.true_tracks, TRUE_TRACKS.empty().to_arrow().schema, compression="zstd"))
        for sensor, feed in feeds.items():
            feed.write(rig.heads[sensor])
            if rig.heads[sensor]:
                recorder.add(0, "sensor", "", {"sensor": sensor, "text": rig.heads[sensor].decode()})
        for stretch in sea.stretches(STRETCH_TICKS if beat is None else beat_ticks):
            fresh: dict[str, bytes] = {}
            rows = truth.take(stretch)
            tracks.write_table(rows.to_arrow().cast(tracks.schema))
            for piece in pieces(stretch):
                at_ms = int(piece.at_ms[-1])
                _hand_out(injects, at_ms, recorder)
                for sensor, (text, _) in rig.take(piece).items():
                    if text:
                        feeds[sensor].write(text)
                        fresh[sensor] = fresh.get(sensor, b"") + text
                        handed[sensor].append((at_ms, handed[sensor][-1][1] + len(text)))
                        recorder.add(at_ms, "sensor", "", {"sensor": sensor, "text": text.decode()})
            recorder.add(int(stretch.at_ms[-1]), "truth", "", _places(rows))
            tell("simulate", int(stretch.at_ms[-1]) / clock.length_ms)
            if beat is not None:
                for feed in feeds.values():
                    feed.flush()
                for given in beat(int(stretch.at_ms[-1]), fresh, rows):
                    if isinstance(given, Release):
                        _record(held.pop(given.inject, None), int(stretch.at_ms[-1]), recorder)
                        continue
                    sea.order(given)
                    recorder.add(int(stretch.at_ms[-1]), "order", "", {k: None if v != v else v for k, v in asdict(given).items()})  # noqa: PLR0124
        digest = sea.digest()
        recorder.end(clock.length_ms, {"digest": digest})
    happened = truth.finish()
    with Folder(out, realm, {"truth": files.truth.name}) as folder:
        folder.add(TRUTH, happened)
    files.run.write_text(json.dumps(
        {k: v for k, v in header.items() if k != "scenario"}
        | {"realm": realm, "scenario": str(name), "scenario_sha256": hashlib.sha256(header["scenario"].encode()).hexdigest(), "truth_digest": digest,
           "records": recorder.records, "handed": handed}, indent=1) + "\n", encoding="utf-8")  # fmt: skip
    return files


def _hand_out(injects: list[Inject], at_ms: int, recorder: Recorder) -> None:
    """Record the injects that are due, from the end of the list."""
    while injects and injects[-1].at_ms is not None and injects[-1].at_ms <= at_ms:
        inject = injects.pop()
        _record(inject, max(inject.at_ms or 0, recorder.at_ms), recorder)


def _record(inject: Inject | None, at_ms: int, recorder: Recorder) -> None:
    """That an inject was handed to its cells; nothing where there is none of that name, or it was handed over before."""
    if inject is not None:
        for cell in inject.to:
            recorder.add(at_ms, "inject", cell, {"id": inject.id, "by": inject.by, "en": inject.text.en, "es": inject.text.es})


def run_of(files: Files) -> dict[str, Any]:
    """What `run.json` says of a run.

    Raises
    ------
    InputError
        If it cannot be used: damaged, or it names files that are not beside it.
    """
    try:
        run = json.loads(files.run.read_text(encoding="utf-8"))
        named = all(Path(name).name == name and name.startswith(files.of("").name) for name in run["sensors"].values())
        counted = all(handed[0][0] == 0 and all(isinstance(n, int) for pair in handed for n in pair) for handed in run["handed"].values())
        told = all(isinstance(run[k], str) for k in ("scenario", "scenario_sha256", "truth_digest", "seaward")) and isinstance(run["seed"], int)
        whole = named and counted and told and run["realm"] == files.realm and run["sensors"].keys() == run["handed"].keys()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        whole = False
    if not whole:
        raise InputError(f"{files.run} is damaged; run the scenario again into another folder with --out")
    return run


def layers_of(scenario: Scenario, path: Path) -> tuple[Areas | None, Places | None]:
    """The areas and ports beside a scenario."""
    areas = [a for _, file in scenario.layers for a in read_areas(path.parent / file).areas]
    ports = None if scenario.ports is None else read_places(path.parent / scenario.ports).places
    return Areas(tuple(areas)) if areas else None, ports


def _places(rows: pl.DataFrame) -> list[list[Any]]:
    """The last minute of a stretch for the recording: hull, longitude, latitude, speed, what it does."""
    last = rows.filter(pl.col("at") == pl.col("at").max())
    what = last.select(
        pl.col("actor").cast(pl.String), pl.col("lon_deg", "lat_deg").round(5), pl.col("sog_kn").round(1), pl.col("activity").cast(pl.String)
    )
    return [list(r) for r in what.iter_rows()]
