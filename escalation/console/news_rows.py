"""What the case page offers and shows of telling who referred her that there is news."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from escalation.casefile import Agency, Kept
from escalation.console.wiring import Wiring
from escalation.news import SUBJECT, By, Sent, is_tellable, told_of, way_to, words_for
from escalation.ports import Alert


@dataclass(frozen=True, slots=True)
class NewsRow:
    """Of one agency with a contact for news. `words`: exactly what a press sends; '' where none is offered.

    `off`: that way of sending is not set up here.
    """

    by: By
    words: str = ""
    subject: str = ""
    off: bool = False
    sent: tuple[Sent, ...] = ()  # latest first


def news_rows(
    wiring: Wiring, agencies: Sequence[Kept], sent: Sequence[Sent], alert: Alert | None, staff: str, now: datetime
) -> Mapping[str, NewsRow]:
    """By the entry of the agency. `alert`: the one that the page's buttons act on."""
    offered: Collection[str] = wiring.methods.offered
    return {
        one.id: _row(wiring, one, one.entry, sent, alert, staff, now, offered)
        for one in agencies
        if isinstance(one.entry, Agency) and one.entry.news_to
    }


def _row(
    wiring: Wiring,
    kept: Kept,
    agency: Agency,
    sent: Sequence[Sent],
    alert: Alert | None,
    staff: str,
    now: datetime,
    offered: Collection[str],
) -> NewsRow:
    by, theirs = way_to(agency), tuple(one for one in reversed(sent) if one.told.news.entry == kept.id)
    may = alert is not None and is_tellable(alert, staff, now) and agency.consent == "yes"
    if not may or alert is None or told_of([one.told for one in theirs], kept.id, alert):
        return NewsRow(by, sent=theirs)
    if by not in offered:
        return NewsRow(by, off=True, sent=theirs)
    message, params = words_for(agency)
    language = wiring.strings.language
    subject = wiring.pages(SUBJECT, {}, language) if by == "email" else ""
    return NewsRow(by, wiring.pages(message, params, language), subject, sent=theirs)
