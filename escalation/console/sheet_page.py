"""An instrument of a case: begun, answered item by item, weighed, judged. Every answer is one POST and kept by it.

The case opens as on its own page: audited, and with a reason where the worker holds none of its alerts. A reason
travels in the page's forms only; acts under one answer with the page itself, all others lead on to it by GET.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import get_args

from starlette.responses import Response

from escalation.console.banner import word
from escalation.console.case_page import LONGEST_REASON, Opening, Telling, ask_reason
from escalation.console.doors import TurnedAway, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.console.sheet_rows import SKIP, at_hand, last_of, last_origin, open_sheet, rows, said_of
from escalation.console.trends import trends
from escalation.ports import Case, ItemAnswer, Refused, Unknown
from flows.engine.forms import Form
from flows.engine.model import Tier
from flows.engine.sheets import ORIGINS

TIERS: tuple[Tier, ...] = get_args(Tier)
HERE = "#at"  # the item at hand


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with the answer given, shown at its item: an id of the console's strings, or a sentence."""

    item: str = ""
    why: str = ""


async def show(visit: Visit) -> Response:
    return await _sheet(visit, Opening(), Telling(notice=notice_of(visit)))


async def open_with_reason(visit: Visit) -> Response:
    """Also where another item than the next was asked for."""
    return await _sheet(visit, Opening.of(visit.form), Telling(), Wrong(visit.form.get("item", "")))


async def live(visit: Visit) -> Response:
    """The page's moving parts: what colleagues have answered meanwhile."""
    return await _sheet(visit, Opening.of(visit.form), Telling(), Wrong(visit.form.get("item", "")), "sheet_live.html")


async def begin(visit: Visit) -> Response:
    form, opening = _form(visit), Opening.of(visit.form)
    begun = visit.wiring.sheets.begin(visit.ref("person"), visit.staff.id, form.instrument.name, opening.reason)
    return await _attempt(visit, begun) or await _on(visit, opening)


async def answer(visit: Visit) -> Response:
    """Kept at once. Where a colleague was quicker the later is told, and sees what stands."""
    form, opening, given = _form(visit), Opening.of(visit.form), visit.form
    item, origin, before = given.get("item", ""), given.get("origin", ""), given.get("before", "")
    value = None if given.get("answer", "") == SKIP else given.get("answer", "")
    if value == "" or not before.isdecimal() or len(before) > 6:
        raise TurnedAway(422, "problem.not_valid")
    if value is not None and origin not in ORIGINS:
        why = visit.wiring.strings.say("sheet.say_origin")
        return await _sheet(visit, opening, Telling(422), Wrong(item, why))
    said = ItemAnswer(given.get("sheet", ""), item, value, origin, int(before))
    who = (visit.ref("person"), visit.staff.id, form.instrument.name)
    kept = visit.wiring.sheets.answer(*who, said, opening.reason)
    return await _attempt(visit, kept, item) or await _on(visit, opening)


async def finish(visit: Visit) -> Response:
    form, opening = _form(visit), Opening.of(visit.form)
    who = (visit.ref("person"), visit.staff.id, form.instrument.name)
    done = visit.wiring.sheets.finish(*who, visit.form.get("sheet", ""), opening.reason)
    return await _attempt(visit, done) or await _on(visit, opening, "finished", "")


async def judge(visit: Visit) -> Response:
    """Professional judgement beside the rules. What was written stays in its box where it is refused."""
    form, opening = _form(visit), Opening.of(visit.form)
    tier = next((tier for tier in TIERS if tier == visit.form.get("tier")), None)
    if tier is None:
        return await _sheet(visit, opening, Telling(422, refused=visit.wiring.strings.say("judge.choose")))
    why = visit.form.get("why", "").strip()
    if len(why) > LONGEST_REASON:
        too_long = visit.wiring.strings.say("note.too_long", most=LONGEST_REASON)
        return await _sheet(visit, opening, Telling(422, refused=too_long))
    who = (visit.ref("person"), visit.staff.id, form.instrument.name)
    judged = visit.wiring.chat.judge(*who, tier, why, opening.reason)
    return await _attempt(visit, judged) or await _on(visit, opening, "judged", "")


# the page


async def _sheet(
    visit: Visit, opening: Opening, telling: Telling, wrong: Wrong | None = None, template: str = ""
) -> Response:
    """What stands of the instrument: the open sheet, else its last assessment. Raises Unknown when nobody is there."""
    form = _form(visit)
    try:
        case = await _case(visit, opening)
    except Unknown:
        raise
    except Refused as refused:
        return _reason(visit, refused)
    common = await _common(visit, form, case, opening, telling)
    sheet = open_sheet(form, case)
    if sheet is None:
        if template:
            return page(visit, "sheet_gone.html", 200, **common)
        return page(visit, "assessed.html", telling.status, **common, **_assessed(visit, form, case))
    wrong = wrong or Wrong()
    found = rows(form, sheet, visit.wiring.strings)
    hand = at_hand(found, wrong.item)
    origin = visit.form.get("origin", "") or last_origin(sheet, visit.staff.id)
    return page(
        visit, template or "sheet.html", telling.status, **common,
        sheet=sheet, rows=found, hand=hand, wrong=wrong.why, origins=ORIGINS, origin=origin, skip=SKIP,
    )  # fmt: skip


async def _common(visit: Visit, form: Form, case: Case, opening: Opening, telling: Telling) -> dict[str, object]:
    instrument = form.instrument
    return {
        "case": case,
        "form": form,
        "instrument": instrument,
        "title": visit.wiring.title(instrument.name),
        "refused": instrument.licence.refuses(visit.now.date()),
        "opening": opening,
        "telling": telling,
        "names": await visit.wiring.staff_names(),
        "told": visit.wiring.strings.told,
        "word": partial(word, visit.wiring.times(visit.now)),
        "here": "case",
    }


def _assessed(visit: Visit, form: Form, case: Case) -> dict[str, object]:
    name = form.instrument.name
    last, stands = last_of(case, name), case.sheets.get(name)
    found = trends(case, {name: form}, visit.wiring.title)
    return {
        "last": last,
        "said": said_of(form, last, visit.wiring.strings) if last else (),
        "trend": next((trend for trend in found if trend.instrument == name), None),
        "old": stands,  # begun with a version that is no longer in use
        "tiers": TIERS,
        "longest": LONGEST_REASON,
        "kept": visit.form if telling_of(visit) else {},
    }


def telling_of(visit: Visit) -> bool:
    """Whether the form that came was that of a judgement, whose words stay in their boxes."""
    return "why" in visit.form


def _form(visit: Visit) -> Form:
    form = visit.wiring.forms.get(visit.ref("instrument"))
    if form is None:
        raise TurnedAway(404, "problem.no_such_page")
    return form


async def _case(visit: Visit, opening: Opening) -> Case:
    return await visit.wiring.desk.case(visit.ref("person"), visit.staff.id, opening.reason, visit.now)


def _reason(visit: Visit, refused: Refused) -> Response:
    person, instrument = visit.ref("person"), visit.ref("instrument")
    action = visit.link("sheet", person=person, instrument=instrument)
    return ask_reason(visit, person, refusal(visit, refused), 403, action)


# acts


async def _attempt(visit: Visit, act: Awaitable[None], item: str = "") -> Response | None:
    """None when it happened; else the page with the reason. Raises Unknown."""
    try:
        await act
    except Unknown:
        raise
    except Refused as refused:
        why = refusal(visit, refused)
        return await _sheet(visit, Opening.of(visit.form), Telling(409, refused=why), Wrong(item, why if item else ""))
    return None


async def _on(visit: Visit, opening: Opening, notice: str = "", place: str = HERE) -> Response:
    """By GET, so that reloading repeats nothing; with a reason the page itself."""
    if opening.reason:
        said = visit.wiring.strings.say(f"notice.{notice}") if notice else ""
        return await _sheet(visit, opening, Telling(notice=said))
    return go(visit, "sheet", notice, place, person=visit.ref("person"), instrument=visit.ref("instrument"))
