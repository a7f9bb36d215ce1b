"""Worlds of these tests are imported by name; with import-mode importlib their folder must be on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
