"""`seaward doctor`: lines for people, lines for programs, and 1 where something fails."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from typer.testing import CliRunner

from seaward.cli.main import app


def doctor(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["doctor", *map(str, words)])
    return done.exit_code, done.output


def test_a_new_installation_passes_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text('data = "d"\n[listen]\nport = 0\n')
    code, said = doctor(tmp_path / "node.toml")
    assert code == 0 and "ok   Versions" in said and "fail" not in said and "{" not in said
    code, said = doctor(tmp_path / "node.toml", "--lang", "es")
    assert code == 0 and "Versiones" in said and "se creará" in said and "{" not in said


def test_what_fails_is_said_with_what_to_do_and_ends_with_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (tmp_path / "node.toml").write_text(f'data = "d"\n[listen]\nport = {taken.getsockname()[1]}\n')
        code, said = doctor(tmp_path / "node.toml")
        lines = [json.loads(line) for line in doctor(tmp_path / "node.toml", "--json")[1].splitlines()]
    assert code == 1 and "fail Port" in said and "-> stop the program" in said
    assert [(x["code"], bool(x["fix"])) for x in lines if x["level"] == "fail"] == [("port_taken", True)]


def test_mistakes_of_a_configuration_are_lines_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text('realm = "x"\n[watch]\nlook = 1\n[[feed]]\nname = "a"\nkind = "udp"\n')
    code, said = doctor(tmp_path / "node.toml")
    assert code == 1 and said.count("fail Configuration") == 3 and "line 3" in said
