"""Small files of JSON that are written once, whole or not at all, and never over another."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seaward.core.errors import OutputError


def stamp(path: Path) -> tuple[int, int, int] | None:
    """What tells one state of a file from another; None where it is not there."""
    try:
        is_ = path.stat()
    except OSError:
        return None
    return is_.st_mtime_ns, is_.st_size, is_.st_ino


def read_json(path: Path) -> dict[str, Any] | None:
    """The object of a file; None where there is none."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def write_once(path: Path, told: Mapping[str, Any]) -> None:
    """Write a file that was never there, whole or not at all."""
    part = path.with_suffix(".part")
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False, allow_nan=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
        part.unlink()
    except OSError as e:
        raise OutputError(f"{path} cannot be written ({e.strerror}); free space there, or let the node write there") from e
