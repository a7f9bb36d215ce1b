"""Values -> the way they are written for people: degrees and decimal minutes, Z times, durations, grouped numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DECIMAL = {"en": ".", "es": ","}
_GROUP = {"en": ",", "es": "\u202f"}  # a narrow space, as ISO 80000-1 groups digits
_LETTERS = {"en": ("N", "S", "E", "W"), "es": ("N", "S", "E", "O")}
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")  # controls, and marks that turn text round


def shown(text: object, limit: int = 200) -> str:
    """Foreign text made visible: control and direction marks become a replacement mark, length is bounded."""
    return _HIDDEN.sub("\ufffd", str(text))[:limit]


def number(value: int, language: str) -> str:
    """A whole number in groups of three digits."""
    return f"{value:,}".replace(",", _GROUP[language])


def spoken(text: str, language: str) -> str:
    """A rendered text with the decimal mark of its language."""
    return text if language == "en" else re.sub(r"(?<=\d)\.(?=\d)", _DECIMAL[language], text)


def position(lon_deg: float, lat_deg: float, language: str) -> str:
    """Degrees and decimal minutes, latitude first, such as 12°03.500'S 077°09.000'W."""
    north, south, east, west = _LETTERS[language]
    lon_deg = (lon_deg + 180.0) % 360.0 - 180.0
    parts = []
    for value, width, letters in ((lat_deg, 2, (north, south)), (lon_deg, 3, (east, west))):
        thousandths = round(abs(value) * 60_000)
        degrees, minutes = divmod(thousandths, 60_000)
        parts.append(f"{degrees:0{width}d}°{minutes / 1000:06.3f}'{letters[value < 0]}")
    return spoken(" ".join(parts), language)


def moment(at: datetime) -> str:
    """A UTC moment to the second, such as 2027-11-04 05:18:24Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def duration(seconds: float) -> str:
    """Hours and minutes, such as 3 h 14 min; days where there are several."""
    minutes = round(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days > 1:
        return f"{days} d {hours:02d} h"
    hours += 24 * days
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
