"""`seaward exchange accept`: an invitation -> the answer to it; an answer -> both are partners. The fingerprint is told by voice."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, Dir, Lang, PassphraseFile, now, passphrase, place, say, write_new
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.core.whole_file import whole_file
from seaward.exchange import invitation
from seaward.exchange.certificates import fingerprint

Voiced = Annotated[str | None, typer.Option("--fingerprint", metavar="DIGITS", help="As their officer said it by voice; else it is asked for.")]


def accept(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the partner sent.", show_default=False)],
    voiced: Voiced = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The answer to write.", show_default="answer-OURS-THEIRS.json")] = None,
    config: ConfigFile = None,
    folder: Dir = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = EN,
) -> None:
    """Accept an invitation, or the answer to ours."""
    home = place(config, folder).home
    text = whole_file(file, "name the file that the partner sent").decode(errors="replace")
    letter = invitation.read_letter(text, now())
    if voiced is None:
        if not sys.stdin.isatty():
            raise InputError(render("cli.exchange.no_voice", {"partner": letter.origin}, lang.value))
        voiced = input(render("cli.exchange.voice", {"partner": letter.origin}, lang.value) + " ")
    if isinstance(letter, invitation.Invitation):
        key = home.identity(passphrase(home, passphrase_file, lang.value)).key
        path = out or Path(f"answer-{home.nation.nation}-{letter.origin}.json")
        if path.exists():
            raise InputError(f"{path} is there already; name another file with --out")
        write_new(path, invitation.answer(home, text, key, now(), os.urandom, voiced))
        say("answered", lang, partner=letter.origin, file=path, fingerprint=fingerprint(home.authority_certificate))
    else:
        record = invitation.conclude(home, text, now(), voiced)
        say("concluded", lang, partner=record.nation, dial=record.dial)
