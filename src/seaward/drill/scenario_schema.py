"""The table of keys -> a JSON Schema (2020-12) by which editors complete and check a scenario.

The reader knows more: lines, and what parts say together.
"""

from __future__ import annotations

from typing import Any

from seaward.core.catalogue import LANGUAGES
from seaward.drill.keys import DURATION, FILE, HULL, ID, MMSI_AIRCRAFT, MMSI_HIGH, MMSI_LOW, MOMENT, SHIP_NAME, Key, Part
from seaward.drill.scenario_keys import PARTS, SCENARIO, TIMES
from seaward.drill.scenario_values import LONGEST_TEXT

_TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "pattern": r"\S"}


def schema() -> dict[str, Any]:
    """The schema of a scenario."""
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Seaward scenario", **_part(SCENARIO)}
    return {**made, "$defs": {name: _part(part) for name, part in PARTS.items() if part is not SCENARIO}}


def _part(part: Part) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "object", "description": part.meaning, "additionalProperties": False}
    said["properties"] = {k.name: _key(k) for k in part.keys}
    said["required"] = [k.name for k in part.keys if k.must(None)]
    switch = part.key(part.switch)
    if switch is not None:
        rules = [rule for choice in switch.choices if (rule := _rule(part, switch, choice)) is not None]
        said |= {"allOf": rules} if rules else {}
    if part.name == "inject":
        said["oneOf"] = [{"required": ["at"]}, {"required": ["after"]}, {"required": ["hold"], "properties": {"hold": {"const": True}}}]
        said["dependentRequired"] = {"delay": ["after"]}
    return said


def _rule(part: Part, switch: Key, choice: str) -> dict[str, Any] | None:
    """What else counts where the switch key says `choice`."""
    then: dict[str, Any] = {}
    if needed := [k.name for k in part.keys if choice in k.needed]:
        then["required"] = needed
    properties: dict[str, Any] = {k.name: False for k in part.keys if not k.means(choice)}
    for k in part.keys:
        if k.type == "measure":
            properties[k.name] = {"type": "string", "pattern": f"^(?:{DURATION})$"} if choice in TIMES else {"type": "number", "minimum": 0}
    if properties:
        then["properties"] = properties
    return {"if": {"properties": {switch.name: {"const": choice}}, "required": [switch.name]}, "then": then} if then else None


def _key(key: Key) -> dict[str, Any]:
    one = _value(key)
    if key.many is not None:
        one = {"type": "array", "items": one, "minItems": key.many[0], "maxItems": key.many[1]}
    unit = f" [{key.unit}]" if key.unit and key.unit != "duration" else ""
    return {"description": f"{key.meaning}{unit}", **one}


def _value(key: Key) -> dict[str, Any]:
    patterns = {"id": ID, "hull": HULL, "file": FILE, "ship_name": SHIP_NAME, "duration": DURATION, "moment": MOMENT}
    if key.type in patterns:
        return {"type": "string", "pattern": f"^(?:{patterns[key.type]})$"}
    if key.type in ("number", "integer"):
        return {"type": key.type} | {name: bound for name, bound in (("minimum", key.low), ("maximum", key.high)) if bound is not None}
    aircraft = MMSI_AIRCRAFT * 1_000_000
    angles = [{"type": "number", "minimum": -bound, "maximum": bound} for bound in (180, 90, 180, 90)]
    share = {"type": "number", "minimum": 0, "maximum": 1}
    return {
        "choice": lambda: {"enum": list(key.choices)},
        "part": lambda: {"$ref": f"#/$defs/{key.of}"},
        "switch": lambda: {"type": "boolean"},
        "text": lambda: _TEXT,
        "measure": lambda: {"type": ["number", "string"]},
        "mmsi": lambda: {"type": "integer", "minimum": MMSI_LOW, "maximum": MMSI_HIGH, "not": {"minimum": aircraft, "maximum": aircraft + 999_999}},
        "words": lambda: {
            "type": "object",
            "properties": {lang: _TEXT for lang in LANGUAGES},
            "required": list(LANGUAGES),
            "additionalProperties": False,
        },
        "place": lambda: {"type": "array", "prefixItems": angles[:2], "minItems": 2, "maxItems": 2},
        "box": lambda: {"type": "array", "prefixItems": angles, "minItems": 4, "maxItems": 4},
        "files": lambda: {"type": "object", "additionalProperties": {"type": "string", "pattern": f"^(?:{FILE})$"}},
        "shares": lambda: {
            "oneOf": [
                {"enum": list(key.choices)},
                {"type": "object", "properties": dict.fromkeys(key.choices, share), "additionalProperties": False, "minProperties": 1},
            ]
        },
    }[key.type]()
