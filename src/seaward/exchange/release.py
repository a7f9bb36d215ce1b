"""The gate: an object, a partner, a moment -> exactly what may leave, or why nothing does. The only way out.

The same function answers `seaward exchange explain`. It knows no clock, and keeps nothing but answers of the rules for as long as they must hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec

from seaward.core.errors import ParameterError
from seaward.core.realm import check_realm, is_drill
from seaward.exchange.bodies import OF_THE_LINK, Alert, Event
from seaward.exchange.degrade import Detail, Named, degrade, newest_ms, pseudonym
from seaward.exchange.items import Item, Released
from seaward.exchange.label import LEVELS, Handling, Label
from seaward.exchange.operations import Operation, lasting, next_change, open_for
from seaward.exchange.policy import Permit, Policy, Question, Refusal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMEMBERED = 20_000  # ours: answers kept


@dataclass(frozen=True, slots=True)
class Partner:
    """A nation one exchanges with."""

    nation: str
    secret: bytes  # of the pseudonyms it is given, 32 bytes; never leaves
    clearance: str = "LIMITED"
    coalitions: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.clearance not in LEVELS:
            raise ParameterError(f"{self.nation} has clearance {self.clearance!r}; choose from {', '.join(LEVELS)}")
        if len(self.secret) < 16:
            raise ParameterError(f"the secret of {self.nation} has {len(self.secret)} bytes; give 32")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a partner is granted of one object."""

    rule: str
    detail: Detail
    due_ms: int  # not to leave before [ms since 1970 UTC]; 0 at once
    until_ms: int | None  # ask again from here on


@dataclass(frozen=True, slots=True)
class _Answer:
    """What all but the moments of an object come to, and between which moments [ms since 1970 UTC] no other answer can come."""

    said: Grant | Refusal
    permit: Permit | None
    delay_s: int
    from_ms: int
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class Gate:
    """Whose gate, of which realm, by which rules, with which operations open."""

    nation: str
    realm: str
    policy: Policy
    operations: tuple[Operation, ...] = ()
    _answers: dict[tuple[object, ...], _Answer] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_realm(self.realm)

    def decide(self, item: Item, partner: Partner, now_ms: int) -> Grant | Refusal:
        """What `partner` may have of `item` at this moment.

        Parameters
        ----------
        item
            The whole object.
        partner
            Who would get it.
        now_ms
            Moment [ms since 1970 UTC].
        """
        label = item.label
        if item.realm != self.realm:
            return Refusal("floor.realm")
        if item.kind in OF_THE_LINK:
            return Grant("of-the-link", Detail(), 0, None)
        if label.tlp == "RED":
            return Refusal("floor.tlp")
        if label.owner == partner.nation:
            return Refusal("floor.theirs")
        if label.owner != self.nation and label.orcon:
            return Refusal("floor.orcon")
        key = (item.kind, _subject(item), item.tells_own_units, label, partner)
        known = self._answers.get(key)
        if known is None or now_ms < known.from_ms or (known.until_ms is not None and now_ms >= known.until_ms):
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            known = self._answers[key] = self._answer(item, partner, now_ms)
        if known.permit is None or isinstance(known.said, Refusal) or not known.delay_s:
            return known.said
        return replace(known.said, due_ms=_due_ms(item, known.permit, known.said.detail, known.delay_s))

    def _answer(self, item: Item, partner: Partner, now_ms: int) -> _Answer:
        """What the rules say at this moment, the same for every object of this kind, subject and label."""
        label, now = item.label, moment(now_ms)
        change = next_change(self.operations, label.scope, now)
        until_ms = None if change is None else _ms(change)
        permits = self.policy.ask(_question(item, partner, open_for(self.operations, partner.nation, now), now, is_drill(self.realm)))
        if isinstance(permits, Refusal):
            return _Answer(permits, None, 0, now_ms, until_ms)
        permit, detail, delay_s = min(((p, *_bound(p, label)) for p in permits), key=lambda f: (f[1].precision_m, f[2], f[1].round_s, f[0].order))
        if item.kind == "vessel" and "identity" in detail.without:
            return _Answer(Refusal("floor.empty"), None, 0, now_ms, until_ms)
        return _Answer(Grant(permit.rule, detail, _due_ms(item, permit, detail, delay_s), until_ms), permit, delay_s, now_ms, until_ms)

    def released(self, item: Item, grant: Grant, partner: Partner, named: Named) -> Released:
        """The object as the partner gets it.

        Parameters
        ----------
        item
            The whole object.
        grant
            What `decide` gave.
        partner
            Who gets it.
        named
            The ids that objects it refers to were released to this partner under.
        """
        if item.kind in OF_THE_LINK:
            return Released(item.id, item.version, item.label, item.body)
        body = degrade(item.body, grant.detail, named, partner.secret)
        return Released(self.name(item, grant, partner), item.version, self._released_label(item.label, grant, partner), body)

    def name(self, item: Item, grant: Grant, partner: Partner) -> str:
        """The id that an object leaves under: its own, or a pseudonym where its own would tell what is held back."""
        return pseudonym(item.kind, item.id, partner.secret) if grant.detail.hides_name(item.kind) else item.id

    def _released_label(self, label: Label, grant: Grant, partner: Partner) -> Label:
        """The label with what was applied, and no word of operations that are not the partner's."""
        theirs = {o.id for o in self.operations if partner.nation in o.partners}
        handling = Handling(precision_m=grant.detail.precision_m)
        return msgspec.structs.replace(label, scope=tuple(s for s in label.scope if s.operation in theirs), handling=handling)


def _subject(item: Item) -> str:
    return item.body.kind if isinstance(item.body, Event | Alert) else ""


def _question(item: Item, partner: Partner, opened: tuple[Operation, ...], now: datetime, drill: bool) -> Question:
    label = item.label
    return Question(
        kind=item.kind, subject=_subject(item), level=LEVELS.index(label.level), tlp=label.tlp,
        rel=label.rel, owner=label.owner, own_unit=item.tells_own_units, lei=label.lei, ppi=label.ppi, personal_data=label.personal_data,
        purpose=label.purpose or "", scopes=lasting(label.scope, now), nation=partner.nation,
        clearance=LEVELS.index(partner.clearance), coalitions=partner.coalitions,
        drill=drill, operations=frozenset(o.id for o in opened), rescue=any(o.kind == "rescue" for o in opened),
        pursuit=any(o.kind == "pursuit" for o in opened),
    )  # fmt: skip


def _bound(permit: Permit, label: Label) -> tuple[Detail, int]:
    """What a permit gives within its label: never finer or sooner, unless it is one that relaxes. Persons stay unnamed where the label says so."""
    handling = Handling() if permit.relaxes else label.handling
    without = permit.detail.without | ({"persons"} if label.personal_data else set())
    detail = Detail(max(permit.detail.precision_m, handling.precision_m), permit.detail.round_s, without)
    return detail, max(permit.delay_s, handling.delay_s)


def _due_ms(item: Item, permit: Permit, detail: Detail, delay_s: int) -> int:
    """When it may leave: held as long as the label says, and old enough even at the end of its step of time."""
    hold = item.label.handling.hold_until
    held_ms = 0 if hold is None or permit.relaxes else _ms(hold)
    if not delay_s:
        return held_ms
    step_ms = detail.step_ms or 1
    return max(held_ms, (newest_ms(item.body) // step_ms + 1) * step_ms + 1000 * delay_s)


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 UTC as a moment."""
    return _EPOCH + timedelta(milliseconds=ms)


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
