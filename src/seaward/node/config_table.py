"""What the tables of a configuration are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from seaward.alerts.rules import KINDS

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def named(path: Any) -> Any:
    """A path, unless it is empty."""
    if isinstance(path, str) and not path.strip():
        raise ValueError("it is empty; name a file or a folder, or leave the key out")
    return path


Port = Annotated[int, Field(ge=0, le=65535, strict=True)]
There = Annotated[Path, BeforeValidator(named)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Kind = Literal[KINDS]  # type: ignore[valid-type]
Nation = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Table(BaseModel):
    """A table of the configuration: no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)
