"""A worker fills a licensed form in, through the engine alone: weighed as her own answers are, silent on the phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from msgspec.structs import replace

from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Memory, Session, Sheet
from flows.engine.effects import Assessed, Effect, Noted, Raise, Send, SheetKept
from flows.engine.events import SheetAnswered, SheetBegun, SheetEvent, SheetFinished
from flows.engine.forms import forms_of
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.safety.hours import PRESETS
from tests.instruments.asking import NO, NOW, SKIP, YES, Phone


@dataclass
class Desk:
    """One worker after the other on one case; the conversation is written out at every step."""

    programme: Programme
    form: str
    conversation: Conversation = field(init=False)
    effects: list[Effect] = field(default_factory=list)
    at = NOW

    def __post_init__(self) -> None:
        contact = Contact(windows=PRESETS["always"], consent="worker")
        self.conversation = Conversation("person-1", contact, memory=Memory(joined_at=NOW - timedelta(days=9)))

    @property
    def sheet(self) -> Sheet:
        return self.conversation.memory.sheets[self.form]

    def take(self, event: SheetEvent) -> list[Effect]:
        before = codec.read(codec.write(self.conversation))
        turn = step(self.programme, before, event)
        self.conversation = turn.conversation
        self.effects += turn.effects
        return list(turn.effects)

    def begin(self, staff: str = "ana") -> list[Effect]:
        return self.take(SheetBegun(self.at, staff, self.form, f"sheet{len(self.effects):023}"))

    def answer(self, item: str, value: str | None, staff: str = "ana", before: int = 0) -> list[Effect]:
        event = SheetAnswered(self.at, staff, self.form, self.sheet.id, item, value, "her", before)
        return self.take(event)

    def finish(self, staff: str = "ana") -> Assessed:
        (done,) = [e for e in self.take(SheetFinished(self.at, staff, self.form, self.sheet.id)) if type(e) is Assessed]
        return done

    def fill(self, answers: dict[str, str | None]) -> Assessed:
        self.begin()
        for item, value in answers.items():
            self.answer(item, value)
        return self.finish()

    def raised(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(e.tier, e.rules) for e in self.effects if isinstance(e, Raise)]


@pytest.mark.parametrize("form", ["orchard", "harbour", "meadow", "baseline"])
@pytest.mark.parametrize("every", [3, 2])
def test_a_worker_and_the_chat_give_the_same_for_the_same_answers(licensed: Programme, form: str, every: int) -> None:
    """The same tier, rules, points and alerts, whoever writes the answers down."""
    desk, phone = Desk(licensed, form), Phone(licensed, form)
    questions = forms_of(licensed, "en")[form].questions
    answers: dict[str, str | None] = {}
    sent = phone.says(YES)
    for number, question in enumerate(questions):
        names = [name for name, _ in question.answers]
        answers[question.id] = None if number % every == 0 else names[number % 2]
        if sent[-1] == f"{form}/rest":
            sent = phone.says(YES)
        sent = phone.says(SKIP if number % every == 0 else (YES, NO)[number % 2])
    found, asked = desk.fill(answers), phone.assessed()
    assert (found.tier, found.rules, found.score, found.answers) == (
        asked.tier, asked.rules, asked.score, {k: v for k, v in asked.answers.items() if k in answers},
    )  # fmt: skip
    assert desk.raised() == phone.raised()
    assert (found.by, asked.by) == ("ana", "")


def test_a_threshold_raises_with_the_answer_that_passes_it(licensed: Programme) -> None:
    desk = Desk(licensed, "orchard")
    desk.begin()
    for number in range(8, 21):
        desk.answer(f"q{number:02}", "yes")
    assert desk.raised() == []
    desk.answer("q21", "yes")
    assert desk.raised() == [("P1", ("orchard.from_14",))]
    desk.finish()
    assert desk.raised()[1:] == [("P2", ("orchard.unanswered",))], "what was raised is not raised again by the end"


def test_what_is_taken_back_lowers_no_alert_but_the_assessment_is_by_what_stands(licensed: Programme) -> None:
    desk = Desk(licensed, "orchard")
    desk.begin()
    desk.answer("q07", "yes")
    desk.answer("q07", "no", before=1)
    for number in range(1, 25):
        if number != 7:
            desk.answer(f"q{number:02}", "no")
    found = desk.finish()
    assert desk.raised() == [("P1", ("orchard.q07",))]
    assert (found.tier, found.score["total"]) == (None, 0)
    assert desk.conversation.memory.tiers == {"orchard": None}


def test_the_time_before_is_compared_with_whoever_asked(licensed: Programme) -> None:
    desk = Desk(licensed, "baseline")
    first = desk.fill({"forced": "yes"})
    second = desk.fill({"forced": "no", "afraid": "yes"})
    assert (first.change, second.change) == ("first", "down")
    assert desk.conversation.memory.last["baseline"] == {"forced": "no", "afraid": "yes"}
    assert desk.conversation.memory.tier == "P1", "that of the last contact is never lowered by another instrument"


def test_not_known_is_no_answer_of_an_item_with_its_own(licensed: Programme) -> None:
    found = Desk(licensed, "harbour").fill({"h20": "unsure", "h01": "unsure"})
    assert found.answers == {"h01": "unsure", "h20": "unsure"}
    assert found.score == {"total": 0, "unanswered": 19}, "h01 offers it, h20 does not"


def test_nothing_is_said_on_the_phone_in_an_open_session_either(licensed: Programme) -> None:
    desk = Desk(licensed, "orchard")
    desk.conversation = replace(desk.conversation, session=Session("s", NOW, NOW))
    desk.fill({"q07": "yes"})
    assert [e for e in desk.effects if isinstance(e, Send)] == []
    assert desk.conversation.session is not None
    assert (desk.conversation.mode, desk.conversation.session.tier) == ("open", "P1")


def test_every_answer_stands_in_the_record_with_who_and_which(licensed: Programme) -> None:
    desk = Desk(licensed, "orchard")
    desk.begin()
    desk.answer("q01", "no")
    desk.answer("q01", "unsure", staff="ben", before=1)
    kept = [e for e in desk.effects if isinstance(e, SheetKept)]
    assert [(k.item, k.value, k.staff, k.origin, k.number, k.version) for k in kept] == [
        ("", None, "ana", "", 0, "2026.1"),
        ("q01", "no", "ana", "her", 1, "2026.1"),
        ("q01", "unsure", "ben", "her", 2, "2026.1"),
    ]


def test_what_the_desk_let_through_too_early_changes_nothing(licensed: Programme) -> None:
    """Between the look and the turn a colleague may have been quicker."""
    desk = Desk(licensed, "orchard")
    desk.begin()
    desk.answer("q01", "no")
    before = desk.conversation.memory
    for event in (
        SheetBegun(NOW, "ben", "orchard", "another"),
        SheetAnswered(NOW, "ben", "orchard", desk.sheet.id, "q01", "yes", "her", 0),
        SheetAnswered(NOW, "ben", "orchard", "another", "q02", "yes", "her", 0),
        SheetAnswered(NOW, "ben", "orchard", desk.sheet.id, "q02", "maybe", "her", 0),
        SheetAnswered(NOW, "ben", "orchard", desk.sheet.id, "q02", "yes", "", 0),
        SheetFinished(NOW, "ben", "orchard", "another"),
        SheetFinished(NOW, "ben", "gone", desk.sheet.id),
        SheetBegun(NOW + timedelta(days=400), "ben", "harbour", "another"),
    ):
        assert desk.take(event) == [Noted("sheet_refused", "ben")]
        assert desk.conversation.memory == before


def test_a_form_has_its_words_answers_and_bands(licensed: Programme) -> None:
    forms = forms_of(licensed, "en")
    assert list(forms) == ["baseline", "harbour", "meadow", "orchard"]
    harbour = forms["harbour"]
    assert harbour.bands == ((0, "P3"), (8, "P2"), (14, "P1"), (18, "P0"))
    assert harbour.most == 33
    last = harbour.questions[-1]
    assert (last.id, last.usual, last.answers[1]) == ("h20", False, ("sometimes", "At times"))
    assert forms["orchard"].triggered(("orchard.q07", "orchard.from_14")) == {"q07"}
    assert forms_of(licensed, "es")["baseline"].questions[0].words != forms["baseline"].questions[0].words
