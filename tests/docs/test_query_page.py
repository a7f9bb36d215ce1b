"""Every command that the page of `seaward query` shows runs, on a small node."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner

from seaward.cli.main import app
from tests.cli.logbook_node import make_node

PAGE = Path(__file__).resolve().parents[2] / "docs" / "query.md"
COMMANDS = re.findall(r"^seaward (query .*)$", PAGE.read_text(encoding="utf-8"), re.M)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    make_node(folder / "seaward-data")
    shape = shapely.geometry.mapping(shapely.box(-78, -13, -77, -12))
    (folder / "zone.geojson").write_text(json.dumps({"type": "Feature", "geometry": shape, "properties": {"name": "zone"}}))
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_runs(command: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    words = shlex.split(command, comments=True)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output + repr(done.exception)
    assert done.stdout or (place / words[words.index("--out") + 1]).stat().st_size > 0


def test_the_page_shows_all_verbs() -> None:
    assert {c.split()[1] for c in COMMANDS} == {"track", "area", "closest", "sql", "tables"}
