"""A file small enough to be held -> its bytes, unpacked where it is gzip."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from seaward.core.errors import InputError


def whole_file(path: Path, instead: str) -> bytes:
    """Read all of a file.

    Parameters
    ----------
    path
        The file; gzip is told by its first bytes.
    instead
        What the user should name, such as `name a file of areas`.

    Raises
    ------
    InputError
        If it cannot be read, or is gzip and damaged.
    """
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as e:
        raise InputError(f"{path} is a damaged gzip file ({e}); fetch it again") from e
    except OSError as e:
        raise InputError(f"{path} cannot be read ({e.strerror}); {instead}") from e
