"""The log and archive of a link, read beside a running node -> the entries that `audit` proves, and the keys that the partner introduced."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seaward.core.errors import InputError
from seaward.exchange.audit import Entry, unpack_entry
from seaward.exchange.journal import Accepted, Built, Closed, Introduced, Receipted, unpack_record
from seaward.exchange.records import Framer

_TRIES = 5  # a node that puts its log into the archive meanwhile makes us read again; ours
_KINDS = {Built: "sent", Accepted: "received", Receipted: "receipt", Closed: "checkpoint"}


@dataclass(frozen=True, slots=True)
class Proof:
    """What is kept of one link: entries, certificates that the partner introduced (DER), and how many places of the archive are damaged."""

    entries: tuple[Entry, ...]
    certificates: tuple[bytes, ...]
    holes: int


def kept_proof(folder: Path, partner: str) -> Proof:
    """What is kept as proof of the link with a partner. Changes nothing.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    log, archive = folder / f"{partner}.log", folder / f"{partner}.archive"
    try:
        for _ in range(_TRIES):
            before = _size(archive)
            kept, damage = Framer(keeps_all=True).read(archive.read_bytes() if archive.exists() else b"")
            records, _ = Framer().read(log.read_bytes() if log.exists() else b"")
            if _size(archive) == before:
                break
    except OSError as e:
        raise InputError(f"{e.filename} cannot be read ({e.strerror}); name the folder of keys with --dir") from e
    entries = [entry for data in kept if (entry := unpack_entry(data)) is not None]
    certificates: list[bytes] = []
    for data in records:
        record = unpack_record(data)
        if isinstance(record, Introduced):
            certificates += record.certificates
        if isinstance(record, Built | Accepted | Receipted | Closed):
            entries.append(Entry(_KINDS[type(record)], record.epoch, record.seq, record.sealed))  # type: ignore[arg-type]
    return Proof(tuple(entries), tuple(dict.fromkeys(certificates)), damage.holes)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
