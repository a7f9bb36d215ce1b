"""Some letters or digits -> all that has them: vessels, alerts, cases, notes, what was said, the patrol, partners, contacts and areas."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from seaward.console.page import html
from seaward.console.reading import kinds_of, names_of, one_of, rows_of
from seaward.core.catalogue import render
from seaward.core.errors import OutputError, UsageError
from seaward.server import of_alerts, of_chart, of_desk, of_detections, of_exchange, of_picture, of_vessels
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.route import Param

MOST: Final = 12  # of each kind
_AROUND = 40  # characters of a long text that are shown before what was found
SEARCH_PARAMS = (Param("q", "text", "part of a name, number, area, note, message, unit or sensor", otherwise=""),)


def search(floor: Floor, asked: Asked) -> Raw:
    """What is found, the vessels first."""
    text = asked.query["q"].strip()
    found = _found(floor, asked, text, plain(text)) if plain(text) else {}
    return html("search.html", floor, asked, q=text, kinds=kinds_of(asked.language), none=not any(found.values()),
                found={name: found.get(name, []) for name in GROUPS})  # fmt: skip


GROUPS: Final = ("vessels", "alerts", "cases", "notes", "talk", "patrols", "partners", "tracks", "contacts", "areas")


def plain(text: str) -> str:
    """A text as it is compared: without accents, in one case, its spaces single."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def _found(floor: Floor, asked: Asked, text: str, wanted: str) -> dict[str, list[Any]]:
    vessels = rows_of(of_vessels.vessels, of_vessels.VESSELS_PARAMS, floor, asked, q=text, limit=MOST)
    ids = {v["vessel_id"] for v in vessels}
    exchange = one_of(of_exchange.exchange, floor, asked)
    return {
        "vessels": vessels, "alerts": _alerts(floor, asked, wanted, ids), "cases": _cases(floor, asked, wanted, ids),
        "notes": _notes(floor, wanted), "talk": _talk(floor, asked, wanted), "patrols": _patrols(floor, asked, wanted),
        "partners": [link for link in exchange["links"] if _has(wanted, [link["partner"]])][:MOST],
        "tracks": _tracks(floor, asked, wanted), "contacts": _contacts(floor, asked, wanted),
        "areas": [a for a in rows_of(of_chart.areas, (), floor, asked) if _has(wanted, [a["name"]])][:MOST],
    }  # fmt: skip


def _has(wanted: str, texts: Iterable[str | None]) -> bool:
    return any(wanted in plain(t) for t in texts if t)


def _alerts(floor: Floor, asked: Asked, wanted: str, vessels: set[str]) -> list[dict[str, Any]]:
    """Of the vessels found, at any time; of what still asks for something, also by kind, rule, area and number."""
    found = rows_of(of_alerts.alerts, of_alerts.ALERTS_PARAMS, floor, asked, vessel=sorted(vessels), limit=MOST) if vessels else []
    known = {a["alert_id"] for a in found}
    live = rows_of(of_alerts.alerts, of_alerts.ALERTS_PARAMS, floor, asked, live=True)
    found += [a for a in live if a["alert_id"] not in known and (a["alert_id"].startswith(wanted) or _has(wanted, _of_alert(a, asked.language)))]
    return found[:MOST]


def _of_alert(row: dict[str, Any], language: str) -> list[str]:
    return [render(f"kind.{row['kind']}", {}, language), row["rule"], *row["areas"], *row["vessel_ids"]]


def _cases(floor: Floor, asked: Asked, wanted: str, vessels: set[str]) -> list[dict[str, Any]]:
    rows = [*floor.node.state.cases().iter_rows(named=True)]
    found = [c for c in rows if vessels & {v.partition("#")[0] for v in c["vessel_ids"]} or c["alert_id"].startswith(wanted)
             or _has(wanted, [render(f"kind.{c['kind']}", {}, asked.language), c["opened_by"], c["why"]])][:MOST]  # fmt: skip
    names = names_of(floor, {v for c in found for v in c["vessel_ids"]}, asked.language)
    return [c | {"names": [names.get(v, v) for v in c["vessel_ids"]]} for c in found]


def _notes(floor: Floor, wanted: str) -> list[dict[str, Any]]:
    """Notes and captions that stand."""
    return [{"vessel_id": v, "text": _around(text, wanted), "at": at} for v, text, at in floor.node.state.written() if _has(wanted, [text])][:MOST]


def _talk(floor: Floor, asked: Asked, wanted: str) -> list[dict[str, Any]]:
    """Threads by what was said in them, what they are about and their number; the last message that has it."""
    found = []
    for thread in one_of(of_desk.threads, floor, asked, of_desk.THREADS_PARAMS)["threads"]:
        said = next((m["text"] for m in reversed(thread["messages"]) if _has(wanted, [m["text"]])), None)
        about = thread["about"]["id"] if thread["about"] else None
        if said is not None or _has(wanted, [thread["id"], about, thread["words"], render(f"console.thread.{thread['kind']}", {}, asked.language)]):
            found.append(thread | {"text": _around(said or "", wanted)})
    return found[:MOST]


def _patrols(floor: Floor, asked: Asked, wanted: str) -> list[dict[str, Any]]:
    """The plan by its title, its units, and the tasks of each that have not ended."""
    if floor.node.patrol is None:
        return []
    try:
        made = floor.node.patrol.standing().made
    except (UsageError, OutputError):
        return []  # told where the patrol is shown
    now = floor.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    found: list[dict[str, Any]] = [{"unit": None, "text": made["title"], "leg": None}] if _has(wanted, [made["title"]]) else []
    found += [{"unit": a["id"], "text": render(f"order.kind.{a['kind']}", {}, asked.language), "leg": None} for a in made["assets"]
              if _has(wanted, [a["id"], render(f"order.kind.{a['kind']}", {}, asked.language)])]  # fmt: skip
    for leg in made["legs"]:
        task = render(f"plan.page.task.{leg['task']}", {}, asked.language)
        if leg["end"] > now and _has(wanted, [task, leg["target"]]):
            found.append({"unit": leg["asset"], "text": f"{task} {leg['target'] or ''}".strip(), "leg": leg})
    return found[:MOST]


def _tracks(floor: Floor, asked: Asked, wanted: str) -> list[dict[str, Any]]:
    """Vessels that only partners see."""
    rows = rows_of(of_picture.picture, of_picture.PICTURE_PARAMS, floor, asked, owner="partner", limit=10_000)
    found = [r for r in rows if _has(wanted, [r["name"], r["picture_id"]]) or (r["mmsi"] is not None and str(r["mmsi"]).startswith(wanted))]
    return found[:MOST]


def _contacts(floor: Floor, asked: Asked, wanted: str) -> list[dict[str, Any]]:
    rows = rows_of(of_detections.detections, of_detections.DETECTIONS_PARAMS, floor, asked, limit=10_000)
    return [r for r in rows if _has(wanted, [r["detection_id"], r["sensor"], r["id"]])][:MOST]


def _around(text: str, wanted: str) -> str:
    """The part of a long text in which it was found, as near as accents let it be told."""
    at = max(0, plain(text).find(wanted) - _AROUND)
    return f"…{text[at:]}" if at else text
