"""The pictures docs/floor.png and docs/control.png: what Peru's floor and control's show in the demo. By hand: `python tools/make_floor_picture.py`.

Plays the night (some three minutes) with a browser at both floors; needs Chromium, as the tests of the console do.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.browsers import DRAWN_BY_SOFTWARE, launched  # noqa: E402 - beside this folder

FLOOR = re.compile(r"(PER|CONTROL).*?: (http\S+)  name (\w+)  password (\w+)")
STEP = re.compile(r"\d\d:\d\dZ ")
SEVENTH, NINTH = 7, 9  # steps: the partner has agreed to the plan; its cutter is on the way


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, launched(*DRAWN_BY_SOFTWARE) as browser:
        words = [sys.executable, "-m", "seaward", "demo", "--headless", "--out", str(Path(folder) / "night")]
        night = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        pages: dict[str, Page] = {}
        steps = 0
        for line in night.stdout or []:
            sys.stderr.write(line)
            if m := FLOOR.match(line):
                pages[m[1]] = signed_in(browser, *m.groups()[1:])
            steps += bool(STEP.match(line))
            if steps == SEVENTH and (page := pages.pop("PER", None)):
                page.select_option("select[name=view]", "done")
                page.wait_for_selector("#queue .alert")
                page.keyboard.press("j")
                page.wait_for_selector("#card [data-proposal]")
                taken(page, 9.1, "floor")
            if steps == NINTH and (page := pages.pop("CONTROL", None)):
                page.click('[data-view="drill"]')
                taken(page, 8.5, "control")
        sys.exit(night.wait())


def signed_in(browser: Browser, url: str, person: str, password: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 860}, locale="en-US", timezone_id="America/Lima").new_page()
    page.goto(url)
    page.fill("#person", person)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_selector('body[data-ready="1"]')
    return page


def taken(page: Page, zoom: float, name: str) -> None:
    page.evaluate("(zoom) => seaward.map.jumpTo({ center: [-77.78, -12.27], zoom })", zoom)
    page.wait_for_timeout(3_000)
    page.screenshot(path=ROOT / "docs" / f"{name}.png")
    page.close()


if __name__ == "__main__":
    main()
