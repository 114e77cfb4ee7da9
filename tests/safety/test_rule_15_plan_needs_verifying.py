"""SAFETY 15: a plan is not shown on request alone after a missed check-in or duress; a worker verifies first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from flows.engine.conversation import PlanItem
from flows.engine.events import WorkerCleared, WorkerPlanned, WorkerResetWords
from tests.properties.walks import DURESS, SIGNAL, mac
from tests.safety.phone import HERS, PLAN, Phone

# In a plan that has parts: look over it, part by part. In an empty one these are other answers, and skips.
TO_THE_PLAN = ("menu", "2", "2", "menu", "2", "4", "8", "1", "1", "1")
NEXT = "\n---\n"  # between two messages


def asks_for_it(phone: Phone) -> str:
    """All that comes when the plan is asked for, in every way that the menu has."""
    return NEXT.join(text for word in (SIGNAL, *TO_THE_PLAN) for text in phone.says(word))


def missed(phone: Phone) -> None:
    phone.rings("checkin")
    phone.rings("missed", after=86_400)


def forced(phone: Phone) -> None:
    phone.says(DURESS)


def forced_in_the_open(phone: Phone) -> None:
    phone.says(SIGNAL, DURESS, "x")


def test_in_quiet_times_it_is_shown_one_item_a_message() -> None:
    phone = Phone(plan=PLAN)
    said = asks_for_it(phone)
    assert HERS in said
    assert "under the stairs" in said
    assert not any(HERS in text and "under the stairs" in text for text in said.split(NEXT))


@pytest.mark.parametrize("happened", [missed, forced, forced_in_the_open])
def test_after_what_makes_it_doubtful_it_is_not_until_a_worker_has_verified(happened: Callable[[Phone], None]) -> None:
    phone = Phone(plan=PLAN)
    happened(phone)
    said = asks_for_it(phone)
    assert HERS not in said
    assert "under the stairs" not in said
    phone.says("x")
    assert phone.meets(WorkerCleared(phone.at, "ana", "f" * 28)) == []
    assert HERS in asks_for_it(phone)


def test_who_has_no_word_of_her_own_is_shown_nothing_of_it() -> None:
    """Anybody may know the keyword that opens the chat then."""
    phone = Phone(plan=PLAN, signal="")
    said = "\n".join(text for word in ("harvest", *TO_THE_PLAN) for text in phone.says(word))
    assert said
    assert HERS not in said


def test_who_came_by_a_code_for_new_words_sees_it_only_after_the_worker_has_asked_again() -> None:
    phone = Phone(plan=PLAN)
    phone.meets(WorkerResetWords(phone.at, "ana", mac("2A4C-7HJK"), phone.at + timedelta(hours=24), "f" * 28))
    phone.says("2A4C-7HJK", SIGNAL + "s", SIGNAL + "s")
    said = "\n".join(text for word in TO_THE_PLAN for text in phone.says(word))
    assert said
    assert HERS not in said
    phone.meets(WorkerCleared(phone.at, "ana", "f" * 28))
    assert HERS in "\n".join(text for word in TO_THE_PLAN for text in phone.says(word))


def test_what_a_worker_holds_is_not_in_her_chat_at_all() -> None:
    phone = Phone(plan=PLAN)
    item = phone.now.plan[0]
    assert phone.meets(WorkerPlanned(phone.at, "ana", item.name, "worker", HERS, None, item.at, "f" * 28)) == []
    assert PlanItem("go_to", "worker", "", phone.at) == phone.now.plan[0]
    assert HERS not in asks_for_it(phone)
