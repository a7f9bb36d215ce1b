"""A pack -> whether it is what it says: container, signature, hashes, chain, and the event re-derived from the bytes alone, offline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from seaward.core.errors import EvidenceError, RealmError, UsageError
from seaward.core.realm import is_drill
from seaward.evidence.derivation import Row, Rule, derived, differences, the_event
from seaward.evidence.gathering import read_back
from seaward.evidence.story import SAID_ALONE, event_of, held_together, marked
from seaward.evidence.tables import accuracies, index_of, positions_csv, reports_csv, statements_csv
from seaward.proof import feeds as feed_files
from seaward.proof import known as known_files
from seaward.proof.container import unseal
from seaward.proof.feeds import CutFeed
from seaward.proof.manifest import Manifest, checked, from_json

NEEDED = ("event.json", "parameters.json", "feeds.json", "reports.csv", "statements.csv", "positions.csv", "known/vessels.json", "readme.txt",
          *(f"account.{lang}.{kind}" for lang in ("en", "es") for kind in ("html", "pdf")), "map.en.svg", "map.es.svg")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verified:
    """A pack that holds: what it is of, who signed it, and how much it rests on."""

    manifest: Manifest
    event: Row
    told_differs: list[str]
    reports: int
    cut: list[CutFeed]
    feeds: list[dict[str, Any]]
    known: list[str]
    said_alone: tuple[str, ...] = SAID_ALONE

    @property
    def is_exercise(self) -> bool:
        return is_drill(self.manifest.realm)


def verify(data: bytes) -> Verified:
    """Check every byte of a pack, and re-derive its event.

    Raises
    ------
    EvidenceError
        At the first thing that does not hold; the message names the file, and the byte or field. Nothing else is raised, whatever the bytes are.

    Limits
    ------
    That the key is that of the node which its owner says it is, is for the caller to compare. The words and drawings of the account are held by
    signature and hash; that they say what the tables say rests on the program that wrote them. Who was told of which version and when, and what
    earlier versions said, is held against the event and the versions, and is else the word of the signer (`story.SAID_ALONE`).
    """
    try:
        return _verified(data)
    except EvidenceError:
        raise
    except (Exception, pl.exceptions.PanicException) as e:  # the bytes may be anybody's: what breaks on them is a finding about them
        raise EvidenceError(f"the pack holds what no pack holds, and cannot be judged ({type(e).__name__}: {' '.join(str(e).split())[:200]})") from e


def _verified(data: bytes) -> Verified:
    files = unseal(data)
    manifest = checked(files)
    if missing := [name for name in NEEDED if name not in files]:
        raise EvidenceError(f"{missing[0]} is not in the pack")
    try:
        return _rederived(files, manifest)
    except (RealmError, UsageError) as e:
        raise EvidenceError(f"what the pack holds cannot be taken together ({e})") from e


def _rederived(files: dict[str, bytes], manifest: Manifest) -> Verified:
    story, said, listed = (from_json(n, files[n]) for n in ("event.json", "parameters.json", "feeds.json"))
    event, rule = event_of(story, manifest), Rule.of(said)
    cut = feed_files.from_files(files, listed.get("feeds"), manifest.realm)
    for name, part in (("event.json", story), ("parameters.json", said), ("feeds.json", listed)):
        marked(name, part, manifest.realm)
    if unknown := sorted(set(files) - _expected(len(cut))):
        raise EvidenceError(f"{unknown[0]}: no pack has such a file")
    known = known_files.from_files(files, manifest.realm)
    chosen = index_of(files["reports.csv"])
    reports, statements = read_back(cut, chosen)
    _same_table("reports.csv", files, reports_csv(reports, cut))
    _same_table("statements.csv", files, statements_csv(statements, cut))
    events, positions = derived(reports, known, rule)
    found = the_event(events, event["event_id"])
    odd = differences(event, found)
    if found is None or odd:
        raise EvidenceError(f"event.json: the event does not follow from the bytes: {'; '.join(odd)}")
    _same_table("positions.csv", files, positions_csv(positions, cut, accuracies(cut)))
    differs = held_together(story, found, manifest.version, reports)
    told = [{"name": f.name, "chained": f.is_chained, "head": f.head.hex(), "head_offset": f.head_offset, "file_sha256": f.file_sha256} for f in cut]
    return Verified(manifest, event, differs, len(reports), cut, told, sorted(n for n in files if n.startswith("known/")))


def _expected(feeds: int) -> set[str]:
    """Every name a pack of so many feeds can have."""
    known = (f"known/{n}" for n in ("detections.json", "reception.json", "places.json", "areas.geojson"))
    parts = (f"feeds/{n}.{kind}" for n in range(1, feeds + 1) for kind in ("raw", "chain", "map.toml"))
    return {*NEEDED, *known, *parts, "manifest.json", "manifest.sig", "signer.pem"}


def _same_table(name: str, files: dict[str, bytes], made: bytes) -> None:
    """The table must be, byte for byte, what the packed bytes give."""
    if files[name] != made:
        there, here = files[name].splitlines(), made.splitlines()
        row = next((n for n, (a, b) in enumerate(zip(there, here, strict=False), 1) if a != b), min(len(there), len(here)) + 1)
        raise EvidenceError(f"{name}, line {row}: the packed bytes give another row there")
