"""`seaward exchange renew`: what of our certificates ends soon is certified anew; partners need not be asked."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Annotated

import typer

from seaward.cli.exchange_options import EN, ConfigFile, Dir, Lang, PassphraseFile, now, passphrase, place, say
from seaward.exchange.renewal import RENEW, ends_of
from seaward.exchange.renewal import renew as renewed


def renew(
    days: Annotated[int, typer.Option(metavar="N", min=1, max=4_000, help="Renew what holds for less than so many days.")] = RENEW.days,
    config: ConfigFile = None,
    folder: Dir = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = EN,
) -> None:
    """Certify our keys anew where they end soon. A running node does so by itself, if it can open the authority."""
    home = place(config, folder).home
    secret = passphrase(home, passphrase_file, lang.value)
    done = renewed(home, home.authority(secret), now(), os.urandom, secret, timedelta(days=days))
    ends = ends_of(home)
    say("renewed" if done else "not_renewed", lang, link=f"{ends.link:%Y-%m-%d}", signing=f"{ends.signing:%Y-%m-%d}", days=days)
