"""`seaward exchange rotate`: another signing key, introduced to all partners by the node; the old ones may be revoked."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, Dir, Lang, PassphraseFile, now, passphrase, place, say


def rotate(
    lost: Annotated[bool, typer.Option("--lost", help="The keys before were lost or stolen: revoke them.")] = False,
    config: ConfigFile = None,
    folder: Dir = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = EN,
) -> None:
    """Make another signing key. Partners take it up by themselves; nothing is lost."""
    home = place(config, folder).home
    secret = passphrase(home, passphrase_file, lang.value)
    authority = home.authority(secret)
    before = set(home.identity(secret).certificates)
    made = home.add_signing(authority, now(), os.urandom, secret)
    if lost:
        home.revoke(authority, before, now())
    say("rotated_lost" if lost else "rotated", lang, key=made.kid.hex(), number=len(before))
