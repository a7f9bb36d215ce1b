"""In Spanish one idea has one word, as officers of the maritime authority of Peru write it."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

CHOSEN = {  # what is written -> what is not, and why
    "ámbito": r"\breinos?\b|\bdominio\b(?! mar)|\(realm\)",  # "dominio marítimo" is the sea of a state
    "bandera": r"\bpabell[oó]n",  # Decreto Legislativo 1147 and DICAPI: "naves de bandera nacional", "Estado de bandera"
    "nave": r"\bbuques?\b|\bbarcos?\b",  # Decreto Legislativo 1147: "naves", and "embarcaciones" for the small ones
    "área": r"\bzonas? (restringid|prohibid|protegid|reservad)|\ben una zona\b|\buna zona o\b",  # "zona" is left for time zones and for around here
}


def texts() -> dict[str, str]:
    said = tomllib.loads(files("seaward.core").joinpath("locale/es.toml").read_text(encoding="utf-8"))
    rules = tomllib.loads(files("seaward.alerts").joinpath("rules.toml").read_text(encoding="utf-8"))["rule"]
    return said | {f"rule {r['id']}": r["title"]["es"] for r in rules if isinstance(r.get("title"), dict)}


@pytest.mark.parametrize("word", CHOSEN)
def test_one_idea_has_one_word(word: str) -> None:
    assert {name: text for name, text in texts().items() if re.search(CHOSEN[word], text, re.IGNORECASE)} == {}
    assert any(re.search(rf"\b{word}", text, re.IGNORECASE) for text in texts().values())


def test_alerts_are_spoken_of_as_on_a_watch_floor() -> None:
    assert texts()["cli.alerts.none"] == "No hay alertas pendientes."
    assert texts()["alert.dismissal.true_minor"] == "cierta, pero de poca importancia"
