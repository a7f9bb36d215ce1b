"""Messages of every type against pyais, which others wrote and use: the same bits must give the same values."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pyais.bit_vector import bit_vector
from pyais.messages import MSG_CLASS

from seaward.feeds.ais_fields import LAYOUTS
from seaward.feeds.batch import Chunk, ReadOptions
from seaward.feeds.nmea import NMEA

_ARMOUR = b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
LENGTHS = {k: 168 for k in range(1, 28)} | {5: 424, 16: 96, 10: 72, 15: 160, 19: 312, 20: 160, 21: 356, 23: 160, 27: 96}
LENGTHS[14] = 160
PYAIS = {"status": "nav_status", "turn": "rot_deg_min", "speed": "sog_kn", "lon": "lon_deg", "lat": "lat_deg", "course": "cog_deg",
         "heading": "heading_deg",
         "shipname": "name", "draught": "draught_m", "alt": "altitude_m", "to_bow": "to_bow_m", "to_stern": "to_stern_m", "to_port": "to_port_m",
         "to_starboard": "to_starboard_m", "month": "eta_month", "day": "eta_day", "hour": "eta_hour", "minute": "eta_minute"}  # fmt: skip


def sentence(sixes: np.ndarray, fill: int) -> bytes:
    body = b"AIVDM,1,1,,A,%s,%d" % (bytes(_ARMOUR[s] for s in sixes), fill)
    return b"!%s*%02X" % (body, int(np.bitwise_xor.reduce(np.frombuffer(body, np.uint8))))


def random_messages(kind: int, n: int) -> list[np.ndarray]:
    rng = np.random.default_rng(kind)
    rows = rng.integers(0, 64, (n, -(-LENGTHS[kind] // 6)))
    rows[:, 0] = kind
    return list(rows)


@pytest.mark.parametrize("kind", range(1, 28))
def test_random_bits_of_each_type_give_what_pyais_gives(kind: int):
    rows = random_messages(kind, 60)
    fill = -LENGTHS[kind] % 6
    lines = [sentence(row, fill) for row in rows]
    data = b"\n".join(lines)
    got = next(NMEA.read([Chunk(0, data)], ReadOptions("ops", "x", messages=True)))
    assert got.messages is not None and len(got.messages) >= (5 if kind in (1, 2, 3, 4, 9, 11, 17, 18, 19, 21, 24, 27) else 60)
    starts = np.cumsum([0] + [len(line) + 1 for line in lines]).tolist()
    checked = 0
    for ours in got.messages.rows(named=True):
        bv = bit_vector(bytes(_ARMOUR[s] for s in rows[starts.index(ours["raw_offset"])]), fill)
        theirs = MSG_CLASS[kind].from_vector(bv)
        details = json.loads(ours["details"]) if ours["details"] else {}
        for name, value in theirs.asdict(enum_as_int=True).items():
            checked += compare(kind, name, value, ours, details, bv)
        assert ours["mmsi"] == theirs.mmsi and ours["repeat"] == theirs.repeat
    assert checked


def compare(kind: int, name: str, value: object, ours: dict, details: dict, bv: bit_vector) -> int:
    """1 if a field was compared and found equal, 0 if pyais gives it in another form that is compared elsewhere."""
    if value is None or name in ("msg_type", "repeat", "mmsi", "full_name") or name.startswith(("reserved", "empty")):
        return 0
    if kind in (6, 8) and name not in ("dac", "fid", "dest_mmsi", "seqno"):  # pyais takes some applications apart
        return 0
    if kind == 26 and bv.get(38, 2) == 2 and name in ("app_id", "data"):  # unstructured has no application (M.1371-5 table 85); pyais reads one
        return 0
    if name in ("month", "day", "hour", "minute") and kind == 5:
        if name == "month" and ours["eta"] is not None:
            assert ours["eta"] == f"{bv.get(274, 4):02d}-{bv.get(278, 5):02d} {bv.get(283, 5):02d}:{bv.get(288, 6):02d}"
        return 0
    column = PYAIS.get(name, name) if kind not in (4, 11) or name in ("lon", "lat") else name
    if name in ("lon", "lat") and kind == 17:  # pyais leaves tenths of minutes without sign
        start, width = (40, 18) if name == "lon" else (58, 17)
        value = round(bv.get_num(start, width, True) / 600, 6)
    if name in (
        "ship_type",
        "status",
        "maneuver",
        "epfd",
        "aid_type",
        "station_type",
        "txrx",
        "interval",
    ):  # as coded, where pyais folds unknown codes
        at = next(f for spec in LAYOUTS if spec.message_type == kind for f in spec.fields if f.name == column)
        value = bv.get(at.start, at.width)
    if column in ours:
        found = ours[column]
        if found is None:
            assert value in unknown(column, kind) or not value or (column in ("cog_deg", "heading_deg") and value >= 360), (name, value)
        elif isinstance(found, str):
            assert found == value, name
        else:
            assert found == pytest.approx(value, rel=1e-6, abs=1e-9), name
    elif isinstance(value, bytes):
        assert bytes.fromhex(details[name]) == value, name
    else:
        assert details[name] == value, name
    return 1


def unknown(column: str, kind: int) -> tuple[float, ...]:
    return {"lon_deg": (181,), "lat_deg": (91,), "sog_kn": (63,) if kind == 27 else (102.3, 1023), "nav_status": (15,), "rot_deg_min": (-128,),
            "second": (60, 61, 62, 63), "altitude_m": (4095,)}.get(column, (0,))  # fmt: skip


def test_fields_of_a_layout_do_not_overlap():
    for spec in LAYOUTS:
        ends = 38
        for field in sorted(spec.fields, key=lambda f: f.start):
            assert field.start >= ends, (spec.message_type, field)
            ends = field.start + max(field.width, 1)
