"""The pages of node, API and security say what the program does."""

from __future__ import annotations

import ast
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from seaward.node import config, config_outlets
from seaward.node.feed_url import feed_of
from seaward.server.problems import STATUS

ROOT = Path(__file__).resolve().parents[2]
FEEDS = (config.Udp, config.Tcp, config.TcpServer, config.Serial, config.File, config.Folder, config.Nats)


def read(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def keys(model: type[BaseModel], prefix: str = "") -> dict[str, list[Any]]:
    """Every key with its defaults; None is `none`, and what has none is `needed`."""
    found: dict[str, list[Any]] = {}
    for name, field in model.model_fields.items():
        tables = [t for t in (field.annotation, *get_args(field.annotation)) if isinstance(t, type) and issubclass(t, BaseModel)]
        if name == "feed":
            for table in FEEDS:
                for key, values in keys(table, "feed.").items():
                    found.setdefault(key, []).extend(values)
        elif name == "outlet":
            for table in config_outlets.OUTLETS:
                for key, values in keys(table, "outlet.").items():
                    found.setdefault(key, []).extend(values)
        elif name == "exchange":
            found |= keys(config.ExchangeConfig, "exchange.")
        elif name == "share":
            found |= keys(config.ShareConfig, "exchange.share.")
        elif tables:
            found |= keys(tables[0], f"{prefix}{name}.")
        else:
            found[prefix + name] = ["needed" if field.is_required() else "none" if field.default is None else field.default]
    return found


def test_every_key_of_the_configuration_is_in_the_page_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+?) \|", read("node.md"), re.M))
    said = {k: v if v in ("none", "needed") else tomllib.loads(f"v = {v.strip('`')}")["v"] for k, v in rows.items()}
    there = keys(config.Config)
    assert said.keys() == there.keys()
    for key, values in there.items():
        plain = [str(v) if isinstance(v, Path) else list(v) if isinstance(v, tuple) else v for v in values]
        assert said[key] in plain, key


def test_the_feeds_of_the_page_can_be_given() -> None:
    urls = re.findall(r"\| `([a-z-]+://[^`]+)` \| `kind = \"([a-z-]+)\"", read("node.md"))
    assert {kind for _, kind in urls} == {"udp", "tcp", "tcp-server", "serial", "file", "folder", "nats"}
    for url, kind in urls:
        config.config_of({"feed": [feed_of(url)]})
        assert feed_of(url)["kind"] == kind


def test_every_test_that_the_page_of_security_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", read("security.md"))
    assert len(named) > 30
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert not test or test in functions, f"{file}::{test}"


def test_every_threat_names_a_test() -> None:
    threats = [line for line in read("security.md").splitlines() if line.startswith("| ") and line.count("|") == 5]
    assert len(threats) > 15
    assert all("`tests/" in line for line in threats if not line.startswith("| who |"))


def test_the_table_of_routes_is_the_programs_own() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_api_page.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["page"](), "run: python tools/make_api_page.py"


def test_the_refusal_in_the_page_is_one_there_is() -> None:
    code, status = re.findall(r'urn:seaward:problem:(\w+)".*?"status": (\d+)', read("api.md"))[0]
    assert STATUS[code] == int(status)
