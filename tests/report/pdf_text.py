"""A PDF of Typst -> the text of each page, for tests."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page: glyphs of its content turned back into letters by the maps of its fonts."""
    objects = {int(m[1]): m[2] for m in re.finditer(rb"(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL)}

    def stream(number: int) -> bytes:
        body = objects[number]
        raw = body[body.index(b"stream") + 6 :].lstrip(b"\r\n")
        return zlib.decompressobj().decompress(raw)

    def letters(font: int) -> dict[int, str]:
        to_unicode = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
        assert to_unicode
        lines = re.findall(rb"<(\w{4})> <(\w+)>\n", stream(int(to_unicode[1])))
        return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in lines}

    said = []
    for body in objects.values():
        if not re.search(rb"/Type/Page\b", body):
            continue
        resources, content = (int(m[1]) for name in (b"Resources", b"Contents") if (m := re.search(rb"/%s (\d+) 0 R" % name, body)))
        fonts = {m[1]: letters(int(m[2])) for m in re.finditer(rb"/(f\d+) (\d+) 0 R", objects[resources])}
        text, current = [], {}
        for font, piece, end in _pieces(stream(content)):
            current = fonts[font] if font else current
            codes = re.sub(rb"\\([0-7]{1,3}|.)", _unescaped, piece, flags=re.DOTALL)
            text += [current[codes[k] << 8 | codes[k + 1]] for k in range(0, len(codes) - 1, 2)] + [" "] * end
        said.append("".join(text))
    return said


def _pieces(content: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Fonts, strings and ends of lines in their order; parentheses within a string may stand for themselves where they balance."""
    at, shown = 0, False
    while m := re.compile(rb"/(f\d+) [\d.]+ Tf|(\]TJ)|(\[)?\(").search(content, at):
        at, shown = m.end(), (shown or bool(m[3])) and not m[2]
        if m[1] or m[2]:
            yield m[1] or b"", b"", bool(m[2])
            continue
        depth, start = 1, at
        at -= 1
        while depth:
            at += 2 if content[at : at + 1] == b"\\" else 1
            depth += {b"(": 1, b")": -1}.get(content[at : at + 1], 0)
        if shown or content[at + 1 : at + 4].strip().startswith(b"Tj"):  # others are words for those who hear the page
            yield b"", content[start:at], False
        at += 1


def _unescaped(m: re.Match[bytes]) -> bytes:
    named = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    return bytes([int(m[1], 8) & 255]) if m[1][:1].isdigit() else named.get(m[1], m[1])
