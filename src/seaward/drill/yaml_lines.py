"""A strict part of YAML -> mappings, lists and scalars that know their lines; what goes beyond it is a mistake, never a guess.

Left out on purpose: anchors and aliases (a few lines of them unfold into gigabytes), tags, several documents, merge keys,
keys that are not single words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml
from yaml.resolver import Resolver

from seaward.drill.mistakes import Mistake

MOST_BYTES = 262_144  # ours: a scenario of 250 hulls takes 20 kB
DEEPEST = 12  # ours: the format needs 7
_RESOLVER = Resolver()
_WORDS = {
    "tag:yaml.org,2002:bool": "switch",
    "tag:yaml.org,2002:int": "number",
    "tag:yaml.org,2002:float": "number",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:timestamp": "moment",
}


@dataclass(slots=True)
class Scalar:
    """A single value as written. `read_as` is what YAML makes of it: text, switch, number, moment, nothing."""

    line: int
    text: str
    read_as: str


@dataclass(slots=True)
class Listing:
    """Values between brackets or behind dashes."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Keys with values; `lines` are those of the keys."""

    line: int
    values: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Refused:
    """Something whose mistake is already told."""

    line: int


Node = Scalar | Listing | Mapping | Refused


class _Stop(Exception):
    """Nothing behind this point can be read."""


def read_lines(raw: bytes) -> tuple[Node, list[Mistake]]:
    """Read the bytes of a file.

    Parameters
    ----------
    raw
        UTF-8, at most `MOST_BYTES`.

    Returns
    -------
    The root, and the mistakes of form; behind one of syntax nothing is read.
    """
    mistakes: list[Mistake] = []
    if len(raw) > MOST_BYTES:
        return Refused(1), [Mistake(1, "too_large", {"bytes": len(raw), "most": MOST_BYTES})]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        return Refused(1), [Mistake(raw.count(b"\n", 0, e.start) + 1, "not_utf8", {})]
    for number, line in enumerate(text.split("\n"), 1):  # told here, for all lines: the parser stops at the first
        if strange := next((c for c in line.rstrip("\r") if not (c == "\t" or yaml.reader.Reader.NON_PRINTABLE.search(c) is None)), None):
            mistakes.append(Mistake(number, "character", {"character": f"U+{ord(strange):04X}"}))
    if mistakes:
        return Refused(1), mistakes
    builder = _Builder(text, mistakes)
    try:
        return builder.document(), mistakes
    except _Stop:
        pass
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        mistakes.append(Mistake(1 if mark is None else mark.line + 1, _syntax(e), {"problem": str(e.problem)}))
    except (yaml.YAMLError, ValueError, OverflowError) as e:  # also numbers of characters that no text can hold (\UFFFFFFFF)
        mistakes.append(Mistake(builder.line, "syntax", {"problem": str(e).split("\n", maxsplit=1)[0]}))
    return Refused(1), mistakes


def _syntax(e: yaml.MarkedYAMLError) -> str:
    problem = str(e.problem)
    if "'\\t'" in problem or "'\t'" in problem:
        return "syntax.tab"
    if "mapping values are not allowed" in problem:
        return "syntax.colon"
    if "expected ',' or" in problem:
        return "syntax.bracket"
    return "syntax"


class _Builder:
    """Events of the parser -> nodes; bounded in depth."""

    def __init__(self, text: str, mistakes: list[Mistake]) -> None:
        self.events = yaml.parse(text, Loader=yaml.SafeLoader)
        self.mistakes = mistakes
        self.line = 1

    def next(self) -> yaml.Event:
        event = next(self.events)
        self.line = event.start_mark.line + 1
        return event

    def wrong(self, line: int, code: str, **values: object) -> Refused:
        self.mistakes.append(Mistake(line, code, values))
        return Refused(line)

    def document(self) -> Node:
        self.next()
        start = self.next()
        if isinstance(start, yaml.StreamEndEvent):
            return self.wrong(1, "empty")
        if getattr(start, "version", None) is not None or getattr(start, "tags", None):
            self.wrong(1, "directive")
        root = self.node(self.next(), 0)
        self.next()
        after = self.next()
        if not isinstance(after, yaml.StreamEndEvent):
            self.wrong(self.line, "second_document")
        return root

    def node(self, event: yaml.Event, depth: int) -> Node:
        line = self.line
        if depth > DEEPEST:
            self.wrong(line, "too_deep", most=DEEPEST)
            raise _Stop
        if isinstance(event, yaml.AliasEvent):
            return self.wrong(line, "alias", name=event.anchor)
        if (anchor := getattr(event, "anchor", None)) is not None:
            self.wrong(line, "anchor", name=anchor)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.wrong(line, "tag", tag=tag)
        if isinstance(event, yaml.ScalarEvent):
            read_as = _WORDS.get(_RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False)), "text") if event.style is None else "text"
            return Scalar(line, event.value, read_as) if tag is None else Refused(line)
        if isinstance(event, yaml.SequenceStartEvent):
            listing = Listing(line)
            while not isinstance(item := self.next(), yaml.SequenceEndEvent):
                listing.items.append(self.node(item, depth + 1))
            return listing
        mapping = Mapping(line)
        while not isinstance(key := self.next(), yaml.MappingEndEvent):
            self.pair(mapping, key, depth)
        return mapping

    def pair(self, mapping: Mapping, event: yaml.Event, depth: int) -> None:
        key = self.node(event, depth + 1)
        line = key.line
        value = self.node(self.next(), depth + 1)
        if isinstance(key, Refused):
            return
        if not isinstance(key, Scalar):
            self.wrong(line, "key_form")
        elif key.text == "<<":
            self.wrong(line, "merge")
        elif key.text in mapping.values:
            self.wrong(line, "duplicate_key", key=key.text, first=mapping.lines[key.text])
        else:
            mapping.values[key.text], mapping.lines[key.text] = value, line
