"""Lines of tables and keys, whatever their spelling."""

from __future__ import annotations

import tomllib

import pytest

from seaward.core.toml_lines import lines_of

TEXT = r'''# a comment = 1
format = "alerts/1"
"quoted key" = 'its'

[[rule]]  # "what"
id = "a"          # [not.a.table]
kinds = [
  "gap",          # kinds = 3
  "fishing # no",
]
repeat = { events = 3, days = 30 }
text = """
id2 = "not a key"
[[rule]] \\ still text""""

[[rule]]
id = 'b'
[rule.repeat]
days = 3
[other . "na.me"] # "x" ]
a.b.c = 1
'''


def test_the_line_of_every_table_and_key_is_found() -> None:
    assert len(tomllib.loads(TEXT)["rule"]) == 2
    at, rows = lines_of(TEXT), TEXT.split("\n")
    for path, begins in (
        (("format",), "format"), (("quoted key",), '"quoted'), (("rule", 0), "[[rule]]"), (("rule", 0, "id"), 'id = "a"'),
        (("rule", 0, "kinds"), "kinds = ["), (("rule", 0, "repeat", "days"), "repeat"), (("rule", 0, "text"), "text"),
        (("rule", 1, "id"), "id = 'b'"),
        (("rule", 1, "repeat", "days"), "days"), (("other", "na.me", "a", "b", "c"), "a.b.c"), (("other", "na.me"), "[other"),
    ):  # fmt: skip
        assert rows[at.of(*path) - 1].startswith(begins), path
    assert at.of("rule", 1) == rows.index("[[rule]]", at.of("rule", 0)) + 1
    assert at.of("rule", 1, "missing") == at.of("rule", 1) and at.of("nothing") == 1


@pytest.mark.parametrize("text", ["", "\n\n# only\n", "a = 1", "a = '''x'''", "a=[]\r\nb=2\r\n", 'a = "\\""', "x.y = {z = [{w = 1}]}"])
def test_small_files_end(text: str) -> None:
    tomllib.loads(text)
    lines_of(text)


def test_windows_line_ends_count_once() -> None:
    assert lines_of("a = 1\r\nb = 2\r\n").of("b") == 2
