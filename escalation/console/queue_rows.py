"""The queue as it is read: who waits, who is in hand, and the two clocks of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from escalation.answering import answer_by
from escalation.console.banner import word
from escalation.console.clocks import Clock, about
from escalation.ladder import unanswered
from escalation.order import has_aged, is_held, waits
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
    answer_by: datetime | None = None  # while she waits for a worker's first words
    answered: str = ""  # 'answered after 6 min'
    aged: str = ""  # why it stands before others of its tier

    @property
    def facts(self) -> tuple[str, ...]:
        """What is known of how to reach her, which is nothing where her record cannot be opened; and of her wait."""
        return tuple(fact for fact in (self.where, self.language, self.writable, self.answered, self.aged) if fact)


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


def is_silent(alert: Alert, now: datetime) -> bool:
    """Held by somebody who has not answered since it rose: the next may take it over, by the rule of a reply."""
    return is_held(alert, now) and unanswered(alert.level, alert.next_page_at, alert.claim_until)


def waiting(alerts: Sequence[Alert], now: datetime) -> list[Alert]:
    """Those that nobody has, in the order they came: the storage's order is that of urgency."""
    return [alert for alert in alerts if waits(alert, now)]


def queue(alerts: Sequence[Alert], staff: str, clock: Clock) -> Queue:
    held = [alert for alert in alerts if is_held(alert, clock.now)]

    def rows(found: Iterable[Alert]) -> tuple[Row, ...]:
        return tuple(_row(alert, staff, clock) for alert in found)

    return Queue(
        waiting=rows(waiting(alerts, clock.now)),
        mine=rows(alert for alert in held if alert.holder == staff),
        others=rows(alert for alert in held if staff != alert.holder and not _asks(alert, staff)),
        asked=rows(alert for alert in alerts if _asks(alert, staff)),
        closing=rows(alert for alert in alerts if alert.state == "closing"),
        asleep=rows(alert for alert in alerts if alert.state == "snoozed"),
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
        answer_by=answer_by(alert) if alert.answered_at is None else None,
        answered=answered(alert, clock, "her.answered"),
        aged=clock.strings.say("order.aged") if has_aged(alert.tier, alert.breach_at, clock.now) else "",
    )


def answered(alert: Alert, clock: Clock, message: str) -> str:
    """How long she waited for a worker's first words; '' while she waits."""
    if alert.answered_at is None:
        return ""
    return clock.strings.say(message, span=about((alert.answered_at - alert.raised_at).total_seconds(), clock.strings))


def _writable(alert: Alert, clock: Clock) -> str:
    if alert.writable_until is None:
        return clock.strings.say("queue.not_writable")
    if clock.any_hour(alert.writable_until):
        return clock.strings.say("queue.writable_always")
    return clock.strings.say("queue.writable_for", span=clock.about(alert.writable_until))
