"""A pack of every kind of event holds, is the same each time, and whatever is done to it is told."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.errors import EvidenceError
from seaward.evidence.build import pack
from seaward.evidence.check import verify
from seaward.evidence.from_results import Case
from seaward.proof.container import places, seal, unseal
from seaward.proof.manifest import fingerprint, signed

from .conftest import KEY, KINDS, OTHER_KEY, Day

PackOf = Callable[[str], bytes]


def forged(content: bytes, change: Callable[[dict[str, bytes]], dict[str, bytes]], key: Ed25519PrivateKey = OTHER_KEY) -> bytes:
    """The files of a pack changed, hashed and signed anew: all that somebody with a key of his own can do."""
    files = unseal(content)
    said = json.loads(files["manifest.json"])
    rest = {n: c for n, c in files.items() if not n.startswith(("manifest.", "signer."))}
    named = {k: said[k] for k in ("realm", "event_id", "version", "seaward")}
    return seal(signed(change(rest), key, **named))


def edited(name: str, change: Callable[[dict], object]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """A change within a file of JSON."""

    def made(files: dict[str, bytes]) -> dict[str, bytes]:
        said = json.loads(files[name])
        change(said)
        return files | {name: json.dumps(said).encode()}

    return made


@pytest.mark.parametrize("kind", KINDS)
def test_a_pack_of_each_kind_of_event_holds(kind: str, day: Day, pack_of: PackOf) -> None:
    found = verify(pack_of(kind))
    told = day.events.row(by_predicate=pl.col("event_id") == day.name_of(kind), named=True)
    assert found.is_exercise and found.manifest.realm == "ex:demo" and found.manifest.fingerprint == fingerprint(KEY.public_key())
    assert found.told_differs == [] and found.reports > 0
    for field in ("event_id", "kind", "vessel_ids", "start_at", "end_at", "state", "lon_deg", "lat_deg", "probability", "reasons", "evidence"):
        assert found.event[field] == told[field], field


def test_the_same_event_gives_the_same_bytes(case_of: Callable[[str], Case], pack_of: PackOf) -> None:
    case = case_of("encounter")
    assert pack(case.gathered, case.told, case.version, case.given, KEY, "0.1.0") == pack_of("encounter")


def test_the_raw_bytes_are_those_of_the_feed(day: Day, pack_of: PackOf) -> None:
    files, feed = unseal(pack_of("gap")), day.feed.read_bytes()
    told = json.loads(files["feeds.json"])["feeds"][0]
    assert told["file_sha256"] == hashlib.sha256(feed).hexdigest() and told["file_bytes"] == len(feed)
    assert files["feeds/1.raw"] == b"".join(feed[o : o + k] for o, k, _ in told["pieces"])
    for line in files["reports.csv"].decode().splitlines()[1:]:
        _, name, at, _, offset, length, *_ = line.split(",")
        assert files[name][int(at) : int(at) + int(length)] == feed[int(offset) : int(offset) + int(length)]


def test_no_vessel_that_is_not_concerned_is_named(pack_of: PackOf) -> None:
    said = json.loads(unseal(pack_of("gap"))["known/reception.json"])
    assert set(said["silences"]["vessel_id"]) == {"mmsi:100000689", "other"}


def test_every_report_of_the_vessels_in_the_window_is_there(day: Day, pack_of: PackOf) -> None:
    files = unseal(pack_of("encounter"))
    story = json.loads(files["event.json"])
    since, until = (pl.lit(t).str.to_datetime(time_zone="UTC") for t in story["window"])
    mine = pl.read_parquet(day.results / "positions.parquet").filter(pl.col("mmsi").is_in([int(v[5:14]) for v in story["event"]["vessel_ids"]]))
    inside = mine.filter(pl.col("at").is_between(since, until))
    packed = {int(row.split(",")[4]) for row in files["reports.csv"].decode().splitlines()[1:]}
    assert set(inside["raw_offset"]) <= packed and len(packed) > 4 * len(story["event"]["evidence"])
    assert story["reports_left_out"] == len(mine) - len(inside)


@settings(max_examples=300)
@given(data=st.data())
def test_any_one_byte_of_a_pack_changed_is_told(data: st.DataObject, pack_of: PackOf) -> None:
    whole = pack_of("loitering")
    at, mask = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    with pytest.raises(EvidenceError):
        verify(whole[:at] + bytes([whole[at] ^ mask]) + whole[at + 1 :])


def test_a_byte_of_each_file_changed_is_told_with_the_name_of_the_file(pack_of: PackOf) -> None:
    whole = pack_of("loitering")
    for name, (start, end) in places(unseal(whole)).items():
        at = (start + end) // 2
        changed = bytearray(whole)
        changed[at] ^= 0x20
        with pytest.raises(EvidenceError, match=name.replace(".", r"\.")):
            verify(bytes(changed))


def repaired(content: bytes) -> bytes:
    """Checksums of the archive put right, as somebody would who changes a byte with a zip tool."""
    files = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            start = info.header_offset + 30 + len(info.filename)
            files[info.filename] = content[start : start + info.file_size]
    return seal(files)


def test_a_byte_changed_under_a_right_checksum_is_told_by_the_hash(pack_of: PackOf) -> None:
    whole = bytearray(pack_of("loitering"))
    start, _ = places(unseal(bytes(whole)))["feeds/1.raw"]
    whole[start + 40] ^= 1
    with pytest.raises(EvidenceError, match=r"feeds/1\.raw .*SHA-256"):
        verify(repaired(bytes(whole)))


INVENTED = {"whom": "Capitán de Navío Inventado", "version": 1, "at": "2027-11-05T00:00:00Z"}
FORGERIES: dict[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]] = {
    "a higher probability": (edited("event.json", lambda s: s["event"].update(probability=0.999)), "probability"),
    "another end": (edited("event.json", lambda s: s["event"].update(end_at="2027-11-04T23:00:00.000000Z")), "end_at"),
    "another place": (edited("event.json", lambda s: s["event"].update(lat_deg=-12.0)), "lat_deg"),
    "another vessel": (edited("event.json", lambda s: s["event"].update(vessel_ids=["mmsi:760000001"])), "vessel_ids"),
    "a reason taken away": (edited("event.json", lambda s: s["event"]["reasons"].pop()), "reasons"),
    "a reason's value": (edited("event.json", lambda s: s["event"]["reasons"][0]["values"][0].update(value=99.0)), "reasons"),
    "another evidence": (edited("event.json", lambda s: s["event"]["evidence"].pop()), "evidence"),
    "another state": (edited("event.json", lambda s: s["event"].update(state="open")), "state"),
    "another event": (edited("event.json", lambda s: s["event"].update(event_id="0" * 32)), "event.json"),
    "another realm": (edited("event.json", lambda s: s["event"].update(realm="ops")), "event.json"),
    "no event": (edited("event.json", lambda s: s.pop("event")), "event.json"),
    "a parameter": (edited("parameters.json", lambda s: s["behaviour"].update(off_per_day=1.0)), "follow.*probability"),
    "a parameter out of range": (edited("parameters.json", lambda s: s["behaviour"].update(min_gap_s=-1.0)), "parameters.json"),
    "a parameter nobody knows": (edited("parameters.json", lambda s: s["behaviour"].update(secret=1)), "parameters.json"),
    "a method of another version": (edited("parameters.json", lambda s: s.update(method="gap/99")), "another|version"),
    "a moment without a zone": (edited("parameters.json", lambda s: s.update(as_of="2027-11-04T12:00:00")), "parameters.json"),
    "pieces that overlap": (edited("feeds.json", lambda s: s["feeds"][0]["pieces"].insert(1, s["feeds"][0]["pieces"][0])), "feeds.json"),
    "pieces moved": (edited("feeds.json", lambda s: s["feeds"][0]["pieces"][-1].__setitem__(0, 10**9)), "reports|packed"),
    "no pieces": (edited("feeds.json", lambda s: s["feeds"][0].update(pieces=[])), "feeds.json"),
    "no feeds": (edited("feeds.json", lambda s: s.update(feeds=[])), "packed|reports|feeds/1"),
    "feeds that are none": (edited("feeds.json", lambda s: s.update(feeds=[[1]])), "feeds.json"),
    "a feed of another realm": (edited("feeds.json", lambda s: s["feeds"][0].update(realm="ops")), "realm"),
    "a feed of another format": (edited("feeds.json", lambda s: s["feeds"][0].update(format="dma")), "packed|read"),
    "a feed of no format": (edited("feeds.json", lambda s: s["feeds"][0].update(format="telepathy")), "format"),
    "a file more": (lambda f: f | {"more.txt": b"x"}, "more.txt"),
    "a file less": (lambda f: {k: v for k, v in f.items() if k != "account.es.pdf"}, "account.es.pdf"),
    "a line of raw bytes": (lambda f: f | {"feeds/1.raw": f["feeds/1.raw"].replace(b"AIVDM,1,1,,A,1", b"AIVDM,1,1,,A,2", 1)}, "packed"),
    "a row of positions": (lambda f: f | {"positions.csv": f["positions.csv"].replace(b" S,", b" N,", 1)}, r"positions\.csv, line 2"),
    "a row of statements": (lambda f: f | {"statements.csv": f["statements.csv"].replace(b"JIGGER", b"LUCERO")}, r"statements\.csv, line 2"),
    "a report left out": (lambda f: f | {"reports.csv": b"\r\n".join([*f["reports.csv"].split(b"\r\n")[:-30], b""])}, r"follow|positions\.csv"),
    "a report twice": (lambda f: f | {"reports.csv": f["reports.csv"] + f["reports.csv"].split(b"\r\n")[1] + b"\r\n"}, "twice"),
    "another time of a report": (lambda f: f | {"reports.csv": f["reports.csv"].replace(b"T04:", b"T03:", 1)}, "packed"),
    "reports that are no table": (lambda f: f | {"reports.csv": b"\xff\xfe"}, "reports.csv"),
    "other reception": (edited("known/reception.json", lambda s: s["heard"].update(heard=[1 for _ in s["heard"]["heard"]])), "follow"),
    "reception without a pace": (edited("known/reception.json", lambda s: s["silences"]["pace"].__setitem__(0, None)), "reception.json.*pace"),
    "reception without end": (edited("known/reception.json", lambda s: s["heard"]["heard"].__setitem__(0, 10**30)), r"reception\.json"),
    "a vessel of another realm": (edited("known/vessels.json", lambda s: s["realm"].__setitem__(0, "x")), r"vessels\.json.*realm 'x'"),
    "a vessel without end": (edited("known/vessels.json", lambda s: s["length_m"].__setitem__(0, 1e39)), r"vessels\.json.*length_m"),
    "who was told of no version": (edited("event.json", lambda s: s.update(told=[INVENTED | {"version": 99}])), "told is of version 99"),
    "who was told at no moment": (edited("event.json", lambda s: s.update(told=[INVENTED | {"at": "1990"}])), "told has '1990'"),
    "who was told before it began": (edited("event.json", lambda s: s.update(told=[INVENTED | {"at": "1990-01-01T00:00:00Z"}])), "before the event"),
    "nobody was told": (edited("event.json", lambda s: s.update(told=[INVENTED | {"whom": " "}])), "told does not say"),
    "no versions": (edited("event.json", lambda s: s.update(versions=[])), "versions"),
    "a version of another event": (edited("event.json", lambda s: s["versions"][0]["event"].update(kind="drift")), "versions is of another"),
    "a version that said otherwise": (edited("event.json", lambda s: s["versions"][0]["event"].update(probability=0.01)), "told_differs"),
    "a difference that is none": (edited("event.json", lambda s: s.update(told_differs=["probability: 0.1 is said, 0.9 is found"])), "told_differs"),
    "no mark": (edited("event.json", lambda s: s.update(mark=None)), "event.json.*mark"),
    "no mark of the parameters": (edited("parameters.json", lambda s: s.update(mark="")), "parameters.json.*mark"),
    "no mark of the feeds": (edited("feeds.json", lambda s: s.update(realm="ops")), "feeds.json.*mark"),
    "a window without its reports": (edited("event.json", lambda s: s.update(window=["2027-11-04T00:00:00Z"] * 2)), "outside the window"),
    "reports left out that are none": (edited("event.json", lambda s: s.update(reports_left_out=-1)), "reports_left_out"),
    "given files that are none": (edited("event.json", lambda s: s.update(given=[None])), "given"),
    "no reception": (lambda f: {k: v for k, v in f.items() if k != "known/reception.json"}, "follow"),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forgery_signed_anew_does_not_follow_from_its_bytes(what: str, pack_of: PackOf) -> None:
    change, words = FORGERIES[what]
    with pytest.raises(EvidenceError, match=words):
        verify(forged(pack_of("gap"), change))


VALUES = (None, "x", -1, 1e308, 1e-320, 10**30, 2**63, [], {}, True, [None], 0, "", "2027-01-01T00:00:00+00:00", "0001-01-01T00:00:00+23:59")


def places_in(said: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The way to everything within a file of JSON; of lists the first two."""
    inner = said.items() if isinstance(said, dict) else enumerate(said[:2]) if isinstance(said, list) else ()
    return [path, *(way for key, value in inner for way in places_in(value, (*path, key)))]


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_a_pack_of_another_says_is_judged_or_a_finding(data: st.DataObject, pack_of: PackOf) -> None:
    whole = pack_of("gap")
    files = unseal(whole)
    name = data.draw(st.sampled_from([n for n in files if n.endswith(".json") and n != "manifest.json"]))
    said = json.loads(files[name])
    *way, last = data.draw(st.sampled_from([p for p in places_in(said) if p]))
    inner = said
    for key in way:
        inner = inner[key]
    inner[last] = data.draw(st.sampled_from(VALUES))
    with contextlib.suppress(EvidenceError):
        verify(forged(whole, lambda f: f | {name: json.dumps(said).encode()}))


@pytest.mark.parametrize("what", [ValueError, ZeroDivisionError, RecursionError, MemoryError, pl.exceptions.PanicException])
def test_whatever_breaks_while_a_pack_is_judged_is_a_finding(what: type[BaseException], pack_of: PackOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise what("no\nsuch luck")

    monkeypatch.setattr("seaward.evidence.check.derived", broken)
    with pytest.raises(EvidenceError, match=f"cannot be judged .{what.__name__}: no such luck"):
        verify(pack_of("gap"))


def test_what_only_the_signature_holds_names_another_signer(pack_of: PackOf) -> None:
    lied = forged(pack_of("gap"), lambda f: f | {"account.en.html": b"<p>It was intended.</p>"})
    assert verify(lied).manifest.fingerprint == fingerprint(OTHER_KEY.public_key()) != fingerprint(KEY.public_key())


def test_an_archive_of_another_program_with_the_same_files_is_no_pack(pack_of: PackOf) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in unseal(pack_of("gap")).items():
            archive.writestr(name, content)
    with pytest.raises(EvidenceError, match="byte"):
        verify(out.getvalue())


def test_the_plain_python_of_the_documents_checks_hashes_and_chain(node_pack: bytes, pack_of: PackOf, tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
    code = re.search(r"^```py\n(.*?)^```", page, re.M | re.S)
    assert code and "seaward" not in code[1]
    path = tmp_path / "pack.zip"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        exec(compile(code[1], "docs/evidence.md", "exec"), {"PACK": path})

    check(node_pack)
    check(pack_of("gap"))
    files = unseal(node_pack)
    for name, at in (("feeds/1.chain", 60), ("feeds/1.raw", 10)):
        bad = bytearray(files[name])
        bad[at] ^= 1
        with pytest.raises(AssertionError):
            check(seal(files | {name: bytes(bad)}))
        with pytest.raises((AssertionError, KeyError)):
            check(forged(node_pack, lambda f, name=name, bad=bad: f | {name: bytes(bad)}))
