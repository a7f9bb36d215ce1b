"""The picture and the table of rooms in docs/architecture.md, from the code's own imports: `python tools/make_house_page.py`."""

from __future__ import annotations

import re
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
STOREYS = {
    "what people start": ("cli", "story", "floors", "played", "debrief", "review", "exercise", "api", "orders", "passage", "rescue", "visiting"),
    "the running node": ("console", "server", "node"),
    "read afterwards": ("logbook", "evidence"),
    "how rooms join": ("releases", "desk", "sailing", "alerting", "live", "sharing", "answering", "planning", "given", "watch"),
    "rooms": ("feeds", "picture", "behaviours", "alerts", "store", "exchange", "patrol", "bridge", "drill", "evaluation", "proof", "report"),
    "ground": ("chart", "core"),
}
Imports = dict[str, set[str]]


def imports() -> Imports:
    """Which room, or module beside the rooms, imports which."""
    graph = grimp.build_graph("seaward", include_external_packages=False, cache_dir=None)
    named = sorted(m.split(".")[1] for m in graph.find_children("seaward"))
    found: Imports = {name: set() for name in named if name != "__main__"}
    for module in graph.modules:
        room = module.split(".")[1:2]
        if room and room[0] in found:
            others = {m.split(".")[1] for m in graph.find_modules_directly_imported_by(module) if "." in m}
            found[room[0]] |= others - set(room)
    return found


def needed(found: Imports) -> list[tuple[str, str]]:
    """The imports to draw: not those of core, which all have, nor those of the command, nor those that follow from others."""

    def below(name: str, without: str = "") -> set[str]:
        seen: set[str] = set()
        todo = [n for n in found[name] if n != without]
        while todo:
            if (n := todo.pop()) not in seen:
                seen.add(n)
                todo += found[n]
        return seen

    pairs = [(a, b) for a in found for b in found[a] if b != "core" and a != "cli"]
    return sorted((a, b) for a, b in pairs if b not in below(a, without=b))


def picture(found: Imports) -> str:
    """The house as a Mermaid flowchart; an arrow goes from who imports to what is imported."""
    homes = {name: k for k, names in enumerate(STOREYS.values()) for name in names}
    if homes.keys() != found.keys():
        raise ValueError(f"rooms without a storey, or storeys without a room: {sorted(homes.keys() ^ found.keys())}; write them into STOREYS")
    if up := [(a, b) for a in found for b in found[a] if homes[b] < homes[a]]:
        raise ValueError(f"these import from a storey above their own: {up}; put them where they stand in STOREYS")
    lines = ["```mermaid", "flowchart TB"]
    for k, (storey, names) in enumerate(STOREYS.items()):
        lines += [f'  subgraph s{k}["{storey}"]', *(f"    {n}{_shape(n)}" for n in names), "  end"]
    return "\n".join([*lines, *(f"  {a} --> {b}" for a, b in needed(found)), "```"])


def _shape(name: str) -> str:
    """Rooms (folders) with square corners, single modules round."""
    return f"[{name}]" if (ROOT / "src" / "seaward" / name).is_dir() else f"([{name}.py])"


def table(found: Imports) -> str:
    """What each is, in its own first sentence, and all that it imports beside core."""
    rows = ["| storey | room | what it is | imports, beside `core` |", "|---|---|---|---|"]
    for storey, names in STOREYS.items():
        for name in names:
            file = ROOT / "src" / "seaward" / (f"{name}/__init__.py" if _shape(name) == f"[{name}]" else f"{name}.py")
            others = ", ".join(n for names in STOREYS.values() for n in names if n in found[name] - {"core"})
            rows.append(f"| {storey} | `{file.relative_to(ROOT / 'src' / 'seaward')}` | {_sentence(file)} | {others} |".replace("/__init__.py", "/"))
    return "\n".join(rows)


def _sentence(file: Path) -> str:
    """The first of a module's docstring."""
    said = file.read_text(encoding="utf-8").split('"""')[1]
    return re.split(r"(?<=\.)\s", " ".join(said.split("\n\n")[0].split()))[0].replace("|", "or").replace("<", "&lt;")


def page() -> str:
    """The page as it should be."""
    found, said = imports(), PAGE.read_text(encoding="utf-8")
    for name, text in (("picture", picture(found)), ("rooms", table(found))):
        said = re.sub(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda m, text=text: m[1] + text + "\n" + m[2], said, flags=re.S)
    return said


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
