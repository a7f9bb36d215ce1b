"""What the parts of a scenario say together: ids, times, who is meant by whom, objectives. Each check notes every mistake it finds."""

from __future__ import annotations

import re
from difflib import get_close_matches

from seaward.drill.scenario_keys import EVENT_KINDS, FISHERS, SECRET, TIMES
from seaward.drill.scenario_parts import Found, Reading
from seaward.drill.scenario_values import shown

_NATION = re.compile("[A-Z]{3}")
_WITH_IDS = ("cells", "sensors", "traffic", "actors", "interference", "injects", "objectives")


def check_all(read: Reading, root: Found) -> None:
    """All checks but those of places and files."""
    _exercise(read, root)
    _ids(read, root)
    _cells(read, root)
    length_ms = root.get("clock").get("length") if root.get("clock") else None
    _spans(read, root, length_ms)
    _traffic(read, root)
    for actor in root.parts("actors"):
        _plan(read, root, actor, length_ms)
    for inject in root.parts("injects"):
        _inject(read, root, inject, length_ms)
    for objective in root.parts("objectives"):
        _objective(read, root, objective)


def _exercise(read: Reading, root: Found) -> None:
    exercise, clock = root.get("exercise"), root.get("clock")
    if exercise and exercise.get("id") and exercise.get("realm") and exercise.get("realm") != f"ex:{exercise.get('id').lower()}":
        read.wrong(exercise.lines["realm"], "realm", value=exercise.get("realm"), right=f"ex:{exercise.get('id').lower()}")
    if clock and (clock.get("rate") or 1.0) > (clock.get("max_rate") or 60.0):
        read.wrong(clock.lines.get("rate", clock.line), "rate", rate=clock.get("rate") or 1.0, most=clock.get("max_rate") or 60.0)


def _ids(read: Reading, root: Found) -> None:
    first: dict[str, int] = {}
    stations = [s for sensor in root.parts("sensors") for s in sensor.parts("stations")]
    for part in sorted([p for key in _WITH_IDS for p in root.parts(key)] + stations, key=lambda p: p.lines.get("id", p.line)):
        name = part.get("id")
        if name is None:
            continue
        line = part.lines["id"]
        if name in SECRET:
            read.wrong(line, "id_reserved", id=name)
        elif name in first:
            read.wrong(line, "id_twice", id=name, first=first[name])
        else:
            first[name] = line


def names(root: Found, key: str) -> list[str]:
    """Ids of the parts in a list."""
    return [p.get("id") for p in root.parts(key) if p.get("id")]


def _known(read: Reading, line: int, code: str, name: str, known: list[str]) -> bool:
    if name in known:
        return True
    near = get_close_matches(name, known, 1, 0.6)
    read.wrong(line, f"{code}_near" if near else code, name=name, near="".join(near), known=", ".join(known) or "-")
    return False


def _hull(read: Reading, root: Found, line: int, name: str) -> bool:
    """Whether a name is that of an actor, or of a hull of a traffic."""
    traffic, _, number = name.partition("/")
    counts = {t.get("id"): t.get("count") for t in root.parts("traffic")}
    if not number:
        return _known(read, line, "unknown_actor", name, names(root, "actors"))
    if not _known(read, line, "unknown_traffic", traffic, [t for t in counts if t]):
        return False
    if counts[traffic] is not None and int(number) > counts[traffic]:
        read.wrong(line, "traffic_number", name=name, traffic=traffic, count=counts[traffic])
        return False
    return True


def _cells(read: Reading, root: Found) -> None:
    sensors = names(root, "sensors")
    for cell in root.parts("cells"):
        for line, name in cell.each("sees"):
            if name not in SECRET:
                _known(read, line, "unknown_sensor", name, sensors)
            elif cell.get("role") not in ("control", "evaluator"):
                read.wrong(line, "secret_seen", cell=cell.get("id"), name=name, role=cell.get("role"))
        if (nation := cell.get("nation")) and not _NATION.fullmatch(nation):
            read.wrong(cell.lines["nation"], "nation", nation=nation)
    if "cells" in root.values and not any("role" in c.told or c.get("role") == "player" for c in root.parts("cells")):
        read.wrong(root.lines["cells"], "no_player")


def _spans(read: Reading, root: Found, length_ms: int | None) -> None:
    """From and until; and moments of sensors."""
    for part in root.parts("interference") + root.parts("weather"):
        since, until = part.get("from"), part.get("until")
        if since is not None and until is not None and since >= until:
            read.wrong(part.lines["until"], "span_backwards", since=shown(since), until=shown(until))
        if since is not None:
            _within(read, part.lines["from"], "from", since, length_ms)
        if until is not None:
            _within(read, part.lines["until"], "until", until, length_ms)
    for sensor in root.parts("sensors"):
        for key in ("passes", "first"):
            for line, at in sensor.each(key):
                _within(read, line, key, at, length_ms)
        if (sensor.get("pass") or 0) > (sensor.get("every") or 10**12):
            read.wrong(sensor.lines["pass"], "pass_long", length=shown(sensor.get("pass")), every=shown(sensor.get("every")))
        for station in sensor.parts("stations"):
            outage = station.get("outage")
            if outage and outage[0] >= outage[1]:
                read.wrong(station.lines["outage"], "span_backwards", since=shown(outage[0]), until=shown(outage[1]))


def _within(read: Reading, line: int, key: str, at_ms: int, length_ms: int | None) -> None:
    if length_ms is not None and at_ms > length_ms:
        read.wrong(line, "beyond_length", key=key, at=shown(at_ms), length=shown(length_ms))


def _traffic(read: Reading, root: Found) -> None:
    for traffic in root.parts("traffic"):
        if traffic.get("pattern") in ("ground", "day_fishing") and traffic.get("kind") not in (None, *FISHERS):
            read.wrong(traffic.lines["kind"], "cannot_fish", kind=traffic.get("kind"), fishers=", ".join(FISHERS))
        for key in ("speed_kn", "length_m"):
            if (between := traffic.get(key)) and between[0] > between[1]:
                read.wrong(traffic.lines[key], "between", key=key, low=between[0], high=between[1])
        for line, other in traffic.each("serves"):
            _served(read, root, traffic, line, other)


def _served(read: Reading, root: Found, traffic: Found, line: int, other: str) -> None:
    """Whom harbour work serves: other traffic that serves nobody itself, as its ways are made before."""
    if other == traffic.get("id"):
        read.wrong(line, "self", key="serves")
    elif _known(read, line, "unknown_traffic", other, names(root, "traffic")) and any(
        t.get("id") == other and "serves" in t.values for t in root.parts("traffic")
    ):
        read.wrong(line, "serves_server", id=other)


def _plan(read: Reading, root: Found, actor: Found, length_ms: int | None) -> None:
    before_ms = 0
    copied = actor.get("copies")
    if copied and (copied == actor.get("id") or (_hull(read, root, actor.lines["copies"], copied) and _copied_in_turn(root, actor))):
        read.wrong(actor.lines["copies"], "self", key="copies")
    if copied and actor.get("ais") == "none":
        read.wrong(actor.lines["ais"], "copy_without_ais")
    for step in actor.parts("plan"):
        at, do = step.get("at"), step.get("do")
        if at is not None:
            line = step.lines["at"]
            if at < before_ms:
                read.wrong(line, "plan_backwards", at=shown(at), before=shown(before_ms))
            before_ms = max(before_ms, at)
            _within(read, line, "at", at, length_ms)
        if other := step.get("actor"):
            if other == actor.get("id"):
                read.wrong(step.lines["actor"], "self", key="actor")
            else:
                _hull(read, root, step.lines["actor"], other)
        if do is not None:
            _deed(read, actor, step, do)


def _copied_in_turn(root: Found, actor: Found) -> bool:
    """Whether whom it copies copies it, directly or by others."""
    source = {a.get("id"): a.get("copies") for a in root.parts("actors")}
    seen, who = [actor.get("id")], actor.get("copies")
    while who in source and who not in seen:
        seen.append(who)
        who = source[who]
    return who == seen[0]


def _deed(read: Reading, actor: Found, step: Found, do: str) -> None:
    """What one deed needs beyond the table of keys."""
    line = step.lines["do"]
    if do == "claim" and not {"actor", "mmsi", "name"} & (step.values.keys() | step.told):
        read.wrong(line, "claim_empty")
    if do == "false_place":
        needed = {"offset": "offset_nm", "circle": "radius_nm", "jump": "to"}.get(step.get("pattern") or "")
        if needed and needed not in step.values and needed not in step.told:
            read.wrong(line, "missing_key", key=needed, part=f"false_place {step.get('pattern')}", meaning="")
    if do == "work" and "gear" not in step.values and actor.get("kind") not in (None, *FISHERS):
        read.wrong(line, "cannot_fish", kind=actor.get("kind"), fishers=", ".join(FISHERS))
    if do in ("ais_off", "ais_on", "claim", "false_place") and actor.get("ais") == "none":
        read.wrong(line, "no_transmitter", do=do, actor=actor.get("id"))


def _inject(read: Reading, root: Found, inject: Found, length_ms: int | None) -> None:
    for line, name in inject.each("to"):
        _known(read, line, "unknown_cell", name, names(root, "cells"))
    if name := inject.get("objective"):
        _known(read, inject.lines["objective"], "unknown_objective", name, names(root, "objectives"))
    for key in ("after", "actor"):
        if name := inject.get(key):
            _hull(read, root, inject.lines[key], name)
    whens = [key for key in ("at", "after", "hold") if inject.get(key) not in (None, False) or key in inject.told]
    if len(whens) != 1:
        read.wrong(inject.line, "inject_when", id=inject.get("id"), given=", ".join(whens) or "-")
    if "delay" in inject.values and whens != ["after"]:
        read.wrong(inject.lines["delay"], "delay_without_after")
    if whens == ["hold"] and not any(c.get("role") == "control" for c in root.parts("cells")):
        read.wrong(inject.lines["hold"], "hold_without_control")
    at, expect = inject.get("at"), inject.get("expect")
    if at is not None:
        _within(read, inject.lines["at"], "at", at, length_ms)
        within = expect.get("within") if expect else None
        if within is not None and length_ms is not None and at <= length_ms < at + within:
            read.wrong(expect.lines["within"], "beyond_length", key="within", at=shown(at + within), length=shown(length_ms))


def _objective(read: Reading, root: Found, objective: Found) -> None:
    measure, target, limit = (objective.get(k) for k in ("measure", "target", "limit"))
    if measure is None:
        return
    for line, name in objective.each("of"):
        if measure in ("recall", "precision", "false_cases_per_day"):
            _known(read, line, "unknown_event", name, list(EVENT_KINDS))
        else:
            _hull(read, root, line, name)
    is_small_good = measure in TIMES or measure == "false_cases_per_day"
    if target is not None and limit is not None and ((target > limit) if is_small_good else (target < limit)):
        read.wrong(objective.lines["limit"], "limit_small" if is_small_good else "limit_large", measure=measure)
    if not is_small_good:
        for key, value in (("target", target), ("limit", limit)):
            if value is not None and value > 1:
                read.wrong(objective.lines[key], "share", key=key, value=value)
