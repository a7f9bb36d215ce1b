"""A configuration tells every mistake at once, with its line and what to write instead; its defaults are the safe ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from seaward.core.errors import InputError
from seaward.node.config import Config, read_config


def written(folder: Path, text: str) -> Path:
    (folder / "node.toml").write_text(text)
    return folder / "node.toml"


def test_nothing_said_is_a_node_on_loopback_that_syncs_each_second() -> None:
    config = Config()
    assert (config.listen.host, config.store.fsync_s, config.realm, config.feed) == ("127.0.0.1", 1.0, "ops", ())


def test_paths_are_as_seen_from_the_file(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, 'data = "d"\n[[feed]]\nname = "vms"\nkind = "folder"\npath = "drops"\n'))
    assert config.data == tmp_path / "d" and config.feed[0].path == tmp_path / "drops"  # type: ignore[union-attr]


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    text = """realm = "exercise"
langauge = "es"

[listen]
port = 99999

[[feed]]
name = "callao"
kind = "udp"
prot = 10110

[[feed]]
name = "Paita 1"
kind = "tcp"
host = "10.0.0.2"
port = 4001
"""
    with pytest.raises(InputError) as told:
        read_config(written(tmp_path, text))
    lines = str(told.value).splitlines()
    for line, words in ((1, "realm"), (2, "langauge is no key"), (5, "port"), (10, "prot is no key"), (13, "name")):
        assert any(f"line {line}:" in said and words in said for said in lines), (line, words, lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[listen]\nhost = "0.0.0.0"\n', "without TLS everybody could read along"),
        ('[listen]\ntls_certificate = "c.pem"\n', "belong together"),
        ('[[feed]]\nname = "a"\nkind = "udp"\nport = 1\n[[feed]]\nname = "a"\nkind = "udp"\nport = 2\n', "two feeds are called a"),
        ("[drill]\nstart = 2027-03-05T00:00:00Z\nspeed = 30\n", "only be set in a drill"),
        ('[[feed]]\nname = "a"\nkind = "pigeon"\n', "feed"),
        ("realm = \n", "not TOML"),
    ],
)
def test_what_is_unsafe_or_makes_no_sense_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        read_config(written(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_config(tmp_path / "no.toml")
