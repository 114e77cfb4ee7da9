"""What she told, read back to her: in words, a bit at a time, and only to her (SAFETY 15, 33)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from flows.engine.conversation import Goal, Memory
from tests.properties.walks import DURESS, SIGNAL, START
from tests.safety.phone import Phone

MEMORY = Memory(
    joined_at=START - timedelta(days=9),
    checkin={"safe_now": "no", "fear": 8, "wish": "plan", "gone": "yes"},
    last={"adherence": {"week": "yes"}, "danger_screen": {"choked": "yes"}},
)
GOALS = (Goal("one", "sleep well", START), Goal("two", "old", START, ended=START), Goal("two", "my own money", START))
TOLD = (SIGNAL, "menu", "7", "2")


def reading(phone: Phone, part: str, most: int = 30) -> list[str]:
    """All bits of one part, one message after the other, until there is no more."""
    shown, bits = phone.says(*TOLD, part), []
    while len(shown) == 1:
        bits.append(shown[0].partition("\n")[0])
        assert len(bits) < most, "it never ends"
        shown = phone.says("1")
    assert shown[0] == "There is no more of it to show here now."
    return bits


def test_each_answer_is_shown_with_its_question_in_words_and_without_a_number() -> None:
    phone = Phone(memory=MEMORY)
    first, second, *rest = reading(phone, "1")
    assert first == "Hello. Are you safe right now? Not safe"
    assert second.endswith(" near the high end")
    assert "8" not in second
    assert all("gone" not in bit for bit in rest), "an answer of a question that is not asked any more"
    assert reading(phone, "1")[0] == first, "and then the first again"
    assert phone.raised == []


@pytest.mark.parametrize(("fear", "where"), [(0, "low end"), (3, "low end"), (5, "the middle"), (7, "high end")])
def test_a_place_on_a_scale_is_said_in_words(fear: int, where: str) -> None:
    (said,) = reading(Phone(memory=replace(MEMORY, checkin={"fear": fear}, last={})), "1")
    assert said.endswith(where)


def test_what_she_said_to_somebody_independent_is_not_read_back_where_her_worker_reads_on() -> None:
    phone = Phone(memory=replace(MEMORY, checkin={}, last={"adherence": {"week": "yes", "told": "her words"}}))
    assert reading(phone, "1") == []


def test_her_goals_are_shown_in_her_words_and_lead_to_where_they_are_changed() -> None:
    phone = Phone(goals=GOALS)
    assert reading(phone, "2") == ["You want: sleep well", "You want: my own money"]
    assert "Up to three things" in phone.says("2", "2")[0]


def test_in_her_language() -> None:
    phone = Phone(memory=MEMORY, language="es")
    shown = phone.says(*TOLD, "1")[0]
    assert "Are you" not in shown
    assert "Not safe" not in shown


def test_nothing_of_it_is_there_for_anybody_else() -> None:
    watched = Phone(memory=MEMORY, goals=GOALS, may_know="my aunt Aurelia")
    watched.says(SIGNAL, DURESS)
    unverified = Phone(memory=replace(MEMORY, verify_first=True), goals=GOALS, may_know="my aunt Aurelia")
    for phone in (watched, unverified):
        for part in ("1", "2"):
            assert reading(phone, part) == []
        said = "\n".join(phone.says("menu", "7", "1", "1", "1", "1"))
        assert "Aurelia" not in said


def test_how_long_it_is_kept_is_what_the_programme_has_set() -> None:
    shown = Phone().says(*TOLD, "4")
    assert shown[0].startswith("Messages are kept 30 days, and the words of your answers 30 days.")


def test_an_exit_in_the_middle_of_it_hides_it_at_once() -> None:
    phone = Phone(memory=MEMORY)
    phone.says(*TOLD, "1")
    shown = phone.says("x")
    assert phone.now.session is None
    assert all("safe" not in text for text in shown)


def test_who_may_know_and_what_to_try_stand_among_the_settings_in_her_words() -> None:
    phone = Phone(may_know="my aunt Aurelia", to_try="text the shop", shared_phone="yes")
    settings = phone.says(SIGNAL, "menu", "7", "1", "1", "1", "1")
    assert "my aunt Aurelia" in settings[0]
    assert "text the shop" in phone.says("1")[0]
    assert "Someone does" in phone.says("1", "6", "1", "1", "1")[0]
