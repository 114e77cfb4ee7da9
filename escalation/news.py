"""News for who referred her: a worker tells it by a press, once an alert, and of the alert not a word (SAFETY 26).

What may be told to whom, and in which words. Pure; the port is that of what workers keep on a case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from escalation.casefile import Agency, Kept, stands
from escalation.ladder import URGENT
from escalation.order import is_held
from escalation.ports import Alert, Refused

By = Literal["email", "sms"]
# Not taken yet; a provider would not take it and is asked again; it is out; it will not arrive; nothing is kept of it.
Went = Literal["waits", "again", "sent", "lost", ""]

WITH_REFERENCE, WITHOUT, SUBJECT = "page/news", "page/news_plain", "page/news_subject"
# A reference of theirs as it may stand on a stranger's screen: one word with a figure in it, so no name of anybody.
_SHOWN = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9/.-]{0,23}")

NO_CONTACT = "No e-mail or phone for news is kept of them."
NO_CONSENT = "She has not agreed that we speak with them, so they are told nothing."
NOT_HELD = "Who holds a P0 or P1 of hers tells them of it."
NOT_THERE = "That address cannot be used here. Give another."
NO_ADDRESS = "That is no whole e-mail address or phone number."


@dataclass(frozen=True, slots=True)
class News:
    """`entry`: the agency's, called `name`; `alert`: the ref of what it is about; `message`: its row in the outbox."""

    entry: str
    name: str
    by: By
    alert: str
    message: str


@dataclass(frozen=True, slots=True)
class Told:
    """In the record of what was shared: who referred her was told that there is news."""

    number: int
    at: datetime
    staff: str
    news: News


@dataclass(frozen=True, slots=True)
class Sent:
    """How it went as far as is known, with the provider's code where it would not take it."""

    told: Told
    went: Went
    code: str = ""


class ToldBefore(Refused):
    """Once an alert: `at` says when they were."""

    def __init__(self, at: datetime) -> None:
        super().__init__("They were told of this alert already.")
        self.at = at


def way_to(agency: Agency) -> By:
    return "email" if "@" in agency.news_to else "sms"


def words_for(agency: Agency) -> tuple[str, dict[str, str]]:
    """Which message they get, with what is filled in: their own reference at most, and nothing that could be a name."""
    if _SHOWN.fullmatch(agency.reference):
        return WITH_REFERENCE, {"reference": agency.reference}
    return WITHOUT, {}


def is_tellable(alert: Alert, by: str, now: datetime) -> bool:
    """Whether this worker may tell of it: raised as urgent, and theirs now."""
    return alert.tier in URGENT and alert.holder == by and is_held(alert, now)


def told_of(told: Sequence[Told], alert: Alert) -> Told | None:
    """A ref may come again in later years, so what was told before it was raised is not of it."""
    return next((one for one in told if one.news.alert == alert.ref and one.at >= alert.raised_at), None)


def may_tell(kept: Kept, alert: Alert | None, told: Sequence[Told], by: str, now: datetime) -> Agency:
    """Whom to tell. `told`: all that anybody was told of her. Raises Refused with a sentence for the worker."""
    agency = kept.entry
    if not isinstance(agency, Agency) or not agency.news_to or not stands(kept, now):
        raise Refused(NO_CONTACT)
    if agency.consent != "yes":
        raise Refused(NO_CONSENT)
    if alert is None or not is_tellable(alert, by, now):
        raise Refused(NOT_HELD)
    before = told_of([one for one in told if one.news.entry == kept.id], alert)
    if before is not None:
        raise ToldBefore(before.at)
    return agency
