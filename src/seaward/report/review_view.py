"""review.json -> the whole review in words, section by section, for the page and the PDF alike."""

from __future__ import annotations

from typing import Any

from seaward.core.catalogue import render
from seaward.core.errors import RealmError
from seaward.core.realm import is_drill
from seaward.report import words
from seaward.report.blocks import bullets, figures, notes, section, table
from seaward.report.document import other
from seaward.report.review_lanes import LETTERS, lanes
from seaward.report.review_map import MAX_FALSE, MAX_LABELS, chart
from seaward.report.review_plots import plots
from seaward.report.review_tables import improvement_table, inject_table, made_table, objective_table, outage_table, score_table
from seaward.report.review_truths import (
    chain_tables,
    chosen,
    false_events,
    false_tables,
    found_by,
    is_judged,
    missed_tables,
    numbered,
    truth_table,
    worst_first,
)
from seaward.report.review_words import at_s, both, coded, teller, whole_moment

MAX_LANES = 40  # truths drawn: some six figures of two cells
_LEAST_LANES, _LINES = 10, 160  # of many cells fewer truths, down to ten, so that all lines together fill no more pages
RATINGS = ("P", "S", "M", "U")
_DAY_S = 86_400


def check_drill(realm: object) -> str:
    """The realm of a drill; anything else is refused.

    Raises
    ------
    RealmError
        If it is missing, malformed, or that of operations.
    """
    if not isinstance(realm, str) or not is_drill(realm):
        raise RealmError(f"realm is {realm!r}; an after-action review is of a drill: ex:<drill id>")
    return realm


def view(review: dict[str, Any], language: str) -> dict[str, Any]:
    """The review in words.

    Parameters
    ----------
    review
        As in review.json: what an exercise hands over.
    language
        `en` or `es`.

    Returns
    -------
    JSON-ready: `realm`, `language`, `mark` and `mark_other` (the words of every page), `title`, `id`, `facts` (label, value), `warnings`,
    `front` and `sections` (of `blocks`).

    Raises
    ------
    RealmError
        If the realm is not that of a drill.

    Limits
    ------
    Draws 40 truths in lanes and lists 60 rows a table (fewer where there are more than two cells), the worst first, and says how many more there
    are; counts are over all.
    """
    realm = check_drill(review.get("realm"))

    t = teller(language)
    cells = _players(review)
    truths, false = numbered(review, cells), false_events(review)
    sensors = sorted({s for r in truths for s in (r.get("observable") or {})})
    clock = review["clock"]
    period_s = (at_s(clock["start"]) or 0.0, at_s(clock["end"]) or 0.0)
    with_date = period_s[0] // _DAY_S != period_s[1] // _DAY_S
    mark = render("report.drill", {}, language)
    exercise = review.get("exercise") or {}
    recording = review.get("recording") or {}
    drawn = chosen(truths, min(MAX_LANES, max(_LEAST_LANES, _LINES // (1 + len(cells)))))
    in_lanes = lanes(drawn, cells, sensors, period_s, with_date, language, mark)
    on_chart = chart(review, worst_first(truths), false, language, mark)
    quality = [figures(p, 3, words.shown(c, 40)) for c in cells if (p := plots(review.get("picture") or [], c, period_s, with_date, language))]
    number = {"shown": words.number(len(drawn), language), "total": words.number(len(truths), language)}
    sections = [
        section("objectives", t("objectives"), objective_table(review, language)),
        section("missed", t("missed"), missed_tables(truths, cells, with_date, language)),
        section("false", t("false"), false_tables(false, cells, with_date, language), words.number(len(false), language)),
        section(
            "lanes",
            t("lanes"),
            [
                notes([t("lanes_key")], "lead"),
                notes([t("sensors_key") + " " + ", ".join(f"{LETTERS[n % 26]} {words.shown(s, 40)}" for n, s in enumerate(sensors))], "lead")
                if sensors
                else None,
                notes([t("lanes_most", **number)], "lead") if len(drawn) < len(truths) else None,
                figures([{"name": t("lanes"), "svg": s} for s in in_lanes]) if in_lanes else notes([t("no_truths")]),
            ],
        ),
        section(
            "chain",
            t("chain"),
            [notes([t("chain_key")], "lead"), *chain_tables(truths, cells, review.get("played") or [], with_date, language)]
            if truths
            else [notes([t("no_truths")])],
        ),
        section(
            "map",
            t("map"),
            [
                notes(
                    [
                        t("map_key"),
                        render("report.not_for_navigation", {}, language),
                        t("map_most", truths=MAX_LABELS, false=MAX_FALSE) if len(truths) > MAX_LABELS or len(false) > MAX_FALSE else "",
                    ],
                    "lead",
                ),
                figures([{"name": t("map"), "svg": on_chart}], looks="zoom") if on_chart else notes([t("no_places")]),
            ],
        ),
        section(
            "truths", t("truths"), truth_table(truths, cells, sensors, with_date, language) if truths else [notes([t("no_truths")])], number["total"]
        ),
        section("scores", t("scores"), score_table(review, language)),
        section("picture", t("picture"), [notes([t("picture_key")], "lead"), *quality] if quality else [notes([t("no_picture")])]),
        section("injects", t("injects"), inject_table(review, with_date, language)),
        section("outages", t("outages"), outage_table(review, with_date, language)),
        section("improvements", t("improvements"), improvement_table(review, language)),
        section(
            "not_simulated",
            t("not_simulated"),
            [
                bullets(coded(c, "review.not_simulated", language) for c in review["not_simulated"])
                if review.get("not_simulated")
                else notes([t("not_simulated_unknown")]),
            ],
        ),
        section("made", t("made"), made_table(review, language)),
    ]
    return {
        "realm": realm,
        "language": language,
        "mark": mark,
        "mark_other": render("report.drill", {}, other(language)),
        "title": both(exercise.get("title"), language, 160) or words.shown(exercise.get("id") or realm, 80),
        "kind": t("title"),
        "note": render("report.drill_note", {"id": words.shown(realm.partition(":")[2], 64)}, language),
        "facts": [
            (t("exercise"), words.shown(exercise.get("id") or "", 80)),
            (t("from"), whole_moment(clock["start"])),
            (t("to"), whole_moment(clock["end"])),
            (render("report.realm", {}, language), realm),
        ],
        "warnings": [] if recording.get("is_whole", True) else [t("recording_not_whole", why=coded(recording.get("problem"), "recording", language))],
        "front": _front(review, cells, truths, false, language),
        "sections": sections,
        "to_be_confirmed": t("to_be_confirmed"),
    }


def _players(review: dict[str, Any]) -> list[str]:
    """Cells that were to find something, in the order of the scenario, then those that only events or truths name."""
    played = [c["id"] for c in review.get("cells") or [] if c.get("role", "player") == "player"]
    named = {c for r in review.get("truths") or [] for c in [*(r.get("found") or {}), *(r.get("missed_why") or {})]}
    named |= {e["cell"] for e in review.get("events") or []}
    return [*played, *sorted(named - set(played))]


def _front(
    review: dict[str, Any], cells: list[str], truths: list[dict[str, Any]], false: list[dict[str, Any]], language: str
) -> list[dict[str, Any]]:
    """What an officer reads first: a line for each cell, then how the objectives came out."""
    t = teller(language)

    def n(value: int) -> str:
        return words.number(value, language)

    rows = []
    events = review.get("events") or []
    for cell in cells:
        judged = [r for r in truths if is_judged(r, cell)]
        missed = [r["number"] for r in worst_first(judged) if not found_by(r, cell)]
        own = sum(e["cell"] == cell for e in events)
        wrong = sum(e["cell"] == cell for e in false)
        repeats = sum(e["cell"] == cell and bool(e.get("is_repeat")) for e in events)
        named = f" ({', '.join(missed[:8])}{', …' if len(missed) > 8 else ''})" if missed else ""
        rows.append(
            [
                (words.shown(cell, 40), "bold"),
                (t("of", n=n(len(judged) - len(missed)), total=n(len(judged))), "good" if len(judged) > len(missed) else ""),
                (n(len(missed)) + named, "bad" if missed else ""),
                (t("of", n=n(wrong), total=n(own)), "bad" if wrong else ""),
                (n(repeats), ""),
            ]
        )
    ratings = [o.get("rating") for o in review.get("objectives") or []]
    counts = [f"{ratings.count(r)} × {r} ({t(f'rating.{r}')})" for r in RATINGS if r in ratings]
    if unrated := sum(r not in RATINGS for r in ratings):
        counts.append(t("unrated", count=unrated))
    return [
        table([t("cell"), t("front_found"), t("front_missed"), t("front_false"), t("front_repeats")], rows, looks="front")
        if rows
        else notes([t("no_cells")]),
        notes([f"{t('objectives')}: {'; '.join(counts)}. " if counts else t("no_objectives"), t("front_note")]),
    ]
