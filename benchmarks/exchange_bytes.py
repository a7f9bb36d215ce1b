"""What one update of a track costs in bytes: ours on the wire, beside Cursor on Target, AIS and GeoJSON for the same tracks.

`python -m benchmarks.exchange_bytes`. Every form is made by the code that a node runs, and none is left without what it needs to be read: frames,
TAG blocks, signatures. A drawn sea of 2,000 vessels with names, speeds and courses; sizes do not depend on the machine. Ours tells no name with a
position, as it goes in a message of its own.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable
from importlib.resources import files

from seaward.exchange import bodies as b
from seaward.exchange.as_aivdm import position
from seaward.exchange.as_cot import track_cot
from seaward.exchange.cot import cot_tak, cot_xml, in_datagram, in_stream
from seaward.exchange.items import Item
from seaward.exchange.label import Label
from seaward.exchange.policy import Policy, load_policy
from seaward.exchange.release import Gate
from seaward.exchange.shown_track import ShownTrack
from tests.exchange.pair import Pair

VESSELS = 2_000
NOW_MS = 1_800_000_000_000
LABEL = Label("per/1", "LIMITED", "AMBER", "PER", ("USA",))


def sea(draw: random.Random) -> list[ShownTrack]:
    """Vessels as an AIS receiver off Peru has them."""
    return [
        ShownTrack(
            f"mmsi:{760_000_000 + n:09d}", "PER", NOW_MS + draw.randrange(10_000), draw.uniform(-80.0, -77.0), draw.uniform(-14.0, -8.0),
            760_000_000 + n, 10.0, draw.randrange(0, 200) / 10, draw.randrange(0, 3_600) / 10, draw.randrange(0, 360), 0,
            name=f"{draw.choice(('SANTA', 'DON', 'MAR', 'LU RONG YUAN YU'))} {n}", label=LABEL,
        )
        for n in range(VESSELS)
    ]  # fmt: skip


def exact_policy() -> Policy:
    """The rules that come along, but for positions as exact as they are measured: what is coarse would pack better than others' exact ones."""
    rules, cases = (files("seaward.exchange").joinpath(f"release.{kind}").read_text(encoding="utf-8") for kind in ("cedar", "cases.json"))
    grid = '@precision_m("1852") @round_s("600")'
    assert grid in rules
    return load_policy(rules.replace(grid, '@precision_m("0") @round_s("0")'), cases, "exact")


def ours(tracks: list[ShownTrack], realm: str = "ops") -> tuple[float, float]:
    """Bytes that went through the link for each track, signatures and frames of batches included, through both gates; and each batch deflated."""
    pair = Pair()
    pair.per.link.set_gate(Gate("PER", realm, exact_policy()))
    pair.offer(*(
        Item(t.id, 1, realm, LABEL, b.Track(t.at_ms - 10_000, round(t.lon_deg * 1e6), round(t.lat_deg * 1e6), 10, round((t.sog_kn or 0) * 10),
                                            round((t.cog_deg or 0) * 10), t.heading_deg and int(t.heading_deg), t.nav_status, "a"))
        for t in tracks
    ))  # fmt: skip
    while len(pair.usa.came) < len(tracks):
        pair.step(100)
    assert {(m.id, m.body.lon_udeg) for m in pair.usa.came} == {(t.id, round(t.lon_deg * 1e6)) for t in tracks}
    sent = [s.data for s in pair.sent["PER"] if s.lane == "live"]
    return sum(map(len, sent)) / len(tracks), sum(len(zlib.compress(data)) for data in sent) / len(tracks)


def feature(track: ShownTrack) -> bytes:
    """GeoJSON with short names, one a line."""
    said = {"mmsi": track.mmsi, "at": track.at_ms, "sog_kn": track.sog_kn, "cog_deg": track.cog_deg, "owner": track.owner, "name": track.name}
    where = {"type": "Point", "coordinates": [round(track.lon_deg, 6), round(track.lat_deg, 6)]}
    return json.dumps({"type": "Feature", "geometry": where, "properties": said}, separators=(",", ":")).encode() + b"\n"


FORMS: tuple[tuple[str, Callable[[ShownTrack], bytes]], ...] = (
    ("AIVDM with TAG block", lambda t: position(t, "ops").encode()),
    ("GeoJSON feature", feature),
    ("TAK protocol, datagram of the mesh", lambda t: in_datagram(cot_tak(track_cot(t, "ops", NOW_MS)))),
    ("TAK protocol, frame of a stream", lambda t: in_stream(cot_tak(track_cot(t, "ops", NOW_MS)))),
    ("Cursor on Target, XML", lambda t: cot_xml(track_cot(t, "ops", NOW_MS))),
)


def table() -> list[tuple[str, float, float]]:
    """Form, bytes for a track, and the same deflated in batches (ours as it sends them, others of 200), as a link may do it."""
    tracks = sea(random.Random(1))
    rows = [("Seaward, signed batches, all included", *ours(tracks))]
    for name, made in FORMS:
        each = [made(t) for t in tracks]
        packed = sum(len(zlib.compress(b"".join(each[at : at + 200]))) for at in range(0, len(each), 200))
        rows.append((name, sum(map(len, each)) / len(each), packed / len(each)))
    return rows


def main() -> None:
    """Measure and print."""
    rows = table()
    print(f"{'form':40s} {'bytes':>8s} {'x ours':>7s} {'deflated':>9s}")
    for name, size, packed in rows:
        print(f"{name:40s} {size:8.1f} {size / rows[0][1]:7.1f} {packed:9.1f}")


if __name__ == "__main__":
    main()
