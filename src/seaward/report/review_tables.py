"""objectives, scores, injects, outages, improvements and origin of a review -> tables in words."""

from __future__ import annotations

from typing import Any

from seaward.report import words
from seaward.report.blocks import Cell, notes, table
from seaward.report.review_words import NONE, between, both, coded, decimal, kind_named, lasting, measured, percent, stamp, teller

FEW = 10  # ours, as for the scores: of fewer, the Wilson interval of a half is wider than half of all that is possible (n = 10: 0.24 to 0.76)
BLANK_ROWS = 3  # for what the review itself finds
MAX_ROWS = 200


def objective_table(review: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """Objectives with what was asked, what came out and the rating proposed."""
    t = teller(language)
    objectives = review.get("objectives") or []
    if not objectives:
        return [notes([t("no_objectives")])]
    rows = []
    for o in objectives:
        unit, n, censored = o.get("unit") or "", o.get("n") or 0, o.get("censored") or 0
        known = t("censored", n=n, censored=censored) if censored else words.number(n, language)
        rating = o.get("rating")
        few = t("few") if n < FEW and rating else ""
        what = both(o.get("text"), language)
        of = ", ".join(words.shown(x, 40) for x in (o.get("of") or [])[:6])
        rows.append(
            [
                (words.shown(o["id"], 20), "bold"),
                what,
                coded(o["measure"], "review.measure", language) + (f" ({of})" if of else ""),
                words.shown(o.get("cell") or NONE, 40),
                measured(o.get("target"), unit, language),
                measured(o.get("limit"), unit, language),
                (measured(o.get("result"), unit, language), "num bold"),
                (known, "num"),
                (between(o.get("interval"), unit, language), "num"),
                (f"{rating} {t(f'rating.{rating}')}" if rating in ("P", "S", "M", "U") else t("not_rated"), f"rate rate-{rating or 'none'}"),
                ". ".join(s for s in (coded(o["why"], "review.why", language) if o.get("why") else "", few) if s),
                ("", "fill"),
            ]
        )
    head = [
        "",
        t("objective"),
        t("measure"),
        t("cell"),
        "#" + t("target"),
        "#" + t("limit"),
        "#" + t("result"),
        "#n",
        "#" + t("interval"),
        t("rating"),
        t("why"),
        t("confirmed_by"),
    ]
    return [table(head, rows), notes([t("proposed"), t("interval_note")], "soft")]


def score_table(review: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """Precision, recall and delay of each cell and kind, with their intervals."""
    t = teller(language)
    scores = review.get("scores") or []
    if not scores:
        return [notes([t("no_scores")])]
    rows = []
    for s in scores[:MAX_ROWS]:
        figures: list[str | Cell] = [words.number(s.get(k) or 0, language) for k in ("truths", "events", "hits", "repeats", "false")]
        for measure in ("precision", "recall"):
            bounds = between([s.get(f"{measure}_low"), s.get(f"{measure}_high")], "share", language)
            figures.append(percent(s.get(measure)) + (f" ({bounds})" if bounds != NONE else ""))
        bounds = between([s.get("delay_low_s"), s.get("delay_high_s")], "s", language)
        figures.append(lasting(s.get("delay_median_s")) + (f" ({bounds})" if bounds != NONE else ""))
        figures.append(decimal(s.get("brier"), 3, language))
        rows.append([words.shown(s["cell"], 40), kind_named(s["kind"], language), *figures, (t("few") if s.get("few") else "", "soft")])
    head = [
        t("cell"),
        t("kind"),
        *("#" + t(f"score.{k}") for k in ("truths", "events", "hits", "repeats", "false", "precision", "recall", "delay", "brier")),
        "",
    ]
    return [
        table(head, rows, more=t("scores_more", count=len(scores) - MAX_ROWS) if len(scores) > MAX_ROWS else ""),
        notes([t("scores_note")], "soft"),
    ]


def inject_table(review: dict[str, Any], with_date: bool, language: str) -> list[dict[str, Any]]:
    """What the directors put in, what was expected of whom, and what came of it."""
    t = teller(language)
    injects = review.get("injects") or []
    if not injects:
        return [notes([t("no_injects")])]
    rows = []
    for i in injects[:MAX_ROWS]:
        expect = i.get("expect") or {}
        asked = coded(expect["action"], "review.action", language) if expect.get("action") else NONE
        if expect.get("within_s") is not None:
            asked = t("within", what=asked, time=lasting(expect["within_s"]))
        to = ", ".join(words.shown(c, 40) for c in i.get("to") or [])
        rows.append(
            [
                (words.shown(i["id"], 20), "bold"),
                stamp(i.get("at"), with_date) if i.get("at") else t("held"),
                f"{to} ({coded(i.get('by'), 'review.by', language)})",
                both(i.get("text"), language),
                asked,
                words.shown(i.get("objective") or NONE, 20),
                (_outcome(i, with_date, language), "bold"),
            ]
        )
    head = ["", t("when"), t("to_whom"), t("inject"), t("expected"), t("objective"), t("outcome")]
    return [table(head, rows, more=t("scores_more", count=len(injects) - MAX_ROWS) if len(injects) > MAX_ROWS else "")]


def _outcome(inject: dict[str, Any], with_date: bool, language: str) -> str:
    """What became of it, and when and by whom."""
    said = coded(inject.get("outcome"), "review.outcome", language)
    if not inject.get("done_at"):
        return said
    by = ", ".join(words.shown(str(inject[k]), 40) for k in ("done_by", "done_in") if inject.get(k))
    return f"{said} {stamp(inject['done_at'], with_date)}" + (f" ({by})" if by else "")


def outage_table(review: dict[str, Any], with_date: bool, language: str) -> list[dict[str, Any]]:
    """When sensors were down, as the scenario says."""
    t = teller(language)
    outages = review.get("outages") or []
    rows = [
        [words.shown(o["sensor"], 40), words.shown(o.get("station") or NONE, 40), stamp(o.get("from"), with_date), stamp(o.get("to"), with_date)]
        for o in outages[:MAX_ROWS]
    ]
    if not rows:
        return [notes([t("no_outages")])]
    return [
        table(
            [t("sensor"), t("station"), t("from"), t("to")],
            rows,
            more=t("scores_more", count=len(outages) - MAX_ROWS) if len(outages) > MAX_ROWS else "",
        )
    ]


def improvement_table(review: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """Findings with room for who sees to them and until when, and room for more findings."""
    t = teller(language)
    rows: list[list[str | Cell]] = [
        [both(i.get("finding"), language), (words.shown(i.get("owner") or "", 80), "fill"), (words.shown(i.get("due") or "", 40), "fill")]
        for i in (review.get("improvements") or [])[:MAX_ROWS]
    ]
    blank: list[str | Cell] = [("", "fill")] * 3
    rows += [blank] * BLANK_ROWS
    return [table([t("finding"), t("owner"), t("due")], rows, looks="plan"), notes([t("fill_note")], "screen")]


def made_table(review: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """What anybody needs to make it again."""
    t = teller(language)
    recording, clock = review.get("recording") or {}, review["clock"]
    whole = t("recording_whole") if recording.get("is_whole") else coded(recording.get("problem"), "recording", language)
    facts = [
        ("Seaward", words.shown(review.get("seaward") or NONE, 40)),
        (t("seed"), words.shown(NONE if review.get("seed") is None else review["seed"], 40)),
        (t("scenario_hash"), words.shown(review.get("scenario_sha256") or NONE, 80)),
        (t("truth_hash"), words.shown(review.get("truth_digest") or NONE, 80)),
        (
            t("recording"),
            f"{words.shown(recording.get('file') or NONE, 120)}: {t('records', n=words.number(recording.get('records') or 0, language))}; {whole}"
            if recording
            else NONE,
        ),
        (t("cadence"), lasting(clock.get("cadence_s"))),
    ]
    sees = [
        [
            words.shown(c["id"], 40),
            coded(c.get("role"), "review.role", language),
            words.shown(c.get("lang") or NONE, 10),
            ", ".join(words.shown(s, 40) for s in c.get("sees") or []) or NONE,
        ]
        for c in review.get("cells") or []
    ]
    return [
        table([t("fact"), t("value")], [[name, (value, "hash")] for name, value in facts]),
        table([t("cell"), t("role"), t("language"), t("sees")], sees, t("cells")) if sees else notes([t("no_cells")]),
        notes([t("made_note")], "soft"),
    ]
