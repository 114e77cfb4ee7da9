"""When her next check-in is due: her rhythm, moved to the next moment at which her phone may be written to."""

from __future__ import annotations

from datetime import timedelta

from flows.engine.draft import Draft
from flows.engine.effects import Schedule
from flows.safety.hours import next_safe


def schedule_checkin(draft: Draft) -> None:
    """One timer a person: scheduling it again moves it. Without safe hours a worker keeps the rhythm instead."""
    due = next_safe(draft.contact, draft.at + timedelta(days=draft.contact.rhythm_days))
    if due is not None and draft.memory.joined_at is not None:
        draft.effects.append(Schedule("checkin", due))
