"""The queue as it is read: who waits, who is in hand, and the two clocks of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from escalation.console.banner import word
from escalation.console.clocks import Clock
from escalation.ladder import unanswered
from escalation.ports import Alert

MOST = 100  # alerts on one page: more than anybody reads through, and the page says that there are more


@dataclass(frozen=True, slots=True)
class Row:
    alert: Alert
    where: str  # 'Telegram'
    language: str  # 'Spanish'
    writable: str  # 'you can write for 19 min'
    mine: bool
    silent: bool = False  # its holder did not answer when it rose: it can be taken over

    @property
    def facts(self) -> tuple[str, ...]:
        """What is known of how to reach her: nothing where her record cannot be opened."""
        return tuple(fact for fact in (self.where, self.language, self.writable) if fact)


@dataclass(frozen=True, slots=True)
class Queue:
    """`waiting` in the order of urgency; `mine` and `others` are claimed and their claim still runs.

    `asked`: offered to the reader, whoever has it. `closing`: to be signed by a second person. `asleep`: put off.
    """

    waiting: tuple[Row, ...]
    mine: tuple[Row, ...]
    others: tuple[Row, ...]
    asked: tuple[Row, ...]
    closing: tuple[Row, ...]
    asleep: tuple[Row, ...]
    full: bool


def is_held(alert: Alert, now: datetime) -> bool:
    """Claimed, and the claim has not run out: a claim is a lease, not a possession."""
    return alert.state == "claimed" and (alert.claim_until is None or alert.claim_until > now)


def is_silent(alert: Alert, now: datetime) -> bool:
    """Held by somebody who has not answered since it rose: the next may take it over, by the rule of a reply."""
    return is_held(alert, now) and unanswered(alert.level, alert.next_page_at, alert.claim_until)


def waits(alert: Alert, now: datetime) -> bool:
    """Nobody has it, and somebody should now."""
    return alert.state in ("open", "claimed") and not is_held(alert, now)


def waiting(alerts: Sequence[Alert], now: datetime) -> list[Alert]:
    """Those that nobody has, in the order they came: the storage's order is that of urgency."""
    return [alert for alert in alerts if waits(alert, now)]


def queue(alerts: Sequence[Alert], staff: str, clock: Clock) -> Queue:
    rows = {alert.ref: _row(alert, staff, clock) for alert in alerts}
    held = [alert for alert in alerts if is_held(alert, clock.now)]
    return Queue(
        waiting=tuple(rows[alert.ref] for alert in waiting(alerts, clock.now)),
        mine=tuple(rows[alert.ref] for alert in held if alert.holder == staff),
        others=tuple(rows[alert.ref] for alert in held if staff != alert.holder and not _asks(alert, staff)),
        asked=tuple(rows[alert.ref] for alert in alerts if _asks(alert, staff)),
        closing=tuple(rows[alert.ref] for alert in alerts if alert.state == "closing"),
        asleep=tuple(rows[alert.ref] for alert in alerts if alert.state == "snoozed"),
        full=sum(waits(alert, clock.now) for alert in alerts) >= MOST,
    )


def _asks(alert: Alert, staff: str) -> bool:
    """Offered to them. The demo's page is nobody's: ''."""
    return bool(staff) and alert.offered_to == staff


def _row(alert: Alert, staff: str, clock: Clock) -> Row:
    return Row(
        alert=alert,
        where=word(clock, "channel", alert.channel) if alert.channel else "",
        language=clock.strings.locale.languages.get(alert.language, alert.language),
        writable=_writable(alert, clock) if alert.channel else "",
        mine=alert.holder == staff and is_held(alert, clock.now),
        silent=is_silent(alert, clock.now),
    )


def _writable(alert: Alert, clock: Clock) -> str:
    if alert.writable_until is None:
        return clock.strings.say("queue.not_writable")
    if clock.any_hour(alert.writable_until):
        return clock.strings.say("queue.writable_always")
    return clock.strings.say("queue.writable_for", span=clock.about(alert.writable_until))
