"""What a file feed cannot use is counted by rule, named with its reason, and shown until it was seen."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Iterator

import msgspec
import pytest

from seaward.core.catalogue import LANGUAGES, catalogue
from seaward.feeds.batch import Batch, Chunk, ReadOptions
from seaward.feeds.refusing import RULES, refused_lines
from seaward.node import health as node_health
from seaward.node.clock import WallClock
from seaward.node.health import Health
from seaward.node.intake import Intake
from seaward.server.as_json import as_json
from seaward.store.disk import SimulatedDisk
from seaward.store.raw_journal import Journal
from tests.waiting import wait_for

NOISE = base64.encodebytes(random.Random(1).randbytes(3000))
DAY_US = 86_400_000_000


@pytest.fixture
def given() -> list[tuple[Batch, int]]:
    return []


@pytest.fixture
def intake(given: list[tuple[Batch, int]]) -> Iterator[Intake]:
    disk = SimulatedDisk(1)
    made = Intake(
        "vms", disk, Journal(disk, "ops", "vms"), ReadOptions("ops", "vms"), None, True, lambda f, b, r, u: given.append((b, r)), WallClock(),
        Health("vms"),
    )  # fmt: skip
    made.start(0)
    yield made
    made.stop()


def test_each_line_of_a_stream_in_no_known_format_is_rejected_and_counted(intake: Intake, given: list[tuple[Batch, int]]) -> None:
    assert intake.offer(NOISE + b"\n")
    wait_for(lambda: intake.health.lines)
    told, lines = intake.health.told(WallClock().now_us()), NOISE.count(b"\n")
    assert told["rejected"] == lines and told["rules"] == {"unrecognised_input": lines} and told["lines"] == lines + 1
    batch, read_to = given[0]
    assert batch.rejected["raw_offset"][1] == NOISE.index(b"\n") + 1 and read_to == intake.journal.end
    assert "none of" in told["why"] and "health.rejected" in told["problems"]


def test_remarks_that_come_before_anything_else_wait_for_what_follows(intake: Intake, given: list[tuple[Batch, int]]) -> None:
    """A drill's files begin with one, and are followed from their first line on."""
    assert intake.offer(b"# EXERCISE: simulated, not real\n")
    time.sleep(0.3)
    assert intake.health.lines == 0
    assert intake.offer(b"!AIVDM,1,1,,A,13aEOK?P00PD2wVMdLDRhgvL289?,0*26\n")
    wait_for(lambda: intake.health.reports == 1)
    assert intake.health.rules == {} and given[-1][1] == intake.journal.end


def test_lines_at_which_the_reader_fails_are_counted_and_reading_goes_on(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("seaward.node.intake.recognise", lambda head: 1 / 0)
        assert intake.offer(b"a\nb\n")
        wait_for(lambda: intake.health.lines == 2)
    assert intake.health.rules == {"reader_failed": 2}
    assert intake.offer(b"mmsi,timestamp,lat,lon\n760000001,2026-11-26T10:00:00Z,-9.1,-79.5\n")
    wait_for(lambda: intake.health.reports == 1)
    assert intake.health.told(0)["why"] == "", "a report came again"


def test_a_refused_file_is_told_for_a_day_and_a_look_at_the_folder_does_not_erase_it() -> None:
    health = Health("vms", node_health.BY_FILES)
    health.started_us = health.last_us = DAY_US
    health.connection(True, "folder /srv/vms")
    for n in range(30):
        health.refuse(f"f{n}.csv", "empty_input", "nothing is in it", DAY_US)
    health.connection(True, "folder /srv/vms")
    told = health.told(DAY_US + 1)
    assert told["rejected"] == 30 and told["rules"] == {"empty_input": 30} and "health.refused" in told["problems"]
    assert len(told["refused"]) == 20 and told["refused"][-1]["name"] == "f29.csv" and told["why"] == "f29.csv: nothing is in it"
    later = health.told(3 * DAY_US)
    assert "health.refused" not in later["problems"] and later["why"] == "" and later["rejected"] == 30


@pytest.mark.parametrize("data", [b"", b"\n\n", b"a", b"a\n\nb", b"a\r\n\r\nb\r\n", b"\xff\xfe\n"])
def test_every_line_that_is_not_read_is_counted_once(data: bytes) -> None:
    batch = refused_lines(Chunk(7, data), "unrecognised_input", ReadOptions("ops", "f"))
    assert batch.counts.lines == data.count(b"\n") + bool(data and not data.endswith(b"\n")) and batch.counts.rejected == len(batch.rejected)
    assert all(data[at - 7 :][:1] in b"ab\xff" for at in batch.rejected["raw_offset"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_problem_of_a_feed_has_its_words(language: str) -> None:
    words = catalogue(language)
    assert [r for r in RULES if f"rule.{r}" not in words] == []
    problems = ("disconnected", "silent", "low_rate", "rejected", "refused", "clock", "drill", "overflow", "disk")
    assert [p for p in problems if f"health.{p}" not in words] == []


def test_half_characters_of_a_files_name_reach_neither_health_nor_json() -> None:
    name = b"lista_\xf1.csv".decode("utf-8", "surrogateescape")
    health = Health("vms")
    health.connection(False, f"folder {name}", name)
    health.failed(name)
    health.refuse(name, "empty_input", name, 1)
    msgspec.json.encode(health.told(2))
    told = msgspec.json.decode(as_json({"items": [{"why": name, name: (name,)}]}))
    assert told == {"items": [{"why": "lista_?.csv", "lista_?.csv": ["lista_?.csv"]}]}
