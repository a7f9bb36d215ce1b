"""Every mistake of a scenario is told with its line and the fix, in both languages; none stops another from being told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.catalogue import LANGUAGES
from seaward.drill.mistakes import ScenarioError
from seaward.drill.read_scenario import PACKAGED, packaged_names, read_scenario, scenario_of
from seaward.drill.scenario_schema import schema

GOOD = """\
format: drill/1
exercise:
  id: TRY-1
  title: {en: A try, es: Una prueba}
  realm: "ex:try-1"
seed: 7
clock: {start: "2027-11-04T06:00:00Z", length: 8h}
area:
  bbox: [-84.0, -15.0, -75.0, -3.0]
cells:
  - {id: pe, role: player, lang: es, sees: [ais]}
  - {id: white, role: control, sees: [truth]}
sensors:
  - id: ais
    kind: coastal_ais
    stations:
      - {id: st1, at: [-77.20, -12.08]}
traffic:
  - {id: lane, kind: cargo, count: 3, pattern: lane, route: [[-79.0, -12.0], [-80.0, -10.0]], ais: {A: 0.4, none: 0.6}}
actors:
  - id: jig
    kind: squid_jigger
    name: JIG (EX)
    mmsi: 100000123
    start: [-80.0, -12.0]
    plan:
      - {at: 1h10m, do: sail, to: [-80.5, -12.0]}
      - {at: 2h, do: ais_off}
injects:
  - {id: I1, at: 30m, to: [pe], by: phone, objective: O1, text: {en: Look, es: Mire}, expect: {action: open_case, within: 10m}}
objectives:
  - {id: O1, text: {en: Find it, es: Encontrarlo}, measure: time_to_detect, of: [jig], target: 1h, limit: 2h}
"""
TUGS = "\n  - {id: tugs, kind: tug, count: 1, pattern: harbour_work, ports: [[-77.19, -12.05]], serves: "
FORM, TOGETHER = True, False  # whether a schema can tell the mistake
MISTAKES = [  # what is replaced, by what, the code, and whether the schema tells it too
    ("length: 8h", "length: 10:30", "time_not_text", FORM),
    ("at: 30m", "at: 30", "time_not_text", FORM),
    ("length: 8h", "length: 8 hours", "duration", FORM),
    ("length: 8h", "length: 0s", "duration_range", TOGETHER),
    ("lang: es", "lang: no", "text_read_as_switch", FORM),
    ("id: lane", "id: off", "text_read_as_switch", FORM),
    ("id: lane", "id: 12", "text_read_as_number", FORM),
    ("id: lane", "id: 2027-01-01", "text_read_as_moment", FORM),
    ("id: lane", "id: la/ne", "id_form", FORM),
    ("id: lane", "id: ", "nothing", FORM),
    ("id: lane", "id: truth", "id_reserved", TOGETHER),
    ("id: st1", "id: pe", "id_twice", TOGETHER),
    ('"2027-11-04T06:00:00Z"', "2027-11-04T06:00:00Z", "moment_not_text", FORM),
    ('"2027-11-04T06:00:00Z"', '"2027-11-04 06:00"', "moment", FORM),
    ('"2027-11-04T06:00:00Z"', '"2027-02-30T06:00:00Z"', "moment", TOGETHER),
    ("seed: 7", "seed: 7\nspeed: 3", "unknown_key_near", FORM),
    ("seed: 7", "seed: 7\nqqqqqq: 3", "unknown_key", FORM),
    ("seed: 7", "seed: 7\nseed: 8", "duplicate_key", TOGETHER),
    ("seed: 7", "seed: 7.5", "integer", FORM),
    ("seed: 7", "seed: 007", "number", TOGETHER),
    ("seed: 7", "seed: -1", "number_range", FORM),
    ("    mmsi:", "    imo: 9074729\n    mmsi:", "imo", FORM),
    ("    kind: squid_jigger\n", "", "missing_key", FORM),
    ("kind: squid_jigger", "kind: squid_digger", "choice_near", FORM),
    ("role: player", "role: zzz", "choice", FORM),
    ("do: ais_off", "do: ais_off, gear: trawl", "key_without_meaning", FORM),
    ("  bbox: [-84.0, -15.0, -75.0, -3.0]", "  - 3", "not_mapping", FORM),
    ("sees: [ais]", "sees: ais", "not_list", FORM),
    ("[[-79.0, -12.0], [-80.0, -10.0]]", "[[-79.0, -12.0]]", "list_size", FORM),
    ("seed: 7", "seed: [7]", "not_single", FORM),
    ("{id: I1, at: 30m", "{id: I1, hold: yes", "switch", TOGETHER),
    ("at: 2h", "at: 1h", "plan_backwards", TOGETHER),
    ("at: 2h", "at: 9h", "beyond_length", TOGETHER),
    ("within: 10m", "within: 8h", "beyond_length", TOGETHER),
    ("objective: O1, ", "", "missing_key", FORM),
    ("objective: O1", "objective: Z9z", "unknown_objective", TOGETHER),
    ("to: [pe]", "to: [pee]", "unknown_cell_near", TOGETHER),
    ("to: [pe]", "to: [qq]", "unknown_cell", TOGETHER),
    ("of: [jig]", "of: [jug]", "unknown_actor_near", TOGETHER),
    ("of: [jig]", "of: [xxx]", "unknown_actor", TOGETHER),
    ("of: [jig]", "of: [lane/4]", "traffic_number", TOGETHER),
    ("of: [jig]", "of: [lanes/1]", "unknown_traffic_near", TOGETHER),
    ("of: [jig]", "of: [lane/0]", "hull_form", FORM),
    ("sees: [ais]", "sees: [aiss]", "unknown_sensor_near", TOGETHER),
    ("sees: [ais]", "sees: [radar]", "unknown_sensor", TOGETHER),
    ("sees: [ais]", "sees: [ais, truth]", "secret_seen", TOGETHER),
    ("sees: [ais]", "sees: [logs]", "secret_seen", TOGETHER),
    ("role: player", "role: role_player", "no_player", TOGETHER),
    ("role: player", "role: player, nation: Peru", "nation", TOGETHER),
    ('"ex:try-1"', '"ex:TRY-1"', "realm", TOGETHER),
    ("length: 8h", "length: 8h, rate: 100", "rate", TOGETHER),
    ("start: [-80.0, -12.0]", "start: [-75.5, -12.0]", "on_land", TOGETHER),
    ("at: [-77.20, -12.08]", "at: [-75.5, -12.0]", "station_inland", TOGETHER),
    ("start: [-80.0, -12.0]", "start: [-12.0, -80.0]", "place_swapped", TOGETHER),
    ("start: [-80.0, -12.0]", "start: [-12.0, -100.0]", "place_swapped", FORM),
    ("start: [-80.0, -12.0]", "start: [-90.0, -12.0]", "place_outside", TOGETHER),
    ("start: [-80.0, -12.0]", "start: [-280.0, -12.0]", "degrees", FORM),
    ("start: [-80.0, -12.0]", "start: [-80.0]", "place", FORM),
    ("[-84.0, -15.0, -75.0, -3.0]", "[-75.0, -15.0, -84.0, -3.0]", "box_order", TOGETHER),
    ("[-84.0, -15.0, -75.0, -3.0]", "[-84.0, -15.0]", "box", FORM),
    ("mmsi: 100000123", "mmsi: 760000123", "real_mmsi", FORM),
    ("mmsi: 100000123", "mmsi: 111000123", "real_mmsi", FORM),
    ("name: JIG (EX)", "name: JIG", "name_not_ex", FORM),
    ("en: Look", "en: Look for 760123456", "real_number", TOGETHER),
    ("en: Look", "en: Look for IMO 9074729", "real_number", TOGETHER),
    (", es: Mire", "", "missing_translation", FORM),
    ("{en: Look, es: Mire}", "Look", "missing_translation", FORM),
    ("en: Look", "en: " + "a" * 4001, "text_long", FORM),
    ("{A: 0.4, none: 0.6}", "{A: 0.4, none: 0.5}", "shares_sum", TOGETHER),
    ("{A: 0.4, none: 0.6}", "[A]", "shares", FORM),
    ("kind: cargo, count: 3, pattern: lane, route: [[-79.0, -12.0], [-80.0, -10.0]]",
     "kind: cargo, count: 3, pattern: ground, around: [-80.0, -12.0]", "cannot_fish", TOGETHER),
    ("count: 3", "count: 3, speed_kn: [9, 5]", "between", TOGETHER),
    ("count: 3", "count: 3, serves: [lane]", "key_without_meaning", FORM),
    ("traffic:", "traffic:" + TUGS + "[lanes]}", "unknown_traffic_near", TOGETHER),
    ("traffic:", "traffic:" + TUGS + "[jig]}", "unknown_traffic", TOGETHER),
    ("traffic:", "traffic:" + TUGS + "[tugs]}", "self", TOGETHER),
    ("traffic:", "traffic:" + TUGS + "[lane]}" + TUGS.replace("tugs", "pilots") + "[tugs]}", "serves_server", TOGETHER),
    ("do: ais_off", "do: meet, for: 1h, actor: jig", "self", TOGETHER),
    ("do: ais_off", "do: claim", "claim_empty", TOGETHER),
    ("do: ais_off", "do: false_place, pattern: jump", "missing_key", TOGETHER),
    ("    name: JIG (EX)", "    ais: none", "no_transmitter", TOGETHER),
    ("    name: JIG (EX)", "    ais: none\n    copies: lane/1", "copy_without_ais", TOGETHER),
    ("at: 30m, to", "to", "inject_when", FORM),
    ("at: 30m, to", "at: 30m, after: jig, to", "inject_when", FORM),
    ("at: 30m, to", "at: 30m, delay: 5m, to", "delay_without_after", FORM),
    ("limit: 2h", "limit: 30m", "limit_small", TOGETHER),
    ("time_to_detect, of: [jig], target: 1h, limit: 2h", "recall, target: 0.5, limit: 0.8", "limit_large", TOGETHER),
    ("time_to_detect, of: [jig], target: 1h, limit: 2h", "recall, target: 50, limit: 0.8", "share", TOGETHER),
    ("time_to_detect, of: [jig], target: 1h, limit: 2h", "recall, of: [fish], target: 0.5, limit: 0.2", "unknown_event_near", TOGETHER),
    ("time_to_detect, of: [jig], target: 1h, limit: 2h", "recall, of: [qq], target: 0.5, limit: 0.2", "unknown_event", TOGETHER),
    ("[-77.20, -12.08]}", "[-77.20, -12.08], outage: [2h, 1h]}", "span_backwards", TOGETHER),
    ("-3.0]", "-3.0]\n  layers: [a]", "files", FORM),
    ("-3.0]", "-3.0]\n  layers: {x: ../a.json}", "file_form", FORM),
    ("-3.0]", "-3.0]\n  layers: {x: none-such.json}", "file_unreadable", TOGETHER),
    ("seed: 7", "seed: &a 7", "anchor", TOGETHER),
    ("seed: 7", "seed: *a", "alias", TOGETHER),
    ("seed: 7", "seed: !!int 7", "tag", TOGETHER),
    ("seed: 7", "seed: !!python/object:os.system 7", "tag", TOGETHER),
    ("seed: 7", "seed: 7\n<<: {a: 1}", "merge", TOGETHER),
    ("seed: 7", "seed: 7\n[a]: 1", "key_form", TOGETHER),
    ("seed: 7", "seed: " + "[" * 20 + "]" * 20, "too_deep", TOGETHER),
    ("seed: 7", "seed: a: b", "syntax.colon", TOGETHER),
    ("seed: 7", "\tseed: 7", "syntax.tab", TOGETHER),
    ("to: [pe]", "to: [pe", "syntax.bracket", TOGETHER),
    ("seed: 7", 'seed: "7', "syntax", TOGETHER),
    ("seed: 7", "seed: 7\x07", "character", TOGETHER),
    ("limit: 2h}\n", "limit: 2h}\n---\nformat: drill/1\n", "second_document", TOGETHER),
    ("format: drill/1", "%YAML 1.1\n---\nformat: drill/1", "directive", TOGETHER),
]  # fmt: skip

# Where the line told is another than that of the change: that of the part which lacks a key, or of the step that a change makes wrong.
ELSEWHERE = {"missing_key": (1, 31), "no_player": (10, 10), "no_transmitter": (28, 28), "syntax.bracket": (29, 30), "syntax": (6, 31)}


def changed(old: str, new: str) -> tuple[str, int]:
    """The good scenario with one change, and the first line that it touches."""
    assert GOOD.count(old) >= 1, old
    at = GOOD.index(old)
    return GOOD[:at] + new + GOOD[at + len(old) :], GOOD.count("\n", 0, at) + 1


def wrong(text: str | bytes, folder: Path) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        scenario_of(text.encode() if isinstance(text, str) else text, folder, "t.yaml")
    return caught.value


def test_the_scenario_that_is_changed_below_is_right(tmp_path: Path) -> None:
    made = scenario_of(GOOD.encode(), tmp_path)
    assert (made.clock.length_ms, made.actors[0].plan[0].at_ms, made.objectives[0].target) == (8 * 3_600_000, 4_200_000, 3600.0)
    assert (made.traffic[0].ais, made.actors[0].line, made.clock.start.isoformat()) == ((("A", 0.4), ("none", 0.6)), 21, "2027-11-04T06:00:00+00:00")


@pytest.mark.parametrize(("old", "new", "code", "by_schema"), MISTAKES, ids=[f"{m[2]}-{n}" for n, m in enumerate(MISTAKES)])
def test_the_mistake_is_told_with_its_line_and_the_fix_in_both_languages(old: str, new: str, code: str, by_schema: bool, tmp_path: Path) -> None:
    text, line = changed(old, new)
    error = wrong(text, tmp_path)
    (mistake,) = [m for m in error.mistakes if m.code == code]
    first, last = (line, line + new.count("\n")) if code not in ELSEWHERE else ELSEWHERE[code]
    assert first <= mistake.line <= last
    english, spanish = (error.told(language) for language in LANGUAGES)
    for told in (english, spanish):
        assert (
            re.search(rf"^t\.yaml:{mistake.line}: .+; .+", told, re.M)
            and "scenario." not in told
            and "{" not in told.replace("{A:", "").replace("{en:", "")
        )
    assert english != spanish
    if by_schema:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(as_editors_read(text), schema())


def as_editors_read(text: str) -> object:
    """The data as YAML 1.1 gives it, moments not as texts."""
    return yaml.safe_load(text)


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = GOOD.replace("length: 8h", "length: 10:30").replace("sees: [ais]", "sees: [truth]").replace("JIG (EX)", "JIG").replace(", es: Mire", "")
    mistakes = wrong(text, tmp_path).mistakes
    assert [(m.line, m.code) for m in mistakes] == [(7, "time_not_text"), (11, "secret_seen"), (23, "name_not_ex"), (30, "missing_translation")]
    assert mistakes[0].text("en").endswith("such as 10h30m")


def test_bytes_that_are_no_utf8_a_huge_file_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    assert [(m.line, m.code) for m in wrong(GOOD.encode().replace(b"Una prueba", b"Una \xf1"), tmp_path).mistakes] == [(4, "not_utf8")]
    assert [m.code for m in wrong(GOOD + "#" * 300_000, tmp_path).mistakes] == ["too_large"]
    assert [m.code for m in wrong("", tmp_path).mistakes] == ["empty"]


def test_lines_that_unfold_into_billions_are_refused_at_once(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert {"anchor", "alias"} <= {m.code for m in wrong(bomb, tmp_path).mistakes}


@pytest.mark.parametrize("name", packaged_names())
def test_packaged_scenarios_are_right_for_reader_and_schema(name: str) -> None:
    read_scenario(name)
    jsonschema.validate(yaml.safe_load((PACKAGED / f"{name}.yaml").read_text(encoding="utf-8")), schema())


def test_the_schema_is_one_and_is_that_of_the_file() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads((PACKAGED.parent / "scenario.schema.json").read_text(encoding="utf-8")) == schema(), "run: python tools/make_scenario_pages.py"


PORT = (PACKAGED / "port-approach.yaml").read_text(encoding="utf-8")


@settings(max_examples=60)
@given(st.data())
def test_no_change_of_a_scenario_crashes_the_reader(data: st.DataObject) -> None:
    text = PORT
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        put = data.draw(
            st.one_of(
                st.text(max_size=6),
                st.sampled_from(["[", "]", "{", "}", ": ", "\n", "- ", "&a ", "*a", "!!x ", "1e99", "off", "~", '"', "? ", "|\n"]),
            )
        )
        text = text[:at] + put + text[at + cut :]
    try:
        scenario_of(text.encode("utf-8", "surrogatepass"), PACKAGED)
    except ScenarioError as e:
        assert e.mistakes and all(1 <= m.line <= text.count("\n") + 2 for m in e.mistakes)
        assert all(m.text(language) for m in e.mistakes for language in LANGUAGES)
