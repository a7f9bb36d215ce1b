"""What all tests share: hypothesis without a deadline (the first call compiles), and the folder of real data."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("seaward", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("seaward")

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of data made by others, which is not part of the project."""
    if not DATA.is_dir():
        pytest.skip(f"real data is not beside the project (expected at {DATA.name} in ../shared); it is not part of a clone")
    return DATA
