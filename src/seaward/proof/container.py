"""Named files <-> one zip archive of exactly one form, so that no byte of it can be changed without being told.

Any program opens it (APPNOTE.TXT 6.3.10, method 0: nothing is compressed). Read back, it must be byte for byte what `seal` makes of its files:
that leaves no room for a second file of a name, for bytes before, between or behind, for comments, flags or other times.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping

from seaward.core.errors import EvidenceError

MOST_BYTES = 1 << 30  # of a pack, which is held in memory; ours
_MOST_FILES = 10_000  # ours; a pack has some thirty
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}(?:/[a-z0-9][a-z0-9._-]{0,63}){0,3}")
_LOCAL = struct.Struct("<4s5H3I2H")  # APPNOTE 4.3.7
_CENTRAL = struct.Struct("<4s6H3I5H2I")  # APPNOTE 4.3.12
_END = struct.Struct("<4s4H2IH")  # APPNOTE 4.3.16
_VERSION, _UNIX, _DATE, _MODE = 20, 3 << 8, 0x21, 0o100644 << 16  # 2.0; made on Unix; 1980-01-01, the first there is; a plain file


def seal(files: Mapping[str, bytes]) -> bytes:
    """Put files into an archive; the same files give the same bytes.

    Parameters
    ----------
    files
        Content by name: small letters, digits, `.`, `_`, `-`, up to four levels with `/`.

    Raises
    ------
    EvidenceError
        If a name has another form, or all is larger than a pack may be.
    """
    if wrong := [name for name in files if not _NAME.fullmatch(name)]:
        raise EvidenceError(f"{wrong[0]!r} is no name of a file in a pack")
    if sum(map(len, files.values())) > MOST_BYTES // 2:
        raise EvidenceError(f"the pack would hold {sum(map(len, files.values())):,} bytes; at most {MOST_BYTES // 2:,} fit")
    parts: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for name, content in sorted(files.items()):
        said = name.encode("ascii")
        crc, size = zlib.crc32(content), len(content)
        head = _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _DATE, crc, size, size, len(said), 0) + said
        directory.append(
            _CENTRAL.pack(b"PK\1\2", _VERSION | _UNIX, _VERSION, 0, 0, 0, _DATE, crc, size, size, len(said), 0, 0, 0, 0, _MODE, at) + said
        )
        parts += [head, content]
        at += len(head) + size
    listed = b"".join(directory)
    return b"".join([*parts, listed, _END.pack(b"PK\5\6", 0, 0, len(files), len(files), len(listed), at, 0)])


def unseal(data: bytes) -> dict[str, bytes]:
    """Take an archive apart that `seal` made.

    Raises
    ------
    EvidenceError
        If any byte of it is not as `seal` writes it; the message names the file and the byte of the pack.
    """
    if len(data) > MOST_BYTES:
        raise EvidenceError(f"the pack has {len(data):,} bytes; no pack has more than {MOST_BYTES:,}")
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\3\4" and len(files) < _MOST_FILES:
        name, start, end = _local(data, at)
        if files and name <= max(files):
            raise EvidenceError(f"byte {at} of the pack: the file {name} stands there a second time, or out of order")
        files[name] = data[start:end]
        at = end
    if not files:
        raise EvidenceError("byte 0 of the pack: no file begins there; this is no pack of evidence, or bytes stand before it")
    whole = seal(files)
    if whole != data:
        k = next((k for k, (a, b) in enumerate(zip(whole, data, strict=False)) if a != b), min(len(whole), len(data)))
        raise EvidenceError(f"byte {k} of the pack ({_where(files, k)}) is not what a pack has there; it was changed, added or taken away")
    return files


def places(files: Mapping[str, bytes]) -> dict[str, tuple[int, int]]:
    """Where the content of each file begins and ends in the archive [byte]."""
    found, at = {}, 0
    for name, content in sorted(files.items()):
        start = at + _LOCAL.size + len(name)
        at = start + len(content)
        found[name] = (start, at)
    return found


def _local(data: bytes, at: int) -> tuple[str, int, int]:
    """Name, start and end of the file whose header stands at a byte."""
    if at + _LOCAL.size > len(data):
        raise EvidenceError(f"byte {at} of the pack: it ends within the header of a file")
    _, _, flags, method, _, _, crc, size, _, length, extra = _LOCAL.unpack_from(data, at)
    said = data[at + _LOCAL.size : at + _LOCAL.size + length]
    start = at + _LOCAL.size + length + extra
    name = said.decode("ascii", "backslashreplace")
    if not _NAME.fullmatch(name):
        raise EvidenceError(f"byte {at + 30} of the pack: {name[:80]!r} is no name of a file in a pack")
    if flags or method or extra:
        raise EvidenceError(f"byte {at} of the pack: {name} is compressed, encrypted or has fields that no pack has")
    if start + size > len(data):
        raise EvidenceError(f"byte {at} of the pack: {name} would end behind the end of the pack")
    if zlib.crc32(data[start : start + size]) != crc:
        raise EvidenceError(
            f"bytes {start} to {start + size - 1} of the pack: the content of {name} does not fit its checksum; one of them was changed"
        )
    return name, start, start + size


def _where(files: Mapping[str, bytes], k: int) -> str:
    for name, (start, end) in places(files).items():
        if k < start:
            return f"the header of {name}"
        if k < end:
            return f"in {name}"
    return "the list of files at its end, or behind it"
