"""`seaward exchange audit verify`: what both nations signed, proven from the files alone."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, Dir, Lang, Partner, RealmName, place, say
from seaward.core.catalogue import render
from seaward.core.errors import EvidenceError, InputError
from seaward.exchange.audit import verify as proven
from seaward.exchange.kept_proof import kept_proof

audit_app = typer.Typer(name="audit", help="What both nations signed.", no_args_is_help=True)


@audit_app.callback()
def _group() -> None:
    """What both nations signed."""


@audit_app.command("verify")
def verify(
    partner: Partner,
    config: ConfigFile = None,
    folder: Dir = None,
    realm: RealmName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    lang: Lang = EN,
) -> None:
    """Prove offline that all that was sent to and received from a partner is there, in order, unchanged, and how far both signed for it.

    Ends with 1 where it is not.
    """
    where = place(config, folder, None, realm)
    kept = kept_proof(where.home.log_folder(where.realm), partner)
    if not kept.entries:
        raise InputError(render("cli.exchange.no_audit", {"partner": partner, "folder": where.home.log_folder(where.realm)}, lang.value))
    theirs, trust = where.home.ring(partner)
    for certificate in kept.certificates:
        if (key := trust.admit(certificate)) is not None:
            theirs = theirs.with_key(key)
    report, holes = proven(kept.entries, where.home.own_ring(), theirs), kept.holes
    if as_json:
        rows = [{"direction": e.direction, "epoch": e.epoch, "batches": e.batches, "signed_by_both": e.signed_by_both, "root": e.root.hex(),
                 "problem": e.problem, "problem_seq": e.problem_seq} for e in report.epochs]  # fmt: skip
        print(json.dumps({"partner": partner, "whole": report.is_whole and not holes, "holes": holes, "epochs": rows}, indent=2))
    else:
        for e in report.epochs:
            direction = render(f"cli.exchange.{e.direction}_batches", {}, lang.value)
            say("proof", lang, direction=direction, epoch=e.epoch, batches=e.batches, both=e.signed_by_both, root=e.root.hex()[:16])
            if e.problem:
                say("proof_problem", lang, number=e.problem_seq, problem=e.problem)
    if holes or not report.is_whole:
        raise EvidenceError(render("cli.exchange.not_whole", {"partner": partner, "holes": holes}, lang.value))
    if not as_json:
        say("whole", lang, partner=partner)
