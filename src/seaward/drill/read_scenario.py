"""A scenario file -> scenario.Scenario, or every mistake in it with its line and what to do.

yaml_lines       bytes -> nodes with lines
scenario_parts   nodes -> parts, by the table of keys (scenario_keys)
scenario_checks  what the parts say together; scenario_places: places and files
"""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from seaward.core.errors import InputError
from seaward.drill.mistakes import Mistake, ScenarioError
from seaward.drill.scenario import Scenario
from seaward.drill.scenario_checks import check_all
from seaward.drill.scenario_keys import KINDS, SCENARIO, TIMES
from seaward.drill.scenario_parts import BAD, Found, Reading
from seaward.drill.scenario_places import check_files, check_places
from seaward.drill.yaml_lines import MOST_BYTES, read_lines

PACKAGED = Path(str(files("seaward.drill").joinpath("scenarios")))


def packaged_names() -> list[str]:
    """Names of the scenarios that come with the program, sorted."""
    return sorted(p.stem for p in PACKAGED.glob("*.yaml"))


def scenario_path(name: str | os.PathLike[str]) -> Path:
    """The file of a packaged scenario or of a path; a file beside one wins over a packaged name only when it has a suffix or a folder."""
    path = Path(name)
    return PACKAGED / f"{name}.yaml" if str(name) in packaged_names() else path


def read_scenario(name: str | os.PathLike[str]) -> Scenario:
    """Read a scenario and all files beside it.

    Parameters
    ----------
    name
        Of a packaged scenario, such as `joint-drill`, or the path of a YAML file.

    Raises
    ------
    ScenarioError
        If anything in it is wrong; names all mistakes.
    InputError
        If the file cannot be read.

    Limits
    ------
    Legs between two places are not looked at here: a way over land is the router's to go round.
    """
    path = scenario_path(name)
    try:
        with path.open("rb") as f:
            raw = f.read(MOST_BYTES + 1)
    except (OSError, ValueError) as e:
        why = getattr(e, "strerror", None) or e
        raise InputError(f"{path} cannot be read ({why}); give a file, or one of {', '.join(packaged_names())}") from e
    return scenario_of(raw, path.parent, path.name)


def scenario_of(raw: bytes, folder: Path, name: str = "scenario.yaml") -> Scenario:
    """The scenario that these bytes say; layers and ports are looked for in `folder`. Raises as `read_scenario`."""
    root, mistakes = read_lines(raw)
    read = Reading(mistakes)
    found = read.part(root, SCENARIO)
    if isinstance(found, Found):
        check_all(read, found)
        check_places(read, found)
        check_files(read, found, folder)
    if read.mistakes:
        raise ScenarioError(name, read.mistakes)
    if found is BAD:  # cannot be: what is bad has a mistake
        raise ScenarioError(name, [Mistake(1, "empty")])
    return _scenario(found)


def _scenario(found: Found) -> Scenario:
    area = found.values["area"]
    layers = tuple((name, file) for name, file, _ in area.get("layers") or ())
    return Scenario(**_fields(found), bbox=area.values["bbox"], layers=layers, ports=area.get("ports"))


def _fields(found: Found) -> dict[str, Any]:
    """Fields of the dataclass of a part."""
    said: dict[str, Any] = {}
    for key in found.part.keys:
        if key.name not in found.values or key.field == "-":
            continue
        value = found.values[key.name]
        if isinstance(value, list):
            value = tuple(_made(v) for v in value)
        elif isinstance(value, Found):
            value = _made(value)
        elif key.type == "measure":
            value = value / 1000 if found.said in TIMES else float(value)
        said[key.into] = value
    return said


def _made(found: Found) -> Any:
    kind = KINDS[found.part.name]
    said = _fields(found)
    if "line" in kind.__dataclass_fields__:
        said["line"] = found.line
    return kind(**said)
