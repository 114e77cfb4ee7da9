"""An instrument that a worker fills in: begun, answered item by item by anybody on the case, then weighed once.

Each answer is weighed when it is kept, as hers would be in the chat: what raises does not wait for the end, and taking
an answer back lowers nothing that was raised. Nothing of it reaches the phone. The decisions stand here as plain
functions, so that the desk can tell a worker beforehand what the engine would not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from typing import Literal, assert_never, get_args

from msgspec.structs import replace

from flows.engine.conversation import Sheet, SheetAnswer, Value
from flows.engine.draft import Draft
from flows.engine.effects import Assessed, SheetKept
from flows.engine.events import SheetAnswered, SheetBegun, SheetEvent, SheetFinished
from flows.engine.model import Instrument, Tier
from flows.engine.walk import known
from flows.safety import risk

Origin = Literal["her", "seen", "service"]  # she said it; a worker saw it; another service told it
ORIGINS: tuple[Origin, ...] = get_args(Origin)
NOT_KNOWN = "unsure"  # may be written for every item, whatever its own answers are

MEANWHILE = "This item was answered meanwhile. Look at what stands there now, and answer again if it is to be changed."
GONE = "This one was finished or set aside meanwhile. Begin a new one."


# what may be done; each gives a sentence for the worker, '' when it may


def refuses_begin(instrument: Instrument | None, sheet: Sheet | None, today: date) -> str:
    if instrument is None or not instrument.items:
        return "There is no such instrument."
    why = instrument.licence.refuses(today)
    if why:
        return f"{instrument.name} does not run: {why}."
    if sheet is not None and sheet.version == instrument.version:
        return f"{instrument.name} has been begun already. Go on with it."
    return ""


def refuses_answer(instrument: Instrument | None, sheet: Sheet | None, event: SheetAnswered) -> str:
    refused = _not_this(instrument, sheet, event.sheet)
    if refused or instrument is None or sheet is None:
        return refused
    why = instrument.licence.refuses(event.at.astimezone(UTC).date())
    if why:
        return f"{instrument.name} does not run: {why}. You can finish it with what was answered."
    item = next((item for item in instrument.items if item.id == event.item), None)
    if item is None or event.value not in (None, NOT_KNOWN, *item.answers):
        return "There is no such item or answer."
    if event.value is not None and event.origin not in ORIGINS:
        return "Say where the answer came from."
    stands = sheet.answers.get(event.item)
    return MEANWHILE if (stands.number if stands else 0) != event.before else ""


def refuses_finish(instrument: Instrument | None, sheet: Sheet | None, wanted: str) -> str:
    refused = _not_this(instrument, sheet, wanted)
    if refused or sheet is None:
        return refused
    return "" if sheet.answers else "Nothing has been answered yet."


def _not_this(instrument: Instrument | None, sheet: Sheet | None, wanted: str) -> str:
    if instrument is None:
        return "There is no such instrument."
    if sheet is None or sheet.id != wanted:
        return GONE
    if sheet.version != instrument.version:
        return f"This was begun with version {sheet.version}, and {instrument.version} is in use. Begin a new one."
    return ""


def is_repeat(sheet: Sheet | None, event: SheetAnswered) -> bool:
    """The same answer by the same worker a second time: a double click, which changes nothing and is no conflict."""
    stands = sheet.answers.get(event.item) if sheet is not None and sheet.id == event.sheet else None
    if stands is None or stands.number != event.before + 1:
        return False
    return (stands.value, stands.origin, stands.staff) == (event.value, _origin(event), event.staff)


# what a sheet says


def with_answer(sheet: Sheet, event: SheetAnswered) -> Sheet:
    answer = SheetAnswer(event.value, _origin(event), event.staff, event.at, event.before + 1)
    return replace(sheet, answers=sheet.answers | {event.item: answer})


def _origin(event: SheetAnswered) -> str:
    return event.origin if event.value is not None else ""


def answers_of(instrument: Instrument, sheet: Sheet) -> dict[str, Value]:
    """As rules read them. Not known and skipped are nothing, save where an item offers 'unsure' itself."""
    return {
        item.id: given.value if given.value in item.answers else None
        for item in instrument.items
        if (given := sheet.answers.get(item.id)) is not None
    }


def assessed(
    instrument: Instrument, sheet: Sheet, names: Mapping[str, object], staff: str, before: tuple[bool, Tier | None]
) -> tuple[Assessed, tuple[risk.Fired, ...]]:
    """The whole sheet, weighed. `before`: whether this instrument was assessed before, and what that gave."""
    fired, (again, was) = risk.weigh(instrument, names), before
    tier = risk.worst(*(f.tier for f in fired))
    score = risk.score(instrument, answers_of(instrument, sheet), whole=True)
    given = {item.id: sheet.answers[item.id] for item in instrument.items if item.id in sheet.answers}
    result = Assessed(
        instrument.name,
        instrument.version,
        tier,
        tuple(f.rule for f in fired),
        {item: answer.value for item, answer in given.items()},
        risk.change(was, tier, first=not again),
        score,
        staff,
        {item: answer.origin for item, answer in given.items() if answer.origin},
        tuple(f.says for f in fired),
        sheet.id,
    )
    return result, fired


# in a turn


def worked(draft: Draft, event: SheetEvent) -> None:
    """A worker's act on a sheet."""
    match event:
        case SheetBegun():
            _begun(draft, event)
        case SheetAnswered():
            _answered(draft, event)
        case SheetFinished():
            _finished(draft, event)
        case _:
            assert_never(event)


def _begun(draft: Draft, event: SheetBegun) -> None:
    """One that was begun with another version is set aside; its answers stay in the record."""
    instrument, sheet = _found(draft, event.instrument)
    refused = refuses_begin(instrument, sheet, event.at.astimezone(UTC).date())
    if refused or instrument is None:  # the desk has said so to the worker
        draft.note("sheet_refused", event.staff)
        return
    _keep(draft, Sheet(event.fresh, instrument.name, instrument.version, event.at, event.staff))
    draft.effects.append(SheetKept(event.fresh, instrument.name, instrument.version, event.staff))


def _answered(draft: Draft, event: SheetAnswered) -> None:
    instrument, sheet = _found(draft, event.instrument)
    if refuses_answer(instrument, sheet, event) or instrument is None or sheet is None:
        draft.note("sheet_refused", event.staff)
        return
    sheet = with_answer(sheet, event)
    fired = risk.said(instrument, _names(draft, instrument, sheet), event.item, sheet.fired)
    draft.alarm(fired)
    new = tuple(f.rule for f in fired if f.rule not in sheet.fired)
    _keep(draft, replace(sheet, fired=(*sheet.fired, *new)))
    kept = sheet.answers[event.item]
    draft.effects.append(
        SheetKept(
            sheet.id, sheet.instrument, sheet.version, event.staff, event.item, kept.value, kept.origin, kept.number
        )
    )


def _finished(draft: Draft, event: SheetFinished) -> None:
    """Weighed by all its answers; only what they have not raised one by one raises now."""
    instrument, sheet = _found(draft, event.instrument)
    if refuses_finish(instrument, sheet, event.sheet) or instrument is None or sheet is None:
        draft.note("sheet_refused", event.staff)
        return
    memory, name = draft.memory, instrument.name
    was = (name in memory.tiers, memory.tiers.get(name))
    answers = answers_of(instrument, sheet)
    result, fired = assessed(instrument, sheet, _names(draft, instrument, sheet), event.staff, was)
    draft.alarm(tuple(f for f in fired if f.rule not in sheet.fired))
    draft.effects.append(result)
    draft.memory = replace(
        memory,
        tiers=memory.tiers | {name: result.tier},
        last=memory.last | {instrument.flow: memory.last.get(instrument.flow, {}) | _known(answers)},
        tier=risk.worst(memory.tier, result.tier),  # another instrument may raise that of the check-in, never lower it
        sheets={other: each for other, each in memory.sheets.items() if other != name},
    )


def _known(answers: Mapping[str, Value]) -> dict[str, Value]:
    """What was answered: the next sitting is compared with the last answer that each question was given."""
    return {name: value for name, value in answers.items() if value is not None}


def _found(draft: Draft, name: str) -> tuple[Instrument | None, Sheet | None]:
    return draft.programme.instruments.get(name), draft.memory.sheets.get(name)


def _names(draft: Draft, instrument: Instrument, sheet: Sheet) -> dict[str, object]:
    return known(draft, instrument.flow, answers_of(instrument, sheet), draft.memory.tier or "P3")


def _keep(draft: Draft, sheet: Sheet) -> None:
    draft.memory = replace(draft.memory, sheets=draft.memory.sheets | {sheet.instrument: sheet})
