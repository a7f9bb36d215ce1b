"""`seaward exchange partner`: what a partner is cleared for, which groups it is in, how many bytes its link may take."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from seaward.cli.exchange_options import EN, ConfigFile, Dir, Lang, Partner, place, say
from seaward.core.errors import ParameterError
from seaward.exchange.label import LEVELS
from seaward.exchange.params import LinkParams


def partner(
    partner: Partner,
    clearance: Annotated[str | None, typer.Option(metavar="LEVEL", help=f"The highest it may have: {', '.join(LEVELS)}.")] = None,
    coalition: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A group that rules may name; may be given again.")] = None,
    budget: Annotated[int | None, typer.Option(metavar="N", min=0, help="Bytes a second that are sent at most; 0: no bound.")] = None,
    config: ConfigFile = None,
    folder: Dir = None,
    lang: Lang = EN,
) -> None:
    """Show what holds for a partner, or change it."""
    home = place(config, folder).home
    record = home.partner(partner)
    if clearance is not None and clearance not in LEVELS:
        raise ParameterError(f"--clearance is {clearance!r}; choose from {', '.join(LEVELS)}")
    changes: dict[str, object] = {}
    if clearance is not None:
        changes["clearance"] = clearance
    if coalition is not None:
        changes["coalitions"] = tuple(sorted(set(coalition)))
    if budget is not None:
        LinkParams(budget_bytes_per_s=budget or None)
        changes["budget_bytes_per_s"] = budget or None
    if changes:
        record = msgspec.structs.replace(record, **changes)
        home.keep(record)
    say("partner", lang, partner=partner, state=record.state, clearance=record.clearance, coalitions=", ".join(record.coalitions) or "-",
        budget=record.budget_bytes_per_s or "-")  # fmt: skip
