"""What workers keep on a case beside what she said: orders, agencies, items of the crisis plan that are theirs.

Nothing of it ever goes to a phone. The port of it, and the rules that need no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from escalation.ports import Refused

if TYPE_CHECKING:
    from escalation.news import Sent

OrderKind = Literal["no_contact", "protective", "bail", "children", "another"]
Consent = Literal["yes", "no", "not_asked"]

ORDERS: tuple[OrderKind, ...] = get_args(OrderKind)
CONSENTS: tuple[Consent, ...] = get_args(Consent)
LONGEST_NAME, LONGEST_WORDS = 120, 500  # characters
DAY = timedelta(days=1)
TOLD_BEFORE = timedelta(days=7)  # of the end of an order: then somebody looks what follows it

NO_NAMES = "Say who may not contact whom."
IS_OVER = "This order has ended by then. Choose a day that is still to come, or leave the day out."
NOT_IN_ORDER = "It ends before it begins."
NO_AGENCY = "Say which agency it is."
NO_ITEM = "Write what is to be done."
NO_ENTRY = "There is no such entry."
HAS_ENDED = "This entry has ended already."


@dataclass(frozen=True, slots=True)
class Order:
    """`who` may not contact `whom`. `since` and `until` are when those days begin for the staff; None: not known."""

    kind: OrderKind
    who: str
    whom: str
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Agency:
    """Who else works with her there, under which reference of theirs, and whether she agrees to speak with them.

    `news_to`: of who referred her, the e-mail or phone that a worker may tell that there is news; nothing goes there
    by itself (SAFETY 26).
    """

    name: str
    consent: Consent
    person: str = ""
    reference: str = ""
    since: datetime | None = None
    until: datetime | None = None
    news_to: str = ""


@dataclass(frozen=True, slots=True)
class OwnItem:
    """What the worker does for her plan, in the worker's words: in no chat, whoever asks there."""

    words: str


Entry = Order | Agency | OwnItem


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry on her case. `by`, `ended_by`: staff ids."""

    id: str
    entry: Entry
    at: datetime
    by: str
    ended_at: datetime | None = None
    ended_by: str = ""


class Casefile(Protocol):
    """Each raises Refused with a sentence for the worker, Unknown where there is no such person or entry.

    `reason`: why the case is opened, where the worker holds no alert of hers.
    """

    async def keep(self, person: str, entry: Entry, by: str, now: datetime, reason: str = "") -> None:
        """An order puts on record that an order stands, so that the negotiated exit is not offered (SAFETY 34); that is
        taken back by hand alone. Before its end a task is due."""

    async def end(self, person: str, entry: str, by: str, now: datetime, reason: str = "") -> None:
        """It holds no more, or is done. What it was stays to be read."""

    async def of_person(self, person: str) -> Sequence[Kept]:
        """In the order they were written. For a page that has opened her case."""

    async def tell(self, person: str, entry: str, alert: str, by: str, language: str, now: datetime) -> None:
        """This agency hears, in this language, that there is news of her: by the press of who holds this P0 or P1.

        It is in the record of what was shared with it. Raises `escalation.news.ToldBefore` for a second time.
        """

    async def told(self, person: str) -> Sequence[Sent]:
        """Of what agencies were told, how it went. For a page that has opened her case."""


def stands(one: Kept, now: datetime) -> bool:
    """Whether it still holds: not ended, and its last day is not over."""
    until = None if isinstance(one.entry, OwnItem) else one.entry.until
    return one.ended_at is None and (until is None or until > now - DAY)


def may_keep(entry: Entry, now: datetime) -> None:
    """Raises Refused with what is wrong with it."""
    match entry:
        case Order():
            if not (entry.who.strip() and entry.whom.strip()):
                raise Refused(NO_NAMES)
            if entry.until is not None and entry.until <= now - DAY:
                raise Refused(IS_OVER)
        case Agency():
            if not entry.name.strip():
                raise Refused(NO_AGENCY)
        case OwnItem():
            if not entry.words.strip():
                raise Refused(NO_ITEM)
            return
    if entry.since is not None and entry.until is not None and entry.until < entry.since:
        raise Refused(NOT_IN_ORDER)
