"""Who is on duty: calendars in layers, covers between colleagues, duties set by hand; all of it pure."""

from __future__ import annotations

from escalation.rota.calling import called, nobody_on_call
from escalation.rota.duty import Cover, CoverKind, Rota, Shift, on_duty, spans, with_duties
from escalation.rota.gaps import Gap, gaps

__all__ = [
    "Cover",
    "CoverKind",
    "Gap",
    "Rota",
    "Shift",
    "called",
    "gaps",
    "nobody_on_call",
    "on_duty",
    "spans",
    "with_duties",
]
