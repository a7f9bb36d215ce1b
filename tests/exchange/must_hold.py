"""What must hold of a simulated world, whatever goes wrong in it: when something leaves or is taken, after every step, and in the end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from seaward.exchange import bodies as b
from seaward.exchange.audit import Entry, unpack_entry, verify
from seaward.exchange.frames import Batch, messages_of, sealed_hash, unpack
from seaward.exchange.items import Item, Released
from seaward.exchange.journal import Accepted, Built, Closed, Receipted, unpack_record
from seaward.exchange.keys import KeyRing
from seaward.exchange.params import Deliver, Effect, Notice, Quarantined, Send
from seaward.exchange.release import moment
from seaward.exchange.seal import shape
from tests.exchange.simulated import Node, number_of, public_of

if TYPE_CHECKING:
    from tests.exchange.simulation import World

MARK = re.compile(rb"<(secret|vessel) (\d+)>")
GRID_M, STEP_MS = 1_852, 600_000  # of tracks by the rules that come along
_OF_NOISE = {"shape", "signature", "key_unknown", "key_revoked", "too_short", "too_long", "form", "key_early", "key_expired"}
_OF_HOSTILITY = {"origin", "not_for_us", "realm"}
_KINDS = {Built: "sent", Accepted: "received", Receipted: "receipt", Closed: "checkpoint"}


class Violation(AssertionError):
    """Something that must hold did not."""


def hold(holds: bool, what: str, *values: Any) -> None:
    if not holds:
        raise Violation(f"{what}: {values}")


def opened(data: bytes) -> Any:
    """What was sealed, unverified."""
    found = shape(data)
    return unpack(found[1]) if isinstance(found, tuple) else found


# -- the rules that come along, said again in other words


def is_relaxed(world: World, node: Node, other: str, item: Item) -> bool:
    """Whether an operation opens an object to a partner at this moment."""
    now = moment(world.clock(node))
    opens = any(other in o.partners and o.opened_at <= now < o.until for o in node.operations)
    return opens and any(s.operation == "sar" and now < s.until for s in item.label.scope)


def is_allowed(world: World, node: Node, other: str, item: Item) -> bool:
    """What may go to whom at this moment."""
    return item.label.level != "RESTRICTED" and (is_named(other, item) or is_relaxed(world, node, other, item))


def is_named(other: str, item: Item) -> bool:
    """Whether it may go to a partner at any moment."""
    return item.label.level != "RESTRICTED" and other in item.label.rel and not item.own_unit


# -- what leaves


def check_sent(world: World, node: Node, other: str, send: Send) -> None:
    known = node.built[other]
    if send.name in known:
        hold(known[send.name] == send.data, "the same name for other bytes", send.name)
    known[send.name] = send.data
    signed = opened(send.data)
    if isinstance(signed, Batch):
        if send.lane == "history":
            node.heads[other][signed.epoch, signed.seq, sealed_hash(send.data)] = None
            same = sum((e, s) == (signed.epoch, signed.seq) for e, s, _ in node.heads[other])
            hold(same == 1 or other in node.damaged, "two batches of the same number", signed.epoch, signed.seq)
        for what, number in MARK.findall(send.data):
            item = node.objects[int(number)]
            hold(is_allowed(world, node, other, item), "a field of a denied object left", item)
            is_whole = not item.label.handling.precision_m or is_relaxed(world, node, other, item)
            hold(is_whole or what == b"vessel", "a field that the label leaves out left", item)
        for message in messages_of(signed):
            _check_message(world, node, other, message)


def _check_message(world: World, node: Node, other: str, message: Released) -> None:
    body = message.body
    if isinstance(body, b.Withdrawal):
        return
    items = node.by_key.get(node.aliases[other].get(message.key, message.key), [])
    if isinstance(body, b.Track):
        items = [i for i in items if number_of(i.body) == number_of(body)]  # type: ignore[arg-type]
    else:
        items = [i for i in items if i.version == message.version]
    hold(bool(items), "what nobody offered left", message)
    hold(any(is_allowed(world, node, other, i) for i in items), "a denied object left", message)
    relaxed = any(is_relaxed(world, node, other, i) for i in items)
    if isinstance(body, b.Track):
        places = {(i.body.lon_udeg, i.body.lat_udeg) for i in items}  # type: ignore[union-attr]
        hold(relaxed or (body.lon_udeg, body.lat_udeg) not in places, "an exact position left", message)
        step_ms = max(STEP_MS, *(i.label.handling.precision_m // 5 * 1_000 for i in items))
        hold(relaxed or body.at_ms % step_ms == 0, "an exact moment left", message)
    elif isinstance(body, b.Event):
        coarse = all(i.label.handling.precision_m for i in items) and not relaxed
        exact = any((i.body.lon_udeg, i.body.lat_udeg) == (body.lon_udeg, body.lat_udeg) or i.id == message.id for i in items)  # type: ignore[union-attr]
        hold(not (coarse and exact), "more than the label allows left", message)
    elif isinstance(body, b.Alert) and body.event_id is not None and not body.event_id.startswith("~"):
        about = node.by_key.get(("event", body.event_id), [])
        is_theirs = ("event", body.event_id) in world.nodes[other].by_key
        may_be_known = is_theirs or any(i.label.scope or (is_named(other, i) and not i.label.handling.precision_m) for i in about)
        hold(may_be_known, "the name of a denied object left", message)


def check_budget(world: World, node: Node, other: str, sends: list[Send]) -> None:
    """No more than the budget, a second of it and the last batch at once."""
    budget, now_ms = world.params.budget_bytes_per_s, world.clock(node)
    if budget is None:
        return
    room, before_ms = node.room.get(other, (float(budget), now_ms))
    room = min(float(budget), room + budget * max(0, now_ms - before_ms) / 1000) - sum(len(s.data) for s in sends)
    node.room[other] = room, now_ms
    hold(room > -(2 * world.params.batch_most_bytes + 2_500), "more than the budget left", room, [(s.lane, len(s.data)) for s in sends])
    waiting = node.links[other].sender.offered
    world.happened["budget used up"] += room <= 0 and (waiting.history.has_any or bool(waiting.live.waiting))


# -- what is taken


def check_delivered(world: World, node: Node, other: str, effect: Deliver) -> None:
    app, origin = node.apps[other], world.nodes[other]
    place = (effect.epoch, effect.seq)
    name = f"ops.{effect.epoch}.{effect.lane[0]}{effect.seq}."
    batches = [opened(d) for n, d in origin.built[node.nation].items() if n.startswith(name)]
    same = [isinstance(s, Batch) and all(m in messages_of(s) for m in effect.messages) for s in batches]
    hold(any(same), "taken what was never sent", place)
    if effect.lane == "live":
        for m in effect.messages:
            if isinstance(m.body, b.Withdrawal):
                app.live.pop(m.target, None)
            else:
                app.live[m.key] = m
        return
    hold((*place, effect.head) in origin.heads[node.nation], "the hash of another batch", place)
    if place <= app.cursor:
        if place[0] < app.cursor[0] or app.heads[place] == effect.head:  # handed over again after a restart, or of an epoch before
            return
        hold(node.nation in origin.damaged, "another batch under a number that was taken", place)
        world.happened["another batch of a number taken over"] += 1
    app.heads[place] = effect.head
    lasts = any(isinstance(s, Batch) and node.taken_ms[other][place] < s.expires_ms for s in batches)
    hold(lasts or all(isinstance(m.body, b.Withdrawal) for m in effect.messages), "taken what had expired", place)
    is_damaged = other in node.damaged or node.nation in origin.damaged
    in_order = place == (app.cursor[0], app.cursor[1] + 1) or (place[0] > app.cursor[0] and place[1] == 1)
    hold(in_order or is_damaged, "out of order", app.cursor, place)
    if place[0] > app.cursor[0] and app.safe_cursor[0]:
        hold(effect.is_after_gap or other in node.damaged, "a new epoch that is not shown")
    app.all_lost += effect.lost
    app.lost = effect.lost if place[0] > app.cursor[0] else app.lost + effect.lost
    app.cursor = max(app.cursor, place)
    for m in effect.messages:
        _take(world, node, other, m, is_damaged)


def _take(world: World, node: Node, other: str, m: Released, is_damaged: bool) -> None:
    app, origin = node.apps[other], world.nodes[other]
    if isinstance(m.body, b.Withdrawal):
        key = (m.body.kind, m.id)
        left = any(key[1].encode() in d for d in origin.built[node.nation].values())
        hold(key in app.held or left or m.body.kind == "track", "withdrawn what never left", key)
        app.held[key] = (m.version, True)
        return
    version, gone = app.held.get(m.key, (0, False))
    if version >= m.version and not gone and app.may_repeat:
        return
    hold(m.version > version or gone or is_damaged, "doubled or gone back", m.key, version, m.version)
    app.held[m.key] = (m.version, False)
    app.deliveries.append((m.key, m.version))
    is_simple = app.cursor[0] == next(iter(origin.heads[node.nation]))[0] and not (world.faults.operation or world.key_changes or is_damaged)
    is_simple = is_simple and world.params.queue_messages > 100  # what found no room is offered again after a restart
    if is_simple and m.version == 1 and m.kind in ("event", "chat") and m.id[1:].isdecimal() and m.key not in origin.withdrawn:
        number = int(m.id[1:])
        hold(number > app.newest_number, "not in the originator's order", m.key, app.newest_number)
        app.newest_number = number


def check_quarantined(world: World, node: Node, other: str, effect: Quarantined) -> None:
    world.say(node.nation, "quarantine", other, effect.reason)
    if effect.reason == "expired":
        world.happened["expired"] += 1
        batch = opened(effect.data)
        hold(batch.expires_ms <= node.taken_ms[other][batch.epoch, batch.seq], "refused as expired and was not", batch.epoch, batch.seq)
        node.apps[other].refused |= {(m.key, m.version) for m in messages_of(batch) if not isinstance(m.body, b.Withdrawal)}
        return
    damaged = other in node.damaged or node.nation in world.nodes[other].damaged
    usual = _OF_NOISE | (_OF_HOSTILITY if world.faults.hostile else set())
    hold(effect.reason in usual or damaged, "quarantined without a cause", effect.reason)


# -- after every step


def check_step(world: World) -> None:
    """What holds at any moment: nothing in place that was not sent, no receipt for what never came, nothing gone that is not counted."""
    for node in world.nodes.values():
        for other, link in node.links.items():
            is_damaged = other in node.damaged or node.nation in world.nodes[other].damaged
            into, out, origin = link.receiver, link.sender, world.nodes[other]
            if into.seq:
                hold((into.epoch, into.seq, into.head) in origin.heads[node.nation], "in place what was never sent", into.epoch, into.seq)
            hold((into.epoch, into.seq) >= node.place.get(other, (0, 0)), "gone back", node.place.get(other), into.epoch, into.seq)
            node.place[other] = into.epoch, into.seq
            node.most_taken[other] = max(node.most_taken[other], (into.epoch, into.seq))
            theirs = origin.most_taken[node.nation]
            hold(is_damaged or (out.chain.epoch, out.chain.acked) <= theirs or not out.chain.acked, "a receipt for what never came", theirs)
            if not is_damaged:
                gone = [k for k, i in node.newest.items() if k not in node.withdrawn and is_named(other, i) and not _is_kept(world, node, other, i)]
                counted = node.dropped.get(other, 0) + overflows(out.offered.notices)
                hold(len(gone) <= counted, "gone and not counted", other, gone, counted)


def overflows(effects: Iterable[Effect]) -> int:
    """How often something was dropped for want of room."""
    return sum(isinstance(e, Notice) and e.code == "overflow" for e in effects)


def _is_kept(world: World, node: Node, other: str, item: Item) -> bool:
    """Whether an object was sent, or waits to be."""
    offered = node.links[other].sender.offered
    told = offered.told.get(item.key)
    return (told is not None and told.version >= item.version) or any(
        offered.history.items[n].item.version == item.version for n in offered.history.unsent_of(item.key)
    )


# -- in the end


def check_settled(world: World, node: Node, other: str, last: dict[tuple[str, str], Item]) -> None:
    """All that `node` owes `other` has come."""
    out, their, app = node.links[other].sender, world.nodes[other].links[node.nation], world.nodes[other].apps[node.nation]
    hold(world.is_quiet(node, other), "not settled", node.nation, other, node.links[other].status(), their.status())
    damaged = other in node.damaged or node.nation in world.nodes[other].damaged
    hold(out.offered.lost == their.receiver.lost, "a gap that one side does not see", out.offered.lost, their.receiver.lost)
    f = world.faults
    if not (f.crash or f.power or f.damage or f.operation or world.key_changes or world.has_expiry):  # else told again in another epoch
        dropped = node.dropped.get(other, 0)
        is_exact = len(epochs_of(node, other)) <= 1  # in another epoch what has no receipt is told once more
        hold(app.all_lost == dropped if is_exact else app.all_lost >= dropped, "messages dropped and not told", app.all_lost, node.dropped)
    hold(app.lost == out.offered.lost or damaged, "a gap that the watch does not see", app.lost, out.offered.lost)
    hold(their.receiver.verifier.ring.revoked >= node.revoked, "a key revoked and not told", node.nation, other)
    missing = []
    for key, newest in node.newest.items():
        told = out.offered.told.get(key)
        held = app.held.get((key[0], told.name if told else key[1]))
        name = (key[0], told.name if told else key[1])
        if key in node.withdrawn:
            hold(held is None or held[1] or damaged, "withdrawn and not told", key, held)
        elif is_named(other, newest):
            if held != (newest.version, False) and (name, newest.version) not in app.refused:
                missing.append((key, held, newest.version))
        elif held is not None and not damaged:
            came = held[0] == newest.version or (name, newest.version) in app.refused  # while an operation was open
            if not (held[1] or came):
                missing.append((key, held, newest.version))
    both_damaged = other in node.damaged and node.nation in world.nodes[other].damaged  # then each says that its log was, and no more is promised
    hold(len(missing) <= app.all_lost or both_damaged, "missing without a gap", app.all_lost, missing)
    for (nation, _), item in last.items():
        if nation == node.nation:
            shown = app.live.get(item.key)
            hold(shown is not None and shown.body.at_ms <= item.body.at_ms < shown.body.at_ms + STEP_MS, "last value missing", item.key)  # type: ignore[union-attr]
    if not damaged:
        check_audit(world, node, other)
        if not (world.key_changes or world.faults.operation or world.faults.clock or world.has_expiry) and out.chain.epoch:
            began = epochs_of(node, other)
            hold(len(began) <= 1, "a new epoch without a cause", began)


def epochs_of(node: Node, other: str) -> set[str]:
    """In which anything left for a partner."""
    return {name.split(".")[1] for name in node.built[other] if ".h" in name or ".l" in name}


def check_audit(world: World, node: Node, other: str) -> None:
    """Archive and log together prove what both signed."""
    rings = []
    for nation in (node.nation, other):
        ring = KeyRing(nation)
        for n in range(1, world.nodes[nation].key_number + 1):
            ring = ring.with_key(public_of(nation, n))
        rings.append(ring)
    report = verify(_archive_of(node, other), *rings)
    hold(report.is_whole, "the archive proves not to be whole", report)
    out = node.links[other].sender
    for proof in report.epochs:
        if proof.direction == "sent" and proof.epoch == out.chain.epoch:
            hold(proof.batches == proof.signed_by_both == out.chain.seq, "not signed by both", proof)


def _archive_of(node: Node, other: str) -> list[Entry]:
    log, archive = node.logs[other]
    found = [e for r in archive.read()[0] if (e := unpack_entry(r)) is not None]
    for data in log.read()[0]:
        record = unpack_record(data)
        if type(record) in _KINDS:
            found.append(Entry(_KINDS[type(record)], record.epoch, record.seq, record.sealed))  # type: ignore[arg-type, union-attr]
    return found
