"""What is there for those who run a node for months: linted, hardened, and of the configuration that the program reads."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from seaward.node.config import read_config

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def unit(folder: Path) -> Path:
    """The unit, with a program that is here in the place of the installed one, which the linter looks for."""
    made = folder / "seaward.service"
    made.write_text((DEPLOY / "seaward.service").read_text().replace("/opt/seaward/bin/seaward", "/bin/true"))
    return made


def analyze(*words: object) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here, so the unit is not linted")
    return subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True, timeout=60, check=False)


def test_the_unit_has_no_mistake(tmp_path: Path) -> None:
    done = analyze("verify", unit(tmp_path))
    assert done.returncode == 0 and done.stderr == ""


def test_the_unit_exposes_little(tmp_path: Path) -> None:
    done = analyze("security", "--offline=true", "--no-pager", unit(tmp_path))
    found = re.search(r"exposure level for seaward.service: (\d+\.\d)", done.stdout)
    assert found and float(found[1]) < 2.5, done.stdout[-300:]


def test_the_configuration_that_comes_along_is_read_without_a_mistake() -> None:
    told = read_config(DEPLOY / "node.toml", files=False)
    assert told.listen.host == "127.0.0.1" and told.feed[0].kind == "udp"


def test_the_container_runs_as_nobody_in_particular_with_nothing_secret_in_it() -> None:
    said = (DEPLOY / "Containerfile").read_text()
    assert re.search(r"^USER \d+:\d+$", said, re.M) and "HEALTHCHECK" in said and "STOPSIGNAL SIGTERM" in said
    assert ":latest" not in said and not re.search(r"(?i)(password|secret|token)\s*=", said)
    assert said.index("\nUSER ") < said.index("\nENTRYPOINT ")
