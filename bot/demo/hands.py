"""The hands of the demo's clock: moved forward, they stop at every moment at which something is due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.app import Service
from storage import timers as due_timers
from storage.schema import alerts, moment, outbox, staff_sessions, stamp, timers
from storage.telling import RECEIPT

LONGEST = timedelta(days=8)  # of one move: a check-in every week comes into reach
LOOKS, BETWEEN_LOOKS = 200, 0.005  # how often, and seconds: one second in all for messages under way to arrive
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Due:
    """What the clock would reach first. `owner` is a person's id, or an alert's ref for a page."""

    at: datetime
    kind: str
    owner: str


class Hands:
    """Moves the clock of a service whose own loops turn. `seen` is called at each stop."""

    def __init__(self, service: Service, seen: Callable[[], Awaitable[None]]) -> None:
        self._service, self._seen = service, seen
        self._one_at_a_time = asyncio.Lock()
        self._hold = False

    @property
    def moving(self) -> bool:
        return self._one_at_a_time.locked()

    async def forward(self, by: timedelta) -> None:
        """Let so much time pass. Raises ValueError for a step back or beyond LONGEST."""
        if not NOTHING <= by <= LONGEST:
            raise ValueError("the clock moves forward, at most eight days at once")
        async with self._one_at_a_time:
            await self._service.database.write(_keep_signed_in, by)
            await self._pass(self._service.clock.now() + by)

    async def to_next(self) -> None:
        """To the moment at which the next thing is due, if anything is."""
        due = await self.next()
        if due is not None:
            await self.forward(min(max(due.at - self._service.clock.now(), NOTHING), LONGEST))

    async def still(self) -> None:
        """Stop where they are: whoever writes on a phone does it now, and not at some time of a long move."""
        self._hold = True
        async with self._one_at_a_time:
            self._hold = False

    async def next(self) -> Due | None:
        return await self._service.database.read(_next)

    async def _pass(self, target: datetime) -> None:
        """Nothing may be in the air while the clock jumps: its lease would run out."""
        service = self._service
        await quiet(service)
        while (due := await service.database.read(due_timers.next_due)) is not None and due <= target:
            await self._stop_at(due)
            if self._hold:
                return
        await self._stop_at(target)

    async def _stop_at(self, at: datetime) -> None:
        await self._service.pass_time(max(at - self._service.clock.now(), NOTHING))
        await quiet(self._service)
        await self._seen()


async def quiet(service: Service) -> None:
    """Until what is due has been done and sent, by the service's own loops or by this one; at most a second or two."""
    for _ in range(LOOKS):
        if not await service.database.read(_under_way, service.clock.now()):
            return
        await service.delivery.drain()
        await asyncio.sleep(BETWEEN_LOOKS)


def _under_way(conn: Connection, now: datetime) -> bool:
    waiting = sa.and_(outbox.c.status.in_(("due", "checking")), outbox.c.due_at <= stamp(now))
    query = sa.select(outbox.c.id).where(sa.or_(outbox.c.status == "sending", waiting))
    step = due_timers.next_due(conn)  # a page is written by the ladder's own step, a moment after what raised it
    return conn.execute(query.limit(1)).first() is not None or (step is not None and step <= now)


def _keep_signed_in(conn: Connection, by: timedelta) -> None:
    """Whoever sits before the console has not waited: their sessions do not grow older with the clock."""
    ms = round(by.total_seconds() * 1000)
    times = {"created_at": staff_sessions.c.created_at + ms, "seen_at": staff_sessions.c.seen_at + ms}
    conn.execute(sa.update(staff_sessions).values(**times))


def _next(conn: Connection) -> Due | None:
    query = sa.select(timers, alerts.c.ref).join_from(timers, alerts, alerts.c.id == timers.c.owner_id, isouter=True)
    query = query.where(timers.c.kind != RECEIPT)  # nothing happens then where the page arrived
    row = conn.execute(query.order_by(timers.c.due_at).limit(1)).first()
    return None if row is None else Due(moment(row.due_at), row.kind, row.ref or row.owner_id)
