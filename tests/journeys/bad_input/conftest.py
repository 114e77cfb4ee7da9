"""A house that Telegram posts its updates to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.journeys.house import House


@pytest.fixture
async def hooked(tmp_path: Path) -> AsyncIterator[House]:
    """A house that Telegram posts its updates to."""
    async with Hooked(tmp_path) as house:
        yield house


class Hooked(House):
    """Settings want https for a webhook; here everything stays on this machine."""

    def settings(self) -> Settings:
        return super().settings().model_copy(update={"telegram_mode": "webhook"})
