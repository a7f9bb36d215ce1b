"""The command as a user types it: a pack from a folder of results, and what verify says and ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from seaward.api import detect_to_folder
from tests.made_up_day.peru_day import write_peru_day


def seaward_command(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "seaward", *map(str, words)], capture_output=True, check=False, timeout=300, env=os.environ | env, text=True
    )


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    write_peru_day(folder / "day.nmea", seed=1, start=datetime(2027, 11, 4, tzinfo=UTC))
    detect_to_folder([str(folder / "day.nmea")], folder / "out", realm="ex:demo", kinds=["gap"], report=False)
    return folder


@pytest.fixture(scope="module")
def made(work: Path) -> dict[str, str]:
    event = pl.read_parquet(work / "out" / "events.parquet")["event_id"][0]
    words = ("evidence", event[:12], "--results", work / "out", "--input", work / "day.nmea", "--out", work / "gap.zip", "--json")
    done = seaward_command(*words, SEAWARD_DATA=str(work / "node"), SEAWARD_KEY_PASSPHRASE="fondeadero")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_pack_is_written_and_holds(work: Path, made: dict[str, str]) -> None:
    assert made["path"] == str(work / "gap.zip") and Path(made["path"]).stat().st_size == int(made["bytes"])
    assert b"ENCRYPTED" in (work / "node" / "keys" / "node.ed25519").read_bytes(), "the passphrase of the environment guards the new key"
    done = seaward_command("evidence", "verify", work / "gap.zip", "--key", made["signer"], "--input", work / "day.nmea")
    assert done.returncode == 0, done.stderr
    for words in (
        "EXERCISE EXERCISE EXERCISE",
        "The pack holds",
        "Signed by the key you named",
        "its lines stand in",
        "Taken as known, not proven",
        "Not verified, said by the signer alone: who was told",
    ):
        assert words in done.stdout


def test_verify_tells_whose_key_is_not_known(work: Path, made: dict[str, str]) -> None:
    done = seaward_command("evidence", "verify", work / "gap.zip", "--lang", "es")
    assert done.returncode == 0 and "Firmado con una clave que aquí no se conoce" in done.stdout and "EJERCICIO EJERCICIO" in done.stdout
    wrong = seaward_command("evidence", "verify", work / "gap.zip", "--key", "ab " * 32)
    assert wrong.returncode == 1 and "is signed by an unknown key" in wrong.stderr and "The pack holds" not in wrong.stdout
    import zipfile

    with zipfile.ZipFile(work / "gap.zip") as archive:
        (work / "signer.pem").write_bytes(archive.read("signer.pem"))
    by_file = seaward_command("evidence", "verify", work / "gap.zip", "--key", work / "signer.pem", "--json")
    assert by_file.returncode == 0 and json.loads(by_file.stdout)["signer_known"] is True


def test_a_changed_pack_ends_with_one_and_names_the_file(work: Path, made: dict[str, str]) -> None:
    content = (work / "gap.zip").read_bytes()
    at = content.index(b"feeds/1.raw\\") + 60  # the name in the header of the file, and the first of its bytes
    (work / "bad.zip").write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    done = seaward_command("evidence", "verify", work / "bad.zip")
    assert done.returncode == 1 and "feeds/1.raw" in done.stderr and "Traceback" not in done.stderr
    (work / "none.zip").write_bytes(b"")
    assert seaward_command("evidence", "verify", work / "none.zip").returncode == 1
    (work / "day2.nmea").write_bytes((work / "day.nmea").read_bytes() + b"\n")
    other = seaward_command("evidence", "verify", work / "gap.zip", "--input", work / "day2.nmea")
    assert other.returncode == 1 and "no feed of the pack was cut from such a file" in other.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("verify", "no-such.zip"), "cannot be read"),
        (("verify", "gap.zip", "--key", "no-such.pem"), "no public key"),
        (("00000000", "--data", "no-such"), "no folder of a node"),
        (("00000000", "--input", "day.nmea"), "go with --results"),
        (("00000000", "--results", "out", "--version", "2"), "--version is of a node's events"),
        (("00000000", "--results", "out", "--input", "day.nmea"), "has none with the name"),
        (("0000", "--results", "no-such", "--input", "day.nmea"), "cannot be read"),
    ],
)
def test_misuse_ends_with_two_and_says_what_to_do(words: tuple[str, ...], said: str, work: Path, made: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-m", "seaward", "evidence", *words], capture_output=True, check=False, cwd=work, text=True)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert not list(work.glob(".*.part"))


def test_a_passphrase_that_does_not_fit_is_told(work: Path, made: dict[str, str]) -> None:
    words = ("evidence", made["event_id"], "--results", work / "out", "--input", work / "day.nmea", "--out", work / "again.zip")
    done = seaward_command(*words, SEAWARD_DATA=str(work / "node"))
    assert done.returncode == 2 and "is encrypted; give its passphrase in SEAWARD_KEY_PASSPHRASE" in done.stderr
    assert not (work / "again.zip").exists()
    again = seaward_command(*words, SEAWARD_DATA=str(work / "node"), SEAWARD_KEY_PASSPHRASE="fondeadero")
    assert again.returncode == 0 and (work / "again.zip").read_bytes() == (work / "gap.zip").read_bytes(), "the same event, the same bytes"


def test_help_is_there() -> None:
    for words in (("evidence",), ("evidence", "--help"), ("evidence", "verify", "--help"), ("evidence", "pack", "--help")):
        done = seaward_command(*words, COLUMNS="100")
        assert "Usage: " in done.stdout + done.stderr
