"""A configuration tells every mistake at once, with its line and what to write instead; its defaults are the safe ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from seaward.core.errors import InputError
from seaward.node.config import Config, config_of, read_config
from seaward.node.feed_url import feed_of

START = datetime(2027, 1, 1, tzinfo=UTC)


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
        ("[watch]\nwindow_h = 24.0\n", "too short for area, .*; give at least 96"),
        ("realm = \n", "not TOML"),
    ],
)
def test_what_is_unsafe_or_makes_no_sense_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        read_config(written(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_config(tmp_path / "no.toml")


FEED = '[[feed]]\nname = "a"\n'


@pytest.mark.parametrize(
    ("text", "line", "key", "fix"),
    [
        ('realm = "ex:d"\n[drill]\nstart = 2027-01-01T00:00:00\n', 3, "drill.start", "as 2027-01-01T00:00:00Z"),
        ('realm = "ex:d"\n[drill]\nstart = 2027-01-01\n', 3, "drill.start", "as 2027-01-01T00:00:00Z"),
        ('realm = "ex:d"\n[drill]\nstart = "2027-01-01T00:00:00Z"\n', 3, "drill.start", "without quotes"),
        ('realm = "ex:d"\n[drill]\nstart = 9999-12-31T23:59:59-23:59\n', 3, "drill.start", "1971 to 2198"),
        ('realm = "ex:d"\n[drill]\nstart = 0001-01-01T00:00:00+23:59\n', 3, "drill.start", "1971 to 2198"),
        ('[watch]\nlook_s = 1\nbehaviours = ["gap", "fishhing"]\n', 3, "watch.behaviours.2", "did you mean fishing"),
        ('[watch]\nbehaviours = "gap"\n', 2, "watch.behaviours", "write it in brackets"),
        ('[chart]\nareas = ["perru"]\n', 2, "chart.areas.1", "did you mean peru"),
        ('[chart]\nareas = [""]\n', 2, "chart.areas.1", "name a file"),
        ('[chart]\nports = ["nope.csv"]\n', 2, "chart.ports.1", "name a CSV file of ports"),
        ('[chart]\ndetections = "nodir"\n', 2, "chart.detections", "make it"),
        ('[alerts]\nrules = "nope.toml"\n', 2, "alerts.rules", "rules default"),
        ('[listen]\ntls_key = "no.key"\ntls_certificate = "no.pem"\n', 3, "listen.tls_certificate", "in PEM"),
        ('[listen]\nport = 1\ntls_certificate = "no.pem"\n', 3, "listen.tls_certificate", "give both or none"),
        ('[listen]\nport = 1\nhost = "0.0.0.0"\n', 3, "listen.host", "give tls_certificate and tls_key"),
        (FEED + 'kind = "file"\npath = ""\n', 4, "feed.1.path", "name a file or a folder"),
        ('data = ""\n', 1, "data", "name a file or a folder"),
        (FEED + 'kind = "nats"\nserver = "http://x"\nsubject = "ais"\n', 4, "feed.1.server", "nats://127.0.0.1:4222"),
        (FEED + 'kind = "nats"\nserver = "nats://x"\nsubject = "a b"\n', 5, "feed.1.subject", "no blanks"),
        (FEED + 'kind = "nats"\nserver = "nats://x"\nsubject = "a"\ncredentials = "no.creds"\n', 6, "feed.1.credentials", "file of credentials"),
        (FEED + 'kind = "udp"\nport = true\n', 4, "feed.1.port", "whole number"),
        (FEED + 'kind = "udp"\nport = "1"\n', 4, "feed.1.port", "without quotes"),
        (FEED + 'kind = "tcp"\nhost = ""\nport = 0\n', 4, "feed.1.host", "empty"),
        (FEED + 'kind = "udp"\n', 1, "feed.1.port", "add a line port ="),
        (FEED + "port = 1\n", 1, "feed.1", "write kind = one of udp"),
        (FEED + 'kind = "upd"\nport = 1\n', 3, "feed.1.kind", "did you mean udp"),
        ('[[feed]]\nkind = "udp"\nname = "Callao"\nport = 1\n', 3, "feed.1.name", "use a-z"),
        ('[[feed]]\nkind = "udp"\nname = "udp"\nport = 70000\n', 4, "feed.1.port", "less than or equal to 65535"),
        (FEED + 'kind = "udp"\nport = 1\n' + FEED + 'kind = "udp"\nport = 2\n', 6, "feed.2.name", "a name of its own"),
        ('[store]\nfsync_s = "1"\n', 2, "store.fsync_s", "without quotes"),
        ("[store]\nraw_days = 1.5\n", 2, "store.raw_days", "whole number; write it without"),
        ("[store]\nfsync_s = nan\n", 2, "store.fsync_s", "it must be"),
        ("lisen = {port = 1}\n", 1, "lisen", "did you mean listen"),
        ("listen = 5\n", 1, "listen", "below a line"),
        ("feed = 5\n", 1, "feed", "in brackets"),
        ('language = "fr"\n', 1, "language", "choose from en, es"),
        ("realm = 5\n", 1, "realm", "in quotes"),
    ],
    ids=lambda v: v.replace("\n", " ")[:70] if isinstance(v, str) and "\n" in v else None,
)
def test_each_mistake_names_its_line_its_key_and_what_to_write(text: str, line: int, key: str, fix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read_config(written(tmp_path, text))
    assert any(f"line {line}: {key}" in said and fix in said for said in str(told.value).splitlines()), str(told.value)


def test_a_file_as_notepad_saves_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_bytes(b"\xef\xbb\xbf" + b'language = "es"\r\n[listen]\r\nport = 1\r\n')
    assert read_config(tmp_path / "node.toml").language == "es"
    (tmp_path / "node.toml").write_bytes('language = "es"\n# Ñ\n'.encode("latin-1"))
    with pytest.raises(InputError, match=r"line 2: .*save the file as UTF-8"):
        read_config(tmp_path / "node.toml")


def test_files_that_a_verb_does_not_need_may_be_missing(tmp_path: Path) -> None:
    path = written(tmp_path, '[alerts]\nrules = "nope.toml"\n')
    assert read_config(path, files=False).alerts.rules == tmp_path / "nope.toml"


def test_what_a_configuration_says_can_be_told_again() -> None:
    config = config_of(
        {"realm": "ex:d", "drill": {"start": START}, "feed": [feed_of("tcp://h:1?idle_s=9&hello=x"), feed_of("serial:///dev/x?baud=4800")]}
    )
    assert config_of(config.model_dump()) == config


@pytest.mark.parametrize(("url", "path"), [
    ("file:///x/with%20space.nmea", "/x/with space.nmea"), ("folder://drops%23a/%C3%B1", "drops#a/ñ"), ("file:///x/50%.nmea", "/x/50%.nmea"),
])  # fmt: skip
def test_a_path_in_a_word_may_hold_what_a_word_cannot(url: str, path: str) -> None:
    assert feed_of(url)["path"] == path
    assert feed_of("tcp://h:1?idle_s=9")["idle_s"] == 9.0 and feed_of("serial:///dev/x?baud=4800")["baud"] == 4800
