"""A file with a secret on its first line -> the secret; a file that others can read is refused."""

from __future__ import annotations

from pathlib import Path

from seaward.core.errors import InputError


def read_secret(path: Path) -> bytes:
    """The first line of a file that only its owner may read; InputError where it is none, or empty."""
    try:
        if path.stat().st_mode & 0o077:
            raise InputError(f"{path} can be read by others; say: chmod 600 {path}")
        found = path.read_bytes().split(b"\n", 1)[0].rstrip(b"\r")
    except OSError as e:
        raise InputError(f"{path} cannot be read ({e.strerror}); name a file whose first line is the passphrase") from e
    if not found:
        raise InputError(f"{path} is empty; its first line must be the passphrase")
    return found
