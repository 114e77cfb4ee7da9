"""Small writes that come one by one, committed together: what waits at one moment is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.engine import Connection

from storage.database import Database

Item = TypeVar("Item")
Result = TypeVar("Result")
Unit = Callable[[Connection, Sequence[Item]], Sequence[Result]]

MOST = 128  # items a transaction, as for turns


class Together(Generic[Item, Result]):
    """`unit` writes all items that wait and returns one result for each. Each commit costs a wait for the disk."""

    def __init__(self, database: Database, unit: Unit[Item, Result]) -> None:
        self._database, self._unit = database, unit
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, item: Item) -> Result:
        """Returns once it is durable. Raises what its own write raised: another's fault is not its own."""
        written: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await written

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await self._commit(group)

    async def _commit(self, group: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._database.write(self._unit, [item for item, _ in group])
        except Exception as error:  # noqa: BLE001 - whoever waits hears of it
            if len(group) > 1:
                for one in group:
                    await self._commit([one])
            elif not group[0][1].done():
                group[0][1].set_exception(error)
            return
        for (_, written), result in zip(group, results, strict=True):
            if not written.done():
                written.set_result(result)
