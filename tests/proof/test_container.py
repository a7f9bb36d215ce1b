"""A pack is a zip that any program opens, and has one form only: whatever is changed, added or taken away is told."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import EvidenceError
from seaward.proof.container import places, seal, unseal

FILES = {"event.json": b'{"a": 1}\n', "feeds/1.raw": b"!AIVDM,1,1,,A,x,0*00\r\n" * 3, "empty": b""}
NAMES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,10}(/[a-z0-9][a-z0-9._-]{0,10})?", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=200), min_size=1, max_size=6))
def test_what_is_sealed_is_unsealed_and_any_program_opens_it(files: dict[str, bytes]) -> None:
    sealed = seal(files)
    assert unseal(sealed) == files
    assert seal(dict(reversed(files.items()))) == sealed, "the order in which files are given does not show"
    with zipfile.ZipFile(io.BytesIO(sealed)) as archive:
        assert archive.testzip() is None and {n: archive.read(n) for n in archive.namelist()} == files


@given(st.data())
def test_any_byte_changed_is_told(data: st.DataObject) -> None:
    sealed = bytearray(seal(FILES))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(EvidenceError, match="byte"):
        unseal(bytes(sealed))


def test_each_byte_in_turn_changed_is_told() -> None:
    sealed = seal(FILES)
    for at in range(len(sealed)):
        with pytest.raises(EvidenceError):
            unseal(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])


def test_the_message_names_the_file_and_the_byte() -> None:
    sealed = seal(FILES)
    start, _ = places(FILES)["feeds/1.raw"]
    with pytest.raises(EvidenceError, match=r"feeds/1\.raw"):
        unseal(sealed[: start + 5] + b"#" + sealed[start + 6 :])


def written(*entries: tuple[str, bytes], how: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    """An archive as zipfile writes it, which lets one do what a pack never has."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, compress_type=how)
        archive.comment = comment
    return out.getvalue()


def local(name: bytes, content: bytes, *, flags: int = 0, method: int = 0, size: int | None = None) -> bytes:
    size = len(content) if size is None else size
    return struct.pack("<4s5H3I2H", b"PK\3\4", 20, flags, method, 0, 0x21, zlib.crc32(content), size, size, len(name), 0) + name + content


SEALED = seal(FILES)
HOSTILE = {
    "bytes in front": b"MZ" + SEALED,
    "bytes behind": SEALED + b"\0",
    "a second archive behind": SEALED + SEALED,
    "a comment": SEALED[:-2] + struct.pack("<H", 3) + b"hey",
    "cut in the middle": SEALED[: len(SEALED) // 2],
    "without its list of files": SEALED[: SEALED.index(b"PK\1\2")],
    "nothing": b"",
    "no zip": b"%PDF-1.7\n",
    "a name twice": local(b"a", b"1") + local(b"a", b"2") + SEALED,
    "names out of order": local(b"b", b"1") + local(b"a", b"2") + SEALED,
    "a path from the root": written(("/etc/passwd", b"x")),
    "a path upwards": written(("../up", b"x")),
    "a path upwards within": written(("a/../../up", b"x")),
    "a path of Windows": written(("C:\\x", b"x")),
    "an empty name": local(b"", b"x") + SEALED,
    "a name with a zero": local(b"a\0b", b"x") + SEALED,
    "an encrypted file": local(b"a", b"x", flags=1) + SEALED,
    "a size that comes later": local(b"a", b"x", flags=8) + SEALED,
    "a bomb": written(("bomb", bytes(50_000_000)), how=zipfile.ZIP_DEFLATED),
    "a file longer than the pack": local(b"a", b"x", size=4_000_000_000) + SEALED,
    "a file that swallows the next": local(b"a", b"x", size=40) + SEALED,
    "compressed": written(("a", b"x" * 100), how=zipfile.ZIP_DEFLATED),
    "as another program writes it": written(*sorted(FILES.items())),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_archive_is_refused_in_words(how: str) -> None:
    with pytest.raises(EvidenceError, match=r"byte|end"):
        unseal(HOSTILE[how])


@pytest.mark.parametrize("name", ["/a", "../a", "a/../b", "A", "a b", "", "a//b", "a/", ".a", "a\n"])
def test_a_name_that_could_lead_astray_is_not_written(name: str) -> None:
    with pytest.raises(EvidenceError, match="no name"):
        seal({name: b""})
