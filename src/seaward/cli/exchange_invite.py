"""`seaward exchange invite`: one signed file for a nation that we would like to exchange with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, Dir, Lang, Partner, PassphraseFile, now, passphrase, place, say, write_new
from seaward.exchange import invitation
from seaward.exchange.certificates import fingerprint

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The file to write.", show_default="invitation-OURS-THEIRS.json")]


def invite(
    partner: Partner, out: Out = None, config: ConfigFile = None, folder: Dir = None, passphrase_file: PassphraseFile = None, lang: Lang = EN
) -> None:
    """Write an invitation. Send it by any way; tell the fingerprint by voice."""
    home = place(config, folder).home
    key = home.identity(passphrase(home, passphrase_file, lang.value)).key
    path = out or Path(f"invitation-{home.nation.nation}-{partner}.json")
    write_new(path, invitation.invite(home, partner, key, now(), os.urandom))
    say("invited", lang, partner=partner, file=path, fingerprint=fingerprint(home.authority_certificate))
