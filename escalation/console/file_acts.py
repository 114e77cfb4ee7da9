"""Orders, agencies and workers' own items: written and ended by the forms of the case page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from starlette.responses import Response

from escalation.casefile import CONSENTS, LONGEST_NAME, LONGEST_WORDS, ORDERS, Agency, Entry, Order, OwnItem
from escalation.console.case_page import Opening
from escalation.console.claim_acts import of_case
from escalation.console.doors import CASES, Door, TurnedAway, Visit
from escalation.console.file_rows import begins
from escalation.news import ToldBefore
from escalation.ports import Refused


async def order(visit: Visit) -> Response:
    form = visit.form
    kind = next((each for each in ORDERS if each == form.get("order_kind")), None)
    if kind is None:
        raise TurnedAway(422, "problem.not_valid")
    who, whom, words = _words(form, "order_who"), _words(form, "order_whom"), _words(form, "order_words", LONGEST_WORDS)
    return await _keep(visit, Order(kind, who, whom, _day(visit, "order_since"), _day(visit, "order_until"), words))


async def agency(visit: Visit) -> Response:
    form = visit.form
    consent = next((each for each in CONSENTS if each == form.get("agency_consent")), None)
    if consent is None:
        raise TurnedAway(422, "problem.not_valid")
    name, person, reference = (_words(form, f"agency_{each}") for each in ("name", "person", "reference"))
    days = _day(visit, "agency_since"), _day(visit, "agency_until")
    news_to = _words(form, "agency_news_to")
    return await _keep(visit, Agency(name, consent, person, reference, *days, news_to))


async def tell(visit: Visit) -> Response:
    """Who referred her hears that there is news: what the page has shown, and nothing else."""
    return await of_case(visit, _telling(visit), "agency_told")


async def _telling(visit: Visit) -> None:
    wiring, form = visit.wiring, visit.form
    which = (visit.ref("person"), form.get("entry", ""), form.get("alert", ""), visit.staff.id)
    try:
        await wiring.casefile.tell(*which, wiring.strings.language, visit.now)
    except ToldBefore as before:
        when = wiring.times(visit.now).at(before.at)
        raise Refused(wiring.strings.say("news.before", when=when)) from None


async def item(visit: Visit) -> Response:
    return await _keep(visit, OwnItem(_words(visit.form, "item_words", LONGEST_WORDS)))


async def end(visit: Visit) -> Response:
    person, reason = visit.ref("person"), Opening.of(visit.form).reason
    ending = visit.wiring.casefile.end(person, visit.form.get("entry", ""), visit.staff.id, visit.now, reason)
    return await of_case(visit, ending, "file_ended")


async def _keep(visit: Visit, entry: Entry) -> Response:
    person, reason = visit.ref("person"), Opening.of(visit.form).reason
    keeping = visit.wiring.casefile.keep(person, entry, visit.staff.id, visit.now, reason)
    return await of_case(visit, keeping, "filed")


def _words(form: Mapping[str, str], field: str, most: int = LONGEST_NAME) -> str:
    """Raises TurnedAway where it is longer than our own form lets it be."""
    words = form.get(field, "").strip()
    if len(words) > most:
        raise TurnedAway(422, "problem.not_valid")
    return words


def _day(visit: Visit, field: str) -> datetime | None:
    """When that day begins for the staff; None without one. Raises TurnedAway for what is no day."""
    given = visit.form.get(field, "")
    if not given:
        return None
    try:
        return begins(date.fromisoformat(given), visit.wiring.settings.zone)
    except (ValueError, OverflowError) as wrong:
        raise TurnedAway(422, "problem.not_valid") from wrong


DOORS = (
    Door("POST", "/cases/{person}/orders", "order", order, CASES, "act"),
    Door("POST", "/cases/{person}/agencies", "agency", agency, CASES, "act"),
    Door("POST", "/cases/{person}/agencies/tell", "agency_tell", tell, CASES, "act"),
    Door("POST", "/cases/{person}/own-items", "own_item", item, CASES, "act"),
    Door("POST", "/cases/{person}/file/end", "file_end", end, CASES, "act"),
)
