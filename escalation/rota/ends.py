"""When a shift ends by the rota, and who has it then."""

from __future__ import annotations

from datetime import datetime, timedelta

from escalation.rota.duty import Rota, edges, on_duty

AHEAD = timedelta(hours=36)  # a shift that ends later than this has no end that anybody asks for yet


def ends_at(rota: Rota, staff: str, now: datetime) -> datetime | None:
    """When the duty that they have now ends or changes; None without one, and where that is further than AHEAD."""
    duty = on_duty(rota, now).get(staff)
    if duty is None:
        return None
    later = (at for at in edges(rota, now, now + AHEAD) if at > now)
    return next((at for at in later if on_duty(rota, at).get(staff) != duty), None)


def followers(rota: Rota, staff: str, now: datetime) -> tuple[str, ...]:
    """Staff ids of who has their duty when it ends; nobody where it has no end, or leaves a hole."""
    end = ends_at(rota, staff, now)
    if end is None:
        return ()
    duty = on_duty(rota, now)[staff]
    return tuple(sorted(id for id, has in on_duty(rota, end).items() if has == duty and id != staff))


def changing(rota: Rota, now: datetime, within: timedelta) -> tuple[frozenset[str], frozenset[str]]:
    """Staff ids of those whose shift ends within this time, and of those whose shift begins."""
    ending: set[str] = set()
    beginning: set[str] = set()
    has = on_duty(rota, now)
    for at in (one for one in edges(rota, now, now + within) if one > now):
        then = on_duty(rota, at)
        ending |= {staff for staff, duty in has.items() if then.get(staff) != duty}
        beginning |= {staff for staff in then if staff not in has}
        has = then
    return frozenset(ending), frozenset(beginning)


def gone_since(rota: Rota, staff: str, now: datetime, back: timedelta) -> bool:
    """Whether they have no duty now and had one, by the calendars, within `back`. `rota`: of that time."""
    if staff in on_duty(rota, now):
        return False
    return any(staff in on_duty(rota, at) for at in edges(rota, now - back, now) if at < now)
