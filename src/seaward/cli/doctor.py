"""`seaward doctor [CONFIG]`: is this installation well? Each line ok, warn or fail, with what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.detect import Language
from seaward.cli.watch import given
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.node.doctor import Finding, examine


def doctor(
    config: Annotated[Path | None, typer.Argument(metavar="[CONFIG]", help="The node's configuration (TOML).", show_default=False)] = None,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="The node's folder.")] = None,
    realm: Annotated[str | None, typer.Option(metavar="REALM", help="ops, or ex:<drill id>.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of the words for people.")] = Language.en,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON lines.")] = False,
) -> None:
    """Check the installation of a node, and that all it keeps is whole.

    Folder, space, memory, clock, ports, keys, certificate.

    Changes nothing and may run beside the node. Exits with 1 if something fails.
    """
    failed = False
    try:
        for finding in examine(given(config, [], data, realm, None)):
            failed |= finding.level == "fail"
            _show(finding, lang.value, as_json=as_json)
    except InputError as e:
        failed = True
        for line in str(e).splitlines():
            _show(Finding("fail", "configuration", {"why": line}), lang.value, as_json=as_json)
    if failed:
        raise typer.Exit(1)


def _show(finding: Finding, language: str, *, as_json: bool) -> None:
    values = {k: str(v) if isinstance(v, Path) else v for k, v in finding.values.items()}
    what = render(f"doctor.{finding.code}", values, language)
    fix = "" if finding.level == "ok" else render(f"doctor.{finding.code}.fix", values, language)
    if as_json:
        print(
            json.dumps({"level": finding.level, "code": finding.code, "what": what, "fix": fix or None, **{"values": values}}, ensure_ascii=False),
            flush=True,
        )
    else:
        print(f"{finding.level:<5}{what}" + (f"\n     -> {fix}" if fix else ""), flush=True)
