"""The doctor finds what is wrong and changes nothing."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from seaward.node.config import Config, config_of
from seaward.node.doctor import Finding, examine
from seaward.node.node import Node
from tests.server.floor import heard
from tests.waiting import wait_for


def config(folder: Path, **more: Any) -> Config:
    return config_of({"data": str(folder / "data"), "chart": {"areas": []}, "listen": {"port": 0}, **more})


def found(told: Config, **more: Any) -> dict[str, Finding]:
    return {f.code: f for f in examine(told, **more)}


def worst(told: Config, **more: Any) -> Counter[str]:
    return Counter(f.level for f in examine(told, **more))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node that ran and was stopped."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "drops").mkdir()
    node = Node(config(folder, feed=[{"name": "coast", "kind": "folder", "path": str(folder / "drops")}]))
    node.start()
    (folder / "drops" / "a.csv").write_text(heard())
    wait_for(lambda: node.health["coast"].reports == 216)
    node.stop()
    return folder


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    shutil.copytree(kept / "data", tmp_path / "data")
    (tmp_path / "data").chmod(0o700)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith("state.sqlite-")}


def test_a_node_that_ran_is_well_and_is_not_changed_by_being_looked_at(folder: Path) -> None:
    before = contents(folder)
    told = found(config(folder))
    assert {c for c, f in told.items() if f.level == "fail"} == set(), told
    assert told["journal"].values["bytes"] > 10_000 and told["history"].values["rows"] >= 216 and told["state"].level == "ok"
    assert contents(folder) == before


def test_a_new_installation_has_nothing_to_complain_of_but_that_nobody_can_sign_in(tmp_path: Path) -> None:
    told = found(config(tmp_path))
    assert "folder_new" in told and "state_new" in told and all(f.level != "fail" for f in told.values())
    assert not (tmp_path / "data").exists()


def test_changed_bytes_of_the_journal_are_found(folder: Path) -> None:
    raw = next((folder / "data/raw/coast").glob("*.raw"))
    data = bytearray(raw.read_bytes())
    data[100] ^= 1
    raw.write_bytes(data)
    told = list(examine(config(folder)))
    assert any(f.code in ("journal_damaged", "journal_torn") and f.level in ("warn", "fail") for f in told)
    assert raw.read_bytes() == bytes(data), "it is left as it is, to be looked at"


def test_a_missing_part_of_the_history_is_found(folder: Path) -> None:
    next((folder / "data/history/reports").rglob("*.parquet")).unlink()
    assert found(config(folder))["history_damaged"].level == "fail"


def test_a_damaged_part_of_the_history_is_found(folder: Path) -> None:
    part = next((folder / "data/history/reports").rglob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-9] + b"123456789")
    assert found(config(folder))["history_damaged"].level == "fail"


def test_a_state_that_was_altered_is_found(folder: Path) -> None:
    with sqlite3.connect(folder / "data/state.sqlite") as c:
        c.execute("DROP TRIGGER audit_update")
        c.execute("UPDATE audit SET who = 'nobody'")
        c.execute("INSERT INTO audit VALUES (1, 1, 'a', 'b', 'c', '{}', 'x', 'y')")
    c.close()
    assert found(config(folder))["state_damaged"].level == "fail"


def test_what_is_no_database_is_said(folder: Path) -> None:
    (folder / "data/state.sqlite").write_bytes(b"not a database at all, but long enough to be read as one" * 100)
    assert found(config(folder))["state_damaged"].level == "fail"


def test_another_realm_is_refused(folder: Path) -> None:
    told = [f for f in examine(config(folder, realm="ex:drill")) if f.level == "fail"]
    assert any("realm" in str(f.values) for f in told)


def test_ports_that_are_taken_are_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as api, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as feed:
        feed.bind(("127.0.0.1", 0))
        told = list(
            examine(config(tmp_path, listen={"port": api.getsockname()[1]}, feed=[{"name": "x", "kind": "udp", "port": feed.getsockname()[1]}]))
        )
    assert [f.values["what"] for f in told if f.code == "port_taken"] == ["API", "x"]


def test_the_port_of_an_outlet_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outlet = {"name": "plotter", "kind": "tcp-server", "port": taken.getsockname()[1], "form": "cot"}
        told = list(examine(config(tmp_path, listen={"port": 0}, outlet=[outlet])))
    assert [f.values["what"] for f in told if f.code == "port_taken"] == ["plotter"]


def test_a_node_that_runs_is_no_fault(folder: Path) -> None:
    node = Node(config(folder))
    node.start()
    try:
        told = found(config(folder))
        assert "port_used" in told and not [f for f in told.values() if f.level == "fail"]
    finally:
        node.stop()


def test_certificates_and_keys_are_looked_at(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("localhost", not_after=datetime(2030, 1, 1, tzinfo=UTC))
    issued.cert_chain_pems[0].write_to_path(tmp_path / "c.pem")
    issued.private_key_pem.write_to_path(tmp_path / "k.pem")
    (tmp_path / "k.pem").chmod(0o644)
    told = config(tmp_path, listen={"port": 0, "tls_certificate": str(tmp_path / "c.pem"), "tls_key": str(tmp_path / "k.pem")})
    end = datetime(2030, 1, 1, tzinfo=UTC)
    assert found(told, now=end - timedelta(days=60))["certificate"].level == "ok"
    assert found(told, now=end - timedelta(days=10))["certificate_ends"].level == "warn"
    assert found(told, now=end + timedelta(days=1))["certificate_ends"].level == "fail"
    assert found(told)["key_open"].level == "fail"
    (tmp_path / "k.pem").chmod(0o600)
    assert found(told)["key"].level == "ok"
    (tmp_path / "c.pem").write_text("no certificate")
    assert found(told)["certificate_unreadable"].level == "fail"


def test_a_clock_before_what_is_kept_is_wrong(folder: Path) -> None:
    assert found(config(folder), now=datetime.now(UTC) - timedelta(days=2))["clock_wrong"].level == "fail"
    assert found(config(folder), now=datetime(1970, 1, 1, tzinfo=UTC))["clock_wrong"].level == "fail"


def test_a_folder_open_to_others_or_closed_to_us_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "data").chmod(0o755)
    assert found(config(folder))["folder_open"].level == "warn"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert found(config(folder))["folder_denied"].level == "fail"


def test_little_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, level in ((500 << 20, "fail"), (5 << 30, "warn")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: type("Usage", (), {"free": free}))
        assert found(config(tmp_path))["space_low"].level == level


def test_a_device_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    told = found(config(tmp_path, feed=[{"name": "x", "kind": "serial", "device": "/dev/no-such-receiver"}]))
    assert told["feed_missing"].level == "warn"
