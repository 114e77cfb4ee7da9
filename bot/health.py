"""What an operator's monitoring asks: does it run, may it take traffic, does the escalation really turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from bot.app import Service
from escalation.ladder import OTHERS_PAGED
from escalation.rota import nobody_on_call, on_duty
from storage import canaries, off_cover, rota_alarms, silence
from storage.schema import alerts, moment, outbox, pages, stamp, timers
from storage.team import rota_between, team
from storage.telling import PAGE_LIFE, all_staff

STALE = timedelta(seconds=30)  # a loop that has not turned for this long is stuck: each turns every second or two
NEEDED = ("turns", "delivery", "clockwork")  # without these nothing is kept, answered or paged
OVERDUE = timedelta(seconds=60)  # a page or a timer that should have happened a minute ago; a breach has no grace
NOBODY_ANSWERS = "late claim"
ACCEPTED = ("sent", "delivered")
SLOW_LOOPS = {
    "retention": timedelta(minutes=5),
    "reconcile": timedelta(minutes=5),
    "copies": timedelta(minutes=10),
    "rota": timedelta(minutes=10),
    "farewells": timedelta(minutes=15),  # ten chats, a minute each at most
    "watching": timedelta(minutes=2),
    "polling": timedelta(minutes=2),
    "webhook": timedelta(hours=2),
    "waiting": timedelta(minutes=2),
    "turns": timedelta(days=36500),
}  # turns wait for messages


@dataclass(frozen=True, slots=True)
class Report:
    """`causes`: what is not well, in a word or two each."""

    well: bool
    shown: dict[str, object]
    causes: tuple[str, ...] = ()


async def ready(service: Service) -> Report:
    """Whether this process can take a message and keep it."""
    try:
        await service.database.read(lambda conn: conn.execute(sa.text("SELECT 1")).scalar())
    except DBAPIError:
        return Report(False, {"ready": False, "why": "the database does not answer"})
    stopped = service.loops.stopped(*NEEDED)
    if stopped:
        return Report(False, {"ready": False, "why": f"stopped: {', '.join(stopped)}. Start the service again."})
    return Report(True, {"ready": True})


async def escalation(service: Service) -> Report:
    """Last turn of each loop; the oldest page, timer and message that is overdue, page that no provider has accepted
    and alert past its breach; whether anybody is on call, and how many of those on duty no page reaches; the methods
    whose provider takes no page now, and whether any method of anybody is left; holes of the coming days and calendars
    that cannot be read, which are told to a person and are no fault of the service."""
    now = service.clock.now()
    late = await service.database.read(_overdue, now)
    people = await service.database.read(team, service.vault, now)
    loops = {name: (now - at).total_seconds() for name, at in service.loops.turned.items()}
    late_loops = {name for name, ago in loops.items() if ago > SLOW_LOOPS.get(name, STALE).total_seconds()}
    stuck = sorted(late_loops | set(service.loops.stopped()))
    nobody, shut = nobody_on_call(people), await service.database.read(_shut, now)
    silent, down = await service.database.read(silence.silent, now), await service.database.read(silence.down, now)
    lost = await service.database.read(canaries.lost, now)
    overdue = [kind for kind, ago in late.items() if ago and (kind == "claim" or ago >= OVERDUE.total_seconds())]
    causes = (
        *(f"loop {name}" for name in stuck),
        *(NOBODY_ANSWERS if kind == "claim" else f"late {kind}" for kind in overdue),
        *(("nobody on call",) if nobody else ()),
        *(("phones shut",) if shut else ()),
        *(("nobody reached",) if silent else ()),
        *(f"no pages by {method}" for method in down),
        *(f"lost on {channel}" for channel in lost),
    )
    shown: dict[str, object] = {"well": not causes, "causes": causes, "loops_seconds_ago": loops, "stuck": stuck}
    shown |= {"overdue_seconds": late, "nobody_on_call": nobody, "phones_shut": shut, "synthetic_lost": lost}
    shown |= {"nobody_reached": silent, "providers_down": list(down)}
    shown |= await service.database.read(_rota, now)
    return Report(not causes, shown, causes)


def _shut(conn: Connection, now: datetime) -> int:
    """How many would be on duty and are off cover: their phones shut, or page after page was lost there."""
    rota = rota_between(conn, all_staff(conn), now, now)
    return len(off_cover.everybody(conn).keys() & on_duty(replace(rota, off_cover=frozenset()), now).keys())


def _rota(conn: Connection, now: datetime) -> dict[str, object]:
    return {"rota_gaps": len(rota_alarms.holes(conn, now)), "feeds_stale": len(rota_alarms.stale(conn, now))}


def _overdue(conn: Connection, now: datetime) -> dict[str, float]:
    """Seconds by which the oldest of each kind is late, 0 for none. An alert whose holder lets the pages of its rise
    pass counts as one that nobody has taken."""
    open_ = alerts.c.state == "open"
    unanswered = (alerts.c.level >= OTHERS_PAGED) & (alerts.c.next_page_at < alerts.c.claim_until)
    nobody = open_ | ((alerts.c.state == "claimed") & unanswered)
    past = (nobody, alerts.c.breach_at < stamp(now))
    oldest = {
        "page": sa.select(sa.func.min(alerts.c.next_page_at)).where(alerts.c.state != "resolved"),
        "timer": sa.select(sa.func.min(timers.c.due_at)).where(timers.c.kind != "page"),
        "message": sa.select(sa.func.min(outbox.c.due_at)).where(outbox.c.status == "due", outbox.c.attempts == 0),
        "claim": sa.select(sa.func.min(alerts.c.breach_at)).where(*past),
    }
    found = {name: conn.execute(query).scalar() for name, query in oldest.items()} | {"accepted": _not_accepted(conn)}
    return {name: max(0.0, (now - moment(ms)).total_seconds()) if ms else 0.0 for name, ms in found.items()}


def _not_accepted(conn: Connection) -> int | None:
    """Since when the oldest page is in no provider's hands: one that still waits, however often it was tried, or the
    first of an open alert of which none ever got out."""
    waiting = sa.select(sa.func.min(outbox.c.expires_at)).where(
        outbox.c.kind == "page", outbox.c.status.in_(("due", "sending", "checking"))
    )
    expires = conn.execute(waiting).scalar()
    written = () if expires is None else (expires - round(PAGE_LIFE.total_seconds() * 1000),)
    out = sa.func.max(sa.case((outbox.c.status.in_(ACCEPTED), 1), else_=0))
    tried = (
        sa.select(sa.func.min(pages.c.at).label("at"))
        .join(alerts, alerts.c.id == pages.c.alert_id)
        .join(outbox, outbox.c.id == pages.c.id)
        .where(alerts.c.state == "open")
        .group_by(alerts.c.id)
        .having(out == 0)
        .subquery()
    )
    lost = conn.execute(sa.select(sa.func.min(tried.c.at))).scalar()
    return min((*written, *(() if lost is None else (lost,))), default=None)
