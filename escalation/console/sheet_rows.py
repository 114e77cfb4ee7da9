"""An instrument as a worker reads it: the list on the case, the items of a sheet, what an assessment says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from escalation.console.strings import Strings
from escalation.ports import Assessment, Case
from flows.engine.conversation import Sheet, SheetAnswer, Value
from flows.engine.forms import Form, Question
from flows.engine.sheets import NOT_KNOWN

SKIP = "-"  # what the skip button sends: no answer can be called so


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a sheet. `choices`: what may be pressed, value and words; `said` is '' where nothing stands yet."""

    number: int
    id: str
    words: str
    choices: tuple[tuple[str, str], ...]
    given: SheetAnswer | None = None
    said: str = ""

    @property
    def before(self) -> int:
        return self.given.number if self.given else 0


@dataclass(frozen=True, slots=True)
class Said:
    """One item of an assessment. `points` None: not answered; `alone`: it raised by itself, whatever the points."""

    number: int
    words: str
    said: str
    origin: str
    points: int | None
    alone: bool

    @property
    def fired(self) -> bool:
        return self.alone or bool(self.points)


@dataclass(frozen=True, slots=True)
class Listed:
    """One instrument on the case page. `refused`: why it may not run; `open`: a sheet that can be gone on with."""

    form: Form
    title: str
    refused: str
    open: Sheet | None
    last: Assessment | None

    @property
    def answered(self) -> int:
        return len(self.open.answers) if self.open else 0


def rows(form: Form, sheet: Sheet, strings: Strings) -> tuple[Row, ...]:
    return tuple(
        _row(number, question, sheet.answers.get(question.id), strings)
        for number, question in enumerate(form.questions, 1)
    )


def _row(number: int, question: Question, given: SheetAnswer | None, strings: Strings) -> Row:
    offered = [(name, label(question, name, strings)) for name, _ in question.answers]
    if NOT_KNOWN not in dict(question.answers):
        offered.append((NOT_KNOWN, strings.say("answer.unsure")))
    said = label(question, given.value, strings) if given else ""
    return Row(number, question.id, question.words, tuple(offered), given, said)


def label(question: Question, value: Value, strings: Strings) -> str:
    """What an answer is called; an answer that the instrument no longer has is shown by its name."""
    if value is None:
        return strings.say("answer.skipped")
    given = dict(question.answers)
    if question.usual or value not in given:
        return strings.say(f"answer.{value}") if strings.has(f"answer.{value}") else str(value).replace("_", " ")
    return given[str(value)]


def at_hand(found: Sequence[Row], wanted: str) -> Row | None:
    """The item to answer next: the one asked for, else the first that nobody has looked at; None when all are done."""
    chosen = next((row for row in found if row.id == wanted), None)
    return chosen or next((row for row in found if row.given is None), None)


def last_origin(sheet: Sheet, staff: str) -> str:
    """Where this worker's last answer came from: mostly the next one comes from there too."""
    mine = [answer for answer in sheet.answers.values() if answer.staff == staff and answer.origin]
    return max(reversed(mine), key=lambda answer: answer.at).origin if mine else ""


def said_of(form: Form, found: Assessment, strings: Strings) -> tuple[Said, ...]:
    alone = form.triggered(found.rules)
    return tuple(
        Said(
            number,
            question.words,
            label(question, value, strings) if question.id in found.answers else strings.say("answer.unasked"),
            found.origins.get(question.id, ""),
            question.item.points.get(str(value), 0) if value not in (None, NOT_KNOWN) else None,
            question.id in alone,
        )
        for number, question in enumerate(form.questions, 1)
        for value in (found.answers.get(question.id),)
    )


def listed(forms: Mapping[str, Form], case: Case, now: datetime, title: Callable[[str], str]) -> tuple[Listed, ...]:
    """What can be gone on with first, then what can be begun, then what may not run."""
    today = now.astimezone(UTC).date()
    found = [
        Listed(
            form,
            title(name),
            form.instrument.licence.refuses(today),
            open_sheet(form, case),
            last_of(case, name),
        )
        for name, form in forms.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.open is None, bool(one.refused), one.title)))


def open_sheet(form: Form, case: Case) -> Sheet | None:
    """One that was begun with another version cannot be gone on with."""
    sheet = case.sheets.get(form.instrument.name)
    return sheet if sheet is not None and sheet.version == form.instrument.version else None


def last_of(case: Case, instrument: str) -> Assessment | None:
    mine = [one for one in case.assessments if one.instrument == instrument]
    return max(mine, key=lambda one: one.at) if mine else None
