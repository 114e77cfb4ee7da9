"""What of the queue a worker looks at: by tier, kind, whose it is, her language, and what is late. Pure.

It hides from the list alone: "take the most urgent" is always of all that wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from escalation.answering import is_late
from escalation.order import is_held, waits
from escalation.ports import Alert

Field = Literal["whose", "late", "tier", "kind", "language"]
FIELDS: tuple[Field, ...] = get_args(Field)
LATE = "late"


@dataclass(frozen=True, slots=True)
class Sift:
    """`wanted`: one value of each field that is asked for; of a field that is not, all."""

    wanted: Mapping[Field, str]

    def shows(self, alert: Alert, staff: str, now: datetime, but: Field | None = None) -> bool:
        """`but`: a field that does not count."""
        values = facets(alert, staff, now)
        return all(value in values[field] for field, value in self.wanted.items() if field != but)

    def counts(self, alerts: Iterable[Alert], staff: str, now: datetime) -> Mapping[Field, Counter[str]]:
        """How many each value would show, the other fields as they are."""
        found: dict[Field, Counter[str]] = {field: Counter() for field in FIELDS}
        for alert in alerts:
            for field, values in facets(alert, staff, now).items():
                if self.shows(alert, staff, now, but=field):
                    found[field].update(values)
        return found

    def turned(self, field: Field, value: str) -> Mapping[Field, str]:
        """What is asked for when this value is pressed: it comes in, or goes out where it was."""
        others = {name: wanted for name, wanted in self.wanted.items() if name != field}
        return others if self.wanted.get(field) == value else others | {field: value}


def facets(alert: Alert, staff: str, now: datetime) -> Mapping[Field, tuple[str, ...]]:
    """What the alert is found under. `staff`: who looks."""
    mine = is_held(alert, now) and alert.holder == staff
    return {
        "whose": ("unclaimed",) if waits(alert, now) else ("mine",) if mine else (),
        "late": (LATE,) if is_late(alert, now) else (),
        "tier": (alert.tier,),
        "kind": (alert.kind,),
        "language": (alert.language,) if alert.language else (),
    }
