"""The first hour of a watch officer, in both languages: what is quoted is on the screen, what is pressed is a key, what is typed is a command."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from seaward.core.catalogue import catalogue
from tests.docs.shown import DOCS, blocks, check_is_there, commands

PAGES = {"en": "first-hour.md", "es": "primera-hora.md"}


def text(lang: str) -> str:
    return (DOCS / PAGES[lang]).read_text(encoding="utf-8")


def of_console(path: str) -> str:
    return files("seaward.console").joinpath(path).read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", PAGES)
def test_every_label_in_bold_is_one_of_the_screen_in_that_language(lang: str) -> None:
    quoted = re.findall(r"\*\*([^*]+)\*\*", text(lang))
    assert len(set(quoted)) > 60
    on_screen = {words for code, words in catalogue(lang).items() if code.startswith(("console.", "alert.dismissal."))}
    assert set(quoted) <= on_screen


@pytest.mark.parametrize("lang", PAGES)
def test_the_table_of_keys_is_the_help_of_the_page_and_every_key_pressed_is_in_it(lang: str) -> None:
    in_help = re.search(r"for key in \(([^)]+)\)", of_console("templates/floor.html"))
    assert in_help is not None
    words = catalogue(lang)
    wanted = [(words[f"console.key.{key}"], words[f"console.key.{key}.what"]) for key in re.findall(r'"(\w+)"', in_help[1])]
    assert [*re.findall(r"^\| `([^`]+)` \| (.+) \|$", text(lang), re.M)] == wanted
    pressed = set(re.findall(r"`([A-Z/?]|Enter|Intro|Esc)`", text(lang)))
    assert pressed <= {key for key, _ in wanted}


def test_the_script_of_the_page_listens_to_every_letter_of_the_table() -> None:
    script = of_console("static/keys.js")
    verbs = re.search(r"VERBS = \{([^}]+)\}", script)
    assert verbs is not None
    heard = {*re.findall(r"(\w): \"", verbs[1]), *re.findall(r'key === "(\w)"', script)}
    assert heard == {key.lower() for key, _ in re.findall(r"^\| `([A-Z])` \| (.+) \|$", text("en"), re.M)}


def test_both_pages_have_the_same_parts_at_the_same_minutes() -> None:
    minutes = {lang: re.findall(r"^## (\d:\d\d) ", text(lang), re.M) for lang in PAGES}
    keys = {lang: re.findall(r"`([A-Z/?])`", text(lang)) for lang in PAGES}
    assert minutes["en"] == minutes["es"] and len(minutes["en"]) >= 8
    assert keys["en"] == keys["es"]


@pytest.mark.parametrize("lang", PAGES)
def test_every_command_shown_is_one_that_there_is(lang: str) -> None:
    shown = [words for block in blocks(PAGES[lang], "text") for words in commands(block)]
    assert [words[0] for words in shown] == ["demo", "demo", "people"]
    for words in shown:
        check_is_there(words)
