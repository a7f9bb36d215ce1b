"""The version of this program, for the rooms; others know it as `seaward.__version__`."""

from typing import Final

VERSION: Final = "0.1.0"
