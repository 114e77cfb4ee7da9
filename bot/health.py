"""What an operator's monitoring asks: does it run, may it take traffic, does the escalation really turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from bot.app import Service
from escalation.rota import nobody_on_call
from storage.accounts import everybody
from storage.schema import alerts, moment, outbox, timers

STALE = timedelta(seconds=30)  # a loop that has not turned for this long is stuck: each turns every second or two
OVERDUE = timedelta(seconds=60)  # a page or a timer that should have happened a minute ago
SLOW_LOOPS = {
    "retention": timedelta(minutes=5),
    "reconcile": timedelta(minutes=5),
    "polling": timedelta(minutes=2),
    "webhook": timedelta(hours=2),
    "turns": timedelta(days=36500),
}  # turns wait for messages


@dataclass(frozen=True, slots=True)
class Report:
    well: bool
    shown: dict[str, object]


async def ready(service: Service) -> Report:
    """Whether this process can take a message and keep it."""
    try:
        await service.database.read(lambda conn: conn.execute(sa.text("SELECT 1")).scalar())
    except DBAPIError:
        return Report(False, {"ready": False, "why": "the database does not answer"})
    return Report(True, {"ready": True})


async def escalation(service: Service) -> Report:
    """Last turn of each loop, the oldest overdue page, timer and message, and whether anybody is on call."""
    now = service.clock.now()
    late = await service.database.read(_overdue, now)
    staff = await service.database.read(everybody)
    loops = {name: (now - at).total_seconds() for name, at in service.loops.turned.items()}
    stuck = [name for name, ago in loops.items() if ago > SLOW_LOOPS.get(name, STALE).total_seconds()]
    nobody = nobody_on_call(staff)
    well = not stuck and not nobody and all(seconds < OVERDUE.total_seconds() for seconds in late.values())
    shown: dict[str, object] = {"well": well, "loops_seconds_ago": loops, "stuck": stuck}
    return Report(well, shown | {"overdue_seconds": late, "nobody_on_call": nobody})


def _overdue(conn: Connection, now: datetime) -> dict[str, float]:
    oldest = {
        "page": sa.select(sa.func.min(timers.c.due_at)).where(timers.c.kind == "page"),
        "timer": sa.select(sa.func.min(timers.c.due_at)).where(timers.c.kind != "page"),
        "message": sa.select(sa.func.min(outbox.c.due_at)).where(outbox.c.status == "due", outbox.c.attempts == 0),
        "claim": sa.select(sa.func.min(alerts.c.breach_at)).where(alerts.c.state == "open", alerts.c.level == 0),
    }
    found = {name: conn.execute(query).scalar() for name, query in oldest.items()}
    return {name: max(0.0, (now - moment(ms)).total_seconds()) if ms else 0.0 for name, ms in found.items()}
