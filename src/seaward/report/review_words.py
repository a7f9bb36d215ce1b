"""Values of a review -> words: Z times, delays, measures with their unit, codes of the catalogue, texts in two languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from seaward.core.catalogue import catalogue, render
from seaward.report import words

NONE = "–"  # not known, or does not apply


def at_s(text: str | float | None) -> float | None:
    """An ISO moment, or one that is so already, as seconds since 1970; one without a zone is UTC."""
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        return float(text)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def stamp(text: str | float | None, with_date: bool) -> str:
    """A moment to the minute in Z, such as 05:18Z, or 11-04 05:18Z in an exercise of several days."""
    seconds = at_s(text)
    if seconds is None:
        return NONE
    return datetime.fromtimestamp(seconds, UTC).strftime("%m-%d\u00a0%H:%MZ" if with_date else "%H:%MZ")


def whole_moment(text: str | None) -> str:
    """A moment to the second in Z, with its date."""
    seconds = at_s(text)
    return NONE if seconds is None else words.moment(datetime.fromtimestamp(seconds, UTC))


def lasting(seconds: float | None) -> str:
    """A delay, such as 41 min; one of less than a minute in seconds; one that came before its beginning with a minus."""
    if seconds is None:
        return NONE
    size = abs(seconds)
    said = f"{size:.0f} s" if round(size) < 60 else words.duration(size)
    return (("−" if seconds <= -0.5 else "") + said).replace(" ", "\u00a0")


def decimal(value: float | None, digits: int, language: str) -> str:
    """A number with so many decimals and the decimal mark of its language."""
    return NONE if value is None else words.spoken(f"{value:.{digits}f}", language)


def percent(share: float | None) -> str:
    """A share in whole percent."""
    return NONE if share is None else f"{100 * share:.0f}\u00a0%"


def measured(value: float | None, unit: str, language: str) -> str:
    """A result with its unit: `s`, `share`, `per_day`, or a bare number."""
    if value is None:
        return NONE
    if unit == "s":
        return lasting(value)
    if unit == "share":
        return percent(value)
    said = decimal(value, 0 if float(value).is_integer() else 1, language)
    return render("review.per_day", {"n": said}, language) if unit == "per_day" else said


def between(bounds: list[float | None] | None, unit: str, language: str) -> str:
    """An interval, open where a bound is not known."""
    if not bounds or (bounds[0] is None and bounds[1] is None):
        return NONE
    low, high = (measured(b, "" if unit == "per_day" else unit, language) for b in bounds)
    said = render("review.between", {"low": low, "high": high}, language)
    return render("review.per_day", {"n": said}, language) if unit == "per_day" else said


def teller(language: str) -> Callable[..., str]:
    """What says the texts of reviews by the end of their code, with their values."""

    def t(code: str, **values: Any) -> str:
        return render(f"review.{code}", values, language)

    return t


def coded(code: str | None, family: str, language: str) -> str:
    """The text of a code, given whole or without its family; one without a text is shown as itself."""
    if not code:
        return NONE
    texts = catalogue(language)
    return texts.get(code) or texts.get(f"{family}.{code}") or words.shown(str(code).removeprefix(f"{family}."), 60).replace("_", " ")


def both(text: Mapping[str, str] | str | None, language: str, limit: int = 400) -> str:
    """A text given in two languages, in this one where it is there."""
    if isinstance(text, Mapping):
        text = text.get(language) or next(iter(text.values()), "")
    return words.shown(text or "", limit)


def kind_named(kind: str, language: str) -> str:
    """A kind of event in words."""
    return coded(kind, "kind", language)


def who(names: list[str], otherwise: list[str], most: int = 2) -> str:
    """Names of vessels, or what stands for them, and how many more."""
    said = [words.shown(n, 40) for n in (names or otherwise)]
    return ", ".join(said[:most]) + (f" +{len(said) - most}" if len(said) > most else "") or NONE


def place(row: Mapping[str, Any], language: str) -> str:
    """Where something was, in degrees and decimal minutes."""
    lon, lat = row.get("lon_deg"), row.get("lat_deg")
    return NONE if lon is None or lat is None else words.position(lon, lat, language)
