"""The list of verbs is at once there, and says the same as each verb says of itself."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.cli.verbs import VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_answers_and_its_first_line_is_that_of_the_list(verb: str) -> None:
    module = import_module(f"seaward.cli.{verb}")
    group = getattr(module, "app", None)
    said = group.info.help if group is not None else getattr(module, verb).__doc__.split("\n\n")[0]
    assert " ".join(said.split()) == VERBS[verb]
    shown = CliRunner().invoke(app, [verb, "--help"])
    assert shown.exit_code == 0 and f"seaward {verb}" in shown.output and "completion" not in shown.output


def test_each_module_of_a_verb_is_in_the_list() -> None:
    folder = Path(sys.modules["seaward.cli.verbs"].__file__ or "").parent
    verbs = {p.stem for p in folder.glob("*.py") if "\napp = typer.Typer(" in p.read_text() or f"\ndef {p.stem}(" in p.read_text()}
    assert verbs - {"main"} == {*VERBS}


def test_the_list_loads_no_verb() -> None:
    code = "import sys, seaward.cli.main as m; m.app(['--help'], standalone_mode=False); sys.exit('polars' in sys.modules or 'numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False).returncode == 0


def test_a_verb_mistyped_is_answered_with_the_right_one() -> None:
    shown = CliRunner().invoke(app, ["detct"])
    assert shown.exit_code == 2 and "detect" in shown.output


def test_where_what_is_compiled_can_be_kept_nowhere_the_command_says_what_to_set(tmp_path: Path) -> None:
    """As for a user of a service without a home, where the program's folder is root's."""
    code = "from numba.core import caching as c; c.CacheImpl._locator_classes = []; from seaward.cli import main; main.main()"
    done = subprocess.run([sys.executable, "-c", code, "doctor", "--data", str(tmp_path / "data")], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "set NUMBA_CACHE_DIR" in done.stderr and "Traceback" not in done.stderr
