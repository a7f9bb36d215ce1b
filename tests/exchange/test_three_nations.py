"""Three nations, each with a real server, agreed in pairs: nobody gets what another sent to a third, unless its owner lets it be passed on."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from seaward.exchange.home import Home
from seaward.exchange.items import Item
from seaward.exchange.label import Label
from seaward.exchange.params import LinkParams
from seaward.exchange.policy import Refusal
from tests.exchange.made import EVENT, item, label
from tests.exchange.nations import Running, agree, answer, free_port, hostile, now, run, until, until_async

PAIRS = (("PER", "USA"), ("USA", "ECU"), ("ECU", "PER"))


class Three:
    """The first of each pair dials the second: every server listens and dials."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def __aenter__(self) -> dict[str, Running]:
        homes = {n: Home(self.folder / n) for n in ("PER", "USA", "ECU")}
        for nation, home in homes.items():
            home.create(nation, "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
        for one, other in PAIRS:
            agree(homes[one], homes[other])
        self.sides = {n: Running(h, LinkParams()) for n, h in homes.items()}
        for side in self.sides.values():
            await side.serve()
        for side in self.sides.values():
            for other in side.home.partners():
                side.link(other)
        heard = [(s, o) for s in self.sides.values() for o in s.links]
        await until(lambda: all(s.links[o].dialogue.status().last_heard_ms is not None for s, o in heard))
        return self.sides

    async def __aexit__(self, *_: object) -> None:
        for side in self.sides.values():
            await side.stop()


def of(owner: str, id: str, *to: str, **changes: Any) -> Item:
    return item(EVENT, id, label=label(owner=owner, rel=tuple(sorted(to)), **changes))


def came(side: Running) -> set[tuple[str, str]]:
    """What came to a nation: from whom, and whose it is by its label."""
    return {(m.id, m.label.owner) for m in side.came}


def test_three_nations_share_in_pairs_and_each_gets_what_is_meant_for_it(tmp_path: Path) -> None:
    async def sharing() -> None:
        async with Three(tmp_path) as sides:
            assert all(len(s.links) == 2 for s in sides.values())
            for owner, side in sides.items():
                for other in side.links:
                    side.links[other].offer(of(owner, f"{owner}-for-{other}", other))
                    side.links[other].offer(of(owner, f"{owner}-for-all", *side.links))
            everybody = {n: {(f"{o}-for-{x}", o) for o in sides if o != n for x in (n, "all")} for n in sides}
            await until(lambda: all(came(sides[n]) == everybody[n] for n in sides))
            await asyncio.sleep(1.0)
            assert {n: came(s) for n, s in sides.items()} == everybody and not any(s.quarantined for s in sides.values())
            assert all(len(s.ids) == 4 for s in sides.values())

    run(sharing())


def test_what_a_partner_sent_goes_on_to_a_third_only_if_its_owner_lets_it(tmp_path: Path) -> None:
    """The USA tries to give to Ecuador what Peru gave to it: as it came, under a label of its own making, and with Peru's consent."""

    async def passing_on() -> None:
        async with Three(tmp_path) as sides:
            per, usa, ecu = (sides[n] for n in ("PER", "USA", "ECU"))
            per.links["USA"].offer(of("PER", "kept", "USA"))
            per.links["USA"].offer(of("PER", "kept-too", "USA", "ECU"))  # Ecuador may know, and Peru alone tells it
            per.links["USA"].offer(of("PER", "open", "USA", "ECU", orcon=False))
            per.links["USA"].offer(of("PER", "open-to-us", "USA", orcon=False))  # may be passed on, but Ecuador is not named
            await until(lambda: len(usa.ids) == 4)
            said = {}
            for m in usa.came:
                again = Item(m.id, m.version, "ops", m.label, m.body)  # type: ignore[arg-type]
                said[m.id] = usa.links["ECU"].dialogue.gate.decide(again, usa.home.release_partner("ECU"), 0)
                usa.links["ECU"].offer(again)
            usa.links["ECU"].offer(of("USA", "last", "ECU"))
            await until(lambda: ("last", "USA") in came(ecu))
            assert came(ecu) == {("open", "PER"), ("last", "USA")}, "with the label that Peru gave it"
            assert {n: s.rule for n, s in said.items() if isinstance(s, Refusal)}.keys() == {"kept", "kept-too", "open-to-us"}
            assert {said["kept"].rule, said["kept-too"].rule} == {"floor.orcon"}
            assert not ecu.quarantined and came(per) == set()

    run(passing_on())


def test_a_partner_that_passes_on_without_consent_is_refused_by_whoever_gets_it(tmp_path: Path) -> None:
    """The USA's gate is broken and lets all out: Ecuador sees by the label that Peru did not agree, and takes nothing of it."""

    async def leaking() -> None:
        async with Three(tmp_path) as sides:
            usa, ecu = sides["USA"], sides["ECU"]
            sender = usa.links["ECU"].dialogue.sender.offered
            broken = _Open(sender.gate)
            sender.gate = broken  # type: ignore[assignment]
            usa.links["ECU"].offer(of("PER", "stolen", "ECU", "USA"))
            usa.links["ECU"].offer(of("USA", "last", "ECU"))
            await until(lambda: ("last", "USA") in came(ecu))
            assert came(ecu) == {("last", "USA")} and "label_orcon" in ecu.quarantined

    run(leaking())


class _Open:
    """A gate that takes everything for the nation's own."""

    def __init__(self, gate: Any) -> None:
        self.gate = gate

    def decide(self, item: Item, partner: Any, now_ms: int) -> Any:
        return self.gate.decide(replace(item, label=_own(item.label)), partner, now_ms)

    def released(self, item: Item, grant: Any, partner: Any, named: Any) -> Any:
        return self.gate.released(item, grant, partner, named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gate, name)


def _own(given: Label) -> Label:
    import msgspec

    return msgspec.structs.replace(given, owner="USA")


def test_the_keys_of_one_partner_ask_nothing_of_anothers(tmp_path: Path) -> None:
    """Somebody with every key of Ecuador asks the USA for what goes to Peru, over a leaf that stands."""

    async def trying() -> None:
        async with Three(tmp_path) as sides:
            usa, ecu = sides["USA"], sides["ECU"]
            usa.links["PER"].offer(of("USA", "for-peru", "PER"))
            await until(lambda: "for-peru" in sides["PER"].ids)
            await ecu.unlink("USA")
            enemy = await hostile(ecu, "USA")
            await asyncio.sleep(3.0)  # its last own request has run out
            usa.links["ECU"].offer(of("USA", "for-ecuador", "ECU"))
            await until_async(lambda: answer(enemy, "link.USA.USA_ECU_ops_history", b"1"))  # its own door is open
            for subject in ("link.USA.USA_PER_ops_history", "link.PER.PER_USA_ops_history", "$JS.API.CONSUMER.MSG.NEXT.USA_PER_ops_history.PER",
                            "$JS.API.STREAM.INFO.USA_PER_ops_history", "out.PER.ops.history.history"):  # fmt: skip
                assert await answer(enemy, subject, b"1") == "", subject
            await enemy.close()
            ecu.link("USA")
            await until(lambda: "for-ecuador" in ecu.ids)  # what somebody else took from the door is sent again

    run(trying())
