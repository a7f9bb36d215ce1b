"""Cursor on Target, out and in, through the software of others over real sockets: a server (taky), a client (PyTAK) and a library (node-cot)."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seaward.feeds.cot_event import read_xml
from tests.exchange.tak.software import HERE, node_of, software
from tests.node.heard_outlets import NOW_MS, SHIP, heard, listened, outlets, sighted
from tests.node.nodes import node_at, running
from tests.waiting import wait_for

NAME = "Ñandú & <Hijos>"
MINE = "MMSI-760000009"


@pytest.fixture(scope="session")
def env(pytestconfig: pytest.Config) -> Path:
    return software(pytestconfig)


class Program:
    """A program of others and the lines that it prints."""

    def __init__(self, *command: str, cwd: Path | None = None) -> None:
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd, env={**os.environ, "PYTHONWARNINGS": "ignore"}
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.said: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.decode(errors="replace").strip())

    def line(self, with_: str, seconds: float = 120.0) -> str:
        """The next line in which this stands."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(queue.Empty):
                self.said.append(self._lines.get(timeout=0.2))
                if with_ in self.said[-1]:
                    return self.said[-1]
        raise AssertionError(f"{with_!r} was not said, but {self.said[-20:]}")

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextlib.contextmanager
def taky(env: Path, folder: Path) -> Iterator[int]:
    """A running server of taky."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir()
    conf = ("[taky]", "hostname=127.0.0.1", "bind_ip=127.0.0.1", f"root_dir={folder}", "[cot_server]", f"port={port}", "[dp_server]",
            f"upload_path={folder}/dp", "[ssl]", "enabled=false")  # fmt: skip
    (folder / "taky.conf").write_text("\n".join(conf))
    with Program(str(env / "bin/taky"), "-c", str(folder / "taky.conf"), cwd=folder) as server:

        def up() -> bool:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True
            assert server._process.poll() is None, server.said
            return False

        wait_for(up)
        yield port


def pytak(env: Path, port: int, say: str = "") -> Program:
    return Program(str(env / "bin/python"), str(HERE / "pytak_client.py"), f"tcp://127.0.0.1:{port}", say)


@pytest.mark.parametrize("realm", ["ops", "ex:north-1"])
def test_what_we_send_to_taky_comes_to_pytak_and_still_says_that_it_is_a_drill(env: Path, tmp_path: Path, realm: str) -> None:
    shift = int(time.time() * 1000) - NOW_MS  # taky drops what is stale
    at = iter(range(NOW_MS + shift - 500_000, NOW_MS + shift))
    with taky(env, tmp_path / "taky") as port, pytak(env, port) as client:
        time.sleep(1.0)
        table = {"kind": "tcp", "port": port, "form": "cot"}
        with outlets(table, seen=lambda: sighted(SHIP, name=NAME, ms=next(at)), realm=realm, shift_ms=shift) as out:
            line = client.line("<event")
            said = read_xml(line.encode())
            assert out.told()[0]["state"] == "up"
    assert said is not None and said.mmsi == SHIP and said.lon_deg == pytest.approx(-77.01) and NAME in said.callsign
    assert said.drills == (frozenset() if realm == "ops" else {"north-1"})


def test_what_pytak_says_to_taky_becomes_a_report_of_ours(env: Path, tmp_path: Path) -> None:
    with taky(env, tmp_path / "taky") as port:
        feed = {"name": "tak", "kind": "tcp", "host": "127.0.0.1", "port": port, "form": "cot"}
        with running(node_at(tmp_path / "node", feed)) as node:
            wait_for(lambda: node.health["tak"].connected)
            with pytak(env, port, MINE):
                wait_for(lambda: len(node.run(node.live.latest)) >= 1)  # counted is not yet seen
            rows = node.run(node.live.latest)
            assert rows["mmsi"].to_list() == [760_000_009] and rows["lat_deg"].to_list() == [-12.5]


def test_pytak_reads_an_outlet_without_any_server(env: Path) -> None:
    with outlets({"kind": "tcp-server", "port": 0, "form": "cot"}, seen=lambda: sighted(SHIP, name=NAME)) as out, pytak(env, listened(out)) as client:
        said = read_xml(client.line("<event").encode())
    assert said is not None and said.mmsi == SHIP and NAME in said.callsign


@pytest.mark.parametrize(("form", "name"), [("cot", "Ñandú"), ("tak", NAME)])
def test_node_cot_reads_our_events_and_our_feed_reads_what_it_makes_of_them(env: Path, form: str, name: str) -> None:
    with outlets({"kind": "tcp-server", "port": 0, "form": form}, seen=lambda: sighted(SHIP, name=name), realm="ex:north-1") as out:
        data = _through(env, listened(out), form)
    made = json.loads(data[0])
    feature: dict[str, Any] = made["feature"]
    assert made["raw"]["how"] == "m-s" and made["raw"]["opex"] == "e-north-1" and made["raw"]["uid"] == f"seaward.PER.ex:north-1.track.mmsi:{SHIP}"
    assert feature["geometry"]["coordinates"][:2] == [pytest.approx(-77.01), pytest.approx(-12.0)]
    assert feature["properties"]["callsign"] == f"EXERCISE ex:north-1 PER {name}"
    (back,) = heard(data[1])
    assert back.mmsi == SHIP and back.drills == {"north-1"} and (back.lon_deg, back.lat_deg) == (pytest.approx(-77.01), pytest.approx(-12.0))
    assert back.speed_mps == pytest.approx(8.3 * 1852 / 3600, abs=0.01) and name in back.callsign


def test_node_cot_writes_a_name_with_markup_as_broken_xml_which_is_refused_and_not_guessed(env: Path) -> None:
    """As of 14.23.2; when this fails, take the name into the test above."""
    with outlets({"kind": "tcp-server", "port": 0, "form": "cot"}, seen=lambda: sighted(SHIP, name=NAME)) as out:
        line, data = _through(env, listened(out), "cot", lambda back: b"</event>" in back)
    assert json.loads(line)["feature"]["properties"]["callsign"] == f"PER {NAME}"
    assert b"& <Hijos>" in data and heard(data) == []


def _through(env: Path, port: int, form: str, enough: Callable[[bytes], object] = heard) -> tuple[str, bytes]:
    """What node-cot says of the first event of an outlet, and what it makes of it."""
    with socket.create_server(("127.0.0.1", 0)) as between, socket.create_connection(("127.0.0.1", port), 10) as ours:
        script = shutil.copy(HERE / "node_cot.mjs", env)  # its packages are found from where it lies
        command = (node_of(env), str(script), str(between.getsockname()[1]), form)
        with Program(*command) as node:
            between.settimeout(20)
            theirs = between.accept()[0]
            ours.settimeout(20)
            theirs.settimeout(20)
            theirs.sendall(ours.recv(65536))
            line = node.line("feature")
            back = theirs.recv(65536)
            while not enough(back):
                back += theirs.recv(65536) or pytest.fail("it ended")
            theirs.close()
    return line, back
