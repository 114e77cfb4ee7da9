"""What the case page offers and shows of telling who referred her that there is news."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    mine = alert if alert is not None and is_tellable(alert, staff, now) else None
    return {
        one.id: _row(wiring, one.entry, [each for each in sent if each.told.news.entry == one.id], mine)
        for one in agencies
        if isinstance(one.entry, Agency) and one.entry.news_to
    }


def _row(wiring: Wiring, agency: Agency, sent: Sequence[Sent], alert: Alert | None) -> NewsRow:
    by, latest = way_to(agency), tuple(reversed(sent))
    if alert is None or agency.consent != "yes" or told_of([one.told for one in sent], alert):
        return NewsRow(by, sent=latest)
    if by not in wiring.methods.offered:
        return NewsRow(by, off=True, sent=latest)
    (message, params), language = words_for(agency), wiring.strings.language
    subject = wiring.pages(SUBJECT, {}, language) if by == "email" else ""
    return NewsRow(by, wiring.pages(message, params, language), subject, sent=latest)
