"""The page: complete in itself, true to its tables, proof against hostile names, in two languages."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import polars as pl
import pytest

from seaward.chart.places import Places
from seaward.core.catalogue import LANGUAGES, catalogue
from seaward.core.errors import RealmError
from seaward.core.tables import EVENTS, POSITIONS, RECEPTION, REJECTED, VESSELS
from seaward.report.listing import MAX_EVENTS, MAX_EVIDENCE, MAX_EVIDENCE_ALL, MAX_ROWS
from seaward.report.page import render_report
from seaward.report.texts import parts, said

from .conftest import NOON, event, positions_of, summary_of, vessel

HOSTILE = (
    "</script><img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "{{ 7*7 }}{% for x in y %}", "<!--<script>", "&lt;b&gt;",
    "a\u202egnp.exe\x00\u2028b", "\ud800",
)  # fmt: skip


class Seen(HTMLParser):
    """Elements and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.inside = ""
        self.own: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag
        if tag in self.own:
            self.own[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in self.own:
            self.own[self.inside][-1] += data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.own["script"][0])


def test_an_event_is_told_in_plain_words_with_place_time_and_evidence(sea: dict[str, Any]) -> None:
    text = Seen(render_report(**sea)).text
    for words in (
        "AIS gap", "JIGGER 05 (EX)", "100000001", "no name known", "silent for 9.2 h", "12°00.000'S 079°30.000'W",
        "2027-11-04 12:30:00Z to 14:30:00Z", "2 h 00 min", "Evidence: 40 reports", "a.nmea: 2400", "gap/1", "ab" * 32,
    ):  # fmt: skip
        assert words in text, words


def test_the_spanish_page_is_spanish(sea: dict[str, Any]) -> None:
    seen = Seen(render_report(**sea | {"language": "es"}))
    assert ("html", {"lang": "es"}) in seen.tags
    for words in ("Lo que este informe no establece", "079°30,000'O", "Lo rechazado y por qué", "sin nombre conocido"):
        assert words in seen.text
    assert not re.search(r"\b(the|which|Events|Inputs)\b", seen.text.replace("a paper", ""))


def test_both_catalogues_have_the_same_words_with_the_same_values() -> None:
    from seaward.core.catalogue import fields

    en, es = ({k: sorted(fields(v)) for k, v in catalogue(language).items() if k.startswith("report.")} for language in LANGUAGES)
    assert en == es


def test_every_word_the_template_asks_for_is_in_the_catalogues(sea: dict[str, Any]) -> None:
    for language in LANGUAGES:
        assert not re.search(r"\breport\.(?!html|css)[a-z_]+", Seen(render_report(**sea | {"language": language})).text)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text(sea: dict[str, Any], name: str) -> None:
    plain = Seen(render_report(**sea))
    name = name if "\ud800" not in name else "\ufffd"
    sea["vessels"] = pl.concat([vessel("mmsi:100000001", name), vessel("mmsi:100000002", name)])
    sea["rejected"] = sea["rejected"].with_columns(value=pl.lit(name), rule=pl.lit(name))
    sea["events"] = sea["events"].with_columns(areas=pl.lit([name]), method=pl.lit(name))
    sea["summary"] = summary_of(inputs=[summary_of()["inputs"][0] | {"name": name, "broken": name}])
    page = render_report(**sea)
    seen = Seen(page)
    assert page.count("<script") == 2 and "<!--" not in page
    assert {t for t, _ in seen.tags} <= {t for t, _ in plain.tags} | {"em", "span"}
    assert not any(a.startswith("on") for _, attrs in seen.tags for a in attrs)
    clean = re.sub("[\x00-\x1f\u2028\u202e]", "\ufffd", name)
    assert re.sub(r"\s+", " ", clean)[:40] in seen.text
    assert any(clean[:40] in v for v in seen.data["vessels"]) and clean[:40] in [name for name, *_ in seen.data["who"]]
    assert seen.data["areas_named"] == seen.data["methods"] == [clean[:60]]


def test_nothing_is_fetched_and_the_policy_forbids_it(sea: dict[str, Any]) -> None:
    page = render_report(**sea)
    seen = Seen(page)
    policy = next(a["content"] for t, a in seen.tags if a.get("http-equiv") == "Content-Security-Policy") or ""
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    for text in (seen.own["style"][0], seen.own["script"][1]):
        assert "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy
    assert not re.search(r"@import|url\(|https?:|fetch\(|XMLHttp|WebSocket|import\(|eval\(|innerHTML", seen.own["style"][0] + seen.own["script"][1])
    assert not any(a in attrs for _, attrs in seen.tags for a in ("src", "href", "srcset", "action", "ping", "background", "data"))
    assert not any("style" in a for _, a in seen.tags)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drill_is_marked_above_and_below_in_both_languages(sea: dict[str, Any], language: str) -> None:
    page = render_report(**sea | {"language": language, "summary": summary_of("ex:demo")})
    seen = Seen(page)
    assert [t for t, a in seen.tags if a.get("class") == "drill"] == ["div", "div"]
    assert [t for t, a in seen.tags if (a.get("class") or "").startswith("every-page")] == ["div", "div"]  # of paper
    assert seen.text.count("EXERCISE EXERCISE EXERCISE") >= 2 and seen.text.count("EJERCICIO EJERCICIO EJERCICIO") >= 2
    assert seen.data["drill"]


def test_real_data_carries_no_drill_mark(sea: dict[str, Any]) -> None:
    seen = Seen(render_report(**sea))
    assert "EXERCISE" not in seen.text and not seen.data["drill"]


@pytest.mark.parametrize("realm", ["", "exercise", None])
def test_a_page_without_a_realm_is_refused(sea: dict[str, Any], realm: Any) -> None:
    with pytest.raises(RealmError):
        render_report(**sea | {"summary": summary_of(realm)})


@pytest.mark.parametrize("language", LANGUAGES)
def test_empty_tables_make_a_page_that_says_so(language: str) -> None:
    nothing = summary_of(
        tables={"reports": 0, "positions": 0, "vessels": 0, "events": 0, "rejected": 0}, inputs=[], message_types={}, as_of=None, left_out={}
    )
    seen = Seen(render_report(POSITIONS.empty(), EVENTS.empty(), VESSELS.empty(), REJECTED.empty(), nothing, language))
    for code in ("report.no_events", "report.no_positions", "report.rejected_none"):
        assert catalogue(language)[code] in seen.text
    assert seen.data["tracks"] == [] and len(seen.data["land"]) > 100


def test_refused_lines_are_counted_by_rule_with_meaning_and_place(sea: dict[str, Any]) -> None:
    text = Seen(render_report(**sea)).text
    assert "the checksum does not match" in text and "lat_deg is above its range" in text and "made_up" in text
    assert "byte 320" in text and "!AIVDM,4" in text


def test_the_page_does_not_depend_on_the_order_of_rows(sea: dict[str, Any]) -> None:
    shuffled = {k: v.sample(fraction=1.0, shuffle=True, seed=5) if isinstance(v, pl.DataFrame) else v for k, v in sea.items()}
    assert render_report(**shuffled) == render_report(**sea)


def test_tracks_across_180_degrees_are_one_line(sea: dict[str, Any]) -> None:
    sea["positions"] = positions_of("mmsi:100000001", lon_deg=179.6)
    sea["events"] = event("gap", ["mmsi:100000001"], lon_deg=-179.9)
    data = Seen(render_report(**sea)).data
    x = np.cumsum(data["tracks"][0][2::3]) * data["step"]
    assert len(data["tracks"]) == 1 and np.abs(np.diff(x)).max() < 1
    assert x[0] < data["events"]["x"][0] * data["step"] < x[-1]
    assert data["box"][2] - data["box"][0] < 2


def test_a_thinned_map_says_so_and_stays_near_the_truth(sea: dict[str, Any]) -> None:
    seen = Seen(render_report(**sea, max_points=40))
    assert sum((len(t) - 1) // 3 for t in seen.data["tracks"]) <= 40
    assert re.search(r"draws \d+ of 400 positions", seen.text)
    assert "not drawn" not in seen.text


def test_events_beyond_the_list_are_mentioned(sea: dict[str, Any]) -> None:
    many = event("gap", ["mmsi:100000001"], evidence=[], reasons=[])
    many = pl.concat([many] * (MAX_EVENTS + 5)).with_columns(event_id=pl.int_range(MAX_EVENTS + 5).cast(pl.String))
    seen = Seen(render_report(**sea | {"events": many}))
    assert {len(column) for column in seen.data["events"].values()} == {MAX_EVENTS}
    assert f"lists {MAX_EVENTS:,} of {MAX_EVENTS + 5:,}" in seen.text and f"{MAX_ROWS:,} of {MAX_EVENTS:,} in this table" in seen.text
    assert f"lists {MAX_EVIDENCE_ALL // MAX_EVENTS} of the reports" in seen.text


def test_evidence_is_listed_by_feed_offset_and_length_up_to_a_limit(sea: dict[str, Any]) -> None:
    data = Seen(render_report(**sea)).data
    columns, gap = data["events"], [k for k, _ in data["kinds"]].index("gap")
    row = columns["kind"].index(gap)
    assert columns["reports"][row] == 40 and len(columns["evidence"][row]) == 3 * MAX_EVIDENCE
    assert columns["evidence"][row][:6] == [0, 2400, 78, 0, 2480, 78] and data["feeds"] == ["a.nmea"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_filled_in_by_a_browser(language: str) -> None:
    from seaward.core.catalogue import fields, render

    for code, text in catalogue(language).items():
        names = tuple(dict.fromkeys(fields(text)))
        if code.partition(".")[0] in ("cli", "report"):
            continue
        values = [1234.5625 + i for i in range(len(names))]
        filled = said(parts(code, names, language), values, language)
        rendered = render(code, dict(zip(names, values, strict=True)), language)
        marks = str.maketrans({",": ".", "\u202f": "."})
        assert filled.translate(marks) == rendered.translate(marks)


def test_a_kind_without_words_is_shown_as_itself(sea: dict[str, Any]) -> None:
    sea["events"] = event("constructor", ["mmsi:100000009"])
    seen = Seen(render_report(**sea))
    assert "constructor" in seen.text and seen.data["who"] == [["", "100000009", -1]]


def test_a_frequent_kind_hides_no_rare_one(sea: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.report.page.MAX_EVENTS", 5)
    early = [event("loitering", ["mmsi:100000001"], event_id=f"{n:032d}", start_at=NOON) for n in range(20)]
    data = Seen(render_report(**(sea | {"events": pl.concat([*early, sea["events"]])}))).data
    names = [data["kinds"][k][0] for k in data["events"]["kind"]]
    assert [names.count(kind) for kind in ("gap", "encounter", "drift", "loitering")] == [1, 1, 1, 2]


def test_ports_near_the_data_are_drawn_also_across_180_degrees(sea: dict[str, Any]) -> None:
    sea["positions"] = positions_of("mmsi:100000001", lon_deg=179.6)
    sea["events"] = event("gap", ["mmsi:100000001"], lon_deg=-179.9)
    data = Seen(render_report(**sea, places=Places(("<b>Caleta", "far"), np.array([-179.5, 10.0]), np.array([-12.0, 50.0]), ("", "")))).data
    assert [name for name, *_ in data["ports"]] == ["<b>Caleta"]
    assert data["box"][0] < data["ports"][0][1] * data["land_step"] < data["box"][2] + 1


def test_reception_is_a_layer_only_where_it_is_known(sea: dict[str, Any]) -> None:
    heard = pl.DataFrame([("ops", -77.25, -12.5, 3, 90, 10, 0.9)], schema=RECEPTION.schema, orient="row")
    without, with_it = Seen(render_report(**sea)), Seen(render_report(**sea, reception=heard))
    assert without.data["reception"] == [] and not any(a.get("id") == "layer-reception" for _, a in without.tags)
    assert with_it.data["reception"] == [-309, -50, 90] and any(a.get("id") == "layer-reception" for _, a in with_it.tags)
