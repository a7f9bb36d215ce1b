"""What a page shows: its fenced blocks, and whether a command in them is one that there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from typer.main import get_command

from seaward.cli.main import app

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(page: str, language: str = "") -> list[str]:
    """The blocks of a page that are fenced as of a language; those of none are what its test runs."""
    every = re.findall(r"^```(\w*)\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)
    return [text for fenced, text in every if fenced == language]


def commands(text: str) -> list[list[str]]:
    """The words after `seaward` of each line that calls it, by whatever path."""
    found = []
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words and (words[0] == "seaward" or words[0].endswith("bin/seaward")):
            found.append(words[1:])
        elif words[:1] == ["runuser"]:
            found.append(words[words.index("--") + 2 :])
    return found


def check_is_there(words: list[str]) -> None:
    """Every verb and option of a command exists."""
    command: Any = get_command(app)
    while hasattr(command, "get_command"):
        if words[0] in options_of(command):
            return
        command, words = command.get_command(command.make_context("seaward", [], resilient_parsing=True), words[0]), words[1:]
        assert command is not None, words
    assert {w.split("=")[0] for w in words if w.startswith("--")} <= options_of(command), words


def options_of(command: Any) -> set[str]:
    """Names of the options of a command."""
    return {o for p in command.params for o in p.opts}
