"""The notebooks of `examples/`: each runs from its first cell to its last, on what comes with the package, and is kept without outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]


def test_there_are_notebooks_for_an_analyst() -> None:
    assert {"detect-and-explain", "patrol-plan", "query-a-night"} <= set(NAMES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_the_notebook_runs_and_draws(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, startup_timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 2
    assert not [output for output in outputs if output.get("name") == "stderr" and "Warning" in output["text"]]
    assert not list(tmp_path.iterdir()), "a notebook leaves nothing beside itself"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_the_notebook_is_kept_without_outputs_and_without_traces_of_a_machine(path: Path) -> None:
    kept = json.loads(path.read_text(encoding="utf-8"))
    nbformat.validate(nbformat.from_dict(kept))
    for cell in kept["cells"]:
        assert cell["metadata"] == {}
        assert cell["cell_type"] == "markdown" or (cell["outputs"] == [] and cell["execution_count"] is None), "clear all outputs before you commit"
    assert kept["metadata"]["kernelspec"]["name"] == "python3" and kept["metadata"].keys() == {"kernelspec", "language_info"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_links_of_the_notebook_lead_somewhere(path: Path) -> None:
    said = "".join("".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "markdown")
    targets = re.findall(r"\]\(([^)#:]+)\)", said)
    assert targets
    for target in targets:
        assert (path.parent / target).exists(), target
