"""What feeds and people say is never run and breaks nothing; the page asks nobody but its node; a line that is cut is said and mended."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import expect

from seaward.console.routes import CONSOLE_ROUTES, FLOOR_ROUTES
from seaward.core.catalogue import catalogue
from seaward.server.app import make_app
from seaward.server.floor import Floor
from seaward.server.roles import ANYONE
from seaward.server.serving import Serving
from tests.console.conftest import Open, shot
from tests.console.opened import opened, told
from tests.server.floor import ROLES, browser, floor_of

Fresh = tuple[Floor, str]
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "\u202eevil\u202c \x07\x1b[31m",
    "A" * 10_000,
    "{{ 7 * 7 }} ${7*7}",
    "'\"><svg/onload=alert(3)>",
)


def test_the_page_asks_nobody_but_its_node_and_its_policy_allows_nothing_else(reading: Fresh, at: Open) -> None:
    asked: list[str] = []
    page = at(reading[1])
    page.on("request", lambda r: asked.append(r.url))
    answer = page.reload()
    page.wait_for_selector('body[data-ready="1"]')
    page.wait_for_timeout(1000)
    assert asked and {u.split("/")[2] for u in asked if not u.startswith(("blob:", "data:"))} == {reading[1].split("/")[2]}
    policy = answer.headers["content-security-policy"] if answer else ""
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy and "http" not in policy


def test_hostile_names_and_words_are_shown_and_never_run(fresh: Fresh, at: Open) -> None:
    floor = fresh[0]
    dialogs: list[str] = []
    names = [told(floor, f"bad{n}", areas=[text], vessel_ids=[f"mmsi:76000020{n}"], lon_deg=-79.0) for n, text in enumerate(HOSTILE)]
    page = at(fresh[1])
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    for name, text in zip(names, HOSTILE, strict=True):
        page.evaluate("(name) => { location.hash = 'alert=' + name }", name)
        expect(page.locator(f'#card [data-card="alert:{name}"]')).to_be_visible()
        page.keyboard.press("c")
        page.fill("form[data-verb=comment] textarea", text[:1_500] or "-")
        page.click("form[data-verb=comment] button.main")
        expect(page.locator(".log li")).to_have_count(2)
    page.wait_for_timeout(500)
    assert not dialogs and page.locator("#card img, #queue img, #card script").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    shot(page, "hostile")


def test_a_cut_line_is_said_at_once_and_mends_without_a_reload_or_a_lost_or_doubled_row(tmp_path: Path, at: Open) -> None:
    with opened(tmp_path, events=4) as (floor, _):
        listen = floor.node.config.listen.model_copy(update={"port": 0})
        first = Serving(floor, make_app(floor), listen).start()
        page = at(first.url)
        page.evaluate("() => { window.notReloaded = true }")
        port = first.port
        first.stop()
        expect(page.locator("body.cut")).to_be_attached(timeout=15_000)
        shot(page, "cut")
        name = told(floor, "meanwhile", vessel_ids=["mmsi:760000006"], lon_deg=-79.0)
        anew = floor_of(floor.node, routes=FLOOR_ROUTES)
        again = Serving(anew, make_app(anew), listen.model_copy(update={"port": port})).start()
        try:
            expect(page.locator("body.cut")).not_to_be_attached(timeout=30_000)
            expect(page.locator(f'[data-alert="{name}"]')).to_have_count(1)
            ids = [r.get_attribute("data-alert") for r in page.locator("#queue .alert").all()]
            assert len(ids) == 5 == len(set(ids)) and page.evaluate("() => window.notReloaded")
        finally:
            again.stop()


@pytest.mark.parametrize("route", CONSOLE_ROUTES, ids=lambda r: r.path)
def test_who_did_not_sign_in_gets_the_page_to_sign_in_and_nothing_else(served_floor: tuple[Floor, Serving], route: object) -> None:
    path = re.sub(r"\{\w+\}", "x", route.path)  # type: ignore[attr-defined]
    with browser(served_floor[1]) as page:
        answer = page.get(path)
        if route.role == ANYONE:  # type: ignore[attr-defined]
            assert answer.status_code in (200, 404) and "data-csrf" not in answer.text
        else:
            assert answer.status_code == 401
    for role in ROLES:
        with browser(served_floor[1], role) as page:
            assert page.get(path).status_code in (200, 204, 400, 404)


@pytest.mark.parametrize(
    "path", ["/static/x/../page.py", "/charts/..%2f..%2fstate.sqlite", "/charts/%2e%2e", "/static/%2e%2e/floor.css", "/console/alerts/%00"]
)
def test_no_path_leads_out_of_the_files_of_the_page(served_floor: tuple[Floor, Serving], path: str) -> None:
    with browser(served_floor[1], "admin") as page:
        assert page.get(path).status_code in (400, 404)


def test_every_text_that_page_and_scripts_name_is_in_both_catalogues() -> None:
    known = set(catalogue("en")) & set(catalogue("es"))
    room = files("seaward.console")
    for template in room.joinpath("templates").iterdir():
        text = template.read_text(encoding="utf-8")
        for code in re.findall(r"""t\(["']([\w.]+)["'](?! ~)""", text):
            assert code in known, (template.name, code)
        for prefix in re.findall(r"""t\(["']([\w.]+\.)["'] ~""", text):
            assert any(k.startswith(prefix) for k in known), (template.name, prefix)
    for script in room.joinpath("static").iterdir():
        if script.name.endswith(".js"):
            for code in re.findall(r"""\bsay\("([\w.]+)"(?! \+)""", script.read_text(encoding="utf-8")):
                assert f"console.js.{code}" in known, (script.name, code)


def test_no_route_of_the_page_hides_one_of_the_api() -> None:
    paths = [(r.method, r.path) for r in FLOOR_ROUTES]
    assert len(paths) == len(set(paths))
