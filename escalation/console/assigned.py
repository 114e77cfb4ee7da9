"""What the reader of the case page may do there, and whose case it is. Pure; the desk has the last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from escalation.access import TAKES_CASES, Act, As, Assignment, Relation, Stance
from escalation.ladder import URGENT
from escalation.order import is_held
from escalation.ports import Alert, Staff

AS: tuple[As, ...] = get_args(As)


@dataclass(frozen=True, slots=True)
class Assigned:
    """`standing` as they are; `colleagues` who could be assigned: everybody who takes cases and is not kept apart."""

    stance: Stance
    standing: tuple[Assignment, ...]
    colleagues: tuple[Staff, ...]
    reader: str
    kinds: tuple[As, ...] = AS

    def may(self, act: Act) -> bool:
        return self.stance.may(act)

    def takes(self, alert: Alert) -> bool:
        return self.may("take_urgent" if alert.tier in URGENT else "take")

    @property
    def mine(self) -> tuple[As, ...]:
        """As what it is the reader's own."""
        return tuple(one.as_ for one in self.standing if one.staff == self.reader)


def assigned(
    alerts: Sequence[Alert],
    standing: Sequence[Assignment],
    apart: Sequence[str],
    everybody: Sequence[Staff],
    reader: Staff,
    now: datetime,
) -> Assigned:
    """`apart`: staff ids. The page has been opened, so its reader is not among them."""
    relation: Relation = "own" if any(one.staff == reader.id for one in standing) else "other"
    if any(alert.holder == reader.id and is_held(alert, now) for alert in alerts):
        relation = "held"
    colleagues = tuple(one for one in everybody if one.active and one.role in TAKES_CASES and one.id not in apart)
    return Assigned(Stance(reader.role, relation), tuple(standing), colleagues, reader.id)
