"""Whom a step of the ladder calls, given everybody with the duty that they have now (`storage.team`)."""

from __future__ import annotations

from collections.abc import Sequence

from escalation.ports import Duty, Staff

FALL_BACK: tuple[Duty, ...] = ("backup", "supervisor")


def called(staff: Sequence[Staff], duties: Sequence[Duty]) -> tuple[Staff, ...]:
    """The workers with one of these duties. Nobody there: the next who are, in the end every active worker."""
    active = [s for s in staff if s.active and s.role in ("worker", "supervisor")]
    for wanted in (tuple(duties), *((duty,) for duty in FALL_BACK)):
        found = tuple(s for s in active if s.duty in wanted)
        if found:
            return found
    return tuple(active)


def nobody_on_call(staff: Sequence[Staff]) -> bool:
    """A hole in the rota, which is itself an alarm (SAFETY 24)."""
    return not any(s.active and s.duty == "on_call" and s.role in ("worker", "supervisor") for s in staff)
