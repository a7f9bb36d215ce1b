"""The page for who installs a node: its blocks are run in order, from nothing to a receiver that is heard and a backup that is whole."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from typer.main import get_command

from seaward.cli.exchange import app as exchange
from seaward.cli.main import app
from seaward.node.config import Listen, Udp, read_config
from tests.cli.test_watch import PASSWORD, SENTENCE, free_port, watching
from tests.docs.shown import DOCS, blocks, check_is_there, commands

PAGE = "install.md"
TEXT = (DOCS / PAGE).read_text(encoding="utf-8")


def shell(line: str, folder: Path) -> None:
    """A line of the page, with `seaward` as it is installed here."""
    run = f'seaward() {{ {shlex.quote(sys.executable)} -m seaward "$@"; }}\n{line}'
    done = subprocess.run(["bash", "-euc", run], cwd=folder, capture_output=True, text=True, timeout=120, check=False, env=os.environ)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def test_from_nothing_to_a_receiver_and_a_backup_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("sqlite3, with which the page takes a backup, is not installed here")
    monkeypatch.chdir(tmp_path)
    port = free_port(socket.SOCK_DGRAM)
    (tmp_path / "node.toml").write_text(blocks(PAGE, "toml")[0].replace("10110", str(port)))
    (tmp_path / "vega.pass").write_text(PASSWORD + "\n")
    (tmp_path / "vega.pass").chmod(0o600)
    (tmp_path / "vms").mkdir()
    lines = [line for block in blocks(PAGE) for line in block.splitlines()]
    assert len(lines) >= 9
    with ExitStack() as running:
        for line in lines:
            if not line.startswith("seaward watch"):
                shell(line, tmp_path)
                continue
            watch = running.enter_context(watching(*line.split()[2:], "--port", 0))
            url = watch.until(r"(http://\S+)/api/v1")[1]
            page = running.enter_context(httpx.Client(base_url=url))
            page.post("/api/v1/session", json={"person": "vega", "password": PASSWORD}).raise_for_status()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                until = time.monotonic() + 120
                while not page.get("/api/v1/vessels").json()["items"]:
                    sender.sendto(SENTENCE, ("127.0.0.1", port))
                    assert time.monotonic() < until, "the receiver is not heard"
                    time.sleep(0.2)
    assert (tmp_path / "backup" / "state.sqlite").is_file() and any((tmp_path / "backup" / "raw").iterdir())


def test_every_other_command_of_the_page_is_one_that_there_is() -> None:
    shown = [words for block in blocks(PAGE, "text") for words in commands(block)]
    assert {words[0] for words in shown} == {"demo", "replay", "people", "doctor"}
    inline = [shlex.split(code)[1:] for code in re.findall(r"`(seaward [^`]+)`", TEXT)]
    assert len(inline) >= 4
    for words in [*shown, *inline]:
        check_is_there(words)


def test_the_ports_of_the_page_are_those_of_the_program_and_of_this_machine_alone(tmp_path: Path) -> None:
    said = set(re.findall(r"^\| (\d+)/(?:tcp|udp)", TEXT, re.M))
    init = get_command(exchange).get_command(None, "init")  # type: ignore[union-attr, attr-defined, arg-type]
    of_exchange = {str(p.default) for p in init.params if p.name in ("port", "local_port")}
    assert of_exchange == {"7422", "4222"} and said == {str(Listen().port), "10110", *of_exchange}
    (tmp_path / "node.toml").write_text(blocks(PAGE, "toml")[0])
    told = read_config(tmp_path / "node.toml")
    assert told.listen.host == "127.0.0.1" and isinstance(told.feed[0], Udp) and told.feed[0].host == "127.0.0.1"


def test_the_version_that_the_page_installs_is_this_one() -> None:
    made = {re.sub(r"-py3.*", "", name) for name in re.findall(r"seaward-[\d.]+-py3-none-any\.whl", TEXT.split("## Update")[0])}
    assert made == {f"seaward-{__import__('seaward').__version__}"} and get_command(app) is not None
