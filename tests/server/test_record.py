"""What the watch did in a period, over the API."""

from __future__ import annotations

import pytest

from tests.console.opened import opened
from tests.server.floor import Browser


@pytest.fixture(scope="module")
def officer(tmp_path_factory: pytest.TempPathFactory):
    with opened(tmp_path_factory.mktemp("record")) as (floor, url), Browser(base_url=url, timeout=30) as found:
        assert found.sign_in("officer").is_success
        found.floor = floor  # type: ignore[attr-defined]
        yield found


def test_decisions_of_officers_become_figures_with_words_in_both_languages(officer: Browser) -> None:
    first, second, *_ = officer.get("/api/v1/alerts").json()["items"]
    for alert, verb, body in ((first, "validate", {}), (second, "dismiss", {"dismissal": "false_sensor", "why": "echo of an island"})):
        done = officer.post(f"/api/v1/alerts/{alert['alert_id']}/{verb}", json=body, headers={"If-Match": f'"{alert["revision"]}"'})
        assert done.is_success, done.text
    told = officer.get("/api/v1/record").json()
    (kind,) = told["kinds"]
    assert (kind["alerts"], kind["held"], kind["false"], kind["undecided"]) == (4, 1, 1, 2) and kind["share"] == 0.5
    assert told["classes"] == [{"dismissal": "false_sensor", "alerts": 1, "word": "false: a receiver, sensor or feed failed"}]
    assert {s["end"]: s["done"] for s in told["steps"]} == {"raised": 4, "answered": 2, "decided": 2, "told": 0}
    assert told["words"][0] == "Alerts: 4; held 1, false 1, withdrawn by the watch itself 0, undecided 2."
    spanish = officer.get("/api/v1/record", headers={"Accept-Language": "es"}).json()
    assert spanish["words"][0] == "Alertas: 4; confirmadas 1, falsas 1, retiradas por la propia vigilancia 0, sin decidir 2."


def test_a_period_without_alerts_says_so_and_one_that_makes_no_sense_is_refused(officer: Browser) -> None:
    assert officer.get("/api/v1/record", params={"until": "2020-01-01T00:00:00Z"}).json()["words"] == ["No alert was raised in this period."]
    for since, until in (("2027-01-02T00:00:00Z", "2027-01-01T00:00:00Z"), ("2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z")):
        refused = officer.get("/api/v1/record", params={"since": since, "until": until})
        assert refused.status_code == 400 and "400 days" in refused.json()["detail"]
    assert officer.get("/api/v1/record", params={"until": "0001-01-01T00:00:00Z"}).status_code == 400
