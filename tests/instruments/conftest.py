"""The made-up licensed forms over what ships, as a programme would load its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.authoring.load import SHIPPED, load_programme
from flows.engine.programme import Programme

LICENSED = Path(__file__).parent / "licensed"
LOCALES = Path(__file__).parents[2] / "locales"


@pytest.fixture(scope="session")
def licensed() -> Programme:
    return load_programme([SHIPPED, LICENSED], LOCALES)
