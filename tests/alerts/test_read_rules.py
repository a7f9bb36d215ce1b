"""Rule files: what they say, and every mistake with its line and what to do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.alerts.mistakes import RulesError
from seaward.alerts.read_rules import _READERS, default_rules, default_text, rules_of
from seaward.alerts.rule_keys import RULE_KEYS
from seaward.alerts.rules import KINDS, Rule, fits
from seaward.core.catalogue import catalogue
from seaward.watch import WatchParams

WHOLE = """format = "alerts/1"
group_hours = 4.5
[[rule]]
id = "night"
title = "At night"
priority = "alarm"
kinds = ["fishing", "area"]
areas = ["Reserva *"]
not_areas = ["Reserva de pesca"]
flags = ["pe", "CN"]
not_flags = ["EC"]
classes = ["fishing", "unknown"]
not_classes = ["tanker"]
ship_types = [30, 31]
min_length_m = 24
min_probability = 0.5
min_hours = 1.5
hours = "22:00-05:00"
offset = "-05:00"
lists = ["iuu*"]
not_lists = ["friends"]
repeat = { events = 3, days = 30 }
in_port = true
[[rule]]
id = "tugs"
exclude = true
"""


def lines(text: str, language: str = "en") -> list[str]:
    with pytest.raises(RulesError) as e:
        rules_of(text.encode(), "r.toml")
    return e.value.told(language).split("\n")


def test_every_key_is_read() -> None:
    rules = rules_of(WHOLE.encode(), "r.toml")
    assert rules.group_hours == 4.5 and len(rules.digest) == 64
    assert rules.rules[0] == Rule(
        "night", "alarm", frozenset({"fishing", "area"}), ("Reserva *",), ("Reserva de pesca",), frozenset({"PE", "CN"}), frozenset({"EC"}),
        frozenset({"fishing", "unknown"}), frozenset({"tanker"}), frozenset({30, 31}), 24, 0.5, 1.5, (22 * 60, 5 * 60), -300, ("iuu*",), ("friends",),
        3, 30.0, True, False, "At night", "At night",
    )  # fmt: skip
    assert rules.rules[1] == Rule("tugs", exclude=True)
    assert {k.name for k in RULE_KEYS} == set(re.findall(r"^(\w+) =", WHOLE.split("[[rule]]", 1)[1], re.M))


def test_the_rules_that_come_along_are_right_and_have_titles_in_both_languages() -> None:
    rules = default_rules()
    for rule in rules.rules:
        if not rule.exclude:
            assert rule.title("en") != rule.id != rule.title("es") != rule.title("en")
    assert rules.missing_lists([]) == ["iuu*"] and rules.missing_lists(["iuu-2027"]) == []
    assert default_text().startswith("# Alert rules that come with Seaward")


def test_kinds_are_those_that_the_watch_looks_for() -> None:
    assert set(KINDS) == {b.kind for b in WatchParams().behaviours}


@pytest.mark.parametrize(
    ("change", "line", "what", "fix"),
    [
        (('"alarm"', '"alarms"'), 6, "priority is alarms", "did you mean alarm?"),
        (('"alarm"', '"loud"'), 6, "priority is loud", "choose from alarm, warning, caution"),
        (("priority", "priorty"), 6, "priorty is no key here", "did you mean priority?"),
        (("min_hours", "zzz"), 17, "zzz is no key here", "use one of id, priority"),
        (('["fishing", "area"]', '"area"'), 7, "kinds is area, which is no list", "brackets"),
        (('["fishing", "area"]', '["fish"]'), 7, "kinds is fish", "did you mean fishing?"),
        (('"pe"', '"PER"'), 10, "flags has PER", "two letters"),
        (('"tanker"', '"fishing", "unknown"'), 13, "nothing can meet this rule: fishing, unknown", "delete one"),
        (("[30, 31]", "[30, 3.5]"), 14, "ship_types is 3.5, not a whole number", "decimal point"),
        (("[30, 31]", "[300]"), 14, "ship_types is 300", "from 1 to 255"),
        (("= 24", '= "24 m"'), 15, "min_length_m is 24 m, not a number", "without quotes"),
        (("= 0.5", "= 50"), 16, "min_probability is 50", "from 0 to 1"),
        (("= 0.5", "= nan"), 16, "min_probability is nan", "from 0 to 1"),
        (("22:00-05:00", "22-5"), 18, "hours is 22-5", '"22:00-05:00"'),
        (("22:00-05:00", "05:00-05:00"), 18, "hours is 05:00-05:00", "leave it out"),
        (('hours = "22:00-05:00"\n', ""), 18, "offset means nothing", "add hours"),
        (('"-05:00"', '"-5"'), 19, "offset is -5", '"-05:00"'),
        (("{ events = 3, days = 30 }", "3"), 22, "repeat is 3", "{events = 3, days = 30}"),
        (("events = 3", "events = 1"), 22, "events is 1", "from 2 to 1000"),
        (("in_port = true", 'in_port = "yes"'), 23, "in_port is yes", "without quotes"),
        (('id = "tugs"', 'id = "night"'), 25, "already used in line 4", "its own"),
        (('id = "tugs"\n', ""), 24, "id is missing", "add id"),
        (('id = "tugs"', 'id = "two words"'), 25, "which is no id", "letters, digits"),
        (("exclude = true", 'exclude = true\npriority = "alarm"'), 27, "a rule that excludes has no priority", "delete priority"),
        (("exclude = true", "in_port = false"), 24, "priority is missing", "add priority"),
        (("exclude = true", 'priority = "caution"\nkinds = ["port_visit"]'), 27, "this rule does not look there", "in_port = true"),
        (('title = "At night"', "title = 5"), 5, "title is 5", 'en = "..."'),
        (("[[rule]]\nid = \"night\"", "[rule]\nid = \"night\""), 24, "not valid TOML", "brackets"),
        (("group_hours = 4.5", "group_hours = -1"), 2, "group_hours is -1", "0 to 168 h"),
    ],
    ids=lambda p: None if isinstance(p, int) else str(p)[:30],
)  # fmt: skip
def test_a_mistake_has_its_line_and_what_to_do(change: tuple[str, str], line: int, what: str, fix: str) -> None:
    told = lines(WHOLE.replace(*change, 1))
    assert len(told) == 1, told
    assert told[0].startswith(f"r.toml:{line}: ") and what in told[0] and fix in told[0].split("; ", 1)[1]


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines_in_either_language() -> None:
    text = WHOLE.replace('"alarm"', '"loud"').replace("= 0.5", "= 50").replace('"tugs"', '"night"')
    assert [told.split(":")[1] for told in lines(text)] == ["6", "16", "25"]
    assert lines(text, "es")[1] == "r.toml:16: min_probability es 50; dé un número de 0 a 1"


@pytest.mark.parametrize(
    ("raw", "what"),
    [(b"", "no rules in the file"), (b"\xff\xfe", "UTF-8"), (b"format = 1\nrule = 3", "not a list of rules"), (b'format = "alerts/1"', "no rules"),
     (b"x = [" + b"[" * 50_000, "TOML"), (b"#" * (1 << 20) + b"##", "more than"),
     (b'format = "alerts/1"\n[[rule]]\nid = "a"\nexclude = true', "nothing would ever be alerted")],
    ids=["empty", "no_text", "no_list", "no_rules", "deep", "large", "only_excludes"],
)  # fmt: skip
def test_a_file_of_something_else_is_told(raw: bytes, what: str) -> None:
    with pytest.raises(RulesError, match=what):
        rules_of(raw, "r.toml")


@given(st.binary(max_size=60), st.integers(0, len(WHOLE)), st.integers(0, 40))
def test_whatever_a_file_holds_it_is_rules_or_mistakes(noise: bytes, place: int, length: int) -> None:
    raw = WHOLE.encode()[:place] + noise + WHOLE.encode()[place + length :]
    try:
        rules_of(raw, "r.toml")
    except RulesError as e:
        assert e.mistakes and all(m.line >= 1 and m.text("es") for m in e.mistakes)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_mistake_has_its_words_and_a_fix(language: str) -> None:
    codes = {k for k in catalogue(language) if k.startswith("rules.") and not k.endswith(".fix")} - {"rules.more"}
    assert all(f"{code}.fix" in catalogue(language) for code in codes)
    assert {k.type for k in RULE_KEYS} <= _READERS.keys()


def test_a_star_stands_for_any_letters_and_nothing_else_is_special() -> None:
    assert fits("Reserva *", "RESERVA de Paracas") and fits("*", "") and fits("a[1]?", "A[1]?")
    assert not fits("Reserva *", "Reserva") and not fits("a?", "ab") and not fits("[ab]", "a")
