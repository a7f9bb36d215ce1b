"""What CAP 1.2 asks of a message (OASIS, 2010, 3.2 and 3.3.2), written down by hand: order, how often, which words, which form."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

SPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
# name, least, most (None: any number)
ALERT = (("identifier", 1, 1), ("sender", 1, 1), ("sent", 1, 1), ("status", 1, 1), ("msgType", 1, 1), ("source", 0, 1), ("scope", 1, 1),
         ("restriction", 0, 1), ("addresses", 0, 1), ("code", 0, None), ("note", 0, 1), ("references", 0, 1), ("incidents", 0, 1),
         ("info", 0, None))  # fmt: skip
INFO = (("language", 0, 1), ("category", 1, None), ("event", 1, 1), ("responseType", 0, None), ("urgency", 1, 1), ("severity", 1, 1),
        ("certainty", 1, 1), ("audience", 0, 1), ("eventCode", 0, None), ("effective", 0, 1), ("onset", 0, 1), ("expires", 0, 1),
        ("senderName", 0, 1), ("headline", 0, 1), ("description", 0, 1), ("instruction", 0, 1), ("web", 0, 1),
        ("contact", 0, 1), ("parameter", 0, None),
        ("resource", 0, None), ("area", 0, None))  # fmt: skip
AREA = (("areaDesc", 1, 1), ("polygon", 0, None), ("circle", 0, None), ("geocode", 0, None), ("altitude", 0, 1), ("ceiling", 0, 1))
PARTS = {"alert": ALERT, "info": INFO, "area": AREA}
WORDS = {
    "status": "Actual Exercise System Test Draft", "msgType": "Alert Update Cancel Ack Error", "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other", "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown", "certainty": "Observed Likely Possible Unlikely Unknown",
}  # fmt: skip
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"
NAME = r"[^\s,<&]+"
FORMS = {"identifier": NAME, "sender": NAME, "sent": MOMENT, "references": rf"{NAME},{NAME},{MOMENT}(?: {NAME},{NAME},{MOMENT})*",
         "circle": r"-?\d+\.\d+,-?\d+\.\d+ \d+(?:\.\d+)?", "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*"}  # fmt: skip


def mistakes(xml: bytes) -> list[str]:
    """What of a message is not as the standard has it."""
    top = fromstring(xml)
    found = [] if top.tag == f"{SPACE}alert" else [f"begins with {top.tag}"]
    found += _of(top, "alert")
    said = {e.tag.removeprefix(SPACE): e.text or "" for e in top}
    if said.get("scope") == "Restricted" and not said.get("restriction"):
        found.append("restricted, but to whom is not said")
    if said.get("msgType") in ("Update", "Cancel", "Ack", "Error") and not said.get("references"):
        found.append(f"{said['msgType']} of nothing")
    return found


def _of(element: Element, name: str) -> list[str]:
    order, found = [n for n, _, _ in PARTS[name]], list[str]()
    names = [e.tag.removeprefix(SPACE) for e in element]
    found += [f"{name} has no place for {n}" for n in names if n not in order]
    if [n for n in order for _ in range(names.count(n))] != [n for n in names if n in order]:
        found.append(f"{name} is out of order: {names}")
    found += [f"{name} has {names.count(n)} x {n}" for n, least, most in PARTS[name] if not least <= names.count(n) <= (most or 10**9)]
    for child, n in zip(element, names, strict=True):
        text = child.text or ""
        if n in PARTS:
            found += _of(child, n)
        elif not text.strip():
            found.append(f"{n} is empty")
        if n in WORDS and text not in WORDS[n].split():
            found.append(f"{n} is {text!r}")
        if n in FORMS and not re.fullmatch(FORMS[n], text):
            found.append(f"{n} is {text!r}")
    return found
