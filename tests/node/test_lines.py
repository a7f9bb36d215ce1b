"""Pieces of any size become whole lines with a time; nothing of them is lost, however they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.feeds.batch import Chunk, ReadOptions
from seaward.feeds.nmea import NMEA
from seaward.node import lines as module
from seaward.node.lines import Lines, stamped

BARE = b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23"
NOW_US = 1_790_000_000_123_456


def read(data: bytes) -> list[int]:
    """The reports' times of reception [us]."""
    batches = NMEA.read([Chunk(0, data)], ReadOptions("ops", "x"))
    return [t for b in batches for t in b.reports["received_at"].to_physical().to_list()]


@given(st.binary(max_size=400), st.lists(st.integers(1, 50), min_size=1))
def test_lines_do_not_depend_on_where_they_are_cut(data: bytes, sizes: list[int]) -> None:
    lines, out, at, k = Lines(), b"", 0, 0
    while at < len(data):
        out += lines.cut(data[at : at + sizes[k % len(sizes)]])
        at, k = at + sizes[k % len(sizes)], k + 1
    out += lines.finish()
    whole = data[: data.rfind(b"\n") + 1]
    rest = data[len(whole) :]
    assert out == whole + (rest + b"\n" if rest.strip() else b"")


@pytest.mark.parametrize("size", [7, 50, 400])
def test_a_line_longer_than_any_is_left_out_and_said_so(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LINE_BYTES", 100)
    data = b"first\n" + b"x" * 350 + b"\nlast\n"
    lines, out = Lines(), b""
    for at in range(0, len(data), size):
        out += lines.cut(data[at : at + size])
    assert out == b"first\n# a line of 350 bytes was left out\nlast\n"[:6] + out[6:]
    assert out.startswith(b"first\n# a line of 35") and out.endswith(b" bytes was left out\nlast\n") and lines.overlong == 1


def test_a_bare_sentence_gets_the_time_of_its_reception() -> None:
    out = stamped(BARE + b"\r\n" + BARE + b"\n", NOW_US)
    assert out.count(b"\\c:1790000000123*") == 2
    assert read(out) == [NOW_US // 1000 * 1000] * 2


@pytest.mark.parametrize(
    "line",
    [b"\\c:1700000000*57\\" + BARE + b"\n", BARE + b",r003669945,1700000000\n", b"$PGHP,1,2024,1,1,0,0,0,0,219,,2190047,1,23*2A\n" + BARE + b"\n"],
    ids=["TAG block", "trailing stamp", "comment line before"],
)
def test_a_sentence_with_a_time_of_its_own_keeps_it(line: bytes) -> None:
    assert stamped(line, NOW_US) == line


def test_a_tag_block_without_a_time_gets_one_beside_what_it_says() -> None:
    out = stamped(b"\\s:Callao*46\\" + BARE + b"\n", NOW_US)
    assert out.startswith(b"\\s:Callao,c:1790000000123*") and read(out) == [NOW_US // 1000 * 1000]


@given(st.binary(max_size=300))
def test_whatever_comes_keeps_its_lines(data: bytes) -> None:
    assert stamped(data, NOW_US).count(b"\n") == data.count(b"\n")
