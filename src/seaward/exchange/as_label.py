"""A label -> the XML of STANAG 4774 (ADatP-4774), confidentiality metadata label syntax: what systems that label by it read.

Our label says more than that syntax has elements for; each of the rest is a category. RESTRICTIVE limits who may have it, PERMISSIVE names who may,
INFORMATIVE tells. The label here is not bound to what it labels: a binding (STANAG 4778) needs a signature, and ours is that of the wire.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

from seaward.core.realm import OPS
from seaward.exchange.label import Label
from seaward.exchange.release import moment

SPACE = "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0"


def as_stanag_4774(label: Label, realm: str, now_ms: int) -> bytes:
    """One label as an originator's confidentiality label.

    Parameters
    ----------
    label
        As it came with its object.
    realm
        `ops`, or `ex:<drill id>`: what is of a drill has a privacy mark that says so.
    now_ms
        Moment at which this form of it is made [ms since 1970 UTC].
    """
    top = Element("slab:originatorConfidentialityLabel", {"xmlns:slab": SPACE})
    told = SubElement(top, "slab:ConfidentialityInformation")
    SubElement(told, "slab:PolicyIdentifier").text = label.policy
    SubElement(told, "slab:Classification").text = label.level
    if realm != OPS:
        SubElement(told, "slab:PrivacyMark").text = f"EXERCISE {realm}"
    for name, kind, values in _categories(label):
        category = SubElement(told, "slab:Category", TagName=name, Type=kind)
        for value in values:
            SubElement(category, "slab:GenericValue").text = value
    SubElement(top, "slab:CreationDateTime").text = f"{moment(now_ms):%Y-%m-%dT%H:%M:%SZ}"
    return tostring(top, encoding="utf-8", xml_declaration=True)


def _categories(label: Label) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    handling = label.handling
    yield "Releasable To", "PERMISSIVE", (label.owner, *(n for n in label.rel if n != label.owner))
    yield "Traffic Light Protocol", "RESTRICTIVE", (f"TLP:{label.tlp}",)
    for is_so, said in ((label.orcon, "Originator Controlled"), (label.lei, "Law Enforcement"), (label.ppi, "Protected Personal Information"),
                        (label.personal_data, "Personal Data")):  # fmt: skip
        if is_so:
            yield "Handling", "RESTRICTIVE", (said,)
    if label.purpose is not None:
        yield "Purpose", "RESTRICTIVE", (label.purpose,)
    if handling.hold_until is not None:
        yield "Not Before", "RESTRICTIVE", (f"{handling.hold_until:%Y-%m-%dT%H:%M:%S%z}",)
    yield "Owner", "INFORMATIVE", (label.owner,)
    if label.scope:
        yield "Operation", "INFORMATIVE", tuple(f"{s.operation} until {s.until:%Y-%m-%dT%H:%M:%S%z}" for s in label.scope)
    if handling.precision_m or handling.delay_s:
        yield "Degraded", "INFORMATIVE", (f"precision {handling.precision_m} m", f"delay {handling.delay_s} s")
