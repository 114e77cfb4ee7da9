"""The safe-contact record of a case: everything that a worker may set in it, and what came of it when.

Each part is a form of its own, so that nobody writes over what they have not looked at. A case that is not the
worker's wants a reason, as the case page does.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import get_args

from starlette.responses import Response

from escalation.console.banner import banner, confirmed
from escalation.console.case_page import Opening, Telling, ask_reason
from escalation.console.contact_rows import OWN, as_written, history, own_hours, steps, zones
from escalation.console.doors import TurnedAway, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.order import is_held
from escalation.ports import Refused, Unknown
from escalation.safe_contact import Asked, ContactChange
from flows.engine.safe_contact import (
    CHOICES,
    COUNTS,
    FLAGS,
    LONGEST,
    NAMES,
    OTHER_CHANNELS,
    YES_NO,
    mark,
    values_of,
)
from flows.safety.hours import PRESETS

LONGEST_NOTE = 1000  # characters of what was said when she was asked
ASKED: tuple[Asked, ...] = get_args(Asked)


async def show(visit: Visit) -> Response:
    return await _contact(visit, Opening(), Telling(notice=notice_of(visit)))


async def open_with_reason(visit: Visit) -> Response:
    opening, person = Opening.of(visit.form), visit.ref("person")
    if not opening.reason:
        missing = visit.wiring.strings.say("reason.missing")
        return ask_reason(visit, person, missing, 422, visit.link("contact", person=person))
    return await _contact(visit, opening, Telling())


async def save(visit: Visit) -> Response:
    """One part of the page. What is refused stays in its boxes."""
    form = visit.form
    values = {field: form[field] for field in NAMES if field in form}
    if values.get("hours") == OWN:
        values["hours"] = as_written(form.get("own_hours", ""), visit.wiring.strings)
    if not values or not form.get("seen"):
        raise TurnedAway(422, "problem.not_valid")
    return await _act(visit, _set(visit, ContactChange(values, form["seen"])), "contact_set")


async def confirm(visit: Visit) -> Response:
    if not visit.form.get("seen"):
        raise TurnedAway(422, "problem.not_valid")
    return await _act(visit, _set(visit, ContactChange({}, visit.form["seen"], confirmed=True)), "contact_confirmed")


async def asked(visit: Visit) -> Response:
    """What came of the agreed question."""
    outcome = next((each for each in ASKED if each == visit.form.get("outcome")), None)
    note = visit.form.get("said", "").strip()
    if outcome is None:
        raise TurnedAway(422, "problem.not_valid")
    if len(note) > LONGEST_NOTE:
        too_long = visit.wiring.strings.say("note.too_long", most=LONGEST_NOTE)
        return await _contact(visit, Opening.of(visit.form), Telling(422, refused=too_long))
    act = visit.wiring.contacts.asked(visit.ref("person"), visit.staff.id, outcome, note)
    return await _act(visit, act, f"asked_{outcome}")


async def new_words(visit: Visit) -> Response:
    """She has forgotten her words: a code for her, on this answer alone. It is not shown again, nor in any address."""
    opening, verified = Opening.of(visit.form), visit.form.get("verified") == "1"
    try:
        code = await visit.wiring.contacts.new_words(visit.ref("person"), visit.staff.id, verified)
    except Unknown:
        raise
    except Refused as refused:
        return await _contact(visit, opening, Telling(409, refused=refusal(visit, refused)))
    return await _contact(visit, opening, Telling(), code)


def _set(visit: Visit, change: ContactChange) -> Awaitable[None]:
    return visit.wiring.contacts.set(visit.ref("person"), visit.staff.id, change, Opening.of(visit.form).reason)


async def _act(visit: Visit, act: Awaitable[None], notice: str) -> Response:
    """The page again: by GET, or where it was opened with a reason itself. Raises Unknown."""
    opening, person = Opening.of(visit.form), visit.ref("person")
    try:
        await act
    except Unknown:
        raise
    except Refused as refused:
        return await _contact(visit, opening, Telling(409, refused=refusal(visit, refused)))
    if opening.reason:
        return await _contact(visit, opening, Telling(notice=visit.wiring.strings.say(f"notice.{notice}")))
    return go(visit, "contact", notice, person=person)


async def _contact(visit: Visit, opening: Opening, telling: Telling, code: str = "") -> Response:
    """`code`: of new words, just made."""
    person, strings = visit.ref("person"), visit.wiring.strings
    try:
        case = await visit.wiring.desk.case(person, visit.staff.id, opening.reason, visit.now)
    except Unknown:
        raise
    except Refused as refused:
        why = telling.refused or refusal(visit, refused)
        return ask_reason(visit, person, why, 403, visit.link("contact", person=person))
    clock, stands = visit.wiring.times(visit.now), values_of(case.contact)
    stands["hours"] = stands["hours"] if stands["hours"] in PRESETS else OWN
    kept = visit.form if telling.refused else {}
    return page(
        visit, "contact.html", telling.status,
        case=case, opening=opening, telling=telling, here="case",
        banner=banner(case, clock),
        confirmed=confirmed(case, clock, visit.wiring.settings.confirm_every),
        value={**stands, "own_hours": own_hours(case.contact, strings), **kept},
        mark=mark(case.contact),
        mine=any(alert.holder == visit.staff.id and is_held(alert, visit.now) for alert in case.alerts),
        zones=zones(case.contact.zone),
        presets=(*PRESETS, OWN),
        choices={**CHOICES, **dict.fromkeys(FLAGS, tuple(YES_NO)), "other_channel": OTHER_CHANNELS},
        steps=steps(strings), wrote=dict(case.contact.wrote),
        languages={code: strings.locale.languages.get(code, code) for code in visit.wiring.settings.languages},
        covers=visit.wiring.covers(),
        most=COUNTS,
        code=code,
        longest=LONGEST, longest_note=LONGEST_NOTE,
        versions=history(case, clock, visit.wiring.name),
        names=await visit.wiring.staff_names(),
    )  # fmt: skip
