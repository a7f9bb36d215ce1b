"""Real feeds, field by field against pyais; and mutated, to see that nothing is lost and nothing breaks."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyais
import pytest

from seaward.feeds.batch import Batch, Chunk, LineCounts, ReadOptions
from seaward.feeds.nmea import NMEA

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "nmea"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real data (../shared/data/nmea) is not here")
FILES = ("aegean_898.txt", "aislib_comment_blocks.txt", "aislib_decode_encode.txt", "california_250.txt", "dma_2010-06-11_stream.txt",
         "dma_2013-11-12_full_feed.txt.gz", "dma_micro.txt.gz", "gatehouse.nmea", "messages.ais", "mixed.txt")  # fmt: skip


def data_of(name: str) -> bytes:
    raw = (FOLDER / name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


def read(data: bytes, step: int = 1 << 30, messages: bool = True) -> tuple[Batch, LineCounts]:
    chunks, at = [], 0
    while at < len(data):
        end = data.find(b"\n", at + step) + 1 or len(data)
        chunks.append(Chunk(at, data[at:end]))
        at = end
    batches = list(NMEA.read(chunks, ReadOptions("ops", "real")))
    counts, types = LineCounts(), Counter()
    for b in batches:
        counts += b.counts
        types += b.message_types
    frames = [pl.concat([getattr(b, name) for b in batches]) for name in ("reports", "static", "rejected")]
    again = NMEA.read(chunks, ReadOptions("ops", "real", messages=True)) if messages else ()
    every = pl.concat([b.messages for b in again if b.messages is not None]) if messages else None
    return Batch(*frames, counts, types, every), counts


def by_pyais(data: bytes) -> list:
    """Decoded messages in the order in which they were complete; sentences written on one line are taken apart, wrong checksums left out."""
    lines = data.replace(b"\\r\\n!", b"\n!").splitlines()
    found = []
    for m in pyais.IterMessages([line.strip() for line in lines if b"!" in line]):
        text = m.raw.decode()
        if "*" not in text or not m.payload:
            continue
        found.append((m, m.decode()))
    return found


def near(a: float | None, b: float | None, within: float = 1e-5) -> bool:
    return a is None if b is None else a is not None and abs(a - b) <= within * max(1.0, abs(b))


def known(value: float | None, *unknown: float) -> float | None:
    return None if value is None or value in unknown else value


@pytest.mark.parametrize("name", FILES)
def test_every_message_equals_pyais_field_by_field(name: str):
    got, _ = read(data_of(name))
    theirs = by_pyais(data_of(name))
    assert got.messages is not None
    rows = got.messages.rows(named=True)
    assert len(rows) == len(theirs)
    for r, (m, d) in zip(rows, theirs, strict=True):
        assert (r["message_type"], r["mmsi"], r["repeat"], r["talker"]) == (d.msg_type, d.mmsi, d.repeat, m.talker_id)
        if d.msg_type in (1, 2, 3, 4, 9, 11, 18, 19, 21, 27):
            assert near(r["lon_deg"], known(d.lon, 181.0), 1e-9) and near(r["lat_deg"], known(d.lat, 91.0), 1e-9)
        if d.msg_type in (1, 2, 3, 18, 19):
            assert near(r["sog_kn"], known(d.speed, 102.3)) and near(r["cog_deg"], d.course if d.course < 360 else None)
            assert r["heading_deg"] == (d.heading if d.heading < 360 else None) and r["second"] == (d.second if d.second < 60 else None)
            assert (r["accuracy"], r["raim"]) == (d.accuracy, d.raim)
        if d.msg_type in (1, 2, 3):
            assert r["nav_status"] == known(int(d.status), 15) and r["rot_deg_min"] == known(d.turn, -128)
        if d.msg_type in (5, 19, 24, 21):
            for ours, his in (("name", "shipname"), ("name", "name"), ("callsign", "callsign"), ("destination", "destination")):
                if hasattr(d, his):
                    assert r[ours] == (getattr(d, his) or None), (r, d)
        if d.msg_type == 5:
            assert r["imo"] == known(d.imo, 0) and near(r["draught_m"], known(d.draught, 0))
            assert near(r["length_m"], known(d.to_bow + d.to_stern, 0)) and near(r["beam_m"], known(d.to_port + d.to_starboard, 0))
            assert r["eta"] is None or r["eta"] == f"{d.month:02d}-{d.day:02d} {d.hour:02d}:{d.minute:02d}"
        if d.msg_type in (12, 14):
            assert (d.text or "") in (r["details"] or "")


def test_the_danish_feed_of_2013_is_read_to_the_last_line():
    got, counts = read(data_of(FILES[5]))
    assert counts == LineCounts(accepted=26_146, other=54_100) and counts.lines == 80_246
    assert got.message_types == {1: 20_044, 3: 4_151, 4: 1_234, 5: 69, 18: 493, 21: 25, 24: 61}
    assert got.messages is not None and got.messages["mmsi"].n_unique() == 1508
    day = {"tzinfo": UTC}
    assert (
        datetime(2013, 11, 12, 12, **day)
        <= got.reports["received_at"].min()
        <= got.reports["received_at"].max()
        < datetime(2013, 11, 12, 12, 5, **day)
    )
    assert got.reports["received_at"].null_count() == 0
    where = got.reports.filter(pl.col("transceiver").is_in(["A", "B"]))
    assert (
        where["lat_deg"].min() > 54.09 - 0.01 and where["lat_deg"].max() < 58.01 and where["lon_deg"].min() > 7.49 and where["lon_deg"].max() < 16.16
    )


def test_the_danish_stream_of_2010_gives_all_types_and_all_parts():
    got, counts = read(data_of(FILES[4]))
    assert counts.lines == 8551 and counts.rejected == 0 and counts.accepted == 4482 + 18  # 18 say `!--VDM`
    assert set(got.message_types) == {1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 20, 21, 23, 24}
    assert got.messages is not None and got.messages.filter(pl.col("talker") != "--")["mmsi"].n_unique() == 1933


@pytest.mark.parametrize("step", [1, 997, 100_000])
def test_where_the_feed_is_cut_changes_nothing(step: int):
    data = data_of(FILES[4]) + data_of(FILES[9]) + data_of(FILES[0])
    data = data[-20_000:] if step == 1 else data
    (whole, one), (pieces, two) = read(data), read(data, step)
    assert one == two and whole.message_types == pieces.message_types
    for name in ("reports", "static", "messages"):
        assert getattr(whole, name).equals(getattr(pieces, name)), name
    assert whole.rejected.sort("raw_offset").equals(pieces.rejected.sort("raw_offset"))


def mutated(lines: list[bytes], n: int, rng: random.Random) -> bytes:
    """Real lines with bytes changed, dropped, doubled and swapped, and lines left out, repeated and joined."""
    out = []
    for _ in range(n):
        line = bytearray(rng.choice(lines))
        for _ in range(rng.choice((0, 1, 1, 1, 2, 5))):
            at, how = rng.randrange(len(line) + 1), rng.randrange(5)
            if how == 0 and at < len(line):
                line[at] = rng.randrange(256)
            elif how == 1:
                del line[at : at + rng.randrange(1, 9)]
            elif how == 2:
                line[at:at] = line[: rng.randrange(20)]
            elif how == 3:
                line[at:at] = rng.choice((b"\\", b"\\r\\n", b",", b"*", b"!AIVDM", b"\0", b"\n", b"\r"))
            elif at + 1 < len(line):
                line[at], line[at + 1] = line[at + 1], line[at]
        out.append(bytes(line))
    return b"\n".join(out)


def check_mutated(n: int, seed: int) -> None:
    rng = random.Random(seed)
    lines = [line for name in FILES if "2013" not in name for line in data_of(name).splitlines()] + data_of(FILES[5]).splitlines()[:3000]
    data = mutated(lines, n, rng)
    got, counts = read(data, rng.randrange(1000, 1_000_000))
    assert counts.lines == data.count(b"\n") + (not data.endswith(b"\n")) and counts.rejected == len(got.rejected)
    assert got.rejected["raw_offset"].n_unique() == len(got.rejected) and sum(got.message_types.values()) == len(got.messages)  # type: ignore[arg-type]
    for name, low, high in (("lon_deg", -180, 180), ("lat_deg", -90, 90)):
        assert got.reports[name].drop_nulls().is_between(low, high).all()


def test_mutated_feeds_are_counted_to_the_last_line():
    for seed in range(3):
        check_mutated(10_000, seed)


@pytest.mark.soak
def test_a_million_mutated_lines_are_counted_to_the_last_line():
    for seed in range(12):
        check_mutated(100_000, 1000 + seed)
