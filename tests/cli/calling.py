"""Verbs called on the folder of a node, and what they say: for the tests of several verbs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import SeawardError

Run = Callable[..., Result]


def caller(node: Path, *first: str) -> Run:
    """What calls `seaward FIRST... WORDS... --data NODE`; `fails` is what the refusal must say."""

    def call(*words: str, data: Path | None = None, fails: str | None = None, **more: Any) -> Result:
        ended = CliRunner().invoke(app, [*first, *words, "--data", str(data or node)], **more)
        if fails is None:
            assert ended.exit_code == 0, ended.output + repr(ended.exception)
        else:
            assert isinstance(ended.exception, SeawardError) or ended.exit_code == 2
            assert fails in str(ended.exception) + ended.output
        return ended

    return call


def said(ended: Result) -> Any:
    """Its JSON."""
    return json.loads(ended.stdout)
