"""`seaward exchange release`: an officer lets partners have one object, or takes it back."""

from __future__ import annotations

from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, DataDir, Dir, Lang, RealmName, now, place, say
from seaward.cli.node_data import Who, Why
from seaward.core.errors import InputError, ParameterError
from seaward.exchange.label import Scope, label_json
from seaward.exchange.policy import Refusal
from seaward.exchange.release import Gate
from seaward.sharing import alert_item, event_item, made_label

Name = Annotated[str, typer.Argument(metavar="ID", help="Of the event or alert.", show_default=False)]
Kind = Annotated[str, typer.Option("--kind", metavar="KIND", help="event or alert.")]


def release(
    name: Name,
    who: Who,
    to: Annotated[list[str] | None, typer.Option("--to", metavar="PARTNER", help="May be given again.", show_default=False)] = None,
    kind: Kind = "event",
    why: Why = None,
    level: Annotated[str, typer.Option(metavar="LEVEL", help="PUBLIC, LIMITED, RESTRICTED.")] = "LIMITED",
    tlp: Annotated[str, typer.Option(metavar="TLP", help="CLEAR, GREEN, AMBER, AMBER+STRICT.")] = "AMBER",
    precision: Annotated[int, typer.Option(metavar="M", min=0, max=1_000_000, help="Grid that positions are snapped to [m].")] = 0,
    delay: Annotated[int, typer.Option(metavar="S", min=0, max=31_622_400, help="Least age before it leaves [s].")] = 0,
    operation: Annotated[str | None, typer.Option(metavar="ID", help="An open operation that opens it further.")] = None,
    take_back: Annotated[bool, typer.Option("--take-back", help="Share it no longer: whoever got it is told.")] = False,
    config: ConfigFile = None,
    folder: Dir = None,
    data: DataDir = None,
    realm: RealmName = None,
    lang: Lang = EN,
) -> None:
    """Label one event or alert for partners; the rules of release then decide. A running node obeys at once."""
    where = place(config, folder, data, realm)
    if kind not in ("event", "alert"):
        raise ParameterError(f"--kind is {kind!r}; choose event or alert")
    if bool(to) == take_back:
        raise ParameterError("either partners are named with --to, or --take-back is said")
    with where.state(lang.value) as state:
        row = state.alert(name) if kind == "alert" else next(state.latest_events(event_ids=[name]).iter_rows(named=True), None)
        if row is None:
            raise InputError(f"there is no {kind} {name!r} in {where.data}; see which there are with `seaward alerts list`, or in the API")
        if take_back:
            state.release(kind, name, None, who, why, now())
            say("taken_back", lang, kind=kind, id=name)
            return
        label = label_json(made_label(where.home.nation.nation, to or (), level, tlp, precision, delay, _scope(where.home.operations(), operation)))
        state.release(kind, name, label, who, why, now())
    item = (event_item if kind == "event" else alert_item)(row, where.labeller(), label)
    assert item is not None
    gate = Gate(where.home.nation.nation, where.realm, where.home.policy(), where.home.operations())
    for nation in to or ():
        said = gate.decide(item, where.home.release_partner(nation), int(now().timestamp() * 1000)) if nation in where.home.partners() else None
        code = "released_stranger" if said is None else "released_denied" if isinstance(said, Refusal) else "released"
        say(code, lang, kind=kind, id=name, partner=nation, rule="-" if said is None else said.rule)


def _scope(operations: tuple[object, ...], name: str | None) -> tuple[Scope, ...]:
    if name is None:
        return ()
    found = [o for o in operations if getattr(o, "id", None) == name]
    if not found:
        raise InputError(f"there is no operation {name!r}; open it with `seaward exchange open`")
    return (Scope(name, getattr(found[0], "until")),)  # noqa: B009
