"""What comes when: her next check-in, moved to a moment at which her phone may be written to; and scheduled flows.

A scheduled flow sends nothing for its own sake: it waits for a contact that her own rhythm, or she, brings about. So
nothing leaves outside her safe hours, and the rhythm on her phone is the same whatever the programme schedules.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from flows.engine.draft import Draft
from flows.engine.effects import Cancel, Schedule
from flows.engine.model import Flow, Recurrence
from flows.safety.hours import next_safe, safe_until

DAY = timedelta(days=1)
NEVER = datetime.max.replace(tzinfo=UTC)


def schedule_checkin(draft: Draft) -> None:
    """One timer a person: scheduling it again moves it. Without safe hours a worker keeps the rhythm instead."""
    _due_at(draft, draft.at + timedelta(days=draft.contact.rhythm_days))


def move_checkin(draft: Draft) -> None:
    """Her hours or her zone changed: the check-in that was due stays due, at a moment that is safe now."""
    stands = draft.memory.checkin_due
    if stands is not None and stands > draft.at:
        _due_at(draft, stands)
    else:
        schedule_checkin(draft)


def _due_at(draft: Draft, wanted: datetime) -> None:
    if draft.memory.joined_at is None:
        return
    draft.memory = replace(draft.memory, checkin_due=wanted)
    due = next_safe(draft.contact, wanted)
    if due is not None:
        draft.effects.append(Schedule("checkin", due))


def not_now(draft: Draft) -> None:
    """She answered a ping and has no time: another comes in her next window, and nobody counts this one as missed."""
    if draft.memory.pinged_at is None:
        return
    draft.memory = draft.memory.answered()
    draft.effects.append(Cancel("missed"))
    draft.note("not_now")
    closes = safe_until(draft.contact, draft.at)
    due = next_safe(draft.contact, closes or draft.at + DAY)
    if due is not None:
        draft.effects.append(Schedule("checkin", due))


def due_flow(draft: Draft) -> str:
    """The scheduled flow that has waited longest, or ''; none while risk is raised.

    Under duress the same one as if all had been fine: its first question asks leave, and is answered with not now.
    """
    joined, raised = draft.memory.joined_at, draft.session is not None and draft.session.tier not in (None, "P3")
    if joined is None or (raised and not draft.suspect):
        return ""
    if draft.memory.ask_confirm and draft.may_show and draft.may_begin(draft.programme.rules.confirming):
        return draft.programme.rules.confirming
    waiting = [
        (came, name)
        for name, flow in draft.programme.flows.items()
        if flow.schedule is not None
        and draft.may_begin(name)
        and (came := _came(flow.schedule, joined, draft.at)) is not None
        and draft.memory.not_before.get(name, joined) <= draft.at
    ]
    return min(waiting)[1] if waiting else ""


def ended(draft: Draft, flow: Flow, later: bool) -> None:
    """A scheduled flow was done, or put off to another day."""
    if flow.schedule is None:
        return
    until = draft.at + DAY if later else after(flow.schedule, draft.memory.joined_at or draft.at, draft.at)
    draft.memory = replace(draft.memory, not_before=draft.memory.not_before | {flow.name: until})


def _came(schedule: Recurrence, joined: datetime, now: datetime) -> datetime | None:
    """When it last fell due; None before the first time, and when a last time is long past."""
    days = (now - joined) // DAY
    if days < schedule.after or (schedule.until and days >= schedule.until + schedule.every):
        return None
    last = min(days, schedule.until) if schedule.until else days
    times = (last - schedule.after) // schedule.every if schedule.every else 0
    return joined + (schedule.after + times * schedule.every) * DAY


def after(schedule: Recurrence, joined: datetime, now: datetime) -> datetime:
    """When it falls due next; NEVER when it comes once."""
    if not schedule.every:
        return NEVER
    times = max(0, (now - joined) // DAY - schedule.after) // schedule.every + 1
    return joined + (schedule.after + times * schedule.every) * DAY
