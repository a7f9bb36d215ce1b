"""A scenario is run, watched and reviewed; the truth stays apart, and chance is the seed's alone."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from seaward.core.errors import InputError, OutputError, RealmError
from seaward.core.tables import DEEDS
from seaward.debrief import debrief
from seaward.drill.hulls import SAIL
from seaward.drill.kernel import Action
from seaward.drill.read_scenario import read_scenario
from seaward.drill.recording import Ending, Record, read_recording
from seaward.exercise import Files, Release, run_exercise
from seaward.report.review_page import render_review
from seaward.store.outputs import Folder

SCENARIO = """
format: drill/1
exercise: {id: SMALL, title: {en: Small, es: Breve}, realm: "ex:small"}
seed: 5
clock: {start: "2027-11-04T12:00:00Z", length: 10h, tick: 10s}
area: {bbox: [-79.5, -13.5, -76.5, -11.0]}
cells:
  - {id: pe, role: player, lang: es, sees: [coast, sar]}
  - {id: us, role: player, lang: en, sees: [sat]}
  - {id: white, role: control, sees: [truth]}
sensors:
  - {id: coast, kind: coastal_ais, stations: [{id: st, at: [-77.20, -12.08], height_m: 280}]}
  - {id: sat, kind: satellite_ais, first: 20m, every: 90m, pass: 12m, delay: 20m}
  - {id: sar, kind: sar, passes: [5h], detect: 1.0, min_length_m: 8, error_m: 50, delay: 30m}
traffic:
  - {id: lane, kind: cargo, count: 5, pattern: lane, route: [[-78.0, -11.3], [-77.7, -12.2], [-77.2, -13.2]]}
  - {id: roads, kind: cargo, count: 6, pattern: anchored, around: [-77.26, -12.01], radius_nm: 2}
actors:
  - {id: dark, kind: squid_jigger, length_m: 60, start: [-77.8, -12.4], ais: none, intent: illegal_fishing, name: OSCURO (EX),
     plan: [{at: 0s, do: sail, to: [-77.75, -12.0], speed_kn: 4}]}
injects:
  - {id: I1, at: 1h, to: [pe], by: phone, objective: O1, actor: dark, expect: {action: open_case, within: 1h}, text: {en: Look, es: Miren}}
objectives:
  - {id: O1, measure: time_to_detect, of: [dark], target: 6h, limit: 9h, text: {en: Find it, es: Detectarla}}
  - {id: O2, measure: time_to_share, of: [dark], target: 15m, limit: 45m, text: {en: Share it, es: Compartirla}}
"""


def write(folder: Path, text: str = SCENARIO) -> Path:
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Files]:
    folder = tmp_path_factory.mktemp("ran")
    path = write(folder)
    return path, run_exercise(path, folder / "out")


def contents(files: Files, without: str = "run.json") -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in files.folder.iterdir() if p.is_file() and not p.name.endswith(without)}


def digest(files: Files) -> str:
    return json.loads(files.run.read_text())["truth_digest"]


def test_the_same_scenario_gives_the_same_bytes_and_another_seed_others(ran: tuple[Path, Files], tmp_path: Path) -> None:
    path, files = ran
    again = run_exercise(path, tmp_path / "again")
    assert contents(again) == contents(files)
    other = run_exercise(path, tmp_path / "other", seed=6)
    assert digest(other) != digest(files)


def test_watched_while_it_runs_the_sea_is_the_same_and_what_was_handed_over_is_on_the_disk_by_then(ran: tuple[Path, Files], tmp_path: Path) -> None:
    path, files = ran
    told: list[int] = []
    given: dict[str, bytes] = {}

    def beat(at_ms: int, handed: Mapping[str, bytes], truth: pl.DataFrame) -> list[Action]:
        told.append(at_ms)
        for sensor, text in handed.items():
            given[sensor] = given.get(sensor, b"") + text
            if sensor == "coast":
                assert Files(tmp_path / "out", files.realm).of("coast.nmea").read_bytes().endswith(text)
        return []

    again = run_exercise(path, tmp_path / "out", beat=beat)
    assert told == sorted(set(told)) and digest(again) == digest(files)
    for sensor in ("coast.nmea", "sat.nmea", "truth.parquet"):
        assert again.of(sensor).read_bytes() == files.of(sensor).read_bytes()
    assert files.of("coast.nmea").read_bytes().endswith(given["coast"])


def test_an_order_given_on_the_way_is_carried_out_and_recorded(ran: tuple[Path, Files], tmp_path: Path) -> None:
    path, files = ran

    def beat(at_ms: int, handed: Mapping[str, bytes], truth: pl.DataFrame) -> list[Action]:
        return [Action(at_ms, "dark", SAIL, 8 * 3_600_000, -78.5, -12.4, 8.0)] if len(orders) < 1 and not orders.append(at_ms) else []

    orders: list[int] = []
    other = run_exercise(path, tmp_path / "out", beat=beat)
    assert digest(other) != digest(files)
    *records, ending = read_recording(other.recording)
    assert isinstance(ending, Ending) and ending.is_whole
    assert [r.body["hull"] for r in records if isinstance(r, Record) and r.kind == "order"] == ["dark"]


def test_what_control_held_is_recorded_when_it_is_released_once_and_the_review_says_when(tmp_path: Path) -> None:
    held = SCENARIO.replace("injects:\n", "injects:\n" + "".join(
        f"  - {{id: {name}, hold: true, to: [pe, us], by: phone, objective: O1, actor: dark, expect: {{action: open_case, within: 1h}},"
        " text: {en: Now, es: Ya}}\n" for name in ("H1", "H2")))  # fmt: skip
    path = write(tmp_path, held)

    def beat(at_ms: int, handed: Mapping[str, bytes], truth: pl.DataFrame) -> list[Release]:
        return [Release("H1"), Release("nobody")] if at_ms >= 2 * 3_600_000 else []

    files = run_exercise(path, tmp_path / "out", beat=beat)
    *records, _ = read_recording(files.recording)
    given = [(r.at_ms, r.cell, r.body["id"]) for r in records if isinstance(r, Record) and r.kind == "inject"]
    assert given == [(3_600_000, "pe", "I1"), (7_200_000, "pe", "H1"), (7_200_000, "us", "H1")]
    with Folder(files.folder, files.realm, {"deeds": files.deeds.name}) as folder:
        folder.add(DEEDS, deeds(("validated", 200)))
    review = debrief(files, read_scenario(path), cadence_s=36_000)
    assert {i["id"]: (i["at"], i["outcome"], i["done_at"]) for i in review["injects"]} == {
        "H1": ("2027-11-04T14:00:00Z", "late", "2027-11-04T15:20:00Z"), "H2": (None, "held", None),
        "I1": ("2027-11-04T13:00:00Z", "late", "2027-11-04T15:20:00Z")}  # fmt: skip


def deeds(*rows: tuple[str, int], realm: str = "ex:small") -> pl.DataFrame:
    """Of Peru, about where the dark hull is then, at 4 kn northward: what, and minutes from the begin."""
    start = datetime(2027, 11, 4, 12, tzinfo=UTC)
    made = [dict.fromkeys(DEEDS.schema) | {"realm": realm, "cell": "pe", "at": start + timedelta(minutes=m), "deed": what, "who": "vega",
            "vessel_ids": [], "lon_deg": -77.8, "lat_deg": -12.4 + 4 * m / 3600} for what, m in rows]  # fmt: skip
    return pl.DataFrame(made, schema=DEEDS.schema)


def test_the_review_takes_in_what_people_did_and_refuses_what_is_not_of_its_drill(ran: tuple[Path, Files]) -> None:
    path, files = ran
    try:
        deeds(("raised", 120), ("shared", 132), ("validated", 100)).write_parquet(files.deeds)
        review = debrief(files, read_scenario(path), cadence_s=36_000)
        assert review["played"] == ["pe"] and "review.not_simulated.people" not in review["not_simulated"]
        rated = {(o["id"], o["cell"]): (o["result"], o["rating"], o["why"]) for o in review["objectives"]}
        assert rated["O2", "pe"] == (720.0, "P", "") and rated["O2", "us"] == (None, None, "review.why.not_played")
        (inject,) = review["injects"]
        assert (inject["outcome"], inject["done_by"], inject["done_in"]) == ("met", "vega", "pe")
        assert "vega" in render_review(review, "es") and "vega" in render_review(review, "en")
        deeds(("shared", 70), realm="ex:other").write_parquet(files.deeds)
        with pytest.raises(RealmError, match="ex:other"):
            debrief(files, read_scenario(path), cadence_s=36_000)
        pl.DataFrame({"a": [1]}).write_parquet(files.deeds)
        with pytest.raises(InputError, match="no table of deeds"):
            debrief(files, read_scenario(path), cadence_s=36_000)
        files.deeds.write_bytes(b"PAR1 and no more")
        with pytest.raises(InputError, match="cannot be read"):
            debrief(files, read_scenario(path), cadence_s=36_000)
    finally:
        files.deeds.unlink(missing_ok=True)


def test_without_a_sensor_nothing_else_changes(ran: tuple[Path, Files], tmp_path: Path) -> None:
    _, files = ran
    fewer = [line.replace(", sar]", "]") for line in SCENARIO.splitlines() if "id: sar," not in line]
    without = run_exercise(write(tmp_path, "\n".join(fewer)), tmp_path / "out")
    assert digest(without) == digest(files)
    for sensor in ("coast.nmea", "sat.nmea", "truth.parquet"):
        assert without.of(sensor).read_bytes() == files.of(sensor).read_bytes()


def test_every_file_is_named_for_its_drill_and_the_recording_holds_what_sensors_gave(ran: tuple[Path, Files]) -> None:
    _, files = ran
    assert all(name.startswith("ex-small.") for name in contents(files, without=""))
    *records, ending = read_recording(files.recording)
    assert isinstance(ending, Ending) and ending.is_whole
    said = "".join(r.body["text"] for r in records if isinstance(r, Record) and r.kind == "sensor" and r.body["sensor"] == "coast")
    whole = files.of("coast.nmea").read_bytes().decode()
    assert said and whole.endswith(said) and whole.startswith("# EXERCISE")
    assert [r.body["id"] for r in records if isinstance(r, Record) and r.kind == "inject"] == ["I1"]


def test_a_run_is_never_overwritten(ran: tuple[Path, Files]) -> None:
    path, files = ran
    with pytest.raises(OutputError, match="never overwritten"):
        run_exercise(path, files.folder)


def test_the_review_says_what_was_found_by_whom_and_what_was_not_played(ran: tuple[Path, Files]) -> None:
    path, files = ran
    review = debrief(files, read_scenario(path), cadence_s=3600)
    json.dumps(review, allow_nan=False)
    contacts = [t for t in review["truths"] if t["kind"] == "dark_contact" and t["actors"] == ["dark"]]
    assert len(contacts) == 1 and contacts[0]["found"]["pe"]["opened_at"] == "2027-11-04T18:00:00Z", "seen at five hours, handed over half an hour on"
    assert "us" not in contacts[0]["found"], "a contact is of the cell whose sensor saw it"
    rated = {(o["id"], o["cell"]): (o["rating"], o["why"]) for o in review["objectives"]}
    assert rated["O1", "pe"] == ("P", "") and rated["O2", "pe"] == (None, "review.why.not_played")
    assert rated["O1", "us"] == (None, "review.why.nothing_to_measure")
    for language in ("en", "es"):
        assert all(": " in i["finding"][language] and "review." not in i["finding"][language] for i in review["improvements"])
    assert {"pe", "us"} <= {p.name for p in files.folder.iterdir() if p.is_dir()}
    assert pl.read_parquet(files.folder / "pe" / "events.parquet")["realm"].cast(pl.String).unique().to_list() == ["ex:small"]
    for language in ("en", "es"):
        page = render_review(review, language)
        assert "OSCURO (EX)" in page and "EXERCISE EXERCISE EXERCISE" in page


def test_what_a_cell_is_given_tells_nothing_of_the_truth(ran: tuple[Path, Files]) -> None:
    _, files = ran
    for sensor in ("coast.nmea", "sat.nmea", "sar.csv"):
        text = files.of(sensor).read_text()
        assert "dark" not in text and "OSCURO" not in text and "illegal" not in text


def test_a_run_that_is_killed_leaves_a_recording_that_is_valid_and_says_where_it_ends(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-m", "seaward", "drill", "run", "joint-drill", "--out", str(tmp_path)], stderr=subprocess.DEVNULL)
    recording = Files(tmp_path, "ex:pacifico-27").recording
    until = time.monotonic() + 300
    while not recording.exists() or recording.stat().st_size < 200_000:
        assert child.poll() is None and time.monotonic() < until
        time.sleep(0.02)
    child.kill()
    child.wait()
    *records, ending = read_recording(recording)
    assert isinstance(ending, Ending) and not ending.is_whole and ending.records == len(records) > 10
    words = [sys.executable, "-m", "seaward", "drill", "verify", str(recording)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2 and str(ending.records) in done.stdout + done.stderr and "Traceback" not in done.stderr


def no_file_over_2_mb() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))


def test_a_disk_that_fills_ends_a_run_with_a_message_and_a_recording_that_is_valid(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "seaward", "drill", "run", "joint-drill", "--out", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300, preexec_fn=no_file_over_2_mb)
    assert done.returncode == 2 and "Traceback" not in done.stderr and "room" in done.stderr
    files = Files(tmp_path, "ex:pacifico-27")
    *records, ending = read_recording(files.recording)
    assert isinstance(ending, Ending) and ending.problem == "recording.unfinished" and ending.records == len(records) > 10
    assert not files.run.exists()
