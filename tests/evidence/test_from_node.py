"""Evidence from the folder of a node, running or not: the bytes as they were received, in their chain, with versions and who was told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seaward.core.errors import EvidenceError, InputError, RealmError
from seaward.core.tables import EVENTS
from seaward.core.units import at_to_us
from seaward.evidence.build import pack
from seaward.evidence.check import verify
from seaward.evidence.from_node import from_node
from seaward.evidence.from_results import Case
from seaward.evidence.givens import GivenFiles
from seaward.evidence.journals import JournalOrigin
from seaward.proof.container import unseal
from seaward.store.disk import FileDisk
from seaward.store.raw_journal import Journal, origin
from seaward.store.state import State
from tests.made_up_day import ais_encode

from .conftest import END, KEY, REALM, START, Day, of_feed, silent
from .test_packs import edited, forged


def packed(case: Case) -> bytes:
    return pack(case.gathered, case.told, case.version, case.given, KEY, "0.1.0")


def of_node(node: Path, day: Day, kind: str = "gap", version: int | None = None) -> Case:
    return from_node(node, REALM, day.name_of(kind), version, GivenFiles([day.aids.areas], [day.aids.ports]), silent)


def test_the_pack_stands_in_the_chain_of_the_feed(node: Path, day: Day, node_pack: bytes) -> None:
    found = verify(node_pack)
    journal = Journal(FileDisk(node / "raw"), REALM, "coast")
    assert found.feeds[0]["chained"] and found.feeds[0]["head"] == journal.chain.hex() and found.feeds[0]["head_offset"] == journal.end
    assert found.told_differs == []
    first = json.loads(unseal(node_pack)["feeds.json"])["feeds"][0]
    assert first["pieces"][0][0] > 0 or first["chain_before"] == origin(REALM, "coast").hex()


def test_who_was_told_of_which_version_stands_in_it(node_pack: bytes) -> None:
    story = json.loads(unseal(node_pack)["event.json"])
    assert story["told"] == [{"whom": "capitanía de Callao", "version": 1, "at": "2027-11-05T00:01:02.000000Z"}]
    assert story["versions"][0]["published_at"] == "2027-11-05T00:01:00.000000Z"


@pytest.mark.parametrize("kind", ["encounter", "port_visit", "identity", "area"])
def test_other_kinds_come_out_of_the_journal_too(kind: str, node: Path, day: Day) -> None:
    assert verify(packed(of_node(node, day, kind))).told_differs == []


CHAINED = {
    "the chain before": (edited("feeds.json", lambda s: s["feeds"][0].update(chain_before="00" * 32)), "chain"),
    "the head": (edited("feeds.json", lambda s: s["feeds"][0].update(head="11" * 32)), "chain"),
    "when a piece was received": (edited("feeds.json", lambda s: s["feeds"][0]["pieces"][3].__setitem__(2, 7)), "chain"),
    "a record": (lambda f: f | {"feeds/1.chain": f["feeds/1.chain"][:100] + b"\0" + f["feeds/1.chain"][101:]}, "chain"),
    "a record taken away": (lambda f: f | {"feeds/1.chain": f["feeds/1.chain"][:-52]}, "chain"),
    "a record cut": (lambda f: f | {"feeds/1.chain": f["feeds/1.chain"][:-1]}, "chain"),
    "a raw byte": (lambda f: f | {"feeds/1.raw": b"#" + f["feeds/1.raw"][1:]}, "chain"),
    "no chain at all": (lambda f: {k: v for k, v in f.items() if k != "feeds/1.chain"}, "feeds"),
}


@pytest.mark.parametrize("what", CHAINED)
def test_a_change_within_the_chain_is_told_whoever_signs(what: str, node_pack: bytes) -> None:
    change, words = CHAINED[what]
    with pytest.raises(EvidenceError, match=words):
        verify(forged(node_pack, change, KEY))


def test_it_is_read_beside_a_node_that_writes(node: Path, day: Day, tmp_path: Path, node_pack: bytes) -> None:
    folder = tmp_path / "running"
    shutil.copytree(node, folder)
    raw, idx = sorted((folder / "raw" / "coast").glob("*.raw"))[-1], sorted((folder / "raw" / "coast").glob("*.idx"))[-1]
    journal = Journal(FileDisk(folder / "raw"), REALM, "coast")
    journal.append(b"!AIVDM,later\n", at_to_us(END + timedelta(hours=1)))
    with raw.open("ab") as file:
        file.write(b"!AIVDM,1,1,half a li")
    with idx.open("ab") as file:
        file.write(b"half a record")
    sizes = raw.stat().st_size, idx.stat().st_size
    assert packed(of_node(folder, day)) == node_pack, "what came later is no part of it"
    assert (raw.stat().st_size, idx.stat().st_size) == sizes, "nothing is cut off under the node's hands"


def versioned(node: Path, day: Day, folder: Path, *later: dict[str, object]) -> Path:
    """The node, with further versions of the gap, an hour apart."""
    shutil.copytree(node, folder)
    gap = of_feed(day.events.filter(pl.col("kind") == "gap"), "coast").row(0, named=True)
    with State.open(folder / "state.sqlite", REALM) as state:
        for n, change in enumerate(later, 2):
            state.record_events(pl.DataFrame([gap | {"version": n} | change], schema=EVENTS.schema), END + timedelta(hours=n))
    return folder


def test_an_event_told_otherwise_then_says_what_differs(node: Path, day: Day, tmp_path: Path) -> None:
    found = verify(packed(of_node(versioned(node, day, tmp_path / "n", {"probability": 0.25}), day)))
    assert found.manifest.version == 2 and len(found.told_differs) == 1 and "probability: 0.25 is said" in found.told_differs[0]
    assert found.event["probability"] != 0.25, "the pack tells what the bytes give"


def test_a_withdrawn_event_says_so_in_both_languages(node: Path, day: Day, tmp_path: Path) -> None:
    case = of_node(versioned(node, day, tmp_path / "n", {"state": "withdrawn"}), day)
    files = unseal(packed(case))
    assert case.version == 1 and [v["event"]["state"] for v in json.loads(files["event.json"])["versions"]] == ["closed", "withdrawn"]
    assert b"This event was withdrawn on 2027-11-05 02:01:00Z" in files["account.en.html"]
    assert b"Este evento fue retirado el 2027-11-05 02:01:00Z" in files["account.es.html"]


def test_an_earlier_version_can_be_asked_for(node: Path, day: Day, tmp_path: Path) -> None:
    folder = versioned(node, day, tmp_path / "n", {"probability": 0.25})
    case = of_node(folder, day, version=1)
    assert case.version == 1 and b"A later version of this event was told" in unseal(packed(case))["account.en.html"]
    with pytest.raises(InputError, match="no version 7"):
        of_node(folder, day, version=7)


def test_a_silence_that_still_lasts_is_judged_to_where_it_was_told(node: Path, day: Day, tmp_path: Path) -> None:
    told_at = START + timedelta(hours=13)
    folder = tmp_path / "n"
    shutil.copytree(node, folder)
    (folder / "state.sqlite").unlink()
    (folder / "state.sqlite-lock").unlink()
    from seaward.api import detect

    found = detect(day.feed, realm=REALM, as_of=told_at, kinds=["gap"]).events.filter(pl.col("state") == "open")
    with State.open(folder / "state.sqlite", REALM) as state:
        state.record_events(of_feed(found, "coast"), told_at + timedelta(milliseconds=300))
    name = found["event_id"][0]
    case = from_node(folder, REALM, name, None, GivenFiles(), silent)
    checked = verify(packed(case))
    assert checked.event["state"] == "open" and checked.event["end_at"] == told_at and checked.told_differs == []
    assert b"had not been heard again by" in unseal(packed(case))["account.en.html"]


def test_what_the_node_refuses_is_not_taken_from_its_journal_either(tmp_path: Path) -> None:
    sentences = ais_encode.sentences(
        ais_encode.position_b(
            np.array([100000123, 760000123, 760000124]), *(np.full(3, v) for v in (-78.0, -12.0, 5.0, 90.0, 90.0)), np.zeros(3, int)
        ),
        ["A"] * 3, [0] * 3,
    )  # fmt: skip
    disk = FileDisk(tmp_path / "raw")
    journal, now_us = Journal(disk, "ops", "coast"), at_to_us(START)
    for n, sentence in enumerate(sentences):
        tag = f"c:{at_to_us(START) // 1_000_000 + (3600 if n == 2 else 0)}"
        journal.append(f"\\{tag}*{ais_encode.checksum(tag)}\\{sentence[0]}\r\n".encode(), now_us)
    journal.sync()
    disk.close()
    feed = JournalOrigin(tmp_path / "raw", "ops", "coast", 0, now_us)
    assert [n for batch in feed.feed() for n in batch.reports["mmsi"]] == [760000123], "neither a number of drills, nor an hour ahead"
    feed.close()


def test_damaged_bytes_are_told_and_not_packed(node: Path, day: Day, tmp_path: Path) -> None:
    folder = tmp_path / "n"
    shutil.copytree(node, folder)
    gap = of_feed(day.events.filter(pl.col("kind") == "gap"), "coast").row(0, named=True)
    raw = next((folder / "raw" / "coast").glob("*.raw"))
    content = bytearray(raw.read_bytes())
    content[gap["evidence"][0]["raw_offset"] + 30] ^= 1
    raw.write_bytes(content)
    with pytest.raises(EvidenceError, match=r"does not come out|disk has damaged"):
        of_node(folder, day)


def test_a_record_lost_from_the_chain_is_told(node: Path, day: Day, tmp_path: Path) -> None:
    folder = tmp_path / "n"
    shutil.copytree(node, folder)
    idx = next((folder / "raw" / "coast").glob("*.idx"))
    content = bytearray(idx.read_bytes())
    content[96 * (len(content) // 96 // 2) + 5] ^= 1
    idx.write_bytes(content)
    with pytest.raises(EvidenceError, match="chain of hashes"):
        of_node(folder, day)


def test_what_is_no_node_or_no_event_is_told(node: Path, day: Day, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder of a node"):
        from_node(tmp_path, REALM, "0" * 32, None, GivenFiles(), silent)
    with pytest.raises(InputError, match="has none with the name"):
        from_node(node, REALM, "0" * 32, None, GivenFiles(), silent)
    with pytest.raises(InputError, match="at least 8 digits"):
        from_node(node, REALM, day.name_of("gap")[:4], None, GivenFiles(), silent)
    with pytest.raises(RealmError, match="is of realm 'ex:demo'"):
        from_node(node, "ops", day.name_of("gap"), None, GivenFiles(), silent)
    shutil.copytree(node, tmp_path / "n")
    shutil.rmtree(tmp_path / "n" / "raw")
    with pytest.raises(InputError, match="no bytes of any feed"):
        of_node(tmp_path / "n", day)


def test_files_dropped_into_a_folder_keep_their_headers(tmp_path: Path, vms_feed: Callable[[], list[tuple[bytes, bytes]]]) -> None:
    """A feed of tables, each with a header of its own, as `begins.json` notes where they begin."""
    from seaward.api import detect

    files = vms_feed()
    whole = tmp_path / "all.csv"
    whole.write_bytes(files[0][0] + b"".join(rows for _, rows in files))
    events = detect(whole, kinds=["gap"]).events
    assert len(events)
    disk = FileDisk(tmp_path / "node" / "raw")
    journal, begins, moved = Journal(disk, "ops", "vms"), [], {}
    heard = datetime(2027, 11, 9, tzinfo=UTC)
    for header, rows in files:
        begins.append((journal.end, header.decode()))
        at = journal.append(header + rows, at_to_us(heard))
        moved |= {line: at + len(header) + rows.index(line) for line in rows.splitlines()}
    journal.sync()
    disk.replace("vms/begins.json", json.dumps(begins).encode())
    disk.close()
    text = whole.read_bytes()
    gap = events.with_columns(pl.col("realm").cast(pl.String)).row(0, named=True)
    evidence = [
        e | {"feed": "vms", "raw_offset": moved[text[e["raw_offset"] : e["raw_offset"] + e["raw_length"]].rstrip(b"\r")]} for e in gap["evidence"]
    ]
    with State.open(tmp_path / "node" / "state.sqlite", "ops") as state:
        state.record_events(pl.DataFrame([gap | {"evidence": evidence}], schema=EVENTS.schema), heard)
    case = from_node(tmp_path / "node", "ops", gap["event_id"], None, GivenFiles(), silent)
    found = verify(packed(case))
    assert not found.is_exercise and found.event["evidence"] == evidence
    assert len(json.loads(unseal(packed(case))["feeds.json"])["feeds"][0]["begins"]) == len(files)
