"""truths and events of a review -> who found what: numbered, worst first, and the tables of what was found, missed and false."""

from __future__ import annotations

from collections import Counter
from typing import Any

from seaward.core.catalogue import render
from seaward.report import words
from seaward.report.blocks import Cell, notes, table
from seaward.report.review_lanes import LETTERS, STAGES
from seaward.report.review_words import NONE, at_s, coded, kind_named, lasting, percent, place, stamp, teller, who

MAX_ROWS = 60  # of one table: what lies beyond is counted, and is in the tables of the drill
_LEAST_ROWS = 10  # of the chain of one cell, where there are many cells
_MOST_SENSORS = 6  # named with a truth: the first that could see it
_INF = float("inf")


def numbered(review: dict[str, Any], cells: list[str]) -> list[dict[str, Any]]:
    """Truths with their `number` by time, `is_missed` (by every cell that was to find it) and `missed_by`."""
    rows = sorted(review.get("truths") or [], key=lambda t: (at_s(t["start"]) or 0.0, t["kind"], t["id"]))
    made = []
    for n, truth in enumerate(rows, 1):
        judged = [c for c in cells if is_judged(truth, c)]
        missed = [c for c in judged if not found_by(truth, c)]
        made.append(truth | {"number": f"T{n}", "missed_by": missed, "is_missed": bool(judged) and len(missed) == len(judged)})
    return made


def worst_first(truths: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those with an intent before those without: what the drill is about; then missed by most cells, then opened latest."""
    return sorted(truths, key=lambda t: (_is_plain(t), -len(t["missed_by"]), -_slowest_s(t), int(t["number"][1:])))


def chosen(truths: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The worst, so many of them: those with an intent by time, then the others by time."""
    return sorted(worst_first(truths)[:most], key=lambda t: (_is_plain(t), int(t["number"][1:])))


def _is_plain(truth: dict[str, Any]) -> bool:
    return truth.get("intent") in (None, "none")


def is_judged(truth: dict[str, Any], cell: str) -> bool:
    """Whether a cell was to find it."""
    return cell in (truth.get("found") or {}) or cell in (truth.get("missed_why") or {})


def found_by(truth: dict[str, Any], cell: str) -> dict[str, Any] | None:
    """How a cell found it; none where it did not."""
    return (truth.get("found") or {}).get(cell)


def chain_of(found: dict[str, Any]) -> dict[str, float | None]:
    """Moments of the stages [s since 1970]; none where one was not played."""
    chain = {c["stage"]: at_s(c.get("at")) for c in found.get("chain") or []}
    if chain.get("opened") is None:
        chain["opened"] = at_s(found.get("opened_at"))
    return chain


def truth_table(truths: list[dict[str, Any]], cells: list[str], sensors: list[str], with_date: bool, language: str) -> list[dict[str, Any]]:
    """What happened, what had an intent first, with the first moment at which each sensor could see it."""
    t = teller(language)
    shown = chosen(truths, MAX_ROWS)
    rows: list[list[str | Cell]] = []
    for r in shown:
        first = sorted((at, n) for n, s in enumerate(sensors) if (at := at_s((r.get("observable") or {}).get(s))) is not None)
        seen = [f"{LETTERS[n % 26]} {stamp(at, with_date)}" for at, n in first[:_MOST_SENSORS]]
        seen += [f"+{len(first) - _MOST_SENSORS}"] * (len(first) > _MOST_SENSORS)
        areas = "; ".join(words.shown(a, 60) for a in (r.get("areas") or [])[:3])
        verdicts = [(t("found_mark"), "good") if found_by(r, c) else (t("missed_mark"), "bad") if is_judged(r, c) else (NONE, "soft") for c in cells]
        rows.append(
            [
                (r["number"], "home"),
                kind_named(r["kind"], language),
                who(r.get("names") or [], r.get("actors") or []),
                coded(r.get("intent"), "review.intent", language),
                f"{stamp(r['start'], with_date)} {t('until')} {stamp(r['end'], with_date)}",
                (place(r, language) + (f"; {areas}" if areas else ""), "mono"),
                (", ".join(seen) or t("never_seen"), "" if seen else "bad"),
                *verdicts,
            ]
        )
    head = ["", t("kind"), t("who"), t("intent"), t("when"), t("where"), t("first_seen"), *(words.shown(c, 24) for c in cells)]
    return [table(head, rows, more=_more(len(truths) - len(shown), "truths_more", language))]


def chain_tables(truths: list[dict[str, Any]], cells: list[str], played: list[str], with_date: bool, language: str) -> list[dict[str, Any]]:
    """For each cell the chain of every truth it was to find; each moment with the delay since the stage before it. `played`: by people.

    What was missed and had an intent comes first, then what was found, slowest first, then what else was missed.
    """
    tables = []
    each = min(MAX_ROWS, max(_LEAST_ROWS, 2 * MAX_ROWS // max(1, len(cells))))
    undone = {c: render("review.not_done" if c in played else "review.not_played", {}, language) for c in cells}
    head = [
        "",
        render("review.what", {}, language),
        *(f"{n} {render(f'review.stage.{s}', {}, language)}" for n, s in enumerate(STAGES, 1)),
        "#" + render("review.probability", {}, language),
    ]
    for cell in cells:
        found = sorted(((r, f) for r in truths if (f := found_by(r, cell))), key=lambda p: (-_opening_s(p[1]), int(p[0]["number"][1:])))
        missed = [r for r in worst_first(truths) if cell in r["missed_by"]]
        rows = [_missed_chain(r, cell, undone[cell], with_date, language) for r in missed if not _is_plain(r)]
        rows += [_found_chain(r, f, undone[cell], with_date, language) for r, f in found]
        rows += [_missed_chain(r, cell, undone[cell], with_date, language) for r in missed if _is_plain(r)]
        note = render("review.censored_note", {"n": len(missed)}, language) if missed else ""
        tables.append(notes([note], title=f"{words.shown(cell, 40)} (n = {len(found)})"))
        if rows:
            tables.append(table(head, rows[:each], more=_more(len(rows) - each, "chain_more", language)))
    return tables


def _found_chain(truth: dict[str, Any], found: dict[str, Any], undone: str, with_date: bool, language: str) -> list[str | Cell]:
    chain = chain_of(found)
    moments = _moments(chain | {"onset": chain.get("onset") or at_s(truth["start"])}, with_date)
    return [*_what(truth, language), *(moments.get(s, (undone, "soft")) for s in STAGES), (percent(found.get("probability")), "num")]


def _missed_chain(truth: dict[str, Any], cell: str, undone: str, with_date: bool, language: str) -> list[str | Cell]:
    """What a cell did not find: why, where its moment would stand; what people did about it all the same."""
    told = (truth.get("missed_chain") or {}).get(cell)
    chain = {c["stage"]: at_s(c.get("at")) for c in told or []}
    moments = _moments(chain | {"onset": chain.get("onset") or at_s(truth["start"])}, with_date)
    said = f"{render('review.missed_here', {}, language)}: {_missed_why(truth, cell, language)}"
    live = chain.get("opened")
    if live is not None:
        said += "; " + render("review.raised_live", {"at": stamp(live, with_date)}, language)
    instead: dict[str, Cell] = {"observable": (render("review.never_seen", {}, language), "bad") if told else (NONE, "soft")}
    row = [(said, "bad") if s == "opened" else moments.get(s, instead.get(s, (undone, "soft"))) for s in STAGES]
    return [*_what(truth, language), *row, (NONE, "num")]


def _what(truth: dict[str, Any], language: str) -> list[str | Cell]:
    return [(truth["number"], "truth"), f"{kind_named(truth['kind'], language)}: {who(truth.get('names') or [], truth.get('actors') or [])}"]


def _moments(chain: dict[str, float | None], with_date: bool) -> dict[str, Cell]:
    """Of each stage that was come to its moment, and the delay since the one before."""
    made: dict[str, Cell] = {}
    before: float | None = None
    for stage in STAGES:
        if (at := chain.get(stage)) is not None:
            since = "" if before is None else f" ({'+' if at >= before else ''}{lasting(at - before)})"
            made[stage] = (stamp(at, with_date) + since, "")
            before = at
    return made


def missed_tables(truths: list[dict[str, Any]], cells: list[str], with_date: bool, language: str) -> list[dict[str, Any]]:
    """What was missed and why: reasons of each cell counted over all, then the truths, those that most cells missed first."""
    t = teller(language)
    missed = [r for r in worst_first(truths) if r["missed_by"]]
    if not missed:
        return [notes([t("missed_none") if truths else t("no_truths")])]
    rows = []
    for r in missed[:MAX_ROWS]:
        seen = [s for text in (r.get("observable") or {}).values() if (s := at_s(text)) is not None]
        by_reason: dict[str, list[str]] = {}
        for cell in r["missed_by"]:
            by_reason.setdefault(_missed_why(r, cell, language), []).append(words.shown(cell, 40))
        rows.append(
            [
                (r["number"], "truth"),
                kind_named(r["kind"], language),
                who(r.get("names") or [], r.get("actors") or []),
                stamp(r["start"], with_date),
                stamp(min(seen), with_date) if seen else t("never_seen"),
                (place(r, language), "mono"),
                ("; ".join(f"{', '.join(of)}: {why}" for why, of in by_reason.items()), "bold"),
            ]
        )
    head = ["", t("kind"), t("who"), t("begun"), t("first_seen_short"), t("where"), t("missed_by")]
    return [
        _counted([(c, _missed_why(r, c, language)) for r in missed for c in r["missed_by"]], cells, language),
        table(head, rows, more=_more(len(missed) - len(rows), "missed_more", language)),
    ]


def false_tables(events: list[dict[str, Any]], cells: list[str], with_date: bool, language: str) -> list[dict[str, Any]]:
    """Events that match no truth: reasons counted over all, then the events, the surest first, as those mislead most."""
    t = teller(language)
    if not events:
        return [notes([t("false_none")])]
    rows = [
        [
            words.shown(e["cell"], 40),
            kind_named(e["kind"], language),
            who(e.get("names") or [], e.get("vessel_ids") or []),
            f"{stamp(e['start'], with_date)} {t('until')} {stamp(e['end'], with_date)}",
            stamp(e.get("opened_at"), with_date),
            (place(e, language), "mono"),
            (percent(e.get("probability")), "num"),
            (_false_why(e, language), "bold"),
        ]
        for e in events[:MAX_ROWS]
    ]
    head = [t("cell"), t("kind"), t("who"), t("when"), t("opened"), t("where"), "#" + t("probability"), t("why")]
    return [
        _counted([(e["cell"], _false_why(e, language)) for e in events], cells, language),
        table(head, rows, more=_more(len(events) - len(rows), "false_more", language)),
    ]


def false_events(review: dict[str, Any]) -> list[dict[str, Any]]:
    """Events that match no truth and repeat none, the surest first."""
    wrong = [e for e in review.get("events") or [] if not e.get("truth") and not e.get("is_repeat")]
    return sorted(wrong, key=lambda e: (-(-1.0 if e.get("probability") is None else e["probability"]), e["start"], e["event_id"]))


def _counted(reasons: list[tuple[str, str]], cells: list[str], language: str) -> dict[str, Any]:
    """How often each cell has each reason, the most frequent first."""
    t = teller(language)
    counts = sorted(Counter(reasons).items(), key=lambda p: (cells.index(p[0][0]), -p[1], p[0][1]))
    rows = [[words.shown(cell, 40), why, words.number(n, language)] for (cell, why), n in counts]
    return table([t("cell"), t("why"), "#" + t("count")], rows, looks="small")


def _missed_why(truth: dict[str, Any], cell: str, language: str) -> str:
    return coded((truth.get("missed_why") or {}).get(cell) or "review.missed.unknown", "review.missed", language)


def _false_why(event: dict[str, Any], language: str) -> str:
    return coded(event.get("false_why") or "review.false.unknown", "review.false", language)


def _opening_s(found: dict[str, Any]) -> float:
    chain = chain_of(found)
    begun = chain.get("observable") if chain.get("observable") is not None else chain.get("onset")
    opened = chain.get("opened")
    return 0.0 if begun is None or opened is None else opened - begun


def _slowest_s(truth: dict[str, Any]) -> float:
    return max((_opening_s(f) for f in (truth.get("found") or {}).values() if f), default=-_INF)


def _more(n: int, code: str, language: str) -> str:
    return render(f"review.{code}", {"count": words.number(n, language)}, language) if n > 0 else ""
