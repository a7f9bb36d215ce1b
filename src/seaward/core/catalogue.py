"""Codes with values -> words in English or Spanish. Texts live in `locale/<language>.toml`, flat `code = "text"`."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "es")


class _Spanish(string.Formatter):
    """Numbers with a decimal comma, their groups of digits with a narrow space between, as ISO 80000-1 has them: 18,630 would be 18 and a half."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = str(super().format_field(value, format_spec))
        if "," in format_spec:
            text = text.replace(",", "\u202f")
        return text.replace(".", ",") if format_spec.endswith("f") else text


_FORMATTERS = {"en": string.Formatter(), "es": _Spanish()}


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of one language by code.

    Raises
    ------
    ValueError
        If the language is not one of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}; choose one of {', '.join(LANGUAGES)}")
    return tomllib.loads(files("seaward.core").joinpath("locale", f"{language}.toml").read_text(encoding="utf-8"))


def render(code: str, values: Mapping[str, Any], language: str) -> str:
    """The text of `code` with its values; a code without a text is shown as itself, with its values."""
    text = catalogue(language).get(code)
    if text is None:
        return f"{code} ({', '.join(f'{k}={v}' for k, v in values.items())})" if values else code
    given = {k: v for k, v in values.items() if v is not None}
    return _FORMATTERS[language].vformat(text, (), given) if set(fields(text)) <= values.keys() else text


def fields(text: str) -> list[str]:
    """The names of the values a text asks for."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]
