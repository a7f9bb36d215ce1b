"""Records of logging -> one JSON object a line, with the fields given beside the message; what looks like a secret is never written."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
_SECRET = re.compile(r"password|secret|token|authorization|cookie|csrf|credential|private", re.IGNORECASE)
_IN_TEXT = re.compile(r"seaward_[A-Za-z0-9_-]{20,}|(?i:bearer)\s+\S+|(?<=://)[^/\s@]+@")
_LONGEST = 4_000


class JsonLines(logging.Formatter):
    """One record as one line of JSON, with its time in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(), "log": record.name, "message": _clean(record.getMessage()),
        }  # fmt: skip
        for name, value in record.__dict__.items():
            if name not in _USUAL and not name.startswith("_"):
                said[name] = "[not written]" if _SECRET.search(name) else _clean(value)
        if record.exc_info:
            said["trace"] = _clean(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=True, default=lambda v: _clean(str(v)))


def _clean(value: Any) -> Any:
    return _IN_TEXT.sub("[not written]", value.encode("utf-8", "replace").decode())[:_LONGEST] if isinstance(value, str) else value


def to_stream(level: int = logging.INFO, stream: TextIO | None = None) -> logging.Handler:
    """Write the logs of Seaward and of the server's library as JSON lines; returns the handler, to be taken away again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    for name, least in (("seaward", level), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.setLevel(least)
        logger.addHandler(handler)
        logger.propagate = False
    return handler
