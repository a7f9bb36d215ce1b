"""A recording is valid up to its last record, and a changed byte is found and named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import OutputError, RealmError
from seaward.drill.recording import Ending, Record, Recorder, RecordingError, header_of, read_recording


def record(path: Path, count: int = 3_000, ended: bool = True) -> list[Record]:
    with Recorder(path, "ex:test", {"seed": 7}) as recorder:
        for k in range(count):
            recorder.add(k * 10, "said", "pe_watch", {"line": f"!AIVDM {k * k}", "k": k})
        if ended:
            recorder.end(count * 10, {"digest": "abc"})
    return [r for r in read_recording(path) if isinstance(r, Record)]


def header_bytes(path: Path) -> int:
    """Of the frame of the header, in any recording of the same header."""
    with Recorder(path.with_name(path.name + ".header"), "ex:test", {"seed": 7}):
        return path.with_name(path.name + ".header").stat().st_size


def ending(path: Path) -> Ending:
    *_, last = read_recording(path)
    assert isinstance(last, Ending)
    return last


def test_what_was_added_is_read_in_order_and_the_end_is_known(tmp_path: Path) -> None:
    records = record(tmp_path / "a")
    assert [r.seq for r in records] == list(range(3_002)) and records[5].body == {"line": "!AIVDM 16", "k": 4}
    assert ending(tmp_path / "a") == Ending(3_002, True) and header_of(tmp_path / "a")[0] == "ex:test"


def test_without_its_end_it_says_that_the_drill_was_not_finished(tmp_path: Path) -> None:
    record(tmp_path / "a", ended=False)
    assert ending(tmp_path / "a") == Ending(3_001, False, "recording.unfinished")


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    record(tmp_path / "a", 1)
    with pytest.raises(OutputError, match="never overwritten"):
        Recorder(tmp_path / "a", "ex:test", {})


@pytest.mark.parametrize("realm", ["ops", "", "ex:", "EX:test"])
def test_nothing_but_a_drill_is_recorded(tmp_path: Path, realm: str) -> None:
    with pytest.raises(RealmError):
        Recorder(tmp_path / "a", realm, {})


@given(st.data())
def test_any_flipped_byte_is_found_and_no_false_record_is_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("flip") / "a"
    true = record(path, 2_500)
    raw = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    try:
        *records, last = read_recording(path)
    except RecordingError:
        assert at < header_bytes(path)
        return
    assert isinstance(last, Ending) and not last.is_whole and last.records >= 1 and last.byte <= at and records == true[: last.records]


@given(st.integers(1, 99))
def test_cut_anywhere_it_is_valid_up_to_its_last_frame(tmp_path_factory: pytest.TempPathFactory, percent: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "a"
    true = record(path, 2_500)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * percent // 100])
    try:
        *records, last = read_recording(path)
    except RecordingError:
        assert path.stat().st_size < header_bytes(path)
        return
    assert isinstance(last, Ending) and not last.is_whole and records == true[: last.records]


def test_a_record_changed_by_one_who_packs_it_again_breaks_the_chain(tmp_path: Path) -> None:
    record(tmp_path / "a", 50)
    text = zstandard.ZstdDecompressor().stream_reader((tmp_path / "a").read_bytes(), read_across_frames=True).read()
    (tmp_path / "b").write_bytes(zstandard.ZstdCompressor().compress(text.replace(b'"!AIVDM 81"', b'"!AIVDM 82"')))
    assert ending(tmp_path / "b") == Ending(11, False, "recording.chain", 0)
    (tmp_path / "c").write_bytes(zstandard.ZstdCompressor().compress(text.replace(b'"ex:test","kind":"said"', b'"ops","kind":"said"', 1)))
    assert not ending(tmp_path / "c").is_whole


@pytest.mark.parametrize("content", [b"", b"hello", b"\x28\xb5\x2f\xfd", zstandard.compress(b"{}\n"), zstandard.compress(b'{"seq":0}\n' * 9)])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(RecordingError):
        list(read_recording(tmp_path / "a"))


def test_a_run_that_is_killed_leaves_all_that_was_flushed(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from seaward.drill.recording import Recorder\n"
        "r = Recorder(pathlib.Path(sys.argv[1]), 'ex:test', {})\n"
        "k = 0\n"
        "while True:\n    r.add(k, 'said', '', 'x' * 500); k += 1\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "a")])
    while not (tmp_path / "a").exists() or (tmp_path / "a").stat().st_size < 20_000:
        assert child.poll() is None
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    last = ending(tmp_path / "a")
    assert last.records > 500 and not last.is_whole


def test_a_full_disk_ends_in_a_message_and_a_valid_recording(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib, resource, signal; from seaward.drill.recording import Recorder\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))\n"
        "from seaward.core.errors import OutputError; import random\n"
        "try:\n"
        "    with Recorder(pathlib.Path(sys.argv[1]), 'ex:test', {}) as r:\n"
        "        for k in range(100_000): r.add(k, 'said', '', random.Random(k).random())\n"
        "except OutputError as e: print(e); sys.exit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "a")], capture_output=True, text=True, check=False)
    assert done.returncode == 7 and "valid up to record" in done.stdout and "Traceback" not in done.stderr
    last = ending(tmp_path / "a")
    assert last.problem == "recording.unfinished" and f"record {last.records - 1} " in done.stdout
