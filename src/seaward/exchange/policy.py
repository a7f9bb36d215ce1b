"""Rules of release in Cedar -> the permits that hold, and how exact each is; or a refusal. Rules that are not right in every way do not load.

Cedar skips a rule that fails while it is asked, and a policy set that says nothing denies. So here: unknown annotations, templates, rules without a
name, anything the schema does not know, and cases that come out otherwise than they say, refuse the whole set; and any error while asking denies.

Under the rules lies a floor that no rule can lower: nothing above the partner's clearance, nothing to a nation the label does not name (unless an
operation that the label names is open), no own unit unless the permit says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import cedarpy

from seaward.core.errors import ParameterError, PolicyError
from seaward.core.whole_file import whole_file
from seaward.exchange.degrade import Detail
from seaward.exchange.label import LEVELS

_MUST = {"id", "precision_m", "round_s", "delay_s", "without"}  # annotations of every permit
_MAY = {"own_units", "relaxes"}
_MOST_BYTES = 256 * 1024  # ours: of a file of rules
_REMEMBERED = 20_000  # ours: answers kept


@dataclass(frozen=True, slots=True)
class Question:
    """All that a rule may ask of one object, one partner and one moment."""

    kind: str
    subject: str
    level: int
    tlp: str
    rel: tuple[str, ...]
    owner: str
    own_unit: bool
    lei: bool
    ppi: bool
    personal_data: bool
    purpose: str
    scopes: frozenset[str]
    nation: str
    clearance: int
    coalitions: frozenset[str]
    drill: bool
    operations: frozenset[str]
    rescue: bool
    pursuit: bool


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit that holds, and what it gives."""

    rule: str
    detail: Detail
    delay_s: int
    own_units: bool
    relaxes: bool

    @property
    def order(self) -> tuple[Any, ...]:
        """The smallest is the most exact."""
        return (self.detail.precision_m, self.delay_s, self.detail.round_s, len(self.detail.without), not self.own_units, not self.relaxes, self.rule)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing is given; `rule` is the rule that forbids, or why there is none."""

    rule: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A set of rules that has passed every check."""

    name: str  # <file name>/<first 12 digits of the SHA-256 of its text>
    rules: cedarpy.PolicySet
    permits: dict[str, Permit]  # by Cedar's own name
    forbids: dict[str, str]
    _answers: dict[Question, tuple[Permit, ...] | Refusal] = field(default_factory=dict, repr=False)

    def ask(self, question: Question) -> tuple[Permit, ...] | Refusal:
        """The permits that hold, the most exact first, or the refusal; any doubt is a refusal."""
        known = self._answers.get(question)
        if known is None:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            known = self._answers[question] = self._ask(question)
        return known

    def _ask(self, q: Question) -> tuple[Permit, ...] | Refusal:
        if q.level > q.clearance:
            return Refusal("floor.clearance")
        answer = cedarpy.is_authorized(_request(q), self.rules, _entities(q), _schema())
        reasons = answer.diagnostics.reasons
        if answer.diagnostics.errors or not all(r in self.permits or r in self.forbids for r in reasons):
            return Refusal("policy.error")
        if not answer.allowed:
            return Refusal(min((self.forbids[r] for r in reasons), default="policy.none"))
        held = [self.permits[r] for r in reasons]
        named = [p for p in held if (bool(q.scopes & q.operations) if p.relaxes else q.nation in q.rel)]
        if not named:
            return Refusal("floor.rel")
        usable = [p for p in named if p.own_units or not q.own_unit]
        return tuple(sorted(usable, key=lambda p: p.order)) if usable else Refusal("floor.own_unit")


@cache
def _schema() -> cedarpy.Schema:
    return cedarpy.Schema.from_str(files("seaward.exchange").joinpath("release.cedarschema").read_text(encoding="utf-8"))


def _request(q: Question) -> dict[str, Any]:
    context = {"drill": q.drill, "operations": sorted(q.operations), "rescue": q.rescue, "pursuit": q.pursuit}
    return {"principal": {"type": "Nation", "id": q.nation}, "action": {"type": "Action", "id": "release"}, "resource": {"type": "Item", "id": "it"},
            "context": context}  # fmt: skip


def _entities(q: Question) -> list[dict[str, Any]]:
    coalitions = sorted(q.coalitions)
    item = {name: getattr(q, name) for name in ("kind", "subject", "level", "tlp", "owner", "own_unit", "lei", "ppi", "personal_data", "purpose")}
    return [
        *({"uid": {"type": "Coalition", "id": c}, "attrs": {}, "parents": []} for c in coalitions),
        {"uid": {"type": "Nation", "id": q.nation}, "attrs": {"code": q.nation, "clearance": q.clearance},
         "parents": [{"type": "Coalition", "id": c} for c in coalitions]},
        {"uid": {"type": "Item", "id": "it"}, "attrs": {**item, "rel": list(q.rel), "scopes": sorted(q.scopes)}, "parents": []},
    ]  # fmt: skip


def default_policy() -> Policy:
    """The rules that come along."""
    rules, cases = (files("seaward.exchange").joinpath(f"release.{kind}").read_text(encoding="utf-8") for kind in ("cedar", "cases.json"))
    return load_policy(rules, cases, "default")


def read_policy(path: Path) -> Policy:
    """Read rules from `NAME.cedar` and their cases from `NAME.cases.json` beside it.

    Raises
    ------
    PolicyError
        If the rules are not right in every way.
    InputError
        If a file cannot be read.
    """
    texts = [whole_file(p, "name a file of rules, NAME.cedar, with NAME.cases.json beside it") for p in (path, path.with_suffix(".cases.json"))]
    try:
        rules, cases = (t.decode() for t in texts)
    except UnicodeDecodeError as e:
        raise PolicyError(f"{path} is not text in UTF-8 ({e.reason}); save it as UTF-8. Nothing is released until rules load") from e
    return load_policy(rules, cases, path.stem)


def load_policy(text: str, cases: str, name: str) -> Policy:
    """Check a set of rules in every way and make it ready.

    Parameters
    ----------
    text
        Rules in Cedar, each with `@id`, and each permit with `@precision_m`, `@round_s`, `@delay_s`, `@without`, perhaps `@own_units`, `@relaxes`.
    cases
        JSON: a list of questions with what they must come to; `expect` is `deny` or the name of a permit. Every permit must be expected by one, and
        every rule that forbids must decide one.
    name
        Of the set.

    Raises
    ------
    PolicyError
        If anything is not right, with the rule and what to do. Nothing is loaded then.
    """
    try:
        if len(text) > _MOST_BYTES or len(cases) > _MOST_BYTES:
            raise ValueError(f"it is longer than {_MOST_BYTES} characters")
        checked = cedarpy.validate_policies(text, _schema())
        if not checked.validation_passed:
            raise ValueError("; ".join(str(e) for e in checked.errors[:3]))
        said = json.loads(cedarpy.policies_to_json_str(text))
        if said["templates"]:
            raise ValueError("it has a template; write rules without ?principal and ?resource")
        rules = cedarpy.PolicySet.from_str(text)
        permits, forbids = _annotated(said["staticPolicies"])
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        raise PolicyError(f"the rules of release {name} are refused: {e}. Nothing is released until rules load") from e
    policy = Policy(f"{name}/{hashlib.sha256(text.encode()).hexdigest()[:12]}", rules, permits, forbids)
    if wrong := _wrong_cases(policy, cases):
        raise PolicyError(f"the rules of release {name} are refused: {wrong}. Correct the rules or the case; nothing is released until they agree")
    return policy


def _annotated(policies: dict[str, Any]) -> tuple[dict[str, Permit], dict[str, str]]:
    permits: dict[str, Permit] = {}
    forbids: dict[str, str] = {}
    for cedar_name, rule in policies.items():
        notes = rule.get("annotations", {})
        name = notes.get("id")
        if not name or name in forbids.values() or name in {p.rule for p in permits.values()} or name.startswith(("policy.", "floor.")):
            raise ValueError(f'the rule {name or cedar_name} needs an @id("...") of its own, not beginning with policy. or floor.')
        if rule["effect"] == "permit":
            permits[cedar_name] = _permit(name, notes)
        elif notes.keys() != {"id"}:
            raise ValueError(f"the rule {name} forbids, and has the annotations {', '.join(sorted(notes.keys() - {'id'}))}; leave them out")
        else:
            forbids[cedar_name] = name
    if not permits:
        raise ValueError("it permits nothing; to release nothing, revoke the partner")
    return permits, forbids


def _permit(name: str, notes: dict[str, Any]) -> Permit:
    if missing := _MUST - notes.keys():
        raise ValueError(f"the permit {name} does not say {', '.join('@' + m for m in sorted(missing))}; each permit says all of them")
    if unknown := notes.keys() - _MUST - _MAY:
        raise ValueError(f"the permit {name} has the unknown annotation {', '.join('@' + u for u in sorted(unknown))}")
    numbers = {}
    for key, most in (("precision_m", 1_000_000), ("round_s", 86_400), ("delay_s", 31_622_400)):
        text = notes[key]
        if not (isinstance(text, str) and text.isascii() and text.isdecimal() and int(text) <= most):
            raise ValueError(f"the permit {name} has @{key}({text!r}); give a whole number from 0 to {most}")
        numbers[key] = int(text)
    for key in _MAY & notes.keys():
        if notes[key] != "yes":
            raise ValueError(f'the permit {name} has @{key}({notes[key]!r}); say "yes" or leave it out')
    without = (notes["without"] or "").split()
    try:
        detail = Detail(numbers["precision_m"], numbers["round_s"], frozenset(without))
    except ParameterError as e:
        raise ValueError(f"the permit {name}: {e}") from e
    return Permit(name, detail, numbers["delay_s"], "own_units" in notes, "relaxes" in notes)


_CASE_KEYS = {"say", "expect", "to", "kind", "subject", "level", "tlp", "rel", "owner", "own_unit", "lei", "ppi", "personal_data", "purpose",
              "scopes", "clearance", "coalitions", "drill", "open"}  # fmt: skip


def _wrong_cases(policy: Policy, text: str) -> str:
    """The first case that comes out otherwise, or the first rule that no case shows; empty when all is as said."""
    try:
        cases = json.loads(text)
        shown: set[str] = set()
        for case in cases:
            if unknown := case.keys() - _CASE_KEYS:
                return f"a case has the unknown key {', '.join(sorted(unknown))}"
            answer = policy.ask(_question(case))
            rule = answer.rule if isinstance(answer, Refusal) else answer[0].rule
            found = "deny" if isinstance(answer, Refusal) else rule
            if found != case["expect"]:
                return f"the case {case['say']!r} comes to {found} ({rule}) and expects {case['expect']}"
            shown.add(rule)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        return f"its cases cannot be read ({type(e).__name__}: {e}); they are a JSON list as in release.cases.json"
    if unseen := sorted({*(p.rule for p in policy.permits.values()), *policy.forbids.values()} - shown):
        return f"no case shows the rule {unseen[0]}"
    return ""


def _question(case: dict[str, Any]) -> Question:
    opened: dict[str, str] = case.get("open", {})
    return Question(
        kind=case["kind"], subject=case.get("subject", ""), level=LEVELS.index(case.get("level", "LIMITED")), tlp=case.get("tlp", "AMBER"),
        rel=tuple(_names(case.get("rel", []))), owner=case.get("owner", "PER"), own_unit=case.get("own_unit", False), lei=case.get("lei", False),
        ppi=case.get("ppi", False), personal_data=case.get("personal_data", False), purpose=case.get("purpose", ""),
        scopes=frozenset(_names(case.get("scopes", []))), nation=case["to"], clearance=LEVELS.index(case.get("clearance", "LIMITED")),
        coalitions=frozenset(_names(case.get("coalitions", []))), drill=case.get("drill", False), operations=frozenset(opened),
        rescue="rescue" in opened.values(), pursuit="pursuit" in opened.values(),
    )  # fmt: skip


def _names(said: Sequence[str]) -> Sequence[str]:
    if not isinstance(said, list):
        raise TypeError(f"{said!r} is not a list")
    return said
