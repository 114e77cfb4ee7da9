"""The reader as it ships, built once: a second for all the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.authoring.signals import read_signals
from flows.safety.danger import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    return read_signals()


@pytest.fixture
def little(tmp_path: Path) -> Callable[..., Reader]:
    """A reader of a few lines of YAML under the keys of one language's file."""

    def build(text: str, language: str = "en") -> Reader:
        (tmp_path / f"{language}.yaml").write_text(f"language: {language}\n{text}", encoding="utf-8")
        return read_signals(tmp_path)

    return build
