"""`seaward exchange init`: a nation's authority, keys and the keys of its server, in a folder of its own."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, Dir, Lang, PassphraseFile, now, say
from seaward.core.catalogue import render
from seaward.core.errors import InputError, ParameterError
from seaward.exchange.certificates import fingerprint
from seaward.exchange.home import Home
from seaward.exchange.secret_file import read_secret

_SHORTEST = 15  # characters, as of passwords of people (NIST SP 800-63B-4, 3.1.1.2)


def init(
    nation: Annotated[str, typer.Argument(metavar="NATION", help="Ours: ISO 3166-1 code of three letters, such as PER.", show_default=False)],
    host: Annotated[str, typer.Option(metavar="HOST", help="At which partners reach our server; without it, ours dials theirs.")] = "",
    port: Annotated[int, typer.Option(metavar="N", min=1, max=65535, help="Port for partners.")] = 7422,
    local_port: Annotated[int, typer.Option(metavar="N", min=1, max=65535, help="Port of our server for the node, on this machine alone.")] = 4222,
    folder: Dir = None,
    passphrase_file: PassphraseFile = None,
    no_passphrase: Annotated[bool, typer.Option("--no-passphrase", help="Leave the keys open: whoever has the folder has them.")] = False,
    lang: Lang = EN,
) -> None:
    """Make our keys: an authority, a signing key, the keys of our server."""
    home = Home(folder or Path("exchange"))
    secret = None if no_passphrase else _chosen(passphrase_file, lang.value)
    home.create(nation, host, (port, local_port), now(), os.urandom, secret)
    say("made", lang, nation=nation, folder=home.folder, fingerprint=fingerprint(home.authority_certificate))
    say("made_open" if secret is None else "made_closed", lang, folder=home.folder)


def _chosen(file: Path | None, language: str) -> bytes:
    if file is not None:
        chosen = read_secret(file)
    elif not sys.stdin.isatty():
        raise InputError(render("cli.exchange.no_prompt", {}, language))
    else:
        first = getpass.getpass(render("cli.exchange.passphrase", {}, language) + " ")
        if first != getpass.getpass(render("cli.exchange.passphrase_again", {}, language) + " "):
            raise InputError(render("cli.exchange.differ", {}, language))
        chosen = first.encode()
    if len(chosen.decode(errors="replace")) < _SHORTEST:
        raise ParameterError(render("cli.exchange.short", {"shortest": _SHORTEST}, language))
    return chosen
