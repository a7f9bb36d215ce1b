"""An object, a partner and a gate -> in plain words: allowed or denied, by which rule, and what the partner would get. Releases nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from seaward.core.catalogue import catalogue, render
from seaward.core.foreign_text import one_line
from seaward.exchange.items import Item, Released
from seaward.exchange.policy import Refusal
from seaward.exchange.release import Gate, Grant, Partner, moment

_SCALED = {"ms": ("at", 1, 0), "udeg": ("deg", 1_000_000, 6), "dkn": ("kn", 10, 1), "ddeg": ("deg", 10, 1), "pm": ("percent", 10, 1)}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the gate would do, and what would leave."""

    partner: str
    policy: str
    rule: str
    whole: Item
    grant: Grant | None  # None: denied
    released: Released | None
    now_ms: int

    @property
    def is_allowed(self) -> bool:
        return self.grant is not None

    def lines(self, language: str) -> list[str]:
        """The explanation in words, `en` or `es`."""
        names = {"kind": self.whole.kind, "id": self.whole.id, "partner": self.partner, "rule": self.rule, "policy": self.policy}
        if self.grant is None or self.released is None:
            why = f"exchange.why.{self.rule}"
            said = render(why, names, language) if why in catalogue(language) else render("exchange.why.forbidden", names, language)
            return [render("exchange.explain.deny", names, language), said]
        lines = [render("exchange.explain.allow", names, language), *self._conditions(self.grant, language)]
        for field in self.released.body.__struct_fields__:
            value = getattr(self.released.body, field)
            changed = "" if value == getattr(self.whole.body, field) else f"  ({render('exchange.explain.changed', {}, language)})"
            lines.append(f"  {_said(field, value)}{changed}")
        return lines

    def _conditions(self, grant: Grant, language: str) -> list[str]:
        detail, lines = grant.detail, []
        if detail.precision_m:
            lines.append(render("exchange.explain.precision", {"precision_m": detail.precision_m}, language))
        if detail.step_ms:
            lines.append(render("exchange.explain.step", {"step_s": detail.step_ms // 1000}, language))
        if detail.without:
            groups = ", ".join(render(f"exchange.group.{g}", {}, language) for g in sorted(detail.without))
            lines.append(render("exchange.explain.without", {"groups": groups}, language))
        if grant.due_ms > self.now_ms:
            lines.append(render("exchange.explain.due", {"at": f"{moment(grant.due_ms):%Y-%m-%dT%H:%M:%SZ}"}, language))
        if grant.until_ms is not None:
            lines.append(render("exchange.explain.until", {"at": f"{moment(grant.until_ms):%Y-%m-%dT%H:%M:%SZ}"}, language))
        if self.released is not None and self.released.id != self.whole.id:
            lines.append(render("exchange.explain.pseudonym", {"id": self.released.id}, language))
        return lines


def _said(field: str, value: Any) -> str:
    """A field in units that people use."""
    name, _, unit = field.rpartition("_")
    if value is None or unit not in _SCALED:
        return f"{field}: {'-' if value is None else one_line(msgspec.json.encode(value).decode())}"
    if unit == "ms":
        return f"{name}_at: {moment(value):%Y-%m-%dT%H:%M:%SZ}"
    new, scale, decimals = _SCALED[unit]
    return f"{name}_{new}: {value / scale:.{decimals}f}"


def explain(item: Item, partner: Partner, gate: Gate, now_ms: int) -> Explanation:
    """Say what the gate would do with an object, without releasing it.

    Parameters
    ----------
    item
        The whole object.
    partner
        Who would get it.
    gate
        Rules and open operations.
    now_ms
        Moment [ms since 1970 UTC].
    """
    found = gate.decide(item, partner, now_ms)
    if isinstance(found, Refusal):
        return Explanation(partner.nation, gate.policy.name, found.rule, item, None, None, now_ms)
    released = gate.released(item, found, partner, lambda kind, id: None)
    return Explanation(partner.nation, gate.policy.name, found.rule, item, found, released, now_ms)
