"""The desk of the exchange: what people of two nations say to each other, as threads; and what one of ours says -> checked, kept, told. No clock.

What may be said in which state is in `exchange.threads`, what may leave in the release gate; what both allow is kept (`State.say`), and a running
node sends it. What they do not allow is refused with what to do, and nothing is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from seaward.core.catalogue import catalogue, render
from seaward.core.errors import UsageError
from seaward.core.foreign_text import one_line
from seaward.core.realm import is_drill
from seaward.core.units import at_to_us
from seaward.exchange import bodies as b
from seaward.exchange.frames import row_bytes
from seaward.exchange.home import Home
from seaward.exchange.items import Item, Released
from seaward.exchange.label import Scope, label_json
from seaward.exchange.policy import Refusal
from seaward.exchange.release import Gate, Partner
from seaward.exchange.seal import MOST_BYTES
from seaward.exchange.threads import KINDS, Key, Line, Placed, Thread, place, threads_of
from seaward.sharing import Labeller, alert_item, event_item, made_label, named, read_body, said_item
from seaward.store.kept_talk import Talk
from seaward.store.state import State

_MOST_ROW_BYTES = MOST_BYTES - 2_048  # what is left beside header, label and signature of a batch; ours
_SHORTEST = 4  # letters of a thread's name that are enough to name it; ours
_KIND_OF = {"control": "drill"}  # of the message that opens a thread, where it is called otherwise


class Refused(UsageError):
    """Something that cannot be said: a code of the catalogue (`desk.refused.<code>`) with its values."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """Why, and what to do."""
        values = {k: one_line(v)[:200] for k, v in self.values.items()}
        if "state" in values:
            values["state"] = render(f"desk.state.{values['state']}", {}, language)
        if self.code == "gate":
            why = f"exchange.why.{values['rule']}"
            values["why"] = render(why if why in catalogue(language) else "exchange.why.forbidden", values, language)
        return render(f"desk.refused.{self.code}", values, language)


@dataclass(frozen=True, slots=True)
class Said:
    """What was kept: the thread that it is in, by which rule it may leave, and codes of what else the person should know (`desk.note.*`)."""

    thread: Thread | None  # None: what is no thread, such as that a person saw an event
    rule: str
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """How what is said is labelled: level, traffic light, and the operation that opens it further."""

    level: str = "LIMITED"
    tlp: str = "AMBER"
    scope: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one node.

    Parameters
    ----------
    state
        Of the node.
    gate
        What may leave.
    partners
        Those with whom an exchange is agreed.
    labeller
        Who we are, and the standing shares.
    """

    state: State
    gate: Gate
    partners: Mapping[str, Partner]
    labeller: Labeller

    # -- reading

    def threads(self, partner: str | None = None) -> tuple[list[Thread], list[Placed], bool]:
        """Threads, what belongs to none, and whether older messages were left out."""
        threads, strays, is_cut = list[Thread](), list[Placed](), False
        for nation in self.state.talked_with() if partner is None else [partner]:
            rows, cut = self.state.talk(nation)
            found, lone = threads_of([line_of(r) for r in rows])
            threads += found
            strays += lone
            is_cut = is_cut or cut
        return threads, strays, is_cut

    def thread(self, name: str, partner: str | None = None) -> Thread:
        """A thread by its name, the first letters of it, or the id it has on the wire.

        Raises
        ------
        Refused
            If there is none, or more than one.
        """
        threads, _, _ = self.threads(partner)
        found = [t for t in threads if t.name == name] or [t for t in threads if t.id == name]
        if not found and len(name) >= _SHORTEST:
            found = [t for t in threads if t.name.startswith(name)]
        if len(found) != 1:
            raise Refused("no_thread" if not found else "many_threads", name=name, names=", ".join(t.name for t in found[:5]))
        return found[0]

    # -- saying

    def say(
        self, partner: str, kind: str, name: str, body: b.Body | None, who: str, at: datetime, *, version: int = 1,
        wording: Wording = Wording(), why: str | None = None,
    ) -> Said:  # fmt: skip
        """Say something to a partner, or (no body) take it back.

        Parameters
        ----------
        partner, kind, name, version
            To whom, and under which kind, id and version of a message.
        body
            What; None takes back what was said under that kind and id.
        who, at, why
            Of the deed, for the audit.
        wording
            How it is labelled.

        Raises
        ------
        Refused
            If its thread or the gate does not allow it; nothing is kept then.
        """
        if partner not in self.partners:
            raise Refused("no_partner", partner=partner, partners=", ".join(self.partners) or "-")
        label, rule = None, "of-the-link"
        if body is not None:
            label = label_json(made_label(self.gate.nation, (partner,), wording.level, wording.tlp, scope=wording.scope))
            item, rule = self._gated(partner, kind, name, version, body, label, at)
            body = item.body
        notes = () if body is None else tuple(self._unreleased(body, partner, at))
        text = None if body is None else json.dumps(named(body), ensure_ascii=True, sort_keys=True)
        with self.state.together():
            rows, _ = self.state.talk(partner)
            threads: dict[Key, Thread] = {}
            for row in rows:
                place(threads, line_of(row))
            line = Line(2**62, partner, True, kind, name, version, body, at_to_us(at))
            before = {key: t.state for key, t in threads.items()}
            placed, thread = place(threads, line)
            if placed is not None and placed.wrong:
                state = next((before[k] for k, t in threads.items() if t is thread), "idle" if kind == "drill" else "open")
                raise Refused(placed.wrong, id=name, partner=partner, state=state)
            self.state.say(partner, kind, name, text, who, at, version=version, label=label, why=why)
        return Said(thread, rule, notes)

    def take_back(self, thread: Thread, who: str, at: datetime, why: str | None = None) -> Said:
        """Take back what we opened: the partner is told, whatever has become of it there."""
        if not thread.is_ours:
            raise Refused("not_owner", id=thread.id, partner=thread.partner, state=thread.state)
        if "withdraw" not in thread.verbs():
            raise Refused("over", id=thread.id, partner=thread.partner, state=thread.state)
        return self.say(thread.partner, _KIND_OF.get(thread.kind, thread.kind), thread.id, None, who, at, version=next_version(thread), why=why)

    def answer(
        self, thread: Thread, name: str, state: str, found: Iterable[str], text: str | None, who: str, at: datetime, *, release: bool = False,
        wording: Wording = Wording(),
    ) -> Said:  # fmt: skip
        """Answer a request of a partner; what was found are events that the partner may have, or (`release`) is now let have.

        Raises
        ------
        Refused
            If it is no request of theirs, is answered, or names events that are not there or not released.
        """
        found = tuple(dict.fromkeys(found))
        if thread.kind != "request" or thread.is_ours:
            raise Refused("not_request", id=thread.id, partner=thread.partner)
        if found and state not in ("answered", "partial"):
            raise Refused("found_nothing", state=state)
        with self.state.together():
            for event in found:
                self._release(event, thread.partner, who, at, release, wording)
            body = b.Answer(thread.id, state, at_ms(at), found, text)  # type: ignore[arg-type]
            return self.say(thread.partner, "answer", name, body, who, at, wording=wording)

    def reply(self, thread: Thread, name: str, verb: str, text: str | None, who: str, at: datetime, wording: Wording = Wording()) -> Said:
        """Accept, decline or complete a task of a partner; agree to a plan or decline it."""
        head = None if thread.head is None else thread.head.body
        if thread.kind == "task" and not thread.is_ours and verb in ("accept", "decline", "complete"):
            body = b.TaskReply(thread.id, {"accept": "accepted", "decline": "declined"}.get(verb, verb), at_ms(at), text)  # type: ignore[arg-type]
            return self.say(thread.partner, "task_reply", name, body, who, at, wording=wording)
        if isinstance(head, b.Plan) and thread.head is not None and not thread.is_ours and verb in ("agree", "decline"):
            plan = b.Plan("agreed" if verb == "agree" else "withdrawn", head.start_ms, head.end_ms, (), text)
            return self.say(thread.partner, "plan", thread.id, plan, who, at, version=thread.head.version, wording=wording)
        raise Refused("no_reply", id=thread.id, partner=thread.partner, verb=verb, verbs=", ".join(thread.verbs()) or "-")

    def phase(self, thread: Thread, body: b.Rescue, who: str, at: datetime, wording: Wording = Wording()) -> Said:
        """Tell the next phase of a rescue of ours, or what is better known now; what is not said stays as it was."""
        if thread.kind != "rescue":
            raise Refused("no_rescue", id=thread.id, partner=thread.partner)
        before = None if thread.head is None else thread.head.body
        if isinstance(before, b.Rescue):
            kept = {f: getattr(before, f) for f in ("persons", "coordinator") if getattr(body, f) is None}
            if body.lon_udeg is None:
                kept |= {f: getattr(before, f) for f in ("lon_udeg", "lat_udeg", "error_m")}
            body = msgspec.structs.replace(body, **kept)
        return self.say(thread.partner, "rescue", thread.id, body, who, at, version=next_version(thread), wording=wording)

    def propose(self, partner: str, name: str, plan: b.Plan, who: str, at: datetime, wording: Wording = Wording()) -> Said:
        """Propose a plan, or propose it anew."""
        threads, _, _ = self.threads(partner)
        before = next((t for t in threads if t.kind == "plan" and t.id == name and t.is_ours), None)
        version = 1 if before is None else next_version(before)
        if before is not None and before.head is not None and before.head.body == plan and before.state != "declined":
            raise Refused("twice", id=name, partner=partner, state=before.state)
        return self.say(partner, "plan", name, plan, who, at, version=version, wording=wording)

    def share_case(
        self, partner: str, name: str, title: str | None, text: str | None, close: bool, who: str, at: datetime, wording: Wording = Wording()
    ) -> Said:  # fmt: skip
        """Share a case of ours with a partner, or tell that it is closed."""
        cases = self.state.cases()
        found = [r for r in cases.iter_rows(named=True) if r["alert_id"] == name or (len(name) >= _SHORTEST and r["alert_id"].startswith(name))]
        if len(found) != 1:
            raise Refused("no_case", id=name)
        alert = self.state.alert(found[0]["alert_id"])
        events = tuple(m["event_id"] for m in (alert or {"members": ()})["members"])[:256]
        threads, _, _ = self.threads(partner)
        before = next((t for t in threads if t.kind == "case" and t.id == found[0]["alert_id"] and t.is_ours), None)
        head = None if before is None or before.head is None else before.head.body
        title = title if title is not None else getattr(head, "title", None)
        body = b.Case("closed" if close else "open", at_ms(at), title, tuple(found[0]["vessel_ids"])[:256], events, text)
        version = 1 if before is None else next_version(before)
        return self.say(partner, "case", found[0]["alert_id"], body, who, at, version=version, wording=wording)

    def control(self, partner: str, name: str, control: str, text: str | None, who: str, at: datetime) -> Said:
        """Control a drill; refused outside of one."""
        if not is_drill(self.gate.realm):
            raise Refused("no_drill", realm=self.gate.realm)
        return self.say(partner, "drill", name, b.Drill(control, at_ms(at), text), who, at)  # type: ignore[arg-type]

    # -- what may leave

    def _gated(self, partner: str, kind: str, name: str, version: int, body: b.Body, label: str, at: datetime) -> tuple[Item, str]:
        """The object as it is offered, checked in every way that the wire checks it."""
        try:
            item = said_item(kind, name, version, json.dumps(named(body)), label, partner, self.labeller)
            size = row_bytes(Released(name, version, item.label, item.body))
        except (msgspec.ValidationError, UnicodeEncodeError, ValueError) as e:
            raise Refused("bad", why=str(e)) from e
        if size > _MOST_ROW_BYTES:
            raise Refused("size", bytes=size, most=_MOST_ROW_BYTES)
        decision = self.gate.decide(item, self.partners[partner], at_ms(at))
        if isinstance(decision, Refusal):
            raise Refused("gate", kind=kind, id=name, partner=partner, rule=decision.rule)
        return item, decision.rule

    def _release(self, event: str, partner: str, who: str, at: datetime, release: bool, wording: Wording) -> None:
        """See to it that a partner may have an event of ours."""
        if self.leaves("event", event, partner, at):
            return
        row = next(self.state.latest_events(event_ids=[event]).iter_rows(named=True), None)
        if row is None:
            raise Refused("no_object", kind="event", id=event)
        if not release:
            raise Refused("not_released", kind="event", id=event, partner=partner)
        before = self.state.release_of("event", event)
        rel = {partner} if before is None or before.label is None else {partner, *json.loads(before.label)["rel"]}
        label = label_json(made_label(self.gate.nation, rel, wording.level, wording.tlp, scope=wording.scope))
        item = event_item(row, self.labeller, label)
        assert item is not None
        decision = self.gate.decide(item, self.partners[partner], at_ms(at))
        if isinstance(decision, Refusal):
            raise Refused("gate", kind="event", id=event, partner=partner, rule=decision.rule)
        self.state.release("event", event, label, who, "answer", at)

    def leaves(self, kind: str, name: str, partner: str, at: datetime) -> bool:
        """Whether an event or alert of ours may go to a partner as it stands."""
        released = self.state.release_of(kind, name)
        if released is not None and released.label is None:
            return False
        label = None if released is None else released.label
        row = self.state.alert(name) if kind == "alert" else next(self.state.latest_events(event_ids=[name]).iter_rows(named=True), None)
        item = None if row is None else (event_item if kind == "event" else alert_item)(row, self.labeller, label)
        return item is not None and not isinstance(self.gate.decide(item, self.partners[partner], at_ms(at)), Refusal)

    def _unreleased(self, body: b.Body, partner: str, at: datetime) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """Refuse what refers to objects of a third nation; name what the partner will not know by its name."""
        about = [(str(getattr(body, "about_kind", "")), i) for i in [getattr(body, "about_id", None)] if i is not None]
        about += [("event", i) for i in (*getattr(body, "event_ids", ()), *getattr(body, "found", ()))]
        for kind, name in about:
            origins = set(self.state.partner_objects(kind=kind, name=name)["origin"])
            if partner in origins or (kind == "vessel" and not name.startswith("~")):
                continue
            if kind in ("event", "alert") and not (origins and self.state.latest_events(event_ids=[name]).is_empty()):
                if self.leaves(kind, name, partner, at):
                    continue
                is_there = self.state.alert(name) is not None if kind == "alert" else not self.state.latest_events(event_ids=[name]).is_empty()
                if not is_there:
                    raise Refused("no_object", kind=kind, id=name)
                yield "unreleased", {"kind": kind, "id": name, "partner": partner}
            elif origins:
                raise Refused("third", kind=kind, id=name, origin=", ".join(sorted(origins)), partner=partner)
            elif not self.state.said(partner, [(kind, name)]):
                raise Refused("no_object", kind=kind, id=name)

    # -- telling

    def told(self, threads: Iterable[Thread], now: datetime, language: str) -> list[dict[str, Any]]:
        """Threads, ready for JSON."""
        threads = list(threads)
        rows = {r.number: r for p in {t.partner for t in threads} for r in self.state.talk(p)[0]}
        return [self._told(t, rows, now, language) for t in threads]

    def strays(self, strays: Iterable[Placed], language: str) -> list[dict[str, Any]]:
        """Messages that belong to no thread, ready for JSON."""
        strays = list(strays)
        rows = {r.number: r for p in {s.line.partner for s in strays} for r in self.state.talk(p)[0]}
        return [{"partner": s.line.partner, **self._message(s, rows[s.line.number], language)} for s in strays]

    def _told(self, t: Thread, rows: Mapping[int, Talk], now: datetime, language: str) -> dict[str, Any]:
        now_us, messages = at_to_us(now), [self._message(p, rows[p.line.number], language) for p in t.lines if p.line.number in rows]
        head = None if t.head is None else t.head.body
        owner = None if t.is_ours is None else self.gate.nation if t.is_ours else t.partner
        about = {"kind": getattr(head, "about_kind", None), "id": getattr(head, "about_id", None)}
        return {
            "thread": t.name, "kind": t.kind, "partner": t.partner, "owner": owner, "id": t.id, "state": t.state,
            "words": render(f"desk.state.{t.state}", {}, language), "is_over": t.is_over,
            "turn": {"us": self.gate.nation, "them": t.partner}.get(t.turn), "due_us": t.due_us, "is_overdue": t.is_overdue(now_us),
            "opened_us": t.lines[0].line.at_us, "changed_us": t.lines[-1].line.at_us, "about": about if about["id"] is not None else None,
            "verbs": list(t.verbs()), "body": None if head is None else named(head), "messages": messages,
        }  # fmt: skip

    def _message(self, p: Placed, row: Talk, language: str) -> dict[str, Any]:
        line, label = p.line, None if row.label is None else json.loads(row.label)
        body = None if line.body is None else named(line.body)
        return {
            "number": line.number, "from": self.gate.nation if line.is_ours else line.partner, "kind": line.kind, "id": line.id,
            "version": line.version, "at_us": line.at_us, "who": row.who or (body or {}).get("by"), "why": row.why, "body": body,
            "text": (body or {}).get("text"), "level": (label or {}).get("level", "LIMITED"), "tlp": (label or {}).get("tlp", "AMBER"),
            "wrong": p.wrong or None, "wrong_words": render(f"desk.wrong.{p.wrong}", {}, language) if p.wrong else None,
            "is_taken_back": p.is_taken_back, **self._delivery(line, row),
        }  # fmt: skip

    def _delivery(self, line: Line, row: Talk) -> dict[str, Any]:
        """How far a message of ours has come: `arrived`, `withheld` by a rule, or `waiting`; nothing for theirs."""
        if not line.is_ours:
            return {"delivery": None, "arrived_us": None, "rule": None}
        if row.arrived_at is not None:
            return {"delivery": "arrived", "arrived_us": at_to_us(row.arrived_at), "rule": None}
        decision = self.state.decision_of(line.partner, line.kind, line.id) if line.body is not None else None
        if decision is not None and decision[0] == line.version and not decision[2]:
            return {"delivery": "withheld", "arrived_us": None, "rule": decision[1]}
        return {"delivery": "waiting", "arrived_us": None, "rule": None}


def desk_of(home: Home, realm: str, state: State, labeller: Labeller) -> Desk:
    """The desk of a node, by its folder of keys."""
    gate = Gate(home.nation.nation, realm, home.policy(), home.operations())
    return Desk(state, gate, {p: home.release_partner(p) for p in home.partners() if home.partner(p).state == "active"}, labeller)


def line_of(row: Talk) -> Line:
    """A kept message as a line of a thread."""
    body = None if row.body is None else read_body(row.kind, row.body)
    return Line(row.number, row.partner, row.is_ours, row.kind, row.id, row.version, body, at_to_us(row.at))


def next_version(thread: Thread) -> int:
    """The version that the owner's next word has."""
    return 1 + max((p.line.version for p in thread.lines if p.line.kind == _KIND_OF.get(thread.kind, thread.kind) and p.line.is_ours), default=0)


def at_ms(at: datetime) -> int:
    """A moment [ms since 1970 UTC]."""
    return at_to_us(at) // 1000


def new_id(nation: str, kind: str, chance: bytes) -> str:
    """A name for something new, that both sides can say by voice: nation, what it is, eight digits of chance."""
    assert kind in KINDS or kind in ("answer", "task_reply", "drill")
    return f"{nation}-{kind}-{chance[:4].hex()}"
