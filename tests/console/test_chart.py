"""The chart in a browser: contacts of sensors by what explains them, and charts of one's own under what the watch shows."""

from __future__ import annotations

import struct
import zlib
from datetime import timedelta
from pathlib import Path

import polars as pl
from playwright.sync_api import Page, expect

from seaward.alerting import Sight, offer
from seaward.alerts.rules import Rule, Rules
from seaward.console.assets import BASEMAP
from seaward.core.catalogue import render
from seaward.core.tables import DETECTIONS
from seaward.server.floor import Floor
from tests.alerts.floor import event as alarming
from tests.alerts.floor import table
from tests.console.conftest import Open, shot

STATIC = Path(__file__).resolve().parents[2] / "src/seaward/console/static"
Fresh = tuple[Floor, str]


def see(floor: Floor, *places: tuple[float, float]) -> None:
    """A radar satellite saw something an hour ago."""
    at = floor.now() - timedelta(hours=1)
    rows = [dict.fromkeys(DETECTIONS.schema) | {"realm": "ops", "feed": "sar", "raw_offset": n, "detection_id": f"d{n}", "at": at, "lon_deg": lon,
            "lat_deg": lat, "length_m": 45.0, "sensor": "sar-1"} for n, (lon, lat) in enumerate(places)]  # fmt: skip
    floor.node.live.detections(pl.DataFrame(rows, schema=DETECTIONS.schema))


def test_contacts_are_drawn_by_what_explains_them_and_a_dark_one_opens_its_alert(fresh: Fresh, at: Open) -> None:
    floor, url = fresh
    see(floor, (-79.0, -15.0), (-80.0, -15.0))
    dark = alarming("dark", kind="dark_contact", vessel_ids=["detection:sar/d0"], lon_deg=-79.0, lat_deg=-15.0,
                    evidence=[{"feed": "sar", "raw_offset": 0, "raw_length": 0}])  # fmt: skip
    dark |= {"start_at": floor.now() - timedelta(hours=1), "end_at": floor.now() - timedelta(hours=1)}
    floor.node.state.record_events(table(dark), floor.now())
    offer(floor.node.state, table(dark), Sight(Rules((Rule("dark", "warning", kinds=frozenset({"dark_contact"})),))), floor.now())
    floor.node.live.judged_us = int(floor.now().timestamp() * 1e6)
    page = at(url)
    page.wait_for_function("() => seaward.map.getStyle().sources.detections.data.features.length === 2")
    states = "() => seaward.map.getStyle().sources.detections.data.features.map((f) => f.properties.state)"
    assert sorted(page.evaluate(states)) == ["with_track", "without_track"]
    page.evaluate("() => seaward.map.jumpTo({ center: [-79.5, -15], zoom: 7.5 })")
    page.wait_for_function("() => seaward.map.queryRenderedFeatures({ layers: ['detections-symbol'] }).length === 2")
    shot(page, "detections")
    click(page, -80.0, -15.0)
    expect(page.locator("#told")).to_contain_text("a vessel that is tracked explains it")
    click(page, -79.0, -15.0)
    expect(page.locator("#queue .alert").filter(has_text="contact d0")).to_have_count(1)
    expect(page.locator("#card h2")).to_contain_text(render("kind.dark_contact", {}, "en"))
    page.click("#tools summary")
    page.uncheck('[data-layer="detections"]')
    page.wait_for_function("() => seaward.map.queryRenderedFeatures({ layers: ['detections-symbol'] }).length === 0")


def click(page: Page, lon_deg: float, lat_deg: float) -> None:
    where = """([lon, lat]) => {
        const p = seaward.map.project([lon, lat]), b = seaward.map.getCanvas().getBoundingClientRect();
        return [p.x + b.x, p.y + b.y]; }"""
    page.mouse.click(*page.evaluate(where, [lon_deg, lat_deg]))


def raster(path: Path) -> None:
    """A PMTiles file of one red picture (PMTiles 3: header of 127 bytes, a directory of one entry, metadata, the tile)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = b"".join(b"\0" + b"\xff\0\0" * 256 for _ in range(256))
    tile = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
    varint = bytes([len(tile) & 0x7F | 0x80, len(tile) >> 7])  # two bytes hold up to 16,383
    root, meta = bytes([1, 0, 1]) + varint + bytes([1]), b"{}"
    at = 127 + len(root)
    head = b"PMTiles\x03" + struct.pack("<11Q", 127, len(root), at, len(meta), at + len(meta), 0, at + len(meta), len(tile), 1, 1, 1)
    head += (
        bytes([1, 1, 1, 2, 0, 0])
        + struct.pack("<4i", -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000)
        + bytes([0])
        + struct.pack("<2i", 0, 0)
    )
    path.write_bytes(head + root + meta + tile)


def test_own_charts_lie_under_what_the_watch_shows_and_a_damaged_one_is_said(fresh: Fresh, at: Open) -> None:
    floor, url = fresh
    folder = floor.node.config.data / "charts"
    folder.mkdir()
    (folder / "harbour.pmtiles").write_bytes((STATIC / BASEMAP).read_bytes())
    (folder / "noise.pmtiles").write_bytes(bytes(range(256)) * 4)
    raster(folder / "scan.pmtiles")
    page = at(url)
    expect(page.locator("#told")).to_contain_text(render("console.js.chart_bad", {"name": "noise.pmtiles"}, "en"))
    page.wait_for_function("() => ['chart:harbour.pmtiles:coast', 'chart:scan.pmtiles'].every((l) => seaward.map.getLayer(l))")
    order = page.evaluate("() => seaward.map.getStyle().layers.map((l) => l.id)")
    assert order.index("coast") < order.index("chart:scan.pmtiles") < order.index("vessels-far")
    page.evaluate("() => seaward.map.jumpTo({ center: [-90, -15], zoom: 3 })")
    page.wait_for_function("() => seaward.map.areTilesLoaded()")
    shot(page, "own-charts")
    page.click("#tools summary")
    page.uncheck('[data-layer="charts"]')
    assert page.evaluate("() => seaward.map.getLayoutProperty('chart:scan.pmtiles', 'visibility')") == "none"
    page.select_option("#palette", "night", force=True)


def test_the_page_is_told_of_what_it_shows_and_of_more_as_soon_as_it_shows_more(reading: Fresh, at: Open) -> None:
    page = at(reading[1])
    page.wait_for_function("() => seaward.vessels.held.size > 0")
    page.evaluate("() => seaward.map.jumpTo({ center: [-77.2, -12.1], zoom: 9 })")
    page.wait_for_function("() => seaward.vessels.held.size < 6")
    near = set(page.evaluate("() => [...seaward.vessels.held.keys()]"))
    assert 235000005 not in near, "half a world away"
    page.reload()
    page.wait_for_selector('body[data-ready="1"]', timeout=60_000)
    page.wait_for_function("() => seaward.vessels.held.size > 0")
    assert set(page.evaluate("() => [...seaward.vessels.held.keys()]")) == near, "asked for at once"
    page.evaluate("() => { location.hash = 'vessel=mmsi:235000005' }")
    page.wait_for_function("() => seaward.vessels.held.has(235000005)")  # the chart went there
    page.evaluate("() => seaward.map.jumpTo({ center: [-80, -12], zoom: 1 })")
    page.wait_for_function("() => seaward.vessels.held.size === 6")
    page.wait_for_function("() => new Set(seaward.map.querySourceFeatures('vessels').map((f) => f.properties.mmsi)).size === 6")
