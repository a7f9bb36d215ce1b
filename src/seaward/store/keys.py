"""The signing key of a node (Ed25519, RFC 8032) <-> its file, which only its owner may read; the one place where it is made, kept and opened.

`<data>/keys/node.ed25519` holds it as PEM (PKCS 8), encrypted where a passphrase is given: by the variable `SEAWARD_KEY_PASSPHRASE`, or by a file
named in `SEAWARD_KEY_PASSPHRASE_FILE`; never on a command line, which others on the machine can read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from seaward.core.errors import InputError, OutputError

NODE_KEY = "keys/node.ed25519"  # below a node's folder
PASSPHRASE, PASSPHRASE_FILE = "SEAWARD_KEY_PASSPHRASE", "SEAWARD_KEY_PASSPHRASE_FILE"


def passphrase_of(environment: Mapping[str, str]) -> bytes | None:
    """The passphrase that the environment gives; None where it gives none.

    Raises
    ------
    InputError
        If the file it names cannot be read or is empty.
    """
    if said := environment.get(PASSPHRASE):
        return said.encode()
    name = environment.get(PASSPHRASE_FILE)
    if not name:
        return None
    try:
        said = Path(name).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as e:
        raise InputError(f"the file of the passphrase, {name}, cannot be read ({e}); see {PASSPHRASE_FILE}") from e
    if not said:
        raise InputError(f"the file of the passphrase, {name}, is empty; write the passphrase into its first line")
    return said.encode()


def open_key(path: Path, passphrase: bytes | None) -> Ed25519PrivateKey:
    """The key in a file.

    Raises
    ------
    InputError
        If it cannot be read, others may read it, the passphrase does not fit, or it is no Ed25519 key.
    """
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as e:
        raise InputError(f"the signing key {path} cannot be read ({e.strerror})") from e
    if mode & 0o077:
        raise InputError(f"others than its owner may read or write the signing key {path}; take that away with: chmod 600 {path}")
    try:
        key = load_pem_private_key(data, passphrase)
    except TypeError:
        what = f"give its passphrase in {PASSPHRASE} or {PASSPHRASE_FILE}" if passphrase is None else f"take {PASSPHRASE} away"
        raise InputError(f"the signing key {path} is {'' if passphrase is None else 'not '}encrypted; {what}") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(f"the signing key {path} cannot be opened: it is damaged, or the passphrase is another") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path} holds a key of another kind than Ed25519; name the node's own with --signing-key")
    return key


def make_key(path: Path, passphrase: bytes | None) -> Ed25519PrivateKey:
    """A new key, in a file that was not there before; OutputError where it cannot be written."""
    key = Ed25519PrivateKey.generate()
    how = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
            file.flush()
            os.fsync(file.fileno())
    except OSError as e:
        raise OutputError(f"the signing key {path} cannot be written ({e.strerror}); free space there, or name another place") from e
    return key


def key_of(path: Path, passphrase: bytes | None) -> tuple[Ed25519PrivateKey, bool]:
    """The key in a file, made if it is not there; and whether it was made."""
    return (open_key(path, passphrase), False) if path.exists() else (make_key(path, passphrase), True)


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file; InputError where there is none."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as e:
        raise InputError(f"{path} holds no public key in PEM ({e}); give a fingerprint of 64 digits, or a file such as signer.pem of a pack") from e
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{path} holds a key of another kind than Ed25519")
    return key
