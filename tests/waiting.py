"""What nodes do in their own time is waited for, generously: a busy machine is no failure."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(what: Callable[[], object], seconds: float = 120.0) -> None:
    """Until something holds; AssertionError where it never does."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
