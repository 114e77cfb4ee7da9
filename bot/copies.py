"""Deletes what a provider keeps of messages, where ROWAN_DELETE_PROVIDER_COPIES is on: a slow loop over `copies`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from bot.channels.base import Channel, SendFailed
from bot.clock import Clock
from storage import copies
from storage.database import Database
from storage.vault import Vault

log = structlog.get_logger()

UNDER_WAY = "20009"  # the message is: this one is too early, and says nothing of the others
EVERY = 15.0  # seconds between two rounds; a full round is followed at once


class Copies:
    """`channels`: those that can be asked to delete. Safe on any replica: each row is leased."""

    def __init__(self, database: Database, vault: Vault, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._database, self._vault, self._channels, self._clock = database, vault, channels, clock

    async def once(self) -> None:
        if await self.look() < copies.BATCH:
            await asyncio.sleep(EVERY)

    async def look(self) -> int:
        """One round. Returns how many were tried; 0 where the provider refused, so that it is not hammered."""
        names = sorted(self._channels)
        claimed = await self._database.write(copies.claim, self._vault, names, self._clock.now())
        for copy in claimed:
            try:
                await self._channels[copy.channel].delete_copy(copy.provider_id)
            except SendFailed as failed:
                log.info("copy.kept", channel=copy.channel, code=failed.code, attempt=copy.attempts)
                await self._database.write(copies.later, copy, self._clock.now())
                if failed.code != UNDER_WAY:
                    return 0  # the rest come back when their lease is over
            else:
                await self._database.write(copies.deleted, copy)
        return len(claimed)
