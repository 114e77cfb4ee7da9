"""What is given to her of all that is kept about her, when she asks for it: her own, and nothing of staff. Pure.

It may be read by whoever finds it. So no word of hers stands in it, not the question that tells a worker that it is
her, nor that there is a duress word; and what came from her phone while it may have been somebody else is not hers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from escalation.held_words import held_words
from escalation.people import Asking, Consent, Wish
from escalation.ports import Case, Line
from flows.engine.conversation import Status, Value
from flows.engine.safe_contact import values_of

# Of her safe-contact record: not what opens her chat, warns or proves that it is her, nor anything of her partner's.
CONTACT = (
    "hours", "zone", "rhythm_days", "language", "cover", "shared_phone", "may_read", "voicemail", "missed_rule",
    "missed_after_hours", "may_know", "to_try", "exit_silent", "lock_says",
)  # fmt: skip
HIDDEN = ("(signal word)", "(duress word)", "(exit word)")  # in the transcript in place of a word of hers
OWN_WORD = "(…)"
FOREVER = datetime.max.replace(tzinfo=UTC)
Name = Callable[[str], str]  # the words of a message in her language; '' where there is none such


class Given(msgspec.Struct, frozen=True):
    question: str
    answer: str


class Answers(msgspec.Struct, frozen=True):
    """What she answered in one sitting. `about`: which questions, by the name of their form."""

    at: datetime
    about: str
    answers: tuple[Given, ...]


class Item(msgspec.Struct, frozen=True):
    """Of her plan. With status 'worker' a worker keeps the words for her, and here they are."""

    name: str
    status: Status
    words: str


class Number(msgspec.Struct, frozen=True):
    at: datetime
    value: int


class Wanted(msgspec.Struct, frozen=True):
    """A goal in her words, and her own numbers for it, 0 to 10."""

    words: str
    since: datetime
    ended: datetime | None
    numbers: tuple[Number, ...]


class Said(msgspec.Struct, frozen=True):
    """`by`: her, bot or worker."""

    at: datetime
    by: str
    text: str


class Agreed(msgspec.Struct, frozen=True):
    basis: str
    since: date
    ended: date | None


class Export(msgspec.Struct, frozen=True):
    """All of it. `asked` and `asked_on`: her authority. Times are UTC."""

    recipient: str
    made_at: datetime
    asked: Wish
    asked_on: date
    answers: tuple[Answers, ...]
    plan: tuple[Item, ...]
    goals: tuple[Wanted, ...]
    contact: Mapping[str, str]
    agreed: tuple[Agreed, ...]
    messages: tuple[Said, ...]


def exported(
    case: Case, talk: Sequence[Line], consents: Sequence[Consent], asking: Asking, now: datetime, name: Name
) -> Export:
    held, values = held_words(case.plan_versions), values_of(case.contact)
    plan = (
        Item(name(f"plan/{i.name}") or _plain(i.name), i.status, i.words or held.get(i.name, "")) for i in case.plan
    )
    goals = (
        Wanted(goal.words, goal.at, goal.ended, tuple(Number(score.at, score.value) for score in goal.scores))
        for goal in case.goals
    )
    return Export(
        case.ref,
        now,
        asking.how,
        asking.on,
        tuple(_answers(case, name)),
        tuple(plan),
        tuple(goals),
        {field: values[field] for field in CONTACT if field in values},
        tuple(Agreed(c.basis, c.since.date(), c.ended.date() if c.ended else None) for c in consents),
        tuple(_said(_hers(talk))),
    )


def _answers(case: Case, name: Name) -> Iterator[Answers]:
    """What she answered herself, not what workers wrote on a sheet; skipped questions are left out."""
    for each in case.assessments:
        said = {step: value for step, value in each.answers.items() if value is not None}
        if said and not each.by:
            given = (_given(each.instrument, step, value, name) for step, value in said.items())
            yield Answers(each.at, each.instrument, tuple(given))


def _given(form: str, step: str, value: Value, name: Name) -> Given:
    """In the words of a choice; a number, or words of hers, as they are."""
    asked = f"{form}/{step}"
    return Given(name(asked) or _plain(step), name(f"{asked}.{value}") or str(value))


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _hers(talk: Iterable[Line]) -> Iterator[Line]:
    """Without what was said from a duress word on until a worker had cleared it, by whoever wrote it."""
    lines = list(talk)
    spans = _watched(lines)
    for line in lines:
        if not any(since <= line.at <= until for since, until in spans):
            yield line


def _watched(lines: Iterable[Line]) -> list[tuple[datetime, datetime]]:
    notes = sorted((line.at, line.text) for line in lines if line.by == "note" and line.text in ("duress", "verified"))
    spans: list[tuple[datetime, datetime]] = []
    for at, what in notes:
        is_open = bool(spans) and spans[-1][1] == FOREVER
        if what == "duress" and not is_open:
            spans.append((at, FOREVER))
        elif what == "verified" and is_open:
            spans[-1] = (spans[-1][0], at)
    return spans


def _said(lines: Iterable[Line]) -> Iterator[Said]:
    """What she and the service or a worker wrote; nothing that was said to or by somebody independent."""
    for line in lines:
        if line.by != "note" and not line.apart and line.text:
            yield Said(line.at, line.by, OWN_WORD if line.text in HIDDEN else line.text)
