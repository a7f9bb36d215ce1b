"""The stream of changes: in order, whole, resumed after a break, never held up by who does not read."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest

from seaward.core.tables import AT
from seaward.server.asked import Box
from seaward.server.changes import Changes
from seaward.server.feed_changes import FeedChanges
from seaward.server.floor import Floor
from seaward.server.moving import STILL_KN, Places, View, difference
from seaward.server.serving import Serving
from seaward.server.sight import VESSELS_NOW, Seen, Sight
from tests.server.floor import VESSELS, Browser, browser, event
from tests.waiting import wait_for

Served = tuple[Floor, Serving]
Told = tuple[str, str, Any]  # event, id, data


def told_by(lines: Iterator[str]) -> Iterator[Told]:
    """Events of a stream, as a browser reads them."""
    fields: dict[str, str] = {}
    last = ""
    for line in lines:
        if line.startswith(":"):
            yield "comment", last, None
        elif line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif fields:
            last = fields.get("id", last)
            if "data" in fields:
                yield fields.get("event", "message"), last, json.loads(fields["data"])
            fields = {}


@contextlib.contextmanager
def listening(page: Browser, query: str = "", last: str | None = None) -> Iterator[Iterator[Told]]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last is not None else {})
    with page.stream("GET", f"/api/v1/changes{query}", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["Content-Type"] == "text/event-stream" and answer.headers["Cache-Control"] == "no-store"
        yield told_by(answer.iter_lines())


def test_each_change_is_told_once_in_order_from_now_on(fresh: Served) -> None:
    state, now = fresh[0].node.state, fresh[0].now()
    state.record_events(event("before"), now)
    wait_for(lambda: fresh[0].changes.last == state.last_seq())
    with browser(fresh[1], "observer") as page, listening(page) as told:
        name, last, data = next(told)
        assert name == "ready" and data["seq"] == state.last_seq() and data["realm"] == "ops" and last == str(data["seq"])
        for n in range(1, 30):
            state.record_events(event("e1", n), now)
        found = [next(told) for _ in range(29)]
        assert [f[2]["body"]["version"] for f in found] == [*range(1, 30)] and {f[0] for f in found} == {"event"}
        assert [int(f[1]) for f in found] == [f[2]["seq"] for f in found] == [*range(data["seq"] + 1, data["seq"] + 30)]
        assert found[0][2]["realm"] == "ops" and found[0][2]["id"] == "e1"


def test_who_comes_back_misses_nothing_and_gets_nothing_twice(fresh: Served) -> None:
    """Breaks at random places, while changes go on."""
    state, chance = fresh[0].node.state, random.Random(5)
    stop = threading.Event()

    def change() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            state.note("drill", str(n), {"n": n}, fresh[0].now())
            time.sleep(chance.random() / 300)

    seqs: list[int] = []
    with browser(fresh[1], "observer") as page:
        writer = threading.Thread(target=change)
        writer.start()
        last = "0"
        for _ in range(12):
            with listening(page, last=last) as told:
                for _ in range(chance.randrange(1, 40)):
                    name, last, data = next(told)
                    if name == "drill":
                        seqs.append(data["seq"])
        stop.set()
        writer.join()
        with listening(page, last=last) as told:
            while seqs[-1] < state.last_seq():
                name, last, data = next(told)
                if name != "ready":
                    seqs.append(data["seq"])
    assert seqs == [*range(seqs[0], state.last_seq() + 1)] and len(seqs) > 100


def test_a_change_by_another_process_is_told_too(fresh: Served) -> None:
    from seaward.store.state import State

    with browser(fresh[1], "observer") as page, listening(page) as told:
        next(told)
        with State.open(fresh[0].node.state.path, "ops") as other:
            other.note("list", "iuu", {"entries": 3}, fresh[0].now())
        assert next(told)[2]["id"] == "iuu"


def test_who_is_far_behind_reads_the_state_until_up_to_date(fresh: Served) -> None:
    state = fresh[0].node.state
    with state.together():
        for n in range(6_000):
            state.note("drill", str(n), {}, fresh[0].now())
    with browser(fresh[1], "observer") as page, listening(page, "?since=0") as told:
        assert next(told)[0] == "ready"
        assert [next(told)[2]["seq"] for _ in range(6_000)] == [*range(1, 6_001)]


def test_a_number_of_another_journal_says_that_all_must_be_read_anew(fresh: Served) -> None:
    with browser(fresh[1], "observer") as page, listening(page, last="999999") as told:
        name, last, data = next(told)
        assert name == "reset" and data["seq"] == fresh[0].node.state.last_seq() == int(last)
    with browser(fresh[1], "observer") as page:
        assert page.get("/api/v1/changes", headers={"Last-Event-ID": "x; DROP TABLE"}).status_code == 400


def test_the_number_of_an_answer_is_where_to_follow_on(fresh: Served) -> None:
    """Read first, follow then: what happens in between is in one of the two."""
    state, now = fresh[0].node.state, fresh[0].now()
    with browser(fresh[1], "observer") as page:
        state.record_events(event("e1"), now)
        answer = page.get("/api/v1/events")
        state.record_events(event("e2"), now)
        with listening(page, f"?since={answer.headers['Seaward-Seq']}") as told:
            next(told)
            assert [r["event_id"] for r in answer.json()["items"]] == ["e1"] and next(told)[2]["id"] == "e2"


def test_silence_is_broken_by_a_comment(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.server.stream.Stream.__init__.__defaults__", (20.0, 0.2))
    with browser(fresh[1], "observer") as page, listening(page) as told:
        assert [next(told)[0] for _ in range(3)] == ["ready", "comment", "comment"]


def test_a_page_whose_vessels_lie_still_hears_that_the_line_is_alive(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.server.stream.Stream.__init__.__defaults__", (20.0, 1.0))
    with browser(fresh[1], "observer") as page, listening(page, "?positions=true&step_deg=10") as told:
        came = [t[2] for t in (next(told) for _ in range(4)) if t[0] == "positions"]
        assert [t["whole"] for t in came] == [True, False, False] and all(t["rows"] == t["gone"] == [] for t in came[1:])


def test_a_stream_ends_soon_after_its_session(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.server.stream._CHECK_S", 0.2)
    with browser(fresh[1], "observer") as page, listening(page) as told:
        next(told)
        fresh[0].node.state.change_person("observer", "admin", fresh[0].now(), disabled=True)
        assert [name for name, _, _ in told if name != "comment"] == []
    wait_for(lambda: fresh[0].counts.streams_ended["signed_out"] == 1)


def test_one_person_has_so_many_streams_and_no_more(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.server.of_node.MOST_OF_ONE", 2)
    with browser(fresh[1], "observer") as page, listening(page), listening(page):
        wait_for(lambda: fresh[0].counts.streams == 2)
        answer = page.get("/api/v1/changes")
        assert answer.status_code == 503 and "Retry-After" in answer.headers
        with browser(fresh[1], "officer") as other, listening(other) as told:
            assert next(told)[0] == "ready"
    wait_for(lambda: fresh[0].counts.streams == 0)


@pytest.mark.parametrize("patience_s", [0.5, 300.0])
def test_who_does_not_read_is_let_go_and_holds_up_nobody_meanwhile(fresh: Served, monkeypatch: pytest.MonkeyPatch, patience_s: float) -> None:
    """With all the patience in the world for the deaf one, the other has heard everything while it is still there."""
    monkeypatch.setattr("seaward.server.stream.Stream.__init__.__defaults__", (patience_s, 15.0))
    state = fresh[0].node.state
    secret, _ = fresh[0].sign_in.make_token(state.person("observer"), "observer", "t", 600, "test")  # type: ignore[arg-type]
    with socket.socket() as deaf, browser(fresh[1], "officer") as page, listening(page) as told:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", fresh[1].port))
        deaf.sendall(f"GET /api/v1/changes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\n\r\n".encode())
        wait_for(lambda: fresh[0].counts.streams == 2)
        next(told)
        total = 4_000
        with state.together():
            for n in range(total):
                state.note("drill", str(n), {"padding": "x" * 2_000}, fresh[0].now())
        for _ in range(total):
            next(told)
        if patience_s > 60:
            assert fresh[0].counts.streams == 2 and fresh[0].counts.streams_ended["slow"] == 0
        else:
            wait_for(lambda: fresh[0].counts.streams_ended["slow"] == 1)
            assert fresh[0].counts.streams == 1


def test_positions_come_whole_and_then_as_differences(served: Served, officer: Browser) -> None:
    with listening(officer, "?positions=true") as told:
        found = next(t for t in told if t[0] == "positions")[2]
        assert found["whole"] and {r[0] for r in found["rows"]} == set(VESSELS) and found["fields"][:3] == ["mmsi", "lon_deg", "lat_deg"]
    with listening(officer, "?positions=true&bbox=178,-20,-175,0") as told:
        assert [r[0] for r in next(t for t in told if t[0] == "positions")[2]["rows"]] == [235000005]


def test_an_open_page_is_told_of_another_part_of_the_sea_as_soon_as_it_shows_it(served: Served, officer: Browser) -> None:
    with listening(officer, "?positions=true&bbox=178,-20,-175,0") as told:
        stream = next(told)[2]["stream"]
        assert [r[0] for r in next(t for t in told if t[0] == "positions")[2]["rows"]] == [235000005]
        assert officer.post(f"/api/v1/changes/{stream}/view?bbox=-90,-40,-60,10&step_deg=0.1").json() == {"stream": stream}
        found = next(t for t in told if t[0] == "positions")[2]
        assert not found["whole"] and found["gone"] == [235000005] and {r[0] for r in found["rows"]} <= set(VESSELS) - {235000005} and found["rows"]
        officer.post(f"/api/v1/changes/{stream}/view")
        shown = {r[0] for r in found["rows"]}
        found = next(t for t in told if t[0] == "positions")[2]
        assert not found["gone"] and shown | {r[0] for r in found["rows"]} == set(VESSELS)


def test_the_view_of_a_stream_is_changed_by_its_own_person_alone(served: Served, officer: Browser) -> None:
    def answers(page: Browser, stream: str, query: str = "") -> int:
        return page.post(f"/api/v1/changes/{stream}/view{query}").status_code

    with listening(officer, "?positions=true") as told, browser(served[1], "observer") as other:
        stream = next(told)[2]["stream"]
        assert answers(officer, stream) == 200 and answers(other, stream) == 404
        assert {answers(officer, stream, q) for q in ("?bbox=1,2,3", "?step_deg=nan", "?step_deg=0.00001", "?turn_deg=1", "?step_deg=99")} == {400}
    wait_for(lambda: not served[0].moving.windows)
    assert answers(officer, stream) == 404


def test_the_head_of_the_stream_can_be_asked_for(served: Served, officer: Browser) -> None:
    answer = officer.head("/api/v1/changes")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/event-stream"


def test_many_who_ask_at_once_make_the_watch_look_once(served: Served) -> None:
    """And while it looks, they get what is there: a busy watch holds nobody up."""
    looked: list[int] = []
    node, asked_s = served[0].node, [0.0]
    go = threading.Event()

    def slow(job: Any) -> Any:
        looked.append(1)
        assert go.wait(20)
        return node.run(job)

    sight = Sight(SimpleNamespace(run=slow, live=node.live, clock=node.clock), lambda: asked_s[0])  # type: ignore[arg-type]
    go.set()
    first = sight.now()
    assert sight.now() is first and len(looked) == 1 and len(first.rows) == len(VESSELS)
    go.clear()
    asked_s[0] = 5.0
    waiting = threading.Thread(target=sight.now)
    waiting.start()
    wait_for(lambda: len(looked) == 2)
    assert sight.now() is first
    go.set()
    waiting.join()
    assert sight.now().number == 2


def seen(number: int, places: dict[int, tuple[float, float, int]]) -> Seen:
    rows = [
        {"mmsi": m, "vessel_id": f"mmsi:{m}", "realm": "ops", "lon_deg": lon, "lat_deg": lat, "reported_at": at}
        for m, (lon, lat, at) in sorted(places.items())
    ]
    table = pl.DataFrame(rows, schema_overrides={"reported_at": pl.Int64}).with_columns(pl.col("reported_at").cast(AT))
    full = table.with_columns(pl.lit(None).alias(c.name) for c in VESSELS_NOW.columns if c.name not in table.columns)
    return Seen(number, 10**15, full.select(pl.col(c.name).cast(c.dtype) for c in VESSELS_NOW.columns))


def lies_in(box: Box | None, lon: float, lat: float) -> bool:
    if box is None:
        return True
    return box.south <= lat <= box.north and (box.west <= lon <= box.east if box.west <= box.east else lon >= box.west or lon <= box.east)


def test_differences_add_up_to_what_is_seen() -> None:
    """Whatever moves, comes, goes and is asked of which part of the sea."""
    chance = np.random.default_rng(3)
    for box in (None, Box(-10, -10, 10, 10), Box(170, -40, -170, 40)):
        shown: dict[int, tuple[float, float]] = {}
        places: dict[int, tuple[float, float, int]] = {}
        held = None
        for number in range(1, 60):
            for m in chance.integers(1, 30, 5).tolist():
                if chance.random() < 0.2:
                    places.pop(m, None)
                else:
                    places[m] = (
                        float(chance.uniform(-180, 180)) if chance.random() < 0.3 else float(chance.uniform(-12, 12)),
                        float(chance.uniform(-30, 30)),
                        number,
                    )
            data, held = difference(Places(seen(number, places)), held, View(box))
            if data:
                body = json.loads(data.split(b"data: ")[1])
                shown = {} if body["whole"] else shown
                shown |= {r[0]: (r[1], r[2]) for r in body["rows"]}
                shown = {m: p for m, p in shown.items() if m not in body["gone"]}
                assert len(body["rows"]) <= 5 or body["whole"], "only what changed"
            inside = {m: (round(lon, 5), round(lat, 5)) for m, (lon, lat, _) in places.items() if lies_in(box, lon, lat)}
            assert shown == inside


def told_of(data: bytes) -> set[int]:
    return {r[0] for r in json.loads(data.split(b"data: ")[1])["rows"]} if data else set()


def sailing(number: int, lon_deg: float = -77.03, **more: Any) -> Places:
    """One vessel at anchor off the port, and one that sails as said."""
    rows = seen(number, {1: (-77.2, -12.0, number), 2: (lon_deg, -12.0, number)}).rows
    said = {"sog_kn": 12.0, "heading_deg": 90.0, "cog_deg": 90.0, "ship_class": "cargo"} | more
    at_anchor = {"sog_kn": STILL_KN / 2, "heading_deg": None, "cog_deg": number * 77.0 % 360, "ship_class": None}
    columns = [pl.Series(c, [at_anchor[c], said[c]], dtype=rows[c].dtype, strict=False) for c in said]
    return Places(Seen(number, 10**15, rows.with_columns(columns)))


@pytest.mark.parametrize(
    ("then", "coarse", "fine"),
    [
        ({}, set(), set()),
        ({"lon_deg": -77.034}, set(), set()),
        ({"lon_deg": -76.9}, {2}, {2}),
        ({"heading_deg": 95.0}, set(), set()),
        ({"heading_deg": 120.0}, set(), {2}),
        ({"heading_deg": None, "cog_deg": 200.0}, set(), {2}),
        ({"heading_deg": None, "cog_deg": None}, set(), {2}),
        ({"sog_kn": 0.0}, set(), {2}),
        ({"ship_class": "fishing"}, {2}, {2}),
    ],
)
def test_a_page_is_told_of_what_it_can_draw(then: dict[str, Any], coarse: set[int], fine: set[int]) -> None:
    """A vessel at anchor, whose course is noise, is not told of with each report; one that left its cell, turned or stopped is."""
    before, after = sailing(1), sailing(2, **then)
    for view, wanted in ((View(step_deg=0.0625), coarse), (View(step_deg=0.0625, turn_deg=10.0), fine), (View(), {1, 2})):
        first, held = difference(before, None, view)
        assert told_of(first) == {1, 2}
        assert told_of(difference(after, held, view)[0]) == wanted


def test_what_a_page_shows_is_never_further_off_than_the_step_it_asked_for() -> None:
    """Whatever the vessels do, and whenever the page shows another part of the sea or more finely."""
    chance = np.random.default_rng(5)
    lon, lat = chance.uniform(-180, 180, 60), chance.uniform(-85, 85, 60)
    views = [
        View(),
        View(None, 2.0**-13),
        View(Box(-60, -60, 60, 60), 0.5),
        View(Box(-60, -60, 60, 60), 0.25, 10.0),
        View(Box(170, -40, -100, 40), 2.0),
    ]
    shown: dict[int, tuple[float, float]] = {}
    held, view = None, views[0]
    sent = 0
    for number in range(1, 300):
        lon, lat = (lon + chance.normal(0, 0.1, 60) + 180) % 360 - 180, np.clip(lat + chance.normal(0, 0.1, 60), -85, 85)
        if chance.random() < 0.2:
            view = views[int(chance.integers(len(views)))]
        places = Places(seen(number, {m: (float(lon[m]), float(lat[m]), number) for m in range(60)}))
        data, held = difference(places, held, view)
        if data:
            body = json.loads(data.split(b"data: ")[1])
            shown |= {r[0]: (r[1], r[2]) for r in body["rows"]}
            shown = {m: p for m, p in shown.items() if m not in body["gone"]}
            sent += len(body["rows"])
        inside = {m for m in range(60) if lies_in(view.box, float(lon[m]), float(lat[m]))}
        assert set(shown) == inside
        assert all(max(abs(shown[m][0] - lon[m]), abs(shown[m][1] - lat[m])) <= view.step_deg + 1e-5 for m in inside)
    assert sent < 0.7 * 300 * 60


def test_feeds_that_fail_are_told_and_flapping_ones_not_too_often() -> None:
    noted: list[tuple[float, list[str]]] = []
    time_s, problems = [1_000.0], list[str]()

    def told(now_us: int) -> dict[str, Any]:
        return {"connected": True, "problems": problems, "why": "", "per_minute": 0.0, "rejected_share": 0.0, "clock_offset_s": None, "on_disk": True}

    node = SimpleNamespace(
        clock=SimpleNamespace(now_us=lambda: int(time_s[0] * 1e6), speed=1.0), health={"coast": SimpleNamespace(told=told)},
        state=SimpleNamespace(note=lambda topic, name, body, at: noted.append((time_s[0], body["problems"]))),
    )  # fmt: skip
    feeds = FeedChanges(node)  # type: ignore[arg-type]
    for k in range(400):
        time_s[0] += 0.25
        problems = ["health.silent"] if k >= 200 and (k // 4) % 2 else []
        feeds.note()
    assert noted[0] == (1_000.25, []) and noted[1][1] == ["health.silent"] and 1_050 <= noted[1][0] < 1_054
    assert all(b[0] - a[0] >= 10 for a, b in pairwise(noted[1:])) and len(noted) < 8


def test_how_a_feed_is_stands_in_the_journal(served: Served) -> None:
    rows = [c for c in served[0].node.state.changes_after(0, 1_000) if c.topic == "feed"]
    assert rows and rows[0].id == "coast" and json.loads(rows[0].body)["connected"] is True


def test_changes_are_found_in_memory_and_beyond(tmp_path: Any) -> None:
    from datetime import UTC, datetime

    from seaward.store.state import State

    async def check(state: State) -> None:
        changes = Changes(state)
        following = asyncio.create_task(changes.run(0.01))
        for n in range(5):
            with state.together():
                for k in range(1_000):
                    state.note("t", str(1_000 * n + k), {}, datetime.now(UTC))
            await asyncio.sleep(0.03)
        while changes.last < 5_000:
            await changes.wait(changes.last, 1.0)
        await asyncio.wait_for(changes.wait(4_999, 60.0), 5.0)  # what came between the question and the wait is not waited for
        for start in (0, 903, 904, 905, 4_999, 5_000):
            found: list[int] = []
            seq = start
            while page := await changes.after(seq):
                found += [s for s, _ in page]
                seq = found[-1]
            assert found == [*range(start + 1, 5_001)]
        following.cancel()

    with State.open(tmp_path / "s.sqlite", "ops") as state, state.together():
        pass
    with State.open(tmp_path / "s2.sqlite", "ops") as state:
        asyncio.run(check(state))


def test_metrics_tell_of_streams_and_requests(served: Served) -> None:
    with browser(served[1], "observer") as page:
        with listening(page) as told:
            next(told)
        wait_for(lambda: served[0].counts.streams_ended["gone"] > 0)
        text = page.get("/metrics").text
    assert 'seaward_feed_reports_total{feed="coast"} 216.0' in text and "seaward_vessels 6.0" in text
    assert 'seaward_streams_ended_total{why="gone"}' in text and 'route="/api/v1/session",status="200"' in text
    assert httpx.get(f"{served[1].url}/metrics").status_code == 401
