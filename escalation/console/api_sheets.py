"""The API for instruments: what can be filled in, one sheet answer by answer, what it gives, and a judgement.

The case opens as on its page: audited, and with a reason, which comes in a header so that no address keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from starlette.responses import Response

from escalation.console.api_views import Call, Empty, Number, reply
from escalation.console.case_page import LONGEST_REASON
from escalation.console.doors import TurnedAway, clean
from escalation.console.sheet_rows import last_of, open_sheet
from escalation.ports import Assessment, Case, ItemAnswer, Judgement
from flows.engine.conversation import Sheet, Value
from flows.engine.forms import Form
from flows.engine.model import Tier
from flows.engine.sheets import NOT_KNOWN, Origin

REASON = "Rowan-Reason"
Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$", max_length=40)]
Id = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]+$", max_length=64)]


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """One answer. `value` an answer's name, `unsure`, or null for skipped. `origin` where it came from: she said it, a
    worker saw it, another service told it; needed unless skipped. `before`: the number of the answer seen there."""

    sheet: Id
    item: Name
    value: Name | None
    origin: Origin | None = None
    before: Number = 0


class Finish(msgspec.Struct, forbid_unknown_fields=True):
    sheet: Id


class Judge(msgspec.Struct, forbid_unknown_fields=True):
    """A lower tier needs a reason that a colleague can follow."""

    tier: Tier
    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] = ""


class AnswerShown(msgspec.Struct):
    """`number` goes into `before` of the next answer to the same item."""

    value: str | None
    origin: str
    staff: str
    at: datetime
    number: int


class ItemShown(msgspec.Struct):
    """`answers`: names and words of what may be answered, `unsure` always among them."""

    id: str
    words: str
    answers: Mapping[str, str]
    given: AnswerShown | None


class SheetShown(msgspec.Struct):
    recipient: str
    instrument: str
    version: str
    sheet: str
    begun_at: datetime
    begun_by: str
    items: Sequence[ItemShown]


class JudgementShown(msgspec.Struct):
    at: datetime
    tier: Tier
    found: Tier | None
    staff: str
    reason: str


class AssessmentShown(msgspec.Struct):
    """`by`: the staff id of who filled it in; empty when she was asked in the chat. `score`: `total` and by group.

    `change`: first, up, same or down, beside the time before.
    """

    at: datetime
    version: str
    tier: Tier | None
    change: str
    rules: Sequence[str]
    says: Sequence[str]
    score: Mapping[str, int]
    answers: Mapping[str, Value]
    origins: Mapping[str, str]
    by: str


class InstrumentShown(msgspec.Struct):
    """`refused`: why it may not run today. `sheet`: the id of one that is being filled in; empty without one."""

    name: str
    version: str
    about: str
    source: str
    holder: str
    permission: str
    until: str
    judgement: bool
    refused: str
    sheet: str
    answered: int
    items: int
    last: datetime | None


class Instruments(msgspec.Struct):
    recipient: str
    instruments: Sequence[InstrumentShown]


class Assessments(msgspec.Struct):
    """Oldest first: how it went over time, with what workers judged."""

    recipient: str
    instrument: str
    assessments: Sequence[AssessmentShown]
    judgements: Sequence[JudgementShown]


async def instruments(call: Call) -> Response:
    case = await _case(call)
    return reply(Instruments(case.ref, [_listed(form, case, call.now) for form in call.wiring.forms.values()]))


async def begin(call: Call) -> Response:
    await call.body(Empty)
    form = _form(call)
    await call.wiring.sheets.begin(call.ref, call.staff.id, form.instrument.name, reason_of(call))
    return reply(_shown(form, await _case(call)), 201)


async def sheet(call: Call) -> Response:
    """404 where nothing is being filled in."""
    return reply(_shown(_form(call), await _case(call)))


async def answer(call: Call) -> Response:
    body, form = await call.body(Given), _form(call)
    given = ItemAnswer(body.sheet, body.item, body.value, body.origin or "", body.before)
    await call.wiring.sheets.answer(call.ref, call.staff.id, form.instrument.name, given, reason_of(call))
    return reply(_shown(form, await _case(call)))


async def finish(call: Call) -> Response:
    wanted, form = await call.body(Finish), _form(call)
    await call.wiring.sheets.finish(call.ref, call.staff.id, form.instrument.name, wanted.sheet, reason_of(call))
    return reply(_over_time(form, await _case(call)))


async def judge(call: Call) -> Response:
    wanted, form = await call.body(Judge), _form(call)
    await _case(call)  # only for who may open it
    reason = clean(wanted.reason).strip()
    await call.wiring.chat.judge(call.ref, call.staff.id, form.instrument.name, wanted.tier, reason)
    return reply(_over_time(form, await _case(call)))


async def assessments(call: Call) -> Response:
    return reply(_over_time(_form(call), await _case(call)))


def _form(call: Call) -> Form:
    form = call.wiring.forms.get(str(call.request.path_params["instrument"]))
    if form is None:
        raise TurnedAway(404, "problem.no_such_page")
    return form


async def _case(call: Call) -> Case:
    """Raises Refused where the caller holds no alert of hers and gives no reason."""
    return await call.wiring.desk.case(call.ref, call.staff.id, reason_of(call), call.now)


def reason_of(call: Call) -> str:
    """Headers come as Latin-1; a reason is written in UTF-8."""
    given = call.request.headers.get(REASON, "").encode("latin-1", "replace").decode("utf-8", "replace")
    return clean(given).strip()[:LONGEST_REASON]


def _listed(form: Form, case: Case, now: datetime) -> InstrumentShown:
    of, begun, last = form.instrument, open_sheet(form, case), last_of(case, form.instrument.name)
    return InstrumentShown(
        name=of.name,
        version=of.version,
        about=form.about,
        source=of.source,
        holder=of.licence.holder,
        permission=of.licence.permission,
        until=of.licence.until.isoformat() if of.licence.until else "",
        judgement=of.judgement,
        refused=of.licence.refuses(now.date()),
        sheet=begun.id if begun else "",
        answered=len(begun.answers) if begun else 0,
        items=len(form.questions),
        last=last.at if last else None,
    )


def _shown(form: Form, case: Case) -> SheetShown:
    begun = open_sheet(form, case)
    if begun is None:
        raise TurnedAway(404, "sheet.first")
    items = [
        ItemShown(one.id, one.words, {NOT_KNOWN: "Not known", **dict(one.answers)}, _given(begun, one.id))
        for one in form.questions
    ]
    return SheetShown(case.ref, begun.instrument, begun.version, begun.id, begun.begun_at, begun.begun_by, items)


def _given(begun: Sheet, item: str) -> AnswerShown | None:
    stands = begun.answers.get(item)
    return AnswerShown(stands.value, stands.origin, stands.staff, stands.at, stands.number) if stands else None


def _over_time(form: Form, case: Case) -> Assessments:
    name = form.instrument.name
    found = sorted((one for one in case.assessments if one.instrument == name), key=lambda one: one.at)
    judged = [_judged(one) for one in case.judgements if one.instrument == name]
    return Assessments(case.ref, name, [_assessed(one) for one in found], judged)


def _judged(one: Judgement) -> JudgementShown:
    return JudgementShown(one.at, one.tier, one.found, one.staff, one.reason)


def _assessed(one: Assessment) -> AssessmentShown:
    return AssessmentShown(
        at=one.at,
        version=one.version,
        tier=one.tier,
        change=one.change,
        rules=one.rules,
        says=one.says,
        score=one.score,
        answers=one.answers,
        origins=one.origins,
        by=one.by,
    )
