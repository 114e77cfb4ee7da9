"""The two clocks of an alert: by when a worker should have it, and by when she should have heard from one. Pure.

The first ends with a claim. The second runs on after it, until a worker's words have gone to her phone or the worker
has recorded that they reached her another way; worse from her, or a call that wakes the alert, begins it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args

from escalation.order import waits
from escalation.ports import Alert, Outcome
from flows.engine.model import Tier

Clock = Literal["worker", "recipient"]
CLOCKS: tuple[Clock, ...] = get_args(Clock)

# After the time to claim. P0 and P1: five and ten minutes in all with the ladder that ships; the figure of the field is
# five minutes to a first answer at high risk (FACTS.md, Crisis Text Line). The others: within a day, within three.
AFTER: Mapping[Tier, timedelta] = {
    "P0": timedelta(minutes=3),
    "P1": timedelta(minutes=5),
    "P2": timedelta(hours=20),
    "P3": timedelta(hours=48),
}
STAFFS_OWN = ("task", "fault")  # kinds of alert of which she knows nothing: she waits for no answer
SPOKE: tuple[Outcome, ...] = ("spoke_safe", "spoke_plan_acted", "emergency_services_asked_by_her")


def answer_by(alert: Alert) -> datetime | None:
    """When she should have heard from a worker; None where she waits for nothing."""
    return None if alert.kind in STAFFS_OWN else alert.breach_at + AFTER[alert.tier]


def is_late(alert: Alert, now: datetime) -> bool:
    """Whether either clock has run out: nobody has it though they should, or nobody has answered her."""
    if waits(alert, now) and alert.breach_at <= now:
        return True
    by = answer_by(alert)
    return by is not None and alert.answered_at is None and by <= now
