"""Bytes of XML from anybody -> nodes with their lines; entities, document types, depth and size that serve no route are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from seaward.bridge.mistakes import Mistake, RouteError

MOST_DEPTH = 40
MOST_NODES = 200_000


@dataclass(slots=True)
class Node:
    """One element."""

    namespace: str
    tag: str
    attributes: dict[str, str]  # {namespace}name where it has one
    line: int
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says between its marks, without what its children say."""
        return "".join(self.pieces)

    def child(self, tag: str) -> Node | None:
        """The first child of that name in any namespace."""
        return next((c for c in self.children if c.tag == tag), None)

    def all(self, *tags: str) -> list[Node]:
        """Children of those names in any namespace."""
        return [c for c in self.children if c.tag in tags]

    def said(self, tag: str) -> str:
        """Text of the first child of that name, empty without it."""
        found = self.child(tag)
        return found.text.strip() if found else ""


class _Refused(Exception):
    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class _Builder:
    """What the parser calls."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.parser: DefusedXMLParser | None = None
        self._open: list[Node] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.removeprefix("{").rpartition("}")
        self._count += 1
        if len(self._open) >= MOST_DEPTH:
            raise _Refused("deep", most=MOST_DEPTH)
        if self._count > MOST_NODES:
            raise _Refused("nodes", most=MOST_NODES)
        node = Node(namespace, name, attributes, self.line)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _tag: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].pieces.append(text)

    def close(self) -> Node | None:
        return self.root

    @property
    def line(self) -> int:
        return 1 if self.parser is None else self.parser.parser.CurrentLineNumber


def nodes_of(name: str, raw: bytes, most_bytes: int) -> Node:
    """Read XML.

    Parameters
    ----------
    name
        Of the file, for messages.
    raw
        Its bytes.
    most_bytes
        That such a file may have.

    Returns
    -------
    The root.

    Raises
    ------
    RouteError
        If it is too large, no XML, in an encoding that is not its own, deep beyond need, or has a document type: those hold entity bombs.
    """
    if len(raw) > most_bytes:
        raise RouteError(name, [Mistake(1, "large", {"kb": len(raw) // 1000, "most": most_bytes // 1000})])
    builder = _Builder()
    parser = builder.parser = DefusedXMLParser(target=builder, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(raw)
        parser.close()
    except ParseError as e:
        raise RouteError(name, [Mistake(max(1, e.position[0]), "not_xml", {"why": str(e).partition(":")[0]})]) from e
    except _Refused as e:
        raise RouteError(name, [Mistake(builder.line, e.code, e.values)]) from e
    except DefusedXmlException as e:
        raise RouteError(name, [Mistake(builder.line, "doctype", {})]) from e
    except (LookupError, ValueError) as e:
        raise RouteError(name, [Mistake(1, "encoding", {"why": str(e)})]) from e
    if builder.root is None:
        raise RouteError(name, [Mistake(1, "not_xml", {"why": "no element found"})])
    return builder.root
