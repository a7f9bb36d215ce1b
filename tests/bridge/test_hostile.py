"""Route files of enemies: bombs, depth, size, wrong letters, two realms. All are refused with a reason, none hangs or crashes."""

from __future__ import annotations

import io
import re
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.bridge.cot import read_cot, write_cot
from seaward.bridge.gpx import read_gpx, write_gpx
from seaward.bridge.marks import check_route_realm, claimed_realm, waypoint_name
from seaward.bridge.mistakes import RouteError
from seaward.bridge.read_rtz import read_rtz
from seaward.bridge.table import read_table, write_table
from seaward.bridge.write_rtz import write_rtz
from seaward.core.errors import InputError, RealmError
from tests.bridge.made_up_routes import made_up

ROUTE = made_up()[0]
NAME = f"{ROUTE.name}.rtz"
BOMB = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + k, b"&%c;" % (97 + k) * 10) for k in range(9)) + b"]><route>&j;</route>"  # fmt: skip
READERS = {"rtz": (read_rtz, write_rtz), "gpx": (read_gpx, write_gpx), "cot": (read_cot, write_cot), "csv": (read_table, write_table)}


@pytest.mark.parametrize("kind", ["rtz", "gpx", "cot"])
@pytest.mark.parametrize(
    ("raw", "part"),
    [(BOMB, "document type"), (b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', "document type"), (b"<a>" * 100_000, "deep"),
     (b"<a>" + b"<b/>" * 99_000 + b"</a>", ""), (b" " * 100_000_000, "kB"), (b'<?xml version="1.0" encoding="utf-7"?><a/>', ""),
     (b'<?xml version="1.0" encoding="latin-99"?><a/>', ""), (b"<route>\xff\xfe</route>", "XML"), (b"", "XML"), (b"<route", "XML"),
     ("<route/>".encode("utf-16"), ""), (b'<?xml version="1.0" encoding="shift_jis"?><a>\x83</a>', ""), (b"<a>&nothing;</a>", "XML")],
    ids=["bomb", "outside", "deep", "many", "100 MB", "utf-7", "no encoding", "not utf-8", "empty", "cut", "utf-16", "two bytes", "entity"],
)  # fmt: skip
def test_hostile_xml_is_refused_quickly(kind, raw, part) -> None:
    began = time.process_time()
    with pytest.raises(RouteError) as caught:
        READERS[kind][0](f"x.{kind}", raw)
    assert part in str(caught.value) and "route.wrong" not in caught.value.told("en") + caught.value.told("es")
    assert time.process_time() - began < 30


@pytest.mark.parametrize("kind", READERS)
@given(st.data())
def test_any_damage_ends_in_a_route_or_a_reason(kind, data) -> None:
    read, write = READERS[kind]
    raw = bytearray(write(ROUTE))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
    try:
        read(NAME, bytes(raw))
    except (InputError, RealmError) as e:
        assert str(e)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_reason(raw) -> None:
    for read, _ in READERS.values():
        with pytest.raises(InputError):
            read("x", raw)


@pytest.mark.parametrize("speed", ["9" * 320, "1e400", "INF", "-1", "NaN"])
def test_a_speed_that_is_no_number_is_refused_however_it_is_written(speed) -> None:
    text = write_rtz(ROUTE).decode()
    first = re.search(r' speed="[^"]*"', text)
    assert first
    with pytest.raises(RouteError, match="speed of scheduleElement"):
        read_rtz(NAME, text.replace(first[0], f' speed="{speed}"', 1).encode())


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name.replace("__", "."), raw)
    return out.getvalue()


def test_archives_of_none_of_two_and_of_a_bomb_are_refused() -> None:
    for raw in (zipped(), zipped(a__rtz=b"", b__rtz=b""), zipped(a__rtz=b" " * 50_000_000), zipped(a__rtz=b"x")[:-30], b"PK\x03\x04" + b"\0" * 200):
        with pytest.raises(RouteError):
            read_rtz("a.rtzp", raw)


def test_a_route_of_two_realms_is_refused() -> None:
    text = write_rtz(ROUTE).decode()
    with pytest.raises(RealmError):
        read_rtz(NAME, text.replace('realm="ex:small"', 'realm="ops"').encode())
    with pytest.raises(RealmError):
        read_rtz(NAME, text.replace('realm="ex:small"', 'realm="ex:other"').encode())
    stripped = text[: text.index(' <extensions>\n  <extension manufacturer="Seaward" name="route"')] + "</route>"
    assert read_rtz(NAME, stripped.encode()).realm == "ex:small"  # an ECDIS that drops extensions keeps the names


def test_only_routes_of_a_plans_own_realm_are_held_against_it() -> None:
    check_route_realm("ops", "f", "ops")
    check_route_realm(None, "f", "ops")
    check_route_realm("ex:small", "f", "ex:small")
    check_route_realm("ex:", "f", "ex:small")
    for claimed, realm in (("ex:small", "ops"), ("ex:", "ops"), (None, "ex:small"), ("ops", "ex:small"), ("ex:other", "ex:small")):
        with pytest.raises(RealmError):
            check_route_realm(claimed, "f", realm)
    assert claimed_realm(None, "route", ["EXS001"]) == "ex:" and claimed_realm(None, "route", ["EXIT"]) is None


def test_names_last_as_long_as_six_characters_can() -> None:
    names = {waypoint_name("ex:a", "search", n) for n in (1, 999, 1000, 1001, 1035, 1036, 34_695)}
    assert len(names) == 7 and all(len(n) == 6 for n in names)
    with pytest.raises(ValueError, match="no name"):
        waypoint_name("ops", "search", 34_696)
