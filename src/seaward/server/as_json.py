"""What the server tells -> JSON, also where a text from outside holds half characters, as names of files may."""

from __future__ import annotations

from typing import Any

import msgspec


def as_json(value: Any) -> bytes:
    """JSON in UTF-8; half characters (surrogates), which UTF-8 cannot hold, are told as question marks."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_mended(value))


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_mended(k): _mended(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(v) for v in value]
    if isinstance(value, msgspec.Struct):
        return _mended(msgspec.structs.asdict(value))
    return value
