"""What the verbs of the exchange share: the folder of keys, the node they speak of, passphrases, the language."""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.detect import Language
from seaward.cli.node_data import FOLDER, opened
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.core.realm import OPS
from seaward.desk import Desk, desk_of
from seaward.exchange.home import Home
from seaward.exchange.secret_file import read_secret
from seaward.node.config import Config, read_config
from seaward.sharing import Labeller, Share
from seaward.store.state import State

Dir = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="Folder of the nation's keys; else that of --config, else `exchange`.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="The node's configuration: its folders, realm and shares.")]
DataDir = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the node's data, where there is no configuration.")]
RealmName = Annotated[str | None, typer.Option("--realm", metavar="REALM", help="ops, or ex:<drill id>.", show_default="ops")]
PassphraseFile = Annotated[Path | None, typer.Option("--passphrase-file", metavar="FILE", help="With the passphrase; else it is asked for.")]
Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="ISO 3166-1 code of three letters, such as USA.", show_default=False)]
To = Annotated[str, typer.Option("--to", metavar="PARTNER", help="ISO 3166-1 code of three letters.", show_default=False)]
Lang = Annotated[Language, typer.Option(help="Language of messages.")]
EN = Language.en


@dataclass(frozen=True, slots=True)
class Place:
    """The node that a verb speaks of."""

    home: Home
    data: Path
    realm: str
    shares: tuple[Share, ...]
    own_units: frozenset[int]

    def labeller(self) -> Labeller:
        """How its objects are labelled now."""
        open_now = tuple(o for o in self.home.operations() if o.until > now())
        return Labeller(self.home.nation.nation, self.realm, self.shares, self.own_units, open_now)

    @contextlib.contextmanager
    def desk(self, language: str) -> Iterator[Desk]:
        """Its desk."""
        with self.state(language) as state:
            yield desk_of(self.home, self.realm, state, self.labeller())

    @contextlib.contextmanager
    def state(self, language: str) -> Iterator[State]:
        """Its state."""
        with opened(self.data, self.realm, language) as state:
            yield state


def place(config: Path | None, folder: Path | None, data: Path | None = None, realm: str | None = None) -> Place:
    """Where a verb works: what its options say, else the configuration."""
    told = read_config(config, files=False) if config is not None else Config()
    shared = told.exchange
    home = folder or (shared.home if shared is not None else Path("exchange"))
    shares = () if shared is None else tuple(Share(**s.model_dump()) for s in shared.share)
    own = frozenset[int]() if shared is None else frozenset(shared.own_units)
    return Place(Home(home), data or (told.data if config is not None else FOLDER), realm or told.realm or OPS, shares, own)


def passphrase(home: Home, file: Path | None, language: str) -> bytes | None:
    """What opens the keys: from a file or a prompt, never from the command line; None where they are open."""
    if file is not None:
        return read_secret(file)
    with contextlib.suppress(OSError):
        if b"ENCRYPTED" not in (home.folder / "signing-1.pem").read_bytes():
            return None
    if not sys.stdin.isatty():
        raise InputError(render("cli.exchange.no_prompt", {}, language))
    return getpass.getpass(render("cli.exchange.passphrase", {}, language) + " ").encode()


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, for its owner alone."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as e:
        raise InputError(f"{path} cannot be written ({e.strerror}); name another file with --out") from e


def say(code: str, language: Language, **values: object) -> None:
    """Print a message."""
    print(render(f"cli.exchange.{code}", values, language.value))


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)
