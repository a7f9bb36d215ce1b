"""Single values of a scenario as written -> values, or what is wrong with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from seaward.drill.keys import DURATION, FILE, HULL, ID, MMSI_AIRCRAFT, MMSI_HIGH, MMSI_LOW, MOMENT, SHIP_NAME, Key
from seaward.drill.yaml_lines import Scalar

LONGEST_TEXT = 4000
LONGEST_MS = 31 * 86_400_000
FIRST_YEAR, LAST_YEAR = 1970, 2199  # ours: the calendar ends at 9999, and the time of feeds is counted from 1970
_UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")
_STATION_NUMBER = re.compile(r"(?<![0-9])[2-79][0-9]{8}(?![0-9])")  # nine digits as a ship, a coast station or a craft of a ship may have
_IMO_NUMBER = re.compile(r"\b(IMO|OMI)\W{0,3}[0-9]{7}(?![0-9])", re.IGNORECASE)
_PATTERNS = {"id": ID, "hull": HULL, "file": FILE}


class WrongError(Exception):
    """What is wrong with a value: code and values of a mistake."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def duration_ms(text: str) -> int | None:
    """Milliseconds of a duration such as `1h10m`; None where it is none."""
    if not re.fullmatch(DURATION, text, re.ASCII):
        return None
    return sum(int(n) * _UNITS_MS[unit] for n, unit in re.findall(r"([0-9]+)([dhms])", text))


def shown(ms: float) -> str:
    """A duration as one writes it: 4200000 -> 1h10m."""
    left, parts = round(ms / 1000), []
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def value_of(node: Scalar, key: Key, type_: str) -> Any:
    """The value of a scalar for a key.

    Parameters
    ----------
    node
        As written.
    key
        Whose value it is: bounds and choices.
    type_
        Its type, such as `duration`.

    Raises
    ------
    WrongError
        If it is none; says the code and the values of the mistake.
    """
    if type_ in ("number", "integer", "mmsi"):
        return _number(node, key, type_)
    if type_ == "switch":
        if node.read_as == "switch" and node.text in ("true", "false"):
            return node.text == "true"
        raise WrongError("switch", key=key.name, value=node.text)
    if type_ == "duration":
        return _duration(node, key)
    if node.read_as == "nothing":
        raise WrongError("nothing", key=key.name)
    if type_ == "moment":
        return _moment(node, key)
    if node.read_as != "text":
        raise WrongError(f"text_read_as_{node.read_as}", key=key.name, value=node.text)
    return _text(node.text, key, type_)


def _duration(node: Scalar, key: Key) -> int:
    if node.read_as != "text":
        hint = re.fullmatch(r"([0-9]{1,3}):([0-5][0-9])(:[0-5][0-9])?", node.text)
        example = f"{int(hint[1])}h{hint[2]}m" if hint else f"{node.text}m" if re.fullmatch(r"[0-9]{1,5}", node.text) else "1h10m"
        raise WrongError("time_not_text", key=key.name, value=node.text, example=example)
    ms = duration_ms(node.text)
    if ms is None:
        raise WrongError("duration", key=key.name, value=node.text)
    low, high = key.low or 0, key.high or LONGEST_MS
    if not low <= ms <= high:
        raise WrongError("duration_range", key=key.name, value=node.text, low=shown(low), high=shown(high))
    return ms


def _number(node: Scalar, key: Key, type_: str) -> float | int:
    if node.read_as != "number" or not _NUMBER.fullmatch(node.text):
        raise WrongError("number", key=key.name, value=node.text)
    if type_ == "number":
        value: float = float(node.text)
    elif re.fullmatch(r"-?[0-9]+", node.text):
        value = int(node.text)
    else:
        raise WrongError("integer", key=key.name, value=node.text)
    if type_ == "mmsi":
        if not MMSI_LOW <= value <= MMSI_HIGH or value // 1_000_000 == MMSI_AIRCRAFT:
            raise WrongError("real_mmsi", key=key.name, value=node.text)
    elif (key.low is not None and value < key.low) or (key.high is not None and value > key.high):
        raise WrongError(
            "number_range", key=key.name, value=node.text, low=_bound(key.low), high=_bound(key.high), unit=f" {key.unit}" if key.unit else ""
        )
    return value


def _bound(value: float | None) -> str:
    return "..." if value is None else f"{value:.16g}"


def _moment(node: Scalar, key: Key) -> datetime:
    if node.read_as != "text":
        raise WrongError("moment_not_text", key=key.name, value=node.text)
    try:
        if not re.fullmatch(MOMENT, node.text, re.ASCII):
            raise ValueError
        at = datetime.fromisoformat(node.text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongError("moment", key=key.name, value=node.text) from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise WrongError("moment_range", key=key.name, value=node.text, low=FIRST_YEAR, high=LAST_YEAR)
    return at


def _text(text: str, key: Key, type_: str) -> str:
    if type_ == "ship_name":
        if not re.fullmatch(SHIP_NAME, text):
            raise WrongError("name_not_ex", key=key.name, value=text)
        return text
    if type_ in _PATTERNS:
        if not re.fullmatch(_PATTERNS[type_], text):
            raise WrongError(f"{type_}_form", key=key.name, value=text)
        return text
    if not text.strip():
        raise WrongError("nothing", key=key.name)
    if len(text) > LONGEST_TEXT:
        raise WrongError("text_long", key=key.name, most=LONGEST_TEXT)
    if found := _STATION_NUMBER.search(text) or _IMO_NUMBER.search(text):
        raise WrongError("real_number", key=key.name, value=found[0])
    return text
