"""Events and alerts -> Common Alerting Protocol 1.2 (OASIS), for one's partners: scope Restricted, and status Exercise in a drill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from seaward.core.catalogue import render
from seaward.core.realm import OPS
from seaward.exchange.bodies import Alert, Event, Withdrawal
from seaward.exchange.items import Released
from seaward.exchange.release import moment

_SPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_SEVERITY = {"emergency": "Extreme", "alarm": "Severe", "warning": "Moderate", "caution": "Minor"}
_NARROWEST_KM = 0.1  # ours: a circle of no width is shown by nobody


@dataclass(frozen=True, slots=True)
class CapMessage:
    """One message, with what `references` of later ones name it by (CAP 1.2, 3.2.1)."""

    xml: bytes
    reference: str


def as_cap(message: Released, origin: str, realm: str, now_ms: int, language: str, earlier: Sequence[str] = ()) -> CapMessage | None:
    """One message as one CAP alert; None where it is no event, alert or withdrawal of one, or where there is nothing to take back.

    What nobody was told before is an Alert, whatever its version; then comes an Update, and a Cancel where it is over. Both must name what they
    follow (CAP 1.2, 3.2.1).

    Parameters
    ----------
    message
        An event, an alert, or the withdrawal of one.
    origin
        Whose it is.
    realm
        `ops`, or `ex:<drill id>`.
    now_ms
        Moment [ms since 1970 UTC].
    language
        Of the words, `en` or `es`.
    earlier
        `CapMessage.reference` of all that was said in this form of the same object before.
    """
    body = message.body
    if not isinstance(body, Event | Alert | Withdrawal) or (isinstance(body, Withdrawal) and body.kind not in ("event", "alert")):
        return None
    alert = Element("alert", xmlns=_SPACE)
    is_over = isinstance(body, Withdrawal) or body.state in ("withdrawn", "dismissed")
    if is_over and not earlier:
        return None
    kind = "Cancel" if is_over else "Update" if earlier else "Alert"
    exercise, name_of_it = realm != OPS, f"{message.target[0]}-{_plain(message.id)}"
    identifier = f"seaward-{origin}-{realm.replace(':', '-')}-{name_of_it}-{message.version}-{len(earlier) + 1}"
    sender, sent = f"seaward-{origin}", f"{moment(now_ms):%Y-%m-%dT%H:%M:%S}-00:00"
    for name, text in (
        ("identifier", identifier), ("sender", sender), ("sent", sent), ("status", "Exercise" if exercise else "Actual"),
        ("msgType", kind), ("scope", "Restricted"), ("restriction", f"{message.label.level} TLP:{message.label.tlp} {' '.join(message.label.rel)}"),
        *((("note", f"EXERCISE {realm}"),) if exercise else ()),
        *((("references", " ".join(earlier)),) if earlier else ()), ("incidents", name_of_it),
    ):  # fmt: skip
        SubElement(alert, name).text = text
    if not isinstance(body, Withdrawal):
        _inform(SubElement(alert, "info"), body, "EXERCISE " if exercise else "", language)
    return CapMessage(tostring(alert, encoding="utf-8", xml_declaration=True), f"{sender},{identifier},{sent}")


def _inform(info: Element, body: Event | Alert, mark: str, language: str) -> None:
    what = render(f"kind.{body.kind}", {}, language)
    severity = _SEVERITY.get(body.priority, "Unknown") if isinstance(body, Alert) else "Unknown"
    for name, text in (("language", language), ("category", "Security"), ("event", mark + what), ("urgency", "Unknown"),
                       ("severity", severity), ("certainty", "Observed" if _is_sure(body) else "Possible")):  # fmt: skip
        SubElement(info, name).text = text
    if isinstance(body, Event) and body.vessel_ids:
        SubElement(info, "description").text = ", ".join(body.vessel_ids)
    if body.lon_udeg is not None and body.lat_udeg is not None:
        area = SubElement(info, "area")
        SubElement(area, "areaDesc").text = f"{body.lat_udeg / 1e6:.4f} {body.lon_udeg / 1e6:.4f}"
        SubElement(area, "circle").text = f"{body.lat_udeg / 1e6:.6f},{body.lon_udeg / 1e6:.6f} {max(_NARROWEST_KM, (body.error_m or 0) / 1000):.3f}"


def _is_sure(body: Event | Alert) -> bool:
    """Whether a person validated it: then it counts as observed (CAP 1.2, 3.2.2)."""
    return isinstance(body, Alert) and body.state == "validated"


def _plain(name: str) -> str:
    """Without spaces, commas and angle brackets, which an identifier may not have (CAP 1.2, 3.2.1)."""
    return "".join(c if c.isalnum() or c in "~-_.:" else "_" for c in name)
