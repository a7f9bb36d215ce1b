"""`seaward exchange revoke`: a partner, or one key of a partner, counts no more."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from seaward.cli.exchange_options import EN, ConfigFile, Dir, Lang, Partner, place, say
from seaward.core.errors import ParameterError
from seaward.exchange.keys import KID_BYTES


def revoke(
    partner: Partner,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="Only this key of theirs, by its name of 16 digits.")] = None,
    config: ConfigFile = None,
    folder: Dir = None,
    lang: Lang = EN,
) -> None:
    """End the exchange with a partner, or distrust one of its keys. A running node obeys within seconds."""
    home = place(config, folder).home
    record = home.partner(partner)
    if key is None:
        home.keep(msgspec.structs.replace(record, state="revoked"))
        say("revoked", lang, partner=partner)
        return
    try:
        kid = bytes.fromhex(key)
    except ValueError:
        kid = b""
    if len(kid) != KID_BYTES:
        raise ParameterError(f"--key is {key!r}; give its name of {2 * KID_BYTES} digits 0-9 and a-f")
    home.keep(msgspec.structs.replace(record, distrusted=tuple(sorted({*record.distrusted, kid}))))
    say("distrusted", lang, partner=partner, key=key)
