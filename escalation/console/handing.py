"""What the case page says of handing an alert on, putting it off, and of who is kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from escalation.access import TAKES_CASES
from escalation.claims import LONGEST_SNOOZE, Apart
from escalation.console.clocks import Clock, about
from escalation.console.doors import CASEWORK
from escalation.ports import Alert, Staff

SPANS = (30, 60, 120, 240, 480, 1440, 4320, 10080)  # minutes to put an alert off by


@dataclass(frozen=True, slots=True)
class Handing:
    """`colleagues` may be offered the alert or kept apart; `spans` are (minutes, in words), none for a P0."""

    colleagues: tuple[Staff, ...]
    spans: tuple[tuple[int, str], ...]
    apart: tuple[Apart, ...]
    team: tuple[Staff, ...]  # who may be kept apart
    supervises: bool
    may_offer: bool  # a supervisor, of an alert that somebody else has, or nobody


def handing(
    alert: Alert | None, apart: Sequence[Apart], everybody: Sequence[Staff], reader: Staff, clock: Clock
) -> Handing:
    kept = {one.staff for one in apart}
    others = [s for s in everybody if s.active and s.role in TAKES_CASES and s.id != reader.id and s.id not in kept]
    colleagues = tuple(s for s in others if s.role in CASEWORK)
    supervises = reader.role == "supervisor"
    may_offer = supervises and alert is not None and alert.state in ("open", "claimed") and alert.holder != reader.id
    return Handing(colleagues, _spans(alert, clock), tuple(apart), tuple(others), supervises, may_offer)


def _spans(alert: Alert | None, clock: Clock) -> tuple[tuple[int, str], ...]:
    longest = LONGEST_SNOOZE.get(alert.tier) if alert is not None else None
    if longest is None:
        return ()
    most = longest.total_seconds() / 60
    return tuple((minutes, about(minutes * 60, clock.strings)) for minutes in SPANS if minutes <= most)
