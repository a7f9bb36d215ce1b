"""`seaward evaluate`: the table in both languages, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import InputError, RealmError
from seaward.core.tables import EVENTS, POSITIONS, TRUE_TRACKS, TRUTH

NOON = datetime(2027, 11, 4, 12, tzinfo=UTC)
BOTH = {"realm": "ex:test", "kind": "gap", "start_at": NOON, "end_at": NOON + timedelta(hours=9), "vessel_ids": ["mmsi:100000001"], "lon_deg": -80.0,
        "lat_deg": -12.0, "areas": []}  # fmt: skip
EVENT = BOTH | {"event_id": "e", "version": 1, "state": "closed", "probability": 0.7, "reasons": [], "evidence": [], "method": "gap/1"}
TRUE = BOTH | {"truth_id": "t", "actors": ["one"], "intent": "none"}
FIX = {"realm": "ex:test", "at": NOON, "lon_deg": -80.0, "lat_deg": -12.0, "sog_kn": 0.0, "cog_deg": 0.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pl.DataFrame([EVENT], schema=EVENTS.schema).write_parquet(tmp_path / "events.parquet")
    pl.DataFrame([TRUE], schema=TRUTH.schema).write_parquet(tmp_path / "truth.parquet")
    fixes = [FIX | {"vessel_id": "mmsi:100000001", "at": NOON + timedelta(minutes=m)} for m in range(0, 60, 10)]
    pl.DataFrame(fixes, schema={c: POSITIONS.schema[c] for c in fixes[0]}).write_parquet(tmp_path / "positions.parquet")
    way = [FIX | {"actor": "one", "activity": "stopped", "mmsi": None, "at": NOON + timedelta(minutes=m)} for m in range(60)]
    pl.DataFrame(way, schema=TRUE_TRACKS.schema).write_parquet(tmp_path / "true_tracks.parquet")
    return tmp_path


def run(*words: object) -> str:
    done = CliRunner().invoke(app, ["evaluate", *map(str, words)])
    if done.exception is not None:
        raise done.exception
    return done.output


@pytest.mark.parametrize(
    ("lang", "banner", "found"), [("en", "EXERCISE EXERCISE EXERCISE", "Found"), ("es", "EJERCICIO EJERCICIO EJERCICIO", "Hallados")]
)
def test_it_prints_the_table_and_the_realm_of_a_drill(folder: Path, lang: str, banner: str, found: str) -> None:
    said = run(folder, folder / "truth.parquet", "--lang", lang, "--positions", folder, "--tracks", folder)
    assert banner in said and "ex:test" in said and found in said and "1.00 [0.21, 1.00]" in said


def test_everything_is_in_the_json_and_the_file(folder: Path) -> None:
    said = json.loads(run(folder, folder, "--json", "--positions", folder, "--tracks", folder, "--out", folder / "score.json"))
    assert said == json.loads((folder / "score.json").read_text())
    assert (said["scores"][0]["hits"], said["vessel_days"], said["delays"], said["picture"][0]["completeness"]) == (1, 1 / 24, None, 1.0)


def test_delays_are_told_where_events_say_when_they_were_raised(folder: Path) -> None:
    events = pl.read_parquet(folder / "events.parquet").with_columns(opened_at=pl.lit(NOON + timedelta(hours=6)))
    events.write_parquet(folder / "events.parquet")
    assert "360 min after onset (median of 1" in run(folder, folder)


def test_what_cannot_be_scored_is_refused_with_its_reason(folder: Path) -> None:
    def instead(name: str, table: pl.DataFrame) -> Path:
        table.write_parquet(folder / name)
        return folder / name

    truth = pl.read_parquet(folder / "truth.parquet")
    with pytest.raises(InputError, match="nothing to score against"):
        run(folder, instead("none.parquet", truth.clear()))
    with pytest.raises(RealmError, match="ex:test and ops"):
        run(folder, instead("ops.parquet", truth.with_columns(realm=pl.lit("ops"))))
    with pytest.raises(InputError, match="lacks truth_id"):
        run(folder, folder / "events.parquet")
    with pytest.raises(InputError, match=r"realm\.null"):
        run(folder, instead("nowhere.parquet", truth.with_columns(realm=pl.lit(None, pl.String))))
    with pytest.raises(InputError, match=r"start_at of .* is Int64"):
        run(folder, instead("numbers.parquet", truth.with_columns(pl.col("start_at").cast(pl.Int64))))
    with pytest.raises(InputError, match="cannot be read"):
        run(folder, folder / "absent.parquet")
    (folder / "text.parquet").write_text("not a table")
    with pytest.raises(InputError, match="no Parquet"):
        run(folder, folder / "text.parquet")
