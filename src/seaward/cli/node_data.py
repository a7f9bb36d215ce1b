"""What verbs on a node's data share: where it lies, whose it is, who acts, which moment it is."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from seaward.alerts.life import Refused
from seaward.alerts.mistakes import RulesError
from seaward.cli.detect import Language, moment
from seaward.core.errors import InputError, OutputError, ParameterError, UsageError
from seaward.core.foreign_text import one_line
from seaward.core.json_rows import encode
from seaward.core.realm import OPS
from seaward.drill.scenario_values import duration_ms
from seaward.store.state import State

Data = Annotated[Path, typer.Option("--data", envvar="SEAWARD_DATA", metavar="DIR", help="Folder of the node's data.")]
Realm = Annotated[str, typer.Option(metavar="REALM", help="ops, or ex:<drill id> for a node of a drill.")]
Who = Annotated[str, typer.Option(metavar="NAME", help="Who does it; the audit keeps it.", show_default=False)]
Why = Annotated[str | None, typer.Option(metavar="TEXT", help="Why; the audit keeps it.")]
At = Annotated[str | None, typer.Option(metavar="T", help="As of this moment (UTC), for a clock of a drill.", show_default="now")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Spoken = Annotated[Language, typer.Option(help="Language of the words for people.")]
FOLDER = Path("seaward-data")
STATE = "state.sqlite"


@contextlib.contextmanager
def opened(data: Path, realm: str, language: str, *, make: bool = False) -> Iterator[State]:
    """The state in a node's folder; a refusal within is told in the language asked for.

    Parameters
    ----------
    make
        Whether it may be made where there is none.

    Raises
    ------
    InputError
        If there is none.
    """
    path = data / STATE
    if make:
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise OutputError(f"{data} cannot be made ({e.strerror}); choose another folder with --data") from e
    elif not path.is_file():
        raise InputError(f"{path} is not there: no node has kept anything in {data}; name its folder with --data, or in SEAWARD_DATA")
    try:
        with State.open(path, realm) as state:
            yield state
    except (Refused, RulesError) as e:
        raise UsageError(e.told(language)) from e


def now(at: str | None) -> datetime:
    """The moment asked for, or this one."""
    return datetime.now(UTC) if at is None else moment(at)


def length_ms(option: str, text: str) -> int:
    """A duration such as 1h10m [ms]; ParameterError where it is none."""
    ms = duration_ms(text)
    if ms is None or ms <= 0:
        raise ParameterError(f"{option} is {one_line(text)!r}, which is no duration; write it as 45m, 6h or 7d")
    return ms


def print_json(said: Any) -> None:
    """A row, or a list of rows, with times as 2027-11-04T05:18:24.123456Z."""
    plain = [json.loads(encode(row)) for row in said] if isinstance(said, list) else json.loads(encode(said))
    print(json.dumps(plain, indent=2, ensure_ascii=False))


REALM_DEFAULT = OPS
