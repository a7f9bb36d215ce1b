"""The key of a node: made once, kept from others, opened with its passphrase only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from seaward.core.errors import InputError, OutputError
from seaward.store.keys import NODE_KEY, key_of, make_key, open_key, passphrase_of, public_key


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / NODE_KEY
    key, made = key_of(path, None)
    again, made_again = key_of(path, None)
    assert made and not made_again and key.private_bytes_raw() == again.private_bytes_raw()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with pytest.raises(OutputError, match="cannot be written"):
        make_key(path, None)


def test_with_a_passphrase_it_opens_with_that_alone(tmp_path: Path) -> None:
    path = tmp_path / "k"
    key, _ = key_of(path, b"fondeadero")
    assert b"ENCRYPTED" in path.read_bytes()
    assert open_key(path, b"fondeadero").private_bytes_raw() == key.private_bytes_raw()
    with pytest.raises(InputError, match="passphrase is another"):
        open_key(path, b"other")
    with pytest.raises(InputError, match="is encrypted; give its passphrase"):
        open_key(path, None)
    plain, _ = key_of(tmp_path / "plain", None)
    with pytest.raises(InputError, match="not encrypted"):
        open_key(tmp_path / "plain", b"x")
    assert plain


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k"
    key_of(path, None)
    path.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        open_key(path, None)


@pytest.mark.parametrize("content", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InputError, match="cannot be opened"):
        open_key(path, None)
    with pytest.raises(InputError, match="no public key"):
        public_key(path)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = x25519.X25519PrivateKey.generate()
    path = tmp_path / "k"
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(InputError, match="another kind"):
        open_key(path, None)
    path.write_bytes(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(InputError, match="another kind"):
        public_key(path)


def test_the_passphrase_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "p"
    file.write_text("fondeadero\n", encoding="utf-8")
    assert passphrase_of({}) is None
    assert passphrase_of({"SEAWARD_KEY_PASSPHRASE": "a"}) == b"a"
    assert passphrase_of({"SEAWARD_KEY_PASSPHRASE_FILE": str(file)}) == b"fondeadero"
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="is empty"):
        passphrase_of({"SEAWARD_KEY_PASSPHRASE_FILE": str(file)})
    with pytest.raises(InputError, match="cannot be read"):
        passphrase_of({"SEAWARD_KEY_PASSPHRASE_FILE": str(tmp_path / "none")})
