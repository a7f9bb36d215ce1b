"""A plan that is being sailed: as it stands, what is proposed to change it, and what was accepted; a folder of its own for each, none written twice.

One page: how the rooms join. Beside the plan's folder `patrol` lies `patrol.answers`; in it 1, 2, ...: each a whole plan as it would go on, with
`proposal.json` (what it answers, upon which number, by whom and why) and, once it is to be sailed, `accepted.json`. Numbers are never used again.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from seaward.answering import answered, as_changed, hours_of, legs_made, sailed, seen_of
from seaward.chart.shore import inland_m
from seaward.core.catalogue import render
from seaward.core.errors import InputError, OutputError, UsageError
from seaward.core.units import NM_M
from seaward.patrol.as_told import change_told, revision_of, spot_told, target_of, target_told, without, z_of
from seaward.patrol.change_leg import CannotChange, move, postpone, take_out
from seaward.patrol.held import Held
from seaward.patrol.mistakes import PlanError
from seaward.patrol.now import changes, spots
from seaward.patrol.problem import INLAND_NM, Problem
from seaward.patrol.read_alert import Alert
from seaward.patrol.read_plan import read_plan
from seaward.patrol.risk import Risk
from seaward.patrol.voyage import Leg, Place
from seaward.planning import BreaksRulesError, check, names_of, ready, write_plan
from seaward.report.plan_view import broken_said
from seaward.store.once import read_json, stamp, write_once

LATE = timedelta(hours=1)  # after which a proposal says nothing any more of where assets and targets are; ours
_AT_ONCE = 2  # one that is worked at, one that waits
_WAIT_S = 15.0
_SHOWN = 20
_MINUTES = 1_440  # by which a leg may be postponed at most
Heard = Mapping[int, tuple[datetime, Place]]


class Unsailed(UsageError):
    """What cannot be done with the plan: a code of the catalogue (`patrol.refused.<code>`) with its values."""

    def __init__(self, code: str, cause: Exception | None = None, **values: Any) -> None:
        self.code, self.values, self._cause = code, values, cause
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """Why, and what to do."""
        cause = self._cause
        more = {} if cause is None else {"why": cause.told(language) if isinstance(cause, PlanError) else str(cause)}
        if isinstance(cause, BreaksRulesError):
            more = {"why": _all_said(cause.broken, language)}
        return render(f"patrol.refused.{self.code}", self.values | more, language)


class Broken(UsageError):
    """A change that breaks rules of the plan; `most_min` is how far the same leg could be postponed, None where that is not asked."""

    def __init__(self, broken: Sequence[Any], most_min: int | None = None) -> None:
        self.broken, self.most_min = tuple(broken), most_min
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """Each rule in words, and what to change."""
        said = [_all_said(self.broken, language)]
        if self.most_min is not None:
            said.append(render("patrol.most" if self.most_min > 0 else "patrol.most.none", {"minutes": self.most_min}, language))
        return render("patrol.refused.broken", {"why": "; ".join(said)}, language)


@dataclass(frozen=True, slots=True)
class Standing:
    """The plan that is sailed: what its plan.json holds, its number (0: as it was planned) and how it was accepted."""

    number: int
    made: dict[str, Any]
    targets: tuple[dict[str, Any], ...] = ()
    accepted: dict[str, Any] | None = None


class Sailing:
    """A plan file, the folder of its plan, and what is decided about it. All may be called from any thread.

    Parameters
    ----------
    plan
        A plan file.
    folder
        What `seaward plan FILE --out DIR`, or an answer, wrote.
    realm
        Of the node; a plan of another is refused.
    """

    def __init__(self, plan: Path, folder: Path, realm: str) -> None:
        self.plan, self.folder, self.realm = plan, folder, realm
        self.answers = folder.with_name(f"{folder.name}.answers")
        self._file = names_of(realm, "plan.json")["plan"]
        self._reading, self._working = threading.RLock(), threading.Lock()
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._ready: tuple[Any, Problem, Risk] | None = None
        self._made: dict[Path, tuple[Any, dict[str, Any]]] = {}

    def check_realm(self) -> None:
        """InputError where the plan file can be read and is of another realm."""
        try:
            realm = read_plan(self.plan).realm
        except UsageError:
            return  # told where the plan is asked for
        if realm != self.realm:
            raise InputError(
                f"{self.plan} is a plan of realm {realm!r}, and the node is of {self.realm!r}; name a plan of {self.realm!r} in [patrol]"
            )

    def warm(self) -> None:
        """Read the plan now, so that the first who asks need not wait; what is wrong with it is told where it is asked for."""
        with suppress(UsageError):
            self._read()

    def problem(self) -> Problem:
        """What the plan file asks for; read again where it has changed."""
        return self._read()[0]

    def standing(self, then: datetime | None = None) -> Standing:
        """The plan as it was accepted last, or as it had been by then."""
        with self._reading:
            whole = self._made_in(self.folder)
            for n in self._numbers():
                accepted = read_json(self.answers / str(n) / "accepted.json")
                proposal = read_json(self.answers / str(n) / "proposal.json")
                if accepted is None or proposal is None or proposal["plan_id"] != whole["plan_id"]:
                    continue
                if then is None or accepted["at"] <= z_of(then):
                    return Standing(n, self._made_in(self.answers / str(n)), tuple(proposal["targets"]), accepted)
            return Standing(0, whole)

    def proposals(self, now: datetime) -> list[dict[str, Any]]:
        """The last proposals for this plan, the newest first, each with its `state`: proposed, accepted, overtaken (by another), late."""
        stands = self.standing()
        found = []
        for n in self._numbers():
            told = read_json(self.answers / str(n) / "proposal.json")
            if told is not None and told["plan_id"] == stands.made["plan_id"]:
                found.append(self._stated(n, told, stands.number, now))
            if len(found) == _SHOWN:
                break
        return found

    def proposal(self, n: int, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
        """One proposal, and what its plan.json holds."""
        told = read_json(self.answers / str(n) / "proposal.json") if n > 0 else None
        if told is None:
            raise Unsailed("no_proposal", n=str(n))
        return self._stated(n, told, self.standing().number, now), self._made_in(self.answers / str(n))

    def still_open(self, now: datetime) -> list[dict[str, Any]]:
        """Targets of the plan as it stands that have not been met by plan, or could not be."""
        stands = self.standing()
        until = {m["target"]: datetime.fromisoformat(m["until"]) for m in stands.made.get("answer", {}).get("meetings", [])}
        return [t for t in stands.targets if until.get(t["id"], now + LATE) > now]

    def where(self, stands: Standing, now: datetime, heard: Heard) -> list[dict[str, Any]]:
        """Where each asset is, ready for JSON; see `patrol.now.Spot`."""
        problem = self.problem()
        return [spot_told(problem, s) for s in self._spots(problem, legs_made(problem, stands.made), now, heard)]

    def answer(
        self, wanted: Sequence[Mapping[str, Any]], now: datetime, within_h: float, seed: int, heard: Heard, who: str, why: str | None, language: str
    ) -> dict[str, Any]:
        """Propose how to meet targets.

        Parameters
        ----------
        wanted
            Targets by the keys of an alert file (`patrol.keys.TARGET`), with `alert_id` where one is of an alert.
        now
            What was sailed before stays.
        within_h, seed
            As in an alert file.
        heard
            When and where vessels were heard last, by MMSI.
        who, why
            For the proposal.
        language
            Of its page.

        Raises
        ------
        Unsailed
        """
        now = now.replace(microsecond=0)
        with self._alone():
            problem, risk = self._read()
            stands = self.standing()
            now_h = self._hour(problem, now)
            targets = [target_of(problem, t) for t in wanted]
            for t in targets:
                if not problem.cells.grid.contains(*t.place):
                    raise Unsailed("outside", id=t.id)
                if float(inland_m(*t.place)) > INLAND_NM * NM_M:
                    raise Unsailed("on_land", id=t.id)
            old = legs_made(problem, stands.made)
            places = self._spots(problem, old, now, heard)
            grid = problem.cells.grid
            held = {s.asset: Held(s.place) if grid.contains(*s.place) else Held(out=True) for s in places if s.is_elsewhere}
            try:
                made, legs = answered(problem, risk, stands.made, Alert(now_h, within_h, seed, tuple(targets), held))
            except BreaksRulesError as e:
                raise Unsailed("no_answer", e) from e
            proposal = {
                "kind": "answer", "targets": [target_told(problem, t, w) for t, w in zip(targets, wanted, strict=True)], "answer": made["answer"],
                "places": [spot_told(problem, s) | {"is_out": held.get(s.asset, Held()).out} for s in places],
            }  # fmt: skip
            return self._propose(problem, risk, stands, made, legs, old, now, who, why, language, proposal)

    def change(
        self, asset: str, leg: int, do: str, minutes: int, now: datetime, who: str, why: str | None, language: str, place: Place | None = None,
        revision: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Propose to take a leg out (`take_out`), to sail it later (`postpone`), or a search elsewhere (`move`, to `place`, perhaps later).

        `revision` is of the unit's legs as they were looked at (`revision_of`): they are counted anew whenever they change.

        Raises
        ------
        Unsailed, Broken
        """
        now = now.replace(microsecond=0)
        with self._alone():
            problem, risk = self._read()
            stands = self.standing()
            now_h = self._hour(problem, now)
            old, seen = legs_made(problem, stands.made), seen_of(problem, stands.made)
            if asset not in {a.id for a in problem.assets}:
                raise Unsailed("no_asset", id=asset[:40], known=", ".join(a.id for a in problem.assets))
            if revision not in (None, revision_of(stands.made, asset)):
                raise Unsailed("other_legs", asset=asset)

            def done(late_min: int) -> list[Leg]:
                if do == "move" and place is not None:
                    return move(problem, old, asset, leg, place, late_min / 60.0, now_h)
                return take_out(problem, old, asset, leg, now_h) if do == "take_out" else postpone(problem, old, asset, leg, late_min / 60.0, now_h)

            def wrong(late_min: int) -> list[Any]:
                try:
                    return check(problem, done(late_min), seen=seen)
                except CannotChange as e:
                    return [e]

            try:
                own = done(minutes)
            except CannotChange as e:
                if e.code == "no_room" and do == "postpone":
                    raise Unsailed("no_room_later", most=_most(wrong, minutes), asset=asset) from e
                raise Unsailed("no_room_there" if (e.code, do) == ("no_room", "move") else e.code, asset=asset, leg=str(leg)) from e
            if broken := check(problem, own, seen=seen):
                raise Broken(broken, _most(wrong, minutes) if do == "postpone" else None)
            was = next(told for told in stands.made["legs"] if told["asset"] == asset and told["leg"] == leg)
            legs = [x for a in problem.assets for x in (own if a.id == asset else [y for y in old if y.asset == a.id])]
            made = stands.made | as_changed(problem, risk, stands.made, legs) | {"paths": stands.made["paths"] | {asset: []}}
            freed = was["target"] if do == "take_out" else None
            if freed is not None and "answer" in made:
                made["answer"] = without(made["answer"], asset, freed)
            proposal = {
                "kind": do, "targets": [t for t in stands.targets if t["id"] != freed], "asset": asset, "leg": leg, "minutes": minutes,
                "task": was["task"], "worth": was["worth"], "places": [], "place": None if place is None else [round(p, 5) for p in place],
            }  # fmt: skip
            return self._propose(problem, risk, stands, made, legs, old, now, who, why, language, proposal)

    def accept(
        self, n: int, now: datetime, who: str, why: str | None, during: Callable[[dict[str, Any]], AbstractContextManager[Any]] = nullcontext
    ) -> dict[str, Any]:  # fmt: skip
        """Have a proposal sailed from now on; `during` is entered once all is checked, and left once it is written: what it notes is kept with it.

        Raises
        ------
        Unsailed
            If there is none, it was accepted before, the plan has changed since, or it is too old.
        """
        with self._reading:
            told, made = self.proposal(n, now)
            if told["state"] != "proposed":
                raise Unsailed(f"is_{told['state']}", n=str(n))
            problem = self.problem()
            self._hour(problem, now)
            if made["realm"] != self.realm or check(problem, legs_made(problem, made), seen=seen_of(problem, made)):
                raise Unsailed("altered", n=str(n))
            accepted = {"at": z_of(now), "by": who, "why": why}
            with during(told):
                write_once(self.answers / str(n) / "accepted.json", accepted)
            return told | {"state": "accepted", "accepted": accepted}

    # -- reading and writing

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One works at a time, one waits; whoever else comes is told to come back."""
        if not self._room.acquire(blocking=False):
            raise Unsailed("busy")
        try:
            if not self._working.acquire(timeout=_WAIT_S):
                raise Unsailed("busy")
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._room.release()

    def _read(self) -> tuple[Problem, Risk]:
        with self._reading:
            now_is = stamp(self.plan)
            if self._ready is None or self._ready[0] != now_is:
                try:
                    asked, problem, risk = ready(self.plan)
                except UsageError as e:
                    raise Unsailed("unreadable", e) from e
                if asked.realm != self.realm:
                    raise Unsailed("realm", said=asked.realm, realm=self.realm)
                self._ready = now_is, problem, risk
            return self._ready[1], self._ready[2]

    def _made_in(self, folder: Path) -> dict[str, Any]:
        path = folder / self._file
        with self._reading:
            now_is = stamp(path), stamp(self.plan)
            known = self._made.get(path)
            if known is None or known[0] != now_is:
                try:
                    made = sailed(path, self.plan)
                except InputError as e:
                    raise Unsailed("changed" if "another version" in str(e) else "no_plan", e, plan=str(self.plan), folder=str(self.folder)) from e
                if made.get("realm") != self.realm:
                    raise Unsailed("realm", said=str(made.get("realm")), realm=self.realm)
                self._made = {k: v for k, v in self._made.items() if k == self.folder / self._file} | {path: (now_is, made)}
                return made
            return known[1]

    def _numbers(self) -> list[int]:
        """Of all proposals, the last first."""
        try:
            return sorted((int(p.name) for p in self.answers.iterdir() if p.name.isascii() and p.name.isdigit() and len(p.name) < 8), reverse=True)
        except OSError:
            return []

    def _stated(self, n: int, told: dict[str, Any], standing: int, now: datetime) -> dict[str, Any]:
        accepted = read_json(self.answers / str(n) / "accepted.json")
        is_late = now - datetime.fromisoformat(told["at"]) > LATE
        state = "accepted" if accepted is not None else "overtaken" if told["base"] != standing else "late" if is_late else "proposed"
        return told | {"n": n, "state": state, "accepted": accepted}

    def _hour(self, problem: Problem, now: datetime) -> float:
        now_h = problem.hour(now)
        if not 0 <= now_h < problem.hours:
            raise Unsailed("not_now", start=z_of(problem.at(0.0)), end=z_of(problem.at(problem.hours)))
        return now_h

    def _spots(self, problem: Problem, legs: Sequence[Leg], now: datetime, heard: Heard) -> list[Any]:
        return spots(problem.assets, legs, problem.hour(now), {mmsi: (problem.hour(at), place) for mmsi, (at, place) in heard.items()})

    def _propose(
        self, problem: Problem, risk: Risk, stands: Standing, made: dict[str, Any], legs: Sequence[Leg], old: Sequence[Leg], now: datetime, who: str,
        why: str | None, language: str, proposal: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        now_h = hours_of(problem, z_of(now))
        told = proposal | {
            "realm": self.realm, "plan_id": made["plan_id"], "base": stands.number, "at": z_of(now), "by": who, "why": why,
            "changes": [change_told(problem, c) for c in changes(old, legs, now_h)],
        }  # fmt: skip
        n = self._claim()
        write_plan(self.answers / str(n), problem, made, legs, risk, language)
        write_once(self.answers / str(n) / "proposal.json", told)
        return self._stated(n, told, stands.number, now)

    def _claim(self) -> int:
        """A folder that nobody had before."""
        try:
            self.answers.mkdir(exist_ok=True)
            n = max(self._numbers(), default=0) + 1
            while True:
                try:
                    (self.answers / str(n)).mkdir()
                    return n
                except FileExistsError:
                    n += 1
        except OSError as e:
            raise OutputError(f"{self.answers} cannot be written to ({e.strerror}); let the node write beside the folder of the plan") from e


def _most(wrong: Any, minutes: int) -> int:
    """Minutes up to which nothing is wrong, by halving."""
    return bisect_left(range(1, minutes), True, key=lambda m: bool(wrong(m)))


def _all_said(broken: Sequence[Any], language: str) -> str:
    return "; ".join(dict.fromkeys(f"{b.asset}: {broken_said(b, language)}" for b in broken[:3]))
