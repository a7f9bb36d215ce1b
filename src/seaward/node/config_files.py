"""A configuration -> the files and folders that it names, and a node cannot do without, that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from seaward.chart.read_areas import PERU

if TYPE_CHECKING:
    from seaward.node.config import Config


class Missing(NamedTuple):
    """What is not there: the key that names it, and in words what is and what to do."""

    path: tuple[str | int, ...]
    what: str


def not_there(config: Config) -> list[Missing]:
    """What is named and not there, in the order of the configuration.

    Limits
    ------
    Files and folders of feeds are not looked for: a node waits for them, and its health says so. What is in the files is not read.
    """
    return [*_missing(config)]


def _missing(config: Config) -> Iterator[Missing]:
    for key in ("tls_certificate", "tls_key"):
        yield from _file(("listen", key), getattr(config.listen, key), "name a file in PEM")
    for n, area in enumerate(config.chart.areas):
        if area != PERU and not Path(area).exists():
            near = get_close_matches(Path(area).name, [PERU], 1, 0.6)
            meant = f"did you mean {near[0]}? " if near else ""
            yield Missing(("chart", "areas", n), f"there is no file {area}; {meant}name a file of areas, or {PERU} for the layer that comes along")
    for n, port in enumerate(config.chart.ports):
        yield from _file(("chart", "ports", n), port, "name a CSV file of ports")
    folder = config.chart.detections
    if folder is not None and not folder.is_dir():
        yield Missing(("chart", "detections"), f"there is no folder {folder}; make it, or name the one in which contacts are dropped")
    yield from _file(("alerts", "rules"), config.alerts.rules, "name a rule file; `seaward alerts rules default` prints one to begin with")
    if config.patrol is not None:
        yield from _file(("patrol", "plan"), config.patrol.plan, "name a plan file (TOML)")
        if not config.patrol.folder.is_dir():
            yield Missing(
                ("patrol", "folder"), f"there is no folder {config.patrol.folder}; make it with `seaward plan FILE --out DIR`, and name DIR"
            )
    for n, feed in enumerate(config.feed):
        yield from _file(("feed", n, "credentials"), getattr(feed, "credentials", None), "name the file of credentials")
    for n, outlet in enumerate(config.outlet):
        for key in ("tls_ca", "tls_certificate", "tls_key"):
            yield from _file(("outlet", n, key), getattr(outlet, key, None), "name a file in PEM")
    if config.exchange is not None:
        yield from _file(("exchange", "passphrase_file"), config.exchange.passphrase_file, "name the file that holds the passphrase")
        yield from _file(("exchange", "server_ca"), config.exchange.server_ca, "name the certificate of the authority of that server, in PEM")


def _file(key: tuple[str | int, ...], path: Path | None, instead: str) -> Iterator[Missing]:
    if path is not None and not path.is_file():
        yield Missing(key, f"there is no file {path}; {instead}")
