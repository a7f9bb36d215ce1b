"""Seaward: a combined maritime watch. From raw feeds to explained events, offline.

>>> import seaward
>>> found = seaward.detect(["feed.nmea.gz"])        # doctest: +SKIP
>>> found.events.select("kind", "start_at", "vessel_ids")   # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seaward.core.version import VERSION as __version__

__all__ = ["Detection", "__version__", "decode", "detect", "fishing_probability"]

if TYPE_CHECKING:
    from seaward.api import Detection, decode, detect
    from seaward.behaviours.fishing import fishing_probability


def __getattr__(name: str) -> Any:
    if name in ("Detection", "decode", "detect"):
        from seaward import api  # noqa: PLC0415 - importing the version alone must stay fast

        return getattr(api, name)
    if name == "fishing_probability":
        from seaward.behaviours.fishing import fishing_probability  # noqa: PLC0415 - as above

        return fishing_probability
    raise AttributeError(f"module 'seaward' has no attribute {name!r}")
