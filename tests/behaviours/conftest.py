"""`sea` is imported by name; with import-mode importlib its folder must be on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
