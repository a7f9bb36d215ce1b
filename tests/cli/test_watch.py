"""`seaward watch` as people run it: it says what it does, hears, answers, and stops with everything safe."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.cli.watch import given
from seaward.core.catalogue import catalogue
from seaward.core.errors import ParameterError, SeawardError, UsageError
from seaward.node.config import Udp
from seaward.node.feed_url import EXAMPLES, feed_of, shown
from seaward.store.state import State

SENTENCE = b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23\r\n"
PASSWORD = "cuatro gaviotas miran el faro"


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Watch:
    """A watch in a process of its own; what it prints is read line by line."""

    def __init__(self, *args: object) -> None:
        command = [sys.executable, "-m", "seaward", "watch", *map(str, args)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        self.lines: list[str] = []

    def until(self, pattern: str) -> re.Match[str]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"{pattern} was not said: {self.lines}, {self.process.stderr.read() if self.process.stderr else ''}")

    def stop(self, how: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=90)
        return self.process.returncode, out + err


@contextlib.contextmanager
def watching(*args: object) -> Iterator[Watch]:
    watch = Watch(*args)
    try:
        yield watch
    finally:
        if watch.process.poll() is None:
            watch.process.kill()
        watch.process.communicate()


def test_a_watch_hears_answers_and_is_stopped_by_ctrl_c_with_everything_safe(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    (tmp_path / "password").chmod(0o600)
    data, port = tmp_path / "data", free_port(socket.SOCK_DGRAM)
    added = CliRunner().invoke(app, ["people", "add", "vega", "--role", "admin", "--password-file", str(tmp_path / "password"), "--data", str(data)])
    assert added.exit_code == 0 and PASSWORD not in added.output
    with watching("--data", data, "--port", 0, "--feed", f"udp://127.0.0.1:{port}#callao") as watch:
        url = watch.until(r"(http://\S+)/api/v1")[1]
        watch.until(rf"callao: udp://127.0.0.1:{port}")
        with httpx.Client(base_url=url) as page:
            page.post("/api/v1/session", json={"person": "vega", "password": PASSWORD}).raise_for_status()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                until = time.monotonic() + 120
                while not page.get("/api/v1/vessels").json()["items"]:
                    sender.sendto(SENTENCE, ("127.0.0.1", port))
                    assert time.monotonic() < until
                    time.sleep(0.2)
            assert page.get("/api/v1/vessels").json()["items"][0]["mmsi"] == 227006760
            reports = page.get("/api/v1/feeds/callao").json()["reports"]
        code, said = watch.stop(signal.SIGINT)
    assert code == 0 and "Everything is safe" in said and "Traceback" not in said
    with watching("--data", data, "--port", 0, "--lang", "es") as again:
        url = again.until(r"(http://\S+)/api/v1")[1]
        with httpx.Client(base_url=url) as page:
            page.post("/api/v1/session", json={"person": "vega", "password": PASSWORD}).raise_for_status()
            assert page.get("/api/v1/health").json()["reports_in_window"] >= reports > 0
        code, said = again.stop(signal.SIGTERM)
    assert code == 0 and "Todo está a salvo" in said


def test_an_empty_watch_says_how_to_plug_a_receiver_in_and_whom_to_add(tmp_path: Path) -> None:
    with watching("--data", tmp_path / "data", "--port", 0) as watch:
        watch.until("folder:///srv/vms")
        code, said = watch.stop(signal.SIGINT)
    told = "\n".join(watch.lines)
    assert code == 0 and EXAMPLES["udp"] in told and EXAMPLES["serial"] in told and "seaward people add" in told and "there is no history" in told
    assert "Traceback" not in said


def test_what_cannot_be_started_is_said_in_one_message(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text('[listen]\nhost = "0.0.0.0"\n')
    for args, told in (
        (["--feed", "ftp://x"], "no kind of feed"), (["--realm", "drill"], "must be 'ops' or"), ([tmp_path / "node.toml"], "without TLS everybody"),
        ([tmp_path / "none.toml"], "cannot be read"), (["--log", "loud"], "choose debug"),
    ):  # fmt: skip
        done = CliRunner().invoke(app, ["watch", "--data", str(tmp_path / "d"), *map(str, args)])
        assert isinstance(done.exception, SeawardError) and told in str(done.exception)
    assert not (tmp_path / "d").exists()


def test_a_port_that_is_taken_ends_the_start_and_lets_the_folder_go(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, watching("--data", tmp_path / "d", "--port", taken.getsockname()[1]) as watch:
        out, err = watch.process.communicate(timeout=120)
    assert watch.process.returncode == 2 and "cannot be listened to" in err and "Traceback" not in out + err
    State.open(tmp_path / "d" / "state.sqlite", "ops").close()


@pytest.mark.parametrize(("kind", "url"), EXAMPLES.items(), ids=[*EXAMPLES])
def test_each_kind_of_feed_can_be_said_in_one_word(kind: str, url: str) -> None:
    told = given(None, [url, f"{url}#other"], None, None, None)
    assert [f.kind for f in told.feed] == [kind, kind] and told.feed[1].name == "other"
    assert feed_of(shown(told.feed[0]) if kind != "serial" else url)["kind"] == kind


@pytest.mark.parametrize(
    "url", ["", "udp://", "udp://x:99999", "udp://127.0.0.1:1/x", "tcp://:0x1", "serial://?baud=1", "nats://x", "udp://h:1?speed=2", "udp://[::1"]
)
def test_a_feed_that_cannot_be_is_refused_with_examples(url: str) -> None:
    with pytest.raises(UsageError):
        given(None, [url], None, None, None)


def test_a_feed_is_added_to_those_configured(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text('data = "d"\n[[feed]]\nname = "a"\nkind = "udp"\nport = 1\n')
    told = given(tmp_path / "node.toml", ["udp://0.0.0.0:2"], None, "ex:drill", 5)
    assert [f.name for f in told.feed] == ["a", "udp-2"] and told.realm == "ex:drill" and told.listen.port == 5 and told.data == tmp_path / "d"
    assert isinstance(told.feed[1], Udp)
    with pytest.raises(UsageError, match="two feeds"):
        given(tmp_path / "node.toml", ["udp://0.0.0.0:2#a"], None, None, None)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_finding_that_is_not_well_says_what_to_do(language: str) -> None:
    texts = catalogue(language)
    well = {"folder", "folder_new", "space", "memory", "clock", "clock_unknown", "port", "port_used", "certificate", "key", "chart", "state",
            "state_new", "journal", "history", "history_new"}  # fmt: skip
    codes = {c.split(".")[1] for c in texts if c.startswith("doctor.")}
    assert {c for c in codes if f"doctor.{c}.fix" not in texts} == well


def test_a_feed_of_no_kind_is_named() -> None:
    with pytest.raises(ParameterError, match=re.escape("udp://127.0.0.1:10110")):
        feed_of("smtp://x:1")
