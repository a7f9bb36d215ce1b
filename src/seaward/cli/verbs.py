"""The verbs of `seaward`, one module each: a module is loaded when its verb is asked for, so that no verb waits for what another needs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

VERBS = {
    "detect": "Turn raw feeds into cleaned tracks and explained events.",
    "decode": "Decode an input to one row per message, whatever its type.",
    "demo": "Show two watch floors, Peru and the United States, through a night: a dark ship found, shared, met, a rescue, and the review.",
    "drill": "Drills on a simulated sea.",
    "evaluate": "Score events against the truth of a simulated sea.",
    "watch": "Watch live feeds: keep what they give, find behaviours as they happen, and serve the API.",
    "replay": "Send a file to a running watch, or to any other receiver, at the pace at which it was received.",
    "alerts": "Alerts of a node: see them, act on them, count them.",
    "lists": "Watch lists of a node: vessels to look out for.",
    "risk": "Rank vessels by risk: how likely, how harmful and how hard to see, with the reason of every point.",
    "people": "Who may sign in at a node.",
    "query": "Ask what a node has kept: a vessel's history, who was in an area, closest approaches, or SQL.",
    "doctor": "Check the installation of a node, and that all it keeps is whole.",
    "evidence": "Evidence of an event that a court could read: `seaward evidence EVENT_ID` writes a pack, `verify` checks one.",
    "exchange": "Share with other nations what you choose: keys, partners, releases, requests, tasks, proofs.",
    "plan": "Patrols: `seaward plan FILE --out DIR` plans, "
    "`respond` answers an alert, `search` looks for who is missing, `export` goes to the bridge.",
}
"""Name of the verb, of its module and of the function or `app` in it, and what the list of verbs says of it."""


class Verbs(TyperGroup):
    """The group of all verbs."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands.update({name: TyperCommand(name, help=line) for name, line in VERBS.items()})
        self._is_listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb; its name and line alone while they are listed."""
        if self._is_listing or cmd_name not in VERBS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"seaward.cli.{cmd_name}")
        return _made(cmd_name, getattr(module, "app", None), getattr(module, cmd_name, None))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List the verbs without loading them."""
        self._is_listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listing = False


def _made(name: str, group: typer.Typer | None, verb: Callable[..., Any] | None) -> Any:
    if group is not None:
        return get_group(group)
    assert verb is not None
    alone = typer.Typer(add_completion=False)
    alone.command(name)(verb)
    return get_command(alone)
