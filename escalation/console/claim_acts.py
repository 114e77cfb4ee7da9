"""What becomes of an alert that somebody has: offered, put off, signed by a second person; and who is kept apart."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta

from starlette.responses import Response

from escalation.claims import LONGEST_WORD, Closing
from escalation.console.banner import word
from escalation.console.case_page import Opening, Telling, case
from escalation.console.doors import SUPERVISION, TurnedAway, Visit
from escalation.console.handing import SPANS
from escalation.console.pages import front, go, page, refusal
from escalation.console.queue_page import refused_here
from escalation.order import is_held
from escalation.ports import Alert, Refused, Unknown


async def offer(visit: Visit) -> Response:
    offering = visit.wiring.claims.offer(visit.ref("ref"), visit.staff.id, visit.form.get("to", ""), visit.now)
    return await _on(visit, offering, "offered")


async def take_over(visit: Visit) -> Response:
    """The next on duty is asked."""
    asking = visit.wiring.claims.take_over(visit.ref("ref"), visit.staff.id, _number(visit), visit.now)
    return await _on(visit, asking, "offered")


async def reached(visit: Visit) -> Response:
    """She was spoken with another way than by the chat."""
    reaching = visit.wiring.claims.reached(visit.ref("ref"), visit.staff.id, _number(visit), visit.now)
    return await _on(visit, reaching, "reached")


async def decline(visit: Visit) -> Response:
    return await _on(visit, visit.wiring.claims.decline(visit.ref("ref"), visit.staff.id, visit.now), "declined")


async def snooze(visit: Visit) -> Response:
    """What was written stays on the page when it is refused."""
    minutes = visit.form.get("minutes", "")
    if not minutes.isdecimal() or int(minutes) not in SPANS:
        raise TurnedAway(422, "problem.not_valid")
    until, why = visit.now + timedelta(minutes=int(minutes)), visit.form.get("why", "").strip()[:LONGEST_WORD]
    sleeping = visit.wiring.claims.snooze(visit.ref("ref"), visit.staff.id, _number(visit), until, why, visit.now)
    return await _on(visit, sleeping, "snoozed")


async def show(visit: Visit) -> Response:
    """How it was closed, for who signs: that and no more of her case. Recorded."""
    return await _sign_page(visit)


async def sign(visit: Visit) -> Response:
    return await _on(visit, visit.wiring.claims.sign(visit.ref("ref"), visit.staff.id, visit.now), "signed")


async def give_back(visit: Visit) -> Response:
    """The word of who does not sign stays in its box when it is refused."""
    said = visit.form.get("word", "").strip()[:LONGEST_WORD]
    try:
        await visit.wiring.claims.give_back(visit.ref("ref"), visit.staff.id, said, visit.now)
    except Unknown:
        raise
    except Refused as refused:
        return await _sign_page(visit, refusal(visit, refused))
    return front(visit, "given_back")


async def _sign_page(visit: Visit, refused: str = "") -> Response:
    try:
        closing: Closing = await visit.wiring.claims.closing(visit.ref("ref"), visit.staff.id, visit.now)
    except Unknown:
        raise
    except Refused as why:
        return await refused_here(visit, why)
    clock = visit.wiring.times(visit.now)
    return page(
        visit,
        "sign.html",
        409 if refused else 200,
        closing=closing,
        outcome=word(clock, "outcome", closing.outcome),
        kept=visit.form,
        refused=refused,
        longest=LONGEST_WORD,
        here="queue",
    )


async def keep_apart(visit: Visit) -> Response:
    """Oneself, or by a supervisor somebody else. Who has kept themselves apart cannot open the case any more."""
    who, why = visit.form.get("staff", "") or visit.staff.id, visit.form.get("why", "").strip()[:LONGEST_WORD]
    keeping = visit.wiring.claims.keep_apart(visit.ref("person"), who, visit.staff.id, why, visit.now)
    return await of_case(visit, keeping, "kept_apart", stays=who != visit.staff.id)


async def let_back(visit: Visit) -> Response:
    letting = visit.wiring.claims.let_back(visit.ref("person"), visit.form.get("staff", ""), visit.staff.id, visit.now)
    return await of_case(visit, letting, "let_back")


async def _on(visit: Visit, act: Awaitable[Alert], notice: str) -> Response:
    """To the queue, and what was refused is told there; an act of the case page leads back to it."""
    try:
        alert = await act
    except Unknown:
        raise
    except Refused as refused:
        if "of" in visit.form:
            return await case(
                visit, visit.form["of"], Opening.of(visit.form), Telling(409, refused=refusal(visit, refused))
            )
        return await refused_here(visit, refused)
    opening = Opening.of(visit.form)
    if visit.form.get("from") == "supervision" and visit.staff.role in SUPERVISION:
        return go(visit, "supervision", notice)
    if "of" not in visit.form or not (opening.reason or is_held(alert, visit.now)):
        return front(visit, notice)
    if opening.reason or opening.talk:
        return await case(visit, alert.person, opening, Telling(notice=visit.wiring.strings.say(f"notice.{notice}")))
    return go(visit, "case", notice, person=alert.person)


async def of_case(visit: Visit, act: Awaitable[None], notice: str, stays: bool = True) -> Response:
    """The case again, with what was refused on top and what was written in its boxes. Raises Unknown."""
    opening, person = Opening.of(visit.form), visit.ref("person")
    try:
        await act
    except Unknown:
        raise
    except Refused as refused:
        return await case(visit, person, opening, Telling(409, refused=refusal(visit, refused)))
    if not stays:
        return front(visit, notice)
    if opening.reason or opening.talk:
        return await case(visit, person, opening, Telling(notice=visit.wiring.strings.say(f"notice.{notice}")))
    return go(visit, "case", notice, person=person)


def _number(visit: Visit) -> int:
    number = visit.form.get("claim", "")
    if not number.isdecimal() or len(number) > 9:
        raise TurnedAway(422, "problem.not_valid")
    return int(number)
