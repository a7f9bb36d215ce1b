"""Contacts of other sensors, dropped into a folder: taken once, refused ones told, and a folder that goes away comes back."""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seaward.node.config import config_of
from seaward.node.node import Node
from tests.node.nodes import running
from tests.waiting import wait_for


def contacts(n: int) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return "sensor,timestamp,lat,lon\n" + "".join(f"sar-1,{now},-12.{k},-78.{k}\n" for k in range(n))


def test_files_of_contacts_are_taken_once_refused_ones_told_and_a_folder_that_went_away_is_read_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "contacts"
    folder.mkdir()
    node = Node(config_of({"data": str(tmp_path / "data"), "chart": {"areas": [], "detections": str(folder)}}))

    def held() -> int:
        rows = node.live.params.detections
        return 0 if rows is None else len(rows)

    with caplog.at_level(logging.WARNING, "seaward.node"), running(node):
        (folder / "one.csv").write_text(contacts(3))
        (folder / "noise.csv").write_bytes(bytes(range(256)))
        (folder / b"lista_\xf1.csv".decode("utf-8", "surrogateescape")).write_text("nothing\n")
        wait_for(lambda: held() == 3)
        wait_for(lambda: caplog.text.count("a file of detections was refused") == 2)
        shutil.rmtree(folder)
        wait_for(lambda: "the folder of detections cannot be read" in caplog.text)
        folder.mkdir()
        (folder / "two.csv").write_text(contacts(5))
        wait_for(lambda: held() == 8)
        assert node.status()["failures"] == 0
