"""Deletes what stands on the phones of people who were erased: a slow loop over `farewells`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from bot.channels.base import Channel, SendFailed, Unreachable
from bot.clock import Clock
from storage import farewells
from storage.database import Database
from storage.vault import Vault

log = structlog.get_logger()

EVERY = 5.0  # seconds between two rounds
REQUEST = 60.0  # seconds that one wipe may take; shorter than the lease


class Farewells:
    """Safe on any replica: each row is leased, and deleting twice is harmless."""

    def __init__(self, database: Database, vault: Vault, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._database, self._vault, self._channels, self._clock = database, vault, channels, clock

    async def once(self) -> None:
        if await self.look() < farewells.BATCH:
            await asyncio.sleep(EVERY)

    async def look(self) -> int:
        """One round. Returns how many erasures were tried."""
        names = sorted(self._channels)
        claimed = await self._database.write(farewells.claim, self._vault, names, self._clock.now())
        for farewell in claimed:
            await self._wipe(farewell)
        return len(claimed)

    async def _wipe(self, farewell: farewells.Farewell) -> None:
        wipe = self._channels[farewell.channel].wipe
        try:
            left = await asyncio.wait_for(wipe(farewell.address, farewell.messages), REQUEST)
        except Unreachable:
            await self._database.write(farewells.done, farewell, len(farewell.messages))
        except (SendFailed, TimeoutError) as failed:
            code = failed.code if isinstance(failed, SendFailed) else "timeout"
            log.info("farewell.later", channel=farewell.channel, code=code, attempt=farewell.attempts)
            await self._database.write(farewells.later, farewell, self._clock.now())
        else:
            await self._database.write(farewells.done, farewell, len(left))
