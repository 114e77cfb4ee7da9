"""What the case page shows of orders, agencies and workers' own items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from escalation.casefile import (
    CONSENTS,
    LONGEST_NAME,
    LONGEST_WORDS,
    ORDERS,
    Agency,
    Consent,
    Kept,
    Order,
    OrderKind,
    OwnItem,
    stands,
)


@dataclass(frozen=True, slots=True)
class File:
    """What stands, of each kind; `before`: what has ended, latest first."""

    orders: tuple[Kept, ...]
    agencies: tuple[Kept, ...]
    items: tuple[Kept, ...]
    before: tuple[Kept, ...]
    kinds: tuple[OrderKind, ...] = ORDERS
    consents: tuple[Consent, ...] = CONSENTS
    longest_name: int = LONGEST_NAME
    longest: int = LONGEST_WORDS


def on_file(kept: Sequence[Kept], now: datetime) -> File:
    standing = [one for one in kept if stands(one, now)]
    return File(
        tuple(one for one in standing if isinstance(one.entry, Order)),
        tuple(one for one in standing if isinstance(one.entry, Agency)),
        tuple(one for one in standing if isinstance(one.entry, OwnItem)),
        tuple(one for one in reversed(kept) if not stands(one, now)),
    )


def begins(day: date, zone: str) -> datetime:
    """When that day begins for the staff. Raises OverflowError at the ends of the calendar."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def sort_of(one: Kept) -> str:
    """Which of the three it is, for the templates."""
    match one.entry:
        case Order():
            return "order"
        case Agency():
            return "agency"
        case OwnItem():
            return "item"
