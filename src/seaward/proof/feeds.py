"""Bytes cut from a feed, with the places where they stood <-> files of a pack; and one text that a reader of that format can read."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from seaward.core.errors import EvidenceError
from seaward.core.realm import check_realm
from seaward.proof.chain import member, walked

Piece = tuple[int, int, int | None]  # first byte in the feed, length, when received [us since 1970 UTC] (None: the bytes came as a file)


@dataclass(frozen=True, slots=True)
class CutFeed:
    """What a pack holds of one feed.

    Attributes
    ----------
    name, realm, format
        As in the reports.
    pieces, raw
        Which bytes of the feed, ascending; and the bytes, one piece behind the other.
    start_us
        Where lines without a time of their own are placed if their piece has none either [us since 1970 UTC].
    column_map
        TOML that says what the columns mean, where the user gave one.
    begins
        First bytes of files that came one after the other, each with a header and a format of its own; empty where it is one stream or file.
    file_sha256, file_bytes
        Of the file the bytes were cut from, as it lies on disk (perhaps compressed); empty and 0 for a journal.
    before, head, head_offset, records
        The chain before the first record, behind the last, the byte of the feed where that ends, and the records (`chain.packed`); empty for a file.
    """

    name: str
    realm: str
    format: str
    pieces: tuple[Piece, ...]
    raw: bytes
    start_us: int | None = None
    column_map: str = ""
    begins: tuple[int, ...] = ()
    file_sha256: str = ""
    file_bytes: int = 0
    before: bytes = b""
    head: bytes = b""
    head_offset: int = 0
    records: bytes = b""
    starts: tuple[int, ...] = field(init=False)  # of each piece in `raw`

    def __post_init__(self) -> None:
        starts, at = [], 0
        for _, length, _ in self.pieces:
            starts.append(at)
            at += length
        object.__setattr__(self, "starts", tuple(starts))

    @property
    def is_chained(self) -> bool:
        """Whether the feed was a node's, with a chain of hashes."""
        return bool(self.head)

    def place(self, offset: int) -> int:
        """Where a byte of the feed stands in `raw`."""
        n = bisect_right([p[0] for p in self.pieces], offset) - 1
        return self.starts[n] + offset - self.pieces[n][0]


@dataclass(frozen=True, slots=True)
class Text:
    """Pieces as lines that a reader can read: `data`, and for each run of adjacent pieces where it begins there, and in the feed."""

    data: bytes
    begins: tuple[int, ...]
    offsets: tuple[int, ...]


def texts_of(feed: CutFeed) -> list[Text]:
    """The pieces of each file of a feed as one text; where bytes of the feed are left out, a line ends."""
    texts: list[Text] = []
    data, begins, offsets, end, file = bytearray(), list[int](), list[int](), -1, -1
    for (offset, length, _), start in zip(feed.pieces, feed.starts, strict=True):
        of = bisect_right(feed.begins, offset)
        if of != file and file >= 0:
            texts.append(Text(bytes(data), tuple(begins), tuple(offsets)))
            data, begins, offsets, end = bytearray(), [], [], -1
        file = of
        if offset != end:
            if data and data[-1:] != b"\n":
                data += b"\n"
            begins.append(len(data))
            offsets.append(offset)
        data += feed.raw[start : start + length]
        end = offset + length
    return [*texts, Text(bytes(data), tuple(begins), tuple(offsets))] if feed.pieces else []


def as_files(feeds: Sequence[CutFeed]) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Files of a pack, and what `feeds.json` says of each feed, numbered from 1."""
    files: dict[str, bytes] = {}
    told = []
    for n, feed in enumerate(feeds, 1):
        files[f"feeds/{n}.raw"] = feed.raw
        said: dict[str, Any] = {
            "number": n, "name": feed.name, "realm": feed.realm, "format": feed.format, "kind": "journal" if feed.is_chained else "file",
            "pieces": [list(p) for p in feed.pieces], "start_us": feed.start_us,
            "begins": list(feed.begins),
        }  # fmt: skip
        if feed.column_map:
            files[f"feeds/{n}.map.toml"] = feed.column_map.encode()
        if feed.is_chained:
            files[f"feeds/{n}.chain"] = feed.records
            said |= {"chain_before": feed.before.hex(), "head": feed.head.hex(), "head_offset": feed.head_offset}
        else:
            said |= {"file_sha256": feed.file_sha256, "file_bytes": feed.file_bytes}
        told.append(said)
    return files, told


def from_files(files: dict[str, bytes], told: Any, realm: str) -> list[CutFeed]:
    """Feeds read back, their pieces and chains checked.

    Raises
    ------
    EvidenceError
        If a piece is not what its hash in the chain says, the chain does not lead to its head, or `feeds.json` says what cannot be.
    """
    try:
        return [_feed(files, n, said, realm) for n, said in enumerate(told, 1)]
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise EvidenceError(f"feeds.json: it does not say what it has to ({type(e).__name__}: {e})") from e


def _feed(files: dict[str, bytes], n: int, said: dict[str, Any], realm: str) -> CutFeed:
    pieces = tuple((int(o), int(k), None if at is None else int(at)) for o, k, at in said["pieces"])
    raw = files[f"feeds/{n}.raw"]
    if check_realm(said["realm"]) != realm:
        raise EvidenceError(f"feeds.json: feed {n} is of realm {said['realm']}, and the pack of {realm}")
    ends = [0, *(o + k for o, k, _ in pieces)]
    if any(o < end or k <= 0 for (o, k, _), end in zip(pieces, ends[:-1], strict=True)) or sum(k for _, k, _ in pieces) != len(raw):
        raise EvidenceError(f"feeds.json: the pieces of feed {n} overlap, are out of order, or do not make up feeds/{n}.raw")
    chained = said["kind"] == "journal"
    column_map = files.get(f"feeds/{n}.map.toml", b"").decode()
    feed = CutFeed(
        str(said["name"]), realm, str(said["format"]), pieces, raw, None if said["start_us"] is None else int(said["start_us"]), column_map,
        tuple(sorted(int(b) for b in said["begins"])),
    )  # fmt: skip
    if not chained:
        return replace(feed, file_sha256=str(said["file_sha256"]), file_bytes=int(said["file_bytes"]))
    before, head = bytes.fromhex(said["chain_before"]), bytes.fromhex(said["head"])
    feed = replace(feed, before=before, head=head, head_offset=int(said["head_offset"]), records=files[f"feeds/{n}.chain"])
    cut = zip(feed.pieces, feed.starts, strict=True)
    member(f"feeds/{n}.chain", feed.records, {o: (k, at, hashlib.sha256(raw[s : s + k]).digest()) for (o, k, at), s in cut})
    if walked(feed.before, feed.records) != feed.head:
        raise EvidenceError(f"feeds/{n}.chain: the hashes do not lead from the beginning to the head that feeds.json states")
    return feed
