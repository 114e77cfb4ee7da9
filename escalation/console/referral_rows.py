"""What of a case can be given to another service, in words, each with where it came from. Pure.

Built from what the case page shows, without what `escalation.referral` never offers: no field here reads her words for
this chat, her question, an item that a worker keeps for her, notes, or what she told somebody independent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from escalation.casefile import Agency, Kept, Order, stands
from escalation.console.clocks import Clock
from escalation.console.contact_rows import stands as standing
from escalation.console.sheet_rows import label
from escalation.ports import Assessment, Case
from escalation.referral import Field, Origin, offered
from flows.engine.conversation import Value
from flows.engine.forms import Form, Question

# Of her safe-contact record: how she may be reached, not where.
SAFE = ("hours", "zone", "language", "shared_phone", "may_read", "voicemail")
ORDERS = ("no_contact_order",)  # of what is on record; the rest is of the partner's programme
FROM: Mapping[str, Origin] = {"her": "her", "seen": "seen", "service": "service"}


@dataclass(frozen=True, slots=True)
class Words:
    """What things are called, for the visitor. `name`: what the flows call a message; `title`: an instrument."""

    clock: Clock
    name: Callable[[str], str]
    title: Callable[[str], str]
    forms: Mapping[str, Form]


def fields(case: Case, file: Sequence[Kept], words: Words) -> tuple[Field, ...]:
    """All that can be chosen, in the order of the page. `file`: what workers keep on the case."""
    found = (_safe, _results, _answers, _records, _goals, _plan, _since)
    return offered((*(field for each in found for field in each(case, words)), *_filed(file, words)))


def _safe(case: Case, words: Words) -> Iterator[Field]:
    """Called as an outsider may read it: that the line has a cover, and that there is a chat, is on no such page."""
    for name, row in zip(SAFE, standing(case.contact, SAFE, words.clock, words.name), strict=True):
        if row.after:
            called = words.clock.strings.say(f"pack.safe_{name}")
            yield Field(f"safe.{name}", called, row.after, "record", hers=row.hers)


def _results(case: Case, words: Words) -> Iterator[Field]:
    """The last of each instrument: points, tier, and the sentences of the rules that fired."""
    say, told = words.clock.strings.say, words.clock.strings.reason
    for one in _last(case):
        if one.tier is None:
            continue  # nothing fired: that is no finding, and is never said as one
        form, title = words.forms.get(one.instrument), words.title(one.instrument)
        points = say("gave.points", n=one.score["total"], most=form.most) if form and "total" in one.score else ""
        value = ", ".join(part for part in (f"{one.tier} {say(f'tier.{one.tier}')}", points) if part)
        yield Field(f"result.{one.instrument}", title, value, _whole(one), one.at, about=title)
        grounds = "; ".join(told(sentence).text for sentence in one.says if sentence)
        if grounds:
            ground = say("pack.grounds_of")
            yield Field(f"result.{one.instrument}.grounds", ground, grounds, _whole(one), one.at, about=title)


def _answers(case: Case, words: Words) -> Iterator[Field]:
    for one in _last(case):
        form, title = words.forms.get(one.instrument), words.title(one.instrument)
        asked = {question.id: question for question in form.questions} if form else {}
        for step, value in one.answers.items():
            if value is not None:
                question = asked.get(step)
                said = _answered(one, step, value, question, words)
                origin = FROM.get(one.origins.get(step, ""), _whole(one))
                label_ = question.words if question else words.name(f"{one.instrument}/{step}")
                hers = isinstance(value, str) and said == value
                yield Field(f"answer.{one.instrument}.{step}", label_, said, origin, one.at, hers, title)


def _answered(one: Assessment, step: str, value: Value, question: Question | None, words: Words) -> str:
    """In the words of its choice; a number, or words of hers, as they are."""
    if question is not None:
        return label(question, value, words.clock.strings)
    message = f"{one.instrument}/{step}.{value}"
    said = words.name(message)
    return str(value) if not isinstance(value, str) or said == _bare(message) else said


def _bare(message: str) -> str:
    """What `Wiring.name` makes of a message that has no name."""
    return message.rpartition("/")[2].replace("_", " ").capitalize()


def _records(case: Case, words: Words) -> Iterator[Field]:
    say = words.clock.strings.say
    for one in case.recorded:
        if one.fact in ORDERS:
            said = say(f"recorded.{one.fact}.{one.value}")
            yield Field(f"record.{one.fact}", say(f"record.{one.fact}"), said, "record", one.at)


def _filed(file: Sequence[Kept], words: Words) -> Iterator[Field]:
    """What stands of orders, and of agencies that she agrees to. Its reference there is a number: written by hand."""
    say, now = words.clock.strings.say, words.clock.now
    for one in file:
        match one.entry:
            case Order() as order if stands(one, now):
                said, label_ = say("file.order", who=order.who, whom=order.whom), say(f"file.kind.{order.kind}")
                value, typed = f"{said} ({_days(order, words)})", f"{order.who}\n{order.whom}"
                yield Field(f"order.{one.id}", label_, value, "record", one.at, typed=typed)
                if order.words:
                    more = say("file.words")
                    yield Field(f"order.{one.id}.words", more, order.words, "record", one.at, typed=order.words)
            case Agency(consent="yes") as agency if stands(one, now):
                typed = ", ".join(part for part in (agency.name, agency.person) if part)
                value = f"{typed} ({_days(agency, words)})" if agency.since or agency.until else typed
                yield Field(f"agency.{one.id}", say("file.name"), value, "record", one.at, typed=typed)


def _days(entry: Order | Agency, words: Words) -> str:
    say, day = words.clock.strings.say, words.clock.exact
    start = say("file.from_day", day=day(entry.since)[:10]) if entry.since else ""
    end = say("file.to_day", day=day(entry.until)[:10]) if entry.until else "" if start else say("file.no_end")
    return " ".join(part for part in (start, end) if part)


def _goals(case: Case, words: Words) -> Iterator[Field]:
    say = words.clock.strings.say
    standing = [goal for goal in case.goals if goal.ended is None]
    return (Field(f"goal.{one.name}", say("pack.goal"), one.words, "chat", one.at, True) for one in standing)


def _plan(case: Case, words: Words) -> Iterator[Field]:
    """Not what a worker keeps for her: it is nowhere but in the history that staff read."""
    for item in case.plan:
        if item.status in ("todo", "done") and item.words:
            yield Field(f"plan.{item.name}", words.name(f"plan/{item.name}"), item.words, "chat", item.at, True)


def _since(case: Case, words: Words) -> Iterator[Field]:
    if case.joined_at is not None:
        day = words.clock.exact(case.joined_at)[:10]
        yield Field("since.joined", words.clock.strings.say("pack.since"), day, "record")


def _last(case: Case) -> list[Assessment]:
    """The last of each instrument that was not answered to somebody independent."""
    last: dict[str, Assessment] = {}
    for one in sorted(case.assessments, key=lambda one: one.at):
        if not one.apart and one.instrument:
            last[one.instrument] = one
    return list(last.values())


def _whole(one: Assessment) -> Origin:
    return "service" if one.by and set(one.origins.values()) == {"service"} else "her" if one.by else "chat"
