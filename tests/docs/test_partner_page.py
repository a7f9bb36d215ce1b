"""The page for a nation that joins: every command is run, by two nations with folders of their own, in the order of the page."""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.exchange.home import Home
from seaward.node.config import read_config
from seaward.store.state import State
from tests.docs.shown import DOCS, blocks, check_is_there
from tests.store.kept import event

PAGE = "partner.md"
TEXT = (DOCS / PAGE).read_text(encoding="utf-8")
FINGERPRINT = re.compile(r"(?:[0-9a-f]{4} ){7}[0-9a-f]{4}")


class Table:
    """Both nations, and what their officers said by voice."""

    def __init__(self, folder: Path) -> None:
        self.at = {nation: folder / nation for nation in ("ECU", "PER")}
        self.voiced: dict[str, str] = {}
        self.said: list[tuple[list[str], str]] = []
        for nation, place in self.at.items():
            place.mkdir()
            (place / "exchange.pass").write_text(f"cuatro gaviotas miran el faro {nation}\n")
            (place / "exchange.pass").chmod(0o600)

    def run(self, nation: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """One command of one nation; a letter is carried over, and a fingerprint is heard from the other."""
        other = next(n for n in self.at if n != nation)
        if words[1] == "accept":
            shutil.copy(self.at[other] / words[2], self.at[nation])
            words = [*words, "--fingerprint", self.voiced[other]]
        monkeypatch.chdir(self.at[nation])
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0 and done.exception is None, f"{words}\n{done.output}{done.exception!r}"
        found = FINGERPRINT.search(done.output)
        if words[1] in ("init", "accept") and found:
            self.voiced[nation] = found[0]
        self.said.append((words, done.output))


def test_a_nation_joins_shares_withdraws_and_changes_its_keys_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(tmp_path)
    table.run("PER", ["exchange", "init", "PER", "--host", "seaward.example.pe", "--passphrase-file", "exchange.pass"], monkeypatch)
    (table.at["ECU"] / "data").mkdir()
    start = datetime.now(UTC) - timedelta(hours=3)
    with State.open(table.at["ECU"] / "data" / "state.sqlite", "ops") as state:
        state.record_events(event("e1", start_at=start, end_at=start + timedelta(hours=1)), datetime.now(UTC))
    (table.at["ECU"] / "node.toml").write_text(blocks(PAGE, "toml")[0])
    states = []
    for block in blocks(PAGE):
        nation = "PER" if block.startswith("# at Peru") else "ECU"
        for line in block.splitlines():
            words = shlex.split(line.replace("EVENT_ID", "e1"), comments=True)
            if words:
                assert words[0] == "seaward"
                table.run(nation, words[1:], monkeypatch)
                states.append(Home(table.at["ECU"] / "exchange").partner("PER").state if "PER" in line else "")
    told = {" ".join(words[1:2]): output for words, output in table.said}
    assert "would go to PER" in told["explain"] and "3,704" in told["explain"]
    assert "shared no longer" in told["release"] and "the 1 before are revoked" in told["rotate"]
    assert "active" in states and states[-1] in ("", "revoked") and Home(table.at["ECU"] / "exchange").partner("PER").state == "revoked"
    assert Home(table.at["PER"] / "exchange").partner("ECU").state == "active", "each side ends it for itself"


def test_who_was_revoked_can_be_invited_anew_and_who_cannot_be_reached_must_invite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(tmp_path)
    secret = ["--passphrase-file", "exchange.pass"]
    for nation, host in (("PER", ["--host", "seaward.example.pe"]), ("ECU", [])):
        table.run(nation, ["exchange", "init", nation, *host, *secret], monkeypatch)
    for n in range(2):
        letter, back = f"letter-{n}.json", f"back-{n}.json"
        table.run("ECU", ["exchange", "invite", "PER", "--out", letter, *secret], monkeypatch)
        table.run("PER", ["exchange", "accept", letter, "--out", back, *secret], monkeypatch)
        table.run("ECU", ["exchange", "accept", back], monkeypatch)
        for nation, other in (("ECU", "PER"), ("PER", "ECU")):
            assert Home(table.at[nation] / "exchange").partner(other).state == "active"
            table.run(nation, ["exchange", "revoke", other], monkeypatch)
    table.run("PER", ["exchange", "invite", "ECU", "--out", "wrong-way.json", *secret], monkeypatch)
    with pytest.raises(AssertionError, match="made without --host"):
        table.run("ECU", ["exchange", "accept", "wrong-way.json", *secret], monkeypatch)


def test_every_command_within_a_sentence_is_one_that_there_is() -> None:
    inline = [shlex.split(code)[1:] for code in re.findall(r"`(seaward [^`]+)`", TEXT)]
    assert len(inline) >= 4
    for words in inline:
        check_is_there(words)


def test_the_configuration_of_the_page_is_read_without_a_mistake_and_shares_only_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text(blocks(PAGE, "toml")[0])
    (tmp_path / "exchange.pass").touch(0o600)
    told = read_config(tmp_path / "node.toml").exchange
    assert told is not None and told.listen_host == "127.0.0.1" and [s.precision_m for s in told.share] == [3704]
